"""The lists of psql of what is granted, and of tablespaces: `\\dp`, `\\z`, `\\db`."""

from __future__ import annotations

from tui.services.sql.psql.listings import NOT_SYSTEM, ListingAsked, acl, select
from tui.services.sql.psql.patterns import conditions

_TYPE = (
    "CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' "
    "WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' END"
)

_COLUMNS = (
    "pg_catalog.array_to_string(ARRAY(SELECT a.attname || E':\\n  ' || "
    "pg_catalog.array_to_string(a.attacl, E'\\n  ') FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attacl IS NOT NULL), E'\\n')"
)

_POLICIES = (
    "pg_catalog.array_to_string(ARRAY(SELECT y.polname "
    "|| CASE WHEN NOT y.polpermissive THEN ' (RESTRICTIVE)' ELSE '' END "
    "|| CASE WHEN y.polcmd <> '*' THEN ' (' || y.polcmd::pg_catalog.text || '):' ELSE ':' END "
    "|| CASE WHEN y.polqual IS NOT NULL "
    "THEN E'\\n  (u): ' || pg_catalog.pg_get_expr(y.polqual, y.polrelid) ELSE '' END "
    "|| CASE WHEN y.polwithcheck IS NOT NULL "
    "THEN E'\\n  (c): ' || pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid) ELSE '' END "
    "|| CASE WHEN y.polroles <> '{0}' THEN E'\\n  to: ' || pg_catalog.array_to_string("
    "ARRAY(SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = ANY (y.polroles) "
    "ORDER BY 1), ', ') ELSE '' END "
    "FROM pg_catalog.pg_policy y WHERE y.polrelid = c.oid), E'\\n')"
)


def privileges(asked: ListingAsked) -> str:
    """`\\dp` and `\\z`."""
    columns = [
        'n.nspname AS "Schema"',
        'c.relname AS "Name"',
        f'{_TYPE} AS "Type"',
        f'{acl("c.relacl")} AS "Access privileges"',
        f'{_COLUMNS} AS "Column privileges"',
        f'{_POLICIES} AS "Policies"',
    ]
    found = ["c.relkind IN ('r', 'v', 'm', 'S', 'f', 'p')"]
    if not asked.system and not asked.pattern:
        found += NOT_SYSTEM
    found += conditions(
        asked.pattern,
        name="c.relname",
        schema="n.nspname",
        visible="pg_catalog.pg_table_is_visible(c.oid)",
        database=asked.database,
    )
    joins = ["LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"]
    return select(columns, "pg_catalog.pg_class c", joins, found, "1, 2")


def tablespaces(asked: ListingAsked) -> str:
    """`\\db`."""
    columns = [
        's.spcname AS "Name"',
        'pg_catalog.pg_get_userbyid(s.spcowner) AS "Owner"',
        'pg_catalog.pg_tablespace_location(s.oid) AS "Location"',
    ]
    if asked.verbose:
        columns += [
            f'{acl("s.spcacl")} AS "Access privileges"',
            's.spcoptions AS "Options"',
            'pg_catalog.pg_size_pretty(pg_catalog.pg_tablespace_size(s.oid)) AS "Size"',
            "pg_catalog.shobj_description(s.oid, 'pg_tablespace') AS \"Description\"",
        ]
    found = conditions(asked.pattern, name="s.spcname", most=1)
    return select(columns, "pg_catalog.pg_tablespace s", [], found, "1")
