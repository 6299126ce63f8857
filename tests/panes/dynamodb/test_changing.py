"""Tables and items are made and deleted by keys: only after a question, only where they were asked
for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Select

from tests.driver import NARROW, WIDE, running, sandbox_services
from tests.panes.dynamodb.conftest import ANDREW, OpenPane, make_table, same, text_of, write
from tests.services.dynamodb.samples import from_json, unique
from tui.panes.dynamodb.pane import DynamoPane
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.dynamodb import (
    Billing,
    DynamoService,
    ItemSource,
    NewTable,
    Receipt,
    TableInfo,
)


async def test_a_delete_asks_and_starts_on_cancel(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("x")
        await driver.sees("Delete this item?", f"From {table.name} in us-east-1")
        await driver.press("enter")
        await driver.misses("Delete this item?")
        assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is not None
        await driver.press("x")
        await driver.sees("Delete this item?")
        await driver.press("tab", "enter")
        await driver.sees("Deleted 1 item", "The table is empty")
    assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is None


async def test_what_was_begun_in_one_region_is_never_written_in_another(
    open_pane: OpenPane, services: Services, account: Account, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    account.switch(region="eu-west-1")
    new = NewTable(table.name, table.partition, None, throughput=None)
    twin = [each async for each in dynamodb.create_table(new)][-1]
    await dynamodb.put(twin, from_json(ANDREW))
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        for key, title in (("n", "New item"), ("e", "Edit an item")):
            await driver.press(key)
            await driver.sees(title)
            write(driver, '{"id": 1, "name": "Mine"}' if key == "e" else '{"id": 2}')
            services.account.switch(region="eu-west-1")
            await driver.press("ctrl+s")
            await driver.sees("are not those any more", "Nothing was sent")
            services.account.switch(region="us-east-1")
            await driver.press("escape", "escape")
            await driver.misses(title)
        await driver.press("x")
        await driver.sees("Delete this item?", "in us-east-1")
        services.account.switch(region="eu-west-1")
        await driver.press("tab", "enter")
        await driver.sees("Nothing was sent")
    assert (await dynamodb.get(twin, from_json('{"id": 2}'))).item is None
    assert same((await dynamodb.get(twin, from_json('{"id": 1}'))).item, ANDREW)


async def test_a_new_table_is_made_where_its_form_was_opened(
    open_pane: OpenPane, services: Services, account: Account, dynamodb: DynamoService
) -> None:
    name = unique("t")
    async with open_pane("dynamodb:") as driver:
        await driver.sees("ACTIVE")
        await driver.press("n")
        await driver.sees("New table")
        await driver.type(name)
        services.account.switch(region="eu-west-1")
        await driver.press("ctrl+s")
        await driver.sees("are not those any more", "was begun. Nothing", "was sent.")
    account.switch(region="eu-west-1")
    assert name not in await dynamodb.list_tables()


async def test_marked_items_are_deleted_together(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, *(f'{{"id": {number}}}' for number in range(5)))
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("5 items")
        await driver.press("space", "space", "x")
        await driver.sees("Delete these 2 items?")
        await driver.press("tab", "enter")
        await driver.sees("Deleted 2 items", "3 items")
        await driver.press("asterisk", "x")
        await driver.sees("Delete these 3 items?")


async def test_deleting_shows_progress_asks_before_quitting_and_stops_between_items(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb, *(f'{{"id": {number}}}' for number in range(12)))
    let = asyncio.Semaphore(3)
    delete = services.dynamodb.delete

    async def slow(*given: Any, **named: Any) -> Receipt:
        await let.acquire()
        return await delete(*given, **named)

    monkeypatch.setattr(services.dynamodb, "delete", slow)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("12 items")
        await driver.press("asterisk", "x")
        await driver.sees("Delete these 12 items?")
        await driver.press("tab", "enter")
        pane = driver.app.workspace.frame("dynamodb").pane
        assert isinstance(pane, DynamoPane)
        await driver.until(lambda: pane.browser.deletion is not None, "the deleting")
        deletion = pane.browser.deletion
        assert deletion is not None
        await driver.until(lambda: deletion.deleted == 3, "three deleted items")
        pane.show_state()
        await driver.sees("deleted 3 of 12, Esc stops")
        await driver.press("ctrl+q")
        await driver.sees("Quit?", "“Delete” is under way")
        await driver.press("enter")
        await driver.misses("Quit?")
        await driver.press("escape")
        await driver.sees("stopping…")
        for _ in range(12):
            let.release()
        # Three had gone, and the four that were begun are finished and counted.
        await driver.sees("Not everything was deleted", "Deleted: 7 of 12 items.")
        await driver.sees("Stopped with Esc.", "Not tried: 5 items.")
        await driver.press("enter")
        await driver.sees("5 items")
    assert len((await dynamodb.scan_page(ItemSource(table.name))).items) == 5


async def test_a_table_can_be_made_while_another_is_being_made(
    open_pane: OpenPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(DynamoService):
        async def create_table(self, new: NewTable, **_: Any) -> AsyncIterator[TableInfo]:
            yield table_info(new)
            await asyncio.Event().wait()

    monkeypatch.setattr(DynamoService, "create_table", Never.create_table)
    async with open_pane("dynamodb:") as driver:
        await driver.sees("ACTIVE")
        await driver.press("n")
        await driver.sees("New table")
        await driver.type("slow-one")
        await driver.press("ctrl+s")
        await driver.sees("Creating slow-one…")
        await driver.press("n")
        await driver.sees("New table")


def table_info(new: NewTable) -> TableInfo:
    return TableInfo(
        name=new.name,
        status="CREATING",
        partition=new.partition,
        sort=None,
        indexes=(),
        billing=Billing.ON_DEMAND,
        throughput=None,
        item_count=None,
        size_bytes=None,
        deletion_protection=None,
        table_class="STANDARD",
        created=None,
        arn=None,
    )


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_new_table_says_above_its_button_what_is_billed(
    open_pane: OpenPane, size: tuple[int, int]
) -> None:
    async with open_pane("dynamodb:", size=size) as driver:
        await driver.press("n")
        await driver.sees("New table", "Billed by the request", "Create")
        driver.app.screen.query_one("#field-billing", Select).value = "provisioned"
        driver.app.screen.query_one("#field-read", Input).value = "5"
        await driver.sees("Billed by the hour, used or not: 5 read units, 1 write unit", "Create")


async def test_in_read_only_mode_no_form_for_a_change_opens(
    open_pane: OpenPane, sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with open_pane("dynamodb:members", services=services) as driver:
        await driver.sees("Ada Lovelace")
        for key, word in (("n", "New"), ("e", "Edit"), ("x", "Delete")):
            await driver.press(key)
            await driver.sees(f"Read-only mode: {word} is refused.")
            assert f"{key} {word}" not in driver.text.splitlines()[-1]
        assert len(driver.app.screen_stack) == 1
        await driver.press("enter")
        await driver.sees('"name": {"S": "Ada Lovelace"}')


async def test_a_table_that_was_deleted_is_told_with_a_next_step_and_the_text_stays(
    open_pane: OpenPane, dynamodb: DynamoService, account: Account
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        account.connection.client("dynamodb").delete_table(TableName=table.name)
        await driver.press("ctrl+s")
        await driver.sees("Could not change an item", "deleted", "press r on the list of tables")
        assert "Mine" in text_of(driver)
        await driver.press("escape")
        await driver.sees("Esc again throws away")
        await driver.press("escape")
        await driver.misses("Edit an item")
        await driver.press("x")
        await driver.sees("Delete this item?")
        await driver.press("tab", "enter")
        await driver.sees("There is no table", "ResourceNotFoundException", "R to choose another")
        await driver.sees("Andrew")
        await driver.misses("An error occurred")
