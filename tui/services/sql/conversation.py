"""The blocking side of a session: what runs on a thread of the pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from tui.services.audit import AuditEntry, AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql.catalog import Relations, read_relations
from tui.services.sql.classify import Route, classify
from tui.services.sql.connection import server_info, sever
from tui.services.sql.execution import Execution
from tui.services.sql.models import (
    ConnectionLostError,
    Page,
    Result,
    ServerInfo,
    SqlError,
    TransactionState,
)
from tui.services.sql.refusals import refuse_unsendable
from tui.services.sql.statement_errors import from_statement
from tui.services.sql.statements import Statement
from tui.services.sql.translate import SHUTDOWN_CODES, lost_cause

P = ParamSpec("P")
T = TypeVar("T")


class Conversation:
    """Runs statements on one connection, one thread at a time; raises ServiceErrors, keeps the
    audit."""

    def __init__(
        self,
        connection: Any,
        connect: Callable[[], Any],
        *,
        read_only: Callable[[], bool],
        audit: AuditLog | None,
    ) -> None:
        self.execution = Execution(connection, read_only=read_only())
        self.info: ServerInfo = server_info(connection)
        self._connect = connect
        self._read_only = read_only
        self._audit = audit
        self._wrote_in_transaction = False

    @property
    def read_only(self) -> bool:
        """Whether the next statement may only read."""
        return self._read_only()

    def run(self, statement: Statement) -> Result:
        execution = self.execution
        # Here and not before: to read a long statement takes too long for the event loop.
        refuse_unsendable(statement, backslash_escapes=execution.wire.backslash_escapes)
        execution.read_only = self.read_only
        was_open = execution.wire.state is TransactionState.OPEN
        execution.sent_write = execution.committed = False
        try:
            result = self._translating(execution.run, statement, statement)
        except ServiceError as error:
            if execution.sent_write and error.kind is not ErrorKind.READ_ONLY:
                outcome = "ok" if execution.committed else error.code or error.kind.value
                self._record(_command(statement, ""), outcome, was_open)
            raise
        self._record_success(statement, result.tag, was_open)
        return result

    def _record_success(self, statement: Statement, tag: str, was_open: bool) -> None:
        ending = classify(statement).route is Route.CONTROL
        if ending and self._wrote_in_transaction and was_open:
            if self.execution.wire.state is TransactionState.IDLE:
                self._wrote_in_transaction = False
                self._record(_command(statement, tag), "ok", False)
        elif self.execution.sent_write:
            self._wrote_in_transaction = was_open or self._wrote_in_transaction
            self._record(_command(statement, tag), "ok", was_open)

    def _record(self, command: str, outcome: str, in_transaction: bool) -> None:
        if self._audit is None:
            return
        target = {
            "Host": f"{self.info.host}:{self.info.port}",
            "Database": self.info.database,
            "User": self.info.user,
        }
        if in_transaction:
            target["Transaction"] = "open"
        self._audit.append(AuditEntry("postgresql", command, target, outcome))

    def fetch_more(self, result: Result) -> Page:
        page = self._translating(self.execution.fetch_more, result.statement, result.number)
        if page is None:
            raise ServiceError(
                "The rest of this result is no longer held on the server.",
                hint="Run the statement again to see it all.",
                kind=ErrorKind.CONFLICT,
            )
        return page

    def release(self) -> None:
        self._translating(self.execution.close_result, None)

    def relations(self) -> Relations:
        connection = self._connect()
        try:
            return read_relations(connection)
        finally:
            connection.close()

    def reconnect(self) -> None:
        old = self.execution.wire.connection
        connection = self._connect()
        self._wrote_in_transaction = False
        self.execution = Execution(connection, read_only=self._read_only())
        self.info = server_info(connection)
        sever(old)
        old.close()

    def _translating(
        self,
        function: Callable[P, T],
        statement: Statement | None,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        import psycopg2

        execution = self.execution
        was_idle = execution.wire.state is TransactionState.IDLE
        try:
            return function(*args, **kwargs)
        except psycopg2.Error as error:
            if execution.wire.state is TransactionState.LOST:
                commits = statement is not None and statement.keyword in {"COMMIT", "END"}
                commits = commits and not execution.read_only
                wrote = execution.sent_write and not execution.committed
                unknown = commits or (was_idle and wrote)
                raise ConnectionLostError(
                    lost_cause([*execution.wire.last_words, str(error)]),
                    outcome_unknown=unknown and error.pgcode not in SHUTDOWN_CODES,
                ) from error
            raise from_statement(
                error,
                statement,
                execution.wire,
                prefix=execution.prefix,
                read_only=execution.read_only,
            ) from error
        except UnicodeError as error:
            raise SqlError(
                "This text cannot be carried in the encoding of the database.",
                cause=str(error),
                kind=ErrorKind.INVALID,
            ) from error

    def cancel(self) -> None:
        import psycopg2

        try:
            self.execution.wire.cancel_handle.send()
        except psycopg2.Error as error:
            raise ServiceError(
                "The server could not be asked to stop.",
                cause=str(error).strip(),
                kind=ErrorKind.NETWORK,
            ) from error


def _command(statement: Statement, tag: str) -> str:
    """The SQL command's name, without counts and without anything of the statement's values."""
    words = [word for word in tag.split() if not word.isdigit()]
    return " ".join(words) or statement.keyword
