"""Marking every row of the S3 pane, in slices between which keys are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

from tui.panes.s3.entries import Entry
from tui.panes.s3.listing import Listing
from tui.panes.s3.rows import Rows
from tui.services.errors import ErrorKind, ServiceError


class Marking:
    """Marks and unmarks many rows. `changed` is called at each step."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._steps: Iterator[None] | None = None
        """What marks rows now; None while nothing does."""

    def toggle_all(self, listing: Listing) -> Coroutine[Any, Any, None]:
        """Mark every row, or unmark them if all are marked; few are marked when this returns."""
        steps = self._steps = listing.toggling_all_marks()
        if next(steps, "ended") == "ended":
            self._steps = None
        self._changed()
        return self._rest(steps)

    async def _rest(self, steps: Iterator[None]) -> None:
        try:
            await self.in_slices(steps)
        finally:
            if self._steps is steps:
                self._steps = None
                self._changed()

    async def in_slices(self, steps: Iterator[None]) -> None:
        """Take steps to their end, with time for keys between two of them."""
        for _ in steps:
            self._changed()
            await asyncio.sleep(0)

    async def entries(self, listing: Listing) -> Sequence[Entry]:
        """What is marked. Raises ServiceError (INVALID) while rows are being marked, or if none of
        it is loaded any more."""
        if self._steps is not None:
            raise ServiceError(
                "The rows are still being marked.",
                hint="Try again when the number of marked ones stays.",
                kind=ErrorKind.INVALID,
            )
        found = Rows(listing.entries)
        for _ in listing.finding_marked(found):
            await asyncio.sleep(0)
        if listing.marked and not found:
            raise ServiceError(
                "None of what is marked is loaded here any more.",
                hint="G loads all that is here; * twice takes the marks away.",
                kind=ErrorKind.INVALID,
            )
        return found
