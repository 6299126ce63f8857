"""The queue of transfers: jobs that outlive whoever started them, and their news."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.event_loop import behind_keys
from tui.services.fault_log import append_fault
from tui.services.giving_way import keys_first
from tui.services.transfers.job import Job
from tui.services.transfers.job_states import FileResult, JobSnapshot

JOBS_AT_ONCE = 3
"""Jobs under way, besides those that are paused; the rest wait in the queue."""

NOTIFY_INTERVAL = 0.2
"""Seconds between two sets of snapshots, at least."""


class TransferQueue:
    """Runs jobs, a few at once, the rest in their order. Use it from one event loop.

    `fault_log` is where a defect that ends a job is written down; without it, asyncio tells of it.
    """

    def __init__(self, fault_log: Path | None = None) -> None:
        self._fault_log = fault_log
        self._jobs: dict[int, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgetting: set[asyncio.Task[None]] = set()
        self._running: set[Job] = set()
        self._waiting: list[Job] = []
        """In the order in which they will begin."""
        self._numbers = 0
        self._is_closed = False
        self._listeners: set[asyncio.Event] = set()

    # -- what is asked of it ---------------------------------------------------------------

    def add(self, make: Callable[[int, Callable[[], None]], Job]) -> int:
        """Queue a job; gives its number. `make` is given the number, and what the job calls when
        anything about it has changed.
        """
        self._numbers += 1
        job = make(self._numbers, self._notify)
        self._jobs[job.number] = job
        self._queue(job)
        return job.number

    def cancel(self, number: int) -> None:
        """Stop a job between parts. What was not finished leaves nothing behind."""
        job = self._job(number)
        job.cancel()
        if job in self._waiting:
            # It has nothing to do but to end, and needs nobody to make room for that.
            self._waiting.remove(job)
            self._begin(job)

    def move(self, number: int, places: int) -> None:
        """Let a job that waits begin so many places later, or sooner where it is negative."""
        job = self._job(number)
        if job in self._waiting:
            place = max(0, self._waiting.index(job) + places)
            self._waiting.remove(job)
            self._waiting.insert(place, job)
            self._notify()

    def pause(self, number: int, paused: bool) -> None:
        """Begin no other request of a job, or go on. Others go before one that is paused."""
        self._job(number).pause(paused)
        self._begin_next()

    def retry(self, number: int) -> None:
        """Do the failed and cancelled files of an ended job again; nothing if there are none. A
        job whose files wait tries the next one at once.

        Raises ServiceError (READ_ONLY) for an upload in read-only mode.
        """
        job = self._job(number)
        if job.can_retry:
            job.prepare_retry()
            self._queue(job)
        else:
            job.try_now()

    def forget_ended(self) -> None:
        """Drop the jobs that have ended from the list, and what was kept of them."""
        for job in self._jobs.values():
            if not job.state.is_active:
                task = asyncio.get_running_loop().create_task(_forget(job))
                self._forgetting.add(task)
                task.add_done_callback(self._forgetting.discard)
        self._jobs = {n: job for n, job in self._jobs.items() if job.state.is_active}
        self._notify()

    async def wait(self, number: int) -> JobSnapshot:
        """Wait until a job has ended; gives its last state."""
        job = self._job(number)
        await job.ended.wait()
        return job.snapshot()

    async def stop(self, patience: float = 5.0) -> None:
        """Cancel everything and wait up to `patience` seconds for parts to be cleared away."""
        for number, job in tuple(self._jobs.items()):
            if job.state.is_active:
                self.cancel(number)
        if under_way := self._tasks | self._forgetting:
            await asyncio.wait(under_way, timeout=patience)

    def close(self) -> None:
        """Cancel everything; never waits."""
        self._is_closed = True
        for job in self._jobs.values():
            job.stop.set()

    # -- what it says ----------------------------------------------------------------------

    @property
    def active(self) -> int:
        """Jobs under way or waiting."""
        return sum(job.state.is_active for job in self._jobs.values())

    @property
    def jobs(self) -> tuple[JobSnapshot, ...]:
        """Every job of this session as it is now, the newest first."""
        waits = {job.number: place for place, job in enumerate(self._waiting, 1)}
        return tuple(
            replace(job.snapshot(), turn=waits.get(job.number, 0))
            for job in reversed(self._jobs.values())
        )

    def job(self, number: int) -> JobSnapshot:
        """One job as it is now. Raises ServiceError (NOT_FOUND)."""
        return self._job(number).snapshot()

    async def results(self, number: int) -> tuple[FileResult, ...]:
        """How the files of a job ended that have ended, in the plan's order; of very many some,
        those that failed first.

        Raises ServiceError (NOT_FOUND).
        """
        return await self._job(number).results()

    def every_result(self, number: int) -> AsyncGenerator[tuple[FileResult, ...], None]:
        """As `results`, all files, some at a time; of very many deletions some, at the end."""
        return self._job(number).every_result()

    async def watch(self) -> AsyncIterator[tuple[JobSnapshot, ...]]:
        """The jobs, the newest first: now, and whenever something changed since.

        At most one set per `NOTIFY_INTERVAL`; while a job runs also when only its bytes moved.
        """
        changed = asyncio.Event()
        self._listeners.add(changed)
        try:
            while True:
                changed.clear()
                yield self.jobs
                await asyncio.sleep(NOTIFY_INTERVAL)
                await keys_first()
                if not self.active:
                    await changed.wait()
        finally:
            self._listeners.discard(changed)

    # -- inside ----------------------------------------------------------------------------

    def _job(self, number: int) -> Job:
        if number not in self._jobs:
            raise ServiceError("There is no such transfer.", kind=ErrorKind.NOT_FOUND)
        return self._jobs[number]

    def _queue(self, job: Job) -> None:
        self._waiting.append(job)
        self._begin_next()
        self._notify()

    def _begin_next(self) -> None:
        while sum(not job.stop.paused for job in self._running) < JOBS_AT_ONCE:
            job = next((job for job in self._waiting if not job.stop.paused), None)
            if job is None:
                return
            self._waiting.remove(job)
            self._begin(job)

    def _begin(self, job: Job) -> None:
        self._running.add(job)
        task = behind_keys(job.run(), name=f"transfer-{job.number}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._job_over, job))

    def _job_over(self, job: Job, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._running.discard(job)
        if not self._is_closed:
            self._begin_next()
        if self._fault_log is None or task.cancelled():
            return
        defect = task.exception()
        if defect is not None:
            # The files of the job say that it broke off; nobody awaits the task that knows where.
            append_fault(self._fault_log, defect)

    def _notify(self) -> None:
        for changed in self._listeners:
            changed.set()


async def _forget(job: Job) -> None:
    with contextlib.suppress(ServiceError):
        # Then it is offered to the next run.
        await job.forget()
