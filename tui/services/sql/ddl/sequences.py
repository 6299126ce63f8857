"""The definition of a sequence."""

from __future__ import annotations

from tui.services.sql.ddl.writing import DdlWriter, qualified, quoted

_FACTS = """
SELECT pg_catalog.format_type(s.seqtypid, NULL), s.seqstart::text, s.seqincrement::text,
  s.seqmin::text, s.seqmax::text, s.seqcache::text, s.seqcycle, n.nspname, c.relname,
  c.relpersistence::text, pg_catalog.pg_get_userbyid(c.relowner),
  pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE s.seqrelid = %s::oid
"""

_OWNED_BY = """
SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = %s::oid
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = '{how}'
"""


def identity_options(out: DdlWriter, oid: str) -> str:
    """What stands in the parentheses behind AS IDENTITY."""
    facts = out.ask_one(_FACTS, oid)
    name = qualified(facts[7], facts[8])
    return f"SEQUENCE NAME {name} {_options(facts)}"


def _options(facts: tuple[str | None, ...]) -> str:
    _, start, increment, least, most, cache, cycles = facts[:7]
    return (
        f"START WITH {start} INCREMENT BY {increment} MINVALUE {least} MAXVALUE {most} "
        f"CACHE {cache}{' CYCLE' if cycles == 't' else ''}"
    )


def create_sequence(out: DdlWriter, oid: str) -> None:
    """The sequence alone, without what it belongs to."""
    facts = out.ask_one(_FACTS, oid)
    unlogged = "UNLOGGED " if facts[9] == "u" else "TEMPORARY " if facts[9] == "t" else ""
    name = qualified(facts[7], facts[8])
    out.add(f"CREATE {unlogged}SEQUENCE {name} AS {facts[0]}\n    {_options(facts)}")


def finish_sequence(out: DdlWriter, oid: str) -> None:
    """Owner, column, comment and grants of it."""
    facts = out.ask_one(_FACTS, oid)
    name = qualified(facts[7], facts[8])
    out.add(f"ALTER SEQUENCE {name} OWNER TO {quoted(facts[10])}")
    for schema, table, column in out.ask(_OWNED_BY.format(how="a"), oid):
        out.add(f"ALTER SEQUENCE {name} OWNED BY {qualified(schema, table)}.{quoted(column)}")
    out.comment(f"SEQUENCE {name}", facts[11])
    source = "pg_catalog.pg_class c WHERE c.oid = %s::oid"
    out.grants(f"SEQUENCE {name}", "s", source, "c.relacl", "c.relowner", oid)


def write_sequence(out: DdlWriter, oid: str) -> None:
    """All of a sequence but the number that it has come to."""
    for schema, table, column in out.ask(_OWNED_BY.format(how="i"), oid):
        out.remark(f"of the identity column {qualified(schema, table)}.{quoted(column)}")
    create_sequence(out, oid)
    finish_sequence(out, oid)
