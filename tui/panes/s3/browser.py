"""The S3 browser: where it stands, what is loaded there, and what is under way. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from tui.panes.loading_all import LoadingAll, say_page_again
from tui.panes.s3.arranging import Arranging, Standing
from tui.panes.s3.bucket_list import BucketSummaries
from tui.panes.s3.change.deleting import Stoppable
from tui.panes.s3.entries import Entry, Order, raw_name
from tui.panes.s3.listing import Listing
from tui.panes.s3.marking import Marking
from tui.panes.s3.pages import add_directory_buckets, pages_left, take_page
from tui.services.errors import ServiceError
from tui.services.s3 import ROOT, Bucket, S3Location, S3Object, S3Service

KEYS_FIRST = 0.01
"""Seconds after each page of a load to the end in which only keys are answered."""

Work = Coroutine[Any, Any, None]
"""The rest of something that has begun: to be awaited. It raises ServiceError, and says `changed`
at each step."""


class S3Browser:
    """A person's way through buckets and prefixes.

    `changed` is called whenever something that is shown may have changed. The rows (`shown`) are
    another list when all of them are new; else they have only grown. The view draws them, and
    keeps `cursor` true when the cursor is moved there.

    Of the methods that give Work, `go`, `go_up`, `refresh`, `load_more` and `load_all` are
    exclusive: the one before is to be cancelled, and its answer is dropped if it is not.
    """

    def __init__(self, s3: S3Service, changed: Callable[[], None]) -> None:
        self.s3 = s3
        self._standing = Standing(Listing(ROOT))
        self.summaries = BucketSummaries(s3, changed)
        self.work: Stoppable | None = None
        """What deletes or copies objects now; None while nothing does."""
        self._changed = changed
        self._filling: Listing | None = None
        """What is loaded from its beginning; a refresh takes it over with its first page."""
        self._marking = Marking(changed)
        self._arranging = Arranging(self._standing, changed)
        self._loading_all = LoadingAll(self._say_progress, "item")
        self._progress = ""
        self._left: dict[S3Location, tuple[str, int]] = {}
        """Locations that were left: the entry under the cursor, and how many pages there were."""

    # -- what is here ----------------------------------------------------------------------

    @property
    def listing(self) -> Listing:
        """What is loaded and shown."""
        return self._standing.listing

    @property
    def cursor(self) -> int:
        """The row under the cursor, of `shown`."""
        return self._standing.cursor

    @cursor.setter
    def cursor(self, row: int) -> None:
        self._standing.cursor = row

    @property
    def location(self) -> S3Location:
        """Where it stands."""
        return self.listing.location

    @property
    def shown(self) -> Sequence[Entry]:
        """The rows."""
        return self.listing.shown

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor; None when there is none."""
        return self._standing.current

    @property
    def current_object(self) -> S3Object | None:
        """The object under the cursor; None on a prefix or a bucket."""
        entry = self.current
        return entry if isinstance(entry, S3Object) else None

    @property
    def bucket(self) -> str:
        """The bucket that it is in, or the one under the cursor; empty if neither."""
        if not self.location.is_root:
            return self.location.bucket
        return self.current.name if isinstance(self.current, Bucket) else ""

    @property
    def has_targets(self) -> bool:
        """Whether there are `targets`; asked for every key, and there may be 200,000."""
        return bool(self.listing.marked) or self.current is not None

    async def targets(self) -> Sequence[Entry]:
        """What a verb acts on: the marked entries, or else the one under the cursor. Raises
        ServiceError (INVALID) if what is marked is not loaded any more, or being marked yet."""
        if self.listing.marked:
            return await self._marking.entries(self.listing)
        return [] if self.current is None else [self.current]

    @property
    def state(self) -> str:
        """How much is loaded, or what is under way."""
        if self._loading_all.active:
            return self._progress
        if self.work is not None:
            return self.work.state
        return "loading…" if self._refreshes else self.listing.state()

    @property
    def _refreshes(self) -> bool:
        return self._filling is not None and self._filling is not self.listing

    @property
    def follows(self) -> bool:
        """Whether the next page is wanted when the cursor comes near the end. Over a filter it is
        not: page after page in which nothing matches would be asked for."""
        listing = self.listing
        is_ready = listing.arranged and self._filling is None
        return is_ready and bool(listing.next_token) and not listing.needle

    @property
    def page_failed(self) -> bool:
        """Whether the page after the loaded ones was asked for, and an error came instead."""
        return self.listing.failed and self.listing.pages > 0

    # -- going places ----------------------------------------------------------------------

    def go(self, location: S3Location, *, cursor_on: str = "", pages: int = 1) -> Work:
        """Stand at a location, and load it from its beginning: at least `pages` pages if that
        finds `cursor_on`."""
        if self.location.bucket or self.listing.pages:
            self._left[self.location] = self._standing.current_name, self.listing.pages
        self._standing.listing, self._standing.cursor = Listing(location), 0
        return self._fill_from_start(self.listing, cursor_on, pages, 0)

    def go_up(self) -> Work | None:
        """One step up, to the row that was left; None at the top."""
        parent = self.location.parent
        if parent is None:
            return None
        here = self.location.bucket if parent.is_root else self._step_below(parent)
        return self.return_to(parent, cursor_on=here)

    def return_to(self, location: S3Location, *, cursor_on: str = "") -> Work:
        """Go to a location with as many pages as there were; the cursor goes to `cursor_on`, or
        else to the row that was left."""
        left, pages = self._left.get(location, ("", 1))
        return self.go(location, cursor_on=cursor_on or left, pages=pages)

    def _step_below(self, parent: S3Location) -> str:
        rest = self.location.prefix[len(parent.prefix) :]
        return parent.prefix + rest.partition("/")[0] + "/" if "/" in rest else ""

    def start_over(self) -> Work:
        """Forget the rows of every location, and stand at the list of buckets."""
        work = self.go(ROOT)
        self._left.clear()
        return work

    def refresh(self, *, cursor_on: str = "") -> Work:
        """Ask again for as much as is loaded. The cursor stays on its entry or on its row, or goes
        to `cursor_on`; filter, order and marks stay; so does what is shown, if this fails."""
        name = cursor_on or self._standing.current_name
        self.summaries.expire()
        pages = max(self.listing.pages, 1)
        return self._fill_from_start(Listing(self.location), name, pages, self.cursor)

    def go_to_names(self, text: str) -> Work:
        """Go where S3 lists the names of this folder that begin with a text."""
        return self.go(S3Location(self.location.bucket, self.location.folder + text))

    # -- loading ---------------------------------------------------------------------------

    def _fill_from_start(self, listing: Listing, cursor_on: str, pages: int, row: int) -> Work:
        self._filling = listing
        self._changed()
        return self._fill(listing, cursor_on, pages, row)

    async def _fill(self, listing: Listing, cursor_on: str, pages: int, row: int) -> None:
        """Load page by page until `cursor_on` is found or there are `pages`; the cursor goes to
        that entry, or else to `row`."""
        try:
            await self._arranging.if_needed()
            while True:
                before = len(listing.shown)
                await take_page(self.s3, listing)
                if listing is not self._filling:
                    return
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
            # Before it is drawn: the view may ask for the next page at once.
            self._filling = None
            if listing.arranged:
                self._standing.place(row if found is None else found)
                self._changed()
            else:
                await self._arranging.anew(cursor_on, row)
        except ServiceError as error:
            if listing is self._filling and listing is self.listing:
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
        placed = self.cursor
        await add_directory_buckets(self.s3, listing)
        if found is not None or self.cursor != placed:
            return "", self.cursor
        return cursor_on, row

    def _take_over(self, listing: Listing) -> None:
        """Put a refreshed listing in the place of the one it refreshes."""
        if listing is not self.listing:
            old, self._standing.listing = self.listing, listing
            listing.needle, listing.order = old.needle, old.order
            listing.marked = old.marked
            listing.arrange()

    def load_more(self) -> Work | None:
        """Load the page after the loaded ones; None if there is none, or others are loaded."""
        if self._is_loading or not self.listing.next_token:
            return None
        # At once: a move of the cursor must not ask anew while the page is under way.
        self.listing.failed = False
        return self._append(self.listing)

    @property
    def _is_loading(self) -> bool:
        """Whether pages are loaded that one more must not cut off."""
        return self._loading_all.active or self._filling is not None

    async def _append(self, listing: Listing) -> None:
        await self._arranging.if_needed()
        await self._next_page(listing, partial(take_page, self.s3))
        # The row stays, not the entry: an entry ordered last would ask for page after page.
        await self._arranging.if_needed()

    async def _next_page(
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
            await add_directory_buckets(self.s3, listing)
        if listing is not self.listing:
            return False
        if listing.arranged and not self._loading_all.active:
            # Else the progress that follows draws it.
            self._changed()
        return bool(listing.next_token)

    def load_all(self) -> Work | None:
        """Load all pages that are left, until `stop`; then the cursor goes to the last row. None
        if others are loaded."""
        return None if self._is_loading else self._load_all(self.listing)

    async def _load_all(self, listing: Listing) -> None:
        try:
            at_end = await self._load_rest(listing)
        except ServiceError:
            await self._arranging.if_needed()
            raise
        finally:
            self._changed()
        if listing is not self.listing:
            return
        last = len(listing.entries) if at_end else self.cursor
        if not listing.arranged:
            # Nothing of the pages was drawn: they go in between.
            await self._arranging.anew(row=last)
        if at_end:
            self._standing.place(last)
            self._changed()

    async def _load_rest(self, listing: Listing) -> bool:
        async with aclosing(pages_left(self.s3, listing)) as pages:

            async def take(_: Listing) -> None:
                await anext(pages)
                # A key takes several turns of the event loop, each of which may have to wait for
                # a page that has come.
                await asyncio.sleep(KEYS_FIRST)

            return await self._loading_all.run(
                lambda: self._next_page(listing, take), lambda: len(listing.entries)
            )

    def _say_progress(self, text: str) -> None:
        self._progress = text
        self._changed()

    # -- filter, order, marks --------------------------------------------------------------

    def filter(self, text: str) -> Work:
        """Show only what contains a text; empty shows all. The cursor stays on its entry."""
        self.listing.needle = text
        return self._arranging.anew(self._standing.current_name)

    def sort(self, order: Order) -> Work:
        """Order what is loaded; the cursor goes to the first row."""
        self.listing.order = order
        return self._arranging.anew()

    def toggle_mark(self) -> None:
        """Mark or unmark the entry under the cursor."""
        if self.current is not None:
            self.listing.marked ^= {raw_name(self.current)}
            self._changed()

    def toggle_all_marks(self) -> Work:
        """Mark every row, or unmark them if all are marked; few are marked when this returns."""
        return self._marking.toggle_all(self.listing)

    async def unmark(self, names: Iterable[str]) -> None:
        """Take the marks of these raw names away."""
        await self._marking.in_slices(self.listing.unmarking(names))
        self._changed()

    # -- what can be stopped ---------------------------------------------------------------

    async def carry_out(
        self, work: Stoppable, steps: AsyncGenerator[Sequence[str], None], bucket: str
    ) -> None:
        """Do work to its end, or until `stop`; each step gives the keys of `bucket` that went."""
        self.work = work
        self._changed()
        try:
            async with aclosing(steps):
                async for gone in steps:
                    if self.location.bucket == bucket:
                        self.listing.marked -= set(gone)
                    self._changed()
        finally:
            self.work = None
            self._changed()

    @property
    def can_stop(self) -> bool:
        """Whether something is under way that `stop` ends."""
        return self.work is not None or self._loading_all.active

    def stop(self) -> None:
        """Stop deleting or copying after what is in flight, or else loading after the page."""
        if self.work is not None:
            self.work.stopped = True
            self._changed()
        else:
            self._loading_all.stop()
