"""Tables and items on the screen: pages, columns, order, filter, queries, copies, errors."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.driver import NARROW, running, sandbox_services
from tests.hostile import HOSTILE_TEXT
from tests.panes.dynamodb.conftest import fill, make_table, pane_of
from tests.services.dynamodb.samples import from_json
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemPage,
    KeyAttribute,
    KeyType,
    PageToken,
    Source,
    TableInfo,
)
from tui.services.dynamodb.values import NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError


async def test_the_list_of_tables_says_what_each_is(services: Services) -> None:
    async with running(services, location="dynamodb:") as driver:
        await driver.sees("members", "ACTIVE", "id (N)", "1 read / 1 write")
        pane = pane_of(driver)
        await driver.press("slash")
        await driver.type("members")
        await driver.press("enter")
        await driver.until(lambda: pane.current_table == "members")
        await driver.press("i")
        await driver.sees("Table members", "Point-in-time recovery", "about every six hours")
        await driver.press("escape", "enter")
        await driver.sees("dynamodb:members", "Ada Lovelace")
        await driver.press("backspace")
        await driver.until(lambda: pane.current_table == "members")


async def test_items_come_page_by_page_and_the_count_is_honest(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb)
    items = [Item({"id": NumberValue(str(number))}) for number in range(230)]
    items[229] = Item({**items[229], "late": StringValue("a column of a later page")})
    await fill(dynamodb, table, items)
    async with running(services, size=NARROW, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("100+ items")
        pane = pane_of(driver)
        await driver.misses("late")
        await driver.press("G")
        await driver.sees("230 items")
        await driver.misses("230+")
        assert pane.grid.columns[-1].title == "late"
        assert len({str(item["id"]) for item in pane.browser.items.items.values()}) == 230  # type: ignore[union-attr]
        await driver.sees("a column of a later page")


async def test_enter_shows_the_whole_item_and_copies_it_exactly(
    services: Services, dynamodb: DynamoService
) -> None:
    digits = "12345678901234567890123456789012345678"
    text = f'{{"id": {digits}, "s": "1", "null": null, "list": []}}'
    table = await make_table(dynamodb, text)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees(digits, '"1"', "NULL", "[]")
        await driver.press("enter")
        await driver.sees(f'"id": {{"N": "{digits}"}}', '"null": {"NULL": true}')
        await driver.press("y")
        await driver.sees("Copied")
        assert from_json(driver.app.clipboard) == from_json(text)


async def test_sorting_follows_the_exact_value_and_turns_around(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(
        dynamodb,
        '{"id": 1, "n": 9007199254740993}',
        '{"id": 2, "n": 9007199254740992}',
        '{"id": 3, "n": 10}',
        '{"id": 4, "n": 9}',
        '{"id": 5}',
    )
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("5 items")
        pane = pane_of(driver)

        def order() -> list[Any]:
            view = pane.browser.items
            assert view is not None
            return [view.item_at(row)["id"].text for row in range(5)]  # type: ignore[union-attr]

        before = order()
        await driver.press("right", "o")
        await driver.sees("n ▲")
        assert order() == ["4", "3", "2", "1", "5"]
        await driver.press("o")
        await driver.sees("n ▼")
        assert order() == ["1", "2", "3", "4", "5"]
        await driver.press("o")
        await driver.misses("n ▼")
        assert order() == before


async def test_a_filter_narrows_what_is_loaded_and_goes_away(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, '{"id": 1, "name": "Anna"}', '{"id": 2, "name": "Bo"}')
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Anna", "Bo")
        await driver.press("slash")
        await driver.type("ann")
        await driver.sees("1 of 2 items")
        await driver.misses("Bo")
        await driver.type("zzz")
        await driver.sees("None of the 2 loaded items")
        await driver.press("escape")
        await driver.sees("Anna", "Bo")


async def test_hostile_names_and_values_are_shown_and_never_obeyed(
    services: Services, dynamodb: DynamoService
) -> None:
    items = [Item({"key": StringValue(text), text: StringValue(text)}) for text in HOSTILE_TEXT]
    table = await make_table(dynamodb, partition=KeyAttribute("key", KeyType.STRING))
    await fill(dynamodb, table, items)

    def is_safe(text: str) -> bool:
        return all(each.isprintable() or each == "\n" for each in text)

    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees(f"{len(items)} items")
        pane = pane_of(driver)
        assert is_safe(driver.text)
        for item in items[:8]:
            pane._put_cursor_on(item)
            assert pane.current_item == item
            await driver.press("enter")
            await driver.sees("y copy")
            assert is_safe(driver.text)
            await driver.press("y", "escape")
            assert from_json(driver.app.clipboard) == item
        await driver.press("asterisk", "x")
        await driver.sees(f"Delete these {len(items)} items?")
        assert is_safe(driver.text)


@pytest.mark.parametrize("text", ["[/]", "[red]x", "\x1b[31m", "a\nb"])
async def test_a_hostile_key_name_is_safe_in_headers_and_forms(
    services: Services, dynamodb: DynamoService, text: str
) -> None:
    table = await make_table(dynamodb, partition=KeyAttribute(text, KeyType.STRING))
    item = Item({text: StringValue(text)})
    await dynamodb.put(table, item)
    async with running(services, size=NARROW, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("1 item ")
        await driver.press("o")
        await driver.sees("▲")
        await driver.press("ctrl+f")
        await driver.sees("Descending")
        await driver.press("escape", "ctrl+g")
        await driver.sees("Get an item by its key")
        assert all(each.isprintable() or each == "\n" for each in driver.text)


async def test_a_query_asks_for_a_range_in_either_order(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(
        dynamodb,
        *(f'{{"who": "anna", "at": "2024-{month:02}"}}' for month in range(1, 13)),
        '{"who": "bo", "at": "2024-01"}',
        partition=KeyAttribute("who", KeyType.STRING),
        sort=KeyAttribute("at", KeyType.STRING),
    )
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("13 items")
        await driver.press("ctrl+f")
        await driver.sees("who =")
        pane = pane_of(driver)
        await driver.type("anna")
        # (any) = < <= > >= BETWEEN begins_with
        await driver.press("tab", "enter", *["down"] * 7, "enter", "tab")
        await driver.type("2024-1")
        await driver.press("ctrl+s")
        await driver.sees("3 items", "query", "2024-12", "2024-10")
        await driver.misses("2024-09")
        await driver.press("y")
        await driver.sees("AWS CLI: query")
        await driver.press("s")
        await driver.sees("Copied")
        assert "begins_with(#n1, :v1)" in driver.app.clipboard
        await driver.press("backspace")
        await driver.sees("13 items")
        assert pane.browser.items is not None
        assert pane.browser.items.query is None


async def test_a_query_without_a_match_says_so(services: Services, dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("1 item ")
        await driver.press("ctrl+f")
        await driver.sees("id =")
        await driver.misses("Sort key")
        await driver.type("nan")
        await driver.press("ctrl+s")
        await driver.sees("id is not a number")
        await driver.press("backspace", "backspace", "backspace")
        await driver.type("2")
        await driver.press("ctrl+s")
        await driver.sees("No item matches the query")


async def test_getting_a_key_that_is_not_there_keeps_the_form(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("1 item ")
        await driver.press("ctrl+g")
        await driver.type("x")
        await driver.sees("is not a number")
        await driver.press("backspace")
        await driver.type("2")
        await driver.press("enter")
        await driver.sees("There is no item with this key", "Get an item by its key")


@pytest.fixture
async def indexed(dynamodb: DynamoService, account: Account) -> TableInfo:
    """A table whose index leaves attributes out, with one item."""
    from tests.panes.dynamodb.conftest import unique

    name = unique("indexed")
    account.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "N"},
            {"AttributeName": "email", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-email",
                "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    info = await dynamodb.describe(name)
    await dynamodb.put(info, from_json('{"id": 1, "email": "a@b", "name": "Anna"}'))
    return info


async def test_what_an_index_leaves_out_is_read_before_it_is_shown_or_edited(
    services: Services, dynamodb: DynamoService, indexed: TableInfo
) -> None:
    async with running(services, location=f"dynamodb:{indexed.name}/by-email") as driver:
        await driver.sees(f"dynamodb:{indexed.name}/by-email", "a@b")
        await driver.misses("Anna")
        await driver.press("enter")
        await driver.sees('"name": {"S": "Anna"}', "the index leaves attributes out")
        await driver.press("escape", "e")
        await driver.sees("Edit an item", '"name": {"S": "Anna"}')
        await driver.press("escape")
        await driver.press("x")
        await driver.sees("Delete this item?", "Anna")
        await driver.press("tab", "enter")
        await driver.sees("Deleted 1 item", "The index is empty")


async def test_an_index_is_queried_by_its_own_key(services: Services, indexed: TableInfo) -> None:
    async with running(services, location=f"dynamodb:{indexed.name}") as driver:
        await driver.sees("Anna")
        await driver.press("ctrl+f")
        await driver.sees("the table: id (N)")
        await driver.press("enter", "down", "enter", "tab")
        await driver.sees("by-email: email (S)")
        await driver.type("a@b")
        await driver.press("ctrl+s")
        await driver.sees(f"dynamodb:{indexed.name}/by-email  query", "1 item ")


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("dynamodb:no-such-table", "There is no table 'no-such-table' here"),
        ("dynamodb:members/no-such-index", "has no index 'no-such-index'"),
        ("dynamodb:[/]", "cannot be the name of a table"),
    ],
)
async def test_a_location_that_is_not_there_is_told_beside_the_tables(
    services: Services, location: str, says: str
) -> None:
    async with running(services, location=location) as driver:
        await driver.sees(says, "ACTIVE", "members")


async def test_go_to_takes_a_location(services: Services) -> None:
    async with running(services, location="dynamodb:") as driver:
        await driver.sees("ACTIVE")
        await driver.press("ctrl+l")
        for _ in range(20):
            await driver.press("backspace")
        await driver.type("dynamodb:members")
        await driver.press("enter")
        await driver.sees("Ada Lovelace")


async def test_empty_pages_are_read_past_and_then_asked_about(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb)
    asked: list[object] = []

    async def scan(
        self: DynamoService, source: Source, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        asked.append(token)
        last = len(asked) == 13
        items = (from_json('{"id": 7, "name": "found"}'),) if last else ()
        return ItemPage(source, items, 100, None if last else PageToken(len(asked)), 0.5)

    monkeypatch.setattr(DynamoService, "scan_page", scan)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Examined 1,000 items, matched 0; there are more", "Press Enter to go on")
        assert len(asked) == 10
        await driver.press("enter")
        await driver.sees("found", "1 item ", "1,300 examined")
        assert [token.value for token in asked[1:] if isinstance(token, PageToken)] == [
            *range(1, 13)
        ]


async def test_an_answer_for_another_table_never_reaches_the_screen(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await make_table(dynamodb, '{"id": 1, "name": "slow one"}')
    fast = await make_table(dynamodb, '{"id": 1, "name": "fast one"}')
    released = asyncio.Event()
    scan = DynamoService.scan_page

    async def held(
        self: DynamoService, source: Source, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        page = await scan(self, source, token, limit)
        if source.table == slow.name:
            await released.wait()
        return page

    monkeypatch.setattr(DynamoService, "scan_page", held)
    async with running(services, location=f"dynamodb:{slow.name}") as driver:
        await driver.sees("loading…")
        pane = pane_of(driver)
        pane.open(f"dynamodb:{fast.name}")
        await driver.sees("fast one")
        released.set()
        await driver.pilot.pause()
        await driver.misses("slow one")
        await driver.sees("fast one")


async def test_escape_stops_reading_and_keeps_what_is_there(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb)

    async def endless(
        self: DynamoService, source: Source, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        if token is not None:
            await asyncio.Event().wait()
        return ItemPage(source, (), 100, PageToken(1), None)

    monkeypatch.setattr(DynamoService, "scan_page", endless)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Examined 100 items, matched 0 so far", "Esc stops")
        await driver.press("escape")
        await driver.sees("Examined 100 items, matched 0; there are more")


@pytest.mark.parametrize("again", [["pagedown"] * 4, ["r"], ["G"]])
async def test_a_page_that_fails_is_told_and_can_be_asked_for_again(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch, again: list[str]
) -> None:
    table = await make_table(dynamodb)
    await fill(dynamodb, table, [Item({"id": NumberValue(str(each))}) for each in range(130)])
    scan = DynamoService.scan_page
    failures = [1]
    asked: list[PageToken | None] = []

    async def failing(
        self: DynamoService, source: Source, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        asked.append(token)
        if token is not None and failures:
            failures.pop()
            raise ServiceError(
                "Could not read.", cause="Throttled", hint="wait", kind=ErrorKind.THROTTLED
            )
        return await scan(self, source, token, limit)

    monkeypatch.setattr(DynamoService, "scan_page", failing)
    async with running(services, size=NARROW, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("100+ items")
        await driver.press("G")
        await driver.sees("Could not read.", "Throttled", "wait", "100+ items")
        await driver.pilot.resize_terminal(90, 30)
        await driver.sees("Could not read.")
        await driver.sees("Press r to try this page again")
        await driver.press(*again)
        await driver.sees("130 items")
        await driver.misses("Could not read.")
        assert asked.count(None) == 1


async def test_the_location_line_counts_the_marked_items(services: Services) -> None:
    async with running(services, location="dynamodb:members") as driver:
        await driver.sees("4 items")
        await driver.press("space", "space")
        await driver.sees("2 marked · 4 items")
        await driver.press("asterisk")
        await driver.sees("4 marked · 4 items")
        await driver.press("asterisk")
        await driver.misses("marked")


async def test_a_list_that_could_not_be_read_is_not_said_to_be_loading(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path, endpoint_url="http://127.0.0.1:9")
    async with running(services, location="dynamodb:") as driver:
        await driver.sees("The tables could not be listed", "not loaded", "r Refresh")
        await driver.misses("loading…")
