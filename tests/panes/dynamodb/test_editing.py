"""Put, edit and delete by keys: nothing is replaced in silence, no text is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Select, Static, TextArea

from tests.driver import NARROW, WIDE, Driver, running, sandbox_services
from tests.faulty import ServiceRequest, door, refusal
from tests.local_server import Answer
from tests.panes.dynamodb.conftest import make_table, pane_of, same, unique
from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.editor import ItemEditor
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.dynamodb import (
    Billing,
    DynamoService,
    Item,
    ItemPage,
    KeyAttribute,
    KeyType,
    NewTable,
    Receipt,
    Source,
    TableInfo,
)

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
        await driver.sees("Save over what somebody else stored?", "name: Andrew → Somebody")
        await driver.press("tab", "enter")
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
        await driver.sees("name: changed by both of you; stored Theirs, yours Mine")
        await driver.pilot.click("#over")
        await driver.sees("Save over what somebody else stored?", "name: Theirs → Mine")
        await driver.press("enter")
        await driver.misses("Save over what somebody else stored?")
        assert (await dynamodb.get(table, theirs)).item == theirs
        await driver.pilot.click("#over")
        await driver.sees("Save over what somebody else stored?")
        await driver.press("tab", "enter")
        await driver.sees("Stored", "Mine")
    assert same((await dynamodb.get(table, theirs)).item, '{"id": 1, "name": "Mine"}')


async def test_only_my_change_leaves_what_somebody_else_changed(
    services: Services, dynamodb: DynamoService
) -> None:
    original = '{"id": 1, "name": "Andrew", "city": "Malmö", "age": 3}'
    table = await make_table(dynamodb, original)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine", "city": "Malmö"}')
        theirs = from_json('{"id": 1, "name": "Andrew", "city": "Lund", "age": 3, "new": true}')
        await dynamodb.edit(table, from_json(original), theirs)
        await driver.press("ctrl+s")
        await driver.sees("4 attributes differ", "Only my change")
        await driver.sees("name: changed by you; stored Andrew, yours Mine")
        await driver.sees("city: changed by somebody else, Malmö → Lund")
        await driver.sees("new: changed by somebody else, missing → true")
        await driver.pilot.click("#only-mine")
        await driver.sees("Stored", "Lund")
    stored = (await dynamodb.get(table, theirs)).item
    assert same(stored, '{"id": 1, "name": "Mine", "city": "Lund", "new": true}')


async def test_only_my_change_asks_before_it_replaces_what_both_changed(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
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
        assert (await dynamodb.get(table, theirs)).item == theirs
        # It changes once more before the answer is given: that is another conflict.
        later = from_json('{"id": 1, "name": "Later", "city": "Lund"}')
        await dynamodb.edit(table, theirs, later)
        await driver.pilot.click("#only-mine")
        await driver.sees("name: Theirs → Mine")
        await driver.press("tab", "enter")
        await driver.sees("name: changed by both of you; stored Later, yours Mine")
        assert (await dynamodb.get(table, theirs)).item == later


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


async def test_the_first_esc_over_a_changed_text_warns_and_the_second_leaves(
    services: Services, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
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
        await driver.until(lambda: pane_of(driver).browser.deletion is not None, "the deleting")
        deletion = pane_of(driver).browser.deletion
        assert deletion is not None
        await driver.until(lambda: deletion.deleted == 3, "three deleted items")
        pane_of(driver).show_state()
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
    assert len((await dynamodb.scan_page(Source(table.name))).items) == 5


async def test_an_error_in_the_middle_of_deleting_says_how_many_went(
    sandbox: SandboxInfo, tmp_path: Path, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, *(f'{{"id": {number}}}' for number in range(9)))
    deletes: list[object] = []

    def refuse_the_fifth(request: ServiceRequest) -> Answer | None:
        if request.action == "DeleteItem":
            deletes.append(request)
            if len(deletes) > 4:
                return refusal(request, 400, "AccessDeniedException")
        return None

    with door(sandbox, refuse_the_fifth) as opened:
        services = sandbox_services(sandbox, tmp_path, endpoint_url=opened.url)
        async with running(services, location=f"dynamodb:{table.name}") as driver:
            await driver.sees("9 items")
            await driver.press("asterisk", "x")
            await driver.sees("Delete these 9 items?")
            await driver.press("tab", "enter")
            await driver.sees("Not everything was deleted", "Deleted: 4 of 9 items.")
            await driver.sees("AccessDenied")
            await driver.press("enter")
            await driver.sees("5 items")


async def test_a_thousand_items_are_deleted_without_a_drawing_for_each(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb, '{"id": 1}')

    async def at_once(*given: Any, **named: Any) -> Receipt:
        return Receipt(changed=True, consumed=1.0)

    monkeypatch.setattr(services.dynamodb, "delete", at_once)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("1 item")
        pane = pane_of(driver)
        assert pane.browser.items is not None
        items = tuple(from_json(f'{{"id": {number}}}') for number in range(1000))
        pane.browser.items.add_page(ItemPage(pane.browser.items.source, items, 1000, None, None))
        pane.browser.items.settle()
        pane._draw()
        await driver.press("asterisk", "x")
        await driver.sees("Delete these 1,000 items?")
        drawn: list[object] = []
        draw = pane._draw

        def counting(*given: Item) -> None:
            drawn.append(given)
            draw(*given)

        monkeypatch.setattr(pane, "_draw", counting)
        await driver.press("tab", "enter")
        await driver.sees("Deleted 1,000 items", "The table is empty")
        assert len(drawn) < 100


async def test_a_table_can_be_made_while_another_is_being_made(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Never(DynamoService):
        async def create_table(self, new: NewTable, **_: Any) -> AsyncIterator[TableInfo]:
            yield table_info(new)
            await asyncio.Event().wait()

    monkeypatch.setattr(DynamoService, "create_table", Never.create_table)
    async with running(services, location="dynamodb:") as driver:
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


async def test_what_the_guard_refuses_keeps_the_text_and_the_table(
    services: Services, dynamodb: DynamoService, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        monkeypatch.setattr(services.account, "_read_only", True)
        await driver.press("ctrl+s")
        await driver.sees("Read-only mode")
        assert "Mine" in text_of(driver)
    assert same((await dynamodb.get(table, from_json('{"id": 1}'))).item, ANDREW)


@pytest.mark.parametrize("key_type", list(KeyType))
async def test_a_new_item_without_its_key_says_so_and_the_cursor_stays_in_the_quotes(
    services: Services, dynamodb: DynamoService, key_type: KeyType
) -> None:
    table = await make_table(dynamodb, partition=KeyAttribute("id", key_type))
    async with running(services, location=f"dynamodb:{table.name}") as driver:
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


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_new_table_says_above_its_button_what_is_billed(
    services: Services, size: tuple[int, int]
) -> None:
    async with running(services, location="dynamodb:", size=size) as driver:
        await driver.press("n")
        await driver.sees("New table", "Billed by the request", "Create")
        driver.app.screen.query_one("#field-billing", Select).value = "provisioned"
        driver.app.screen.query_one("#field-read", Input).value = "5"
        await driver.sees("Billed by the hour, used or not: 5 read units, 1 write unit", "Create")


async def test_in_read_only_mode_no_form_for_a_change_opens(
    sandbox: SandboxInfo, tmp_path: Path
) -> None:
    services = sandbox_services(sandbox, tmp_path, read_only=True)
    async with running(services, location="dynamodb:members") as driver:
        await driver.sees("Ada Lovelace")
        for key, word in (("n", "New"), ("e", "Edit"), ("x", "Delete")):
            await driver.press(key)
            await driver.sees(f"Read-only mode: {word} is refused.")
            assert f"{key} {word}" not in driver.text.splitlines()[-1]
        assert len(driver.app.screen_stack) == 1
        await driver.press("enter")
        await driver.sees('"name": {"S": "Ada Lovelace"}')


async def test_a_table_that_was_deleted_is_told_with_a_next_step_and_the_text_stays(
    services: Services, dynamodb: DynamoService, account: Account
) -> None:
    table = await make_table(dynamodb, ANDREW)
    async with running(services, location=f"dynamodb:{table.name}") as driver:
        await driver.sees("Andrew")
        await driver.press("e")
        await driver.sees("Edit an item")
        write(driver, '{"id": 1, "name": "Mine"}')
        account.client("dynamodb").delete_table(TableName=table.name)
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
