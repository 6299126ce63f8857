"""Schemas, relations and columns of one database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier
from tui.services.sql.session.connection import ServerConnection

MAX_RELATIONS = 100_000
"""Tables and views read at most; of a database with more these are the first by schema and name."""

MAX_COLUMNS = 200_000
"""Columns read at most; those of the tables behind are not known."""

_KINDS = {
    "r": "table",
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
}

_FROM = """
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
"""
_WHERE = """
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
# Texts of our own; nothing of the user's is in them.
_RELATIONS = f"""
SELECT c.oid::text, n.nspname, c.relname, c.relkind {_FROM} {_WHERE}
ORDER BY n.nspname, c.relname LIMIT %s
"""
_COLUMNS = f"""
SELECT a.attrelid::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull
{_FROM} JOIN pg_catalog.pg_attribute a
     ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
{_WHERE}
ORDER BY n.nspname, c.relname, a.attnum LIMIT %s
"""


_OF_REDSHIFT = """
SELECT t.table_schema, t.table_name, t.table_type, c.column_name, c.data_type, c.is_nullable
FROM svv_tables t
LEFT JOIN svv_columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
WHERE t.table_schema NOT IN ('information_schema', 'pg_catalog', 'pg_internal', 'pg_automv')
ORDER BY t.table_schema, t.table_name, c.ordinal_position LIMIT %s
"""
"""https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLES.html and r_SVV_COLUMNS.html"""


@dataclass(frozen=True)
class RelationColumn:
    """A column as it was declared."""

    name: str
    type_name: str
    """With its length or precision: "character varying(20)"."""
    not_null: bool


@dataclass(frozen=True)
class Relation:
    """A table or what can be read like one. Names are as stored, unquoted."""

    schema: str
    name: str
    kind: str
    """"table", "view", …"""
    columns: tuple[RelationColumn, ...] | None
    """None if they were not read."""

    @property
    def sql_name(self) -> str:
        """Its name as SQL wants it, quoted where needed, with its schema unless that is public."""
        name = quote_identifier(self.name)
        return name if self.schema == "public" else f"{quote_identifier(self.schema)}.{name}"


@dataclass(frozen=True)
class Relations:
    """The tables and views of one database, by schema and name."""

    found: tuple[Relation, ...]
    cut: bool = False
    """Whether there are more than were read."""


def read_relations(connection: ServerConnection) -> Relations:
    """Every relation outside the system's schemas, as far as the limits go. Blocking."""
    import psycopg2

    if connection.info.is_redshift:
        return read_redshift_relations(connection)
    try:
        relations = connection.rows(_RELATIONS, (str(MAX_RELATIONS + 1),))
        columns = connection.rows(_COLUMNS, (str(MAX_COLUMNS + 1),))
    except psycopg2.Error as error:
        raise ServiceError(
            "Could not read the tables of the database.",
            cause=connection.received(str(error).strip()),
            hint="Press i in the rows to try again.",
            kind=ErrorKind.OTHER,
        ) from error
    known = {
        oid: tuple(RelationColumn(name, kind, not_null == "t") for _, name, kind, not_null in found)
        for oid, found in groupby(columns[:MAX_COLUMNS], key=lambda column: column[0])
    }
    # Of the last one read there may be more; of those behind it nothing is known.
    partly = columns[-1][0] if len(columns) > MAX_COLUMNS else None
    behind = False
    result: list[Relation] = []
    for oid, schema, name, kind in relations[:MAX_RELATIONS]:
        behind = behind or oid == partly
        listed = None if behind else known.get(oid, ())
        result.append(Relation(schema, name, _KINDS.get(kind, kind), listed))
    return Relations(tuple(result), cut=len(relations) > MAX_RELATIONS)


def read_redshift_relations(connection: ServerConnection) -> Relations:
    """The same of Redshift, whose own views know the tables of other places, too. Blocking."""
    import psycopg2

    try:
        rows = connection.rows(_OF_REDSHIFT, (str(MAX_COLUMNS + 1),))
    except psycopg2.Error as error:
        raise ServiceError(
            "Could not read the tables of Redshift.",
            cause=connection.received(str(error).strip()),
            hint="Statements run all the same. Press i in the rows to try again.",
            kind=ErrorKind.OTHER,
        ) from error
    found: list[Relation] = []
    for (schema, name, kind), columns in groupby(rows[:MAX_COLUMNS], key=lambda row: row[:3]):
        listed = tuple(
            RelationColumn(column, data_type, nullable.upper() == "NO")
            for *_, column, data_type, nullable in columns
            if column
        )
        found.append(Relation(schema, name, _REDSHIFT_KINDS.get(kind, kind.lower()), listed))
    cut = len(rows) > MAX_COLUMNS
    if cut:
        # Of the last one read there may be more columns.
        found[-1] = replace(found[-1], columns=None)
    return Relations(tuple(found), cut=cut)


_REDSHIFT_KINDS = {"BASE TABLE": "table", "EXTERNAL TABLE": "external table", "VIEW": "view"}
