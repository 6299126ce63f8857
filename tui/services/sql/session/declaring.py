"""Whether a query can be read page by page, found out in the message that declares its cursor."""

from __future__ import annotations

from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.effects import effects_behind, named_in
from tui.services.sql.session.results import ServerCursor
from tui.services.sql.text.statements import Statement, split


def declared_read_only(
    connection: ServerConnection, cursor: ServerCursor, statement: Statement
) -> bool:
    """Declare `cursor` for a query, in a transaction that cannot write; False, and nothing is
    declared, if the query may change something or act outside of that. Blocking; raises psycopg2's
    errors.

    A server runs nothing of a query that calls a volatile function before the first row is fetched:
    so the question what is behind the names of the query comes in time with its declaration.
    """
    named = named_in(statement)
    if named.writes:
        return False
    if connection.info.is_redshift:
        # Its catalog cannot be asked so, and a function of its users that is called by a SELECT
        # cannot write.
        cursor.declare_read_only(statement)
        return True
    glance = named.glance
    if glance and not _has_end(statement):
        more = connection.value(glance)
        if more == "t" and effects_behind(connection, named).writes:
            return False
        cursor.declare_read_only(statement)
        return True
    from psycopg2 import errors

    try:
        more = cursor.declare_read_only(statement, glance)
    except errors.SyntaxError:
        if not glance:
            raise
        # The server may have named the end that is ours. It reads all before it runs any.
        cursor.abandon()
        more = cursor.declare_read_only(statement)
    if more == "t" and effects_behind(connection, named).writes:
        cursor.abandon()
        return False
    return True


def _has_end(statement: Statement) -> bool:
    """Whether what is written behind a statement is another one: no text or comment of it is left
    open."""
    if ";" not in statement.text:
        return statement.is_closed
    parts = split(f"{statement.text}\n;SELECT 1", backslash_escapes=statement.backslash_escapes)
    return len(parts) == 2 and parts[1].text == "SELECT 1"
