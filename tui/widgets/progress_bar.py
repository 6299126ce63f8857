"""How much of a whole is done, as a bar and as percents."""

from __future__ import annotations


def bar_text(done: int, total: int, width: int) -> str:
    """A bar of `width` cells; full only when everything is done."""
    part = 1.0 if total <= 0 else min(max(done / total, 0.0), 1.0)
    filled = int(part * width)
    return "█" * filled + "░" * (width - filled)


def percent_text(done: int, total: int) -> str:
    """Whole percents, rounded down, so that 100% is all of it."""
    return "100%" if total <= 0 or done >= total else f"{max(done, 0) * 100 // total}%"
