"""Moving about and looking closer: open, up, filter, sort, mark, information, copies, queries."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from tui.panes import rows_commands
from tui.panes.dynamodb.forms import get_form, query_form
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.tables import info_text
from tui.panes.dynamodb.view import DynamoView
from tui.services.aws import Target
from tui.services.dynamodb import (
    Item,
    ItemSource,
    Query,
    TableInfo,
    is_plain,
    snippets,
    to_json,
    to_plain_json,
)
from tui.services.dynamodb.snippets import needs_cli_2
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.shared_commands import Copyable, copy_as, go_to, mark, mark_all
from tui.widgets.dialogs.dialogs import Choice, Message
from tui.widgets.text.value_viewer import ValueViewer

CLI_2_ONLY = "has binary values: needs AWS CLI version 2"
"""Said of a command that version 1 refuses."""


# -- when a command works, and what is said otherwise ----------------------------------------


def among_items(view: DynamoView) -> bool:
    """Whether items are listed; there may be none."""
    return view.browser.items is not None


def on_item(view: DynamoView) -> bool:
    """Whether the cursor is on an item."""
    return view.current_item is not None


def in_a_table(what: str) -> Callable[[DynamoView], str]:
    """What to say where a verb needs an item."""

    def said(view: DynamoView) -> str:
        if view.browser.tables is not None:
            return f"{what} works on items; here are tables: Enter opens one."
        return f"{what} needs an item, and there is none here."

    return said


def on_table_or_among_items(view: DynamoView) -> bool:
    """Whether there is a table to tell of."""
    return view.current_table is not None or among_items(view)


# -- moving about ----------------------------------------------------------------------------


def can_open(view: DynamoView) -> bool:
    """Whether there is something under the cursor, or a page to go on with."""
    items = view.browser.items
    if items is not None and not items.items:
        return not items.complete
    return view.current_table is not None or view.current_item is not None


@command(verbs.OPEN, footer=True, when=can_open, asks=on_item)
async def open_row(view: DynamoView) -> None:
    """Open the table under the cursor; on an item, show it whole as DynamoDB JSON. Where reading
    stopped before any item was found, go on."""
    table, item, items = view.current_table, view.current_item, view.browser.items
    if table is not None:
        view.open_source(ItemSource(table))
    elif items is not None and not items.items:
        view.try_page_again()
    elif items is not None and item is not None:
        note = "as it was read"
        if not items.whole:
            item = await view.browser.whole(items, item)
            note = "read by its key; the index leaves attributes out"
        await view.ask(
            ValueViewer(items.source.location, to_json(item), note=note, language="json")
        )


@command(verbs.UP, footer=True, when=among_items, instead="This is the top: the list of tables.")
def up(view: DynamoView) -> None:
    """From a query or a single item back to the table, from a table back to the list."""
    items = view.browser.items
    if items is None:
        return
    if items.query is not None or items.by_key is not None:
        view.open_source(ItemSource(items.source.table))
    else:
        view.open_tables(items.source.table)


@command(verbs.SORT)
def sort(view: DynamoView) -> None:
    """Sort the loaded items by the column under the cursor: upwards, downwards, as they came.
    Numbers by their exact value. On the list of tables: turn the order of the names around."""
    view.sort(view.grid.cursor_column)


def has_something_to_end(view: DynamoView) -> bool:
    """Whether something is under way, or an error or a filter is shown."""
    under_way = view.browser.reader.is_active or view.browser.deletion is not None
    return under_way or rows_commands.has_something_to_put_away(view)


@command(verbs.CANCEL, when=has_something_to_end)
def cancel(view: DynamoView) -> None:
    """Stop deleting after the items in flight, or reading after the page in flight; what is loaded
    stays. When neither is under way, put away the error that is shown, or else the filter."""
    if view.browser.reader.is_active or view.browser.deletion is not None:
        view.browser.stop()
    else:
        rows_commands.put_away_top(view)


# -- looking closer --------------------------------------------------------------------------


@command(verbs.INFO, footer=True, asks=True, when=on_table_or_among_items)
async def info(view: DynamoView) -> None:
    """What the table is: keys, indexes, capacity, counts, protection, recovery."""
    items = view.browser.items
    name = view.current_table if items is None else items.source.table
    if name is not None:
        table = await view.service.describe(name, with_recovery=True)
        await view.ask(Message(f"Table {name}", info_text(table)))


@command(verbs.GET, footer=True, asks=True, when=among_items, instead=in_a_table("Get by key"))
async def get(view: DynamoView) -> None:
    """Read one item by its key, strongly consistent."""
    items = view.browser.items
    if items is None:
        return
    table = items.table
    costs: list[float | None] = []

    async def read(key: Item) -> Item:
        reading = await view.service.get(table, key)
        if reading.item is None:
            raise ServiceError(
                f"There is no item with this key in {table.name!r}.",
                hint="The string 1 and the number 1 are different keys.",
                kind=ErrorKind.NOT_FOUND,
            )
        costs.append(reading.consumed)
        return reading.item

    item = await view.ask(get_form(table, read), follows=True)
    if item is not None:
        view.browser.show_one(table, item, costs[-1])
        note = "read by its key just now"
        await view.ask(ValueViewer(table.name, to_json(item), note=note, language="json"))


@command(verbs.QUERY, footer=True, asks=True, when=among_items, instead=in_a_table("Query"))
async def query(view: DynamoView) -> None:
    """Ask for one partition key and perhaps a range of sort keys, on the table or an index."""
    items = view.browser.items
    if items is None:
        return

    async def accept(asked: Query) -> Query:
        return asked

    asked = await view.ask(query_form(items.table, items.source, accept))
    if asked is not None:
        view.open_source(asked.source, asked)


# -- copies ----------------------------------------------------------------------------------


def copies(view: DynamoView) -> list[Choice[Copyable]]:
    """Every notation in which what is shown can be copied."""
    account = view.services.account
    target = replace(account.target, endpoint_url=account.endpoint)
    table, items = view.current_table, view.browser.items
    if table is not None:
        return [
            Choice(table, "Name", key="n"),
            Choice(snippets.cli_describe(target, table), "AWS CLI: describe-table", key="c"),
        ]
    if items is None:
        return []
    choices = [
        *item_choices(items.table, items.targets(view.grid.cursor_row), target),
        *reading_choices(items, target),
    ]
    return [Choice(_later(view, each.value), each.label, each.note, each.key) for each in choices]


def _later(view: DynamoView, write: Callable[[], str]) -> Callable[[], Awaitable[None]]:
    """Write the text once it is chosen, beside the event loop: many items take long to write."""

    async def copy() -> None:
        await copy_text(view.app, await asyncio.to_thread(write))

    return copy


def item_choices(
    table: TableInfo, items: list[Item], target: Target
) -> list[Choice[Callable[[], str]]]:
    """The notations of items, with what writes each."""
    if not items:
        return []

    def each(write: Callable[[Target, TableInfo, Item], str]) -> Callable[[], str]:
        return lambda: "\n".join(write(target, table, item) for item in items)

    count = "" if len(items) == 1 else f"{len(items):,} items, one in a line"
    get_note = CLI_2_ONLY if any(needs_cli_2(table.key_of(item)) for item in items) else ""
    put_note = CLI_2_ONLY if any(map(needs_cli_2, items)) else ""
    lossy = "" if all(map(is_plain, items)) else "sets become arrays, binary becomes base64"
    return [
        Choice(partial(_lines, items, typed=True), "DynamoDB JSON", count, key="t"),
        Choice(partial(_lines, items, typed=False), "Plain JSON", lossy or count, key="p"),
        Choice(each(snippets.cli_get), "AWS CLI: get-item", get_note, key="g"),
        Choice(each(snippets.cli_put), "AWS CLI: put-item", put_note, key="c"),
        Choice(each(snippets.boto3_get), "boto3: get_item", key="b"),
        Choice(each(snippets.boto3_put), "boto3: put_item", key="w"),
    ]


def reading_choices(items: ItemList, target: Target) -> list[Choice[Callable[[], str]]]:
    """The notations of the scan or query that reads the list, with what writes each."""
    if items.by_key is not None:
        return []
    what = "scan" if items.query is None else "query"
    cli = partial(snippets.cli_read, target, items.source, items.query)
    code = partial(snippets.boto3_read, target, items.source, items.query)
    note = "what this view reads"
    if items.query is not None and needs_cli_2(items.query.values):
        note = CLI_2_ONLY
    return [
        Choice(cli, f"AWS CLI: {what}", note, key="s"),
        Choice(code, f"boto3: {what}", "every page", key="3"),
    ]


def _lines(items: list[Item], *, typed: bool) -> str:
    write = to_json if typed else to_plain_json
    if len(items) == 1:
        return write(items[0])
    return "".join(write(item, indent=None) + "\n" for item in items)


# -- the shared ones, as this pane words them ------------------------------------------------

copy = copy_as(
    copies,
    "Copy the marked items, or the one under the cursor, as DynamoDB JSON, plain JSON, AWS CLI or "
    "boto3; or the reading of what is shown.",
    footer=True,
    when=on_table_or_among_items,
)
mark_item = mark.here(
    "Mark or unmark the item under the cursor; delete and copy act on the marked items.",
    instead=in_a_table("Mark"),
)
mark_all_items = mark_all.here(
    "Mark every item that is shown; if all are marked, unmark them.", instead=in_a_table("Mark")
)
refresh = rows_commands.refresh.here("Read the list, or the items from their first page, again.")
go_to_location = go_to.here("Type a location: dynamodb:table or dynamodb:table/index.")
