"""Reading into the S3 pane: a place from its beginning, the same place anew, the page after.

Every coroutine here runs in the pane's exclusive "load" worker, so a new one ends the one before.
An answer is dropped when another listing is wanted by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.panes.loading_all import say_page_again
from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.listing import Listing
from tui.services.errors import ServiceError

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane


class Loading:
    """What is being read, and whether reading on has failed."""

    def __init__(self, pane: S3Pane) -> None:
        self.pane = pane
        self.wanted = pane.listing
        """The listing being loaded; while a refresh runs, the pane still shows the old one."""

    def start(self, listing: Listing, cursor_on: str, pages: int, row: int = 0) -> None:
        """Load a listing page by page until `cursor_on` is found or there are `pages`; the cursor
        goes to that entry, or else to `row`."""
        self.wanted = listing
        self.pane.load(self._fill(listing, cursor_on, pages, row))

    def more_wanted(self) -> None:
        """The grid comes to the end of what is loaded."""
        if self.pane.listing.next_token:
            # Once only: a move of the cursor must not begin anew while the page is under way.
            self.pane.listing.failed = False
            self.pane.load(self._append(self.pane.listing))

    def end_wanted(self) -> None:
        """The last entry of all is wanted."""
        self.pane.load(self._go_to_end(self.pane.listing))

    def cursor_moved(self) -> None:
        """Let the grid ask again for a page that failed to come."""
        if self.pane.listing.failed:
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
                if listing.arranged:
                    # Asking for the next page from the grid as well would cancel this worker.
                    self.pane.show_listing(cursor_on, row, more=done)
                elif done:
                    self.pane.rearrange(row=row)
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
        await self._next_page(listing)
        if listing is self.pane.listing and not listing.arranged:
            # The row stays, not the entry: an entry ordered last would ask for page after page.
            self.pane.rearrange(row=self.pane.grid.cursor_row)

    async def _next_page(self, listing: Listing) -> bool:
        """Load the page after the loaded ones and draw it; whether another one follows.

        If its entries do not go to the end of what is shown, nothing is drawn.
        """
        pane = self.pane
        try:
            passed = await self._take_page(listing)
        except ServiceError as error:
            # Asked again at once, a page that fails would be asked for without end: the banner
            # that comes and goes resizes the grid. The next move of the cursor asks again.
            listing.failed = True
            say_page_again(error)
            pane.show_state()
            raise
        if listing is not pane.listing:
            return False
        if listing.arranged:
            pane.grid.append(listing.rows(passed), more=pane.follows)
            pane.show_state()
        return bool(listing.next_token)

    async def _go_to_end(self, listing: Listing) -> None:
        pane = self.pane
        at_end = False
        try:
            at_end = await pane.loading_all.run(
                lambda: self._next_page(listing), lambda: len(listing.entries)
            )
        finally:
            if listing is pane.listing and pane.is_mounted:
                pane.show_state()
                if not listing.arranged:
                    # Nothing of it was drawn: it goes in between.
                    pane.rearrange(row=len(listing.entries) if at_end else pane.grid.cursor_row)
        if at_end and listing is pane.listing:
            pane.grid.move_cursor(len(pane.grid.rows) - 1)
