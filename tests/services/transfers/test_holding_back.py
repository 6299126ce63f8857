"""A job whose files all fail for one reason waits for it to pass, and burns no others."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.services.transfers.test_job import Played, done, job_of, skipped
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import FileState, JobState, holding_back
from tui.services.transfers.holding_back import IN_A_ROW
from tui.services.transfers.job import FILES_AT_ONCE
from tui.services.transfers.queue import TransferQueue

GONE = ServiceError("Could not upload x.", cause="nothing listens there", kind=ErrorKind.NETWORK)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding_back, "LOOK", 0.001)
    monkeypatch.setattr(holding_back, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(holding_back, "LONGEST_PAUSE", 0.02)


class Line:
    """A connection that can be taken away."""

    def __init__(self, error: ServiceError = GONE) -> None:
        self.is_there = False
        self.tried = 0
        self._error = error

    async def send(self, _: threading.Event) -> FileState:
        self.tried += 1
        await asyncio.sleep(0)
        if not self.is_there:
            raise self._error
        return FileState.DONE


@pytest.mark.parametrize(
    "error",
    [
        GONE,
        ServiceError("Lost.", kind=ErrorKind.UNKNOWN),
        ServiceError("Expired.", kind=ErrorKind.CREDENTIALS),
        ServiceError("Could not write.", code="ENOSPC"),
        ServiceError("Slow down.", kind=ErrorKind.THROTTLED),
        ServiceError("Your clock is wrong.", code="RequestTimeTooSkewed"),
        ServiceError("It failed.", code="503"),
    ],
)
async def test_while_nothing_arrives_one_file_is_tried_at_a_time_and_all_go_on_when_it_does(
    error: ServiceError,
) -> None:
    line = Line(error)
    job = job_of([Played(str(number), line.send) for number in range(1000)])
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(20):
        while line.tried < FILES_AT_ONCE + 3:
            await asyncio.sleep(0)
    held = job.snapshot().held_back
    assert held is not None
    assert held.why == (error.cause or error.message)
    line.is_there = True
    await running
    ended = job.snapshot()
    assert ended.held_back is None
    # What had failed meanwhile was done again, too, and nothing twice.
    assert (ended.state, ended.files_done, ended.failures) == (JobState.DONE, 1000, ())
    assert line.tried < 1000 + FILES_AT_ONCE + 10


async def test_the_next_file_is_tried_at_once_where_somebody_asks_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holding_back, "FIRST_PAUSE", 3600)
    line = Line()
    job = job_of([Played(str(number), line.send) for number in range(400)])
    queue = TransferQueue()
    number = queue.add(lambda *_: job)
    async with asyncio.timeout(20):
        while line.tried < FILES_AT_ONCE:
            await asyncio.sleep(0)
        queue.retry(number)
        while line.tried == FILES_AT_ONCE:
            await asyncio.sleep(0.001)
        line.is_there = True
        queue.retry(number)
        await queue.wait(number)
    assert job.snapshot().files_done == 400


async def test_what_fails_for_a_reason_of_its_own_is_not_done_for_ever_once_it_has_passed() -> None:
    line = Line()
    own = Line(ServiceError("It is gone.", kind=ErrorKind.NOT_FOUND))
    work = [Played(str(number), line.send) for number in range(400)]
    job = job_of([*work, Played("x", own.send)])
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(20):
        while job.snapshot().held_back is None:
            await asyncio.sleep(0)
        line.is_there = True
        await running
    ended = job.snapshot()
    assert (ended.files_done, ended.files_failed, own.tried) == (400, 1, 2)


async def test_a_job_that_waits_can_be_cancelled_and_keeps_its_failures() -> None:
    line = Line()
    job = job_of([Played(str(number), line.send) for number in range(1000)])
    running = asyncio.create_task(job.run())
    async with asyncio.timeout(20):
        while job.snapshot().held_back is None:
            await asyncio.sleep(0)
    job.cancel()
    await running
    ended = job.snapshot()
    assert ended.state is JobState.CANCELLED
    assert IN_A_ROW <= ended.files_failed <= FILES_AT_ONCE + 10


async def test_files_that_fail_for_reasons_of_their_own_hold_nothing_back() -> None:
    line = Line(ServiceError("It is gone.", kind=ErrorKind.NOT_FOUND))
    job = job_of([Played(str(number), line.send) for number in range(1000)])
    await job.run()
    assert (job.snapshot().files_failed, line.tried) == (1000, 1000)


async def test_a_file_that_sends_nothing_tells_nothing_and_the_next_one_is_tried() -> None:
    line = Line()
    failing = [Played(str(number), line.send) for number in range(FILES_AT_ONCE)]
    job = job_of([*failing, *(Played("s", skipped) for _ in range(5)), Played("x", done)])
    await job.run()
    ended = job.snapshot()
    assert (ended.files_failed, ended.files_skipped, ended.files_done) == (FILES_AT_ONCE, 5, 1)
