"""The definition of a type: enum, composite, domain, range, base type."""

# ruff: noqa: S608 - made of each other, and of nothing else

from __future__ import annotations

from tui.services.quoting import quote_literal
from tui.services.sql.ddl.writing import DdlWriter, function_name, qualified, quoted

_FACTS = """
SELECT n.nspname, t.typname, t.typtype::text, t.typrelid::text,
  pg_catalog.pg_get_userbyid(t.typowner), pg_catalog.obj_description(t.oid, 'pg_type'),
  t.typisdefined::text
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.oid = %s::oid
"""

_COLLATION = """
(SELECT pg_catalog.format('%%I.%%I', ln.nspname, l.collname) FROM pg_catalog.pg_collation l
 JOIN pg_catalog.pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = {of})
"""

_ENUM = """
SELECT e.enumlabel FROM pg_catalog.pg_enum e WHERE e.enumtypid = %s::oid ORDER BY e.enumsortorder
"""

_ATTRIBUTES = f"""
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attcollation <> u.typcollation THEN {_COLLATION.format(of="a.attcollation")} END,
  pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type u ON u.oid = a.atttypid
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_DOMAIN = f"""
SELECT pg_catalog.format_type(t.typbasetype, t.typtypmod),
  CASE WHEN t.typcollation <> b.typcollation THEN {_COLLATION.format(of="t.typcollation")} END,
  t.typnotnull::text,
  coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::pg_catalog.regclass),
           pg_catalog.quote_literal(t.typdefault))
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype WHERE t.oid = %s::oid
"""

_DOMAIN_CONSTRAINTS = """
SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid), k.convalidated::text,
  pg_catalog.obj_description(k.oid, 'pg_constraint'), k.contype::text
FROM pg_catalog.pg_constraint k WHERE k.contypid = %s::oid ORDER BY k.conname
"""

_RANGE = f"""
SELECT pg_catalog.format_type(r.rngsubtype, NULL),
  (SELECT pg_catalog.format('%%I.%%I', n.nspname, c.opcname) FROM pg_catalog.pg_opclass c
   JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace
   WHERE c.oid = r.rngsubopc AND NOT c.opcdefault),
  CASE WHEN r.rngcollation <> s.typcollation THEN {_COLLATION.format(of="r.rngcollation")} END,
  {function_name("r.rngcanonical")}, {function_name("r.rngsubdiff")}, {{multirange}}
FROM pg_catalog.pg_range r JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype
WHERE r.rngtypid = %s::oid
"""

_MULTIRANGE = """
(SELECT pg_catalog.format('%%I.%%I', mn.nspname, m.typname) FROM pg_catalog.pg_type m
 JOIN pg_catalog.pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid)
"""

_BASE = f"""
SELECT {function_name("t.typinput")}, {function_name("t.typoutput")},
  {function_name("t.typreceive")},
  {function_name("t.typsend")}, {function_name("t.typmodin")}, {function_name("t.typmodout")},
  {function_name("t.typanalyze")}, {{subscript}},
  CASE WHEN t.typlen < 0 THEN 'variable' ELSE t.typlen::text END, t.typbyval::text,
  t.typalign::text, t.typstorage::text, t.typcategory::text, t.typispreferred::text,
  t.typdefault, CASE WHEN t.typelem <> 0 THEN pg_catalog.format_type(t.typelem, NULL) END,
  t.typdelim::text, (t.typcollation <> 0)::text
FROM pg_catalog.pg_type t WHERE t.oid = %s::oid
"""

_ALIGN = {"c": "char", "s": "int2", "i": "int4", "d": "double"}
_STORAGE = {"p": "plain", "e": "external", "m": "main", "x": "extended"}


def write_type(out: DdlWriter, oid: str) -> None:
    """All of a type."""
    schema, plain, kind, relation, owner, comment, defined = out.ask_one(_FACTS, oid)
    name = qualified(schema, plain)
    word = "DOMAIN" if kind == "d" else "TYPE"
    if defined != "true":
        out.add(f"CREATE TYPE {name}")
    elif kind == "e":
        labels = ",\n    ".join(quote_literal(label) for (label,) in out.ask(_ENUM, oid))
        out.add(f"CREATE TYPE {name} AS ENUM (\n    {labels}\n)")
    elif kind == "c":
        _write_composite(out, name, relation or "")
    elif kind == "d":
        _write_domain(out, oid, name)
    elif kind == "r":
        _write_range(out, oid, name)
    else:
        _write_base(out, oid, name)
    out.add(f"ALTER {word} {name} OWNER TO {quoted(owner)}")
    out.comment(f"{word} {name}", comment)
    source = "pg_catalog.pg_type t WHERE t.oid = %s::oid"
    out.grants(f"TYPE {name}", "T", source, "t.typacl", "t.typowner", oid)


def _write_composite(out: DdlWriter, name: str, relation: str) -> None:
    attributes = out.ask(_ATTRIBUTES, relation)
    lines = [
        f"{quoted(each)} {type_name}" + (f" COLLATE {collation}" if collation else "")
        for each, type_name, collation, _ in attributes
    ]
    body = ",\n    ".join(lines)
    out.add(f"CREATE TYPE {name} AS (\n    {body}\n)" if lines else f"CREATE TYPE {name} AS ()")
    for each, _, _, comment in attributes:
        out.comment(f"COLUMN {name}.{quoted(each)}", comment)


def _write_domain(out: DdlWriter, oid: str, name: str) -> None:
    base, collation, not_null, default = out.ask_one(_DOMAIN, oid)
    constraints = out.ask(_DOMAIN_CONSTRAINTS, oid)
    text = f"CREATE DOMAIN {name} AS {base}"
    text += f" COLLATE {collation}" if collation else ""
    text += f" DEFAULT {default}" if default is not None else ""
    if not_null == "true" and not any(each[4] == "n" for each in constraints):
        text += " NOT NULL"
    for each, definition, valid, _, _ in constraints:
        if valid == "true":
            text += f"\n    CONSTRAINT {quoted(each)} {definition}"
    out.add(text)
    for each, definition, valid, comment, _ in constraints:
        if valid != "true":
            out.add(f"ALTER DOMAIN {name} ADD CONSTRAINT {quoted(each)} {definition}")
        out.comment(f"CONSTRAINT {quoted(each)} ON DOMAIN {name}", comment)


def _write_range(out: DdlWriter, oid: str, name: str) -> None:
    multirange = _MULTIRANGE if out.version >= 140000 else "NULL"
    values = out.ask_one(_RANGE.format(multirange=multirange), oid)
    names = (
        "SUBTYPE",
        "SUBTYPE_OPCLASS",
        "COLLATION",
        "CANONICAL",
        "SUBTYPE_DIFF",
        "MULTIRANGE_TYPE_NAME",
    )
    lines = [f"{what} = {value}" for what, value in zip(names, values, strict=True) if value]
    body = ",\n    ".join(lines)
    out.add(f"CREATE TYPE {name} AS RANGE (\n    {body}\n)")


def _write_base(out: DdlWriter, oid: str, name: str) -> None:
    subscript = function_name("t.typsubscript") if out.version >= 140000 else "NULL"
    values = out.ask_one(_BASE.format(subscript=subscript), oid)
    functions = ("INPUT", "OUTPUT", "RECEIVE", "SEND", "TYPMOD_IN", "TYPMOD_OUT", "ANALYZE")
    lines = [f"{what} = {value}" for what, value in zip(functions, values, strict=False) if value]
    subscripting, length, by_value, align, storage, category, preferred = values[7:14]
    default, element, delimiter, collatable = values[14:]
    lines += [f"SUBSCRIPT = {subscripting}"] if subscripting else []
    lines.append(f"INTERNALLENGTH = {length}")
    lines += ["PASSEDBYVALUE"] if by_value == "true" else []
    lines.append(f"ALIGNMENT = {_ALIGN.get(align or '', 'int4')}")
    lines.append(f"STORAGE = {_STORAGE.get(storage or '', 'plain')}")
    lines.append(f"CATEGORY = {quote_literal(category)}")
    lines += ["PREFERRED = true"] if preferred == "true" else []
    lines += [f"DEFAULT = {quote_literal(default)}"] if default is not None else []
    lines += [f"ELEMENT = {element}"] if element else []
    lines.append(f"DELIMITER = {quote_literal(delimiter)}")
    lines += ["COLLATABLE = true"] if collatable == "true" else []
    body = ",\n    ".join(lines)
    # The functions take and give the type: it is declared before them, and filled in here.
    out.add(f"CREATE TYPE {name}")
    out.remark("its functions are made here, before the type is whole")
    out.add(f"CREATE TYPE {name} (\n    {body}\n)")
