"""Deletes that the sandbox carries out, and whose answers never arrive."""

from __future__ import annotations

import pytest

from tests.faulty import Losing, ServiceRequest, refusal
from tests.local_server import Answer
from tests.services.cleanup.stage import Stage, bucket, remove, table
from tests.services.cleanup.test_faults import service_behind
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import client_config
from tui.services.cleanup import Result


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_config, "MAX_ATTEMPTS", 2)


async def test_a_bucket_that_is_gone_is_deleted(
    sandbox: SandboxInfo, audit: AuditLog, stage: Stage
) -> None:
    name = stage.bucket()
    losing = Losing(sandbox, "DELETE")
    losing.only = lambda request: request.path == f"/{name}"
    with service_behind(sandbox, audit, losing) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))
    assert losing.lost == 2
    assert (outcome.result, outcome.did) == (Result.DELETED, ("Deleted the bucket.",))
    assert not stage.has_bucket(name)


async def test_a_table_that_is_gone_is_deleted(
    sandbox: SandboxInfo, audit: AuditLog, stage: Stage
) -> None:
    name = stage.table()
    with service_behind(sandbox, audit, Losing(sandbox, "DeleteTable")) as cleanup:
        (outcome,) = await remove(cleanup, table(name))
    assert outcome.result is Result.DELETED, outcome
    assert not stage.has_table(name)


async def test_a_bucket_that_nobody_can_look_at_is_not_known_to_be_gone(
    sandbox: SandboxInfo, audit: AuditLog, stage: Stage
) -> None:
    name = stage.bucket()
    losing = Losing(sandbox, "DELETE")
    losing.only = lambda request: request.path == f"/{name}"

    def intercept(request: ServiceRequest) -> Answer | None:
        if losing.lost and request.method == "HEAD":
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    with service_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))
    assert outcome.result is Result.UNKNOWN
    assert "not known whether" in outcome.problem
