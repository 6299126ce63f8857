"""The S3 pane: buckets, then prefixes and objects, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import ClassVar

from textual import on

from tui.panes.loading_all import LoadingAll
from tui.panes.rows_pane import RowsPane
from tui.panes.s3.arranging import ENDED, arranging
from tui.panes.s3.commands import COMMANDS
from tui.panes.s3.deleting import Deletion
from tui.panes.s3.empty import NOT_LOADED, nothing
from tui.panes.s3.entries import Entry, raw_name
from tui.panes.s3.listing import Listing
from tui.panes.s3.loading import Loading
from tui.panes.s3.order import next_order
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, Bucket, S3Location, S3Object, S3Service
from tui.widgets import verbs
from tui.widgets.filter_line import FilterLine
from tui.widgets.grid import Grid


class S3Pane(RowsPane):
    """Browse buckets and objects."""

    TITLE_HERE = "S3"
    PLACEHOLDER = "s3://bucket/prefix/"
    COMMANDS_HERE = COMMANDS
    INSTEAD: ClassVar[Mapping[str, str]] = {
        verbs.EDIT.id: "Objects are not edited in place: d downloads, u uploads again.",
        verbs.QUERY.id: "Objects are found by name: / filters, Ctrl+L goes to a prefix.",
        verbs.GET.id: "Ctrl+L goes to a key or a prefix.",
    }

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.listing = Listing(ROOT)
        self._loading = Loading(self)
        self.loading_all = LoadingAll(
            lambda text: self.path_box.show(str(self.location), text), "item"
        )
        self.deletion: Deletion | None = None
        """What is being deleted; None while nothing is."""
        self._came_from: dict[S3Location, tuple[str, int]] = {}

    # -- what commands ask -----------------------------------------------------------------

    @property
    def s3(self) -> S3Service:
        """The service, made on first use."""
        return self.services.s3

    @property
    def location(self) -> S3Location:
        """Where the pane stands."""
        return self.listing.location

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor; None when there is none."""
        row = self.grid.current
        return None if row is None or row >= len(self.listing.shown) else self.listing.shown[row]

    @property
    def current_object(self) -> S3Object | None:
        """The object under the cursor; None on a prefix or a bucket."""
        entry = self.current
        return entry if isinstance(entry, S3Object) else None

    @property
    def bucket(self) -> str:
        """The bucket that the pane is in, or the one under the cursor; empty if neither."""
        if not self.location.is_root:
            return self.location.bucket
        return self.current.name if isinstance(self.current, Bucket) else ""

    @property
    def targets(self) -> list[Entry]:
        """What a verb acts on: the marked entries, or else the one under the cursor."""
        if self.listing.marked:
            return [entry for entry in self.listing.entries if self.listing.is_marked(entry)]
        return [] if self.current is None else [self.current]

    def chosen(self) -> list[Entry]:
        """The `targets`. Raises ServiceError (INVALID) if what is marked is not loaded any more."""
        if not self.targets:
            raise ServiceError(
                "None of what is marked is loaded here any more.",
                hint="G loads all that is here; * twice takes the marks away.",
                kind=ErrorKind.INVALID,
            )
        return self.targets

    @property
    def has_targets(self) -> bool:
        """Whether there are `targets`; asked for every key, and there may be 200,000."""
        return bool(self.listing.marked) or self.current is not None

    def shows(self, verb_id: str) -> bool:
        # On a bucket the key only says where whole buckets are deleted.
        explains = verb_id == verbs.DELETE.id and self.location.is_root
        return super().shows(verb_id) and not explains

    # -- going places ----------------------------------------------------------------------

    def open(self, location: str) -> None:
        nowhere = location.strip() in {"", "s3:", "s3:/"}
        self.go(ROOT if nowhere else S3Location.parse(location))

    def account_changed(self) -> None:
        self._came_from.clear()
        self.go(ROOT)

    def contents_removed(self) -> None:
        # Inside a bucket, it may be the bucket itself that is gone.
        if self.location.is_root:
            self.reload()
        else:
            self.account_changed()

    def go(self, location: S3Location, *, cursor_on: str = "", pages: int = 1) -> None:
        """Load a location from its beginning, at least `pages` pages if that finds `cursor_on`."""
        if self.location.bucket or self.listing.pages:
            entry = self.current
            name = raw_name(entry) if entry is not None else ""
            self._came_from[self.location] = (name, self.listing.pages)
        self.listing = Listing(location)
        self.filter_line.reset()
        self.show_listing()
        self._loading.start(self.listing, cursor_on, pages)

    def go_up(self) -> None:
        """One step up, to the row that was left."""
        parent = self.location.parent
        if parent is None:
            return
        here = self.location.bucket if parent.is_root else self._step_below(parent)
        left, pages = self._came_from.get(parent, ("", 1))
        self.go(parent, cursor_on=here or left, pages=pages)

    def _step_below(self, parent: S3Location) -> str:
        rest = self.location.prefix[len(parent.prefix) :]
        return parent.prefix + rest.partition("/")[0] + "/" if "/" in rest else ""

    @property
    def page_failed(self) -> bool:
        return self.listing.failed

    def try_page_again(self) -> None:
        self._loading.more_wanted()

    def reload(self, *, cursor_on: str = "") -> None:
        """Ask again for as much as is loaded; the cursor stays on its entry, or on its row."""
        entry = self.current
        name = cursor_on or (raw_name(entry) if entry is not None else "")
        # The next page of what is about to be replaced is not wanted any more.
        self.grid.more = False
        self.path_box.show(str(self.location), "loading…")
        pages = max(self.listing.pages, 1)
        self._loading.start(Listing(self.location), name, pages, self.grid.current or 0)

    # -- showing ---------------------------------------------------------------------------

    def rearrange(self, *, to_top: bool = False, row: int = 0) -> None:
        """Narrow and order anew what is loaded; the cursor stays on its entry, or goes first, or
        to `row`. A long listing is drawn as far as it is arranged, and goes on growing."""
        entry = self.current
        name = "" if entry is None or to_top or row else raw_name(entry)
        listing = self.listing
        steps = arranging(listing)
        goes_on = next(steps, ENDED) is None
        self.show_listing(name, row)
        self.start(self._arrange_rest(listing, steps, name, row, goes_on=goes_on), group="arrange")

    async def _arrange_rest(
        self, listing: Listing, steps: Iterator[None], name: str, row: int, *, goes_on: bool
    ) -> None:
        placed = self.grid.cursor_row
        found = listing.index_of(name) if name else row
        while goes_on:
            shown, drawn = listing.shown, len(listing.shown)
            await asyncio.sleep(0)
            if listing is not self.listing:
                return
            goes_on = next(steps, ENDED) is None
            if listing.shown is not shown:
                self.show_listing(name, row)
                placed = self.grid.cursor_row
                found = listing.index_of(name) if name else row
                continue
            if found is None:
                found = listing.index_of(name, drawn)
            self.grid.append(listing.rows(listing.shown[drawn:]), more=not goes_on and self.follows)
            if listing.marked:
                self.grid.mark_only([*self.grid.marked, *listing.marked_rows(drawn)])
            if not goes_on and found and self.grid.cursor_row == placed:
                self.grid.move_cursor(found)
            self.show_state()

    def show_listing(self, cursor_on: str = "", row: int = 0, *, more: bool = True) -> None:
        """Draw the listing, the cursor on an entry, or on a row if that is not there.

        Without `more` the grid does not ask for the next page.
        """
        listing = self.listing
        found = listing.index_of(cursor_on) if cursor_on else None
        self.grid.show(
            listing.columns(self.grid.size.width),
            listing.rows(listing.shown),
            more=more and listing.arranged and self.follows,
            cursor=row if found is None else found,
        )
        self.grid.mark_only(listing.marked_rows())
        self.show_state()

    def on_resize(self) -> None:
        # The grid has its new size when the layout is done.
        self.call_after_refresh(self._fit_columns)

    def _fit_columns(self) -> None:
        shown, wanted = self.grid.columns, self.listing.columns(self.grid.size.width)
        if shown and len(shown) != len(wanted):
            self.show_listing(row=self.grid.cursor_row)

    @property
    def follows(self) -> bool:
        """Whether the grid may ask for the next page. Over a filter it must not: it would ask on
        and on for pages in which nothing matches."""
        return bool(self.listing.next_token) and not self.listing.needle

    def show_state(self) -> None:
        """Say where the pane stands, how much is loaded, and why there is nothing if so."""
        listing = self.listing
        if not self.loading_all.active:
            state = listing.state() if self.deletion is None else self.deletion.state
            self.path_box.show(str(listing.location), state)
        empty = listing.pages > 0 and listing.arranged and not listing.shown
        self.explain_emptiness(nothing(listing) if empty else "")
        self.refresh_bindings()

    def show_failed(self) -> None:
        """Nothing new has come: what was loaded before stays, if anything was."""
        if self.listing.pages:
            self.grid.more = self.follows
            self.show_state()
            return
        self.path_box.show(str(self.location), "not loaded")
        self.explain_emptiness(NOT_LOADED)

    # -- marks, filter, cursor -------------------------------------------------------------

    @property
    def can_mark(self) -> bool:
        return self.current is not None

    def toggle_mark(self) -> None:
        if self.current is not None:
            self.listing.marked ^= {raw_name(self.current)}
            self.grid.toggle_mark()
            self.show_state()

    def toggle_all_marks(self) -> None:
        shown = {raw_name(entry) for entry in self.listing.shown}
        if shown <= self.listing.marked:
            self.listing.marked -= shown
        else:
            self.listing.marked |= shown
        self.grid.mark_only(self.listing.marked_rows())
        self.show_state()

    def narrow(self, text: str) -> None:
        if text != self.listing.needle:
            self.listing.needle = text
            self.rearrange()

    @on(FilterLine.Submitted)
    def _filter_submitted(self, event: FilterLine.Submitted) -> None:
        event.stop()
        location = self.location
        if event.text and not self.listing.complete and not location.is_root:
            self.go(S3Location(location.bucket, location.folder + event.text))

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        listing = self.listing
        order = next_order(listing.order, event.column, of_buckets=listing.location.is_root)
        if order is None:
            self.hint("Nothing is sorted by this column; o offers the orders.")
        else:
            listing.order = order
            self.rearrange(to_top=True)

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        if not self.loading_all.active:
            self._loading.more_wanted()

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        if not self.loading_all.active:
            self._loading.end_wanted()

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self._loading.cursor_moved()
        self.refresh_bindings()
