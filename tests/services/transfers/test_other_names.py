"""Transfers to a server that keeps objects under other names than were asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import AsFiles, behind
from tests.services.transfers.places import MIB, keys, plan_upload, put, tree, unfinished
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.s3 import ObjectCopy, S3Service
from tui.services.transfers import (
    ConflictPolicy,
    JobSnapshot,
    JobState,
    TransferService,
    Tuning,
)


@pytest.fixture
def server(sandbox: SandboxInfo) -> AsFiles:
    return AsFiles(sandbox)


@pytest.fixture(params=[MIB, -1], ids=["beside the SDK", "through the SDK"])
async def transfers(
    server: AsFiles, audit: AuditLog, request: pytest.FixtureRequest
) -> AsyncIterator[TransferService]:
    with behind(server.sandbox, server, audit) as account:
        tuning = Tuning(5 * MIB, quick=request.param)
        service = TransferService(S3Service(account, audit), tuning=tuning, first_delay=0.01)
        yield service
        await service.stop()
        service.close()


async def uploaded(service: TransferService, path: Path, bucket: str, prefix: str) -> JobSnapshot:
    plan = await plan_upload(service, [path], bucket, prefix)
    return await service.queue.wait(await service.start_upload(plan, ConflictPolicy.OVERWRITE))


@pytest.mark.parametrize("size", [10, 6 * MIB], ids=["in one request", "in parts"])
async def test_an_upload_under_another_name_is_a_failure_that_names_it(
    transfers: TransferService, s3: Any, bucket: str, tmp_path: Path, size: int
) -> None:
    tree(tmp_path, x=bytes(size))
    ended = await uploaded(transfers, tmp_path / "x", bucket, "/")
    assert (ended.state, ended.bytes_done) == (JobState.FAILED, 0)
    (failure,) = ended.failures
    assert "'/x' was stored under another name: 'x'" in failure.message
    assert keys(s3, bucket) == {"x": size}
    assert not unfinished(s3, bucket)


async def test_an_upload_over_an_object_of_another_name_is_refused_and_names_it(
    transfers: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put(s3, bucket, x=b"another's")
    ended = await uploaded(transfers, tree(tmp_path, x=b"1") / "x", bucket, "/")
    (failure,) = ended.failures
    assert "this server takes it for 'x', which exists" in failure.message
    assert keys(s3, bucket) == {"x": 9}


async def test_other_keys_are_not_looked_for(
    transfers: TransferService, bucket: str, tmp_path: Path, server: AsFiles
) -> None:
    plan = await plan_upload(transfers, [tree(tmp_path, x=b"1") / "x"], bucket, "a/")
    planning = server.listings
    ended = await transfers.queue.wait(await transfers.start_upload(plan, ConflictPolicy.SKIP))
    assert (ended.state, server.listings) == (JobState.DONE, planning)


@pytest.mark.parametrize("moves", [False, True], ids=["copy", "move"])
async def test_a_copy_under_another_name_is_a_failure_and_no_source_goes(
    transfers: TransferService, s3: Any, bucket: str, moves: bool
) -> None:
    other = f"{bucket[:50]}-to"
    s3.create_bucket(Bucket=other)
    put(s3, bucket, a=b"1")
    etag = s3.head_object(Bucket=bucket, Key="a")["ETag"].strip('"')
    copy = ObjectCopy(bucket, "a", etag, other, "/a", size=1)
    job = await transfers.start_copies(
        [copy], buckets=(bucket, other), place="", at=transfers.connection, moves=moves
    )
    ended = await transfers.queue.wait(job)
    (failure,) = ended.failures
    assert "'/a' was stored under another name: 'a'" in failure.message
    assert keys(s3, bucket) == keys(s3, other) == {"a": 1}
    s3.delete_object(Bucket=other, Key="a")
    s3.delete_bucket(Bucket=other)
