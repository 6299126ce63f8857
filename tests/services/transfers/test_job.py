"""One job by itself, on made-up work: it ends well whatever happens, and never holds the loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.services.transfers.held_files import HeldFiles
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.data.body import StoppedError
from tui.services.transfers import FileResult, FileState, FileUnderWay, JobState
from tui.services.transfers.job import (
    FILES_AT_ONCE,
    LARGE_AT_ONCE,
    SHOWN_FAILURES,
    SHOWN_IN_FLIGHT,
    SMALL,
    YIELD_EVERY,
    Job,
)
from tui.services.transfers.rates import RateMeter, time_left
from tui.services.transfers.route import Direction, Route
from tui.services.transfers.sync.deletion_counts import DeletionCounts

Act = Callable[[threading.Event], Awaitable[FileState]]


@dataclass(frozen=True)
class Played:
    """A file whose transfer is what `act` does."""

    source: str
    act: Act
    destination: str = "to"
    size: int = 1

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        return FileResult(self.source, self.destination, await self.act(stop), self.size)


def job_of(work: list[Played], direction: Direction = Direction.UPLOAD) -> Job:
    return Job(1, Route(direction, "bucket", ""), HeldFiles(work), lambda: None)


async def until_stopped(stop: threading.Event) -> FileState:
    while not stop.is_set():
        await asyncio.sleep(0)
    # What is in flight needs a moment to end.
    for _ in range(5):
        await asyncio.sleep(0)
    raise StoppedError


async def defect(_: threading.Event) -> FileState:
    await asyncio.sleep(0)
    raise ZeroDivisionError


async def done(_: threading.Event) -> FileState:
    return FileState.DONE


async def test_a_defect_in_one_file_leaves_nothing_going_on_unseen() -> None:
    ended: list[str] = []

    async def noted(stop: threading.Event) -> FileState:
        try:
            return await until_stopped(stop)
        finally:
            ended.append("noted")

    job = job_of([Played("a", defect), Played("b", noted), *[Played("c", done)] * 100])
    with pytest.raises(ZeroDivisionError):
        await job.run()
    assert ended == ["noted"]
    assert job.state in {JobState.FAILED, JobState.PARTLY_FAILED}
    assert job.snapshot().in_flight == ()
    results = await job.results()
    assert "broke off" in results[1].message
    assert len(results) == 102


async def test_what_is_skipped_or_fails_tells_nothing_of_how_fast_files_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    skips, ends = asyncio.Event(), asyncio.Event()

    async def skip(_: threading.Event) -> FileState:
        await skips.wait()
        return FileState.SKIPPED

    async def slow(_: threading.Event) -> FileState:
        await ends.wait()
        return FileState.DONE

    job = job_of([*[Played("s", skip)] * 1000, Played("a", slow)])
    running = asyncio.create_task(job.run())
    await asyncio.sleep(0)
    job.snapshot()
    skips.set()
    async with asyncio.timeout(20):
        while job.snapshot().files_skipped < 1000:
            await asyncio.sleep(0)
    now = 5.0
    seen = job.snapshot()
    assert (seen.files_rate, seen.eta) == (0.0, None)
    ends.set()
    await running


async def test_the_files_under_way_tell_their_own_bytes_oldest_first() -> None:
    go_on = asyncio.Event()

    @dataclass(frozen=True)
    class Sent(Played):
        async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
            on_bytes(self.size)
            on_bytes(-1)
            await go_on.wait()
            return FileResult(self.source, self.destination, FileState.DONE, self.size)

    job = job_of([Sent(str(number), done, size=10 + number) for number in range(300)])
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(20):
        while job.snapshot().in_flight_more < FILES_AT_ONCE - SHOWN_IN_FLIGHT:
            assert not running.done(), running.exception()
            await asyncio.sleep(0)
    seen = job.snapshot()
    assert seen.in_flight[1] == FileUnderWay("1", 10, 11)
    assert seen.bytes_done == sum(9 + number for number in range(FILES_AT_ONCE))
    go_on.set()
    await running
    assert (job.snapshot().in_flight, job.snapshot().in_flight_more) == ((), 0)


@pytest.mark.parametrize(
    ("direction", "small"),
    [
        (Direction.UPLOAD, FILES_AT_ONCE // 2),
        (Direction.DOWNLOAD, FILES_AT_ONCE // 2),
        (Direction.COPY, LARGE_AT_ONCE // 2),
    ],
)
async def test_few_large_files_are_under_way_beside_many_small_ones(
    direction: Direction, small: int
) -> None:
    go_on = asyncio.Event()

    async def wait(_: threading.Event) -> FileState:
        await go_on.wait()
        return FileState.DONE

    sizes = [SMALL, SMALL + 1] * FILES_AT_ONCE
    files = [Played(str(n), wait, size=size) for n, size in enumerate(sizes)]
    job = job_of(files, direction)
    running = asyncio.create_task(job.run())
    expected = small + min(small, LARGE_AT_ONCE)
    async with asyncio.timeout(20):
        while job.snapshot().in_flight_more < expected - SHOWN_IN_FLIGHT:
            assert not running.done(), running.exception()
            await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)
    assert job.snapshot().in_flight_more == expected - SHOWN_IN_FLIGHT
    go_on.set()
    await running
    assert job.snapshot().files_done == len(files)


async def test_what_broke_off_can_be_done_again() -> None:
    acts = iter([defect, done])

    async def second_time(stop: threading.Event) -> FileState:
        return await next(acts)(stop)

    job = job_of([Played("a", second_time)])
    with pytest.raises(ZeroDivisionError):
        await job.run()
    job.prepare_retry()
    await job.run()
    assert job.state is JobState.DONE


async def skipped(_: threading.Event) -> FileState:
    return FileState.SKIPPED


@pytest.mark.parametrize("outlives", [True, False])
async def test_what_is_kept_of_a_failure_is_claimed_only_where_a_later_run_finds_it(
    *, outlives: bool
) -> None:
    async def cut_off(_: threading.Event) -> FileState:
        raise ServiceError("The network is gone.", kind=ErrorKind.NETWORK)

    files = HeldFiles([Played("a", cut_off)])
    files.outlives = outlives
    job = Job(1, Route(Direction.UPLOAD, "bucket", ""), files, lambda: None)
    await job.run()
    assert job.state is JobState.FAILED
    assert job.snapshot().can_go_on is outlives


async def test_why_deleting_broke_off_is_told_beside_what_failed_before() -> None:
    class Broken:
        counts = DeletionCounts("object", 2, failed=1)
        is_left = True

        async def run(self, stop: object, changed: object, failed: Callable[..., None]) -> None:
            failed(FileResult("one", "", FileState.FAILED, 1, "It is locked."))
            raise ServiceError("The network is gone.")

    broken: Any = Broken()
    route = Route(Direction.UPLOAD, "bucket", "")
    job = Job(1, route, HeldFiles([Played("a", done)]), lambda: None, deletions=broken)
    await job.run()
    said = [each.message for each in job.snapshot().failures]
    assert said == ["It is locked.", "The network is gone."]


async def test_files_that_await_nothing_leave_others_their_turn() -> None:
    job = job_of([Played("a", skipped)] * 10_000)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    await job.run()
    other.cancel()
    assert turns >= 10_000 // (YIELD_EVERY * FILES_AT_ONCE)


async def test_what_a_cancelled_job_has_not_drawn_is_counted_at_once_and_listed() -> None:
    job = job_of([Played(str(number), done) for number in range(10_000)])
    job.cancel()
    await job.run()
    assert job.snapshot().state is JobState.CANCELLED
    assert {each.state for each in await job.results()} == {FileState.CANCELLED}
    job.prepare_retry()
    await job.run()
    assert job.snapshot().files_done == 10_000


async def test_the_first_failures_are_kept_until_they_are_done_again() -> None:
    outcomes = iter([FileState.FAILED] * (SHOWN_FAILURES + 5) + [FileState.DONE] * 1000)

    async def act(_: threading.Event) -> FileState:
        return next(outcomes)

    count = SHOWN_FAILURES + 5
    job = job_of([Played(str(number), act) for number in range(count)])
    await job.run()
    snapshot = job.snapshot()
    assert len({each.source for each in snapshot.failures}) == SHOWN_FAILURES
    assert snapshot.files_failed == count
    assert job.can_retry
    job.prepare_retry()
    assert job.snapshot().failures == ()
    assert job.snapshot().files_failed == 0
    await job.run()
    assert job.snapshot().files_done == count
    assert not job.can_retry


async def test_many_tiny_files_take_their_time_though_no_byte_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    step = asyncio.Semaphore(0)

    async def one(_: threading.Event) -> FileState:
        await step.acquire()
        return FileState.DONE

    job = job_of([Played(str(number), one, size=0) for number in range(100)])
    running = asyncio.create_task(job.run())
    await asyncio.sleep(0)
    assert job.snapshot().eta is None
    for _ in range(5):
        now += 1
        for _ in range(10):
            step.release()
        while job.snapshot().files_done < now * 10:
            await asyncio.sleep(0)
        snapshot = job.snapshot()
    assert snapshot.eta == pytest.approx(5)
    for _ in range(50):
        step.release()
    await running


def test_a_rate_is_unknown_until_there_is_something_to_tell_it_from() -> None:
    meter = RateMeter()
    assert meter.feed(10.0, 0) is None
    assert meter.feed(10.5, 500) is None
    assert meter.feed(12.0, 2000) == 1000
    # Only the last seconds count.
    for second in range(13, 40):
        last = meter.feed(float(second), 2000)
    assert last == 0


def test_the_time_left_is_unknown_without_a_rate() -> None:
    assert time_left(None, 100) is None
    assert time_left(0.0, 100) is None
    assert time_left(50.0, 100) == 2
    assert time_left(50.0, 0) == 0


@pytest.mark.parametrize("state", list(JobState))
def test_what_has_ended_and_is_not_all_done_can_be_tried_again(state: JobState) -> None:
    going_on = {JobState.QUEUED, JobState.RUNNING}
    assert state.is_active is (state in going_on)
    assert state.can_retry is (state not in {*going_on, JobState.DONE})
