"""The errors of psycopg2, while something is asked of a server, as ServiceErrors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui.services.errors import ErrorKind
from tui.services.sql.connection import ServerConnection
from tui.services.sql.errors import from_statement
from tui.services.sql.models import ConnectionLostError, SqlError, TimeLimits, TransactionState
from tui.services.sql.statements import Statement

if TYPE_CHECKING:
    from psycopg2 import Error as PsycopgError


@contextmanager
def translated(
    connection: ServerConnection,
    statement: Statement | None,
    *,
    prefix: Callable[[], int],
    read_only: bool,
    limits: TimeLimits,
    lost: Callable[[PsycopgError], ConnectionLostError],
) -> Iterator[None]:
    """Turn psycopg2's errors into those of `statement`, in front of which `prefix` characters of
    ours were sent; `lost` makes the error of a connection that is gone."""
    import psycopg2

    try:
        yield
    except psycopg2.Error as error:
        if connection.state is TransactionState.LOST:
            raise lost(error) from error
        raise from_statement(
            error, statement, connection, prefix=prefix(), read_only=read_only, limits=limits
        ) from error
    except UnicodeError as error:
        raise SqlError(
            "This text cannot be carried in the encoding of the database.",
            cause=str(error),
            kind=ErrorKind.INVALID,
        ) from error
