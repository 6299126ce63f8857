"""When a page is read, and what happens to one that fails, comes too late or is stopped."""

from __future__ import annotations

import asyncio

import pytest

from tests.panes.dynamodb.conftest import (
    USERS,
    Drawn,
    PageGate,
    ScriptedTable,
    fill,
    make_table,
    throttled,
)
from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.browser import Change
from tui.panes.dynamodb.reading import FURTHER_PAGE
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemPage,
    ItemSource,
    PageToken,
)
from tui.services.dynamodb.values import NumberValue, StringValue
from tui.services.errors import ServiceError


async def test_pages_are_added_below_and_the_count_is_honest(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb)
    items = [Item({"id": NumberValue(str(number))}) for number in range(130)]
    items[129] = Item({**items[129], "late": StringValue("a column of a later page")})
    await fill(dynamodb, table, items)
    drawn = Drawn(dynamodb)
    await drawn.browser.open(ItemSource(table.name))
    assert drawn.browser.state.startswith("100+ items")
    names = len(drawn.items.columns)
    drawn.changes.clear()
    await drawn.browser.read_on()
    assert drawn.changes.count(Change.ADDED) == 1
    assert not {Change.ROWS, Change.LISTED} & set(drawn.changes)
    assert drawn.browser.state.startswith("130 items")
    assert len(set(drawn.ids)) == 130
    late = any("late" in item for item in drawn.rows[:100] if isinstance(item, Item))
    assert len(drawn.items.columns) == (names if late else names + 1)
    assert drawn.items.columns[-1].title == "late"


async def test_empty_pages_are_read_past_and_then_asked_about() -> None:
    service = ScriptedTable(0)
    asked: list[PageToken | None] = []

    async def scan(
        source: ItemSource, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        asked.append(token)
        last = len(asked) == 13
        items = (from_json('{"id": 7, "name": "found"}'),) if last else ()
        return ItemPage(source, items, 100, None if last else PageToken(len(asked)), 0.5)

    service.scan_page = scan  # type: ignore[method-assign]
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    assert len(asked) == 10
    assert "Examined 1,000 items, matched 0; there are more" in drawn.browser.why_empty(None)
    assert not drawn.browser.reader.wants_page(drawn.items)
    assert drawn.browser.reader.can_read_on(drawn.items)
    await drawn.browser.read_on()
    assert drawn.ids == ["7"]
    assert "1,300 examined" in drawn.browser.state
    assert [each.value for each in asked if each is not None] == list(range(1, 13))


async def test_an_answer_for_another_table_is_dropped() -> None:
    service = ScriptedTable(5)
    service.before_page = gate = PageGate()
    drawn = Drawn(service)
    slow = asyncio.create_task(drawn.browser.open(ItemSource("slow")))
    await gate.reached.wait()
    assert drawn.browser.state.endswith("loading…")
    service.before_page = None
    await drawn.browser.open(USERS)
    gate.open.set()
    await asyncio.gather(slow, return_exceptions=True)
    assert slow.cancelled()
    assert drawn.browser.location == "dynamodb:users"
    assert drawn.ids == ["0", "1", "2", "3", "4"]
    assert not drawn.browser.reader.is_active


async def test_a_list_that_comes_too_late_does_not_take_the_place_of_an_item() -> None:
    service = ScriptedTable(5)
    service.before_page = gate = PageGate()
    drawn = Drawn(service)
    slow = asyncio.create_task(drawn.browser.open(USERS))
    await gate.reached.wait()
    drawn.browser.show_one(service.table, service.item(3), 0.5)
    gate.open.set()
    await asyncio.gather(slow, return_exceptions=True)
    assert drawn.ids == ["3"]
    assert drawn.browser.location == "dynamodb:users  by key"


async def test_a_stop_keeps_what_came_and_waits_for_the_user() -> None:
    service = ScriptedTable(500)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    service.before_page = gate = PageGate()
    reading = asyncio.create_task(drawn.browser.read_on())
    await gate.reached.wait()
    assert drawn.browser.state.endswith("loading…")
    drawn.browser.stop()
    await asyncio.gather(reading, return_exceptions=True)
    assert len(drawn.ids) == 100
    assert not drawn.browser.reader.is_active
    assert not drawn.browser.reader.wants_page(drawn.items)
    service.before_page = None
    assert drawn.browser.reader.cursor_moved(drawn.items, 99)
    await drawn.browser.read_on()
    assert len(drawn.ids) == 200
    assert drawn.browser.reader.wants_page(drawn.items)


async def test_a_page_that_fails_is_asked_for_again_and_nothing_before_it() -> None:
    service = ScriptedTable(130)
    drawn = Drawn(service)
    reader = drawn.browser.reader

    def has_failed() -> bool:
        return reader.page_failed

    await drawn.browser.open(USERS)
    assert reader.wants_page(drawn.items)
    assert not reader.cursor_moved(drawn.items, 60)

    async def fail() -> None:
        raise throttled()

    service.before_page = fail
    with pytest.raises(ServiceError) as caught:
        await drawn.browser.read_on()
    assert caught.value.hint.startswith("wait. Press r to try this page again")
    assert has_failed()
    # A resize asks for more, too: it must not ask again and again.
    assert not reader.wants_page(drawn.items)
    assert not reader.cursor_moved(drawn.items, 60)
    assert reader.cursor_moved(drawn.items, 61)
    service.before_page = None
    await drawn.browser.read_on()
    assert not has_failed()
    assert len(drawn.ids) == 130
    assert [token for token, _ in service.asked] == [0, 100, 100]


async def test_of_a_first_page_that_fails_there_is_nothing_to_keep() -> None:
    service = ScriptedTable(130)

    async def fail() -> None:
        raise throttled()

    service.before_page = fail
    drawn = Drawn(service)
    with pytest.raises(ServiceError) as caught:
        await drawn.browser.open(USERS)
    assert caught.value.hint == "wait"
    assert not drawn.browser.reader.page_failed


async def test_every_page_is_read_in_larger_ones_and_the_cursor_goes_to_the_last() -> None:
    service = ScriptedTable(5000)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    await drawn.browser.read_all()
    assert drawn.cursor == service.item(4999)
    assert len(drawn.ids) == 5000
    assert {limit for _, limit in service.asked[1:]} == {FURTHER_PAGE}
    assert drawn.browser.state.startswith("5,000 items")
    assert drawn.changes.count(Change.ROWS) <= 1


async def test_in_an_order_of_their_own_all_rows_are_drawn_once_at_the_end() -> None:
    service = ScriptedTable(3000)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    drawn.browser.sort(0)
    drawn.browser.sort(0)
    drawn.changes.clear()
    await drawn.browser.read_all()
    assert drawn.changes.count(Change.ROWS) == 1
    assert drawn.ids == [str(number) for number in reversed(range(3000))]
    assert drawn.cursor == service.item(0)


async def test_a_stop_on_the_way_to_the_end_keeps_the_page_in_flight() -> None:
    service = ScriptedTable(5000)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    service.before_page = gate = PageGate()
    reading = asyncio.create_task(drawn.browser.read_all())
    await gate.reached.wait()
    assert drawn.browser.reader.reads_all
    assert drawn.browser.state == "100 items… Esc stops · 0.5 RCU"
    drawn.browser.stop()
    assert drawn.browser.state == "100 items… stopping · 0.5 RCU"
    gate.open.set()
    await reading
    assert drawn.browser.state.startswith("600+ items")
    assert drawn.cursor is None
    assert not drawn.browser.reader.wants_page(drawn.items)


async def test_an_error_on_the_way_to_the_end_keeps_what_came() -> None:
    service = ScriptedTable(5000)

    async def fail_late() -> None:
        if len(service.asked) == 3:
            raise throttled()

    service.before_page = fail_late
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    with pytest.raises(ServiceError):
        await drawn.browser.read_all()
    assert drawn.browser.state.startswith("600+ items")
    assert drawn.browser.reader.page_failed
    await drawn.browser.read_all()
    assert len(drawn.ids) == 5000
