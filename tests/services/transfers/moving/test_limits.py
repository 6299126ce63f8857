"""Limits of all transfers together: bytes per second, requests at once, and the order of jobs."""

from __future__ import annotations

import asyncio
import queue as queue_module
import threading
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
)
from tui.services.blocking import BlockingPool
from tui.services.transfers import JobState, Limits, TransferService
from tui.services.transfers.moving.limits import BytePace
from tui.services.transfers.moving.transport import Throttle

NEVER = threading.Event()
SET = threading.Event()
SET.set()


class Clock:
    """A clock that goes on when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.slept: list[float] = []
        monkeypatch.setattr("tui.services.transfers.moving.limits.time.sleep", self._sleep)

    def __call__(self) -> float:
        return self.now

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_bytes_take_as_long_as_the_rate_says(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = BytePace(clock)
    pace.wait(10**9, NEVER)
    assert clock.now == 100.0
    pace.change(1000)
    for _ in range(11):
        pace.wait(100, NEVER)
    # The eleventh begins when ten have gone: a tenth of a second each.
    assert clock.now == pytest.approx(101.0)


def test_time_in_which_nothing_went_is_not_saved_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = BytePace(clock)
    pace.change(1000)
    pace.wait(1000, NEVER)
    clock.now += 3600
    pace.wait(1000, NEVER)
    begun = clock.now
    pace.wait(1000, NEVER)
    assert clock.now == pytest.approx(begun + 1)


def test_a_wait_is_taken_in_short_steps_and_ends_when_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch)
    pace = BytePace(clock)
    pace.change(1000)
    pace.wait(60_000, NEVER)
    pace.wait(1, SET)
    assert clock.slept == []
    pace.wait(1, NEVER)
    assert max(clock.slept) <= 0.1
    assert clock.now == pytest.approx(160, abs=0.01)


def test_who_waits_is_let_go_by_another_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    pace = BytePace(clock)
    pace.change(1000)
    pace.wait(3_600_000, NEVER)

    def sleep(seconds: float) -> None:
        clock.now += seconds
        pace.change(None)

    monkeypatch.setattr("tui.services.transfers.moving.limits.time.sleep", sleep)
    pace.wait(1, NEVER)
    assert clock.now < 101


@pytest.mark.parametrize(
    ("limits", "requests"),
    [
        (Limits(), None),
        (Limits(requests=5), 5),
        (Limits(rate=1024), 1),
        (Limits(rate=4 * MIB), 16),
        (Limits(rate=4 * MIB, requests=2), 2),
    ],
)
def test_a_low_rate_leaves_few_requests(limits: Limits, requests: int | None) -> None:
    assert limits.at_once == requests


async def test_no_more_requests_are_in_flight_than_allowed() -> None:
    pool = BlockingPool("test", size=8)
    throttle = Throttle(pool)
    throttle.limits = Limits(requests=2)
    lock, now, most = threading.Lock(), 0, 0
    two = threading.Barrier(2, timeout=30)

    def call() -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        two.wait()
        with lock:
            now -= 1

    await asyncio.gather(*(throttle.call(NEVER, "", call) for _ in range(8)))
    assert most == 2
    pool.close()


async def test_limited_transfers_arrive_whole_and_every_byte_waits_its_turn(
    transfers: TransferService,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[int] = []
    monkeypatch.setattr(BytePace, "wait", lambda _, size, stop: waited.append(size))
    transfers.limits = Limits(rate=10**9)
    large = bytes(range(256)) * (12 * MIB // 256)
    tree(tmp_path, large=large, small=b"small")
    plan = await plan_upload(transfers, [tmp_path / "large", tmp_path / "small"], bucket, "")
    up = await transfers.queue.wait(await transfers.start_upload(plan))
    assert (up.state, sum(waited)) == (JobState.DONE, len(large) + 5)
    waited.clear()
    plan_down = await plan_download(transfers, bucket, ["large", "small"], [], tmp_path / "to")
    down = await transfers.queue.wait(await transfers.start_download(plan_down))
    assert (down.state, sum(waited)) == (JobState.DONE, len(large) + 5)
    assert (tmp_path / "to" / "large").read_bytes() == large


async def test_a_cancelled_transfer_does_not_wait_for_its_turn(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, a=bytes(MIB))
    transfers.limits = Limits(rate=1024)
    plan = await plan_download(transfers, bucket, ["a"], [], tmp_path / "to")
    job = await transfers.start_download(plan)
    async for jobs in transfers.queue.watch():
        if jobs[0].bytes_done:
            break
    transfers.queue.cancel(job)
    # At this rate it would take a quarter of an hour.
    ended = await asyncio.wait_for(transfers.queue.wait(job), 30)
    assert ended.state is JobState.CANCELLED
    assert list((tmp_path / "to").iterdir()) == []


async def test_waiting_jobs_begin_in_the_order_that_they_were_given(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    may_end = {str(n): threading.Event() for n in range(7)}
    begun: queue_module.Queue[str] = queue_module.Queue()

    def hold(params: Any, **_: Any) -> None:
        name = params["url_path"].rpartition("/")[0][-1]
        begun.put(name)
        may_end[name].wait(30)

    async def next_begun() -> str:
        return await asyncio.to_thread(begun.get, timeout=30)

    plans = [await plan_upload(transfers, [tmp_path / "x"], bucket, f"{n}/") for n in range(7)]
    with before_each(s3, "PutObject", hold):
        jobs = [await transfers.start_upload(plan) for plan in plans]
        queue = transfers.queue
        queue.move(jobs[6], -99)
        queue.move(jobs[3], 1)
        assert [queue.jobs[6 - n].turn for n in range(7)] == [0, 0, 0, 3, 2, 4, 1]
        queue.move(jobs[0], 1)  # runs already
        # One that waits is cancelled without waiting for the others.
        queue.cancel(jobs[5])
        assert (await queue.wait(jobs[5])).state is JobState.CANCELLED
        assert {await next_begun() for _ in range(3)} == {"0", "1", "2"}
        for ends, begins in (("1", "6"), ("0", "4"), ("6", "3")):
            may_end[ends].set()
            assert await next_begun() == begins
        for each in may_end.values():
            each.set()
        for job in jobs:
            await queue.wait(job)
    assert set(keys(s3, bucket)) == {f"{n}/x" for n in range(7) if n != 5}
