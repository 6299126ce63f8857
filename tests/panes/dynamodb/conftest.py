"""The DynamoDB pane alone on the sandbox, and its browser without any screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from tests.driver import WIDE, Driver, sandbox_services
from tests.panes.pane_app import PaneApp
from tests.services.dynamodb import samples
from tests.services.dynamodb.samples import from_json, put_all, table_with_an_index, unique
from tui.panes.dynamodb.browser import Change, DynamoBrowser
from tui.panes.dynamodb.editor import ItemEditor
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.pane import DynamoPane
from tui.panes.dynamodb.tables import TableList
from tui.sandbox import SandboxInfo
from tui.services.aws import Account, Connection
from tui.services.bundle import Services
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemPage,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    PageToken,
    Receipt,
    TableInfo,
)
from tui.services.dynamodb.values import NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from tui.app import TristoreApp

USERS = ItemSource("users")
"""What ScriptedTable has."""

ANDREW = '{"id": 1, "name": "Andrew"}'

OpenPane = Callable[..., AbstractAsyncContextManager["DynamoDriver"]]


class DynamoDriver(Driver):
    """A driver that knows the DynamoDB pane."""

    def __init__(self, app: PaneApp[DynamoPane], pilot: Pilot[Any]) -> None:
        # The keys and the screen are all that the driver wants of the application.
        super().__init__(cast("TristoreApp", app), pilot)
        self.pane = app.pane

    @property
    def items(self) -> ItemList:
        """The items that are listed."""
        assert self.pane.browser.items is not None
        return self.pane.browser.items


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


@pytest.fixture
def open_pane(services: Services) -> OpenPane:
    """Starts the DynamoDB pane alone, at a location."""

    @asynccontextmanager
    async def start(
        location: str, *, size: tuple[int, int] = WIDE, services: Services = services
    ) -> AsyncIterator[DynamoDriver]:
        app = PaneApp(DynamoPane(services), location)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield DynamoDriver(app, pilot)
        services.close()

    return start


@pytest.fixture
def dynamodb(account: Account) -> Iterator[DynamoService]:
    """Somebody else at work in the same account."""
    service = DynamoService(account)
    yield service
    service.close()


class Drawn:
    """Does what a view does with each change, and remembers what it was told."""

    def __init__(self, service: DynamoService) -> None:
        self.browser = DynamoBrowser(service, self._changed)
        self.changes: list[Change] = []
        self.rows: list[Item | str] = []
        self.cursor: Item | str | None = None
        """Where the cursor was last sent."""

    @property
    def items(self) -> ItemList:
        assert self.browser.items is not None
        return self.browser.items

    @property
    def ids(self) -> list[str]:
        """The key of each row that is an item."""
        found = [row["id"] for row in self.rows if isinstance(row, Item)]
        return [each.text for each in found if isinstance(each, NumberValue)]

    def _changed(self, change: Change, at: Item | str | None) -> None:
        self.changes.append(change)
        listed = self.browser.listed
        if change in (Change.LISTED, Change.ROWS):
            shown = listed.shown if isinstance(listed, TableList) else listed.shown_items()
            self.rows = list(shown)
        elif change is Change.ADDED and isinstance(listed, ItemList):
            self.rows += listed.shown_items(len(self.rows))
        if change is not Change.DESCRIBED:
            self.cursor = at or self.cursor

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.005)


def throttled() -> ServiceError:
    return ServiceError("Could not read.", cause="Throttled", hint="wait", kind=ErrorKind.THROTTLED)


class PageGate:
    """Holds pages up until it opens."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.open.wait()


class ScriptedTable(DynamoService):
    """Answers at once, without AWS: a table `users` with `count` items, numbered from 0."""

    def __init__(self, count: int) -> None:
        self.table = samples.table()
        self.count = count
        self.asked: list[tuple[object, int]] = []
        """The token and the limit of each page."""
        self.before_page: Callable[[], Awaitable[None]] | None = None
        self.deleted: list[Item] = []

    def item(self, number: int) -> Item:
        return Item({"id": NumberValue(str(number)), "name": StringValue(f"name of {number}")})

    async def list_tables(self) -> tuple[str, ...]:
        return ("orders", "users", "visits")

    async def describe(
        self, table: str, *, with_recovery: bool = False, at: Connection | None = None
    ) -> TableInfo:
        return replace(self.table, name=table)

    async def scan_page(
        self, source: ItemSource, token: PageToken | None = None, limit: int = 100
    ) -> ItemPage:
        first = 0 if token is None else token.value
        assert isinstance(first, int)
        self.asked.append((first, limit))
        await asyncio.sleep(0)
        if self.before_page is not None:
            await self.before_page()
        last = min(first + limit, self.count)
        items = tuple(map(self.item, range(first, last)))
        following = PageToken(last) if last < self.count else None
        return ItemPage(source, items, len(items), following, 0.5)

    async def delete(
        self, table: TableInfo, item: Item, *, at: Connection | None = None
    ) -> Receipt:
        await asyncio.sleep(0)
        self.deleted.append(item)
        return Receipt(changed=True, consumed=1.0)


async def make_table(
    dynamodb: DynamoService,
    *texts: str,
    partition: KeyAttribute | None = None,
    sort: KeyAttribute | None = None,
) -> TableInfo:
    """A table with the items of these JSON texts; its key is the number `id` unless told."""
    key = partition or KeyAttribute("id", KeyType.NUMBER)
    new = NewTable(unique("t"), key, sort, throughput=None)
    info = [each async for each in dynamodb.create_table(new)][-1]
    await fill(dynamodb, info, [from_json(text) for text in texts])
    return info


async def fill(dynamodb: DynamoService, table: TableInfo, items: list[Item]) -> None:
    await put_all(dynamodb, table, items)


def same(first: Mapping[str, object] | None, text: str) -> bool:
    """Whether an item is the one of a JSON text."""
    return first == from_json(text)


@pytest.fixture
async def indexed(dynamodb: DynamoService, account: Account) -> TableInfo:
    """A table whose index leaves attributes out, with one item."""
    name = table_with_an_index(account)
    info = await dynamodb.describe(name)
    await dynamodb.put(info, from_json('{"id": 1, "email": "a@b", "name": "Anna"}'))
    return info


def write(driver: Driver, text: str) -> None:
    """Put a text into the open editor."""
    editor = driver.app.screen
    assert isinstance(editor, ItemEditor)
    editor.query_one("#item", TextArea).text = text


def text_of(driver: Driver) -> str:
    editor = driver.app.screen
    assert isinstance(editor, ItemEditor)
    return editor.query_one("#item", TextArea).text
