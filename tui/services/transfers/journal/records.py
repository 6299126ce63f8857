"""What is written into the journal while jobs run: in batches on a thread, never on the loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.s3 import Stop, StoppedError
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.begun import BegunCopy, BegunDownload, BegunUpload
from tui.services.transfers.journal.journal import Journal, Note, Value
from tui.services.transfers.journal.journal_problem import (
    JournalHeldError,
    journal_problem,
    not_in_journal,
)
from tui.services.transfers.journal.on_disk import ARRIVED, OnDisk
from tui.services.transfers.moving.passing import may_pass
from tui.services.transfers.route import Route

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 100
"""Files that may have ended and not be in the journal."""

NEAR = 500
"""So many files behind the last one that has ended, others may have ended that are not in the
journal: those under way, and those of batches that were on their way to it."""

BEHIND = 0.2
"""Seconds that the journal may be behind, at most, besides the time of a write."""

AGAIN_AFTER = 2.0
"""Seconds after which a write that failed is tried again."""

HELD = 0.1
"""Seconds after which a journal that another window holds is tried again; SQLite itself waits for
it each time, too."""

KEPT = 100_000
"""Notes that wait in memory while the journal cannot be written."""

ADD_JOB = (
    "INSERT INTO jobs (id, owner, direction, profile, region, endpoint, account, bucket, place,"
    " begun) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TO_BUCKET = "UPDATE jobs SET to_bucket = ? WHERE id = ?"
_MORE = "UPDATE jobs SET more = ? WHERE id = ?"
_LEFT_OUT = (
    "INSERT INTO files (job, number, source, destination, size, details, state, message)"
    " VALUES (?, ?, ?, x'', 0, '{}', 'skipped', ?)"
)
ADD_FILE = (
    "INSERT INTO files (job, number, source, destination, size, details) VALUES (?, ?, ?, ?, ?, ?)"
)
_ADD_DELETION = "INSERT INTO deletions (job, number, name, size, told) VALUES (?, ?, ?, ?, ?)"
_ENDED = "UPDATE files SET state = ?, result = ?, message = ? WHERE job = ? AND number = ?"
_AGAIN = (
    "UPDATE files SET state = '', result = NULL, message = NULL"
    " WHERE job = ? AND state NOT IN ('', 'done', 'skipped')"
)
_BEGUN = "UPDATE files SET begun = ? WHERE job = ? AND number = ?"
_OVER = "UPDATE jobs SET is_over = ? WHERE id = ?"
_RANGE = "INSERT OR IGNORE INTO ranges (job, number, start) VALUES (?, ?, ?)"
_NO_RANGES = "DELETE FROM ranges WHERE job = ? AND number = ?"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file of a job, as the journal keeps it."""

    source: bytes
    destination: bytes
    size: int
    details: str
    """What else the plan says of it, as JSON."""


@dataclass(frozen=True, slots=True)
class PlannedDeletion:
    """Something that a sync deletes, as the journal keeps it."""

    name: bytes
    """The key, or the local path."""
    size: int
    told: str
    """By what it is known again: the ETag of an object, the time of a file in nanoseconds."""


@dataclass(frozen=True, slots=True)
class UnfitFile:
    """Something that was found and cannot be transferred, as the journal keeps it."""

    source: bytes
    reason: str


class Recorder:
    """Writes to the journal for all jobs. Use it from one event loop."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        """None for a database of this process alone."""
        self.problem: ServiceError | None = None
        """Why the journal cannot be written, None if it can: transfers run on without it."""
        self.disk = OnDisk(self.note)
        self._journal = Journal(path)
        self._pool = BlockingPool("journal", size=1)
        self._waiting: list[Note] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writes: set[asyncio.Task[None]] = set()
        self._shrinking: asyncio.Task[None] | None = None
        self._is_closed = False
        self._writes_all = False
        """Whether a job writes all that waits, also what others have noted."""
        self.is_kept = False
        """Whether what is under way is to be left for a later run to go on with."""

    async def run(self, function: Callable[[Journal], T]) -> T:
        """Await `function` of the journal on its thread, after what was noted so far. Raises
        ServiceError."""
        await self.sync()
        return await self.at_once(function)

    async def at_once(self, function: Callable[[Journal], T]) -> T:
        """As `run`, for what does not depend on what was noted."""
        try:
            return await self._pool.run(function, self._journal)
        except (sqlite3.Error, OSError, ValueError) as error:
            raise journal_problem(self.path, error) from error

    async def when_free(
        self, function: Callable[[Journal], T], stop: Stop, waits: Callable[[bool], None]
    ) -> T:
        """As `at_once`, but it waits for another window that holds the journal, until `stop` is
        set; `waits` is told whether it does. Raises StoppedError, too."""
        while True:
            try:
                answer = await self.at_once(function)
            except JournalHeldError as error:
                self.problem = error
                if stop.is_set():
                    raise StoppedError from error
                waits(True)
                await asyncio.sleep(HELD)
            else:
                if isinstance(self.problem, JournalHeldError):
                    self.problem = None
                waits(False)
                return answer

    async def all_written(self, stop: Stop, waits: Callable[[bool], None]) -> None:
        """Return when everything noted so far is written, and what has arrived is on the disk.
        Raises ServiceError if it cannot be written. It waits as `when_free`."""
        await self.disk.flush()
        while self._writes_all:
            # Another job writes what this one has noted, too.
            if stop.is_set():
                raise StoppedError
            waits(True)
            await asyncio.sleep(HELD)
        waits(False)
        self._writes_all = True
        try:
            await self._write_all(stop, waits)
        finally:
            self._writes_all = False

    async def _write_all(self, stop: Stop, waits: Callable[[bool], None]) -> None:
        await self.sync()
        if self._waiting:
            # They were noted meanwhile, or could not be written.
            waiting, self._waiting = self._waiting, []
            try:
                await self.when_free(lambda journal: journal.write(waiting), stop, waits)
            except (ServiceError, StoppedError):
                self._waiting = waiting + self._waiting
                self._write_again_later()
                raise
        self.problem = None

    async def add(
        self,
        route: Route,
        at: Connection,
        files: Callable[[], Iterable[PlannedFile | UnfitFile]],
        more: str = "",
        deletions: Callable[[], Iterable[PlannedDeletion]] = tuple,
    ) -> JobRecord | None:
        """Write a job down before its first byte; None where the journal cannot be written. `more`
        says where the rest of its files is found, `deletions` what is deleted after them.
        """
        job = uuid4().hex

        def add(journal: Journal) -> None:
            row = (
                *(job, journal.owner, route.direction.value, at.profile, at.region or ""),
                *(at.endpoint or "", at.account_id or "", route.bucket, os.fsencode(route.place)),
                time.time(),
            )
            about: list[Note] = [(ADD_JOB, row), (_MORE, (more, job))]
            if route.to_bucket:
                about.append((_TO_BUCKET, (route.to_bucket, job)))
            removed: Iterator[Note] = (
                (_ADD_DELETION, (job, number, each.name, each.size, each.told))
                for number, each in enumerate(deletions())
            )
            journal.write(chain(about, added(job, 0, files()), removed))

        try:
            await self._pool.run(add, self._journal)
        except (sqlite3.Error, OSError) as error:
            self.problem = not_in_journal(self.path, error)
            return None
        self.problem = None
        return JobRecord(self, job)

    def note(self, statement: str, *row: Value) -> None:
        """Write this soon."""
        if self._is_closed:
            return
        self._waiting.append((statement, row))
        if len(self._waiting) >= BATCH:
            self._send()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(BEHIND, self._send)

    async def sync(self) -> None:
        """Return when everything noted so far is written."""
        self._send()
        if self._writes:
            await asyncio.wait(set(self._writes))

    async def forget(self, jobs: Sequence[str]) -> None:
        """Take jobs out of the journal, and give their space back to the disk. Raises
        ServiceError."""
        await self.run(lambda journal: journal.forget(jobs))
        self.shrink_soon()

    def shrink_soon(self) -> None:
        """Give free space back to the disk, bit by bit, while others write."""
        if self._shrinking is None or self._shrinking.done():
            self._shrinking = asyncio.get_running_loop().create_task(self._shrink())

    async def _shrink(self) -> None:
        with contextlib.suppress(ServiceError):
            # What is free is used again; nothing depends on it.
            while not self._is_closed and await self.at_once(Journal.shrink):
                pass

    def close(self) -> None:
        """Never waits."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._shrinking is not None:
            self._shrinking.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self._pool.close_after(self._journal.close)

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and not self._is_closed:
            waiting, self._waiting = self._waiting, []
            task = asyncio.get_running_loop().create_task(self._write(waiting))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)

    async def _write(self, notes: list[Note]) -> None:
        try:
            await self._pool.run(self._journal.write, notes)
        except (sqlite3.Error, OSError) as error:
            self.problem = journal_problem(self.path, error)
            if len(self._waiting) < KEPT:
                # Written when it can be again: what a retry does again is drawn from it.
                self._waiting = notes + self._waiting
            self._write_again_later()
        else:
            self.problem = None

    def _write_again_later(self) -> None:
        if self._timer is None and not self._is_closed:
            self._timer = asyncio.get_running_loop().call_later(AGAIN_AFTER, self._send)


def added(job: str, first: int, files: Iterable[PlannedFile | UnfitFile]) -> Iterator[Note]:
    """What adds files to a job; `first` is the number of the first of them."""
    for number, each in enumerate(files, first):
        if isinstance(each, UnfitFile):
            yield _LEFT_OUT, (job, number, each.source, _bytes(each.reason))
        else:
            yield ADD_FILE, (job, number, each.source, each.destination, each.size, each.details)


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One job in the journal."""

    recorder: Recorder
    id: str

    def ended(self, number: int, result: FileResult, planned: str, folder: str = "") -> None:
        """A file has ended; the plan said `planned`, and it has arrived in the local `folder`."""
        if result.state is FileState.CANCELLED:
            return
        state = ARRIVED if folder else result.state.value
        where = _bytes(result.destination) if result.destination != planned else None
        message = _bytes(result.message) if result.message else None
        self.recorder.note(_ENDED, state, where, message, self.id, number)
        if folder:
            self.recorder.disk.arrived(self.id, number, folder)

    async def found(
        self,
        first: int,
        files: Sequence[PlannedFile],
        left_out: Sequence[UnfitFile],
        more: str,
        stop: Stop,
    ) -> None:
        """Write down more files of the job, from the number `first` on, and where to look on.
        Raises ServiceError; StoppedError if `stop` is set while another window holds the journal.
        """
        notes: list[Note] = [*added(self.id, first, (*files, *left_out)), (_MORE, (more, self.id))]
        await self.recorder.when_free(lambda journal: journal.write(notes), stop, lambda _: None)

    def again(self) -> None:
        """What failed is to be done again."""
        self.recorder.note(_AGAIN, self.id)

    def over(self, is_over: bool) -> None:
        """The job has ended, or begins again."""
        if not self.recorder.is_kept:
            say = partial(self.recorder.note, _OVER, int(is_over), self.id)
            self.recorder.disk.over(self.id, is_over, say)


def _bytes(text: str) -> bytes:
    # A name that is not UTF-8 holds surrogates.
    return text.encode("utf-8", "surrogatepass")


@dataclass(slots=True)
class FileRecord:
    """One file in the journal."""

    recorder: Recorder
    job: str
    number: int
    upload: BegunUpload | None = None
    """What an earlier run has begun; None once it was gone on with."""
    download: BegunDownload | None = None
    copy: BegunCopy | None = None
    is_resumed: bool = False
    """Whether an earlier run may have ended it without writing that down."""
    was_near: bool = False
    """Whether it stands so near those that the earlier run had come to, that it well may have."""

    async def begun_in_s3(self, begun: BegunUpload | BegunCopy) -> None:
        """Write down what of it will lie in S3; returns when that is written."""
        self.recorder.note(_BEGUN, begun.text, self.job, self.number)
        await self.recorder.sync()

    def begun_download(self, temporary: Path, step: int, *, is_flushed: bool) -> None:
        """Write down where its ranges go, before those that are done."""
        begun = BegunDownload(temporary, step, is_flushed=is_flushed)
        self.recorder.note(_NO_RANGES, self.job, self.number)
        self.recorder.note(_BEGUN, begun.text, self.job, self.number)

    def range_done(self, start: int) -> None:
        """A range is in the temporary file."""
        self.recorder.note(_RANGE, self.job, self.number, start)

    def keeps(self, reason: BaseException) -> bool:
        """Whether what was begun is left where it is after it broke off for that reason: a retry,
        or a later run, goes on with it."""
        recorder = self.recorder
        is_written = recorder.path is not None and recorder.problem is None
        return recorder.is_kept or (is_written and may_pass(reason))

    def nothing_begun(self) -> None:
        """What was begun was cleared away."""
        self.recorder.note(_BEGUN, "", self.job, self.number)
