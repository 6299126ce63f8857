"""Small files go over connections of our own, and nothing is lost or overwritten by that either."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import (
    before_each,
    body,
    keys,
    names,
    plan_download,
    plan_upload,
    put,
    tree,
)
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.s3 import S3Service
from tui.services.transfers import ConflictPolicy, JobState, TransferService


@pytest.fixture
async def quick(account: Account, audit: AuditLog) -> AsyncIterator[TransferService]:
    """A service as the application has it."""
    service = TransferService(S3Service(account, audit), first_delay=0.01)
    yield service
    await service.stop()
    service.close()


@pytest.fixture
def sdk_calls(s3: Any) -> Iterator[list[str]]:
    """The objects that were put or fetched through the SDK after all."""
    seen: list[str] = []
    with (
        before_each(s3, "PutObject", lambda **_: seen.append("PutObject")),
        before_each(s3, "GetObject", lambda **_: seen.append("GetObject")),
    ):
        yield seen


async def test_small_files_go_and_come_back_through_it(
    quick: TransferService, tmp_path: Path, s3: Any, bucket: str, sdk_calls: list[str]
) -> None:
    tree(tmp_path / "in", a_csv=b"1,2", d__empty=b"", d__b=bytes(range(256)) * 4000)
    plan = await plan_upload(quick, [tmp_path / "in"], bucket, "p/")
    up = await quick.queue.wait(await quick.start_upload(plan))
    assert up.state is JobState.DONE, up.failures
    assert up.bytes_done == up.bytes_total == 1_024_003
    assert keys(s3, bucket) == {"p/in/a.csv": 3, "p/in/d/b": 1_024_000, "p/in/d/empty": 0}
    assert s3.head_object(Bucket=bucket, Key="p/in/a.csv")["ContentType"] == "text/csv"
    back = await plan_download(quick, bucket, [], ["p/"], tmp_path / "out", base="p/in/"[:2])
    down = await quick.queue.wait(await quick.start_download(back))
    assert down.state is JobState.DONE, down.failures
    assert down.bytes_done == 1_024_003
    assert names(tmp_path / "out") == ["in/a.csv", "in/d/b", "in/d/empty"]
    assert (tmp_path / "out/in/d/b").read_bytes() == bytes(range(256)) * 4000
    assert sdk_calls == []


async def test_what_exists_is_not_overwritten_by_it_either(
    quick: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"mine")
    plan = await plan_upload(quick, [tmp_path / "x"], bucket, "")
    put(s3, bucket, x=b"theirs")
    snapshot = await quick.queue.wait(await quick.start_upload(plan, ConflictPolicy.OVERWRITE))
    assert "exists now" in snapshot.failures[0].message
    assert body(s3, bucket, "x") == b"theirs"


async def test_what_changed_after_the_plan_is_not_downloaded_by_it_either(
    quick: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, x=b"seen")
    plan = await plan_download(quick, bucket, ["x"], [], tmp_path / "to")
    put(s3, bucket, x=b"newer")
    snapshot = await quick.queue.wait(await quick.start_download(plan))
    assert "changed after you looked" in snapshot.failures[0].message
    assert names(tmp_path / "to") == []
