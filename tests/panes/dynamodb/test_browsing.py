"""From keys to the browser and back to the screen: tables, items, queries, copies, errors."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.driver import NARROW, running, sandbox_services
from tests.hostile import HOSTILE_TEXT
from tests.moves import Cost, moving
from tests.panes.dynamodb.conftest import OpenPane, fill, make_table
from tests.panes.idle import answers
from tests.services.dynamodb.samples import from_json
from tui.sandbox import SandboxInfo
from tui.services.bundle import Services
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemPage,
    ItemSource,
    KeyAttribute,
    KeyType,
    PageToken,
    TableInfo,
)
from tui.services.dynamodb.values import NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.grid.grid import Grid


async def test_the_list_of_tables_says_what_each_is(open_pane: OpenPane) -> None:
    async with open_pane("dynamodb:") as driver:
        await driver.sees("members", "ACTIVE", "id (N)", "1 read / 1 write")
        pane = driver.pane
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
        await driver.press("ctrl+l", *["backspace"] * 20)
        await driver.type("dynamodb:members")
        await driver.press("enter")
        await driver.sees("Ada Lovelace")


async def test_marks_are_counted_and_a_filter_narrows(open_pane: OpenPane) -> None:
    async with open_pane("dynamodb:members") as driver:
        await driver.sees("4 items")
        await driver.press("space", "space")
        await driver.sees("2 marked · 4 items")
        assert len(driver.pane.grid.marked) == 2
        await driver.press("asterisk")
        await driver.sees("4 marked · 4 items")
        await driver.press("asterisk")
        await driver.misses("marked")
        await driver.press("slash")
        await driver.type("lovelace")
        await driver.sees("1 of 4 items")
        await driver.press("escape")
        await driver.misses("1 of 4 items")


async def test_enter_shows_the_whole_item_and_copies_it_exactly(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    digits = "12345678901234567890123456789012345678"
    text = f'{{"id": {digits}, "s": "1", "null": null, "list": []}}'
    table = await make_table(dynamodb, text)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees(digits, '"1"', "NULL", "[]")
        await driver.press("enter")
        await driver.sees(f'"id": {{"N": "{digits}"}}', '"null": {"NULL": true}')
        await driver.press("y")
        await driver.sees("Copied")
        assert from_json(driver.app.clipboard) == from_json(text)


async def test_hostile_names_and_values_are_shown_and_never_obeyed(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    items = [Item({"key": StringValue(text), text: StringValue(text)}) for text in HOSTILE_TEXT]
    table = await make_table(dynamodb, partition=KeyAttribute("key", KeyType.STRING))
    await fill(dynamodb, table, items)

    def is_safe(text: str) -> bool:
        return all(each.isprintable() or each == "\n" for each in text)

    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees(f"{len(items)} items")
        assert is_safe(driver.text)
        for item in items[:8]:
            row = driver.items.row_of(item)
            assert row is not None
            driver.pane.grid.move_cursor(row)
            assert driver.pane.current_item == item
            await driver.press("enter")
            await driver.sees("y Copy all")
            assert is_safe(driver.text)
            await driver.press("y", "escape")
            assert from_json(driver.app.clipboard) == item
        await driver.press("asterisk", "x")
        await driver.sees(f"Delete these {len(items)} items?")
        assert is_safe(driver.text)


async def test_a_hostile_key_name_is_safe_in_headers_and_forms(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    async with open_pane("dynamodb:", size=NARROW) as driver:
        for text in ("[/]", "[red]x", "\x1b[31m", "a\nb"):
            table = await make_table(dynamodb, partition=KeyAttribute(text, KeyType.STRING))
            await dynamodb.put(table, Item({text: StringValue(text)}))
            driver.pane.open(f"dynamodb:{table.name}")
            await driver.sees(table.name, "1 item ")
            await driver.press("o")
            await driver.sees("▲")
            await driver.press("ctrl+f")
            await driver.sees("Descending")
            await driver.press("escape", "ctrl+g")
            await driver.sees("Get an item by its key")
            assert all(each.isprintable() or each == "\n" for each in driver.text)
            await driver.press("escape")
            await driver.misses("Get an item by its key")


async def test_a_query_asks_for_a_range(open_pane: OpenPane, dynamodb: DynamoService) -> None:
    table = await make_table(
        dynamodb,
        *(f'{{"who": "anna", "at": "2024-{month:02}"}}' for month in range(1, 13)),
        '{"who": "bo", "at": "2024-01"}',
        partition=KeyAttribute("who", KeyType.STRING),
        sort=KeyAttribute("at", KeyType.STRING),
    )
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("13 items")
        await driver.press("ctrl+f")
        await driver.sees("who =")
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
        assert driver.items.query is None


async def test_a_query_or_a_key_that_finds_nothing_says_so(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("1 item ")
        await driver.press("ctrl+g")
        await driver.type("x")
        await driver.sees("is not a number")
        await driver.press("backspace")
        await driver.type("2")
        await driver.press("enter")
        await driver.sees("There is no item with this key", "Get an item by its key")
        await driver.press("escape", "escape")
        await driver.misses("Get an item by its key")
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


async def test_an_index_is_queried_by_its_own_key(open_pane: OpenPane, indexed: TableInfo) -> None:
    async with open_pane(f"dynamodb:{indexed.name}") as driver:
        await driver.sees("Anna")
        await driver.press("ctrl+f")
        await driver.sees("the table: id (N)")
        await driver.press("enter", "down", "enter", "tab")
        await driver.sees("by-email: email (S)")
        await driver.type("a@b")
        await driver.press("ctrl+s")
        await driver.sees(f"dynamodb:{indexed.name}/by-email  query", "1 item ")


async def test_what_an_index_leaves_out_is_read_before_it_is_shown_or_edited(
    open_pane: OpenPane, indexed: TableInfo
) -> None:
    async with open_pane(f"dynamodb:{indexed.name}/by-email") as driver:
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


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("dynamodb:members/no-such-index", "has no index 'no-such-index'"),
        ("dynamodb:[/]", "cannot be the name of a table"),
    ],
)
async def test_a_location_that_is_not_there_is_told_beside_the_tables(
    services: Services, location: str, says: str
) -> None:
    async with running(services, location=location) as driver:
        await driver.sees(says, "ACTIVE", "members")


async def test_escape_stops_reading_and_enter_goes_on(
    open_pane: OpenPane, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb)
    may_answer = asyncio.Event()

    async def slow(
        self: DynamoService, source: ItemSource, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        if token is None:
            return ItemPage(source, (), 100, PageToken(1), None)
        await may_answer.wait()
        return ItemPage(source, (from_json('{"id": 7, "name": "found"}'),), 100, None, None)

    monkeypatch.setattr(DynamoService, "scan_page", slow)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Examined 100 items, matched 0 so far", "Esc stops")
        await driver.press("escape")
        await driver.sees("Examined 100 items, matched 0; there are more", "Press Enter to go on")
        may_answer.set()
        await driver.press("enter")
        await driver.sees("found", "1 item ", "200 examined")


@pytest.mark.parametrize("again", [["pagedown"] * 4, ["r"]])
async def test_a_page_that_fails_is_told_and_can_be_asked_for_again(
    open_pane: OpenPane,
    dynamodb: DynamoService,
    monkeypatch: pytest.MonkeyPatch,
    again: list[str],
) -> None:
    table = await make_table(dynamodb)
    await fill(dynamodb, table, [Item({"id": NumberValue(str(each))}) for each in range(130)])
    scan = DynamoService.scan_page
    failures = [1]
    asked: list[PageToken | None] = []

    async def failing(
        self: DynamoService, source: ItemSource, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        asked.append(token)
        if token is not None and failures:
            raise ServiceError(
                "Could not read.", cause="Throttled", hint="wait", kind=ErrorKind.THROTTLED
            )
        return await scan(self, source, token, limit)

    monkeypatch.setattr(DynamoService, "scan_page", failing)
    async with open_pane(f"dynamodb:{table.name}", size=NARROW) as driver:
        await driver.sees("100+ items")
        await driver.press("G")
        await driver.sees("Could not read.", "Throttled", "wait", "100+ items")
        await driver.pilot.resize_terminal(90, 30)
        await driver.sees("Could not read.")
        await driver.sees("Press r to try this page again")
        failures.clear()
        await driver.press(*again)
        await driver.sees("130 items")
        await driver.misses("Could not read.")
        assert asked.count(None) == 1


async def test_a_list_that_could_not_be_read_is_not_said_to_be_loading(
    sandbox: SandboxInfo, tmp_path: Path, open_pane: OpenPane
) -> None:
    services = sandbox_services(sandbox, tmp_path, endpoint_url="http://127.0.0.1:9")
    async with open_pane("dynamodb:", services=services) as driver:
        await driver.sees("The tables could not be listed", "not loaded", "r Refresh")
        await driver.misses("loading…")


async def test_moving_over_items_mounts_and_repaints_nothing(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(
        dynamodb, *(f'{{"id": {number}, "name": "n"}}' for number in range(12))
    )
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("12 items")
        await driver.press("down")
        moves = ["down"] * 8 + ["right"] + ["up"] * 7 + ["left"]
        assert await moving(driver.pilot, moves) == Cost(0, 0)
        assert driver.pane.grid.cursor_row > 0


async def test_a_click_on_the_title_sorts_by_that_attribute(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, '{"id": 1, "name": "b"}', '{"id": 2, "name": "a"}')
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("2 items")
        pane = driver.pane
        title = next(n for n, each in enumerate(pane.grid.columns) if each.title.startswith("name"))
        pane.grid.post_message(Grid.HeaderClicked(pane.grid, title))
        await driver.sees("name ▲")


async def test_among_tables_and_items(open_pane: OpenPane, dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    async with open_pane("dynamodb:") as driver:
        await driver.until(lambda: driver.pane.current_table)
        said = await answers(driver.pilot)
        assert said["delete"] == "Delete works on items; here are tables: F8 removes whole tables."
        assert said["get"] == "Get by key works on items; here are tables: Enter opens one."
        assert said["up"] == "This is the top: the list of tables."
        driver.pane.open(f"dynamodb:{table.name}")
        await driver.until(lambda: driver.pane.current_item)
        said = await answers(driver.pilot)
        assert {"upload", "download", "link"} <= set(said)
        assert "edit" not in said
