"""The errors of psycopg2, while something is asked of a server, as ServiceErrors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tui.services.errors import ErrorKind
from tui.services.sql.errors import SHUTDOWN_CODES, from_statement, lost_cause
from tui.services.sql.models import ConnectionLostError, SqlError, TimeLimits, TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.libpq import RefusedError
from tui.services.sql.text.statements import Statement


@contextmanager
def translated(
    connection: ServerConnection,
    statement: Statement | None,
    *,
    prefix: Callable[[], int],
    read_only: bool,
    limits: TimeLimits,
    unknown: Callable[[], bool],
) -> Iterator[None]:
    """Turn psycopg2's errors into those of `statement`, in front of which `prefix` characters of
    ours were sent; of a connection that is gone, `unknown` says whether its outcome is."""
    import psycopg2

    try:
        yield
    except (psycopg2.Error, RefusedError) as error:
        if connection.state is TransactionState.LOST:
            said = lost_cause([*connection.last_words, str(error)])
            raise ConnectionLostError(
                said, outcome_unknown=unknown() and error.pgcode not in SHUTDOWN_CODES
            ) from error
        raise from_statement(
            error, statement, connection, prefix=prefix(), read_only=read_only, limits=limits
        ) from error
    except UnicodeError as error:
        raise SqlError(
            "This text cannot be carried in the encoding of the database.",
            cause=str(error),
            kind=ErrorKind.INVALID,
        ) from error
