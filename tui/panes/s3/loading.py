"""Reading into the S3 pane: a place from its beginning, the same place anew, the page after.

Every coroutine here runs in the pane's exclusive "load" worker, so a new one ends the one before.
An answer is dropped when another listing is wanted by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.listing import Listing, Order
from tui.services.errors import ServiceError

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Loading:
    """What is being read, and whether reading on has failed."""

    def __init__(self, pane: S3Pane) -> None:
        self.pane = pane
        self.wanted = pane.listing
        """The listing being loaded; while a refresh runs, the pane still shows the old one."""
        self._stalled = False
        """Whether the page after the loaded ones failed to come."""

    def start(self, listing: Listing, cursor_on: str, pages: int, row: int = 0) -> None:
        """Load a listing page by page until `cursor_on` is found or there are `pages`; the cursor
        goes to that entry, or else to `row`."""
        self.wanted = listing
        self.pane.load(self._fill(listing, cursor_on, pages, row))

    def more_wanted(self) -> None:
        """The grid comes to the end of what is loaded."""
        if self.pane.listing.next_token:
            self.pane.load(self._append(self.pane.listing))

    def cursor_moved(self) -> None:
        """Let the grid ask again for a page that failed to come."""
        if self._stalled:
            self._stalled = False
            self.pane.grid.ask_again()

    async def _fill(self, listing: Listing, cursor_on: str, pages: int, row: int) -> None:
        try:
            while True:
                await self._take_page(listing)
                if listing is not self.wanted:
                    return
                self._take_over(listing)
                found = not cursor_on or listing.index_of(cursor_on) is not None
                done = found or listing.pages >= pages or not listing.next_token
                # Asking for the next page from the grid as well would cancel this worker.
                self.pane.show_listing(cursor_on, row, more=done)
                if done:
                    return
        except ServiceError:
            if listing is self.wanted:
                self.wanted = self.pane.listing
                self.pane.show_failed()
            raise

    def _take_over(self, listing: Listing) -> None:
        """Put a refreshed listing in the place of the one it refreshes."""
        if listing is not self.pane.listing:
            old, self.pane.listing = self.pane.listing, listing
            listing.needle, listing.order = old.needle, old.order
            listing.marked = old.marked
            listing.arrange()
        if listing.complete:
            listing.marked &= {raw_name(entry) for entry in listing.entries}

    async def _take_page(self, listing: Listing) -> list[Entry]:
        entries: Sequence[Entry]
        if listing.location.is_root:
            buckets = await self.pane.s3.list_buckets(listing.next_token)
            entries, token = buckets.buckets, buckets.next_token
        else:
            page = await self.pane.s3.list_page(listing.location, listing.next_token)
            entries = [*(Prefix(each) for each in page.prefixes), *page.objects]
            token = page.next_token
        return listing.add(entries, token)

    async def _append(self, listing: Listing) -> None:
        try:
            passed = await self._take_page(listing)
        except ServiceError:
            # Asked again at once, a page that fails would be asked for without end: the banner
            # that comes and goes resizes the grid. The next move of the cursor asks again.
            self._stalled = True
            raise
        pane = self.pane
        if listing is not pane.listing:
            return
        if listing.order is Order.LISTED:
            pane.grid.append(listing.rows(passed), more=bool(listing.next_token))
            pane.show_state()
        else:
            # The row stays, not the entry: an entry ordered last would ask for page after page.
            pane.show_listing(row=pane.grid.cursor_row)
