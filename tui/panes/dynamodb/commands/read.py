"""Looking closer: information, copies in other notations, get by key, query."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui.panes.dynamodb.commands.browse import in_a_table
from tui.panes.dynamodb.forms import get_form, query_form
from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.table_info import info_text
from tui.services.aws import Target
from tui.services.dynamodb import Item, Query, TableInfo, snippets, to_json, to_plain_json
from tui.services.dynamodb.json_writer import is_plain
from tui.services.dynamodb.snippets import needs_cli_2
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets import verbs
from tui.widgets.clipboard import copy_text
from tui.widgets.dialogs import Choice, Message
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import CopyAsCommand
from tui.widgets.shared_commands import Copyable
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane

CLI_2_ONLY = "has binary values: needs AWS CLI version 2"
"""Said of a command that version 1 refuses."""


class Info(OldCommand["DynamoPane"]):
    """What the table is: keys, indexes, capacity, counts, protection, recovery."""

    verb = verbs.INFO
    asks = True
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.current_table is not None or pane.items is not None

    async def run(self, pane: DynamoPane) -> None:
        name = pane.current_table or (pane.items.source.table if pane.items else "")
        info = await pane.service.describe(name, with_recovery=True)
        await pane.ask(Message(f"Table {name}", info_text(info)))


class CopyAs(CopyAsCommand["DynamoPane"]):
    """Copy the marked items, or the one under the cursor, as DynamoDB JSON, plain JSON, AWS CLI
    or boto3; or the reading of what is shown."""

    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.current_table is not None or pane.items is not None

    def choices(self, pane: DynamoPane) -> list[Choice[Copyable]]:
        account = pane.services.account
        target = replace(account.target, endpoint_url=account.endpoint)
        table = pane.current_table
        if table is not None:
            return [
                Choice(table, "Name", key="n"),
                Choice(snippets.cli_describe(target, table), "AWS CLI: describe-table", key="c"),
            ]
        if pane.items is None:
            return []
        choices = item_choices(pane.items, pane.target_items, target)
        return [
            Choice(_later(pane, each.value), each.label, each.note, each.key) for each in choices
        ]


def _later(pane: DynamoPane, write: Callable[[], str]) -> Callable[[], Awaitable[None]]:
    """Write the text once it is chosen, beside the event loop: many items take long to write."""

    async def copy() -> None:
        await copy_text(pane.app, await asyncio.to_thread(write))

    return copy


def item_choices(
    view: ItemsView, items: list[Item], target: Target
) -> list[Choice[Callable[[], str]]]:
    """Every notation in which what is shown can be copied, with what writes it."""
    table = view.table
    choices: list[Choice[Callable[[], str]]] = []

    def each(write: Callable[[Target, TableInfo, Item], str]) -> Callable[[], str]:
        return lambda: "\n".join(write(target, table, item) for item in items)

    if items:
        count = "" if len(items) == 1 else f"{len(items):,} items, one in a line"
        get_note = CLI_2_ONLY if any(needs_cli_2(table.key_of(item)) for item in items) else ""
        put_note = CLI_2_ONLY if any(map(needs_cli_2, items)) else ""
        lossy = "" if all(map(is_plain, items)) else "sets become arrays, binary becomes base64"
        choices = [
            Choice(partial(_lines, items, typed=True), "DynamoDB JSON", count, key="t"),
            Choice(partial(_lines, items, typed=False), "Plain JSON", lossy or count, key="p"),
            Choice(each(snippets.cli_get), "AWS CLI: get-item", get_note, key="g"),
            Choice(each(snippets.cli_put), "AWS CLI: put-item", put_note, key="c"),
            Choice(each(snippets.boto3_get), "boto3: get_item", key="b"),
            Choice(each(snippets.boto3_put), "boto3: put_item", key="w"),
        ]
    if view.by_key is None:
        what = "scan" if view.query is None else "query"
        cli = partial(snippets.cli_read, target, view.source, view.query)
        code = partial(snippets.boto3_read, target, view.source, view.query)
        note = "what this view reads"
        if view.query is not None and needs_cli_2(view.query.values):
            note = CLI_2_ONLY
        choices += [
            Choice(cli, f"AWS CLI: {what}", note, key="s"),
            Choice(code, f"boto3: {what}", "every page", key="3"),
        ]
    return choices


def _lines(items: list[Item], *, typed: bool) -> str:
    write = to_json if typed else to_plain_json
    if len(items) == 1:
        return write(items[0])
    return "".join(write(item, indent=None) + "\n" for item in items)


class Get(OldCommand["DynamoPane"]):
    """Read one item by its key, strongly consistent."""

    verb = verbs.GET
    asks = True
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.items is not None

    def instead(self, pane: DynamoPane) -> str:
        return in_a_table(pane, self.title())

    async def run(self, pane: DynamoPane) -> None:
        view = pane.items
        if view is None:
            return
        costs: list[float | None] = []

        async def read(key: Item) -> Item:
            item, cost = await _read(pane, view.table, key)
            costs.append(cost)
            return item

        item = await pane.ask(get_form(view.table, read), follows=True)
        if item is None:
            return
        pane.show_single(view.table, item, costs[-1])
        await pane.ask(
            ValueViewer(
                view.table.name, to_json(item), note="read by its key just now", language="json"
            )
        )


async def _read(pane: DynamoPane, table: TableInfo, key: Item) -> tuple[Item, float | None]:
    reading = await pane.service.get(table, key)
    if reading.item is None:
        raise ServiceError(
            f"There is no item with this key in {table.name!r}.",
            hint="The string 1 and the number 1 are different keys.",
            kind=ErrorKind.NOT_FOUND,
        )
    return reading.item, reading.consumed


class RunQuery(OldCommand["DynamoPane"]):
    """Ask for one partition key and perhaps a range of sort keys, on the table or an index."""

    verb = verbs.QUERY
    asks = True
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.items is not None

    def instead(self, pane: DynamoPane) -> str:
        return in_a_table(pane, self.title())

    async def run(self, pane: DynamoPane) -> None:
        view = pane.items
        if view is None:
            return

        async def accept(query: Query) -> Query:
            return query

        query = await pane.ask(query_form(view.table, view.source, accept))
        if query is not None:
            pane.open_source(query.source, query)
