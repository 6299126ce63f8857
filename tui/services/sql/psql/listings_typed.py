"""The lists of psql that go by types: `\\dT`, `\\dD`, `\\df`."""

from __future__ import annotations

from tui.services.sql.psql.listings import NOT_SYSTEM, ListingAsked, acl, select
from tui.services.sql.psql.patterns import conditions


def types(asked: ListingAsked) -> str:
    """`\\dT`."""
    columns = ['n.nspname AS "Schema"', 'pg_catalog.format_type(t.oid, NULL) AS "Name"']
    if asked.verbose:
        columns += [
            't.typname AS "Internal name"',
            "CASE WHEN t.typrelid <> 0 THEN 'tuple' WHEN t.typlen < 0 THEN 'var' "
            'ELSE t.typlen::pg_catalog.text END AS "Size"',
            "pg_catalog.array_to_string(ARRAY(SELECT e.enumlabel FROM pg_catalog.pg_enum e "
            "WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder), E'\\n') AS \"Elements\"",
            'pg_catalog.pg_get_userbyid(t.typowner) AS "Owner"',
            f'{acl("t.typacl")} AS "Access privileges"',
        ]
    columns.append("pg_catalog.obj_description(t.oid, 'pg_type') AS \"Description\"")
    found = [
        "(t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c "
        "WHERE c.oid = t.typrelid))"
    ]
    if "[]" not in asked.pattern:
        found.append(
            "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type el "
            "WHERE el.oid = t.typelem AND el.typarray = t.oid)"
        )
    if not asked.system and not asked.pattern:
        found += NOT_SYSTEM
    found += conditions(
        _type_name(asked.pattern),
        name="t.typname",
        schema="n.nspname",
        other_name="pg_catalog.format_type(t.oid, NULL)",
        visible="pg_catalog.pg_type_is_visible(t.oid)",
        database=asked.database,
    )
    joins = ["LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"]
    return select(columns, "pg_catalog.pg_type t", joins, found, "1, 2")


_TYPE_NAMES = {
    "decimal": "numeric", "float": "double precision", "int": "integer",
    "bool[]": "boolean[]", "decimal[]": "numeric[]", "float[]": "double precision[]",
    "float4[]": "real[]", "float8[]": "double precision[]", "int[]": "integer[]",
    "int2[]": "smallint[]", "int4[]": "integer[]", "int8[]": "bigint[]",
    "time[]": "time without time zone[]", "timetz[]": "time with time zone[]",
    "timestamp[]": "timestamp without time zone[]",
    "timestamptz[]": "timestamp with time zone[]", "varbit[]": "bit varying[]",
    "varchar[]": "character varying[]",
}  # fmt: skip
"""Names of types that the server writes otherwise. Source: `map_typename_pattern`."""


def _type_name(pattern: str) -> str:
    return _TYPE_NAMES.get(pattern.lower(), pattern)


def domains(asked: ListingAsked) -> str:
    """`\\dD`."""
    columns = [
        'n.nspname AS "Schema"',
        't.typname AS "Name"',
        'pg_catalog.format_type(t.typbasetype, t.typtypmod) AS "Type"',
        "(SELECT c.collname FROM pg_catalog.pg_collation c, pg_catalog.pg_type bt "
        "WHERE c.oid = t.typcollation AND bt.oid = t.typbasetype "
        'AND t.typcollation <> bt.typcollation) AS "Collation"',
        "CASE WHEN t.typnotnull THEN 'not null' END AS \"Nullable\"",
        't.typdefault AS "Default"',
        "pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.pg_get_constraintdef(r.oid, true) "
        "FROM pg_catalog.pg_constraint r WHERE t.oid = r.contypid AND r.contype = 'c' "
        "ORDER BY r.conname), ' ') AS \"Check\"",
    ]
    if asked.verbose:
        columns.append(f'{acl("t.typacl")} AS "Access privileges"')
        columns.append('d.description AS "Description"')
    joins = ["LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"]
    if asked.verbose:
        joins.append(
            "LEFT JOIN pg_catalog.pg_description d ON d.classoid = t.tableoid "
            "AND d.objoid = t.oid AND d.objsubid = 0"
        )
    found = ["t.typtype = 'd'"]
    found += [] if asked.system or asked.pattern else NOT_SYSTEM
    found += conditions(
        asked.pattern,
        name="t.typname",
        schema="n.nspname",
        visible="pg_catalog.pg_type_is_visible(t.oid)",
        database=asked.database,
    )
    return select(columns, "pg_catalog.pg_type t", joins, found, "1, 2")


def functions(kinds: str, asked: ListingAsked) -> str:
    """`\\df`; `kinds` are the letters a, n, p, t, w behind it, none for all."""
    columns = [
        'n.nspname AS "Schema"',
        'p.proname AS "Name"',
        'pg_catalog.pg_get_function_result(p.oid) AS "Result data type"',
        'pg_catalog.pg_get_function_arguments(p.oid) AS "Argument data types"',
        "CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' "
        "ELSE 'func' END AS \"Type\"",
    ]
    joins = ["LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"]
    if asked.verbose:
        columns += [
            "CASE WHEN p.provolatile = 'i' THEN 'immutable' WHEN p.provolatile = 's' THEN 'stable' "
            "WHEN p.provolatile = 'v' THEN 'volatile' END AS \"Volatility\"",
            "CASE WHEN p.proparallel = 'r' THEN 'restricted' WHEN p.proparallel = 's' THEN 'safe' "
            "WHEN p.proparallel = 'u' THEN 'unsafe' END AS \"Parallel\"",
            'pg_catalog.pg_get_userbyid(p.proowner) AS "Owner"',
            "CASE WHEN p.prosecdef THEN 'definer' ELSE 'invoker' END AS \"Security\"",
            "CASE WHEN p.proleakproof THEN 'yes' ELSE 'no' END AS \"Leakproof?\"",
            f'{acl("p.proacl")} AS "Access privileges"',
            'l.lanname AS "Language"',
            "CASE WHEN l.lanname IN ('internal', 'c') THEN p.prosrc END AS \"Internal name\"",
            "pg_catalog.obj_description(p.oid, 'pg_proc') AS \"Description\"",
        ]
        joins.append("LEFT JOIN pg_catalog.pg_language l ON l.oid = p.prolang")
    found = conditions(
        asked.pattern,
        name="p.proname",
        schema="n.nspname",
        visible="pg_catalog.pg_function_is_visible(p.oid)",
        database=asked.database,
    )
    found += [] if asked.system or asked.pattern else NOT_SYSTEM
    found += _function_kinds(kinds)
    for number, each in enumerate(asked.arguments):
        joins.append(
            f"LEFT JOIN pg_catalog.pg_type t{number} ON t{number}.oid = p.proargtypes[{number}]"
        )
        joins.append(
            f"LEFT JOIN pg_catalog.pg_namespace nt{number} "
            f"ON nt{number}.oid = t{number}.typnamespace"
        )
        if each == "-":
            found.append(f"t{number}.typname IS NULL")
            continue
        found += conditions(
            _type_name(each),
            name=f"t{number}.typname",
            schema=f"nt{number}.nspname",
            other_name=f"pg_catalog.format_type(t{number}.oid, NULL)",
            visible=f"pg_catalog.pg_type_is_visible(t{number}.oid)",
            database=asked.database,
        )
    return select(columns, "pg_catalog.pg_proc p", joins, found, "1, 2, 4")


_TRIGGER = "'pg_catalog.trigger'::pg_catalog.regtype"
_FUNCTION_KINDS = {
    "a": "p.prokind = 'a'",
    "p": "p.prokind = 'p'",
    "t": f"p.prorettype = {_TRIGGER}",
    "w": "p.prokind = 'w'",
}


def _function_kinds(kinds: str) -> list[str]:
    if not kinds or set(kinds) >= set("anptw"):
        return []
    if "n" in kinds:
        # Ordinary ones are those that are none of the others.
        left_out = [each for letter, each in _FUNCTION_KINDS.items() if letter not in kinds]
        return [f"NOT ({each})" for each in left_out]
    return ["(" + " OR ".join(_FUNCTION_KINDS[each] for each in sorted(set(kinds))) + ")"]
