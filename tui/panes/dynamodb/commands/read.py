"""Looking closer: information, copies in other notations, get by key, query."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui.panes.dynamodb.forms import get_form, query_form
from tui.panes.dynamodb.items_view import ItemsView
from tui.panes.dynamodb.table_info import info_text
from tui.services.account import Target
from tui.services.dynamodb import Item, Query, TableInfo, snippets, to_json, to_plain_json
from tui.services.dynamodb.typed_json import is_plain
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets import verbs
from tui.widgets.command import Command
from tui.widgets.dialogs import Choice, Message
from tui.widgets.shared_commands import Copyable, CopyAsCommand
from tui.widgets.value_viewer import ValueViewer

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane


class Info(Command["DynamoPane"]):
    """What the table is: keys, indexes, capacity, counts, protection, recovery."""

    verb = verbs.INFO
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
        return [] if pane.items is None else item_choices(pane.items, pane.target_items, target)


def item_choices(view: ItemsView, items: list[Item], target: Target) -> list[Choice[Copyable]]:
    """Every notation in which what is shown can be copied, with the text of each."""
    table = view.table
    choices: list[Choice[Copyable]] = []
    if items:
        lossy = "" if all(map(is_plain, items)) else "sets become arrays, binary becomes base64"
        count = "" if len(items) == 1 else f"{len(items):,} items, one in a line"
        choices = [
            Choice(_lines(items, typed=True), "DynamoDB JSON", count, key="t"),
            Choice(_lines(items, typed=False), "Plain JSON", lossy or count, key="p"),
            _joined("AWS CLI: get-item", "g", [snippets.cli_get(target, table, i) for i in items]),
            _joined("AWS CLI: put-item", "c", [snippets.cli_put(target, table, i) for i in items]),
            _joined("boto3: get_item", "b", [snippets.boto3_get(target, table, i) for i in items]),
            _joined("boto3: put_item", "w", [snippets.boto3_put(target, table, i) for i in items]),
        ]
    if view.by_key is None:
        what = "scan" if view.query is None else "query"
        cli = snippets.cli_read(target, view.source, view.query)
        code = snippets.boto3_read(target, view.source, view.query)
        choices += [
            Choice(cli, f"AWS CLI: {what}", "what this view reads", key="s"),
            Choice(code, f"boto3: {what}", "every page", key="3"),
        ]
    return choices


def _lines(items: list[Item], *, typed: bool) -> str:
    write = to_json if typed else to_plain_json
    if len(items) == 1:
        return write(items[0])
    return "".join(write(item, indent=None) + "\n" for item in items)


def _joined(label: str, key: str, texts: list[str]) -> Choice[Copyable]:
    return Choice("\n".join(texts), label, key=key)


class Get(Command["DynamoPane"]):
    """Read one item by its key, strongly consistent."""

    verb = verbs.GET
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.items is not None

    async def run(self, pane: DynamoPane) -> None:
        view = pane.items
        if view is None:
            return
        costs: list[float | None] = []

        async def read(key: Item) -> Item:
            item, cost = await _read(pane, view.table, key)
            costs.append(cost)
            return item

        item = await pane.ask(get_form(view.table, read))
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
            hint="A string key and a number key that look the same are different.",
            kind=ErrorKind.NOT_FOUND,
        )
    return reading.item, reading.consumed


class RunQuery(Command["DynamoPane"]):
    """Ask for one partition key and perhaps a range of sort keys, on the table or an index."""

    verb = verbs.QUERY
    footer = True

    def available(self, pane: DynamoPane) -> bool:
        return pane.items is not None

    async def run(self, pane: DynamoPane) -> None:
        view = pane.items
        if view is None:
            return

        async def accept(query: Query) -> Query:
            return query

        query = await pane.ask(query_form(view.table, view.source, accept))
        if query is not None:
            pane.open_source(query.source, query)
