"""Put, edit and delete by keys: nothing is replaced in silence, no text is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from tests.driver import Driver, running, sandbox_services
from tests.panes.dynamodb.conftest import make_table, pane_of, same, unique
from tui.panes.dynamodb.editor import ItemEditor
from tui.services.account import Account
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService, NewTable, Receipt, from_json
from tui.services.sandbox import SandboxInfo

ANDREW = '{"id": 1, "name": "Andrew"}'


def write(driver: Driver, text: str) -> None:
    """Put a text into the open editor."""
    editor = driver.app.screen
    assert isinstance(editor, ItemEditor)
    editor.query_one("#item", TextArea).text = text


def text_of(driver: Driver) -> str:
    editor = driver.app.screen
    assert isinstance(editor, ItemEditor)
    return editor.query_one("#item", TextArea).text


def held(services: Services, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Edits are stored at once, but their answer waits for the event."""
    gate = asyncio.Event()
    edit = services.dynamodb.edit

    async def slow(*given: Any, **named: Any) -> Receipt:
        receipt = await edit(*given, **named)
        await gate.wait()
        return receipt

    monkeypatch.setattr(services.dynamodb, "edit", slow)
    return gate


async def test_an_edit_keeps_the_types_that_were_stored(
    services: Services, dynamodb: DynamoService
) -> None:
    original = '{"id": {"N": "1"}, "n": {"N": "9007199254740993"}, "tags": {"SS": ["b", "a"]}}'
    table = await make_table(dynamodb, original)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("9007199254740993")
        await driver.press("e")
        await driver.sees('"n": {"N": "9007199254740993"}')
        edited = text_of(driver)
        write(driver, edited.replace('"b"', '"c"'))
        await driver.press("ctrl+s")
        await driver.sees("Stored", '"c"')
    stored = (await dynamodb.get(table, from_json('{"id": 1}'))).item
    assert same(stored, original.replace('"b"', '"c"'))


async def test_an_item_that_exists_is_shown_and_only_replaced_on_purpose(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("n")
        await driver.sees("New item")
        write(driver, '{"id": 1, "name": "Somebody"}')
        await driver.press("ctrl+s")
        await driver.sees("is in", "already; it was not replaced", "Stored now", "Save over it")
        await driver.sees('"name": {"S": "Andrew"}')
        assert "Somebody" in text_of(driver)
        assert same((await dynamodb.get(table, from_json('{"id": 1}'))).item, ANDREW)
        await driver.pilot.click("#over")
        await driver.sees("Stored", "Somebody")
        await driver.misses("Andrew")
    stored = (await dynamodb.get(table, from_json('{"id": 1}'))).item
    assert same(stored, '{"id": 1, "name": "Somebody"}')


async def test_an_edit_conflict_shows_both_and_loses_neither(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": {"N": "1"}, "name": {"S": "Mine"}}')
        theirs = from_json('{"id": 1, "name": "Theirs"}')
        await dynamodb.edit(table, from_json(ANDREW), theirs)
        await driver.press("ctrl+s")
        await driver.sees("changed by somebody else", "Stored now")
        await driver.sees('"name": {"S": "Theirs"}', '"name": {"S": "Mine"}')
        assert (await dynamodb.get(table, theirs)).item == theirs
        # Saving again without a decision is the same conflict, not an overwrite.
        await driver.press("ctrl+s")
        await driver.sees("changed by somebody else")
        assert (await dynamodb.get(table, theirs)).item == theirs
        await driver.pilot.click("#over")
        await driver.sees("Stored", "Mine")
    assert same((await dynamodb.get(table, theirs)).item, '{"id": 1, "name": "Mine"}')


async def test_an_item_deleted_meanwhile_can_be_stored_again(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        await dynamodb.delete(table, from_json(ANDREW))
        await driver.press("ctrl+s")
        await driver.sees("deleted by somebody else", "Store it again")
        await driver.pilot.click("#over")
        await driver.sees("Stored", "Mine")
    stored = (await dynamodb.get(table, from_json('{"id": 1}'))).item
    assert same(stored, '{"id": 1, "name": "Mine"}')


async def test_a_changed_key_moves_the_item_and_never_onto_another(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW, '{"id": 2, "name": "Anna"}')
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew", "Anna")
        pane = pane_of(driver)
        pane.draw(from_json(ANDREW))
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 2, "name": "Andrew"}')
        await driver.press("ctrl+s")
        await driver.sees("already; it was not replaced")
        await driver.misses("Save over it")
        write(driver, '{"id": 3, "name": "Andrew"}')
        await driver.press("ctrl+s")
        await driver.sees("Stored", "2 items")
    assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is None
    stored = (await dynamodb.get(table, from_json('{"id": 3}'))).item
    assert same(stored, '{"id": 3, "name": "Andrew"}')


async def test_a_bad_text_is_pointed_at_and_not_sent(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("The table is empty")
        await driver.press("n")
        await driver.sees("New item")
        write(driver, '{"id": {"N": "1"},\n "tags": {"SS": ["[/]", "[/]"]}}')
        await driver.press("ctrl+s")
        await driver.sees("line 2, column 25: tags[1] is in the set twice")
        editor = driver.app.screen
        assert editor.query_one("#item", TextArea).cursor_location == (1, 24)
    assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is None


async def test_leaving_a_changed_text_asks_first(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, "unsaved")
        await driver.press("escape")
        await driver.sees("Throw the changes away?")
        await driver.press("enter")
        await driver.misses("Throw the changes away?")
        assert text_of(driver) == "unsaved"
        await driver.press("escape")
        await driver.sees("Throw the changes away?")
        await driver.press("tab", "enter")
        await driver.misses("Edit an item")


async def test_a_second_save_key_does_not_meet_what_the_first_has_written(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb, ANDREW)
    gate = held(services, monkeypatch)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Saving…")
        await driver.press("ctrl+s", "ctrl+s")
        gate.set()
        await driver.sees("Stored")
        await driver.misses("Edit an item", "somebody else")


async def test_an_editor_that_is_left_while_it_saves_still_says_what_became_of_it(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb, ANDREW)
    gate = held(services, monkeypatch)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Saving…")
        await driver.press("escape")
        await driver.sees("Throw the text away?", "the answer is not there yet")
        await driver.press("tab", "enter")
        await driver.misses("Edit an item")
        gate.set()
        await driver.sees("Stored", "Mine")


async def test_quitting_over_an_unsaved_text_asks_first(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, "unsaved")
        await driver.press("ctrl+q")
        await driver.sees("Quit?", "the text was not saved")
        await driver.press("enter")
        await driver.misses("Quit?")
        assert text_of(driver) == "unsaved"


async def test_a_delete_asks_and_starts_on_cancel(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
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


async def test_an_item_that_changed_is_not_deleted(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("x")
        await driver.sees("Delete this item?")
        theirs = from_json('{"id": 1, "name": "Andrew", "added": true}')
        await dynamodb.edit(table, from_json(ANDREW), theirs)
        await driver.press("tab", "enter")
        await driver.sees("changed by somebody else meanwhile")
    assert (await dynamodb.get(table, theirs)).item == theirs


async def test_what_was_begun_in_one_region_is_never_written_in_another(
    services: Services, account: Account, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    account.switch(region="eu-west-1")
    new = NewTable(table.name, table.partition, None, throughput=None)
    twin = [each async for each in dynamodb.create_table(new)][-1]
    await dynamodb.put(twin, from_json(ANDREW))
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        for key, title in (("n", "New item"), ("e", "Edit an item")):
            await driver.press(key)
            await driver.sees(title)
            write(driver, '{"id": 1, "name": "Mine"}' if key == "e" else '{"id": 2}')
            services.account.switch(region="eu-west-1")
            await driver.press("ctrl+s")
            await driver.sees("are not those any more", "Nothing was sent")
            services.account.switch(region="us-east-1")
            await driver.press("escape", "tab", "enter")
            await driver.misses(title)
        await driver.press("x")
        await driver.sees("Delete this item?", "in us-east-1")
        services.account.switch(region="eu-west-1")
        await driver.press("tab", "enter")
        await driver.sees("Nothing was sent")
    assert (await dynamodb.get(twin, from_json('{"id": 2}'))).item is None
    assert same((await dynamodb.get(twin, from_json('{"id": 1}'))).item, ANDREW)


async def test_a_new_table_is_made_where_its_form_was_opened(
    services: Services, account: Account, dynamodb: DynamoService
) -> None:
    name = unique("t")
    async with running(services, location="dynamodb:") as driver:
        await driver.press("f4", "n")
        await driver.sees("New table")
        await driver.type(name)
        services.account.switch(region="eu-west-1")
        await driver.press("ctrl+s")
        await driver.sees("are not those any more", "Nothing was sent")
    account.switch(region="eu-west-1")
    assert name not in await dynamodb.list_tables()


async def test_marked_items_are_deleted_together(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, *(f'{{"id": {number}}}' for number in range(5)))
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("5 items")
        await driver.press("space", "space", "x")
        await driver.sees("Delete these 2 items?")
        await driver.press("tab", "enter")
        await driver.sees("Deleted 2 items", "3 items")
        await driver.press("asterisk", "x")
        await driver.sees("Delete these 3 items?")


async def test_read_only_mode_keeps_the_text_and_the_table(
    sandbox: SandboxInfo, tmp_path: Path, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Read-only mode")
        assert "Mine" in text_of(driver)
    assert same((await dynamodb.get(table, from_json('{"id": 1}'))).item, ANDREW)
