"""A table whose rows are read on request."""

from __future__ import annotations

from typing import Protocol

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.formats.parquet_schema import Schema


class Formula(str):
    """A formula that stands for its value, which was never stored."""

    __slots__ = ()


class TableSource(Protocol):
    """Rows of one object, in order. Blocking, and used by one thread at a time."""

    columns: list[str]
    """More may come while rows are read."""
    numeric: frozenset[int]
    """The columns that hold numbers."""
    sheet: str
    """Which of them this is."""
    sheets: tuple[str, ...]
    """Names of the tables of the object; empty if it is one table."""
    more: bool
    """Whether rows follow those that were read."""

    @property
    def facts(self) -> str:
        """What kind of table it is and how large, in words."""

    def describe(self) -> Schema | None:
        """What the object says of its columns; None if it says nothing. Blocking."""

    def read(self, count: int) -> list[list[str | None]]:
        """The next rows, at most `count`, as they are written; None for NULL. Raises
        ServiceError."""


def missing(library: str, what: str) -> ServiceError:
    """What to say where an optional library is not installed."""
    return ServiceError(
        f"{what} needs the library {library}, which is not installed.",
        hint="Install it with: pip install 'tristore[formats]'",
        kind=ErrorKind.INVALID,
    )
