"""Changes of tables and items that the sandbox carries out, and whose answers are lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from tests.faulty import Losing, ServiceRequest, behind, refusal
from tests.local_server import Answer, HangUpError
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, session
from tui.services.dynamodb import DynamoService, NewTable
from tui.services.dynamodb.models import KeyAttribute, KeyType, Receipt, TableInfo
from tui.services.dynamodb.values import Item, NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError

both = pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])

ANDREW = Item({"id": NumberValue("1"), "name": StringValue("Andrew")})
RENAMED = Item({"id": NumberValue("1"), "name": StringValue("Anna")})
MOVED = Item({"id": NumberValue("2"), "name": StringValue("Andrew")})


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)


def new_table(*, key: str = "id") -> NewTable:
    return NewTable(f"lost-{uuid4().hex[:10]}", KeyAttribute(key, KeyType.NUMBER))


@asynccontextmanager
async def service_of(account: Account) -> AsyncIterator[DynamoService]:
    service = DynamoService(account)
    try:
        yield service
    finally:
        service.close()


async def created(service: DynamoService, new: NewTable) -> TableInfo:
    async for info in service.create_table(new):
        found = info
    return found


@both
async def test_a_table_that_is_being_created_is_not_called_taken(
    sandbox: SandboxInfo, audit: AuditLog, times: int
) -> None:
    new = new_table()
    with behind(sandbox, Losing(sandbox, "CreateTable", times), audit) as account:
        async with service_of(account) as service:
            info = await created(service, new)
    assert (info.name, info.status) == (new.name, "ACTIVE")


@both
async def test_a_table_that_is_gone_was_deleted(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    async with service_of(account) as service:
        table = await created(service, new_table())
        losing = Losing(sandbox, "DeleteTable", times)
        with behind(sandbox, losing, audit) as lossy:
            async with service_of(lossy) as other:
                await other.delete_table(table.name)
        assert losing.lost
        assert table.name not in await service.list_tables()


@both
async def test_protection_that_is_off_was_turned_off(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    async with service_of(account) as service:
        table = await created(service, new_table())
        account.connection.client("dynamodb").update_table(
            TableName=table.name, DeletionProtectionEnabled=True
        )
        losing = Losing(sandbox, "UpdateTable", times)
        with behind(sandbox, losing, audit) as lossy:
            async with service_of(lossy) as other:
                await other.turn_protection_off(table.name)
        assert losing.lost
        assert not (await service.describe(table.name)).deletion_protection


async def test_a_table_that_is_still_there_was_not_deleted(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    def hang_up(request: ServiceRequest) -> Answer | None:
        if request.action == "DeleteTable":
            raise HangUpError
        return None

    async with service_of(account) as service:
        table = await created(service, new_table())
        with behind(sandbox, hang_up, audit) as lossy:
            async with service_of(lossy) as other:
                with pytest.raises(ServiceError) as caught:
                    await other.delete_table(table.name)
    assert caught.value.kind is not ErrorKind.UNKNOWN
    assert "it was not done" in caught.value.hint


async def test_a_table_with_another_key_that_was_there_before_is_not_our_success(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    new, other = new_table(), new_table(key="number")
    async with service_of(account) as service:
        await created(service, NewTable(new.name, other.partition))
    with behind(sandbox, Losing(sandbox, "CreateTable", 1), audit) as faulty:
        async with service_of(faulty) as service:
            with pytest.raises(ServiceError) as caught:
                await created(service, new)
    assert caught.value.kind is ErrorKind.EXISTS
    assert "another name" in caught.value.hint


Change = Callable[[DynamoService, TableInfo], Awaitable[Receipt]]

CHANGES: dict[str, tuple[str, Change, list[Item]]] = {
    "put": ("PutItem", lambda s, t: s.put(t, MOVED), [ANDREW, MOVED]),
    "put over": ("PutItem", lambda s, t: s.put(t, RENAMED, overwrite=True), [RENAMED]),
    "edit": ("UpdateItem", lambda s, t: s.edit(t, ANDREW, RENAMED), [RENAMED]),
    "move": ("TransactWriteItems", lambda s, t: s.edit(t, ANDREW, MOVED), [MOVED]),
    "delete": ("DeleteItem", lambda s, t: s.delete(t, ANDREW), []),
}


@both
@pytest.mark.parametrize("change", list(CHANGES))
async def test_a_change_of_an_item_that_was_made_counts_as_done(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, change: str, times: int
) -> None:
    action, run, left = CHANGES[change]
    async with service_of(account) as service:
        table = await created(service, new_table())
        await service.put(table, ANDREW)
        with behind(sandbox, Losing(sandbox, action, times), audit) as faulty:
            async with service_of(faulty) as other:
                receipt = await run(other, table)
        assert receipt.changed
        stored = [(await service.get(table, table.key_of(each))).item for each in (ANDREW, MOVED)]
    assert [item for item in stored if item is not None] == left


@pytest.mark.parametrize("change", list(CHANGES))
async def test_a_change_that_nobody_can_look_at_is_unknown(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, change: str
) -> None:
    action, run, _ = CHANGES[change]
    losing = Losing(sandbox, action)

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.action == "GetItem" and losing.lost:
            return refusal(request, 400, "AccessDeniedException")
        return losing(request)

    async with service_of(account) as service:
        table = await created(service, new_table())
        await service.put(table, ANDREW)
    with behind(sandbox, intercept, audit) as faulty:
        async with service_of(faulty) as other:
            with pytest.raises(ServiceError) as caught:
                await run(other, table)
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert "before you write it once more" in caught.value.hint


async def test_a_delete_whose_repeat_finds_nothing_is_unknown_where_reading_is_denied(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    losing = Losing(sandbox, "DeleteItem", 1)

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.action == "GetItem" and losing.lost:
            return refusal(request, 400, "AccessDeniedException")
        return losing(request)

    async with service_of(account) as service:
        table = await created(service, new_table())
        await service.put(table, ANDREW)
    with behind(sandbox, intercept, audit) as faulty:
        async with service_of(faulty) as other:
            with pytest.raises(ServiceError) as caught:
                await other.delete(table, ANDREW)
    assert caught.value.kind is ErrorKind.UNKNOWN
