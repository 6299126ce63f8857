"""The files of a job, which are kept in the journal and drawn from it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from tui.services.errors import ServiceError
from tui.services.s3 import Stop, StoppedError, is_paused
from tui.services.transfers.feeding import Feed, More
from tui.services.transfers.job_files import SHOWN_RESULTS, SHOWN_UNFIT, FileWork, Rest, Unfit
from tui.services.transfers.job_states import FileResult, FileState
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.journal_problem import nothing_done_again
from tui.services.transfers.journal.on_disk import ARRIVED
from tui.services.transfers.journal.recorder import NEAR
from tui.services.transfers.journal.records import FileRecord, JobRecord
from tui.services.transfers.journal.resuming import (
    UnfinishedFile,
    last_ended,
    next_number,
    unfinished,
)
from tui.services.transfers.kept_items import destination_of, source_of, unfit_files
from tui.services.transfers.models import Problem
from tui.services.transfers.route import Direction, Route

WINDOW = 1000
"""Files that are read from the journal at a time."""

LOW = 400
"""So many are left when the next ones are read: nobody waits for them."""

_EVERY = (
    "SELECT number, source, destination, size, state, result, message FROM files"
    " WHERE job = ? ORDER BY number LIMIT ?"
)
_ENDED = (
    "SELECT number, source, destination, size, state, result, message FROM files"
    " WHERE job = ? AND state <> '' ORDER BY number LIMIT ?"
)
_NEXT = (
    "SELECT number, source, destination, size, state, result, message FROM files"
    " WHERE job = ? AND number > ? ORDER BY number LIMIT ?"
)
_FAILED = (
    "SELECT number, source, destination, size, state, result, message FROM files"
    " WHERE job = ? AND state IN ('failed', 'unknown') ORDER BY number LIMIT ?"
)

LISTED = 5000
"""Results that are read from the journal at a time, where all are wanted."""

NONE_UNFIT = Unfit()

LOOK = 0.1
"""Seconds between two looks at whether to stop."""

Make = Callable[[UnfinishedFile, FileRecord], FileWork]


class RecordedFiles:
    """The files of one job. Of those that were not drawn yet, a window is in memory.

    `make` makes the work of one; `is_resumed` says that an earlier run may have ended some of them
    without writing that down.
    """

    def __init__(
        self,
        record: JobRecord,
        route: Route,
        make: Make,
        *,
        count: int,
        size: int,
        only_source: str = "",
        is_resumed: bool = False,
        more: More | None = None,
        feed: Feed | None = None,
        clear: Callable[[], Awaitable[None]] | None = None,
        left_out: Unfit = NONE_UNFIT,
    ) -> None:
        """`more` is what `feed` finds besides those that are recorded; `clear` removes what was
        begun of them. `left_out` is what the plan could not take, which is recorded behind the
        `count` files."""
        self.count = count + left_out.count
        self._left_out = left_out
        self.bytes = size
        self.only_source = only_source
        self._clear = clear
        self._more = more
        self._feed = feed
        self._looking: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        """Set when more was found, or nothing is looked for any more."""
        self._stop: Stop = threading.Event()
        self._record = record
        self._direction = route.direction
        self._place = route.place
        self._before = f"s3://{route.to_bucket}/" if route.direction.is_within_s3 else ""
        """What stands before a destination that the journal keeps."""
        self._make = make
        self._is_resumed = is_resumed
        self._window: deque[tuple[int, FileWork]] = deque()
        self._drawn: dict[int, FileWork] = {}
        """Those under way."""
        self._last = -1
        """The number of the last file that was read."""
        self._is_read = False
        """Whether there are no more."""
        self._reading: asyncio.Task[None] | None = None
        self._has_begun = False
        self._arrived: frozenset[int] = frozenset()
        """What had arrived in this run when it began again: not done again."""
        self._near = -1
        """Up to this number an earlier run may have ended files without writing that down."""

    # -- drawing ---------------------------------------------------------------------------

    @property
    def is_looking(self) -> bool:
        return self._more is not None

    @property
    def outlives(self) -> bool:
        return self._record.recorder.path is not None

    async def begin(self, stop: Stop, unfit: Callable[[Unfit], None]) -> None:
        # Before anything is awaited: what comes to the disk meanwhile is not known to the journal.
        self._arrived = self._record.arrived_here
        if self._has_begun or self._is_resumed:
            self._record.again()
            # What is done again is drawn from the journal.
            try:
                await self._record.recorder.all_written(stop, lambda _: None)
            except ServiceError as error:
                raise nothing_done_again(error) from error
            self._near = NEAR + await self._record.recorder.at_once(
                lambda journal: last_ended(journal, self._record.id)
            )
        if not self._has_begun and self._left_out.count:
            unfit(self._left_out)
        self._has_begun = True
        self._stop = stop
        self._window.clear()
        self._drawn.clear()
        self._last, self._is_read, self._reading = -1, False, None
        if self._more is not None and self._feed is not None:
            look = self._look(self._feed, self._more, unfit)
            self._looking = asyncio.get_running_loop().create_task(look)

    async def draw(self) -> tuple[int, FileWork] | None:
        while not self._window and not self._is_read:
            await asyncio.shield(self._read_on())
        if len(self._window) < LOW and not self._is_read:
            self._read_on()
        if not self._window:
            return None
        number, work = self._window.popleft()
        self._drawn[number] = work
        return number, work

    def _read_on(self) -> asyncio.Task[None]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read())
        return self._reading

    async def _read(self) -> None:
        is_last = not self._is_being_looked_for
        self._news.clear()
        last, job = self._last, self._record.id
        found = await self._record.recorder.at_once(
            lambda journal: [
                (each.number, self._work_of(each))
                for each in unfinished(journal, job, self._direction, after=last, limit=WINDOW)
            ]
        )
        self._window.extend(each for each in found if each[0] not in self._arrived)
        if found:
            self._last = found[-1][0]
        if len(found) == WINDOW:
            return
        if is_last or self._stop.is_set():
            self._is_read = True
        elif not found:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK)

    @property
    def _is_being_looked_for(self) -> bool:
        return self._looking is not None and not self._looking.done()

    def _work_of(self, file: UnfinishedFile) -> FileWork:
        record = FileRecord(
            self._record.recorder,
            self._record.id,
            file.number,
            file.upload,
            file.download,
            file.copy,
            self._is_resumed,
            file.number <= self._near,
        )
        return self._make(file, record)

    # -- looking for more ------------------------------------------------------------------

    async def _look(self, feed: Feed, more: More, unfit: Callable[[Unfit], None]) -> None:
        number = await self._record.recorder.run(
            lambda journal: next_number(journal, self._record.id)
        )
        try:
            async with aclosing(feed.batches(more, self._record)) as batches:
                async for batch in batches:
                    problems = tuple(unfit_files(self._direction, batch.problems))
                    more_text = batch.more.text
                    await self._record.found(number, batch.files, problems, more_text, self._stop)
                    added = len(batch.files) + len(problems)
                    number += added
                    self._more = batch.more
                    self.count += added
                    self.bytes += batch.bytes
                    unfit(unfit_of(batch.problems))
                    self._news.set()
                    if await self._is_stopped():
                        return
            await self._record.found(number, (), (), "", self._stop)
            self._more = None
        except StoppedError:
            # What was not written down is found again.
            return
        finally:
            self._news.set()

    async def _is_stopped(self) -> bool:
        """Whether to stop; waits while the job is paused."""
        while True:
            if self._stop.is_set() or not is_paused(self._stop):
                return self._stop.is_set()
            await asyncio.sleep(LOOK)

    async def found(self) -> None:
        if self._looking is not None:
            if self._stop.is_set():
                self._looking.cancel()
            await asyncio.wait({self._looking})
            if not self._looking.cancelled():
                self._looking.result()

    def leave(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    # -- how they ended --------------------------------------------------------------------

    def ended(self, number: int, result: FileResult) -> None:
        work, folder = self._drawn.pop(number), ""
        is_here = self._direction is Direction.DOWNLOAD and result.state is FileState.DONE
        if is_here and self.outlives:
            folder = os.path.dirname(result.destination)
        self._record.ended(number, result, work.destination, folder, self._place)

    def over(self, is_over: bool) -> None:
        self._record.over(is_over)

    async def forget(self) -> None:
        if self._clear is not None:
            await self._clear()
        await self._record.recorder.forget([self._record.id])

    async def results(self, rest: Rest | None) -> tuple[FileResult, ...]:
        return await self._record.recorder.run(self._results_with(rest))

    async def every_result(self, rest: Rest | None) -> AsyncGenerator[tuple[FileResult, ...], None]:
        job, last = self._record.id, -1

        def read(journal: Journal) -> list[Any]:
            return journal.read(_NEXT, (job, last, LISTED))

        while True:
            arrived = self._record.arrived_here
            rows = await self._record.recorder.run(read)
            results = (self._result(row, rest, arrived) for row in rows)
            yield tuple(each for each in results if each is not None)
            if len(rows) < LISTED:
                return
            last = rows[-1][0]

    def _results_with(self, rest: Rest | None) -> Callable[[Journal], tuple[FileResult, ...]]:
        every = _EVERY if rest is not None else _ENDED
        job, arrived = self._record.id, self._record.arrived_here

        def read(journal: Journal) -> tuple[FileResult, ...]:
            rows = journal.read(every, (job, SHOWN_RESULTS))
            if len(rows) == SHOWN_RESULTS:
                worst = journal.read(_FAILED, (job, SHOWN_RESULTS))
                numbers = {row[0] for row in worst}
                rows = worst + [row for row in rows if row[0] not in numbers]
            results = (self._result(row, rest, arrived) for row in rows[:SHOWN_RESULTS])
            return tuple(each for each in results if each is not None)

        return read

    def _result(self, row: Any, rest: Rest | None, arrived: frozenset[int]) -> FileResult | None:
        number, source, destination, size, state, result, message = row
        where = self._before + destination_of(self._direction, destination)
        if result is not None:
            where = result.decode("utf-8", "surrogatepass")
        said = _said(message)
        if state == ARRIVED:
            # What arrived in an earlier run was not looked at yet.
            state = FileState.DONE.value if number in arrived else ""
        if not state and rest is None:
            return None
        ended = FileState(state) if state or rest is None else rest.state
        if not state and rest is not None:
            said = rest.message
        return FileResult(source_of(self._direction, source), where, ended, size, said)


def unfit_of(problems: Sequence[Problem]) -> Unfit:
    """What is told of things that cannot be transferred. Blocking where they are on disk."""
    first = [
        FileResult(each.name, "", FileState.SKIPPED, 0, each.reason)
        for each in problems[:SHOWN_UNFIT]
    ]
    return Unfit(len(problems), first)


def recorded_unfit(journal: Journal, job: str, direction: Direction) -> Unfit:
    """What the journal says was left out of a job. Raises sqlite3.Error, OSError."""
    rows: Any = journal.read(
        "SELECT source, message, count(*) OVER () FROM files"
        " WHERE job = ? AND state = 'skipped' AND destination = x'' ORDER BY number LIMIT ?",
        (job, SHOWN_UNFIT),
    )
    first = [
        FileResult(source_of(direction, row[0]), "", FileState.SKIPPED, 0, _said(row[1]))
        for row in rows
    ]
    return Unfit(rows[0][2] if rows else 0, first)


def _said(message: bytes | None) -> str:
    return message.decode("utf-8", "surrogatepass") if message else ""
