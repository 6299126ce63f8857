"""What the DynamoDB pane shows, without a screen: the tables of the region, or the items of one
table, index or query; which pages are loaded, and when the next one is asked for.

A coroutine here that reads takes the place of the one before it, which is cancelled. An answer is
dropped when something else is listed by then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from tui.panes.dynamodb.deleting import ItemDeletion
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.reading import PageReader
from tui.panes.dynamodb.tables import TableList
from tui.services.aws import Connection
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemPage,
    ItemSource,
    Query,
    Receipt,
    TableInfo,
)
from tui.services.dynamodb.models import SCHEME
from tui.services.errors import ErrorKind, ServiceError

DESCRIBED = 200
"""Tables of the list whose details are asked for by themselves."""

DESCRIBERS = 3
"""Descriptions under way at once; the service's pool has twice as many threads."""

REDRAW_INTERVAL = 0.25
"""Seconds between two drawings while there are still items to filter or to sort."""


class Change(Enum):
    """What is different from what was drawn."""

    LISTED = auto()
    """Something else is listed; its rows are other ones."""
    ROWS = auto()
    """Rows went, changed or moved."""
    ADDED = auto()
    """Rows were added below those that were there, and perhaps columns to the right."""
    DESCRIBED = auto()
    """The row of one table changed."""
    STATE = auto()
    """Only the texts about the rows."""


Changed = Callable[[Change, Item | str | None], None]
"""Called at each change, with the item or table that the cursor goes to; for DESCRIBED, with the
table that was described."""


class DynamoBrowser:
    """What is listed, and what is under way for it."""

    def __init__(self, service: DynamoService, changed: Changed) -> None:
        self.listed: TableList | ItemList = TableList()
        self.reader = PageReader(service, self._take_page, self._tell_state)
        self.deletion: ItemDeletion | None = None
        """What is being deleted; None while nothing is."""
        self._service = service
        self._changed = changed
        self._steps: Iterator[None] = iter(())
        """What is left of filtering and sorting."""

    # -- what is listed --------------------------------------------------------------------

    @property
    def tables(self) -> TableList | None:
        """The list of tables, if that is what is shown."""
        return self.listed if isinstance(self.listed, TableList) else None

    @property
    def items(self) -> ItemList | None:
        """The items, if they are what is shown."""
        return self.listed if isinstance(self.listed, ItemList) else None

    @property
    def location(self) -> str:
        """For the location line."""
        items = self.items
        if items is None:
            return SCHEME
        query = "  query" if items.query is not None else ""
        by_key = "  by key" if items.by_key is not None else ""
        return items.source.location + query + by_key

    @property
    def state(self) -> str:
        """How much is loaded, and what is under way, for the location line."""
        if self.deletion is not None:
            # Alone: beside the rest it would be cut in a narrow pane, and Esc with it.
            return self.deletion.state
        listed = self.listed
        state = listed.state
        if isinstance(listed, ItemList) and self.reader.progress:
            spent = "" if listed.consumed is None else f" · {listed.consumed:g} RCU"
            state = self.reader.progress + spent
        elif isinstance(listed, TableList) and not listed.loaded and self.reader.is_active:
            state = "loading…"
        elif self.reader.is_active:
            state += " · loading…"
        if isinstance(listed, ItemList) and listed.marked:
            state = f"{len(listed.marked):,} marked · {state}"
        return state

    def why_empty(self, region: str | None) -> str:
        """Why there is no row; empty if there is one."""
        listed = self.listed
        if listed.shown:
            return ""
        if self.reader.is_active:
            if isinstance(listed, ItemList) and listed.examined:
                return f"Examined {listed.examined:,} items, matched 0 so far…   Esc stops"
            return "Loading…"
        return listed.why_empty(region) if isinstance(listed, TableList) else listed.why_empty()

    # -- reading ---------------------------------------------------------------------------

    def forget(self) -> None:
        """Another account or region: nothing of what is listed is true any more."""
        self._show(TableList())

    async def list_tables(self, cursor: str | None = None) -> None:
        """The list of tables, with the cursor on one of them; then what each of them is. The same
        list again keeps its filter and order."""
        tables = TableList()
        if self.tables is not None:
            tables.descending, tables.filter = self.tables.descending, self.tables.filter
        with self.reader.reading():
            tables.take_names(await self._service.list_tables())
        self._show(tables, cursor)
        await self._describe(tables)

    async def open(self, source: ItemSource, query: Query | None = None) -> None:
        """The first page of a table, an index or a query. The same again keeps its filter and
        order. NOT_FOUND for an index that the table does not have."""
        with self.reader.reading():
            try:
                table = await self._table(source)
            except ServiceError:
                if self.tables is not None and not self.tables.loaded:
                    await self.list_tables()
                raise
        items = ItemList(table, source, query=query)
        old = self.items
        if old is not None and (old.source, old.query) == (source, query):
            items.sort, items.filter = old.sort, old.filter
        for _ in items.arrange():
            pass  # nothing is loaded yet
        self._show(items)
        await self.read_on()

    async def open_again(self, cursor: str | None = None) -> None:
        """What is listed, read anew; of tables, with the cursor on one of them."""
        items = self.items
        if items is None:
            await self.list_tables(cursor)
        elif items.by_key is not None:
            with self.reader.reading():
                item = await self.whole(items, items.by_key)
            self.put(items, item)
        else:
            await self.open(items.source, items.query)

    def show_one(self, table: TableInfo, item: Item, consumed: float | None) -> None:
        """The one item that was read by its key."""
        self.reader.give_up()
        items = ItemList(table, ItemSource(table.name), by_key=table.key_of(item))
        items.add_page(ItemPage(items.source, (item,), 1, None, consumed))
        self._show(items)

    async def read_on(self) -> None:
        """Read pages until there is something new to show."""
        if self.items is not None:
            await self.reader.read_on(self.items)

    async def read_all(self) -> None:
        """Read every page that is left, then go to the last item."""
        items = self.items
        if items is None:
            return
        at_end = False
        try:
            at_end = await self.reader.read_all(items)
        finally:
            if self.listed is items and items.sort is not None:
                self._show_rows(items)
        if at_end and self.listed is items and items.shown:
            self._changed(Change.STATE, items.item_at(len(items.shown) - 1))

    def stop(self) -> None:
        """Stop deleting after the items in flight, or else reading; what is loaded stays."""
        if self.deletion is not None:
            self.deletion.stop()
            self._tell_state()
        else:
            self.reader.stop()

    # -- filter and order ------------------------------------------------------------------

    def narrow(self, text: str) -> bool:
        """Show only rows that contain a text. Whether `arrange` is to go on with it."""
        self.listed.filter = text
        return self._rearrange()

    def sort(self, column: int) -> bool:
        """Sort by a column: upwards, downwards, as the items came; tables are turned around.
        Whether `arrange` is to go on with it."""
        self.listed.sort_by(column)
        return self._rearrange()

    async def arrange(self) -> None:
        """Go on filtering and sorting, bit by bit, and tell what is found."""
        listed, steps = self.listed, self._steps
        told_at = time.monotonic()
        for _ in steps:
            if time.monotonic() - told_at >= REDRAW_INTERVAL:
                self._show_rows(listed)
                told_at = time.monotonic()
            await asyncio.sleep(0)
            if self.listed is not listed or self._steps is not steps:
                return
        self._show_rows(listed)

    def _rearrange(self) -> bool:
        listed = self.listed
        if isinstance(listed, TableList):
            listed.arrange()
            self._steps = iter(())
        else:
            self._steps = listed.arrange()
            next(self._steps, None)
        self._show_rows(listed)
        return not listed.is_arranged

    # -- single items and tables -----------------------------------------------------------

    async def whole(self, items: ItemList, item: Item) -> Item:
        """The whole item as it is now, by a consistent read of its key. NOT_FOUND if it is gone."""
        reading = await self._service.get(items.table, item)
        items.add_cost(reading.consumed)
        if reading.item is None:
            raise ServiceError(
                "The item does not exist any more.",
                hint="Press r to read the table again.",
                kind=ErrorKind.NOT_FOUND,
            )
        return reading.item

    def put(self, items: ItemList, item: Item) -> None:
        """Show an item as it is now, with the cursor on it."""
        items.put(item)
        self._show_rows(items, item)

    def remove(self, items: ItemList, *gone: Item) -> None:
        """Remove these items from the list."""
        items.remove(*gone)
        self._show_rows(items)

    def take_description(self, info: TableInfo) -> None:
        """Show what is known of a table, if tables are listed."""
        if self.tables is not None:
            self.tables.infos[info.name] = info
            if info.name in self.tables.shown:
                self._changed(Change.DESCRIBED, info.name)

    async def delete(
        self, items: ItemList, deleted: Sequence[Item], at: Connection
    ) -> ItemDeletion:
        """Delete items of a list, on a connection; gives what became of it, raises nothing. See
        `is_outdated_by` afterwards."""

        async def delete_one(item: Item) -> Receipt:
            return await self._service.delete(items.table, item, at=at)

        def tell(gone: Sequence[Item]) -> None:
            self.remove(items, *gone)

        deletion = self.deletion = ItemDeletion(items.table, deleted, delete_one, tell)
        items.marked.clear()
        self._show_rows(items)
        try:
            await deletion.run()
        finally:
            self.deletion = None
            self._tell_state()
        return deletion

    def is_outdated_by(self, deletion: ItemDeletion, items: ItemList) -> bool:
        """Whether another list than `items` is shown by now, and may show what was deleted."""
        now = self.items
        return now is not None and now is not items and now.source.table == deletion.table.name

    # -- inside ----------------------------------------------------------------------------

    def _tell_state(self) -> None:
        self._changed(Change.STATE, None)

    def _show(self, listed: TableList | ItemList, cursor: str | None = None) -> None:
        """List something else."""
        self.listed = listed
        self._steps = iter(())
        self.reader.begin_anew()
        if isinstance(listed, ItemList):
            listed.settle()
        self._changed(Change.LISTED, cursor)

    def _show_rows(self, listed: TableList | ItemList, cursor: Item | None = None) -> None:
        """Tell of rows that are others or elsewhere, unless something else is listed by now."""
        if isinstance(listed, ItemList):
            listed.settle()
        self._changed(Change.ROWS if self.listed is listed else Change.STATE, cursor)

    def _take_page(self, items: ItemList, page: ItemPage) -> bool:
        if self.listed is not items:
            return False
        items.add_page(page)
        if items.shown and items.settle_page():
            self._changed(Change.ADDED, None)
        elif items.is_arranged and not (items.sort and self.reader.progress):
            # On the way to the end, in an order in which every row moves, rows are drawn once.
            self._show_rows(items)
        return True

    async def _table(self, source: ItemSource) -> TableInfo:
        table = await self._service.describe(source.table)
        if source.index is not None and table.index(source.index) is None:
            names = ", ".join(index.name for index in table.indexes) or "none"
            raise ServiceError(
                f"The table {source.table!r} has no index {source.index!r}.",
                hint=f"Its indexes: {names}.",
                kind=ErrorKind.NOT_FOUND,
            )
        return table

    async def _describe(self, tables: TableList) -> None:
        """Fill in what each table is; one that may not be described stays unknown."""
        waiting = list(reversed(tables.shown[:DESCRIBED]))

        async def work() -> None:
            while waiting and self.listed is tables:
                try:
                    info = await self._service.describe(waiting.pop())
                except ServiceError:
                    continue
                if self.listed is tables:
                    self.take_description(info)

        await asyncio.gather(*(work() for _ in range(DESCRIBERS)))
