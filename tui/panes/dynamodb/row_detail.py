"""What stands beside the rows of the DynamoDB pane: what a table is, an item as DynamoDB JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.tables import TableList, info_text
from tui.panes.row_detail import DetailText, Subject
from tui.services.dynamodb import TableInfo, to_json
from tui.widgets.grid.cells import plain_text

PARTLY = "Only what the index carries; Enter reads the whole item."


def subject_of(
    listed: TableList | ItemList,
    row: int | None,
    describe: Callable[[str], Awaitable[TableInfo]],
) -> Subject | None:
    """The row at an index of what is listed; None if there is none. `describe` is asked only for a
    table of which nothing has been told yet."""
    if row is None or row >= len(listed.shown):
        return None
    if isinstance(listed, TableList):
        return _table(listed, listed.shown[row], describe)
    item = listed.item_at(row)
    key = listed.table.key_of(item)
    title = "  ".join(plain_text(cell) for cell in listed.cells(key)[: len(listed.table.key)])

    async def read() -> DetailText:
        text = await asyncio.to_thread(to_json, item)
        return DetailText(text, "" if listed.whole else PARTLY)

    return Subject((listed.source, listed.whole, item), title, read)


def _table(
    listed: TableList, name: str, describe: Callable[[str], Awaitable[TableInfo]]
) -> Subject:
    async def read() -> DetailText:
        info = listed.infos.get(name) or await describe(name)
        return DetailText(info_text(info))

    return Subject((name, listed.infos.get(name)), name, read)
