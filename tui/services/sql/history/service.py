"""The history of statements: notes what ran, and finds it again."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_database import cause_and_hint
from tui.services.sql.history.models import (
    Entry,
    HistoryPage,
    HistoryWanted,
    StatementOutcome,
    StatementRun,
)
from tui.services.sql.history.store import LONGEST, HistoryStore, NewRun
from tui.services.sql.models import ConnectionLostError, Result
from tui.services.sql.text.parameters import without_values
from tui.services.sql.text.secrets import without_secrets
from tui.services.sql.text.statements import Statement

MOST_WAITING = 1000
"""Runs that wait to be written while another window holds the file; those before are dropped."""

TOGETHER = 0.2
"""Seconds during which runs are collected, unless somebody waits for them."""

LONGEST_MESSAGE = 2000
"""Characters of what the server said that are kept."""

LAST_WRITES = 1.0
"""Seconds that quitting waits at most for what was just run to be written."""

PAGE_SIZE = 200
"""Entries of one page."""

_NOT_KEPT = "What the server said is not kept: it may repeat the password."

_FAILURES = (sqlite3.Error, OSError, ValueError)

T = TypeVar("T")


@dataclass(eq=False)
class RunningStatement:
    """A statement that runs."""

    statement: Statement
    connection: str
    begun: datetime
    clock: float
    """When it began, by the monotonic clock."""
    number: int = 0
    """Under which its beginning was written; 0 if it is not. The writing thread's own."""

    @property
    def run(self) -> StatementRun:
        """What is known of it by now."""
        seconds = time.monotonic() - self.clock
        return StatementRun(
            self.begun, seconds, None, complete=True, outcome=StatementOutcome.UNKNOWN
        )


def noted(
    history: StatementHistory | None,
    statement: Statement,
    connection: str,
    run: Callable[[Statement], Result],
) -> Result:
    """Run a statement and write down how it ends, whether or not anybody still awaits that."""
    if history is None:
        return run(statement)
    under_way = history.begin(statement, connection)
    try:
        result = run(statement)
    except ServiceError as error:
        history.end(under_way, error)
        raise
    history.end(under_way, result)
    return result


class StatementHistory:
    """Writes on a thread of its own, and never makes anybody wait. Building it opens nothing."""

    def __init__(self, path: Path, *, keeps: bool = True) -> None:
        """`keeps`: whether what runs is written down; what was written before can be read."""
        self.path = path
        self.keeps = keeps
        self.problem: ServiceError | None = None
        """Why it cannot be written now; None if it can. Statements run without it."""
        self._store = HistoryStore(path)
        # One thread: what is read holds everything that was noted before.
        self._pool = BlockingPool("sql-history", 1)
        self._waiting: deque[tuple[RunningStatement, StatementRun]] = deque(maxlen=MOST_WAITING)
        self._unwritten: dict[RunningStatement, NewRun] = {}
        """What could not be written, and is tried again with the next one. The thread's own."""
        self._under_way: list[RunningStatement] = []
        """What runs now, over all connections."""
        self._lock = threading.Lock()
        self._hurry = threading.Event()
        """Set when somebody waits for what is written."""
        self._is_sent = False
        """Whether a call that writes what waits is on its way."""
        self._tell: Callable[[ServiceError], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_told = self._is_closed = False

    def listen(self, tell: Callable[[ServiceError], None]) -> None:
        """Have `tell` called in this event loop, once, when the history cannot be written."""
        self._tell, self._loop = tell, asyncio.get_running_loop()

    # -- what ran ---------------------------------------------------------------------------------

    def begin(self, statement: Statement, connection: str) -> RunningStatement:
        """A statement begins to run: give what it comes to to `end`. From any thread.

        What still runs after a moment is written down as not ended, so that it is found even if
        this process is killed meanwhile.
        """
        under_way = RunningStatement(statement, connection, datetime.now(UTC), time.monotonic())
        with self._lock:
            self._under_way.append(under_way)
            if not self.keeps or statement.is_repeated or self._is_sent:
                return under_way
            self._is_sent = True
        self._pool.submit(self._write)
        return under_way

    def end(self, under_way: RunningStatement, ended: Result | ServiceError) -> None:
        """Write down soon what a statement came to. From any thread; returns at once."""
        run = under_way.run
        run = _of_result(run, ended) if isinstance(ended, Result) else _of_error(run, ended)
        with self._lock:
            if under_way not in self._under_way:
                return  # the application is being left, and it was noted as that
            self._under_way.remove(under_way)
            if not self.keeps or under_way.statement.is_repeated:
                return
            self._waiting.append((under_way, run))
            if self._is_sent:
                return
            self._is_sent = True
        self._pool.submit(self._write)

    def _write(self) -> None:
        # The next ones of a script are written with it: a transaction for each would cost more
        # than they do.
        self._hurry.wait(TOGETHER)
        self._hurry.clear()
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
            begun = [each for each in self._under_way if not each.statement.is_repeated]
            self._is_sent = False
        waiting += [(each, each.run) for each in begun if not each.number]
        for under_way, run in waiting:
            # The end of one takes the place of its beginning, and of the order of that.
            self._unwritten[under_way] = _kept(under_way, run)
        while len(self._unwritten) > MOST_WAITING:
            del self._unwritten[next(iter(self._unwritten))]
        if not self._unwritten:
            return
        try:
            numbers = self._store.add(self._unwritten.values())
        except _FAILURES as error:
            self.problem = self._problem(error)
            self._say(self.problem)
        else:
            self.problem = None
            for under_way, number in zip(self._unwritten, numbers, strict=True):
                under_way.number = number
            self._unwritten.clear()

    def _say(self, problem: ServiceError) -> None:
        if self._is_told or self._tell is None or self._loop is None:
            return
        self._is_told = True
        try:
            self._loop.call_soon_threadsafe(self._tell, problem)
        except RuntimeError:
            # The application has ended.
            return

    def _problem(self, error: sqlite3.Error | OSError | ValueError) -> ServiceError:
        cause, hint = cause_and_hint(self.path, error)
        return ServiceError(
            "The history of statements cannot be used: statements run, but are not kept.",
            cause=cause,
            hint=hint,
        )

    # -- what is found ----------------------------------------------------------------------------

    async def page(
        self, wanted: HistoryWanted, before: int | None = None, most: int = PAGE_SIZE
    ) -> tuple[HistoryPage, int]:
        """The newest entries, or those older than `before`; and what `before` is for the next page.
        ServiceError if they cannot be read."""
        return await self._run(lambda: self._store.page(wanted, before, most))

    async def entry(self, statement: int) -> Entry:
        """One with all of its text that is kept. NOT_FOUND if it is there no more."""
        found = await self._run(lambda: self._store.entry(statement))
        if found is None:
            raise ServiceError("It is no longer in the history.", kind=ErrorKind.NOT_FOUND)
        return found

    async def runs(self, statement: int, most: int = 5) -> tuple[StatementRun, ...]:
        """The last runs of a statement, the newest first."""
        return await self._run(lambda: self._store.runs(statement, most))

    async def keep(self, statement: int, *, favourite: bool, name: str = "") -> None:
        """Make a statement a favourite, which is never dropped, or take that back."""
        await self._run(lambda: self._store.keep(statement, favourite=favourite, name=name))

    async def delete(self, statement: int) -> None:
        """Take a statement out of the history, with all of its runs."""
        await self._run(lambda: self._store.delete(statement))

    async def _run(self, function: Callable[[], T]) -> T:
        self._hurry.set()
        try:
            return await self._pool.run(function)
        except _FAILURES as error:
            raise self._problem(error) from error

    def close(self) -> None:
        """Write what waits, for a second at most. What still runs was cut off, and nobody will know
        here how it ended."""
        written = threading.Event()
        self._hurry.set()
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            cut_off, self._under_way = self._under_way, []
            if self.keeps:
                self._waiting.extend(
                    (each, each.run) for each in cut_off if not each.statement.is_repeated
                )
            if self._waiting or self._unwritten:
                self._pool.submit(self._write)

        def close() -> None:
            self._store.close()
            written.set()

        self._pool.close_after(close)
        written.wait(LAST_WRITES)


def _of_result(run: StatementRun, result: Result) -> StatementRun:
    run = replace(run, outcome=StatementOutcome.OK)
    if result.columns is not None:
        return replace(run, rows=len(result.rows) + result.dropped, complete=result.complete)
    words = result.tag.split()
    # "INSERT 0 3", "UPDATE 3", but "CREATE TABLE".
    return replace(run, rows=int(words[-1])) if len(words) > 1 and words[-1].isdigit() else run


def _of_error(run: StatementRun, error: ServiceError) -> StatementRun:
    outcome, message = StatementOutcome.ERROR, error.message
    if isinstance(error, ConnectionLostError):
        outcome = StatementOutcome.UNKNOWN if error.outcome_unknown else StatementOutcome.LOST
    elif error.kind is ErrorKind.CANCELLED:
        outcome = StatementOutcome.CANCELLED
    if outcome is not StatementOutcome.ERROR:
        # In our own words, which are no words of a search.
        message = ""
    return replace(run, outcome=outcome, code=error.code, message=message)


def _kept(under_way: RunningStatement, run: StatementRun) -> NewRun:
    """A run as it is written: without secrets, and no longer than is kept."""
    statement = under_way.statement
    whole = statement.shown
    text, left_out = without_secrets(whole[:LONGEST], backslash_escapes=statement.backslash_escapes)
    message = without_values(run.message, statement)[:LONGEST_MESSAGE]
    if message and (left_out or without_secrets(message)[1]):
        # "syntax error at or near …" repeats a literal.
        message = _NOT_KEPT
    return NewRun(
        text,
        len(whole),
        left_out,
        under_way.connection,
        replace(run, message=message),
        under_way.number,
    )
