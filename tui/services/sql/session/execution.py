"""Run statements on one connection, by the rules of its transactions. Blocking; one thread at a
time.

Transactions. Nothing is open between statements unless the user said BEGIN.

- Rows that can be paged come from a server-side cursor in a transaction of ours that is READ ONLY,
  so that leaving it early can never leave half of something done. It is ended when the last
  row is read, when another statement is run, or after a while.
- A query that may write through its functions, or act outside of the database, is run once, as a
  whole, and committed, before its first row is shown (a cursor WITH HOLD): what SELECT did is never
  half done because only the first page was looked at. Functions behind operators, casts and
  policies are not seen beforehand: the READ ONLY transaction refuses their writing, and the query
  begins anew as a whole.
- Inside the user's own transaction rows are paged in that, except where running the statement only
  as far as the first page would leave part of it undone: row locks, functions that may write.
- Everything else is sent as it stands, and commits by itself.
- Where the user commits by hand, BEGIN is sent in front of the first statement: it is then the
  user's own transaction. See `transactions`.
- In read-only mode everything runs in a READ ONLY transaction that ends by ROLLBACK.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.errors import CANCELED
from tui.services.sql.explain.request import ExplainStatement, run_explained
from tui.services.sql.files.file_copy import carry_out, explained, summary
from tui.services.sql.files.file_statements import ResultFileStatement, has_rows_behind
from tui.services.sql.models import (
    NO_LIMITS,
    Page,
    Result,
    SqlError,
    TimeLimits,
    TransactionState,
)
from tui.services.sql.psql.column_types import DescribeStatement, column_types
from tui.services.sql.psql.result_file import WrittenRows
from tui.services.sql.session.auditing import StatementAudit
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.encoding import doubts_of
from tui.services.sql.session.limits import AppliedLimits
from tui.services.sql.session.results import LARGE_PAGE, PAGE_SIZE, ServerCursor, TypeNames
from tui.services.sql.session.sending import Sender, Sent, rowless
from tui.services.sql.session.transactions import (
    OpenTransaction,
    after,
    is_begun_for,
    refuse_standing_alone,
)
from tui.services.sql.session.translating import Translating
from tui.services.sql.text import refusals
from tui.services.sql.text.classify import Classification, StatementRoute, classify
from tui.services.sql.text.statements import Statement

T = TypeVar("T")

ReadApart = Callable[[ServerConnection, Callable[[str], None]], T]
"""Is given the connection, and what to call with the text before the statement that is sent."""

ROLLED_BACK = (
    "Read-only mode ends a transaction by ROLLBACK: settings and cursors made in it are gone."
)
_SETTINGS = frozenset({"SET", "RESET"})


class Execution:
    """The statements of one connection, and the result that still has rows on the server. Raises
    ServiceErrors; keeps the audit of what may have changed something."""

    def __init__(
        self,
        connection: ServerConnection,
        *,
        read_only: Callable[[], bool],
        audit: AuditLog | None,
        limits: TimeLimits = NO_LIMITS,
    ) -> None:
        self.manual_commit = False
        """Whether a transaction is begun in front of the first statement when none is open."""
        self.limits = AppliedLimits(limits)
        self.transaction: OpenTransaction | None = None
        """The user's transaction, if one is open or has failed."""
        self._connection = connection
        self._read_only = read_only
        self._audit = StatementAudit(audit)
        self._types = TypeNames()
        self._cursor = ServerCursor(connection, self._types)
        self._sender = Sender(connection, self._types, self._cursor)
        self._last_number = 0
        self._sent = Sent(read_only())
        """Of the statement under way."""
        self._reads_only = False
        """Whether the user's transaction was begun in read-only mode."""

    @property
    def open_number(self) -> int:
        """The number of the result that still has rows on the server; 0 if none has."""
        return self._cursor.open_number

    @property
    def pins_snapshot(self) -> bool:
        """Whether rows still to be read hold a transaction of ours open."""
        return bool(self.open_number) and self._connection.ours

    # -- statements and pages ---------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until the transaction of ours has ended that is about to."""
        with self._translated(None):
            self._connection.settle()

    def run(self, statement: Statement) -> Result:
        """Run one statement; no transaction of ours is left open when it fails."""
        # Here and not before: to read a long statement takes too long for the event loop.
        refusals.refuse_unsendable(statement, backslash_escapes=self._connection.backslash_escapes)
        self._sent = Sent(self._read_only())
        was_open = self._connection.state is TransactionState.OPEN
        try:
            with self._translated(statement):
                result = self._run(statement)
        except ServiceError as error:
            if self._sent.writes and error.kind is not ErrorKind.READ_ONLY:
                outcome = "ok" if self._sent.committed else error.code or error.kind.value
                was_open = was_open or self._sent.begun
                self._audit.failed(self._connection, statement, outcome, was_open=was_open)
            self._audit.left(self._connection)
            raise
        finally:
            self.transaction = after(self.transaction, statement, self._connection.state)
        was_open = was_open or self._sent.begun
        wrote = self._sent.writes
        self._audit.done(self._connection, statement, result.tag, wrote=wrote, was_open=was_open)
        return result

    def fetch_more(self, result: Result, most: int = PAGE_SIZE) -> Page:
        """The next page of a result, of `most` rows at most; CONFLICT if the server no longer holds
        it."""
        if result.number != self.open_number:
            raise ServiceError(
                "The rest of this result is no longer held on the server.",
                hint="Run the statement again to see it all.",
                kind=ErrorKind.CONFLICT,
            )
        with self._translated(result.statement):
            try:
                return self._cursor.next(most)
            except BaseException:
                self._cursor.abandon()
                raise

    def read_apart(self, statement: Statement, read: ReadApart[T]) -> T:
        """Let `read` have the connection for something that only reads and leaves open what is:
        its errors are those of `statement`."""
        self._sent = Sent(self._read_only())
        self._cursor.prefix = 0
        with self._translated(statement):
            return read(self._connection, self._sender.sending)

    def release(self) -> None:
        """Give up the rows that were not read and the transaction of ours that held them."""
        self._connection.stop.clear()
        with self._translated(None):
            self._cursor.release()
            self._connection.settle()

    def _run(self, statement: Statement) -> Result:
        self._connection.begin_statement()
        self._cursor.release()
        kind = classify(statement)
        # In read-only mode the server has seen to it that nothing was changed.
        self._sent.writes = kind.writes and not self._sent.read_only
        self._cursor.prefix = 0
        self._connection.commits_ours = not self._sent.read_only or statement.keyword in _SETTINGS
        self._sender.declaring.follow(statement)
        self._last_number += 1
        self._sent.number = self._last_number
        self._connection.keep_encoding()
        self.limits.apply(self._connection)
        self._begin_for(statement)
        begun = time.perf_counter()
        try:
            result = self._route(statement, kind)
        except BaseException as error:
            cancelled = getattr(error, "pgcode", "") == CANCELED
            self._cursor.abandon()
            self._end_begun()
            if cancelled and self._sent.committed:
                raise SqlError(
                    "Cancelled after the statement was carried out and committed; its rows were "
                    "not read.",
                    code=CANCELED,
                    kind=ErrorKind.CANCELLED,
                ) from error
            raise
        doubts = doubts_of(result.rows) if self._connection.of_bytes else ()
        return replace(
            result,
            seconds=time.perf_counter() - begun,
            notices=(*self._connection.take_notices(), *result.notices, *doubts),
            number=self._last_number,
            wrote=self._sent.writes,
        )

    def _begin_for(self, statement: Statement) -> None:
        """Begin the user's transaction where they commit by hand and none is open."""
        state = self._connection.state
        if not self.manual_commit or self._sent.read_only:
            return
        refuse_standing_alone(statement, is_open=state is not TransactionState.IDLE)
        if state is TransactionState.IDLE and is_begun_for(statement):
            self._connection.execute("BEGIN")
            self._sent.begun, self._reads_only = True, False

    def _end_begun(self) -> None:
        """After an error: end the transaction that was begun for this statement alone."""
        from psycopg2 import Error

        if self._sent.begun and self._connection.state is not TransactionState.LOST:
            # The error that brought us here says more than one of this.
            with suppress(Error):
                self._connection.execute("ROLLBACK")

    def _route(self, statement: Statement, kind: Classification) -> Result:
        in_transaction = self._connection.state is not TransactionState.IDLE
        rows = self._sender.rows
        if isinstance(statement, DescribeStatement):
            return column_types(self._connection, statement)
        if self._sent.read_only:
            refusals.refuse_if_unsafe(statement, in_transaction=in_transaction)
            if self._connection.state is not TransactionState.FAILED:
                refusals.refuse_what_it_leads_to(self._connection, statement)
            refusals.enforce(self._connection, kind.route, in_transaction=in_transaction)
        if has_rows_behind(statement):
            return self._copy(statement)
        if isinstance(statement, ExplainStatement):
            return run_explained(
                self._connection, statement, lambda each: self._sender.plain(each, self._sent)
            )
        if kind.route is StatementRoute.CONTROL:
            return self._control(statement)
        if isinstance(statement, ResultFileStatement):
            return WrittenRows(
                self._connection,
                self._types,
                run=lambda: rows(statement, kind, self._sent, in_transaction=in_transaction),
                more=lambda: self._cursor.next(LARGE_PAGE),
                sending=self._sender.sending,
                is_committed=lambda: self._sent.committed,
            ).write(statement)
        return rows(statement, kind, self._sent, in_transaction=in_transaction)

    def _copy(self, statement: Statement) -> Result:
        in_transaction = self._connection.state is not TransactionState.IDLE
        try:
            with self._translated(statement):
                tag = carry_out(self._connection, statement)
                self._connection.end_ours()
        except SqlError as error:
            raise explained(error, statement, in_transaction=in_transaction) from error
        self._sent.committed = self._sent.writes and self._connection.state is TransactionState.IDLE
        return replace(rowless(statement, tag), notices=summary(statement))

    def _control(self, statement: Statement) -> Result:
        ending = refusals.ending(statement) if self._sent.read_only or self._reads_only else ""
        before = self._connection.state
        was_open = before is TransactionState.OPEN
        if ending and was_open and not self._reads_only:
            raise ServiceError(
                "Read-only mode: this transaction was begun before, and may have changed "
                "something; it is not committed now.",
                hint="It is still open. Go back to the profile that it was begun with and commit "
                "it there, or roll it back.",
                kind=ErrorKind.READ_ONLY,
            )
        cursor = self._connection.execute(ending or statement.text)
        if before is TransactionState.IDLE or refusals.chains(statement):
            self._reads_only = self._sent.read_only
        if self._sent.read_only and self._connection.state is TransactionState.OPEN:
            self._connection.execute("SET TRANSACTION READ ONLY")
        result = rowless(statement, cursor.statusmessage or "")
        return replace(result, notices=(ROLLED_BACK,)) if ending and was_open else result

    # -- errors -----------------------------------------------------------------------------------

    def _translated(self, statement: Statement | None) -> Translating:
        was_idle = self._connection.state is TransactionState.IDLE
        return Translating(
            self._connection,
            statement,
            prefix=lambda: self._cursor.prefix,
            read_only=self._sent.read_only,
            limits=self.limits.limits,
            unknown=lambda: self._is_unknown(statement, was_idle=was_idle),
        )

    def _is_unknown(self, statement: Statement | None, *, was_idle: bool) -> bool:
        """Whether it is not known what has become of a statement whose connection is lost."""
        commits = statement is not None and statement.keyword in {"COMMIT", "END"}
        wrote = self._sent.writes and not self._sent.committed
        return (commits and not self._sent.read_only) or (
            was_idle and wrote and not self._sent.begun
        )
