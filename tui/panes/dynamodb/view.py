"""Draws what the browser lists, and turns keys into calls of it."""

from __future__ import annotations

from typing import Any

from textual import on

from tui.panes.dynamodb.browser import Change, DynamoBrowser
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.row_detail import subject_of
from tui.panes.dynamodb.tables import COLUMNS, TableList
from tui.panes.row_detail import Subject
from tui.panes.rows_pane import RowsPane
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService, Item, ItemSource, Query
from tui.services.dynamodb.rules import parse_location
from tui.widgets.commands import verbs
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.grid import NEAR_END, Grid


class DynamoView(RowsPane):
    """The tables of the region, or the items of one table or index."""

    PLACEHOLDER = "dynamodb:table or dynamodb:table/index"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.browser = DynamoBrowser(services.dynamodb, self._changed)
        self._stay_on: Item | None = None
        """The item under the cursor, until filtering or sorting has found it again."""
        self._drawn_row = 0
        """Where the cursor was put then."""

    @property
    def service(self) -> DynamoService:
        return self.services.dynamodb

    # -- what the base asks for ------------------------------------------------------------

    def open(self, location: str) -> None:
        source = parse_location(location)
        if source is None:
            self.open_tables()
        else:
            self.open_source(source)

    def account_changed(self) -> None:
        self.filter_line.reset()
        self.browser.forget()
        self.open_tables()

    def contents_removed(self) -> None:
        # Inside a table, it may be the table itself that is gone.
        if self.browser.tables is not None:
            self.reload()
        else:
            self.account_changed()

    def reload(self) -> None:
        self.load(self.browser.open_again(self.current_table))

    @property
    def page_failed(self) -> bool:
        return self.browser.reader.page_failed

    def try_page_again(self) -> None:
        items = self.browser.items
        if items is not None and self.browser.reader.can_read_on(items):
            self.load(self.browser.read_on())

    def narrow(self, text: str) -> None:
        self._arrange(self.browser.narrow(text))

    @property
    def can_mark(self) -> bool:
        return self.current_item is not None

    def toggle_mark(self) -> None:
        if self.browser.items is not None:
            self.browser.items.toggle_mark(self.grid.cursor_row)
            self.grid.toggle_mark()
            self.show_state()

    def toggle_all_marks(self) -> None:
        if self.browser.items is not None:
            self.browser.items.toggle_all_marks()
            self.grid.toggle_all_marks()
            self.show_state()

    def row_subject(self) -> Subject | None:
        return subject_of(self.browser.listed, self.grid.current, self.service.describe)

    # -- for the commands ------------------------------------------------------------------

    @property
    def current_table(self) -> str | None:
        """The table under the cursor of the list."""
        listed, row = self.browser.tables, self.grid.current
        return listed.shown[row] if listed is not None and row is not None else None

    @property
    def current_item(self) -> Item | None:
        """The item under the cursor, as it was read."""
        listed, row = self.browser.items, self.grid.current
        return listed.item_at(row) if listed is not None and row is not None else None

    def open_tables(self, cursor: str | None = None) -> None:
        """Show the list of tables, with the cursor on one of them."""
        self.load(self.browser.list_tables(cursor))

    def open_source(self, source: ItemSource, query: Query | None = None) -> None:
        """Show the items of a table or index, or of a query."""
        self.load(self.browser.open(source, query))

    def sort(self, column: int) -> None:
        """Sort by a column: upwards, downwards, as the items came."""
        self._arrange(self.browser.sort(column))

    def _arrange(self, is_unfinished: bool) -> None:
        self.workers.cancel_group(self, "arrange")
        if is_unfinished:
            self.start(self.browser.arrange(), group="arrange")

    # -- drawing ---------------------------------------------------------------------------

    def _changed(self, change: Change, at: Item | str | None) -> None:
        if not self.is_attached:  # the pane has gone, which ends what it reads
            return
        listed = self.browser.listed
        if change is Change.LISTED:
            self._begin_listing()
        elif change is Change.ROWS:
            self._draw()
        elif change is Change.ADDED and isinstance(listed, ItemList):
            rows = LazyRows(listed.shown_items(len(self.grid.rows)), listed.cells)
            self.grid.append(rows, more=listed.wants_more, columns=listed.columns)
        elif change is Change.DESCRIBED and isinstance(listed, TableList) and isinstance(at, str):
            row = listed.shown.index(at)
            self.grid.update_row(row, listed.cells(at))
            if row == self.grid.current:
                self.detail.moved()
        if change is not Change.DESCRIBED:
            self._put_cursor_on(at)
            self.show_state()

    def _begin_listing(self) -> None:
        if not self.browser.listed.filter:
            self.filter_line.reset()
        self._arrange(is_unfinished=False)
        self._stay_on = None
        if self.browser.items is not None:
            self.grid.cursor_column = 0
        self._draw(others=True)

    def _draw(self, *, others: bool = False) -> None:
        """Draw every row anew, with the cursor on the item where it was, or else in its row; in
        the first row of `others` than before."""
        grid, listed = self.grid, self.browser.listed
        row = grid.cursor_row
        if isinstance(listed, TableList):
            grid.cursor_type = "row"
            grid.show(COLUMNS, map(listed.cells, listed.shown), cursor=row)
            return
        grid.cursor_type = "cell"
        if others:
            row = 0
        elif self._stay_on is None or row != self._drawn_row:
            # The user moved the cursor meanwhile.
            self._stay_on = _item_of(grid, row)
        place = None if self._stay_on is None else listed.row_of(self._stay_on)
        rows = LazyRows(listed.shown_items(), listed.cells)
        more = listed.wants_more
        grid.show(listed.columns, rows, more=more, cursor=row if place is None else place)
        grid.mark_only(listed.marked_rows)
        self._drawn_row = grid.cursor_row
        if listed.is_arranged:
            self._stay_on = None

    def _put_cursor_on(self, at: Item | str | None) -> None:
        items, tables = self.browser.items, self.browser.tables
        row = None
        if items is not None and isinstance(at, Item):
            row = items.row_of(at)
        if tables is not None and isinstance(at, str):
            row = tables.row_of(at)
        if row is not None:
            self.grid.move_cursor(row)

    def show_state(self) -> None:
        """The location line, the reason for an empty list, and the footer."""
        self.path_box.show(self.browser.location, self.browser.state)
        self.explain_emptiness(self.browser.why_empty(self.services.account.target.region))
        self.refresh_bindings()

    # -- events ----------------------------------------------------------------------------

    @on(Grid.HeaderClicked)
    async def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self.grid.move_cursor(self.grid.cursor_row, event.column)
        await self.action_command(verbs.SORT.id)

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        items = self.browser.items
        if items is not None and self.browser.reader.wants_page(items):
            self.load(self.browser.read_on())

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        items = self.browser.items
        if items is not None and not self.browser.reader.reads_all:
            self.load(self.browser.read_all())

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()
        grid, items = self.grid, self.browser.items
        if items is not None:
            is_wanted = self.browser.reader.cursor_moved(items, grid.cursor_row)
            if is_wanted and grid.rows and grid.cursor_row >= len(grid.rows) - NEAR_END:
                self.load(self.browser.read_on())


def _item_of(grid: Grid, row: int) -> Item | None:
    """The item in a row as it is drawn."""
    rows: LazyRows[Any] | list[Any] = grid.rows
    item = rows.items[row] if isinstance(rows, LazyRows) and row < len(rows) else None
    return item if isinstance(item, Item) else None
