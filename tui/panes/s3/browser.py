"""The S3 browser: where it stands, what is loaded there, and what is under way. No widget here."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing

from tui.panes.s3.arranging import Arranging, Standing
from tui.panes.s3.bucket_list import BucketSummaries
from tui.panes.s3.change.deleting import Stoppable
from tui.panes.s3.entries import Entry, Order, raw_name
from tui.panes.s3.listing import Listing
from tui.panes.s3.loading import Loading, Work
from tui.panes.s3.marking import Marking
from tui.services.s3 import ROOT, Bucket, S3Location, S3Object, S3Service


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
        self._marking = Marking(changed)
        self._arranging = Arranging(self._standing, changed)
        self._loading = Loading(s3, self._standing, self._arranging, self._marking, changed)
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
        if self.work is not None and not self._loading.goes_to_end:
            return self.work.state
        return self._loading.state or self.listing.state()

    @property
    def follows(self) -> bool:
        """Whether the next page is wanted when the cursor comes near the end. Over a filter it is
        not: page after page in which nothing matches would be asked for."""
        listing = self.listing
        is_ready = listing.arranged and not self._loading.fills
        return is_ready and bool(listing.next_token) and not listing.needle

    @property
    def goes_to_end(self) -> bool:
        """Whether all pages are loaded that are left."""
        return self._loading.goes_to_end

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
        return self._loading.from_start(self.listing, cursor_on, pages, 0)

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
        return self._loading.from_start(Listing(self.location), name, pages, self.cursor)

    def go_to_names(self, text: str) -> Work:
        """Go where S3 lists the names of this folder that begin with a text."""
        return self.go(S3Location(self.location.bucket, self.location.folder + text))

    def load_more(self) -> Work | None:
        """Load the page after the loaded ones; None if there is none, or others are loaded."""
        return self._loading.next_page()

    def load_all(self) -> Work | None:
        """Load all pages that are left, until `stop`; then the cursor goes to the last row. None
        if others are loaded."""
        return self._loading.to_end()

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
        return self.work is not None or self._loading.goes_to_end

    def stop(self) -> None:
        """Stop deleting or copying after what is in flight, or else loading after the page."""
        if self.work is not None:
            self.work.stopped = True
            self._changed()
        else:
            self._loading.stop()
