"""Run one statement on one connection. Blocking; one thread at a time.

Transactions. Nothing is open between statements unless the user said BEGIN.

- Rows that can be paged come from a server-side cursor in a transaction of ours that is READ ONLY,
  so that leaving it early can never leave half of something done. It is committed when the last
  row is read, when another statement is run, or after a while.
- A query that writes through its functions is refused by that transaction, before anything has
  happened. It is then run as a whole, and committed, before its first row is shown (a cursor
  WITH HOLD): what SELECT did is never half done because only the first page was looked at.
- Inside the user's own transaction rows are paged in that, except where running the statement only
  as far as the first page would leave part of it undone: row locks, functions of the database's
  own that may write.
- Everything else is sent as it stands, and commits by itself.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.postgres_words import TO_BE_QUOTED
from tui.services.sql import read_only as lock
from tui.services.sql.classify import (
    Classification,
    Route,
    called_names,
    classify,
    hides_a_call,
)
from tui.services.sql.models import Column, Page, Result, Row, SqlError, TransactionState
from tui.services.sql.statements import Statement
from tui.services.sql.translate import CANCELED, NOT_SUPPORTED, READ_ONLY_TRANSACTION
from tui.services.sql.types import TypeNames
from tui.services.sql.wire import CLOSE, CURSOR, Wire

PAGE_SIZE = 500
"""Rows of one page."""

KEPT_ROWS = 10_000
"""Rows kept of a statement whose answer cannot be paged (RETURNING, EXPLAIN, SHOW, CALL)."""

_DECLARE = f"DECLARE {CURSOR} NO SCROLL CURSOR FOR\n"
_DECLARE_HELD = f"DECLARE {CURSOR} NO SCROLL CURSOR WITH HOLD FOR\n"
_BEGIN_READ_ONLY = "BEGIN TRANSACTION READ ONLY"
_SNAPSHOT = "SELECT pg_catalog.current_setting('transaction_read_only')"
_VOLATILE = (
    "SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang "
    "WHERE p.provolatile = 'v' AND l.lanname NOT IN ('internal', 'c') "
    "AND p.proname = ANY (%s) LIMIT 1"
)


class Execution:
    """One connection's statements, and the result that still has rows on the server."""

    def __init__(self, connection: Any, *, read_only: bool) -> None:
        self.wire = Wire(connection)
        self.read_only = read_only
        self.sent_write = False
        """Whether the statement under way may have changed something."""
        self.committed = False
        """Whether what the statement under way wrote is committed, whatever comes after."""
        self.prefix = 0
        """How many characters of ours stand before the statement that was sent last."""
        self.open_number = 0
        """The number of the result that still has rows on the server; 0 if none has."""
        self._held = False
        self._ahead: Row | None = None
        self._count = 0
        self._last_number = 0
        self._types = TypeNames()

    @property
    def pins_snapshot(self) -> bool:
        """Whether rows still to be read hold a transaction of ours open."""
        return bool(self.open_number) and self.wire.ours

    # -- running ------------------------------------------------------------------------------

    def run(self, statement: Statement) -> Result:
        """Send one statement; raises psycopg2's errors and leaves our own transactions closed."""
        self.sent_write = False
        self.committed = False
        self.wire.notice_a_lost_server()
        self.release()
        kind = classify(statement)
        # In read-only mode the server has seen to it that nothing was changed.
        self.sent_write = kind.writes and not self.read_only
        self.prefix = 0
        self._last_number += 1
        self.wire.keep_encoding()
        begun = time.perf_counter()
        try:
            result = self._route(statement, kind)
        except BaseException as error:
            cancelled = getattr(error, "pgcode", "") == CANCELED
            self._abandon()
            if cancelled and self.committed:
                raise SqlError(
                    "Cancelled after the statement was carried out and committed; its rows were "
                    "not read.",
                    code=CANCELED,
                    kind=ErrorKind.CANCELLED,
                ) from error
            raise
        return replace(
            result,
            seconds=time.perf_counter() - begun,
            notices=self.wire.take_notices(),
            number=self._last_number,
            wrote=self.sent_write,
        )

    def _route(self, statement: Statement, kind: Classification) -> Result:
        in_transaction = self.wire.state is not TransactionState.IDLE
        if self.read_only:
            lock.refuse_if_unsafe(statement)
            self._enforce_read_only(kind, in_transaction)
        if kind.route is Route.CONTROL:
            return self._control(statement)
        if kind.route is Route.CURSOR:
            return self._query(statement, in_transaction)
        return self._plain(statement)

    def _enforce_read_only(self, kind: Classification, in_transaction: bool) -> None:
        """Make the server hold every statement in a READ ONLY transaction with its snapshot."""
        if self.wire.state is TransactionState.FAILED or kind.route is Route.CONTROL:
            return
        if in_transaction:
            self.wire.execute("SET TRANSACTION READ ONLY")
        elif kind.route is Route.PLAIN:
            self.wire.execute(_BEGIN_READ_ONLY)
            self.wire.ours = True
        else:
            return
        if self.wire.value(_SNAPSHOT) != "on":
            raise ServiceError(
                "Read-only mode: the server did not make the transaction read-only.",
                hint="The statement was not sent.",
                kind=ErrorKind.READ_ONLY,
            )

    def _control(self, statement: Statement) -> Result:
        cursor = self.wire.execute(statement.text)
        if self.read_only and self.wire.state is TransactionState.OPEN:
            self.wire.execute("SET TRANSACTION READ ONLY")
        return _rowless(statement, cursor.statusmessage or "")

    def _query(self, statement: Statement, in_transaction: bool) -> Result:
        if self.wire.state is TransactionState.FAILED:
            return self._plain(statement)
        whole = not self.read_only and self._may_write(statement)
        if in_transaction and whole:
            self.sent_write = True
            return self._plain(statement)
        if in_transaction:
            return self._paged(statement, _DECLARE)
        if whole:
            return self._whole(statement)
        from psycopg2 import Error

        try:
            return self._paged(statement, f"{_BEGIN_READ_ONLY};\n{_DECLARE}")
        except Error as error:
            self._abandon()
            if self.read_only or error.pgcode != READ_ONLY_TRANSACTION:
                raise
        return self._whole(statement)

    def _whole(self, statement: Statement) -> Result:
        """Run a query to its end and commit it; its rows wait on the server to be paged."""
        from psycopg2 import Error

        self.sent_write = True
        try:
            return self._paged(statement, f"BEGIN;\n{_DECLARE_HELD}")
        except Error as error:
            self._abandon()
            if error.pgcode != NOT_SUPPORTED:
                raise
        return self._plain(statement)

    def _may_write(self, statement: Statement) -> bool:
        """Whether it names a function that must not stop half-way."""
        if hides_a_call(statement):
            return True
        names = called_names(statement) - TO_BE_QUOTED
        if not names:
            return False
        if any(lock.OUTSIDE_FUNCTIONS.fullmatch(name) for name in names):
            return True
        return self.wire.value(_VOLATILE, (sorted(names),)) is not None

    def _paged(self, statement: Statement, head: str) -> Result:
        self.prefix = len(head)
        self.wire.ours = head.startswith("BEGIN")
        self.wire.execute(head + statement.text)
        self._held = head.endswith(_DECLARE_HELD)
        if self._held:
            self.wire.commit_ours()
            self.committed = True
        self.open_number = self._last_number
        self._count = 0
        self._ahead = None
        # It is too late to stop what is committed: better to see its rows than to doubt it.
        fetch = f"FETCH FORWARD {PAGE_SIZE + 1} FROM {CURSOR}"
        cursor = self.wire.execute(fetch, stoppable=not self._held)
        columns = self._types.columns(cursor, self.wire.connection)
        page = self._page(cursor)
        tag = f"SELECT {self._count}" if page.complete else "SELECT"
        return Result(statement, columns, page.rows, page.complete, tag, 0.0, ())

    def _plain(self, statement: Statement) -> Result:
        self.prefix = 0
        cursor = self.wire.execute(statement.text)
        self.committed = self.sent_write and self.wire.state is TransactionState.IDLE
        columns: tuple[Column, ...] | None = None
        rows: tuple[Row, ...] = ()
        dropped = 0
        tag = cursor.statusmessage or ""
        if cursor.description is not None:
            rows = tuple(cursor.fetchmany(KEPT_ROWS))
            dropped = max(0, cursor.rowcount - len(rows))
            if self.wire.state is not TransactionState.FAILED:
                columns = self._types.columns(cursor, self.wire.connection)
        cursor.close()
        self.wire.commit_ours()
        return replace(_rowless(statement, tag), columns=columns, rows=rows, dropped=dropped)

    # -- pages --------------------------------------------------------------------------------

    def fetch_more(self, number: int) -> Page | None:
        """The next page of a result; None if the server no longer holds it."""
        if number != self.open_number:
            return None
        try:
            cursor = self.wire.execute(f"FETCH FORWARD {PAGE_SIZE} FROM {CURSOR}")
            return self._page(cursor)
        except BaseException:
            self._abandon()
            raise

    def _page(self, cursor: Any) -> Page:
        """The rows fetched. One more than shown is read, so that the end is known at once."""
        rows: list[Row] = cursor.fetchall()
        cursor.close()
        if self._ahead is not None:
            rows.insert(0, self._ahead)
        complete = len(rows) <= PAGE_SIZE
        self._ahead = None if complete else rows.pop()
        self._count += len(rows)
        if complete:
            self.release()
        return Page(tuple(rows), complete)

    def close_result(self) -> None:
        """`release`, from outside of a run."""
        self.wire.stop.clear()
        self.release()

    def release(self) -> None:
        """Give up the rows that were not read and end the transaction that held them.

        COMMIT, not ROLLBACK: it is READ ONLY, so there is nothing to undo, and a function that
        only reads may have announced something (NOTIFY).
        """
        if not self.open_number:
            return
        self.open_number = 0
        self._ahead = None
        if self.wire.ours:
            self.wire.commit_ours()
        elif self.wire.state is not TransactionState.FAILED:
            self.wire.execute(CLOSE)

    def _abandon(self) -> None:
        """After an error: leave no transaction of ours behind."""
        from psycopg2 import Error

        held = self._held and self.open_number
        self.open_number = 0
        self._ahead = None
        self._held = False
        try:
            if self.wire.ours:
                self.wire.undo_ours()
            elif held and self.wire.state is TransactionState.IDLE:
                self.wire.execute(CLOSE)
        except Error:
            # The error that brought us here says more than this one.
            return


def _rowless(statement: Statement, tag: str) -> Result:
    return Result(statement, None, (), True, tag, 0.0, ())
