"""Reading into the pane: lists, pages, and when to stop reading.

Every method here runs in the pane's exclusive "load" worker, so a new one ends the one before. An
answer is dropped when the pane has moved on to another view.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.tables_view import TablesView
from tui.panes.loading_all import LoadingAll, say_page_again
from tui.services.dynamodb import PAGE_SIZE, Item, ItemPage, Query, Source, TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.grid import NEAR_END

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane

EMPTY_PAGES = 10
"""Pages without an item that are read in a row before the user is asked to go on."""

FURTHER_PAGE = 500
"""Items examined for one page on the way to the end: fewer requests for the same cost."""

DESCRIBED = 200
"""Tables of the list whose details are asked for by themselves."""

DESCRIBERS = 3
"""Descriptions under way at once; the service's pool has twice as many threads."""


class Loading:
    """What is being read, and where reading was held up."""

    def __init__(self, pane: DynamoPane) -> None:
        self.pane = pane
        self.active = False
        """Whether a page or a list is under way."""
        self.page_failed = False
        """Whether an error came in place of the last page that was asked for."""
        self.all = LoadingAll(self._say_progress, "item")
        """Loading every page that is left."""
        self.progress = ""
        """How far that is, for the location line."""
        self._paused_at: int | None = None
        """The cursor's row when reading stopped (an error, Esc, many empty pages); it goes on
        when the user moves. None while nothing is held up."""

    # -- starting and stopping -------------------------------------------------------------

    def stop(self) -> None:
        """Stop after the page in flight; what is loaded stays."""
        if self.all.active:
            self.all.stop()
            return
        self.pane.workers.cancel_group(self.pane, "load")
        self._paused_at = self.pane.grid.cursor_row
        self._set_active(False)

    def forget_pause(self) -> None:
        """Nothing is held up: another view begins, or reading goes on."""
        self._paused_at = None
        self.page_failed = False

    def more_wanted(self) -> None:
        """The grid wants rows. A resize asks, too: what was held up waits for the user."""
        view = self.pane.items
        if view is not None and view.wants_more and self._paused_at is None:
            self.go_on()

    def cursor_moved(self) -> None:
        """Go on with what was held up, if the user moves on towards the end."""
        grid = self.pane.grid
        near = bool(grid.rows) and grid.cursor_row >= len(grid.rows) - NEAR_END
        if near and self._paused_at not in (None, grid.cursor_row):
            self.go_on()

    def go_on(self) -> None:
        """Read the next page now."""
        view = self.pane.items
        if view is not None and not view.complete and not self.active:
            self.pane.load(self.more(view))

    def go_to_end(self) -> None:
        """Read every page that is left, then go to the last item."""
        view = self.pane.items
        if view is not None and not self.all.active:
            self.pane.load(self.to_end(view))

    # -- what is read ----------------------------------------------------------------------

    async def tables(self, cursor: str | None) -> None:
        """The list of tables, then what each of them is."""
        pane = self.pane
        view = TablesView()
        if pane.tables is not None:
            view.descending, view.filter = pane.tables.descending, pane.tables.filter
        self._set_active(True)
        try:
            view.names = await pane.service.list_tables()
        finally:
            self._set_active(False)
        view.loaded = True
        pane.show_tables(view, cursor)
        await self._describe(view)

    async def items(self, source: Source, query: Query | None) -> None:
        """The first page of a table, an index or a query."""
        pane = self.pane
        self._set_active(True)
        try:
            table = await self._table(source)
        except ServiceError:
            if pane.tables is not None and not pane.tables.loaded:
                await self.tables(None)
            raise
        finally:
            self._set_active(False)
        view = ItemsView(table, source, query=query)
        old = pane.items
        if old is not None and (old.source, old.query) == (source, query):
            view.sort, view.filter = old.sort, old.filter
        pane.show_items(view)
        await self.more(view)

    async def more(self, view: ItemsView) -> None:
        """Read on from the view's token until there is something new to show."""
        self.forget_pause()
        self._set_active(True)
        try:
            for _ in range(EMPTY_PAGES):
                page = await self._page(view)
                if self.pane.items is not view:
                    return
                before = len(view.items)
                view.add_page(page)
                self.pane.draw_page(view)
                if view.complete or len(view.items) > before:
                    return
            self._paused_at = self.pane.grid.cursor_row
        except ServiceError as error:
            self._page_failed(view, error)
            raise
        finally:
            self._set_active(False)

    async def to_end(self, view: ItemsView) -> None:
        """Every page that is left, in larger pages than the screen needs."""
        grid = self.pane.grid
        self.forget_pause()
        self._set_active(True)
        try:
            ended = await self.all.run(lambda: self._further_page(view), lambda: len(view.items))
        except ServiceError as error:
            self._page_failed(view, error)
            raise
        finally:
            self.progress = ""
            if self.pane.items is view and not view.complete:
                self._paused_at = grid.cursor_row
            self._set_active(False)
            if self.pane.items is view and view.sort is not None:
                self.pane.draw(self.pane.current_item)
        if ended and self.pane.items is view:
            grid.move_cursor(len(grid.rows) - 1)

    async def _further_page(self, view: ItemsView) -> bool:
        page = await self._page(view, FURTHER_PAGE)
        if self.pane.items is not view:
            return False
        view.add_page(page)
        if view.sort is None:
            # In an order of its own every row moves: those are drawn once, at the end.
            self.pane.draw_page(view)
        return not view.complete

    def _say_progress(self, text: str) -> None:
        self.progress = text
        self.pane.show_state()

    async def single(self, view: ItemsView, key: Item) -> None:
        """The one item of a view by key, again."""
        item = await self.pane.whole(view, key)
        if self.pane.items is view:
            view.put(item)
            self.pane.draw()

    # -- inside ----------------------------------------------------------------------------

    async def _table(self, source: Source) -> TableInfo:
        table = await self.pane.service.describe(source.table)
        if source.index is not None and table.index(source.index) is None:
            names = ", ".join(index.name for index in table.indexes) or "none"
            raise ServiceError(
                f"The table {source.table!r} has no index {source.index!r}.",
                hint=f"Its indexes: {names}.",
                kind=ErrorKind.NOT_FOUND,
            )
        return table

    async def _page(self, view: ItemsView, limit: int = PAGE_SIZE) -> ItemPage:
        service = self.pane.service
        if view.query is not None:
            return await service.query_page(view.query, view.token, limit)
        return await service.scan_page(view.source, view.token, limit)

    async def _describe(self, view: TablesView) -> None:
        """Fill in what each table is; one that may not be described stays unknown."""
        waiting = list(reversed(view.shown[:DESCRIBED]))

        async def work() -> None:
            while waiting and self.pane.tables is view:
                name = waiting.pop()
                try:
                    info = await self.pane.service.describe(name)
                except ServiceError:
                    continue
                self.pane.show_table(view, info)

        await asyncio.gather(*(work() for _ in range(DESCRIBERS)))

    def _page_failed(self, view: ItemsView, error: ServiceError) -> None:
        self._paused_at = self.pane.grid.cursor_row
        # Of the first page there is nothing to keep.
        self.page_failed = view.token is not None and self.pane.items is view
        if self.page_failed:
            say_page_again(error)

    def _set_active(self, active: bool) -> None:
        self.active = active
        if self.pane.is_attached:  # not if the pane has gone, which ends what it reads
            self.pane.show_state()
