"""Changing things: a new table, a new item, an edit, a delete. Each on a condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from tui.panes.dynamodb.commands_browse import in_a_table, on_item
from tui.panes.dynamodb.editing import Save, template
from tui.panes.dynamodb.editor import ItemEditor
from tui.panes.dynamodb.forms import new_table_form
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.view import DynamoView
from tui.services.aws import Connection
from tui.services.dynamodb import Item, NewTable, TableInfo, to_json
from tui.services.quantities import counted
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm, Message

SHOWN_LINES = 16
"""Lines of an item that the question before a delete shows."""


# -- new -------------------------------------------------------------------------------------


@command(verbs.NEW, footer=True, asks=True, changes=True)
async def new(view: DynamoView) -> None:
    """On the list, create a table; in a table, put a new item. An item that exists already is
    never replaced unless you say so."""
    items = view.browser.items
    if items is None:
        await _new_table(view)
        return
    text, cursor = template(items.table)
    editor = ItemEditor(
        f"New item in {items.table.name}",
        items.table,
        text,
        save=_saver(view, items.table, view.services.account.connection),
        cursor=cursor,
    )
    item = await view.ask(editor)
    if item is not None and view.browser.items is items:
        await _show_stored(view, items, item)


async def _new_table(view: DynamoView) -> None:
    started: list[tuple[TableInfo, AsyncIterator[TableInfo]]] = []
    connection = view.services.account.connection

    async def create(new: NewTable) -> NewTable:
        states = view.service.create_table(new, at=connection)
        started.append((await anext(states), states))
        return new

    table = await view.ask(new_table_form(create))
    if table is None:
        return
    described, states = started[-1]
    view.open_tables(table.name)
    if described.status != "ACTIVE":
        view.say(f"Creating {table.name}…")
    # Followed by itself: the creation goes on at AWS, and another table may be wanted meanwhile.
    view.start(_follow(view, table.name, states), group=f"table-{table.name}")


async def _follow(view: DynamoView, name: str, states: AsyncIterator[TableInfo]) -> None:
    async for described in states:
        view.browser.take_description(described)
    view.say(f"{name} is active.")


# -- edit ------------------------------------------------------------------------------------


@command(verbs.EDIT, footer=True, asks=True, changes=True, when=on_item, instead=in_a_table("Edit"))
async def edit(view: DynamoView) -> None:
    """Edit the item under the cursor as DynamoDB JSON. It is read again first, and saved only if
    nobody changed it meanwhile."""
    items, item = view.browser.items, view.current_item
    connection = view.services.account.connection
    if items is None or item is None:
        return
    original = await view.browser.whole(items, item)
    editor = ItemEditor(
        f"Edit an item of {items.table.name}",
        items.table,
        to_json(original),
        save=_saver(view, items.table, connection),
        original=original,
    )
    stored = await view.ask(editor)
    if stored is None or view.browser.items is not items:
        return
    if items.table.key_of(stored) != items.table.key_of(item):
        view.browser.remove(items, item)
    await _show_stored(view, items, stored)


def _saver(view: DynamoView, table: TableInfo, connection: Connection) -> Save:
    async def save(item: Item, base: Item | None) -> None:
        if base is None:
            receipt = await view.service.put(table, item, at=connection)
        else:
            receipt = await view.service.edit(table, base, item, at=connection)
        stored = f"Stored{_cost(receipt.consumed)}."
        view.say(stored if receipt.changed else "Nothing was changed.")

    return save


def _cost(units: float | None) -> str:
    return "" if units is None else f" · {units:g} WCU"


async def _show_stored(view: DynamoView, items: ItemList, item: Item) -> None:
    """Show an item that was stored: as it is now, where it belongs."""
    if items.query is not None or items.source.index is not None:
        # Whether it belongs to the query or the index is for DynamoDB to say.
        view.reload()
    else:
        view.browser.put(items, await view.browser.whole(items, item))


# -- delete ----------------------------------------------------------------------------------


def what_is_deleted(view: DynamoView) -> str:
    """What to say where there is no item."""
    if view.browser.tables is not None:
        return "Delete works on items; here are tables: F8 removes whole tables."
    return in_a_table("Delete")(view)


@command(verbs.DELETE, footer=True, asks=True, changes=True, when=on_item, instead=what_is_deleted)
async def delete(view: DynamoView) -> None:
    """Delete the marked items, or the one under the cursor, after a question; an item that
    somebody changed meanwhile is left. Esc stops between items. Tables are deleted on the cleanup
    screen (F8)."""
    browser, items, account = view.browser, view.browser.items, view.services.account
    connection, region = account.connection, account.target.region or "unknown region"
    if items is None:
        return
    targets = items.targets(view.grid.cursor_row)
    if not items.whole:
        targets = list(await asyncio.gather(*(browser.whole(items, item) for item in targets)))
    count = "this item" if len(targets) == 1 else f"these {len(targets):,} items"
    body = f"From {items.table.name} in {region}:\n\n{_preview(targets)}"
    if not await view.ask(Confirm(f"Delete {count}?", body, yes="Delete", danger=True)):
        return
    deletion = await browser.delete(items, targets, connection)
    if browser.is_outdated_by(deletion, items):
        view.reload()
    deletion.raise_if_nothing_went()
    view.say(f"Deleted {counted(deletion.deleted, 'item')}{_cost(deletion.consumed)}.")
    if deletion.deleted < deletion.total:
        await view.ask(Message("Not everything was deleted", deletion.report()))


def _preview(items: Sequence[Item]) -> str:
    if len(items) == 1:
        lines = to_json(items[0]).splitlines()
    else:
        lines = [to_json(item, indent=None) for item in items]
    shown = [line if len(line) <= 200 else line[:200] + "…" for line in lines[:SHOWN_LINES]]
    if len(lines) > SHOWN_LINES:
        shown.append(f"… and {len(lines) - SHOWN_LINES:,} more lines")
    return "\n".join(shown)
