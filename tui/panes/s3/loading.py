"""What is loaded of a location, page by page: from its beginning, on request, or to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from typing import Any

from tui.panes.loading_all import LoadingAll, say_page_again
from tui.panes.s3.arranging import Arranging, Standing
from tui.panes.s3.listing import Listing
from tui.panes.s3.marking import Marking
from tui.panes.s3.pages import add_directory_buckets, pages_left, take_page
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service

KEYS_FIRST = 0.01
"""Seconds after each page of a load to the end in which only keys are answered."""

Work = Coroutine[Any, Any, None]
"""The rest of something that has begun: to be awaited. It raises ServiceError, and says `changed`
at each step."""


class Loading:
    """Loads pages into the listing of a standing. `changed` is called at each step."""

    def __init__(
        self,
        s3: S3Service,
        standing: Standing,
        arranging: Arranging,
        marking: Marking,
        changed: Callable[[], None],
    ) -> None:
        self._s3 = s3
        self._standing = standing
        self._arranging = arranging
        self._marking = marking
        self._changed = changed
        self._filling: Listing | None = None
        """What is loaded from its beginning; a refresh takes it over with its first page."""
        self._all = LoadingAll(self._say_progress, "item")
        self._progress = ""

    @property
    def state(self) -> str:
        """What is under way; empty if what is shown says it."""
        if self._all.active:
            return self._progress
        refreshes = self._filling is not None and self._filling is not self._standing.listing
        return "loading…" if refreshes else ""

    @property
    def fills(self) -> bool:
        """Whether a listing is loaded from its beginning."""
        return self._filling is not None

    @property
    def goes_to_end(self) -> bool:
        """Whether all pages are loaded that are left: until `stop`."""
        return self._all.active

    @property
    def is_active(self) -> bool:
        """Whether pages are loaded that one more must not cut off."""
        return self.goes_to_end or self.fills

    def stop(self) -> None:
        """Load no page to the end after the one in flight."""
        self._all.stop()

    def from_start(self, listing: Listing, cursor_on: str, pages: int, row: int) -> Work:
        """Load a listing from its beginning: at least `pages` pages if that finds `cursor_on`; else
        the cursor goes to `row`. It takes the place of what is shown with its first page."""
        self._filling = listing
        self._changed()
        return self._fill(listing, cursor_on, pages, row, self._standing.cursor)

    async def _fill(
        self, listing: Listing, cursor_on: str, pages: int, row: int, placed: int
    ) -> None:
        """Load page by page until `cursor_on` is found or there are `pages`; the cursor goes to
        that entry, or else to `row`. If a key moves it from where it was `placed`, it stays on the
        entry that the key led to."""
        try:
            await self._arranging.if_needed()
            while True:
                before = len(listing.shown)
                await take_page(self._s3, listing)
                if listing is not self._filling:
                    return
                standing = self._standing
                if standing.cursor != placed and standing.current is not None:
                    is_refresh = listing is not standing.listing
                    cursor_on, row = standing.current_name if is_refresh else "", standing.cursor
                self._take_over(listing)
                cursor_on, row = await self._and_directory_buckets(listing, cursor_on, before, row)
                if listing is not self._filling:
                    return
                if listing.complete:
                    await self._marking.in_slices(listing.forgetting_lost_marks())
                found = listing.index_of(cursor_on, before) if cursor_on else row
                if found is not None or listing.pages >= pages or not listing.next_token:
                    break
                self._standing.place(row)
                self._changed()
                placed = self._standing.cursor
            # Before it is drawn: the view may ask for the next page at once.
            self._filling = None
            if listing.arranged:
                self._standing.place(row if found is None else found)
                self._changed()
            else:
                await self._arranging.anew(cursor_on, row)
        except ServiceError as error:
            if listing is self._filling and listing is self._standing.listing:
                listing.failed = True
                if listing.pages:
                    say_page_again(error)
            raise
        finally:
            if listing is self._filling:
                self._filling = None
                self._changed()

    async def _and_directory_buckets(
        self, listing: Listing, cursor_on: str, before: int, row: int
    ) -> tuple[str, int]:
        """Behind the last bucket, draw them and then add the others; gives what the cursor is to
        go to from there."""
        if not (listing.complete and listing.location.is_root):
            return cursor_on, row
        found = listing.index_of(cursor_on, before) if cursor_on else None
        self._standing.place(row if found is None else found)
        self._changed()
        placed = self._standing.cursor
        await add_directory_buckets(self._s3, listing)
        if found is not None or self._standing.cursor != placed:
            return "", self._standing.cursor
        return cursor_on, row

    def _take_over(self, listing: Listing) -> None:
        """Put a refreshed listing in the place of the one it refreshes."""
        if listing is not self._standing.listing:
            old, self._standing.listing = self._standing.listing, listing
            listing.needle, listing.order = old.needle, old.order
            listing.marked = old.marked
            listing.arrange()

    def next_page(self) -> Work | None:
        """Load the page after the loaded ones; None if there is none, or others are loaded."""
        if self.is_active or not self._standing.listing.next_token:
            return None
        # At once: a move of the cursor must not ask anew while the page is under way.
        self._standing.listing.failed = False
        return self._append(self._standing.listing)

    async def _append(self, listing: Listing) -> None:
        await self._arranging.if_needed()
        await self._take_next(listing, partial(take_page, self._s3))
        # The row stays, not the entry: an entry ordered last would ask for page after page.
        await self._arranging.if_needed()

    async def _take_next(
        self, listing: Listing, take: Callable[[Listing], Awaitable[None]]
    ) -> bool:
        """Load the page after the loaded ones; whether another one follows."""
        try:
            await take(listing)
        except ServiceError as error:
            # Asked again at once, a page that fails would be asked for without end: the banner
            # that comes and goes resizes the grid. The next move of the cursor asks again.
            listing.failed = True
            say_page_again(error)
            self._changed()
            raise
        if listing.complete and listing.location.is_root:
            await add_directory_buckets(self._s3, listing)
        if listing is not self._standing.listing:
            return False
        if listing.arranged and not self._all.active:
            # Else the progress that follows draws it.
            self._changed()
        return bool(listing.next_token)

    def to_end(self) -> Work | None:
        """Load all pages that are left, until `stop`; then the cursor goes to the last row. None
        if others are loaded."""
        return None if self.is_active else self._rest_to_end(self._standing.listing)

    async def _rest_to_end(self, listing: Listing) -> None:
        try:
            at_end = await self._load_rest(listing)
        except ServiceError:
            await self._arranging.if_needed()
            raise
        finally:
            self._changed()
        if listing is not self._standing.listing:
            return
        last = len(listing.entries) if at_end else self._standing.cursor
        if not listing.arranged:
            # Nothing of the pages was drawn: they go in between.
            await self._arranging.anew(row=last)
        if at_end:
            self._standing.place(last)
            self._changed()

    async def _load_rest(self, listing: Listing) -> bool:
        async with aclosing(pages_left(self._s3, listing)) as pages:

            async def take(_: Listing) -> None:
                await anext(pages)
                # A key takes several turns of the event loop, each of which may have to wait for
                # a page that has come.
                await asyncio.sleep(KEYS_FIRST)

            return await self._all.run(
                lambda: self._take_next(listing, take), lambda: len(listing.entries)
            )

    def _say_progress(self, text: str) -> None:
        self._progress = text
        self._changed()
