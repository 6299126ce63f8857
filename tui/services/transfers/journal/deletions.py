"""What a sync deletes on its far side after all else has arrived: kept in the journal with its job,
drawn call by call, and gone on with after a crash.

A row is "sent" before its call goes out. What was sent and has no answer is looked at first when it
is gone on with, so that nothing gets a second delete marker and `U` finds the first one. Nothing is
deleted that cannot be written down: another window that holds the journal is waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from threading import Event
from typing import Any, TypeAlias, TypeVar

from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.s3 import Name, Stop, StoppedError, is_paused
from tui.services.s3.deleting.batch_delete import LIMIT
from tui.services.s3.deleting.undo_stack import UndoStack, new_delete
from tui.services.transfers.job_files import SHOWN_RESULTS
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.journal import Journal, Note
from tui.services.transfers.journal.journal_problem import nothing_deleted
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.journal.records import JobRecord
from tui.services.transfers.kept_items import PlannedDeletion, kept_key, key_of
from tui.services.transfers.sync.deleters import Deleted, Deleter, Fate, SyncDeletion
from tui.services.transfers.sync.deletion_counts import DeletionCounts
from tui.services.transfers.sync.sync_plan import SyncPlan

T = TypeVar("T")

AT_ONCE = LIMIT
"""Deletions that are drawn together: those of one call."""

LOOK = 0.1
"""Seconds between two looks at whether to go on."""

_NOT_ALL_ARRIVED = (
    "SELECT 1 FROM files WHERE job = ? AND state <> 'done' AND destination <> x'' LIMIT 1"
)
"""What the plan left out goes nowhere: the deletions were confirmed in sight of it."""
_NEXT = (
    "SELECT number, name, size, told FROM deletions"
    " WHERE job = ? AND number > ? AND state = ? ORDER BY number LIMIT ?"
)
_SENT = (
    "UPDATE deletions SET state = 'sent' WHERE job = ? AND number BETWEEN ? AND ? AND state = ''"
)
_ENDED = "UPDATE deletions SET state = ?, made = ?, message = ? WHERE job = ? AND number = ?"
_AGAIN = "UPDATE deletions SET state = '', message = NULL WHERE job = ? AND state = 'failed'"
_MADE = "SELECT number, name, made FROM deletions WHERE job = ? AND made <> '' ORDER BY number"
_KEPT = "UPDATE deletions SET made = '' WHERE job = ? AND made <> ''"
_EVERY = (
    "SELECT name, size, state, message FROM deletions WHERE job = ?"
    " ORDER BY state NOT IN ('failed', 'sent'), number LIMIT ?"
)

Undo: TypeAlias = tuple[UndoStack, str, Connection]
"""Where what can be taken back is kept, and the bucket and the connection that it belongs to."""


def planned_deletions(plan: SyncPlan) -> Iterator[PlannedDeletion]:
    """What a sync deletes, as the journal keeps it."""
    if plan.deletes:
        for found in plan.extra_objects:
            yield PlannedDeletion(kept_key(found.key), found.size, found.etag)
        for file in plan.extra_files:
            yield PlannedDeletion(os.fsencode(file.path), file.size, str(file.mtime_ns))


def has_made(journal: Journal, job: str) -> bool:
    """Whether a job has made delete markers that `U` does not know of. Raises sqlite3.Error,
    OSError."""
    return bool(journal.read(_MADE + " LIMIT 1", (job,)))


def _made(journal: Journal, job: str) -> tuple[int, tuple[Name, ...]]:
    """The number of the first of these delete markers, and all of them. There may be a million."""
    rows: Any = journal.read(_MADE, (job,))
    first = rows[0][0] if rows else 0
    return first, tuple(each for _, name, made in rows for each in _markers(name, made))


def _markers(name: bytes, made: str) -> list[Name]:
    return [Name(key_of(name), version) for version in made.split()]


class Deletions:
    """The deletions of one job. Used from the event loop."""

    def __init__(
        self, record: JobRecord, deleter: Deleter, planned: int, undo: Undo | None = None
    ) -> None:
        """`planned` are those that have not ended."""
        self.counts = DeletionCounts(deleter.thing, planned)
        self._record = record
        self._deleter = deleter
        self._undo = undo
        self._stop: Stop = Event()
        self._changed: Callable[[], None] = lambda: None
        self._unwritten: list[Name] = []
        """Delete markers that were made and could not be written down yet."""

    @property
    def is_left(self) -> bool:
        """Whether to run again may delete more."""
        counts = self.counts
        return not counts.is_held_back and bool(counts.pending or counts.failed)

    async def run(
        self, stop: Stop, changed: Callable[[], None], failed: Callable[[FileResult], None]
    ) -> None:
        """Delete until nothing is left, or to `stop` is set, if all else has arrived. `failed` is
        told of what could not be deleted. Raises ServiceError."""
        self._stop, self._changed = stop, changed
        # Stopped while it waits for another window, it ends as it ends between two calls.
        with contextlib.suppress(StoppedError):
            if not await self._has_all_arrived():
                return
            try:
                for state in ("sent", ""):
                    await self._run(state, stop, failed)
            finally:
                self._waits(False)
                await self.keep_for_undo()

    async def _has_all_arrived(self) -> bool:
        job = self._record.id
        try:
            await self._recorder.disk.flush(job, self._stop)
            await self._recorder.all_written(self._stop, self._waits)
        except ServiceError as error:
            # Whether all has arrived is not known without it.
            raise nothing_deleted(error) from error
        arrived = await self._when_free(lambda journal: not journal.read(_NOT_ALL_ARRIVED, (job,)))
        self.counts = replace(self.counts, is_held_back=not arrived)
        return arrived

    async def _run(self, state: str, stop: Stop, failed: Callable[[FileResult], None]) -> None:
        last = -1
        while not await _is_stopped(stop):
            wanted = await self._next(state, last)
            if not wanted:
                return
            first, last = wanted[0].number, wanted[-1].number
            again = state == "sent"
            if not again:
                await self._write([(_SENT, (self._record.id, first, last))])
            names = {each.number: each for each in wanted}
            async with aclosing(self._deleter.delete(wanted, again=again)) as calls:
                async for part in calls:
                    self._count(part)
                    for each in part:
                        if each.fate is Fate.FAILED:
                            failed(self._result(names[each.number], each))
                    self._changed()
                    await self._write_ended(part, names)
                    if stop.is_set():
                        return

    async def _next(self, state: str, last: int) -> list[SyncDeletion]:
        rows: Any = await self._when_free(
            lambda journal: journal.read(_NEXT, (self._record.id, last, state, AT_ONCE))
        )
        return [SyncDeletion(*row) for row in rows]

    @property
    def _recorder(self) -> Recorder:
        return self._record.recorder

    async def _write(self, notes: Sequence[Note]) -> None:
        try:
            await self._when_free(lambda journal: journal.write(notes))
        except ServiceError as error:
            raise nothing_deleted(error) from error

    async def _write_ended(
        self, part: Sequence[Deleted], names: Mapping[int, SyncDeletion]
    ) -> None:
        notes = [self._note(each) for each in part]
        try:
            await self._write(notes)
        except (ServiceError, StoppedError):
            # It is true all the same: written when it can be, and `U` knows of it now.
            for statement, row in notes:
                self._recorder.note(statement, *row)
            for each in part:
                self._unwritten += _markers(names[each.number].name, each.made)
            raise

    async def _when_free(self, function: Callable[[Journal], T]) -> T:
        return await self._recorder.when_free(function, self._stop, self._waits)

    def _waits(self, waits: bool) -> None:
        if waits is not self.counts.waits:
            self.counts = replace(self.counts, waits=waits)
            self._changed()

    def _note(self, each: Deleted) -> Note:
        message = each.message.encode("utf-8", "surrogatepass") if each.message else None
        row = (each.fate.value, each.made, message, self._record.id, each.number)
        return _ENDED, row

    def _count(self, part: Sequence[Deleted]) -> None:
        counts = self.counts
        fates = [each.fate for each in part]
        self.counts = replace(
            counts,
            done=counts.done + fates.count(Fate.DONE),
            left=counts.left + fates.count(Fate.LEFT),
            failed=counts.failed + fates.count(Fate.FAILED),
        )

    def _result(self, deletion: SyncDeletion, each: Deleted) -> FileResult:
        name = self._deleter.shown(deletion.name)
        said = f"It was not deleted: {each.message}"
        return FileResult(name, "", FileState.FAILED, deletion.size, said)

    async def keep_for_undo(self) -> None:
        """Let `U` take back what only got delete markers, in this run or in one before it. Raises
        ServiceError."""
        if self._undo is None:
            return
        stack, bucket, at = self._undo
        job = self._record.id
        first, markers = await self._recorder.at_once(lambda journal: _made(journal, job))
        markers += tuple(self._unwritten)
        if not markers:
            return
        made = new_delete(bucket, markers, at, f"{job}-{first}")
        remark = ""
        try:
            await asyncio.to_thread(stack.push, made)
        except ServiceError as error:
            remark = str(error)
        self._unwritten.clear()
        undoable = self.counts.undoable + len({each.key for each in markers})
        self.counts = replace(self.counts, undoable=undoable, remark=remark)
        try:
            await self._recorder.at_once(lambda journal: journal.write([(_KEPT, (job,))]))
        except ServiceError:
            # After what else could not be written.
            self._recorder.note(_KEPT, job)

    def prepare_retry(self) -> None:
        """What failed is to be deleted after all."""
        self._recorder.note(_AGAIN, self._record.id)
        self.counts = replace(self.counts, failed=0, is_held_back=False, remark="")

    async def results(self) -> tuple[FileResult, ...]:
        """How they ended, those that failed first; of very many some. Raises ServiceError."""
        return await self._recorder.run(self._results)

    def _results(self, journal: Journal) -> tuple[FileResult, ...]:
        rows: Any = journal.read(_EVERY, (self._record.id, SHOWN_RESULTS))
        return tuple(
            FileResult(
                self._deleter.shown(name),
                "deleted" if state == "done" else "",
                _STATES.get(state, FileState.CANCELLED),
                size,
                (message or b"").decode("utf-8", "surrogatepass"),
            )
            for name, size, state, message in rows
        )


_STATES = {
    "done": FileState.DONE,
    "left": FileState.SKIPPED,
    "failed": FileState.FAILED,
    "sent": FileState.UNKNOWN,
}


async def _is_stopped(stop: Stop) -> bool:
    """Whether to stop; waits while the job is paused."""
    while True:
        if stop.is_set() or not is_paused(stop):
            return stop.is_set()
        await asyncio.sleep(LOOK)
