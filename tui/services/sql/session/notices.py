"""What a server says beside its answers, as far as it is kept."""

from __future__ import annotations

from collections import deque

KEPT_FIRST = 100
KEPT_LAST = 900
"""Notices of one statement that are kept; of those between the first and the last only their number
is, so that a function that says something for every row does not fill the memory."""


class Notices:
    """Takes the place of psycopg2's own list, which keeps 50. It is appended to by the driver."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=KEPT_LAST)
        self._count = 0

    def append(self, notice: str) -> None:
        """Take one notice; called by psycopg2."""
        text = str(notice).rstrip("\n")
        self._count += 1
        if len(self._first) < KEPT_FIRST:
            self._first.append(text)
        else:
            self._last.append(text)

    def last(self, count: int) -> list[str]:
        """The newest ones."""
        return [*self._first, *self._last][-count:]

    def take(self) -> tuple[str, ...]:
        """All that were said, and how many of them are left out."""
        left_out = self._count - len(self._first) - len(self._last)
        between = (f"… {left_out:,} more notices were not kept …",) if left_out else ()
        taken = (*self._first, *between, *self._last)
        self.clear()
        return taken

    def clear(self) -> None:
        """Forget them."""
        self._first.clear()
        self._last.clear()
        self._count = 0
