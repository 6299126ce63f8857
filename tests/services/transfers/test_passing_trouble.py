"""Trouble that passes: said with its cause and the next step, kept, and gone on with."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import (
    MIB,
    before_each,
    body,
    names,
    plan_download,
    plan_upload,
    put,
    unfinished,
)
from tests.services.transfers.test_trouble import answering, refusal
from tui.services.aws import Account, session
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.transfers import JobSnapshot, JobState, TransferService, Tuning
from tui.services.transfers.passing import may_pass

TUNING = Tuning(5 * MIB, quick=-1, range=5 * MIB)


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK does not try again by itself, so that the tests need not wait for its backoff."""
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite"


@pytest.fixture
async def kept(account: Account, journal: Path) -> AsyncIterator[TransferService]:
    service = TransferService(S3Service(account), journal=journal, tuning=TUNING, first_delay=0.01)
    yield service
    await service.stop()
    service.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def failing(s3: Any, operation: str, after: int, status: int, code: str) -> Iterator[list[str]]:
    """Let so many requests through and refuse the others when those are answered; gives what went
    through."""
    passed: list[str] = []
    answered: list[None] = []
    news = threading.Condition()

    def answer(request: Any) -> Any:
        with news:
            if len(passed) < after:
                passed.append(request.url)
                return None
            news.wait_for(lambda: len(answered) >= after, timeout=20)
        return refusal(request.url, status, code)

    def note(**_: Any) -> None:
        with news:
            answered.append(None)
            news.notify_all()

    event = f"after-call.s3.{operation}"
    s3.meta.events.register(event, note, unique_id="answered")
    try:
        with answering(s3, operation, answer):
            yield passed
    finally:
        s3.meta.events.unregister(event, unique_id="answered")


@contextmanager
def counting(s3: Any, operation: str) -> Iterator[list[str]]:
    with failing(s3, operation, 10_000, 0, "") as passed:
        yield passed


async def broken_upload(
    service: TransferService, s3: Any, bucket: str, path: Path, status: int, code: str
) -> JobSnapshot:
    """An upload of five parts of which two arrive."""
    path.write_bytes(os.urandom(22 * MIB))
    plan = await plan_upload(service, [path], bucket, "")
    with failing(s3, "UploadPart", 2, status, code):
        return await service.queue.wait(await service.start_upload(plan))


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "ExpiredToken", "expired"),
        (403, "AccessDenied", "s3:PutObject"),
        (500, "InternalError", "InternalError"),
    ],
)
async def test_parts_that_arrived_before_the_trouble_are_not_sent_again(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path, status: int, code: str, said: str
) -> None:
    ended = await broken_upload(kept, s3, bucket, tmp_path / "x", status, code)
    assert (ended.state, ended.can_go_on) == (JobState.FAILED, True)
    assert said in ended.failures[0].message
    assert unfinished(s3, bucket) == ["x"]
    with counting(s3, "UploadPart") as sent:
        kept.queue.retry(ended.id)
        ended = await kept.queue.wait(ended.id)
    assert ended.state is JobState.DONE, ended.failures
    assert len(sent) == 3
    assert body(s3, bucket, "x") == (tmp_path / "x").read_bytes()
    assert unfinished(s3, bucket) == []


async def test_after_a_restart_it_is_gone_on_with(
    kept: TransferService, account: Account, s3: Any, bucket: str, tmp_path: Path, journal: Path
) -> None:
    await broken_upload(kept, s3, bucket, tmp_path / "x", 400, "ExpiredToken")
    await kept.leave()
    kept.close()
    later = TransferService(S3Service(account), journal=journal, tuning=TUNING)
    async with asyncio.timeout(20):
        # The service that was closed lets go of the journal on a thread of its own.
        while not (found := await later.cut_off.find()):
            await asyncio.sleep(0.01)
    (job,) = found
    ended = await later.queue.wait(await later.cut_off.go_on(job))
    assert ended.state is JobState.DONE, ended.failures
    results = await later.queue.results(ended.id)
    assert results[0].message == "went on after 2 of 5 parts"
    await later.stop()
    later.close()


async def test_who_lets_go_of_it_leaves_no_parts_behind(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    await broken_upload(kept, s3, bucket, tmp_path / "x", 400, "ExpiredToken")
    kept.queue.forget_ended()
    await kept.stop()
    assert unfinished(s3, bucket) == []


async def test_a_full_disk_is_said_and_the_download_goes_on_when_there_is_space(
    kept: TransferService,
    s3: Any,
    bucket: str,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One after the other, so that two of the five ranges have room.
    monkeypatch.setattr("tui.services.transfers.moving.ranges.RANGES_AT_ONCE", 1)
    put(s3, bucket, x=os.urandom(22 * MIB))
    plan = await plan_download(kept, bucket, ["x"], [], small_disk)
    ended = await kept.queue.wait(await kept.start_download(plan))
    assert (ended.state, ended.can_go_on) == (JobState.FAILED, True)
    assert "No space left on device" in ended.failures[0].message
    assert "free some space and retry" in ended.failures[0].message
    assert len(names(small_disk)) == 1
    assert await kept.leftovers.within([small_disk]) == ()
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    with counting(s3, "GetObject") as read:
        kept.queue.retry(ended.id)
        ended = await kept.queue.wait(ended.id)
    assert ended.state is JobState.DONE, ended.failures
    assert len(read) < 5
    assert names(small_disk) == ["x"]
    assert (small_disk / "x").read_bytes() == body(s3, bucket, "x")


async def test_a_download_that_is_denied_in_the_middle_goes_on_when_it_is_allowed(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put(s3, bucket, x=os.urandom(22 * MIB))
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "to")
    with failing(s3, "GetObject", 2, 403, "AccessDenied"):
        ended = await kept.queue.wait(await kept.start_download(plan))
    assert ended.can_go_on
    assert "s3:GetObject" in ended.failures[0].message
    (unfinished_file,) = (tmp_path / "to").iterdir()
    assert await kept.leftovers.within([tmp_path / "to"]) == ()
    assert unfinished_file.exists()
    kept.queue.retry(ended.id)
    ended = await kept.queue.wait(ended.id)
    assert ended.state is JobState.DONE, ended.failures
    assert names(tmp_path / "to") == ["x"]
    assert (tmp_path / "to" / "x").read_bytes() == body(s3, bucket, "x")


async def test_of_an_object_that_changed_in_the_middle_nothing_is_kept(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put(s3, bucket, x=os.urandom(22 * MIB))
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "to")
    count = 0

    def change(**_: Any) -> None:
        nonlocal count
        count += 1
        if count == 3:
            s3.put_object(Bucket=bucket, Key="x", Body=bytes(22 * MIB))

    with before_each(s3, "GetObject", change):
        ended = await kept.queue.wait(await kept.start_download(plan))
    assert (ended.state, ended.can_go_on) == (JobState.FAILED, False)
    assert "changed" in ended.failures[0].message
    assert names(tmp_path / "to") == []


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ServiceError("x", kind=ErrorKind.NETWORK), True),
        (ServiceError("x", code="ENOSPC"), True),
        (ServiceError("x", kind=ErrorKind.CHANGED), False),
        (ServiceError("x", kind=ErrorKind.EXISTS), False),
        (ZeroDivisionError(), False),
    ],
)
def test_what_may_pass(error: BaseException, passes: bool) -> None:
    assert may_pass(error) is passes
