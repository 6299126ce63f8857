"""Run one statement on one connection. Blocking; one thread at a time.

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
- In read-only mode everything runs in a READ ONLY transaction that ends by ROLLBACK.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import read_only as lock
from tui.services.sql.classify import Classification, Route, classify
from tui.services.sql.effects import look
from tui.services.sql.encoding import NOT_UTF8, holds_lone_bytes
from tui.services.sql.models import Column, Page, Result, Row, SqlError, TransactionState
from tui.services.sql.paging import BEGIN_READ_ONLY, Pager
from tui.services.sql.statement_errors import CANCELED, NOT_SUPPORTED, READ_ONLY_TRANSACTION
from tui.services.sql.statements import Statement
from tui.services.sql.types import TypeNames
from tui.services.sql.wire import Wire

KEPT_ROWS = 10_000
"""Rows kept of a statement whose answer cannot be paged (RETURNING, EXPLAIN, SHOW, CALL)."""

ROLLED_BACK = (
    "Read-only mode ends a transaction by ROLLBACK: settings and cursors made in it are gone."
)
_SNAPSHOT = "SELECT pg_catalog.current_setting('transaction_read_only')"
_SETTINGS = frozenset({"SET", "RESET"})


class Execution:
    """One connection's statements, and the result that still has rows on the server."""

    def __init__(self, connection: Any, *, read_only: bool) -> None:
        self.wire = Wire(connection)
        self.read_only = read_only
        self.sent_write = False
        """Whether the statement under way may have changed something."""
        self.committed = False
        """Whether what the statement under way wrote is committed, whatever comes after."""
        self._types = TypeNames()
        self._pager = Pager(self.wire, self._types)
        self._last_number = 0
        self._reads_only = False
        """Whether the user's transaction was begun in read-only mode."""

    @property
    def prefix(self) -> int:
        """How many characters of ours stood before the statement that was sent last."""
        return self._pager.prefix

    @property
    def open_number(self) -> int:
        """The number of the result that still has rows on the server; 0 if none has."""
        return self._pager.open_number

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
        self._pager.release()
        kind = classify(statement)
        # In read-only mode the server has seen to it that nothing was changed.
        self.sent_write = kind.writes and not self.read_only
        self._pager.prefix = 0
        self.wire.keeps = not self.read_only or statement.keyword in _SETTINGS
        self._last_number += 1
        self.wire.keep_encoding()
        begun = time.perf_counter()
        try:
            result = self._route(statement, kind)
        except BaseException as error:
            cancelled = getattr(error, "pgcode", "") == CANCELED
            self._pager.abandon()
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
            notices=(*self.wire.take_notices(), *result.notices, *self._doubts(result)),
            number=self._last_number,
            wrote=self.sent_write,
        )

    def _doubts(self, result: Result) -> tuple[str, ...]:
        """What has to be said of the values of a result."""
        values = (value for row in result.rows for value in row)
        return (NOT_UTF8,) if self.wire.of_bytes and any(map(holds_lone_bytes, values)) else ()

    def _route(self, statement: Statement, kind: Classification) -> Result:
        in_transaction = self.wire.state is not TransactionState.IDLE
        if self.read_only:
            lock.refuse_if_unsafe(statement, in_transaction=in_transaction)
            if self.wire.state is not TransactionState.FAILED:
                lock.refuse_what_it_leads_to(self.wire, statement)
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
            self.wire.execute(BEGIN_READ_ONLY)
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
        ending = lock.ending(statement) if self.read_only or self._reads_only else ""
        before = self.wire.state
        was_open = before is TransactionState.OPEN
        if ending and was_open and not self._reads_only:
            raise ServiceError(
                "Read-only mode: this transaction was begun before, and may have changed "
                "something; it is not committed now.",
                hint="It is still open. Go back to the profile that it was begun with and commit "
                "it there, or roll it back.",
                kind=ErrorKind.READ_ONLY,
            )
        cursor = self.wire.execute(ending or statement.text)
        if before is TransactionState.IDLE or lock.chains(statement):
            self._reads_only = self.read_only
        if self.read_only and self.wire.state is TransactionState.OPEN:
            self.wire.execute("SET TRANSACTION READ ONLY")
        result = _rowless(statement, cursor.statusmessage or "")
        return replace(result, notices=(ROLLED_BACK,)) if ending and was_open else result

    def _query(self, statement: Statement, in_transaction: bool) -> Result:
        if self.wire.state is TransactionState.FAILED:
            return self._plain(statement)
        whole = not self.read_only and look(self.wire, statement).writes
        if in_transaction and whole:
            self.sent_write = True
            return self._plain(statement)
        if in_transaction:
            self._pager.declare_in_users(statement)
            return self._first_page(statement)
        if whole:
            return self._whole(statement)
        from psycopg2 import Error

        try:
            self._pager.declare_read_only(statement)
            return self._first_page(statement)
        except Error as error:
            self._pager.abandon()
            if self.read_only or error.pgcode != READ_ONLY_TRANSACTION:
                raise
        return self._whole(statement)

    def _whole(self, statement: Statement) -> Result:
        """Run a query to its end and commit it; its rows wait on the server to be paged."""
        from psycopg2 import Error

        self.sent_write = True
        try:
            self._pager.declare_held(statement)
        except Error as error:
            self._pager.abandon()
            if error.pgcode != NOT_SUPPORTED:
                raise
            # No cursor can be declared for it, and nothing of it has run yet.
            return self._plain(statement)
        self.wire.end_ours()
        self.committed = True
        return self._first_page(statement)

    def _first_page(self, statement: Statement) -> Result:
        return self._pager.first(statement, self._last_number)

    def _plain(self, statement: Statement) -> Result:
        self._pager.prefix = 0
        cursor = self.wire.execute(statement.text)
        self.committed = self.sent_write and self.wire.state is TransactionState.IDLE
        columns: tuple[Column, ...] | None = None
        rows: tuple[Row, ...] = ()
        dropped = 0
        tag = cursor.statusmessage or ""
        if cursor.description is not None:
            rows = tuple(self.wire.fetch(cursor, KEPT_ROWS))
            dropped = max(0, cursor.rowcount - len(rows))
            if self.wire.state is not TransactionState.FAILED:
                columns = self._types.columns(cursor, self.wire)
        cursor.close()
        self.wire.end_ours()
        return replace(_rowless(statement, tag), columns=columns, rows=rows, dropped=dropped)

    # -- pages --------------------------------------------------------------------------------

    def fetch_more(self, number: int) -> Page | None:
        """The next page of a result; None if the server no longer holds it."""
        if number != self.open_number:
            return None
        try:
            return self._pager.next()
        except BaseException:
            self._pager.abandon()
            raise

    def close_result(self) -> None:
        """Give up the rows that were not read and the transaction of ours that held them."""
        self.wire.stop.clear()
        self._pager.release()


def _rowless(statement: Statement, tag: str) -> Result:
    return Result(statement, None, (), True, tag, 0.0, ())
