"""The editor by keys: nothing is replaced in silence, no text is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.widgets import Static, TextArea

from tests.driver import running
from tests.panes.dynamodb.conftest import (
    ANDREW,
    DynamoDriver,
    OpenPane,
    make_table,
    same,
    text_of,
    write,
)
from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.editor import ItemEditor
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.dynamodb import DynamoService, Item, Receipt, TableInfo


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


@asynccontextmanager
async def editing(open_pane: OpenPane, table: TableInfo) -> AsyncIterator[DynamoDriver]:
    """The pane with Andrew in the editor."""
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        yield driver


async def test_an_edit_keeps_the_types_that_were_stored(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    original = '{"id": {"N": "1"}, "n": {"N": "9007199254740993"}, "tags": {"SS": ["b", "a"]}}'
    table = await make_table(dynamodb, original)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("9007199254740993")
        await driver.press("e")
        await driver.sees('"n": {"N": "9007199254740993"}')
        edited = text_of(driver)
        write(driver, edited.replace('"b"', '"c"'))
        await driver.press("ctrl+s")
        await driver.sees("Stored", '"c"')
    stored = (await dynamodb.get(table, from_json('{"id": 1}'))).item
    assert same(stored, original.replace('"b"', '"c"'))


async def test_an_edit_conflict_shows_both_and_loses_neither(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with editing(open_pane, table) as driver:
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
        await driver.sees("name: changed by both of you; stored Theirs, yours Mine")
        await driver.pilot.click("#over")
        await driver.sees("Save over what somebody else stored?", "name: Theirs → Mine")
        await driver.press("enter")
        await driver.misses("Save over what somebody else stored?")
        await driver.still()
        assert (await dynamodb.get(table, theirs)).item == theirs
        await driver.pilot.click("#over")
        await driver.sees("Save over what somebody else stored?")
        await driver.press("tab", "enter")
        await driver.sees("Stored", "Mine")
    assert same((await dynamodb.get(table, theirs)).item, '{"id": 1, "name": "Mine"}')


async def test_only_my_change_asks_before_it_replaces_what_both_changed(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with editing(open_pane, table) as driver:
        write(driver, '{"id": 1, "name": "Mine"}')
        theirs = from_json('{"id": 1, "name": "Theirs", "city": "Lund"}')
        await dynamodb.edit(table, from_json(ANDREW), theirs)
        await driver.press("ctrl+s")
        await driver.sees("Only my change")
        await driver.pilot.click("#only-mine")
        await driver.sees("Replace what both of you changed?", "name: Theirs → Mine")
        assert "city" not in str(driver.app.screen.query_one(".dialog-body Static", Static).content)
        await driver.press("enter")
        await driver.misses("Replace what both of you changed?")
        await driver.still()
        assert (await dynamodb.get(table, theirs)).item == theirs
        # It changes once more before the answer is given: that is another conflict.
        later = from_json('{"id": 1, "name": "Later", "city": "Lund"}')
        await dynamodb.edit(table, theirs, later)
        await driver.pilot.click("#only-mine")
        await driver.sees("name: Theirs → Mine")
        await driver.press("tab", "enter")
        await driver.sees("name: changed by both of you; stored Later, yours Mine")
        assert (await dynamodb.get(table, theirs)).item == later


async def test_a_changed_key_moves_the_item_and_never_onto_another(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW, '{"id": 2, "name": "Anna"}')
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew", "Anna")
        pane = driver.pane
        pane._put_cursor_on(from_json(ANDREW))
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
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("The table is empty")
        await driver.press("n")
        await driver.sees("New item")
        write(driver, '{"id": {"N": "1"},\n "tags": {"SS": ["[/]", "[/]"]}}')
        await driver.press("ctrl+s")
        await driver.sees("line 2, column 25: tags[1] is in the set twice")
        editor = driver.app.screen
        assert editor.query_one("#item", TextArea).cursor_location == (1, 24)
    assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is None


async def test_the_first_esc_over_a_changed_text_warns_and_the_second_leaves(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with editing(open_pane, table) as driver:
        await driver.press("x", "escape")
        await driver.sees("Esc again throws away what you typed")
        # The check of the text, which comes a moment later, does not take the warning away.
        editor = driver.app.screen
        assert isinstance(editor, ItemEditor)
        await editor._check()
        await driver.sees("Esc again throws away what you typed")
        # Who types on keeps the text, and the next Esc is a first one again.
        await driver.press("y")
        await driver.misses("Esc again throws away what you typed")
        await driver.press("escape")
        await driver.sees("Esc again throws away what you typed")
        assert "xy" in text_of(driver)
        await driver.press("escape")
        await driver.misses("Edit an item")


async def test_a_second_save_key_does_not_meet_what_the_first_has_written(
    open_pane: OpenPane,
    services: Services,
    dynamodb: DynamoService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = await make_table(dynamodb, ANDREW)
    gate = held(services, monkeypatch)
    async with editing(open_pane, table) as driver:
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Saving…")
        await driver.press("ctrl+s", "ctrl+s")
        gate.set()
        await driver.sees("Stored")
        await driver.misses("Edit an item", "somebody else")


async def test_an_editor_that_is_left_while_it_saves_still_says_what_became_of_it(
    open_pane: OpenPane,
    services: Services,
    dynamodb: DynamoService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = await make_table(dynamodb, ANDREW)
    gate = held(services, monkeypatch)
    async with editing(open_pane, table) as driver:
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Saving…")
        await driver.press("escape")
        await driver.sees("the answer is not there yet. Esc again leaves")
        await driver.press("escape")
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
        await driver.sees("Quit?", "was not sent")
        await driver.press("enter")
        await driver.misses("Quit?")
        assert text_of(driver) == "unsaved"


async def test_what_the_guard_refuses_keeps_the_text_and_the_table(
    open_pane: OpenPane,
    services: Services,
    dynamodb: DynamoService,
    read_only_account: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = await make_table(dynamodb, ANDREW)
    guarded = DynamoService(read_only_account)

    async def edit(table: TableInfo, original: Item, new: Item, **_: Any) -> Receipt:
        return await guarded.edit(table, original, new)

    monkeypatch.setattr(services.dynamodb, "edit", edit)
    async with editing(open_pane, table) as driver:
        write(driver, '{"id": 1, "name": "Mine"}')
        await driver.press("ctrl+s")
        await driver.sees("Read-only mode")
        assert "Mine" in text_of(driver)
    guarded.close()
    assert same((await dynamodb.get(table, from_json('{"id": 1}'))).item, ANDREW)


async def test_a_new_item_without_its_key_says_so_and_the_cursor_stays_in_the_quotes(
    open_pane: OpenPane, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb)
    async with open_pane(f"dynamodb:{table.name}") as driver:
        await driver.sees("The table is empty")
        await driver.press("n")
        await driver.sees("Fill in the key")
        editor = driver.app.screen
        assert isinstance(editor, ItemEditor)
        before = editor.area.cursor_location
        await driver.press("ctrl+s")
        await driver.sees("id is missing")
        assert editor.area.cursor_location == before
        assert "and 1 more" not in driver.text
