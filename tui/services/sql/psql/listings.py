"""The lists of psql: `\\dt`, `\\dn`, `\\du`, `\\l`, … each as one SELECT.

Columns, order and conditions are those of `src/bin/psql/describe.c` of PostgreSQL 18, asked of any
server from version 12 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.sql.psql.patterns import conditions

NOT_SYSTEM = ("n.nspname <> 'pg_catalog'", "n.nspname <> 'information_schema'")


@dataclass(frozen=True)
class ListingAsked:
    """What is asked for, and of which server."""

    pattern: str
    verbose: bool
    system: bool
    """Whether the system's own objects are listed, too."""
    version: int
    """180004 is 18.4."""
    database: str
    arguments: tuple[str, ...] = ()
    """Patterns of the types of a function's arguments."""


def acl(column: str) -> str:
    """Access privileges, one in a line."""
    return (
        f"CASE WHEN pg_catalog.array_length({column}, 1) = 0 THEN '(none)' "
        f"ELSE pg_catalog.array_to_string({column}, E'\\n') END"
    )


def where(found: Sequence[str]) -> str:
    """The conditions as a clause; nothing without any."""
    return "\nWHERE " + "\n  AND ".join(found) if found else ""


_RELKINDS = {
    "t": ("'r'", "'p'"),
    "v": ("'v'",),
    "m": ("'m'",),
    "i": ("'i'", "'I'"),
    "s": ("'S'",),
    "E": ("'f'",),
}

RELATION_TYPE = (
    "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' "
    "WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' "
    "WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' "
    "WHEN 'I' THEN 'partitioned index' END"
)


def relations(kinds: str, asked: ListingAsked) -> str:
    """`\\dt`, `\\dv`, `\\dm`, `\\di`, `\\ds`, `\\dE`, several of them (`\\dtv`); `\\d` alone."""
    every = asked.system or bool(asked.pattern)
    relkinds = [each for kind in kinds for each in _RELKINDS[kind]]
    if "t" in kinds and every:
        relkinds += ["'t'", "'s'"]
    columns = [
        'n.nspname AS "Schema"',
        'c.relname AS "Name"',
        f'{RELATION_TYPE} AS "Type"',
        'pg_catalog.pg_get_userbyid(c.relowner) AS "Owner"',
    ]
    has_method = bool(set(kinds) & set("tmi"))
    if "i" in kinds:
        columns.append('c2.relname AS "Table"')
    if asked.verbose:
        columns.append(
            "CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' "
            "WHEN 'u' THEN 'unlogged' END AS \"Persistence\""
        )
        if has_method:
            columns.append('am.amname AS "Access method"')
        columns.append('pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid)) AS "Size"')
        columns.append("pg_catalog.obj_description(c.oid, 'pg_class') AS \"Description\"")
    joins = ["LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"]
    if has_method:
        joins.append("LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam")
    if "i" in kinds:
        joins.append("LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid")
        joins.append("LEFT JOIN pg_catalog.pg_class c2 ON i.indrelid = c2.oid")
    found = [f"c.relkind IN ({', '.join(relkinds)})"]
    if not every:
        found += [NOT_SYSTEM[0], "n.nspname !~ '^pg_toast'", NOT_SYSTEM[1]]
    found += conditions(
        asked.pattern,
        name="c.relname",
        schema="n.nspname",
        visible="pg_catalog.pg_table_is_visible(c.oid)",
        database=asked.database,
    )
    return select(columns, "pg_catalog.pg_class c", joins, found, "1, 2")


def schemas(asked: ListingAsked) -> str:
    """`\\dn`."""
    columns = ['n.nspname AS "Name"', 'pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner"']
    if asked.verbose:
        columns.append(f'{acl("n.nspacl")} AS "Access privileges"')
        columns.append("pg_catalog.obj_description(n.oid, 'pg_namespace') AS \"Description\"")
    found = []
    if not asked.system and not asked.pattern:
        found = ["n.nspname !~ '^pg_'", NOT_SYSTEM[1]]
    found += conditions(asked.pattern, name="n.nspname", database=asked.database)
    return select(columns, "pg_catalog.pg_namespace n", [], found, "1")


def roles(asked: ListingAsked) -> str:
    """`\\du` and `\\dg`."""
    words = (
        ("r.rolsuper", "Superuser"),
        ("NOT r.rolinherit", "No inheritance"),
        ("r.rolcreaterole", "Create role"),
        ("r.rolcreatedb", "Create DB"),
        ("NOT r.rolcanlogin", "Cannot login"),
        ("r.rolreplication", "Replication"),
        ("r.rolbypassrls", "Bypass RLS"),
    )
    listed = ", ".join(f"CASE WHEN {condition} THEN '{word}' END" for condition, word in words)
    attributes = (
        f"pg_catalog.concat_ws(E'\\n', nullif(pg_catalog.concat_ws(', ', {listed}), ''), "
        "CASE WHEN r.rolconnlimit = 0 THEN 'No connections' WHEN r.rolconnlimit = 1 "
        "THEN '1 connection' WHEN r.rolconnlimit > 1 "
        "THEN r.rolconnlimit::pg_catalog.text || ' connections' END, "
        "'Password valid until ' || r.rolvaliduntil::pg_catalog.text)"
    )
    columns = ['r.rolname AS "Role name"', f'{attributes} AS "Attributes"']
    if asked.verbose:
        columns.append("pg_catalog.shobj_description(r.oid, 'pg_authid') AS \"Description\"")
    found = [] if asked.system or asked.pattern else ["r.rolname !~ '^pg_'"]
    found += conditions(asked.pattern, name="r.rolname", most=1)
    return select(columns, "pg_catalog.pg_roles r", [], found, "1")


def extensions(asked: ListingAsked) -> str:
    """`\\dx`; with `+` what belongs to each."""
    found = conditions(asked.pattern, name="e.extname", most=1)
    if asked.verbose:
        columns = [
            'e.extname AS "Extension"',
            'pg_catalog.pg_describe_object(d.classid, d.objid, 0) AS "Object description"',
        ]
        joins = [
            "JOIN pg_catalog.pg_depend d ON d.refobjid = e.oid AND d.deptype = 'e' "
            "AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
        ]
        return select(columns, "pg_catalog.pg_extension e", joins, found, "1, 2")
    columns = [
        'e.extname AS "Name"',
        'e.extversion AS "Version"',
        'ae.default_version AS "Default version"',
        'n.nspname AS "Schema"',
        'd.description AS "Description"',
    ]
    joins = [
        "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace",
        "LEFT JOIN pg_catalog.pg_description d ON d.objoid = e.oid "
        "AND d.classoid = 'pg_catalog.pg_extension'::pg_catalog.regclass",
        "LEFT JOIN pg_catalog.pg_available_extensions() ae(name, default_version, comment) "
        "ON ae.name = e.extname",
    ]
    return select(columns, "pg_catalog.pg_extension e", joins, found, "1")


def databases(asked: ListingAsked) -> str:
    """`\\l`."""
    version = asked.version
    provider = "d.datlocprovider" if version >= 150000 else "'c'"
    locale = "NULL"
    if version >= 170000:
        locale = "d.datlocale"
    elif version >= 150000:
        locale = "d.daticulocale"
    columns = [
        'd.datname AS "Name"',
        'pg_catalog.pg_get_userbyid(d.datdba) AS "Owner"',
        'pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding"',
        f"CASE {provider} WHEN 'b' THEN 'builtin' WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END "
        'AS "Locale Provider"',
        'd.datcollate AS "Collate"',
        'd.datctype AS "Ctype"',
        f'{locale} AS "Locale"',
        f'{"d.daticurules" if version >= 160000 else "NULL"} AS "ICU Rules"',
        f'{acl("d.datacl")} AS "Access privileges"',
    ]
    joins = []
    if asked.verbose:
        columns += [
            "CASE WHEN pg_catalog.has_database_privilege(d.datname, 'CONNECT') "
            "THEN pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(d.datname)) "
            "ELSE 'No Access' END AS \"Size\"",
            't.spcname AS "Tablespace"',
            "pg_catalog.shobj_description(d.oid, 'pg_database') AS \"Description\"",
        ]
        joins = ["JOIN pg_catalog.pg_tablespace t ON d.dattablespace = t.oid"]
    found = conditions(asked.pattern, name="d.datname", most=1)
    return select(columns, "pg_catalog.pg_database d", joins, found, "1")


def select(
    columns: Sequence[str], source: str, joins: Sequence[str], found: Sequence[str], order: str
) -> str:
    listed = ",\n  ".join(columns)
    joined = "".join(f"\n  {each}" for each in joins)
    return f"SELECT {listed}\nFROM {source}{joined}{where(found)}\nORDER BY {order}"
