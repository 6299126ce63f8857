"""Writes the journal while jobs run: in batches on a thread, never on the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.s3 import Stop, StoppedError
from tui.services.transfers.journal.journal import Journal, Note, Value
from tui.services.transfers.journal.journal_problem import (
    JournalHeldError,
    journal_problem,
    not_in_journal,
)
from tui.services.transfers.journal.on_disk import OnDisk

T = TypeVar("T")

BATCH = 100
"""Files that may have ended and not be in the journal."""

NEAR = 800
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
        self._writes: set[asyncio.Future[None]] = set()
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
        """Return when everything noted so far is written. Raises ServiceError if it cannot be
        written. It waits as `when_free`."""
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

    async def begin(self, function: Callable[[Journal], None]) -> bool:
        """As `at_once`, for what a transfer begins with; False where the journal cannot be written,
        and `problem` says why."""
        try:
            await self._pool.run(function, self._journal)
        except (sqlite3.Error, OSError) as error:
            self.problem = not_in_journal(self.path, error)
            return False
        self.problem = None
        return True

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
            # Not a task: what ends while the event loop is ended is written, too.
            write = self._pool.begin(self._journal.write, waiting)
            self._writes.add(write)
            write.add_done_callback(partial(self._written, waiting))

    def _written(self, notes: list[Note], write: asyncio.Future[None]) -> None:
        self._writes.discard(write)
        if write.cancelled():
            return
        error = write.exception()
        if error is None:
            self.problem = None
            return
        if not isinstance(error, sqlite3.Error | OSError):
            raise error
        self.problem = journal_problem(self.path, error)
        if len(self._waiting) < KEPT:
            # Written when it can be again: what a retry does again is drawn from it.
            self._waiting = notes + self._waiting
        self._write_again_later()

    def _write_again_later(self) -> None:
        if self._timer is None and not self._is_closed:
            self._timer = asyncio.get_running_loop().call_later(AGAIN_AFTER, self._send)
