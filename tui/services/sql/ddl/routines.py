"""The definition of a function, a procedure, an aggregate."""

# ruff: noqa: S608 - made of each other, and of nothing else

from __future__ import annotations

from tui.services.quoting import quote_literal
from tui.services.sql.ddl.writing import DdlWriter, function_name, qualified, quoted

_FACTS = """
SELECT n.nspname, p.proname, p.prokind::text,
  pg_catalog.pg_get_function_identity_arguments(p.oid),
  CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END,
  pg_catalog.pg_get_function_arguments(p.oid), p.proparallel::text, p.pronargs::text,
  pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.obj_description(p.oid, 'pg_proc')
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid = %s::oid
"""

_AGGREGATE = f"""
SELECT {function_name("a.aggtransfn")}, pg_catalog.format_type(a.aggtranstype, NULL),
  nullif(a.aggtransspace, 0)::text, {function_name("a.aggfinalfn")}, a.aggfinalextra::text,
  a.aggfinalmodify::text, {function_name("a.aggcombinefn")}, {function_name("a.aggserialfn")},
  {function_name("a.aggdeserialfn")}, a.agginitval, {function_name("a.aggmtransfn")},
  {function_name("a.aggminvtransfn")},
  CASE WHEN a.aggmtranstype <> 0 THEN pg_catalog.format_type(a.aggmtranstype, NULL) END,
  nullif(a.aggmtransspace, 0)::text, {function_name("a.aggmfinalfn")}, a.aggmfinalextra::text,
  a.aggmfinalmodify::text, a.aggminitval, a.aggkind::text,
  (SELECT pg_catalog.format('OPERATOR(%%I.%%s)', sn.nspname, o.oprname)
   FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace sn ON sn.oid = o.oprnamespace
   WHERE o.oid = a.aggsortop)
FROM pg_catalog.pg_aggregate a WHERE a.aggfnoid = %s::oid
"""

_WORDS = {"f": "FUNCTION", "w": "FUNCTION", "p": "PROCEDURE", "a": "AGGREGATE"}
_MODIFY = {"r": "READ_ONLY", "s": "SHAREABLE", "w": "READ_WRITE"}
_PARALLEL = {"s": "SAFE", "r": "RESTRICTED"}


def write_routine(out: DdlWriter, oid: str) -> None:
    """All of a routine."""
    schema, name, kind, identity, text, arguments, parallel, count, owner, comment = out.ask_one(
        _FACTS, oid
    )
    word = _WORDS.get(kind or "", "FUNCTION")
    full = qualified(schema, name)
    signature = f"{full}({identity})"
    if kind == "a":
        # `(*)` is how one without arguments is written.
        star = count == "0"
        signature = f"{full}({'*' if star else identity})"
        _write_aggregate(out, oid, f"{full}({'*' if star else arguments})", parallel)
    else:
        out.add(text or "")
    out.add(f"ALTER {word} {signature} OWNER TO {quoted(owner)}")
    out.comment(f"{word} {signature}", comment)
    source = "pg_catalog.pg_proc p WHERE p.oid = %s::oid"
    granted = f"{'FUNCTION' if kind == 'a' else word} {full}({identity})"
    out.grants(granted, "f", source, "p.proacl", "p.proowner", oid)


def _write_aggregate(out: DdlWriter, oid: str, signature: str, parallel: str | None) -> None:
    (
        transition, state, space, final, final_extra, final_modify, combine, serial, deserial,
        initial, moving, inverse, moving_state, moving_space, moving_final, moving_extra,
        moving_modify, moving_initial, kind, sort_operator,
    ) = out.ask_one(_AGGREGATE, oid)  # fmt: skip
    # An ordinary aggregate may not change its state at the end unless it says so; the others may.
    usual = "r" if kind == "n" else "w"
    facts: list[tuple[str, str | None]] = [
        ("SFUNC", transition),
        ("STYPE", state),
        ("SSPACE", space),
        ("FINALFUNC", final),
        ("FINALFUNC_EXTRA", "" if final_extra == "true" else None),
        ("FINALFUNC_MODIFY", _modify(final, final_modify, usual)),
        ("COMBINEFUNC", combine),
        ("SERIALFUNC", serial),
        ("DESERIALFUNC", deserial),
        ("INITCOND", None if initial is None else quote_literal(initial)),
        ("MSFUNC", moving),
        ("MINVFUNC", inverse),
        ("MSTYPE", moving_state),
        ("MSSPACE", moving_space),
        ("MFINALFUNC", moving_final),
        ("MFINALFUNC_EXTRA", "" if moving_extra == "true" else None),
        ("MFINALFUNC_MODIFY", _modify(moving_final, moving_modify, usual)),
        ("MINITCOND", None if moving_initial is None else quote_literal(moving_initial)),
        ("SORTOP", sort_operator),
        ("PARALLEL", _PARALLEL.get(parallel or "")),
        ("HYPOTHETICAL", "" if kind == "h" else None),
    ]
    lines = [f"{name} = {value}" if value else name for name, value in facts if value is not None]
    body = ",\n    ".join(lines)
    out.add(f"CREATE AGGREGATE {signature} (\n    {body}\n)")


def _modify(function: str | None, letter: str | None, usual: str) -> str | None:
    return _MODIFY.get(letter or "") if function is not None and letter != usual else None
