"""What stands beside a table or an item."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.driver import running, sandbox_services
from tests.services.dynamodb.samples import from_json, unique
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.row_detail import PARTLY, subject_of
from tui.panes.dynamodb.tables import TableList
from tui.sandbox import SandboxInfo
from tui.services.dynamodb import (
    Billing,
    IndexInfo,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    Projection,
    TableInfo,
)

ID = KeyAttribute("id", KeyType.NUMBER)
INDEX = IndexInfo("by-id", True, ID, None, Projection("KEYS_ONLY"), "ACTIVE", 1, 2, None)
TABLE = TableInfo(
    "t", "ACTIVE", ID, None, (INDEX,), Billing.ON_DEMAND, None, 1, 2, None, "STANDARD", None, None
)


class Describing:
    """A service that is asked what tables are."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, name: str) -> TableInfo:
        self.asked.append(name)
        return replace(TABLE, name=name)


async def test_a_table_that_was_described_is_not_asked_for() -> None:
    describe = Describing()
    tables = TableList()
    tables.take_names(["t", "u"])
    tables.infos["t"] = TABLE
    subject = subject_of(tables, 0, describe)
    assert subject is not None
    text = (await subject.read()).text
    assert "id (N)" in text
    assert "Global index by-id" in text
    assert not describe.asked
    other = subject_of(tables, 1, describe)
    assert other is not None
    before = other
    assert "id (N)" in (await other.read()).text
    assert describe.asked == ["u"]
    tables.infos["u"] = replace(TABLE, name="u")
    assert subject_of(tables, 1, describe) != before


async def test_an_item_is_shown_as_it_is_stored() -> None:
    items = ItemList(TABLE, ItemSource("t"))
    items.put(from_json('{"id": {"N": "1.50"}, "s": {"SS": ["a"]}}'))
    for _ in items.arrange():
        pass
    items.settle()
    subject = subject_of(items, 0, Describing())
    assert subject is not None
    assert subject.title == "1.50"
    shown = await subject.read()
    assert json.loads(shown.text) == {"id": {"N": "1.50"}, "s": {"SS": ["a"]}}
    assert not shown.note


async def test_an_item_of_an_index_says_that_it_is_not_whole() -> None:
    items = ItemList(TABLE, ItemSource("t", "by-id"))
    items.put(from_json('{"id": {"N": "1"}}'))
    for _ in items.arrange():
        pass
    items.settle()
    subject = subject_of(items, 0, Describing())
    assert subject is not None
    assert (await subject.read()).note == PARTLY


def test_without_a_row_there_is_no_detail() -> None:
    assert subject_of(TableList(), None, Describing()) is None
    assert subject_of(TableList(), 0, Describing()) is None


async def test_z_shows_the_item_under_the_cursor_beside_the_rows(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path)
    new = NewTable(unique("detail"), ID, throughput=None)
    table = [look async for look in services.dynamodb.create_table(new)][-1]
    for number in ("1", "2"):
        item = from_json(f'{{"id": {{"N": "{number}"}}, "s": {{"S": "x{number}"}}}}')
        await services.dynamodb.put(table, item)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("2 items")
        await driver.press("z")
        pane = driver.app.workspace.frame("dynamodb").pane
        first = pane.current_item.value("id").text
        await driver.sees(f'"s": {{"S": "x{first}"}}')
        await driver.press("down")
        await driver.sees(f'"s": {{"S": "x{3 - int(first)}"}}')
        await driver.press("backspace")
        await driver.sees("Partition key           ", "No indexes.")
