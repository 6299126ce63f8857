"""What hangs on a relation: indexes, statistics, rules, triggers, policies."""

# ruff: noqa: S608 - made of each other, and of nothing else

from __future__ import annotations

from tui.services.sql.ddl.writing import OPTIONS, DdlWriter, qualified, quoted

_INDEXES = f"""
SELECT i.indexrelid::text, n.nspname, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
  EXISTS (SELECT FROM pg_catalog.pg_constraint k
          WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
            AND k.conrelid = i.indrelid)::text,
  {OPTIONS.format(prefix="", source="c.reloptions")},
  (SELECT s.spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
  i.indisclustered::text, i.indisreplident::text,
  pg_catalog.obj_description(i.indexrelid, 'pg_class')
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {{where}} ORDER BY c.relname
"""

_INDEX_STATISTICS = """
SELECT a.attnum::text, a.attstattarget::text FROM pg_catalog.pg_attribute a
WHERE a.attrelid = %s::oid AND coalesce(a.attstattarget, -1) >= 0 ORDER BY a.attnum
"""

_STATISTICS = """
SELECT n.nspname, s.stxname, pg_catalog.pg_get_statisticsobjdef(s.oid), {target},
  pg_catalog.pg_get_userbyid(s.stxowner), pg_catalog.obj_description(s.oid, 'pg_statistic_ext')
FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
WHERE s.stxrelid = %s::oid ORDER BY n.nspname, s.stxname
"""

_RULES = """
SELECT r.rulename, pg_catalog.pg_get_ruledef(r.oid), r.ev_enabled::text,
  pg_catalog.obj_description(r.oid, 'pg_rewrite')
FROM pg_catalog.pg_rewrite r WHERE {where} ORDER BY r.rulename
"""

_TRIGGERS = """
SELECT g.tgname, pg_catalog.pg_get_triggerdef(g.oid), g.tgenabled::text,
  pg_catalog.obj_description(g.oid, 'pg_trigger')
FROM pg_catalog.pg_trigger g WHERE {where} ORDER BY g.tgname
"""

_POLICIES = """
SELECT y.polname, y.polpermissive::text, y.polcmd::text,
  CASE WHEN y.polroles = '{{0}}' THEN 'PUBLIC' ELSE (
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(r.rolname), ', ' ORDER BY r.rolname)
    FROM pg_catalog.pg_roles r WHERE r.oid = ANY (y.polroles)) END,
  pg_catalog.pg_get_expr(y.polqual, y.polrelid), pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid),
  pg_catalog.obj_description(y.oid, 'pg_policy')
FROM pg_catalog.pg_policy y WHERE {where} ORDER BY y.polname
"""

_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}
_ENABLED = {"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


def write_indexes(out: DdlWriter, oid: str, table: str) -> None:
    """Every index of a relation; those of constraints are made by them."""
    _write_indexes(out, oid, table, "i.indrelid = %s::oid")


def write_index(out: DdlWriter, oid: str, table: str) -> None:
    """One index."""
    _write_indexes(out, oid, table, "i.indexrelid = %s::oid", alone=True)


def _write_indexes(
    out: DdlWriter, oid: str, table: str, where: str, *, alone: bool = False
) -> None:
    for row in out.ask(_INDEXES.format(where=where), oid):
        number, schema, plain, text, of_constraint, options, tablespace, clustered, replica = row[
            :9
        ]
        name, comment = qualified(schema, plain), row[9]
        if of_constraint != "true" or alone:
            out.add(text or "")
        elif options:
            out.add(f"ALTER INDEX {name} SET ({options})")
        if tablespace:
            out.add(f"ALTER INDEX {name} SET TABLESPACE {quoted(tablespace)}")
        for column, target in out.ask(_INDEX_STATISTICS, number or ""):
            out.add(f"ALTER INDEX {name} ALTER COLUMN {column} SET STATISTICS {target}")
        if clustered == "true":
            out.add(f"ALTER TABLE {table} CLUSTER ON {quoted(plain)}")
        if replica == "true":
            out.add(f"ALTER TABLE ONLY {table} REPLICA IDENTITY USING INDEX {quoted(plain)}")
        out.comment(f"INDEX {name}", comment)


def write_statistics(out: DdlWriter, oid: str) -> None:
    """The statistics over several columns."""
    target = "nullif(coalesce(s.stxstattarget, -1), -1)::text" if out.version >= 130000 else "NULL"
    for schema, name, text, wanted, owner, comment in out.ask(
        _STATISTICS.format(target=target), oid
    ):
        full = qualified(schema, name)
        out.add(text or "")
        if wanted is not None:
            out.add(f"ALTER STATISTICS {full} SET STATISTICS {wanted}")
        out.add(f"ALTER STATISTICS {full} OWNER TO {quoted(owner)}")
        out.comment(f"STATISTICS {full}", comment)


def write_rules(out: DdlWriter, oid: str, table: str, *, alone: bool = False) -> None:
    """The rules of a relation but the one that makes a view; or one rule."""
    where = "r.oid = %s::oid" if alone else "r.ev_class = %s::oid AND r.rulename <> '_RETURN'"
    for name, text, enabled, comment in out.ask(_RULES.format(where=where), oid):
        out.add(text or "")
        if enabled in _ENABLED:
            out.add(f"ALTER TABLE {table} {_ENABLED[enabled]} RULE {quoted(name)}")
        out.comment(f"RULE {quoted(name)} ON {table}", comment)


def write_triggers(out: DdlWriter, oid: str, table: str, *, alone: bool = False) -> None:
    """The triggers of a relation that it does not have from the table that it is a partition of;
    or one trigger."""
    where = "g.tgrelid = %s::oid AND NOT g.tgisinternal"
    if out.version >= 130000:
        where += " AND g.tgparentid = 0"
    if alone:
        where = "g.oid = %s::oid"
    for name, text, enabled, comment in out.ask(_TRIGGERS.format(where=where), oid):
        out.add(text or "")
        if enabled in _ENABLED:
            out.add(f"ALTER TABLE {table} {_ENABLED[enabled]} TRIGGER {quoted(name)}")
        out.comment(f"TRIGGER {quoted(name)} ON {table}", comment)


def write_policies(out: DdlWriter, oid: str, table: str, *, alone: bool = False) -> None:
    """The policies of a table; or one policy."""
    where = "y.oid = %s::oid" if alone else "y.polrelid = %s::oid"
    for name, permissive, command, roles, using, check, comment in out.ask(
        _POLICIES.format(where=where), oid
    ):
        text = f"CREATE POLICY {quoted(name)} ON {table}"
        text += "" if permissive == "true" else " AS RESTRICTIVE"
        text += f" FOR {_COMMANDS[command]}" if command in _COMMANDS else ""
        text += f" TO {roles}" if roles != "PUBLIC" else ""
        text += f" USING ({using})" if using is not None else ""
        text += f" WITH CHECK ({check})" if check is not None else ""
        out.add(text)
        out.comment(f"POLICY {quoted(name)} ON {table}", comment)
