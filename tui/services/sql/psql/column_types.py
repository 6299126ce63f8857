"""The columns of a statement that is not run, as psql's `\\gdesc` tells them. Blocking."""

from __future__ import annotations

from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_literal
from tui.services.sql.connecting.redshift import refuse_on_redshift
from tui.services.sql.errors import from_statement
from tui.services.sql.models import Result, ResultColumn
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.libpq import RefusedError, described
from tui.services.sql.text.statements import Statement

NO_COLUMNS = "The command has no result, or the result has no columns."
"""In psql's words."""

_COLUMNS = (ResultColumn("Column", "text", False), ResultColumn("Type", "text", False))


@dataclass(frozen=True)
class DescribeStatement(Statement):
    """A statement that the server reads and does not run."""


def describe_statement(statement: Statement, written: Statement) -> DescribeStatement:
    """What describes `statement`, as it was `written` with its `\\gdesc`."""
    return DescribeStatement(
        statement.text,
        written.start,
        written.end,
        # Whatever the statement would do, describing it only reads.
        "SHOW",
        statement.backslash_escapes,
        written=written.shown,
    )


def column_types(connection: ServerConnection, statement: DescribeStatement) -> Result:
    """A row for each column of the result that it would have. SqlError where the server refuses;
    CONFLICT on Redshift; psycopg2's errors."""
    refuse_on_redshift(
        connection.info.is_redshift,
        "VALUES in a query, by which \\gdesc asks for the names of types",
        "SVV_COLUMNS and PG_TABLE_DEF say the types of the columns of a table.",
    )
    escaping = "surrogateescape" if connection.of_bytes else "strict"
    try:
        found = described(connection.driver, statement.text.encode("utf-8", escaping))
    except RefusedError as error:
        raise from_statement(error, statement, connection) from error
    if found is None:
        raise ServiceError(
            "Statements cannot be described with this libpq.", kind=ErrorKind.NOT_FOUND
        )
    if not found:
        return Result(statement, None, (), True, "", 0.0, (NO_COLUMNS,))
    lines = ", ".join(
        f"({number}, {quote_literal(each.name.decode('utf-8', escaping))}, "
        f"{each.type}::pg_catalog.oid, {each.modifier})"
        for number, each in enumerate(found)
    )
    rows = connection.fetch(
        connection.execute(
            "SELECT name, pg_catalog.format_type(type, modifier) "  # noqa: S608 - quoted
            f"FROM (VALUES {lines}) s (number, name, type, modifier) ORDER BY number"
        )
    )
    return Result(statement, _COLUMNS, tuple(rows), True, "", 0.0, ())
