"""A table with very many items: to its end with one key, filtered without holding up a key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.driver import screen_text
from tests.panes.pane_app import PaneApp
from tests.watchdog import watchdog
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.pane import DynamoPane
from tui.services.bundle import Services
from tui.services.dynamodb import Item, ItemPage, ItemSource, PageToken
from tui.services.dynamodb.values import ListValue, MapValue, NumberValue, StringValue

ITEMS = 20_000


def item(number: int) -> Item:
    return Item(
        {
            "id": NumberValue(str(number)),
            "name": StringValue(f"name of {number}"),
            "list": ListValue((StringValue("x"), MapValue({"inside": StringValue("y")}))),
        }
    )


class ManyItems:
    """Stands in for scans of a table: to fill a real one takes minutes."""

    def __init__(self) -> None:
        self.requests = 0

    async def scan_page(
        self, source: ItemSource, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        self.requests += 1
        await asyncio.sleep(0)  # as for any request, the event loop goes on meanwhile
        first = token.value if token else 0
        assert isinstance(first, int)
        last = min(first + limit, ITEMS)
        items = tuple(map(item, range(first, last)))
        following = PageToken(last) if last < ITEMS else None
        return ItemPage(source, items, len(items), following, 1.0)


@pytest.fixture
def many(services: Services, monkeypatch: pytest.MonkeyPatch) -> ManyItems:
    table = ManyItems()
    monkeypatch.setattr(services.dynamodb, "scan_page", table.scan_page)
    return table


async def until(pilot: Any, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await pilot.pause(0.01)


def view_of(pane: DynamoPane) -> ItemList:
    assert pane.browser.items is not None
    return pane.browser.items


async def test_one_key_goes_to_the_last_item_of_all(services: Services, many: ManyItems) -> None:
    pane = DynamoPane(services)
    app = PaneApp(pane, "dynamodb:members")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: pane.grid.rows)
        with watchdog():
            await pilot.press("G")
            await until(pilot, lambda: view_of(pane).complete and not pane.browser.reader.is_active)
        assert pane.current_item == item(ITEMS - 1)
        assert many.requests < ITEMS / 400
        assert "20,000 items" in screen_text(app)


async def test_no_letter_of_a_filter_holds_up_the_next_one(
    services: Services, many: ManyItems
) -> None:
    pane = DynamoPane(services)
    app = PaneApp(pane, "dynamodb:members")
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: pane.grid.rows)
        view = view_of(pane)
        for first in range(100, 30_000, 1000):
            page = tuple(map(item, range(first, first + 1000)))
            view.add_page(ItemPage(view.source, page, len(page), None, None))
            await asyncio.sleep(0)
        view.settle()
        pane._draw()
        with watchdog():
            await pilot.press("slash")
            await pilot.press(*"name of 2999")
            await until(pilot, lambda: view.is_arranged and len(view.shown) == 11)
            await pilot.press("enter", "right", "o")
            await until(pilot, lambda: view.is_arranged and view.sort == ("name", False))
            await pilot.press("escape")
            await until(pilot, lambda: view.is_arranged and len(view.shown) == len(view.items))
