"""The files of an upload or a download, which are kept in the journal and drawn from it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from tui.services.transfers.job_files import SHOWN_RESULTS, Rest, Work
from tui.services.transfers.journal import Journal
from tui.services.transfers.models import Direction, FileResult, FileState
from tui.services.transfers.records import FileRecord, JobRecord
from tui.services.transfers.resuming import UnfinishedFile, destination_of, source_of, unfinished

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
_FAILED = (
    "SELECT number, source, destination, size, state, result, message FROM files"
    " WHERE job = ? AND state IN ('failed', 'unknown') ORDER BY number LIMIT ?"
)

Make = Callable[[UnfinishedFile, FileRecord], Work]


class RecordedFiles:
    """The files of one job. Of those that were not drawn yet, a window is in memory.

    `make` makes the work of one; `is_resumed` says that an earlier run may have ended some of them
    without writing that down.
    """

    def __init__(
        self,
        record: JobRecord,
        direction: Direction,
        make: Make,
        *,
        count: int,
        size: int,
        only_source: str = "",
        is_resumed: bool = False,
    ) -> None:
        self.count = count
        self.bytes = size
        self.only_source = only_source
        self._record = record
        self._direction = direction
        self._make = make
        self._is_resumed = is_resumed
        self._window: deque[tuple[int, Work]] = deque()
        self._drawn: dict[int, Work] = {}
        """Those under way."""
        self._last = -1
        """The number of the last file that was read."""
        self._is_read = False
        """Whether there are no more."""
        self._reading: asyncio.Task[None] | None = None
        self._has_begun = False

    # -- drawing ---------------------------------------------------------------------------

    async def begin(self) -> None:
        if self._has_begun or self._is_resumed:
            self._record.again()
            await self._record.recorder.sync()
        self._has_begun = True
        self._window.clear()
        self._drawn.clear()
        self._last, self._is_read, self._reading = -1, False, None

    async def draw(self) -> tuple[int, Work] | None:
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
        last, job = self._last, self._record.id
        found = await self._record.recorder.at_once(
            lambda journal: [
                (each.number, self._work_of(each))
                for each in unfinished(journal, job, self._direction, after=last, limit=WINDOW)
            ]
        )
        self._window.extend(found)
        if len(found) < WINDOW:
            self._is_read = True
        if found:
            self._last = found[-1][0]

    def _work_of(self, file: UnfinishedFile) -> Work:
        record = FileRecord(
            self._record.recorder,
            self._record.id,
            file.number,
            file.upload,
            file.download,
            self._is_resumed,
        )
        return self._make(file, record)

    # -- how they ended --------------------------------------------------------------------

    def ended(self, number: int, result: FileResult) -> None:
        work = self._drawn.pop(number)
        self._record.ended(number, result, work.destination)

    def over(self, is_over: bool) -> None:
        self._record.over(is_over)

    async def results(self, rest: Rest | None) -> tuple[FileResult, ...]:
        return await self._record.recorder.run(self._results_with(rest))

    def _results_with(self, rest: Rest | None) -> Callable[[Journal], tuple[FileResult, ...]]:
        every = _EVERY if rest is not None else _ENDED
        job = self._record.id

        def read(journal: Journal) -> tuple[FileResult, ...]:
            rows = journal.read(every, (job, SHOWN_RESULTS))
            if len(rows) == SHOWN_RESULTS:
                worst = journal.read(_FAILED, (job, SHOWN_RESULTS))
                numbers = {row[0] for row in worst}
                rows = worst + [row for row in rows if row[0] not in numbers]
            return tuple(self._result(row, rest) for row in rows[:SHOWN_RESULTS])

        return read

    def _result(self, row: Any, rest: Rest | None) -> FileResult:
        _, source, destination, size, state, result, message = row
        where = destination_of(self._direction, destination)
        if result is not None:
            where = result.decode("utf-8", "surrogatepass")
        said = message.decode("utf-8", "surrogatepass") if message else ""
        ended = FileState(state) if state or rest is None else rest.state
        if not state and rest is not None:
            said = rest.message
        return FileResult(source_of(self._direction, source), where, ended, size, said)
