"""Jobs: their states, their progress, and that they outlive whoever started them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import (
    MIB,
    before_each,
    keys,
    plan_download,
    plan_upload,
    put,
    tree,
    unfinished,
)
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.transfers import JobSnapshot, JobState, TransferService, Tuning, queue


async def test_a_watcher_sees_a_job_begin_move_and_end(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    (tmp_path / "large").write_bytes(bytes(20 * MIB))
    plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "d/")
    seen: list[JobSnapshot] = []

    async def watch() -> None:
        async for jobs in transfers.queue.watch():
            seen.extend(jobs)
            if jobs and not jobs[0].state.is_active:
                return

    watcher = asyncio.create_task(watch())
    job = await transfers.start_upload(plan)
    assert transfers.queue.active == 1
    await watcher
    assert transfers.queue.active == 0
    last = seen[-1]
    assert last.id == job
    assert (last.state, last.bytes_done, last.place) == (JobState.DONE, 20 * MIB, "d/")
    moved = [snapshot.bytes_done for snapshot in seen]
    assert moved == sorted(moved)


async def test_a_watcher_rests_while_nothing_runs(transfers: TransferService) -> None:
    watcher = aiter(transfers.queue.watch())
    assert await anext(watcher) == ()
    waiting = asyncio.ensure_future(_next(watcher))
    done, _ = await asyncio.wait({waiting}, timeout=0.4)
    assert not done
    transfers.queue.forget_ended()
    assert await waiting == ()


async def _next(watcher: AsyncIterator[tuple[JobSnapshot, ...]]) -> tuple[JobSnapshot, ...]:
    return await anext(watcher)


async def test_a_defect_that_ends_a_job_is_written_into_the_fault_log(
    account: Account, tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError(held)

    held = "what the file held"
    monkeypatch.setattr("tui.services.transfers.moving.upload.Upload.run", broken)
    (tmp_path / "x").write_text("x")
    log = tmp_path / "state" / "tristore.log"
    service = TransferService(S3Service(account), fault_log=log)
    plan = await plan_upload(service, [tmp_path / "x"], bucket, "")
    ended = await service.queue.wait(await service.start_upload(plan))
    await service.stop()
    service.close()
    assert ended.state is JobState.FAILED
    assert "broke off" in ended.failures[0].message
    assert "ZeroDivisionError" in log.read_text()
    assert "in broken" in log.read_text()
    assert held not in log.read_text()


async def test_jobs_wait_their_turn_and_can_be_cancelled_there(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(**_: Any) -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    plans = [
        await plan_upload(transfers, [tmp_path / "x"], bucket, f"{number}/") for number in range(4)
    ]
    with before_each(s3, "PutObject", hold):
        jobs = [await transfers.start_upload(plan) for plan in plans]
        await asyncio.sleep(0)
        states = [transfers.queue.job(job).state for job in jobs]
        assert states == [JobState.RUNNING] * 3 + [JobState.QUEUED]
        assert transfers.queue.job(jobs[0]).rate is None
        assert transfers.queue.job(jobs[0]).eta is None
        assert transfers.queue.job(jobs[3]).elapsed == 0
        transfers.queue.cancel(jobs[3])
        # It has nothing to wait for.
        assert (await transfers.queue.wait(jobs[3])).state is JobState.CANCELLED
        release.set()
        ended = [await transfers.queue.wait(job) for job in jobs]
    assert [snapshot.state for snapshot in ended] == [JobState.DONE] * 3 + [JobState.CANCELLED]
    assert sorted(keys(s3, bucket)) == ["0/x", "1/x", "2/x"]


async def test_a_paused_job_holds_up_no_other_and_does_not_begin(
    transfers: TransferService,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queue, "JOBS_AT_ONCE", 1)
    tree(tmp_path, x=b"1")
    plans = [
        await plan_upload(transfers, [tmp_path / "x"], bucket, f"{number}/") for number in (1, 2, 3)
    ]
    first = await transfers.start_upload(plans[0])
    transfers.queue.pause(first, True)
    second = await transfers.start_upload(plans[1])
    transfers.queue.pause(second, True)
    third = await transfers.start_upload(plans[2])
    assert (await transfers.queue.wait(third)).state is JobState.DONE
    assert transfers.queue.job(first).state is JobState.RUNNING
    assert list(keys(s3, bucket)) == ["3/x"]
    for job in (first, second):
        transfers.queue.pause(job, False)
        assert (await transfers.queue.wait(job)).state is JobState.DONE


async def test_the_newest_job_is_first_and_ended_ones_can_be_dropped(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    put(s3, bucket, y=b"2")
    up = await transfers.start_upload(await plan_upload(transfers, [tmp_path / "x"], bucket, ""))
    await transfers.queue.wait(up)
    down = await transfers.start_download(
        await plan_download(transfers, bucket, ["y"], [], tmp_path / "to")
    )
    await transfers.queue.wait(down)
    assert [job.id for job in transfers.queue.jobs] == [down, up]
    transfers.queue.forget_ended()
    assert transfers.queue.jobs == ()
    with pytest.raises(ServiceError) as raised:
        transfers.queue.cancel(up)
    assert raised.value.kind is ErrorKind.NOT_FOUND


async def test_an_empty_plan_ends_at_once(transfers: TransferService, bucket: str) -> None:
    plan = await plan_upload(transfers, [], bucket, "")
    snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.DONE
    assert snapshot.files_total == 0


async def test_progress_of_empty_files_is_counted_in_files(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"", b=b"", c=b"")
    paths = [tmp_path / name for name in "abc"]
    plan = await plan_upload(transfers, paths, bucket, "")
    gate = threading.Event()
    with before_each(s3, "PutObject", lambda **_: gate.wait(30)):
        job = await transfers.start_upload(plan)
        assert transfers.queue.job(job).progress == (0, 3)
        gate.set()
        snapshot = await transfers.queue.wait(job)
    assert snapshot.progress == (3, 3)
    assert keys(s3, bucket) == {"a": 0, "b": 0, "c": 0}


async def test_retrying_what_did_not_fail_does_nothing(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    job = await transfers.start_upload(plan)
    await transfers.queue.wait(job)
    transfers.queue.retry(job)
    assert transfers.queue.job(job).state is JobState.DONE
    assert transfers.queue.active == 0


async def test_stopping_clears_parts_away(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(56 * MIB)
    plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "")
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    with before_each(s3, "UploadPart", lambda **_: loop.call_soon_threadsafe(begun.set)):
        job = await transfers.start_upload(plan)
        await begun.wait()
        await transfers.stop()
    assert transfers.queue.job(job).state is JobState.CANCELLED
    assert unfinished(s3, bucket) == []


async def test_a_plan_is_not_carried_out_from_another_region(
    transfers: TransferService, account: Account, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    put(s3, bucket, y=b"2")
    up = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    down = await plan_download(transfers, bucket, ["y"], [], tmp_path / "to")
    account.switch(region="eu-west-1")
    for start in (transfers.start_upload(up), transfers.start_download(down)):
        with pytest.raises(ServiceError) as raised:
            await start
        assert raised.value.kind is ErrorKind.CONFLICT
    with pytest.raises(ServiceError) as raised:
        await transfers.planner.check(up)
    assert raised.value.kind is ErrorKind.CONFLICT
    assert transfers.queue.jobs == ()
    assert keys(s3, bucket) == {"y": 1}


@pytest.mark.parametrize("quick", [-1, MIB])
async def test_a_job_stays_with_its_account_whatever_is_chosen_meanwhile(
    sandbox: SandboxInfo, audit: AuditLog, tmp_path: Path, s3: Any, bucket: str, quick: int
) -> None:
    account = Account(
        Target(region=sandbox.region, endpoint_url=sandbox.endpoint_url),
        credentials=sandbox.credentials,
        read_only_profiles=frozenset({"locked"}),
        audit=audit,
    )
    service = TransferService(S3Service(account, audit), tuning=Tuning(5 * MIB, quick=quick))
    (tmp_path / "small").write_bytes(b"1")
    (tmp_path / "large").write_bytes(bytes(6 * MIB))
    plan = await plan_upload(service, [tmp_path / "small", tmp_path / "large"], bucket, "")
    job = await service.start_upload(plan)
    account.switch(profile="locked")
    snapshot = await service.queue.wait(job)
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert keys(s3, bucket) == {"large": 6 * MIB, "small": 1}
    service.close()
    account.close()
