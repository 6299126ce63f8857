"""Whether a query can be read page by page, found out in the message that declares its cursor."""

from __future__ import annotations

import time

from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.effects import Named, effects_behind, named_in
from tui.services.sql.session.results import ServerCursor
from tui.services.sql.text.statements import Statement, split

_MOST = 100
"""Queries of which it is remembered that there is nothing behind their names."""

KNOWN_FOR = 60.0
"""Seconds for which it is."""

_KEEPS_FUNCTIONS = frozenset(
    {"SELECT", "VALUES", "TABLE", "WITH", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT"}
)
"""Statements of a script behind which the functions and views are the same as before."""


class Declaring:
    """Declares the cursor of one connection for queries that only read.

    What was asked about the names in one query is not asked again for the same names within a
    minute, unless something was run here that may make functions: people run a query again, and a
    script may have a thousand that differ in a number. A function that somebody makes meanwhile on
    another connection cannot write: the transaction is READ ONLY, and a query that is refused for
    that begins anew as a whole.
    """

    def __init__(self, connection: ServerConnection, cursor: ServerCursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._harmless: dict[Named, float] = {}
        """With the time until which that is known, by the monotonic clock."""

    def forget(self) -> None:
        """There may be something else behind each name."""
        self._harmless.clear()

    def follow(self, statement: Statement) -> None:
        """This is run next; it may change what is behind a name."""
        if statement.keyword not in _KEEPS_FUNCTIONS:
            self.forget()

    def read_only(self, statement: Statement) -> bool:
        """Declare the cursor for a query, in a transaction that cannot write; False, and nothing is
        declared, if the query may change something or act outside of that. Blocking; raises
        psycopg2's errors.

        A server runs nothing of a query that calls a volatile function before the first row is
        fetched: so the question what is behind the names of the query comes in time with its
        declaration.
        """
        connection, cursor = self._connection, self._cursor
        named = named_in(statement)
        if named.writes:
            return False
        if connection.info.is_redshift:
            # Its catalog cannot be asked so, and a function of its users that is called by a SELECT
            # cannot write.
            cursor.declare_read_only(statement)
            return True
        glance = named.glance
        if not glance:
            self._declare_and_fetch(statement, may_time_out=True)
            return True
        if self._harmless.get(named, 0.0) > time.monotonic():
            self._declare_and_fetch(statement, may_time_out=False)
            return True
        if not _has_end(statement):
            more = connection.value(glance)
            if more == "t" and effects_behind(connection, named).writes:
                return False
            cursor.declare_read_only(statement)
            return True
        more = self._declare(statement, glance)
        if more == "t" and effects_behind(connection, named).writes:
            cursor.abandon()
            return False
        if more is not None and not cursor.may_time_out:
            self._remember(named)
        return True

    def _declare(self, statement: Statement, glance: str) -> str | None:
        """Declare it with a question."""
        from psycopg2 import errors

        try:
            return self._cursor.declare_read_only(statement, glance)
        except errors.SyntaxError:
            # The server may have named the end that is ours. It reads all before it runs any.
            self._cursor.abandon()
            return self._cursor.declare_read_only(statement)

    def _declare_and_fetch(self, statement: Statement, *, may_time_out: bool) -> None:
        from psycopg2 import errors

        try:
            self._cursor.declare_and_fetch(statement, may_time_out=may_time_out)
        except errors.SyntaxError:
            # As above.
            self._cursor.abandon()
            self._cursor.declare_read_only(statement)

    def _remember(self, named: Named) -> None:
        if len(self._harmless) >= _MOST:
            self.forget()
        self._harmless[named] = time.monotonic() + KNOWN_FOR


def _has_end(statement: Statement) -> bool:
    """Whether what is written behind a statement is another one: no text or comment of it is left
    open."""
    if ";" not in statement.text:
        return statement.is_closed
    parts = split(f"{statement.text}\n;SELECT 1", backslash_escapes=statement.backslash_escapes)
    return len(parts) == 2 and parts[1].text == "SELECT 1"
