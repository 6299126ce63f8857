"""Changes of instances and snapshots that are carried out, and whose answers are lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faulty import Losing, ServiceRequest, behind, refusal
from tests.local_server import Answer
from tests.services.rds.samples import bare_instance, snapshot_by_hand
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import RdsService

both = pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 2)


@contextmanager
def service_behind(sandbox: SandboxInfo, audit: AuditLog, intercept: Any) -> Iterator[RdsService]:
    with behind(sandbox, intercept, audit) as account:
        service = RdsService(account)
        yield service
        service.close()


def instance(account: Account, **more: Any) -> str:
    return bare_instance(account.connection.client("rds"), **more)


def snapshot(account: Account, instance: str) -> str:
    return snapshot_by_hand(account.connection.client("rds"), instance)


@both
async def test_an_instance_that_is_gone_was_deleted(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    name = instance(account)
    losing = Losing(sandbox, "DeleteDBInstance", times)
    with service_behind(sandbox, audit, losing) as rds:
        await rds.delete(name)
        with pytest.raises(ServiceError) as caught:
            await rds.describe(name)
    assert losing.lost
    assert caught.value.kind is ErrorKind.NOT_FOUND


@both
async def test_protection_that_is_off_was_turned_off(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    name = instance(account, DeletionProtection=True)
    losing = Losing(sandbox, "ModifyDBInstance", times)
    with service_behind(sandbox, audit, losing) as rds:
        await rds.turn_protection_off(name)
        assert (await rds.describe(name)).deletion_protection is False
    assert losing.lost


@both
async def test_a_snapshot_that_is_gone_was_deleted(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    kept = snapshot(account, instance(account))
    losing = Losing(sandbox, "DeleteDBSnapshot", times)
    with service_behind(sandbox, audit, losing) as rds:
        await rds.delete_snapshot(kept)
        with pytest.raises(ServiceError) as caught:
            await rds.describe_snapshot(kept)
    assert losing.lost
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_delete_is_unknown_where_nobody_can_look(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    name = instance(account)
    losing = Losing(sandbox, "DeleteDBInstance")

    def intercept(request: ServiceRequest) -> Answer | None:
        if losing.lost and request.asks("DescribeDBInstances"):
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    with (
        service_behind(sandbox, audit, intercept) as rds,
        pytest.raises(ServiceError) as caught,
    ):
        await rds.delete(name)
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert "lists the instances" in caught.value.hint


async def test_a_final_snapshot_is_taken_and_listed_with_the_others(account: Account) -> None:
    rds = RdsService(account)
    name, other = instance(account), instance(account)
    by_hand, of_other = snapshot(account, name), snapshot(account, other)
    final = f"final-{name}"

    await rds.delete(name, final_snapshot=final)

    found = [each async for page in rds.list_snapshots(of=name) for each in page]
    every = {each.name async for page in rds.list_snapshots() for each in page}
    rds.close()
    assert {each.name for each in found} == {by_hand, final}
    assert {by_hand, final, of_other} <= every
    assert {(each.instance, each.storage_gib, each.engine) for each in found} == {
        (name, 20, "mysql")
    }
