"""The transfer service: plans, and a queue of jobs that outlives whoever started them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from tui.services.audit import AuditLog
from tui.services.aws import Account, Standpoint, guard
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.fault_log import append_fault
from tui.services.transfers.job import Job
from tui.services.transfers.leftovers import Leftovers
from tui.services.transfers.local_folder import LocalFolders
from tui.services.transfers.models import (
    ConflictPolicy,
    Direction,
    DownloadPlan,
    FileResult,
    JobSnapshot,
    LocalBatch,
    LocalFile,
    Problem,
    UploadPlan,
)
from tui.services.transfers.native import NativeClient, native_client
from tui.services.transfers.patterns import Pattern
from tui.services.transfers.planning import Planner
from tui.services.transfers.pressure import FIRST_DELAY, Pressure
from tui.services.transfers.remote import RemoteObject
from tui.services.transfers.route import Course, Tuning
from tui.services.transfers.work import Heap, download_work, upload_work

THREADS = 32
"""Requests in flight, of all jobs together."""

JOBS_AT_ONCE = 3
"""Jobs under way; the rest wait in the queue."""

NOTIFY_INTERVAL = 0.2
"""Seconds between two sets of snapshots, at least."""

_NO_OVERRIDES: Mapping[str, ConflictPolicy] = {}


class TransferService:
    """Uploads and downloads of one account. Use it from one event loop.

    `audit` is for the writes that do not pass through the SDK's hooks; without it all of them do.
    `fault_log` is where a defect that ends a job is written down; without it, asyncio tells of it.
    `downloads_record` keeps the folders of downloads, to look for unfinished files in a later run.
    """

    def __init__(
        self,
        account: Account,
        audit: AuditLog | None = None,
        *,
        fault_log: Path | None = None,
        downloads_record: Path | None = None,
        tuning: Tuning | None = None,
        first_delay: float = FIRST_DELAY,
    ) -> None:
        self.folders = LocalFolders()
        """The folders of this machine, for choosing what goes and where to."""
        self.leftovers = Leftovers(downloads_record)
        """Unfinished files of earlier downloads."""
        self._account = account
        self._audit = audit
        self._fault_log = fault_log
        self._natives: WeakKeyDictionary[Any, NativeClient | None] = WeakKeyDictionary()
        self._making = threading.Lock()
        """Held while a native client is made, of which there is one beside each SDK client."""
        self._planner = Planner(account)
        self._pool = BlockingPool("transfers", size=THREADS)
        self._pressure = Pressure(self._pool, first_delay=first_delay)
        self._tuning = tuning or Tuning()
        self._unfinished: set[Path] = set()
        self._jobs: dict[int, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(JOBS_AT_ONCE)
        self._numbers = 0
        self._listeners: set[asyncio.Event] = set()

    # -- plans -----------------------------------------------------------------------------

    @property
    def standpoint(self) -> Standpoint:
        """Where and as whom a transfer that is chosen now goes: `at` of its plan."""
        return self._account.standpoint

    def refuse_if_read_only(self) -> None:
        """Raise ServiceError (READ_ONLY) where an upload would be refused anyway."""
        guard.refuse_if_read_only(self._account.read_only, "s3", "PutObject")

    def walk(self, paths: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        """The regular files under `paths` as they are found, batch by batch, off the loop.

        What cannot be sent comes as a Problem; nothing here is fatal.
        """
        return self._planner.walk(paths)

    async def build_upload_plan(
        self,
        files: Iterable[LocalFile],
        problems: Sequence[Problem],
        *,
        bucket: str,
        prefix: str,
        at: Standpoint,
        patterns: Sequence[Pattern] = (),
        keep_folder_names: bool = True,
    ) -> UploadPlan:
        """The plan for files found by `walk`: keys made, patterns applied, nothing asked yet.

        `prefix` is put before each name exactly as it is. With `keep_folder_names` a chosen
        folder's own name is in the keys; without, only its content is (`aws s3 cp --recursive`).
        """
        return await self._planner.build_upload(
            files,
            problems,
            bucket=bucket,
            prefix=prefix,
            at=at,
            patterns=patterns,
            keep_folder_names=keep_folder_names,
        )

    async def check_upload_plan(self, plan: UploadPlan) -> UploadPlan:
        """The same plan, knowing what its keys hold now. Raises ServiceError."""
        return await self._planner.check(plan)

    def objects(
        self,
        bucket: str,
        keys: Sequence[str],
        prefixes: Sequence[str],
        *,
        base: str,
        at: Standpoint,
    ) -> AsyncIterator[tuple[RemoteObject, ...] | Problem]:
        """The objects to download, as they are found. `base` is the prefix that the user looked
        at, with which every key and prefix begins; what follows it makes the local names.
        """
        return self._planner.objects(bucket, keys, prefixes, base, at)

    async def build_download_plan(
        self,
        objects: Iterable[RemoteObject],
        problems: Sequence[Problem],
        *,
        bucket: str,
        folder: Path,
        at: Standpoint,
        patterns: Sequence[Pattern] = (),
    ) -> DownloadPlan:
        """The plan for objects found by `objects`: every local name inside `folder`, one each."""
        return await self._planner.build_download(
            objects, problems, bucket=bucket, folder=folder, at=at, patterns=patterns
        )

    # -- jobs ------------------------------------------------------------------------------

    async def start_upload(
        self,
        plan: UploadPlan,
        policy: ConflictPolicy = ConflictPolicy.SKIP,
        overrides: Mapping[str, ConflictPolicy] = _NO_OVERRIDES,
    ) -> int:
        """Queue a plan; gives the job's number. `policy` is for the conflicts that the plan
        shows, `overrides` for single keys among them. Raises ServiceError: READ_ONLY, or CONFLICT
        when the account stands elsewhere than it did when the bucket was chosen.
        """
        self.refuse_if_read_only()
        course = await self._course(plan.at)
        heap = await self._pool.run(upload_work, plan, course, _policies(policy, overrides))
        return self._start(Direction.UPLOAD, plan.bucket, plan.prefix, heap)

    async def start_download(
        self,
        plan: DownloadPlan,
        policy: ConflictPolicy = ConflictPolicy.SKIP,
        overrides: Mapping[str, ConflictPolicy] = _NO_OVERRIDES,
    ) -> int:
        """Queue a plan; gives the job's number. As `start_upload`."""
        await self.leftovers.remember(plan.folder)
        course = await self._course(plan.at)
        heap = await self._pool.run(download_work, plan, course, _policies(policy, overrides))
        return self._start(Direction.DOWNLOAD, plan.bucket, str(plan.folder), heap)

    async def _course(self, at: Standpoint) -> Course:
        # All is taken now: a job stays with the account that it was planned for.
        return await self._pool.run(self._make_course, at)

    def _make_course(self, at: Standpoint) -> Course:
        read_only, identity = self._account.read_only, self._account.known_identity
        # After what it is used with: it refuses if the account has moved on meanwhile.
        client = self._account.client("s3", at=at)
        with self._making:
            if client not in self._natives:
                self._natives[client] = native_client(
                    client,
                    read_only=read_only,
                    audit=self._audit,
                    account_id=identity.account_id if identity else None,
                )
            return Course(
                client, self._natives[client], self._pressure, self._tuning, self._unfinished
            )

    def _start(self, direction: Direction, bucket: str, place: str, heap: Heap) -> int:
        self._numbers += 1
        job = Job(self._numbers, direction, bucket, place, heap.work, heap.size, self._notify)
        self._jobs[job.number] = job
        self._queue(job)
        return job.number

    def _queue(self, job: Job) -> None:
        task = asyncio.get_running_loop().create_task(self._run(job), name=f"transfer-{job.number}")
        self._tasks.add(task)
        task.add_done_callback(self._job_over)
        self._notify()

    def _job_over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._fault_log is None or task.cancelled():
            return
        defect = task.exception()
        if defect is not None:
            # The files of the job say that it broke off; nobody awaits the task that knows where.
            append_fault(self._fault_log, defect)

    async def _run(self, job: Job) -> None:
        async with self._slots:
            await job.run()

    @property
    def active(self) -> int:
        """Jobs under way or waiting."""
        return sum(job.state.is_active for job in self._jobs.values())

    @property
    def jobs(self) -> tuple[JobSnapshot, ...]:
        """Every job of this session as it is now, the newest first."""
        return tuple(job.snapshot() for job in reversed(self._jobs.values()))

    def job(self, number: int) -> JobSnapshot:
        """One job as it is now. Raises ServiceError (NOT_FOUND)."""
        return self._job(number).snapshot()

    async def results(self, number: int) -> tuple[FileResult, ...]:
        """How each file of a job ended that has ended, in the plan's order.

        Raises ServiceError (NOT_FOUND).
        """
        return await self._pool.run(_in_order, self._job(number).results)

    def cancel(self, number: int) -> None:
        """Stop a job between parts. What was not finished leaves nothing behind."""
        self._job(number).cancel()

    def retry(self, number: int) -> None:
        """Do the failed and cancelled files of an ended job again; nothing if there are none."""
        job = self._job(number)
        if job.can_retry:
            if job.direction is Direction.UPLOAD:
                self.refuse_if_read_only()
            job.prepare_retry()
            self._queue(job)

    def forget_ended(self) -> None:
        """Drop the jobs that have ended from the list."""
        self._jobs = {n: job for n, job in self._jobs.items() if job.state.is_active}
        self._notify()

    async def wait(self, number: int) -> JobSnapshot:
        """Wait until a job has ended; gives its last state."""
        job = self._job(number)
        await job.ended.wait()
        return job.snapshot()

    def _job(self, number: int) -> Job:
        if number not in self._jobs:
            raise ServiceError("There is no such transfer.", kind=ErrorKind.NOT_FOUND)
        return self._jobs[number]

    # -- listening -------------------------------------------------------------------------

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
                if not self.active:
                    await changed.wait()
        finally:
            self._listeners.discard(changed)

    def _notify(self) -> None:
        for changed in self._listeners:
            changed.set()

    # -- end -------------------------------------------------------------------------------

    async def stop(self, patience: float = 5.0) -> None:
        """Cancel everything and wait up to `patience` seconds for parts to be cleared away."""
        for job in self._jobs.values():
            if job.state.is_active:
                job.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=patience)

    def close(self) -> None:
        """Cancel everything; never waits. What `stop` could not end in time leaves no file."""
        for job in self._jobs.values():
            job.stop.set()
        for temporary in tuple(self._unfinished):
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        self._planner.close()
        self.folders.close()
        self.leftovers.close()
        self._pool.close()


def _in_order(results: Mapping[int, FileResult]) -> tuple[FileResult, ...]:
    return tuple(results[number] for number in sorted(results))


def _policies(
    policy: ConflictPolicy, overrides: Mapping[str, ConflictPolicy]
) -> Callable[[str], ConflictPolicy]:
    return lambda key: overrides.get(key, policy)
