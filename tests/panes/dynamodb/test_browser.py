"""What is listed, and what a refresh, a filter and an order keep."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.panes.dynamodb.conftest import USERS, Drawn, ScriptedTable, make_table, throttled
from tests.services.dynamodb import samples
from tests.services.dynamodb.samples import from_json
from tui.panes import arranging
from tui.panes.dynamodb import browser as browsing
from tui.panes.dynamodb.browser import Change
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemSource,
    KeyAttribute,
    KeyType,
    Query,
    SortCondition,
    SortOperator,
    TableInfo,
)
from tui.services.dynamodb.rules import parse_location
from tui.services.dynamodb.values import NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError


@pytest.fixture(autouse=True)
def few_items_take_one_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr(arranging, "SLICE", 60)


# -- tables ----------------------------------------------------------------------------------


async def test_tables_are_named_at_once_and_then_described() -> None:
    drawn = Drawn(ScriptedTable(0))
    await drawn.browser.list_tables("users")
    assert drawn.rows == ["orders", "users", "visits"]
    assert drawn.cursor == "users"
    assert drawn.changes.count(Change.LISTED) == 1
    assert drawn.changes.count(Change.DESCRIBED) == 3
    assert drawn.browser.state == "3 tables"
    assert drawn.browser.tables is not None
    assert "id (N)" in drawn.browser.tables.cells("users")


async def test_the_same_list_again_keeps_its_filter_and_order() -> None:
    drawn = Drawn(ScriptedTable(0))
    await drawn.browser.list_tables()
    assert not drawn.browser.narrow("S")
    assert not drawn.browser.sort(0)
    await drawn.browser.open_again("users")
    assert drawn.rows == ["visits", "users", "orders"]
    drawn.browser.narrow("s")
    drawn.browser.narrow("ers")
    await drawn.browser.open_again("orders")
    assert drawn.rows == ["users", "orders"]
    assert drawn.browser.state == "2 of 3 tables"
    drawn.browser.narrow("none")
    assert "No name of 3 tables contains 'none'" in drawn.browser.why_empty(None)


async def test_tables_that_could_not_be_listed_are_not_said_to_be_loading() -> None:
    service = ScriptedTable(0)

    async def refused() -> tuple[str, ...]:
        raise throttled()

    service.list_tables = refused  # type: ignore[method-assign]
    drawn = Drawn(service)
    with pytest.raises(ServiceError):
        await drawn.browser.list_tables()
    assert drawn.browser.state == "not loaded"
    assert "The tables could not be listed" in drawn.browser.why_empty(None)


async def test_another_account_leaves_nothing_listed() -> None:
    drawn = Drawn(ScriptedTable(5))
    await drawn.browser.open(USERS)
    drawn.browser.forget()
    assert drawn.rows == []
    assert drawn.browser.location == "dynamodb:"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (ItemSource("no-such-table"), "There is no table 'no-such-table' here"),
        (ItemSource("members", "no-such-index"), "has no index 'no-such-index'"),
    ],
)
async def test_what_is_not_there_is_told_beside_the_tables(
    dynamodb: DynamoService, source: ItemSource, says: str
) -> None:
    drawn = Drawn(dynamodb)
    with pytest.raises(ServiceError, match=says) as caught:
        await drawn.browser.open(source)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "members" in drawn.rows


# -- queries and single items ----------------------------------------------------------------


async def test_a_query_gives_a_range_in_either_order(dynamodb: DynamoService) -> None:
    table = await make_table(
        dynamodb,
        *(f'{{"who": "anna", "at": "2024-{month:02}"}}' for month in range(1, 13)),
        '{"who": "bo", "at": "2024-01"}',
        partition=KeyAttribute("who", KeyType.STRING),
        sort=KeyAttribute("at", KeyType.STRING),
    )
    drawn = Drawn(dynamodb)

    async def answer(*, descending: bool) -> list[Any]:
        condition = SortCondition("at", SortOperator.BEGINS_WITH, StringValue("2024-1"))
        source = ItemSource(table.name)
        query = Query(source, "who", StringValue("anna"), condition, descending=descending)
        await drawn.browser.open(source, query)
        return [row["at"].text for row in drawn.rows]  # type: ignore[union-attr, index]

    assert await answer(descending=False) == ["2024-10", "2024-11", "2024-12"]
    assert drawn.browser.location == f"dynamodb:{table.name}  query"
    assert await answer(descending=True) == ["2024-12", "2024-11", "2024-10"]
    await drawn.browser.open(
        ItemSource(table.name), Query(ItemSource(table.name), "who", StringValue("x"))
    )
    assert "No item matches the query" in drawn.browser.why_empty(None)


async def test_an_index_is_queried_by_its_own_key_and_the_whole_item_is_read(
    dynamodb: DynamoService, indexed: TableInfo
) -> None:
    source = ItemSource(indexed.name, "by-email")
    drawn = Drawn(dynamodb)
    await drawn.browser.open(source, Query(source, "email", StringValue("a@b")))
    assert drawn.browser.location == f"dynamodb:{indexed.name}/by-email  query"
    assert not drawn.items.whole
    (item,) = drawn.rows
    assert isinstance(item, Item)
    assert "name" not in item
    whole = await drawn.browser.whole(drawn.items, item)
    assert whole["name"] == StringValue("Anna")
    await dynamodb.delete(indexed, whole)
    with pytest.raises(ServiceError, match="does not exist any more"):
        await drawn.browser.whole(drawn.items, item)


async def test_a_single_item_is_read_again_by_its_key(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, '{"id": 1, "n": 1}')
    drawn = Drawn(dynamodb)
    drawn.browser.show_one(table, from_json('{"id": 1, "n": 1}'), 0.5)
    await dynamodb.put(table, from_json('{"id": 1, "n": 2}'), overwrite=True)
    await drawn.browser.open_again()
    assert drawn.rows == [from_json('{"id": 1, "n": 2}')]
    assert drawn.browser.location.endswith("  by key")


# -- filter, order, marks --------------------------------------------------------------------


async def test_a_refresh_keeps_filter_and_order_and_reads_from_the_first_page() -> None:
    service = ScriptedTable(150)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    await drawn.browser.read_on()
    drawn.browser.narrow("name of 1")
    drawn.browser.sort(0)
    drawn.browser.sort(0)
    await drawn.browser.open_again()
    assert service.asked[-1] == (0, 100)
    assert drawn.ids == [*(str(number) for number in reversed(range(10, 20))), "1"]
    assert drawn.browser.state.startswith("11 of 100+ items")
    await drawn.browser.open(ItemSource("orders"))
    assert drawn.items.filter == ""
    assert drawn.items.sort is None


async def test_a_filter_reads_no_page_by_itself_and_goes_away() -> None:
    drawn = Drawn(ScriptedTable(150))
    await drawn.browser.open(USERS)
    assert not drawn.browser.narrow("NAME OF 77")
    assert drawn.ids == ["77"]
    assert drawn.browser.state.startswith("1 of 100+ items")
    assert not drawn.browser.reader.wants_page(drawn.items)
    drawn.browser.narrow("zzz")
    assert "None of the 100 loaded items contains 'zzz'" in drawn.browser.why_empty(None)
    drawn.browser.narrow("")
    assert len(drawn.ids) == 100
    assert drawn.browser.reader.wants_page(drawn.items)


async def test_sorting_follows_the_exact_value_and_turns_around(dynamodb: DynamoService) -> None:
    table = await make_table(
        dynamodb,
        '{"id": 1, "n": 9007199254740993}',
        '{"id": 2, "n": 9007199254740992}',
        '{"id": 3, "n": 10}',
        '{"id": 4, "n": 9}',
        '{"id": 5}',
    )
    drawn = Drawn(dynamodb)
    await drawn.browser.open(ItemSource(table.name))
    before = drawn.ids
    column = drawn.items.names.index("n")
    drawn.browser.sort(column)
    assert drawn.ids == ["4", "3", "2", "1", "5"]
    assert drawn.items.columns[column].title == "n ▲"
    assert "by n ▲" in drawn.browser.state
    drawn.browser.sort(column)
    assert drawn.ids == ["1", "2", "3", "4", "5"]
    assert drawn.items.columns[column].title == "n ▼"
    drawn.browser.sort(column)
    assert drawn.ids == before
    assert drawn.items.columns[column].title == "n"


async def test_very_many_items_are_filtered_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "SLICE", 0)
    monkeypatch.setattr(browsing, "REDRAW_INTERVAL", 0)
    drawn = Drawn(ScriptedTable(100))
    await drawn.browser.open(USERS)
    assert drawn.browser.narrow("name of 9")
    assert "still looking" in drawn.browser.state
    assert drawn.browser.why_empty(None) == "Looking for 'name of 9' in 100 items…"
    first = asyncio.create_task(drawn.browser.arrange())
    await drawn.until(lambda: drawn.ids)
    # The next letter does not wait for the one before.
    assert drawn.browser.narrow("name of 99")
    await drawn.browser.arrange()
    await first
    assert drawn.ids == ["99"]
    assert drawn.items.is_arranged


async def test_marks_go_with_their_items_and_away_with_what_is_not_shown() -> None:
    drawn = Drawn(ScriptedTable(20))
    await drawn.browser.open(USERS)
    items = drawn.items
    items.toggle_mark(3)
    items.toggle_mark(12)
    assert drawn.browser.state.startswith("2 marked · 20 items")
    drawn.browser.sort(0)
    drawn.browser.sort(0)
    assert items.marked_rows == [7, 16]
    assert [item["id"] for item in items.targets(0)] == [NumberValue("12"), NumberValue("3")]
    drawn.browser.narrow("of 1")
    assert [item["id"] for item in items.targets(0)] == [NumberValue("12")]
    drawn.browser.narrow("")
    assert items.marked_rows == [7]
    items.toggle_mark(7)
    assert items.targets(0) == [drawn.rows[0]]
    items.toggle_all_marks()
    assert drawn.browser.state.startswith("20 marked · 20 items")
    items.toggle_all_marks()
    assert "marked" not in drawn.browser.state


# -- single changes --------------------------------------------------------------------------


async def test_a_stored_item_goes_where_it_belongs_with_the_cursor_on_it() -> None:
    service = ScriptedTable(5)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    drawn.browser.sort(0)
    drawn.browser.sort(0)
    new = Item({"id": NumberValue("3.5")})
    drawn.browser.put(drawn.items, new)
    assert drawn.ids == ["4", "3.5", "3", "2", "1", "0"]
    assert drawn.cursor == new
    drawn.browser.remove(drawn.items, service.item(3))
    assert drawn.ids == ["4", "3.5", "2", "1", "0"]


async def test_a_table_is_described_in_its_row_only() -> None:
    drawn = Drawn(ScriptedTable(5))
    await drawn.browser.list_tables()
    drawn.changes.clear()
    drawn.browser.take_description(samples.table(name="visits"))
    drawn.browser.take_description(samples.table(name="not-listed"))
    assert drawn.changes == [Change.DESCRIBED]
    await drawn.browser.open(USERS)
    drawn.changes.clear()
    drawn.browser.take_description(samples.table(name="visits"))
    assert drawn.changes == []


# -- locations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("dynamodb:", None),
        ("", None),
        ("dynamodb:users", ItemSource("users")),
        ("dynamodb:users/by-email", ItemSource("users", "by-email")),
        ("dynamodb://users/", ItemSource("users")),
        ("users", ItemSource("users")),
    ],
)
def test_locations(text: str, source: ItemSource | None) -> None:
    assert parse_location(text) == source


@pytest.mark.parametrize("text", ["dynamodb:a b c", "dynamodb:us", "dynamodb:users/[/]", "a/b/c"])
def test_a_location_that_is_none_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_location(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.hint
