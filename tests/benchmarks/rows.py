"""The rows that the key benchmark shows in every program."""

from __future__ import annotations

ROWS = 1_000
COLUMNS = ("name", "size", "changed", "class")


def row(number: int) -> tuple[str, str, str, str]:
    """The cells of a row."""
    return (f"row-{number:05}.parquet", f"{number * 17} KB", "2026-01-15 09:30:00", "STANDARD")


def long_value() -> str:
    """A text of some screens."""
    return "\n".join(f"{number} " + "some words of a longer text " * 3 for number in range(200))
