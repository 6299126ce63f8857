"""Changing things: a new table, a new item, an edit, a delete. Each on a condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from tui.panes.dynamodb.commands.browse import in_a_table
from tui.panes.dynamodb.deleting import Deletion
from tui.panes.dynamodb.editor import ItemEditor, Save, template
from tui.panes.dynamodb.forms import new_table_form
from tui.panes.dynamodb.items_view import ItemsView
from tui.services.aws import Standpoint
from tui.services.dynamodb import Item, NewTable, TableInfo, to_json
from tui.widgets import verbs
from tui.widgets.dialogs import Confirm
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane

SHOWN_LINES = 16
"""Lines of an item that the question before a delete shows."""


class New(OldCommand["DynamoPane"]):
    """On the list, create a table; in a table, put a new item. An item that exists already is
    never replaced unless you say so."""

    verb = verbs.NEW
    asks = True
    changes = True
    footer = True

    async def run(self, pane: DynamoPane) -> None:
        if pane.items is not None:
            await _new_item(pane, pane.items)
        else:
            await _new_table(pane)


class Edit(OldCommand["DynamoPane"]):
    """Edit the item under the cursor as DynamoDB JSON. It is read again first, and saved only if
    nobody changed it meanwhile."""

    verb = verbs.EDIT
    asks = True
    changes = True
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.current_item is not None

    def instead(self, pane: DynamoPane) -> str:
        return in_a_table(pane, "Edit")

    async def run(self, pane: DynamoPane) -> None:
        view, item, here = pane.items, pane.current_item, pane.services.account.standpoint
        if view is None or item is None:
            return
        original = await pane.whole(view, item)
        editor = ItemEditor(
            f"Edit an item of {view.table.name}",
            view.table,
            to_json(original),
            save=_saver(pane, view.table, here),
            original=original,
        )
        new = await pane.ask(editor)
        if new is None or pane.items is not view:
            return
        if view.table.key_of(new) != view.table.key_of(item):
            pane.grid.mark_only()
            view.remove(item)
            pane.draw()
        await _show_stored(pane, view, new)


class Delete(OldCommand["DynamoPane"]):
    """Delete the marked items, or the one under the cursor, after a question; an item that
    somebody changed meanwhile is left. Esc stops between items. Tables are deleted on the cleanup
    screen (F8)."""

    verb = verbs.DELETE
    asks = True
    changes = True
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.current_item is not None

    def instead(self, pane: DynamoPane) -> str:
        if pane.tables is not None:
            return "Delete works on items; here are tables: F8 removes whole tables."
        return in_a_table(pane, "Delete")

    async def run(self, pane: DynamoPane) -> None:
        view, items, here = pane.items, pane.target_items, pane.services.account.standpoint
        if view is None or not items:
            return
        region = pane.services.account.target.region or "unknown region"
        if not view.whole:
            items = list(await asyncio.gather(*(pane.whole(view, item) for item in items)))
        count = "this item" if len(items) == 1 else f"these {len(items):,} items"
        body = f"From {view.table.name} in {region}:\n\n{_preview(items)}"
        if not await pane.ask(Confirm(f"Delete {count}?", body, yes="Delete", danger=True)):
            return
        await Deletion(pane, view, items, here).run()


def _preview(items: list[Item]) -> str:
    if len(items) == 1:
        lines = to_json(items[0]).splitlines()
    else:
        lines = [to_json(item, indent=None) for item in items]
    shown = [line if len(line) <= 200 else line[:200] + "…" for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        shown.append(f"… and {len(lines) - SHOWN_LINES:,} more lines")
    return "\n".join(shown)


async def _new_item(pane: DynamoPane, view: ItemsView) -> None:
    text, cursor = template(view.table)
    editor = ItemEditor(
        f"New item in {view.table.name}",
        view.table,
        text,
        save=_saver(pane, view.table, pane.services.account.standpoint),
        cursor=cursor,
    )
    item = await pane.ask(editor)
    if item is not None and pane.items is view:
        await _show_stored(pane, view, item)


def _saver(pane: DynamoPane, table: TableInfo, here: Standpoint) -> Save:
    async def save(item: Item, base: Item | None) -> None:
        if base is None:
            receipt = await pane.service.put(table, item, at=here)
        else:
            receipt = await pane.service.edit(table, base, item, at=here)
        cost = f" · {receipt.consumed:g} WCU" if receipt.consumed is not None else ""
        pane.say(f"Stored{cost}." if receipt.changed else "Nothing was changed.")

    return save


async def _show_stored(pane: DynamoPane, view: ItemsView, item: Item) -> None:
    """Show an item that was stored: as it is now, where it belongs."""
    if view.query is not None or view.source.index is not None:
        # Whether it belongs to the query or the index is for DynamoDB to say.
        pane.reload()
        return
    view.put(await pane.whole(view, item))
    pane.draw(item)


async def _new_table(pane: DynamoPane) -> None:
    started: list[tuple[TableInfo, AsyncIterator[TableInfo]]] = []
    here = pane.services.account.standpoint

    async def create(new: NewTable) -> NewTable:
        states = pane.service.create_table(new, at=here)
        started.append((await anext(states), states))
        return new

    new = await pane.ask(new_table_form(create))
    if new is None:
        return
    info, states = started[-1]
    pane.open_tables(new.name)
    if info.status != "ACTIVE":
        pane.say(f"Creating {new.name}…")
    # Followed by itself: the creation goes on at AWS, and another table may be wanted meanwhile.
    pane.start(_follow(pane, new.name, states), group=f"table-{new.name}")


async def _follow(pane: DynamoPane, name: str, states: AsyncIterator[TableInfo]) -> None:
    async for info in states:
        if pane.tables is not None:
            pane.show_table(pane.tables, info)
    pane.say(f"{name} is active.")
