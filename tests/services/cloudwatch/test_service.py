"""Alarms and scaling targets on the sandbox, and on one that loses answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faulty import Losing, ServiceRequest, behind
from tests.local_server import Answer
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cloudwatch import CloudWatchService, ScalingTarget
from tui.services.errors import ErrorKind, ServiceError


@pytest.fixture
def cloudwatch(account: Account) -> Iterator[CloudWatchService]:
    service = CloudWatchService(account)
    yield service
    service.close()


async def deleted(cloudwatch: CloudWatchService, *names: str) -> tuple[list[str], list[str]]:
    """Names of the alarms that are gone, and of those that were refused."""
    batches = [batch async for batch in cloudwatch.delete_alarms(names)]
    return (
        [name for batch in batches for name in batch.deleted],
        [name for batch in batches for name in batch.refused],
    )


async def test_every_page_of_alarms_is_read(
    account: Account, cloudwatch: CloudWatchService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.cloudwatch.service.PAGE_SIZE", 2)
    sdk, table = Sdk(account), unique("table")
    names = {unique("alarm") for _ in range(5)}
    for name in names:
        sdk.alarm(name, table)

    found = await cloudwatch.table_alarms()

    assert {alarm.name for alarm in found if table in alarm.tables} == names
    assert await deleted(cloudwatch, *sorted(names)) == (sorted(names), [])
    assert not {alarm.name for alarm in await cloudwatch.table_alarms()} & names


async def test_an_alarm_that_is_gone_already_is_no_problem(
    account: Account, cloudwatch: CloudWatchService
) -> None:
    there, gone = unique("there"), unique("gone")
    Sdk(account).alarm(there, unique("table"))

    assert await deleted(cloudwatch, gone, there) == ([gone, there], [])


async def test_alarms_that_went_although_the_answer_was_lost_are_deleted(
    sandbox: SandboxInfo, audit: AuditLog, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 2)
    name = unique("alarm")
    Sdk(account).alarm(name, unique("table"))
    losing = Losing(sandbox, "DeleteAlarms")
    with behind(sandbox, losing, audit) as behind_it:
        service = CloudWatchService(behind_it)
        assert await deleted(service, name) == ([name], [])
        service.close()
    assert losing.lost
    assert name not in Sdk(account).alarms()


async def test_a_scaling_target_that_is_gone_already_is_no_problem(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def gone(request: ServiceRequest) -> Answer | None:
        error = '{"__type": "ObjectNotFoundException", "message": "said so"}'
        return Answer(400, error) if request.asks("DeregisterScalableTarget") else None

    with behind(sandbox, gone, audit) as account:
        service = CloudWatchService(account)
        await service.deregister(ScalingTarget("table/x", "dynamodb:table:ReadCapacityUnits"))
        service.close()


async def test_read_only_deletes_no_alarm(account: Account, read_only_account: Account) -> None:
    name = unique("alarm")
    Sdk(account).alarm(name, unique("table"))
    service = CloudWatchService(read_only_account)

    (batch,) = [each async for each in service.delete_alarms([name])]
    with pytest.raises(ServiceError) as caught:
        await service.deregister(ScalingTarget("table/x", "dynamodb:table:ReadCapacityUnits"))
    service.close()

    assert batch.refused[name].kind is ErrorKind.READ_ONLY
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert name in Sdk(account).alarms()
