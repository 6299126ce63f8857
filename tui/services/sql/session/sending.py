"""The ways in which a statement is sent: a query by a server-side cursor or as a whole, everything
else as it stands. Blocking; raises psycopg2's errors. The rules are those of `execution`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.services.sql.errors import NOT_SUPPORTED, READ_ONLY_TRANSACTION
from tui.services.sql.files.file_statements import ResultFileStatement
from tui.services.sql.models import Result, ResultColumn, Row, TransactionState
from tui.services.sql.psql.binding import executed_text
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.declaring import Declaring
from tui.services.sql.session.effects import effects_of
from tui.services.sql.session.results import ServerCursor, TypeNames
from tui.services.sql.text.classify import Classification, StatementRoute
from tui.services.sql.text.statements import Statement

KEPT_ROWS = 10_000
"""Rows kept of a statement whose answer cannot be paged (RETURNING, EXPLAIN, SHOW, CALL)."""


@dataclass
class Sent:
    """What is known of the statement under way."""

    read_only: bool
    """Whether it may only read."""
    number: int = 0
    """That of its result."""
    writes: bool = False
    """Whether it may have changed something."""
    committed: bool = False
    """Whether what it wrote is committed, whatever comes after."""
    begun: bool = False
    """Whether the user's transaction was begun for it."""


class Sender:
    """Sends the statements of one connection that give rows, or that the server carries out in one
    piece; notes in a `Sent` what has become of them."""

    def __init__(
        self, connection: ServerConnection, types: TypeNames, cursor: ServerCursor
    ) -> None:
        self._connection = connection
        self._types = types
        self._cursor = cursor
        self.declaring = Declaring(connection, cursor)

    def rows(
        self, statement: Statement, kind: Classification, sent: Sent, *, in_transaction: bool
    ) -> Result:
        """A statement by the way that it was classified for."""
        if kind.route is StatementRoute.CURSOR:
            return self._query(statement, sent, in_transaction=in_transaction)
        return self.plain(statement, sent)

    def _query(self, statement: Statement, sent: Sent, *, in_transaction: bool) -> Result:
        if self._connection.state is TransactionState.FAILED:
            return self.plain(statement, sent)
        if in_transaction:
            if not sent.read_only and effects_of(self._connection, statement).writes:
                sent.writes = True
                self.declaring.forget()
                return self.plain(statement, sent)
            self._cursor.declare_in_users(statement)
            return self._cursor.first(statement, sent.number)
        from psycopg2 import Error

        try:
            if sent.read_only or self._is_bound_and_reads(statement):
                self._cursor.declare_read_only(statement)
                return self._cursor.first(statement, sent.number)
            if statement.bound is not None:
                return self._whole(statement, sent)
            if self.declaring.read_only(statement):
                return self._cursor.first(statement, sent.number)
        except Error as error:
            self._cursor.abandon()
            if sent.read_only or error.pgcode != READ_ONLY_TRANSACTION:
                raise
        return self._whole(statement, sent)

    def _is_bound_and_reads(self, statement: Statement) -> bool:
        # No question can be in a message with values: it is asked before.
        return statement.bound is not None and not effects_of(self._connection, statement).writes

    def _whole(self, statement: Statement, sent: Sent) -> Result:
        """Run a query to its end and commit it; its rows wait on the server to be paged."""
        from psycopg2 import Error

        sent.writes = True
        # What it calls may make functions.
        self.declaring.forget()
        if self._connection.info.is_redshift or statement.bound is not None:
            # It has no cursor WITH HOLD; one with values is not made.
            return self.plain(statement, sent)
        try:
            self._cursor.declare_held(statement)
        except Error as error:
            self._cursor.abandon()
            if error.pgcode != NOT_SUPPORTED:
                raise
            # No cursor can be declared for it, and nothing of it has run yet.
            return self.plain(statement, sent)
        self._connection.end_ours()
        sent.committed = True
        return self._cursor.first(statement, sent.number)

    def plain(self, statement: Statement, sent: Sent) -> Result:
        """A statement as it stands, in one piece."""
        self._cursor.prefix = 0
        with executed_text(self._connection, statement, self.sending) as text:
            cursor = self._connection.execute(text)
        sent.committed = sent.writes and self._connection.state is TransactionState.IDLE
        columns: tuple[ResultColumn, ...] | None = None
        rows: tuple[Row, ...] = ()
        dropped = 0
        tag = cursor.statusmessage or ""
        if cursor.description is not None:
            most = None if isinstance(statement, ResultFileStatement) else KEPT_ROWS
            rows = tuple(self._connection.fetch(cursor, most))
            dropped = max(0, cursor.rowcount - len(rows))
            if self._connection.state is not TransactionState.FAILED:
                columns = self._types.columns(cursor, self._connection)
        cursor.close()
        self._connection.end_ours()
        return replace(rowless(statement, tag), columns=columns, rows=rows, dropped=dropped)

    def sending(self, head: str) -> None:
        """What stands in front of the statement that is sent next."""
        self._cursor.prefix = len(head)


def rowless(statement: Statement, tag: str) -> Result:
    """What a statement came to that gives no rows."""
    return Result(statement, None, (), True, tag, 0.0, ())
