"""What is written to the audit log of the statements of one connection."""

from __future__ import annotations

from tui.services.audit import AuditEntry, AuditLog
from tui.services.sql.models import TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.text.classify import StatementRoute, classify
from tui.services.sql.text.statements import Statement


class StatementAudit:
    """A line for each statement that may have changed something, and for the end of a transaction
    in which one did. Commands only, nothing of their values."""

    def __init__(self, log: AuditLog | None) -> None:
        self._log = log
        self._wrote_in_transaction = False

    def done(
        self,
        connection: ServerConnection,
        statement: Statement,
        tag: str,
        *,
        wrote: bool,
        was_open: bool,
    ) -> None:
        """A statement was carried out; `was_open`: in the user's transaction."""
        ending = classify(statement).route is StatementRoute.CONTROL
        if ending and self._wrote_in_transaction and was_open:
            if connection.state is TransactionState.IDLE:
                self._wrote_in_transaction = False
                self._write(connection, command_name(statement, tag), "ok", is_open=False)
        elif wrote:
            self._wrote_in_transaction = was_open or self._wrote_in_transaction
            self._write(connection, command_name(statement, tag), "ok", is_open=was_open)

    def failed(
        self,
        connection: ServerConnection,
        statement: Statement,
        outcome: str,
        *,
        was_open: bool,
    ) -> None:
        """A statement that would have changed something came to `outcome`."""
        self._write(connection, command_name(statement, ""), outcome, is_open=was_open)

    def left(self, connection: ServerConnection) -> None:
        """A statement failed: what the transaction did is gone if that has ended it."""
        if connection.state in {TransactionState.IDLE, TransactionState.LOST}:
            self._wrote_in_transaction = False

    def _write(
        self, connection: ServerConnection, command: str, outcome: str, *, is_open: bool
    ) -> None:
        if self._log is None:
            return
        info = connection.info
        target = {
            "Host": f"{info.host}:{info.port}",
            "Database": info.database,
            "User": info.user,
        }
        if is_open:
            target["Transaction"] = "open"
        self._log.append(AuditEntry("postgresql", command, target, outcome))


def command_name(statement: Statement, tag: str) -> str:
    """The SQL command's name, without counts and without anything of the statement's values."""
    words = [word for word in tag.split() if not word.isdigit()]
    return " ".join(words) or statement.keyword
