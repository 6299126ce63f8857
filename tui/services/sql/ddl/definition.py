"""The definition of any object of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.services.quoting import quote_literal
from tui.services.sql.ddl.attached import (
    write_index,
    write_policies,
    write_rules,
    write_triggers,
)
from tui.services.sql.ddl.columns import (
    column_clause,
    column_settings,
    columns_of,
)
from tui.services.sql.ddl.relations import write_relation
from tui.services.sql.ddl.routines import write_routine
from tui.services.sql.ddl.sequences import write_sequence
from tui.services.sql.ddl.types import write_type
from tui.services.sql.ddl.writing import DdlWriter, qualified, quoted
from tui.services.sql.objects.models import RELATIONS, ROUTINES, DbObject, ObjectKind
from tui.services.sql.session.connection import ServerConnection

_SCHEMA = """
SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner),
  pg_catalog.obj_description(n.oid, 'pg_namespace')
FROM pg_catalog.pg_namespace n WHERE n.oid = %s::oid
"""

_EXTENSION = """
SELECT e.extname, n.nspname, e.extversion, pg_catalog.obj_description(e.oid, 'pg_extension')
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid = %s::oid
"""

_DATABASE = """
SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba),
  pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datconnlimit::text,
  (SELECT s.spcname FROM pg_catalog.pg_tablespace s
   WHERE s.oid = d.dattablespace AND s.spcname <> 'pg_default'),
  pg_catalog.shobj_description(d.oid, 'pg_database')
FROM pg_catalog.pg_database d WHERE d.oid = %s::oid
"""

_CONSTRAINT = """
SELECT pg_catalog.pg_get_constraintdef(k.oid), k.conname,
  pg_catalog.obj_description(k.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint k WHERE k.oid = %s::oid
"""

_TABLE_WORD = """
SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
  WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END
FROM pg_catalog.pg_class c WHERE c.oid = %s::oid
"""


def definition(connection: ServerConnection, what: DbObject) -> str:
    """The statements that make an object again, with its owner, comments and grants; of a part
    those that add it to its table. Blocking. NOT_FOUND if it is not there any more.

    Names come with their schemas only where `search_path` is empty, as it is beside the user's own
    connection.
    """
    out = DdlWriter(connection)
    if what.kind in RELATIONS:
        write_relation(out, what.oid)
    elif what.kind in ROUTINES:
        write_routine(out, what.oid)
    else:
        _OTHERS[what.kind](out, what)
    return out.text


def _write_schema(out: DdlWriter, what: DbObject) -> None:
    plain, owner, comment = out.ask_one(_SCHEMA, what.oid)
    name = quoted(plain)
    out.add(f"CREATE SCHEMA {name}")
    out.add(f"ALTER SCHEMA {name} OWNER TO {quoted(owner)}")
    out.comment(f"SCHEMA {name}", comment)
    source = "pg_catalog.pg_namespace n WHERE n.oid = %s::oid"
    out.grants(f"SCHEMA {name}", "n", source, "n.nspacl", "n.nspowner", what.oid)


def _write_extension(out: DdlWriter, what: DbObject) -> None:
    name, schema, version, comment = out.ask_one(_EXTENSION, what.oid)
    out.add(
        f"CREATE EXTENSION {quoted(name)} WITH SCHEMA {quoted(schema)} "
        f"VERSION {quote_literal(version)}"
    )
    out.comment(f"EXTENSION {quoted(name)}", comment)


def _write_database(out: DdlWriter, what: DbObject) -> None:
    plain, owner, encoding, collate, ctype, limit, tablespace, comment = out.ask_one(
        _DATABASE, what.oid
    )
    name = quoted(plain)
    text = f"CREATE DATABASE {name} WITH TEMPLATE = template0 OWNER = {quoted(owner)}"
    text += f" ENCODING = {quote_literal(encoding)}"
    text += f" LC_COLLATE = {quote_literal(collate)} LC_CTYPE = {quote_literal(ctype)}"
    text += f" TABLESPACE = {quoted(tablespace)}" if tablespace else ""
    text += f" CONNECTION LIMIT = {limit}" if limit != "-1" else ""
    out.add(text)
    out.comment(f"DATABASE {name}", comment)
    source = "pg_catalog.pg_database d WHERE d.oid = %s::oid"
    out.grants(f"DATABASE {name}", "d", source, "d.datacl", "d.datdba", what.oid)


def _write_column(out: DdlWriter, what: DbObject) -> None:
    table = _table_of(what)
    word = str(out.ask_one(_TABLE_WORD, what.oid)[0])
    found = [each for each in columns_of(out, what.oid) if each.number == what.number]
    if not found:
        # Says that it is not there any more.
        out.ask_one("SELECT 1 WHERE false")
    (column,) = found
    clause = column_clause(out, column, typed=False, named_not_null=False, partition=False)
    if word in {"VIEW", "MATERIALIZED VIEW"}:
        out.remark(f"a column of the view {table}: {quoted(column.name)} {column.type_name}")
    else:
        out.add(f"ALTER {word} {table} ADD COLUMN {clause}")
        column_settings(out, table, column)
    out.comment(f"COLUMN {table}.{quoted(column.name)}", column.comment)
    if column.has_grants:
        out.column_grants(table, quoted(column.name), what.oid, column.number)


def _write_constraint(out: DdlWriter, what: DbObject) -> None:
    text, name, comment = out.ask_one(_CONSTRAINT, what.oid)
    out.add(f"ALTER TABLE {_table_of(what)} ADD CONSTRAINT {quoted(name)} {text}")
    out.comment(f"CONSTRAINT {quoted(name)} ON {_table_of(what)}", comment)


def _table_of(what: DbObject) -> str:
    return qualified(what.schema, what.table)


_OTHERS: Mapping[ObjectKind, Callable[[DdlWriter, DbObject], None]] = {
    ObjectKind.SEQUENCE: lambda out, what: write_sequence(out, what.oid),
    ObjectKind.COMPOSITE: lambda out, what: write_type(out, what.oid),
    ObjectKind.ENUM: lambda out, what: write_type(out, what.oid),
    ObjectKind.DOMAIN: lambda out, what: write_type(out, what.oid),
    ObjectKind.RANGE: lambda out, what: write_type(out, what.oid),
    ObjectKind.BASE: lambda out, what: write_type(out, what.oid),
    ObjectKind.SCHEMA: _write_schema,
    ObjectKind.EXTENSION: _write_extension,
    ObjectKind.DATABASE: _write_database,
    ObjectKind.COLUMN: _write_column,
    ObjectKind.CONSTRAINT: _write_constraint,
    ObjectKind.INDEX: lambda out, what: write_index(out, what.oid, _table_of(what)),
    ObjectKind.TRIGGER: lambda out, what: write_triggers(
        out, what.oid, _table_of(what), alone=True
    ),
    ObjectKind.POLICY: lambda out, what: write_policies(out, what.oid, _table_of(what), alone=True),
    ObjectKind.RULE: lambda out, what: write_rules(out, what.oid, _table_of(what), alone=True),
}
