"""Run a statement with the values that `\\bind` gave: they go to the server beside the text, whose
`$1` get their types from where they stand. Blocking; raises psycopg2's errors and RefusedError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_literal
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.models import TransactionState
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.libpq import execute_bound
from tui.services.sql.text.statements import Statement

_NUMBERS = count(1)
"""Each statement is prepared under a name of its own: in a transaction that failed it cannot be
forgotten, and it stays when that is rolled back."""


def declare_bound(connection: ServerConnection, head: str, statement: Statement) -> None:
    """Declare a cursor, by `head`, for a query with its values."""
    refuse_on_redshift(connection.info.is_redshift, "\\bind for a query that is paged")
    connection.refuse_if_stopped()
    errors = "surrogateescape" if connection.of_bytes else "strict"
    values = [each.encode("utf-8", errors) for each in statement.bound or ()]
    if not execute_bound(
        connection.driver, (head + statement.text).encode("utf-8", errors), values
    ):
        raise ServiceError("Values cannot be bound with this libpq.", kind=ErrorKind.NOT_FOUND)


@contextmanager
def executed_text(
    connection: ServerConnection, statement: Statement, sending: Callable[[str], None]
) -> Iterator[str]:
    """What to send for a statement: its own text, or, if it has values, what executes it with them;
    it is prepared before and forgotten afterwards. `sending` is told what stands in front of it."""
    if statement.bound is None:
        yield statement.text
        return
    from psycopg2 import Error

    name = f'"tristore bound {next(_NUMBERS)}"'
    head = f"PREPARE {name} AS\n"
    sending(head)
    connection.execute(head + statement.text)
    sending("")
    try:
        given = ", ".join(map(quote_literal, statement.bound))
        yield f"EXECUTE {name} ({given})" if given else f"EXECUTE {name}"
    finally:
        if connection.state in {TransactionState.IDLE, TransactionState.OPEN}:
            # A request to stop may come late and meet this: the statement has run all the same.
            with suppress(Error):
                connection.execute(f"DEALLOCATE {name}", stoppable=False)
