"""Deletes that the sandbox carries out, and whose answers never arrive."""

from __future__ import annotations

import pytest

from tests.faulty import Losing, ServiceRequest, refusal
from tests.local_server import Answer
from tests.services.cleanup.runs import bucket, cleanup_behind, remove, table
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import session
from tui.services.cleanup import StepResult


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)


async def test_a_bucket_that_is_gone_is_deleted(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    losing = Losing(sandbox, "DELETE")
    losing.only = lambda request: request.path == f"/{name}"
    with cleanup_behind(sandbox, audit, losing) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))
    assert losing.lost == 2
    assert (outcome.result, outcome.did) == (StepResult.DELETED, ("Deleted the bucket.",))
    assert not sdk.has_bucket(name)


async def test_a_table_that_is_gone_is_deleted(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.table()
    with cleanup_behind(sandbox, audit, Losing(sandbox, "DeleteTable")) as cleanup:
        (outcome,) = await remove(cleanup, table(name))
    assert outcome.result is StepResult.DELETED, outcome
    assert not sdk.has_table(name)


async def test_a_bucket_that_nobody_can_look_at_is_not_known_to_be_gone(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    losing = Losing(sandbox, "DELETE")
    losing.only = lambda request: request.path == f"/{name}"

    def intercept(request: ServiceRequest) -> Answer | None:
        if losing.lost and request.method == "HEAD":
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))
    assert outcome.result is StepResult.UNKNOWN
    assert "not known whether" in outcome.problem
