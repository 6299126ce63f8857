"""The errors of psycopg2, while something is asked of a server, as ServiceErrors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind
from tui.services.sql.errors import SHUTDOWN_CODES, from_statement, lost_cause
from tui.services.sql.models import ConnectionLostError, SqlError, TimeLimits, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.libpq import RefusedError
from tui.services.sql.text.statements import Statement

if TYPE_CHECKING:
    import psycopg2


class Translating:
    """A block in which psycopg2's errors become those of `statement`. A class, because one stands
    around each statement of a script, and a generator takes three times as long."""

    def __init__(
        self,
        connection: ServerConnection,
        statement: Statement | None,
        *,
        prefix: Callable[[], int],
        read_only: bool,
        limits: TimeLimits,
        unknown: Callable[[], bool],
    ) -> None:
        """`prefix` characters of ours were sent in front of the statement; of a connection that is
        gone, `unknown` says whether its outcome is."""
        self._connection = connection
        self._statement = statement
        self._prefix = prefix
        self._read_only = read_only
        self._limits = limits
        self._unknown = unknown

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if error is None:
            return
        import psycopg2

        if isinstance(error, (psycopg2.Error, RefusedError)):
            raise self._refused(error) from error
        if isinstance(error, UnicodeError):
            raise SqlError(
                "This text cannot be carried in the encoding of the database.",
                cause=str(error),
                kind=ErrorKind.INVALID,
            ) from error

    def _refused(self, error: psycopg2.Error | RefusedError) -> SqlError | ConnectionLostError:
        if self._connection.state is TransactionState.LOST:
            said = lost_cause([*self._connection.last_words, str(error)])
            is_unknown = self._unknown() and error.pgcode not in SHUTDOWN_CODES
            return ConnectionLostError(said, outcome_unknown=is_unknown)
        return from_statement(
            error,
            self._statement,
            self._connection,
            prefix=self._prefix(),
            read_only=self._read_only,
            limits=self._limits,
        )
