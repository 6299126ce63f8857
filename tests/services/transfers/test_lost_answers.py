"""Uploads that the sandbox carries out, and whose answers are lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import Intercept, Losing, ServiceRequest, behind, refusal
from tests.local_server import Answer, HangUpError
from tests.services.transfers.places import MIB, body, keys, plan_upload, put, unfinished
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import session
from tui.services.s3 import S3Service
from tui.services.transfers import ConflictPolicy, JobState, TransferService, Tuning

both = pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])
sizes = pytest.mark.parametrize("size", [10, 6 * MIB], ids=["in one request", "in parts"])


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)


@asynccontextmanager
async def transfers_behind(
    sandbox: SandboxInfo, intercept: Intercept, audit: AuditLog, *, quick: int = -1
) -> AsyncIterator[TransferService]:
    with behind(sandbox, intercept, audit) as account:
        tuning = Tuning(5 * MIB, quick=quick)
        service = TransferService(S3Service(account, audit), tuning=tuning, first_delay=0.01)
        try:
            yield service
        finally:
            await service.stop()
            service.close()


def losing_the_last(sandbox: SandboxInfo, size: int, times: int) -> Losing:
    """Loses the answer to what makes the object visible."""
    losing = Losing(sandbox, "PUT" if size < MIB else "POST", times)
    losing.only = lambda request: not request.path.endswith("?uploads")
    return losing


def last_outcome(audit: AuditLog) -> str:
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    wrote = {"PutObject", "CompleteMultipartUpload"}
    return [str(line["outcome"]) for line in lines if line["operation"] in wrote][-1]


@both
@sizes
@pytest.mark.parametrize("there", [False, True], ids=["a new key", "over another object"])
async def test_a_file_that_was_stored_is_done(
    sandbox: SandboxInfo,
    audit: AuditLog,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    size: int,
    times: int,
    there: bool,
) -> None:
    (tmp_path / "x").write_bytes(b"z" * size)
    if there:
        put(s3, bucket, x=b"older")
    losing = losing_the_last(sandbox, size, times)
    async with transfers_behind(sandbox, losing, audit) as transfers:
        plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
        job = await transfers.start_upload(plan, ConflictPolicy.OVERWRITE)
        snapshot = await transfers.queue.wait(job)
    assert losing.lost == min(times, 2)
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert snapshot.bytes_done == size
    assert keys(s3, bucket) == {"x": size}
    assert unfinished(s3, bucket) == []
    assert last_outcome(audit) == "ok"


@sizes
async def test_a_file_of_which_nothing_can_be_known_is_neither_done_nor_failed(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, s3: Any, bucket: str, size: int
) -> None:
    (tmp_path / "x").write_bytes(b"z" * size)
    losing = losing_the_last(sandbox, size, 99)

    def intercept(request: ServiceRequest) -> Answer | None:
        if losing.lost and request.method in {"HEAD", "GET"}:
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    async with transfers_behind(sandbox, intercept, audit) as transfers:
        plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.UNKNOWN
    assert (snapshot.files_failed, snapshot.files_unknown) == (0, 1)
    assert "not known whether" in snapshot.failures[0].message
    assert "before you upload the file again" in snapshot.failures[0].message


@sizes
async def test_a_file_that_was_not_stored_is_a_failure(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, s3: Any, bucket: str, size: int
) -> None:
    (tmp_path / "x").write_bytes(b"z" * size)

    def intercept(request: ServiceRequest) -> Answer | None:
        ends = "uploadId=" in request.path and request.method == "POST"
        if ends or (request.method == "PUT" and "partNumber" not in request.path):
            raise HangUpError
        return None

    async with transfers_behind(sandbox, intercept, audit) as transfers:
        plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.FAILED
    assert "shows that it was not done" in snapshot.failures[0].message
    assert keys(s3, bucket) == {}
    assert unfinished(s3, bucket) == []


@both
async def test_a_file_that_was_stored_beside_the_sdk_is_done(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, s3: Any, bucket: str, times: int
) -> None:
    (tmp_path / "x").write_bytes(b"mine")
    losing = losing_the_last(sandbox, 4, times)
    async with transfers_behind(sandbox, losing, audit, quick=MIB) as transfers:
        plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert losing.lost >= 1
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert body(s3, bucket, "x") == b"mine"
    assert last_outcome(audit) == "ok"
