"""Schemas, relations and columns of one database."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import quote_identifier

MAX_COLUMNS = 50_000
"""Columns read at most; a database with more is shown in part, by schema and name."""

_KINDS = {
    "r": "table",
    "p": "partitioned table",
    "v": "view",
    "m": "materialized view",
    "f": "foreign table",
}

_QUERY = """
SELECT n.nspname, c.relname, c.relkind, a.attname,
       pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname, a.attnum
LIMIT %s
"""


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
    columns: tuple[RelationColumn, ...]

    @property
    def sql_name(self) -> str:
        """Its name as SQL wants it, quoted where needed, with its schema unless that is public."""
        name = quote_identifier(self.name)
        return name if self.schema == "public" else f"{quote_identifier(self.schema)}.{name}"


def read_relations(connection: Any) -> tuple[Relation, ...]:
    """Every relation outside the system's schemas. Blocking."""
    import psycopg2

    try:
        with connection.cursor() as cursor:
            cursor.execute(_QUERY, (MAX_COLUMNS,))
            rows = cursor.fetchall()
    except psycopg2.Error as error:
        raise ServiceError(
            "Could not read the tables of the database.",
            cause=str(error).strip(),
            kind=ErrorKind.OTHER,
        ) from error
    return tuple(
        Relation(
            schema,
            name,
            _KINDS.get(kind, kind),
            tuple(
                RelationColumn(column, type_name, not_null == "t")
                for *_, column, type_name, not_null in found
                if column is not None
            ),
        )
        for (schema, name, kind), found in groupby(rows, key=lambda row: tuple(row[:3]))
    )
