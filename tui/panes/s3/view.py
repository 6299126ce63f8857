"""The S3 browser on the screen: draws its rows, and turns keys and clicks into calls of it."""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic

from textual import on

from tui.panes.row_detail import Subject
from tui.panes.rows_pane import RowsPane
from tui.panes.s3.browser import S3Browser
from tui.panes.s3.entries import Entry, Order, cells, columns_of, next_order, raw_name
from tui.panes.s3.loading import Work
from tui.panes.s3.places import Places, Trail
from tui.panes.s3.row_detail import subject_of
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.s3 import ROOT, S3Location
from tui.widgets.commands import verbs
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.filter_line import KEEPS, FilterLine
from tui.widgets.grid.grid import Grid

PAGES_TO_KEY = 10
"""Pages that are loaded to show an object among its neighbours."""

APPEND_EVERY = 2.0
"""Seconds between two additions of rows in a load to the end. The scroll bar changes with them, and
a frame that draws it beside the progress takes several times as long as a cursor move."""

FAR_BELOW = 500
"""Rows between the view and the last one, with which it may wait for more."""

ASKS = "filters what is loaded · Enter asks S3 for names that begin so"


class S3View(RowsPane):
    """The view of an S3 browser; `S3Pane` is this with its commands."""

    PLACEHOLDER = "s3://bucket/prefix/"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.browser = S3Browser(services.s3, self._draw)
        self.trail = Trail()
        self.places = Places(services.state_dir / "s3-places.json")
        self.undo = services.s3_undo
        """The deletes that can be taken back."""
        self._drawn: object = None
        """The rows that the grid has, as the browser had them."""
        self._appended = 0.0
        """When rows were last added to it."""
        self._drawn_marks = (0, 0)
        """The marks that were drawn: which set, and how many."""
        self._drawn_summaries = 0
        """How many summaries of buckets had come when the rows were drawn."""

    def on_mount(self) -> None:
        self.watch(self.grid, "cursor_row", self._cursor_placed, init=False)
        self.watch(self.grid, "scroll_y", self._look_at_buckets, init=False)
        self.grid.is_marked = lambda row: self.browser.listing.is_marked(row)
        self._draw()
        self.start(self._read_undo(), group="undo")

    async def _read_undo(self) -> None:
        await asyncio.to_thread(self.undo.read)

    # -- drawing ---------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show the browser as it is now."""
        if not self.is_attached:
            return
        browser, grid = self.browser, self.grid
        drawn = len(grid.rows)
        if browser.shown is not self._drawn:
            self._draw_rows()
        elif self._may_wait(drawn):
            pass
        elif len(browser.shown) > drawn or grid.more != browser.follows:
            self._appended = monotonic()
            grid.append(self._rows(drawn), more=browser.follows)
            if browser.location.is_root:
                # A region that came may be longer than those before.
                self._fit_columns()
        marks = id(browser.listing.marked), len(browser.listing.marked)
        if marks != self._drawn_marks:
            self._drawn_marks = marks
            grid.refresh()
        if self._drawn_summaries != browser.summaries.came:
            self._drawn_summaries = browser.summaries.came
            grid.redraw_rows()
        if grid.cursor_row != browser.cursor:
            grid.move_cursor(browser.cursor)
        if browser.location.is_root:
            self._look_at_buckets()
        self.path_box.show(str(browser.location), state_of(browser))
        self.explain_emptiness(browser.listing.why_empty())
        self.refresh_bindings()

    def _may_wait(self, drawn: int) -> bool:
        """Whether rows that came in a load to the end, far below the view, are drawn later."""
        far = self.grid.rows_in_view[1] + FAR_BELOW < drawn
        return self.browser.goes_to_end and far and monotonic() - self._appended < APPEND_EVERY

    def redraw(self) -> None:
        """Show what is said about the location as it is now."""
        self._draw()

    def _draw_rows(self) -> None:
        browser = self.browser
        self._drawn = browser.shown
        self.grid.show(
            columns_of(browser.location, browser.shown, self.grid.size.width),
            self._rows(),
            more=browser.follows,
            cursor=browser.cursor,
        )

    def _rows(self, start: int = 0) -> LazyRows[Entry]:
        browser = self.browser
        make = partial(cells, location=browser.location, summary_of=browser.summaries.of)
        return LazyRows(browser.shown[start:], make)

    def _look_at_buckets(self, _: object = None) -> None:
        """Ask for what the list of buckets does not say of those in view."""
        browser, grid = self.browser, self.grid
        if not browser.location.is_root or not browser.listing.pages:
            return
        names = [raw_name(each) for each in browser.shown[slice(*grid.rows_in_view)]]
        work = browser.summaries.want(names)
        if work is not None:
            self.run_worker(work, group="bucket-summaries")

    def on_resize(self) -> None:
        # The grid has its new size when the layout is done.
        self.call_after_refresh(self._fit_columns)
        self.call_after_refresh(self._look_at_buckets)

    def _fit_columns(self) -> None:
        browser, shown = self.browser, self.grid.columns
        if shown and len(shown) != len(
            columns_of(browser.location, browser.shown, self.grid.size.width)
        ):
            self._draw_rows()

    def shows(self, verb_id: str) -> bool:
        # On a bucket the key only says where whole buckets are deleted.
        explains = verb_id == verbs.DELETE.id and self.browser.location.is_root
        return super().shows(verb_id) and not explains

    # -- going places ----------------------------------------------------------------------

    def open(self, location: str) -> None:
        nowhere = location.strip() in {"", "s3:", "s3:/"}
        endpoint = self.services.account.endpoint
        self.go(ROOT if nowhere else S3Location.parse(location, endpoint=endpoint))

    def place_typed(self) -> None:
        self.start(self._remember(str(self.browser.location)), group="places")

    async def _remember(self, location: str) -> None:
        await asyncio.to_thread(self.places.typed, location)
        self.path_box.past = list(self.places.recent)

    def account_changed(self) -> None:
        self.trail.clear()
        self._leave(self.browser.start_over())

    def contents_removed(self) -> None:
        # Inside a bucket, it may be the bucket itself that is gone.
        if self.browser.location.is_root:
            self.reload()
        else:
            self.account_changed()

    def go(self, location: S3Location) -> None:
        """Go to a location."""
        here = self.browser.location
        self._leave(self.browser.go(location))
        self.trail.left(here, location)

    def stand_at(self, location: S3Location) -> None:
        """Show a location as it is now."""
        if location == self.browser.location:
            self.reload()
        else:
            self.go(location)

    def go_up(self) -> None:
        """Go one step up, to the row that was left."""
        here = self.browser.location
        self._leave(self.browser.go_up())
        self.trail.left(here, self.browser.location)

    def return_to(self, location: S3Location) -> None:
        """Go to a location on the trail, to the row that was left there."""
        self._leave(self.browser.return_to(location))

    def go_to_key(self, bucket: str, key: str) -> None:
        """Go to the folder of an object, with the cursor on it. Where it is too far down to be
        loaded, the names that begin with its key are listed."""
        self.filter_line.reset()
        self.load(self._to_key(bucket, key))

    async def _to_key(self, bucket: str, key: str) -> None:
        browser, place = self.browser, S3Location(bucket, key)
        folder = S3Location(bucket, place.folder)
        await browser.go(folder, cursor_on=key, pages=PAGES_TO_KEY)
        object_here = browser.current_object
        if browser.location == folder and (object_here is None or object_here.key != key):
            await browser.go(place, cursor_on=key)

    def _leave(self, work: Work | None) -> None:
        if work is not None:
            self.filter_line.reset()
            self.load(work)

    def reload(self, *, cursor_on: str = "", problem: ServiceError | None = None) -> None:
        """Ask again for what is loaded; the cursor stays, or goes to an entry. If this fails, the
        `problem` of what was done before, which the caller shows, is still said."""
        work = self.browser.refresh(cursor_on=cursor_on)
        self.load(work if problem is None else beside(problem, work))

    @property
    def page_failed(self) -> bool:
        return self.browser.page_failed

    def try_page_again(self) -> None:
        self.load(self.browser.load_more())

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        self.load(self.browser.load_more())

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.load(self.browser.load_all())

    def row_subject(self) -> Subject | None:
        entry = self.browser.current
        return None if entry is None else subject_of(entry, self.browser.location, self.browser.s3)

    # -- cursor, marks, filter, order ------------------------------------------------------

    def _cursor_placed(self, row: int) -> None:
        self.browser.cursor = row

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        if self.browser.page_failed:
            self.grid.ask_again(at_once=True)
        self.refresh_bindings()

    @property
    def can_mark(self) -> bool:
        return self.browser.current is not None

    def toggle_mark(self) -> None:
        self.browser.toggle_mark()
        self.grid.move_cursor(self.grid.cursor_row + 1)

    def toggle_all_marks(self) -> None:
        self.start(self.browser.toggle_all_marks(), group="marks")

    @property
    def filter_hint(self) -> str:
        return ASKS if self.browser.listing.is_partial else KEEPS

    def narrow(self, text: str) -> None:
        if text != self.browser.listing.needle:
            self.start(self.browser.filter(text), group="arrange")

    @on(FilterLine.Submitted)
    def _filter_submitted(self, event: FilterLine.Submitted) -> None:
        event.stop()
        if event.text and self.browser.listing.is_partial:
            here = self.browser.location
            self._leave(self.browser.go_to_names(event.text))
            self.trail.left(here, self.browser.location)

    def sort(self, order: Order) -> None:
        """Order the rows."""
        self.start(self.browser.sort(order), group="arrange")

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        listing = self.browser.listing
        order = next_order(listing.order, event.column, of_buckets=listing.location.is_root)
        if order is None:
            self.hint("Nothing is sorted by this column; o offers the orders.")
        else:
            self.sort(order)


def state_of(browser: S3Browser) -> str:
    """How much is loaded or what is under way; before it, that the user pays for it."""
    place = browser.location
    pays = not place.is_root and browser.s3.pays(place.bucket)
    return f"you pay · {browser.state}" if pays else browser.state


async def beside(problem: ServiceError, work: Work) -> None:
    """Do the work; if it fails, that is told below the `problem`."""
    try:
        await work
    except ServiceError as error:
        causes = [problem.cause, f"The list could not be read again: {error.message}"]
        raise ServiceError(
            problem.message,
            cause="\n".join(filter(None, causes)),
            hint=problem.hint,
            code=problem.code,
            kind=problem.kind,
        ) from error
