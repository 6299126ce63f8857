"""What is shown of a location and which row the cursor is on, and how both follow a filter and an
order, in slices between which keys are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tui.panes.s3.entries import Entry, raw_name
from tui.panes.s3.listing import Listing


@dataclass
class Standing:
    """A listing, and the row of it that is under the cursor."""

    listing: Listing
    cursor: int = 0
    """The row under the cursor, of `shown`."""

    @property
    def shown(self) -> Sequence[Entry]:
        """The rows."""
        return self.listing.shown

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor; None when there is none."""
        return self.shown[self.cursor] if self.cursor < len(self.shown) else None

    @property
    def current_name(self) -> str:
        """Its raw name; empty when there is none."""
        entry = self.current
        return "" if entry is None else raw_name(entry)

    def place(self, row: int) -> None:
        """Put the cursor on a row, or on the nearest one that there is."""
        self.cursor = max(0, min(row, len(self.shown) - 1))


class Arranging:
    """Filters and orders the listing of a standing. `changed` is called at each step."""

    def __init__(self, standing: Standing, changed: Callable[[], None]) -> None:
        self._standing = standing
        self._changed = changed
        self._steps: Iterator[None] = iter(())
        """The latest arranging: an earlier one goes no further."""

    async def if_needed(self) -> None:
        """Arrange what came in between, or what a load that was cancelled left undone."""
        if not self._standing.listing.arranged:
            await self.anew(row=self._standing.cursor)

    def anew(self, name: str = "", row: int = 0) -> Coroutine[Any, Any, None]:
        """Filter and order anew; the cursor goes to the entry of a name, or else to a row.

        The first slice is taken at once: few entries are arranged when this returns.
        """
        standing = self._standing
        listing = standing.listing
        steps = self._steps = listing.arranging()
        next(steps, None)
        found = _find(listing, name, 0, row)
        standing.place(row if found is None else found)
        self._changed()
        return self._rest(listing, name, found, row)

    async def _rest(self, listing: Listing, name: str, found: int | None, row: int) -> None:
        standing, steps = self._standing, self._steps
        shown, placed = listing.shown, standing.cursor
        goes_on = not listing.arranged
        while goes_on:
            drawn = len(shown)
            await asyncio.sleep(0)
            if listing is not standing.listing or steps is not self._steps:
                return
            goes_on = next(steps, "ended") is None
            is_new = listing.shown is not shown
            if is_new:
                shown, drawn, found = listing.shown, 0, None
            if found is None:
                found = _find(listing, name, drawn, row)
            if is_new:
                standing.place(row if found is None else found)
                placed = standing.cursor
            elif not goes_on and found is not None and standing.cursor == placed:
                # It may be further down than what was drawn first.
                standing.place(found)
            self._changed()


def _find(listing: Listing, name: str, start: int, row: int) -> int | None:
    return listing.index_of(name, start) if name else row
