"""The DynamoDB pane: the tables of the region, and the items of one table or index."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import chain

from textual import on

from tui.panes.dynamodb import emptiness, tables_view
from tui.panes.dynamodb.commands import COMMANDS
from tui.panes.dynamodb.deleting import Deletion
from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.loading import Loading
from tui.panes.dynamodb.location import SCHEME, parse_location
from tui.panes.dynamodb.tables_view import TablesView
from tui.panes.rows_pane import RowsPane
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService, Item, ItemPage, Query, Source, TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets import verbs
from tui.widgets.grid import Grid

DONE = object()
"""There is no further step."""

REDRAW_INTERVAL = 0.25
"""Seconds between two drawings while there are still items to look at."""


class DynamoPane(RowsPane):
    """State is the view: what is listed and loaded. Commands act on it through the methods here."""

    TITLE_HERE = "DynamoDB"
    PLACEHOLDER = "dynamodb:table or dynamodb:table/index"
    COMMANDS_HERE = COMMANDS

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.view: TablesView | ItemsView = TablesView()
        self.loading_state = Loading(self)
        self.deletion: Deletion | None = None
        """What is being deleted; None while nothing is."""

    # -- what the base asks for ------------------------------------------------------------

    def open(self, location: str) -> None:
        source = parse_location(location)
        if source is None:
            self.open_tables()
        else:
            self.open_source(source)

    def account_changed(self) -> None:
        self.filter_line.reset()
        self.view = TablesView()
        self.draw()
        self.open_tables()

    def contents_removed(self) -> None:
        # Inside a table, it may be the table itself that is gone.
        if self.tables is not None:
            self.reload()
        else:
            self.account_changed()

    def reload(self) -> None:
        view = self.view
        if isinstance(view, TablesView):
            self.open_tables(self.current_table)
        elif view.by_key is not None:
            self.load(self.loading_state.single(view, view.by_key))
        else:
            self.open_source(view.source, view.query)

    @property
    def page_failed(self) -> bool:
        return self.loading_state.page_failed

    def try_page_again(self) -> None:
        self.loading_state.go_on()

    def narrow(self, text: str) -> None:
        cursor = self.current_item
        self.view.filter = text
        self.rearrange(cursor)

    @property
    def can_mark(self) -> bool:
        return self.current_item is not None

    def toggle_mark(self) -> None:
        super().toggle_mark()
        self.show_state()

    def toggle_all_marks(self) -> None:
        super().toggle_all_marks()
        self.show_state()

    # -- what is shown ---------------------------------------------------------------------

    @property
    def service(self) -> DynamoService:
        return self.services.dynamodb

    @property
    def tables(self) -> TablesView | None:
        """The list of tables, if that is what is shown."""
        return self.view if isinstance(self.view, TablesView) else None

    @property
    def items(self) -> ItemsView | None:
        """The items, if they are what is shown."""
        return self.view if isinstance(self.view, ItemsView) else None

    @property
    def current_table(self) -> str | None:
        """The table under the cursor of the list."""
        row = self.grid.current
        return self.tables.shown[row] if self.tables and row is not None else None

    @property
    def current_item(self) -> Item | None:
        """The item under the cursor, as it was read."""
        row = self.grid.current
        return self.items.item_at(row) if self.items and row is not None else None

    @property
    def target_items(self) -> list[Item]:
        """The marked items, or the one under the cursor."""
        return [self.items.item_at(row) for row in self.grid.targets] if self.items else []

    # -- for the commands ------------------------------------------------------------------

    def open_tables(self, cursor: str | None = None) -> None:
        """Show the list of tables, with the cursor on one of them."""
        self.load(self.loading_state.tables(cursor))

    def open_source(self, source: Source, query: Query | None = None) -> None:
        """Show the items of a table or index, or of a query."""
        self.load(self.loading_state.items(source, query))

    def show_single(self, table: TableInfo, item: Item, consumed: float | None) -> None:
        """Show the one item that was read by its key."""
        view = ItemsView(table, Source(table.name), by_key=table.key_of(item))
        view.add_page(ItemPage(view.source, (item,), 1, None, consumed))
        self.workers.cancel_group(self, "load")
        self.show_items(view)

    async def whole(self, view: ItemsView, item: Item) -> Item:
        """The whole item as it is now, by a consistent read of its key."""
        reading = await self.service.get(view.table, item)
        view.add_cost(reading.consumed)
        if reading.item is None:
            raise ServiceError(
                "The item does not exist any more.",
                hint="Press r to read the table again.",
                kind=ErrorKind.NOT_FOUND,
            )
        return reading.item

    # -- drawing ---------------------------------------------------------------------------

    def show_tables(self, view: TablesView, cursor: str | None) -> None:
        """Show a list of tables, with the cursor on one of them."""
        if not view.filter:
            self.filter_line.reset()
        self.view = view
        self.draw()
        if cursor is not None and cursor in view.shown:
            self.grid.move_cursor(view.shown.index(cursor))

    def show_table(self, view: TablesView, info: TableInfo) -> None:
        """Put what is known of a table into its row."""
        view.infos[info.name] = info
        if self.view is view and info.name in view.shown:
            self.grid.update_row(view.shown.index(info.name), view.row(info.name))

    def show_items(self, view: ItemsView) -> None:
        """Show other items than before."""
        if not view.filter:
            self.filter_line.reset()
        self.view = view
        self.loading_state.forget_pause()
        self.grid.mark_only()
        self.grid.cursor_column = 0
        self.rearrange()

    def rearrange(self, cursor: Item | None = None) -> None:
        """Filter and sort as the view asks, and draw; with very many items bit by bit."""
        self.workers.cancel_group(self, "arrange")
        view = self.view
        if isinstance(view, ItemsView):
            steps = view.arrange()
            if next(steps, DONE) is not DONE:
                self.start(self._arrange(view, steps, cursor), group="arrange")
                return
        self.draw(cursor)

    async def _arrange(self, view: ItemsView, steps: Iterator[None], cursor: Item | None) -> None:
        drawn = -REDRAW_INTERVAL
        row = self.grid.cursor_row
        for _ in chain([None], steps):
            if self.view is not view:
                return
            if time.monotonic() - drawn >= REDRAW_INTERVAL:
                if self.grid.cursor_row != row:
                    # The user has moved on.
                    cursor = self.current_item
                self.draw(cursor)
                row, drawn = self.grid.cursor_row, time.monotonic()
            await asyncio.sleep(0)
        if self.view is view:
            self.draw(cursor if self.grid.cursor_row == row else self.current_item)

    def draw(self, cursor: Item | None = None) -> None:
        """Draw the view anew, with the cursor on an item, or else in the row where it was."""
        view, grid = self.view, self.grid
        row = grid.cursor_row
        if isinstance(view, TablesView):
            grid.cursor_type = "row"
            grid.show(tables_view.COLUMNS, view.arrange(), cursor=row)
        else:
            grid.cursor_type = "cell"
            # Rows move when the order or the filter changes; marks belong to items.
            marked = {view.shown[each] for each in grid.marked if each < len(view.shown)}
            rows = view.settle()
            place = view.row_of(cursor) if cursor is not None else None
            grid.show(
                view.columns, rows, more=view.wants_more, cursor=row if place is None else place
            )
            if marked:
                grid.mark_only(n for n, number in enumerate(view.shown) if number in marked)
        self.show_state()

    def draw_page(self, view: ItemsView) -> None:
        """Draw a page that came: appended where nothing else moved."""
        rows = view.settle_page() if self.grid.rows else None
        if rows is not None:
            self.grid.append(rows, more=view.wants_more, columns=view.columns)
            self.show_state()
        elif view.is_arranged:
            self.draw(self.current_item)

    def show_state(self) -> None:
        """The location line, the reason for an empty view, and the footer."""
        view, active = self.view, self.loading_state.active
        location = SCHEME if isinstance(view, TablesView) else view.source.location
        if isinstance(view, ItemsView) and view.query is not None:
            location += "  query"
        if isinstance(view, ItemsView) and view.by_key is not None:
            location += "  by key"
        state = view.state
        if self.loading_state.progress and isinstance(view, ItemsView):
            spent = "" if view.consumed is None else f" · {view.consumed:g} RCU"
            state = self.loading_state.progress + spent
        elif active and isinstance(view, TablesView) and not view.loaded:
            state = "loading…"
        elif active:
            state += " · loading…"
        marked = len(self.grid.marked)
        if marked and isinstance(view, ItemsView):
            state = f"{marked:,} marked · {state}"
        if self.deletion is not None:
            # Alone: beside the rest it would be cut in a narrow pane, and Esc with it.
            state = self.deletion.state
        self.path_box.show(location, state)
        text = emptiness.explain(view, active, self.services.account.target.region)
        self.explain_emptiness(text)
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
        self.loading_state.more_wanted()

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.loading_state.go_to_end()

    @on(Grid.CursorMoved)
    def _cursor_moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()
        self.loading_state.cursor_moved()
