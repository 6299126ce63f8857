"""One connection of the user's, used by one thread at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import BinaryIO, ParamSpec, TypeVar

from tui.services.audit import AuditLog
from tui.services.blocking import BlockingPool
from tui.services.sql.catalog import Relations, read_relations
from tui.services.sql.completing.names import KnownNames, read_names
from tui.services.sql.completing.search_path import SessionPath
from tui.services.sql.connecting.targets import DatabaseTarget
from tui.services.sql.export import Exported, ExportOptions, server_copy
from tui.services.sql.files.script_file import ScriptFile, ScriptStatement
from tui.services.sql.files.script_run import ScriptOutcome, run_to_command
from tui.services.sql.foreign_keys import ForeignKey, foreign_keys
from tui.services.sql.history import StatementHistory, noted
from tui.services.sql.models import (
    NO_LIMITS,
    ConnectionLostError,
    Page,
    Result,
    Row,
    ServerInfo,
    TimeLimits,
    TransactionState,
)
from tui.services.sql.row_edits.applying import EditsApplied, Server, apply
from tui.services.sql.row_edits.changes import RowChange
from tui.services.sql.row_edits.table import EditableTable, editable_table
from tui.services.sql.session.aside import Aside
from tui.services.sql.session.closing import ask_to_stop, hang_up
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.execution import Execution
from tui.services.sql.session.idle_release import IDLE_RELEASE, IdleRelease
from tui.services.sql.session.one_call import OneCall
from tui.services.sql.session.results import PAGE_SIZE
from tui.services.sql.session.series import Series
from tui.services.sql.session.transactions import OpenTransaction
from tui.services.sql.text.statements import Statement
from tui.services.sql.tunnels import Tunnel

P = ParamSpec("P")
T = TypeVar("T")


class Session:
    """Runs statements, pages their rows, cancels them, and connects again when asked.

    Nothing is ever run twice by itself. Cancelling the task that awaits `run` or `fetch_more`
    cancels the statement on the server.
    """

    def __init__(
        self,
        target: DatabaseTarget,
        connection: ServerConnection,
        *,
        connect: Callable[[], ServerConnection],
        read_only: Callable[[], bool],
        audit: AuditLog | None,
        pool: BlockingPool,
        control: BlockingPool,
        idle_release: float = IDLE_RELEASE,
        history: StatementHistory | None = None,
        limits: TimeLimits = NO_LIMITS,
        tunnel: Tunnel | None = None,
    ) -> None:
        self.target = target
        self.on_change: Callable[[], None] | None = None
        """Called in the event loop when the state or the open result has changed."""
        self._connect = connect
        self._read_only = read_only
        self._audit = audit
        self._connection = connection
        self._tunnel = tunnel
        self._aside = Aside(connect, pool)
        self._execution = Execution(connection, read_only=read_only, audit=audit, limits=limits)
        self._pool = pool
        self._history = history
        self._path = SessionPath()
        self._calls = OneCall(
            pool,
            control,
            begins=self._begins,
            ended=self._ended,
            # By then it may be another connection.
            halt=lambda: self._connection.stop.set(),
            cancel=lambda: ask_to_stop(self._connection),
        )
        self._idle = IdleRelease(idle_release, self.release, is_running=lambda: self.running)
        self.closed = False
        """Whether `close` was called."""

    def __repr__(self) -> str:
        return f"Session({self.info.label})"

    # -- what it is now ---------------------------------------------------------------------------

    @property
    def info(self) -> ServerInfo:
        """Who answered."""
        return self._connection.info

    @property
    def state(self) -> TransactionState:
        """The user's transaction, as the server said last."""
        return self._connection.state

    @property
    def read_only(self) -> bool:
        """Whether only reading is let through: since it was made, or by the account of now."""
        return self._read_only()

    @property
    def transaction(self) -> OpenTransaction | None:
        """What is known of the user's transaction, if one is open or has failed."""
        return self._execution.transaction

    @property
    def manual_commit(self) -> bool:
        """Whether a transaction is begun in front of the first statement when none is open."""
        return self._execution.manual_commit

    @manual_commit.setter
    def manual_commit(self, wanted: bool) -> None:
        self._execution.manual_commit = wanted

    @property
    def limits(self) -> TimeLimits:
        """How long a statement may take and wait; from the next one on."""
        return self._execution.limits.limits

    @limits.setter
    def limits(self, limits: TimeLimits) -> None:
        self._execution.limits.set(limits)

    @property
    def running(self) -> bool:
        """Whether the server is working for us now."""
        return self._calls.running

    @property
    def backslash_escapes(self) -> bool:
        """How `split` must read a backslash in a plain string for this server."""
        return self._connection.backslash_escapes

    @property
    def search_path(self) -> tuple[str, ...] | None:
        """The schemas that need not be written, in order; None while it is that of any new
        connection."""
        return self._path.schemas

    def has_more(self, result: Result) -> bool:
        """Whether the server still holds rows of `result` for us."""
        if result.complete or self.state is TransactionState.LOST:
            return False
        return result.number == self._execution.open_number

    @property
    def lost_transaction(self) -> bool:
        """Whether the user's transaction was lost with the server and `run` has yet to say so."""
        return self._connection.lost_transaction

    @property
    def lost_tunnel(self) -> str:
        """Why the ssh tunnel of a lost connection has ended; empty if it has not."""
        is_lost = self.state is TransactionState.LOST
        return self._tunnel.why_ended if self._tunnel is not None and is_lost else ""

    def look(self) -> None:
        """Look whether the server has gone while nothing is asked of it; never waits."""
        if self.running or self.closed:
            return
        if self._connection.find_hung_up() and self.on_change is not None:
            self.on_change()

    # -- what it does -----------------------------------------------------------------------------

    async def run(self, statement: Statement) -> Result:
        """Run one statement and give its first page.

        SqlError with SQLSTATE and position if the server refuses, READ_ONLY before anything is
        sent, CANCELLED after `cancel`, ConnectionLostError if the server is gone.
        """
        return await self._call(self._run, statement)

    async def run_series(self, series: Series) -> None:
        """Run what is left of a series, in one call; it may end before, for what has ended to be
        taken. Raises as `run`."""
        if series.is_stopped or (series.is_begun and self._connection.stop.is_set()):
            # Between two calls, or too late for the last statement of the one before.
            series.refuse()
        await self._call(self._run_series, series)

    async def run_script(
        self, script: ScriptFile, outcome: ScriptOutcome
    ) -> ScriptStatement | None:
        """Run the statements of a long file up to one with a backslash command, which is given;
        None at the end. Raises as `run`, with the line of the file; none of them is written down in
        the history."""
        return await self._call(self._run_script, script, outcome)

    async def fetch_more(self, result: Result, most: int = PAGE_SIZE) -> Page:
        """The rows after those already given, `most` of them at most. CONFLICT if the server no
        longer holds them."""
        return await self._call(self._execution.fetch_more, result, most)

    async def export(self, result: Result, options: ExportOptions, stream: BinaryIO) -> Exported:
        """Write every row of the statement of `result` into `stream`: it is run again on this
        connection, in a transaction that only reads, and nothing that is open is ended.

        CONFLICT for a statement that may change something; OSError of the stream; else as `run`.
        """
        return await self._call(
            self._execution.read_apart,
            result.statement,
            lambda connection, sending: server_copy.export(
                connection, result, options, stream, sending=sending
            ),
        )

    async def ask_again(self, result: Result, questions: Sequence[str]) -> list[list[Row]]:
        """The answers to questions about all rows of `result`, whose statement is in them. Only
        reads, ends nothing that is open; raises as `export`."""
        return await self._call(
            self._execution.read_apart,
            result.statement,
            lambda connection, _: server_copy.ask(connection, result, questions),
        )

    async def foreign_keys(self, result: Result, column: int) -> tuple[ForeignKey, ...]:
        """Where a column of a result leads."""
        return await self._call(
            self._execution.read_apart,
            result.statement,
            lambda connection, _: foreign_keys(connection, result.columns or (), column),
        )

    async def release(self) -> None:
        """Give up the rows not read yet, and the snapshot behind them."""
        await self._call(self._execution.release)

    async def cancel(self) -> bool:
        """Stop what runs, on the server; False if nothing does. The connection stays good."""
        if not self.running:
            return False
        await asyncio.shield(self._calls.stop())
        return True

    async def editable_table(self, result: Result) -> EditableTable:
        """The table whose rows a result shows; INVALID, with the reason, if they cannot be
        changed."""
        return await self._call(lambda: editable_table(self._connection, result))

    async def apply(self, table: EditableTable, changes: Sequence[RowChange]) -> EditsApplied:
        """Change rows, all of them or none: see `row_edits.applying`."""
        return await self._call(self._apply, table, changes)

    async def reconnect(self) -> None:
        """Connect anew (with a fresh token, for IAM). What was open is gone."""
        await self._call(self._reconnect)

    async def relations(self) -> Relations:
        """Tables and views with their columns; read as `names`."""
        return await self._pool.run(self._elsewhere, read_relations)

    async def names(self, tables: Relations | None = None) -> KnownNames:
        """What can be named here: tables with their columns (`tables`, if they were just read),
        schemas, functions; over a connection of its own that is closed again.

        The user's own may be busy, or in a transaction that must not be touched.
        """
        return await self._pool.run(
            self._elsewhere, lambda connection: read_names(connection, tables)
        )

    async def look_up(self, ask: Callable[[ServerConnection], T]) -> T:
        """What `ask` finds in the catalog, over a second connection that is kept for a while: the
        user's own may be busy, or in a transaction that must not be touched."""
        return await self._aside.look_up(ask)

    def close(self) -> None:
        """End it without waiting: what runs is cancelled on the server, then we hang up."""
        if self.closed:
            return
        self.closed = True
        self._idle.stop()
        self._aside.stop()
        self._connection.stop.set()
        # A thread of its own that dies with the process: a dead network must not hold up quitting.
        ended = (self._connection, self.running, self._aside, self._tunnel)
        threading.Thread(target=hang_up, args=ended, daemon=True).start()

    # -- one call at a time -----------------------------------------------------------------------

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(function, *args, **kwargs)
        return await self._calls.run(lambda: self._told(call))

    def _begins(self) -> None:
        self._idle.stop()
        self._connection.stop.clear()

    def _ended(self) -> None:
        if self._execution.pins_snapshot and not self.closed:
            self._idle.start()
        if self.on_change is not None:
            self.on_change()

    # -- on the pools -----------------------------------------------------------------------------

    def _told(self, call: Callable[[], T]) -> T:
        try:
            answer = call()
            if self._connection.stop.is_set():
                # The request to cancel may have reached the end of our own transaction.
                self._execution.settle()
            return answer
        except ConnectionLostError as error:
            if self._tunnel is not None:
                error.cause = self._tunnel.told_of_loss(error.cause)
            raise

    def _run(self, statement: Statement) -> Result:
        try:
            return noted(self._history, statement, self.info.label, self._execution.run)
        finally:
            self._path.follow(self._connection, statement)

    def _run_series(self, series: Series) -> None:
        series.run(self._run, self._execution.fetch_more, self._connection.stop.is_set)

    def _run_script(self, script: ScriptFile, outcome: ScriptOutcome) -> ScriptStatement | None:
        def run(statement: Statement) -> Result:
            try:
                return self._execution.run(statement)
            finally:
                self._path.follow(self._connection, statement)

        return run_to_command(
            script,
            outcome,
            run=run,
            backslash_escapes=lambda: self.backslash_escapes,
            stopped=self._connection.stop.is_set,
        )

    def _apply(self, table: EditableTable, changes: Sequence[RowChange]) -> EditsApplied:
        server = Server(
            state=lambda: self._connection.state,
            run=self._execution.run,
            change=self._run,
            stand_by=self._execution.release,
            backslash_escapes=self.backslash_escapes,
        )
        return apply(server, table, changes, commits=not self.manual_commit)

    def _reconnect(self) -> None:
        if self._tunnel is not None and self.state is TransactionState.LOST:
            # It may be as dead as the connection, and not know it yet.
            self._tunnel.hang_up()
        old, connection = self._connection, self._connect()
        if self.closed:
            connection.close()
            return
        self._connection, self._path = connection, SessionPath()
        before = self._execution
        self._execution = Execution(
            connection, read_only=self._read_only, audit=self._audit, limits=before.limits.limits
        )
        self._execution.manual_commit = before.manual_commit
        self._aside.release()
        old.sever()
        old.close()

    def _elsewhere(self, read: Callable[[ServerConnection], T]) -> T:
        connection = self._connect()
        try:
            return read(connection)
        finally:
            connection.close()
