"""Many items are deleted a few at once: counted, stopped between two of them, shown as they go."""

from __future__ import annotations

import asyncio

import pytest

from tests.faulty import ServiceRequest, behind, refusal
from tests.local_server import Answer
from tests.panes.dynamodb.conftest import USERS, Drawn, ScriptedTable, make_table
from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.browser import Change
from tui.panes.dynamodb.deleting import AT_ONCE, SHOWN_CONFLICTS, ItemDeletion
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Connection
from tui.services.dynamodb import (
    DynamoService,
    Item,
    ItemConflict,
    ItemSource,
    Receipt,
    TableInfo,
)
from tui.services.errors import ErrorKind, ServiceError


async def delete_all(drawn: Drawn, account: Account) -> ItemDeletion:
    items = drawn.items
    return await drawn.browser.delete(items, items.shown_items(), account.connection)


async def test_an_item_that_changed_is_not_deleted(
    dynamodb: DynamoService, account: Account
) -> None:
    table = await make_table(dynamodb, '{"id": 1}', '{"id": 2}')
    drawn = Drawn(dynamodb)
    await drawn.browser.open(ItemSource(table.name))
    theirs = from_json('{"id": 1, "added": true}')
    await dynamodb.edit(table, from_json('{"id": 1}'), theirs)
    deletion = await delete_all(drawn, account)
    assert (await dynamodb.get(table, theirs)).item == theirs
    assert (await dynamodb.get(table, from_json('{"id": 2}'))).item is None
    assert drawn.ids == ["1"]
    assert deletion.deleted == 1
    deletion.raise_if_nothing_went()
    report = deletion.report()
    assert "Deleted: 1 of 2 items." in report
    assert '{"id": {"N": "1"}}: ' in report
    assert "changed by somebody else meanwhile" in report


async def test_the_conflict_of_the_only_item_is_an_error(
    dynamodb: DynamoService, account: Account
) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    drawn = Drawn(dynamodb)
    await drawn.browser.open(ItemSource(table.name))
    await dynamodb.edit(table, from_json('{"id": 1}'), from_json('{"id": 1, "added": true}'))
    deletion = await delete_all(drawn, account)
    with pytest.raises(ItemConflict, match="changed by somebody else"):
        deletion.raise_if_nothing_went()


async def test_nothing_is_deleted_on_another_connection(
    dynamodb: DynamoService, account: Account
) -> None:
    table = await make_table(dynamodb, '{"id": 1}')
    drawn = Drawn(dynamodb)
    await drawn.browser.open(ItemSource(table.name))
    before = account.connection
    account.switch(region="eu-west-1")
    deletion = await drawn.browser.delete(drawn.items, drawn.items.shown_items(), before)
    with pytest.raises(ServiceError, match="Nothing was sent"):
        deletion.raise_if_nothing_went()
    account.switch(region="us-east-1")
    assert (await dynamodb.get(table, from_json('{"id": 1}'))).item is not None


async def test_a_stop_finishes_and_counts_what_was_begun(account: Account) -> None:
    service = ScriptedTable(12)
    let = asyncio.Semaphore(3)
    delete = service.delete

    async def slow(table: TableInfo, item: Item, *, at: Connection | None = None) -> Receipt:
        await let.acquire()
        return await delete(table, item, at=at)

    service.delete = slow  # type: ignore[method-assign]
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    drawn.items.toggle_all_marks()
    deleting = asyncio.create_task(delete_all(drawn, account))
    await drawn.until(lambda: len(service.deleted) == 3)
    await asyncio.sleep(0)
    assert drawn.browser.state == "deleted 3 of 12, Esc stops"
    drawn.browser.stop()
    assert drawn.browser.state == "deleted 3 of 12, stopping…"
    for _ in range(12):
        let.release()
    deletion = await deleting
    assert deletion.deleted == 3 + AT_ONCE
    assert deletion.consumed == 3 + AT_ONCE
    report = deletion.report()
    assert "Deleted: 7 of 12 items." in report
    assert "Stopped with Esc." in report
    assert "Not tried: 5 items." in report
    assert len(drawn.ids) == 5
    assert "marked" not in drawn.browser.state
    assert drawn.browser.deletion is None


async def test_an_error_in_the_middle_says_how_many_went(
    sandbox: SandboxInfo, audit: AuditLog, dynamodb: DynamoService
) -> None:
    table = await make_table(dynamodb, *(f'{{"id": {number}}}' for number in range(9)))
    deletes: list[object] = []

    def refuse_the_fifth(request: ServiceRequest) -> Answer | None:
        if request.action == "DeleteItem":
            deletes.append(request)
            if len(deletes) > 4:
                return refusal(request, 400, "AccessDeniedException")
        return None

    with behind(sandbox, refuse_the_fifth, audit) as account:
        service = DynamoService(account)
        drawn = Drawn(service)
        await drawn.browser.open(ItemSource(table.name))
        deletion = await delete_all(drawn, account)
        service.close()
    deletion.raise_if_nothing_went()
    assert "Deleted: 4 of 9 items." in deletion.report()
    assert "AccessDenied" in deletion.report()
    assert len(drawn.ids) == 5


async def test_an_error_before_anything_went_is_raised(account: Account) -> None:
    service = ScriptedTable(9)

    async def refused(table: TableInfo, item: Item, *, at: Connection | None = None) -> Receipt:
        raise ServiceError("Denied.", kind=ErrorKind.DENIED)

    service.delete = refused  # type: ignore[method-assign]
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    deletion = await delete_all(drawn, account)
    with pytest.raises(ServiceError, match="Denied"):
        deletion.raise_if_nothing_went()
    assert len(drawn.ids) == 9


async def test_a_thousand_items_are_deleted_without_a_drawing_for_each(account: Account) -> None:
    service = ScriptedTable(1000)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    await drawn.browser.read_all()
    drawn.changes.clear()
    deletion = await delete_all(drawn, account)
    assert deletion.deleted == 1000
    assert drawn.rows == []
    assert drawn.changes.count(Change.ROWS) < 100


async def test_another_list_of_the_table_that_was_opened_meanwhile_is_out_of_date(
    account: Account,
) -> None:
    service = ScriptedTable(5)
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    items = drawn.items
    deletion = await delete_all(drawn, account)
    assert not drawn.browser.is_outdated_by(deletion, items)
    await drawn.browser.open(USERS)
    assert drawn.browser.is_outdated_by(deletion, items)
    await drawn.browser.open(ItemSource("orders"))
    assert not drawn.browser.is_outdated_by(deletion, items)


async def test_of_very_many_conflicts_the_first_are_named(account: Account) -> None:
    service = ScriptedTable(SHOWN_CONFLICTS + 7)

    async def changed(table: TableInfo, item: Item, *, at: Connection | None = None) -> Receipt:
        raise ItemConflict("Changed.", hint="", kind=ErrorKind.CONFLICT, current=item)

    service.delete = changed  # type: ignore[method-assign]
    drawn = Drawn(service)
    await drawn.browser.open(USERS)
    await drawn.browser.read_all()
    deletion = await delete_all(drawn, account)
    assert deletion.report().endswith("and 7 more like these")
