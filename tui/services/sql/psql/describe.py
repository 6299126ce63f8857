"""`\\d name`: a relation with its columns and all that hangs on it, as one SELECT.

What psql prints in several tables stands in one here: a row for each column, index, constraint,
trigger, … in psql's order and in psql's words.
"""

# ruff: noqa: S608 - made of texts of our own; patterns come in as quoted constants

from __future__ import annotations

from tui.services.sql.psql.listings import NOT_SYSTEM, ListingAsked, where
from tui.services.sql.psql.patterns import conditions

_NO_MORE = ", NULL, NULL, NULL"
"""Collation, nullable and default of what is no column."""


def describe(asked: ListingAsked) -> str:
    """Every relation that the pattern means."""
    found = [] if asked.system or asked.pattern else list(NOT_SYSTEM)
    found += conditions(
        asked.pattern,
        name="c.relname",
        schema="n.nspname",
        visible="pg_catalog.pg_table_is_visible(c.oid)",
        database=asked.database,
    )
    more = ', p.storage AS "Storage", p.target AS "Stats target", p.said AS "Description"'
    parts = "\n  UNION ALL\n".join(_parts(asked))
    return f"""WITH found AS (
  SELECT c.*, n.nspname FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace{where(found)}
)
SELECT f.nspname || '.' || f.relname AS "Relation", p.part AS "Part", p.name AS "Name",
  p.definition AS "Type or definition", p.coll AS "Collation", p.nullable AS "Nullable",
  p.value AS "Default"{more if asked.verbose else ""}
FROM found f CROSS JOIN LATERAL (
{parts}
) p (step, place, part, name, definition, coll, nullable, value, storage, target, said)
ORDER BY f.nspname, f.relname, p.step, p.place, p.name"""


def _parts(asked: ListingAsked) -> list[str]:
    simple = [
        _sequence_facts(),
        _owner_of_sequence(),
        "SELECT 4, 0, 'partition of', h.inhparent::pg_catalog.regclass::pg_catalog.text, "
        f"pg_catalog.pg_get_expr(f.relpartbound, f.oid){_NO_MORE} FROM pg_catalog.pg_inherits h "
        "WHERE h.inhrelid = f.oid AND f.relispartition",
        f"SELECT 5, 0, 'partition key', NULL, pg_catalog.pg_get_partkeydef(f.oid){_NO_MORE} "
        "WHERE f.relkind = 'p'",
        _indexes(),
        "SELECT 8, 0, 'check constraint', k.conname, "
        f"pg_catalog.pg_get_constraintdef(k.oid, true){_NO_MORE} FROM pg_catalog.pg_constraint k "
        "WHERE k.conrelid = f.oid AND k.contype = 'c'",
        "SELECT 9, 0, 'foreign key', k.conname, "
        f"pg_catalog.pg_get_constraintdef(k.oid, true){_NO_MORE} FROM pg_catalog.pg_constraint k "
        "WHERE k.conrelid = f.oid AND k.contype = 'f' AND k.conparentid = 0",
        "SELECT 10, 0, 'referenced by', k.conrelid::pg_catalog.regclass::pg_catalog.text, "
        "pg_catalog.format('CONSTRAINT %I ', k.conname) || "
        f"pg_catalog.pg_get_constraintdef(k.oid, true){_NO_MORE} FROM pg_catalog.pg_constraint k "
        "WHERE k.confrelid = f.oid AND k.contype = 'f' AND k.conparentid = 0",
        "SELECT 11, 0, 'row security', NULL, CASE WHEN f.relrowsecurity AND f.relforcerowsecurity "
        f"THEN 'forced' WHEN f.relrowsecurity THEN 'enabled' ELSE 'forced, but off' END{_NO_MORE} "
        "WHERE f.relrowsecurity OR f.relforcerowsecurity",
        _policies(),
        "SELECT 13, 0, 'statistics', "
        "s.stxnamespace::pg_catalog.regnamespace::pg_catalog.text || '.' || s.stxname, "
        f"pg_catalog.pg_get_statisticsobjdef(s.oid){_NO_MORE} FROM pg_catalog.pg_statistic_ext s "
        "WHERE s.stxrelid = f.oid",
        "SELECT 14, 0, CASE r.ev_enabled WHEN 'D' THEN 'disabled rule' ELSE 'rule' END, "
        "r.rulename, pg_catalog.rtrim(pg_catalog.pg_get_ruledef(r.oid, true), ';')"
        f"{_NO_MORE} FROM pg_catalog.pg_rewrite r "
        "WHERE r.ev_class = f.oid AND r.rulename <> '_RETURN'",
        "SELECT 15, 0, 'publication', t.pubname, NULL"
        f"{_NO_MORE} FROM pg_catalog.pg_publication_tables t "
        "WHERE t.schemaname = f.nspname AND t.tablename = f.relname",
        "SELECT 16, 0, CASE g.tgenabled WHEN 'D' THEN 'disabled trigger' "
        "WHEN 'A' THEN 'trigger firing always' WHEN 'R' THEN 'trigger firing on replica only' "
        "ELSE 'trigger' END, g.tgname, "
        "pg_catalog.substr(w.text, pg_catalog.strpos(w.text, ' TRIGGER ') + 9)"
        f"{_NO_MORE} FROM pg_catalog.pg_trigger g "
        "CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_triggerdef(g.oid, true)) w (text) "
        "WHERE g.tgrelid = f.oid AND NOT g.tgisinternal",
        "SELECT 17, h.inhseqno, 'inherits', h.inhparent::pg_catalog.regclass::pg_catalog.text, "
        f"NULL{_NO_MORE} FROM pg_catalog.pg_inherits h "
        "WHERE h.inhrelid = f.oid AND NOT f.relispartition AND f.relkind NOT IN ('i', 'I')",
        "SELECT 18, 0, CASE f.relkind WHEN 'p' THEN 'partition' WHEN 'I' THEN 'partition' "
        "ELSE 'child table' END, h.inhrelid::pg_catalog.regclass::pg_catalog.text, "
        f"pg_catalog.pg_get_expr(k.relpartbound, k.oid){_NO_MORE} "
        "FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class k ON k.oid = h.inhrelid "
        "WHERE h.inhparent = f.oid",
        "SELECT 19, 0, 'server', s.srvname, pg_catalog.array_to_string(t.ftoptions, ', ')"
        f"{_NO_MORE} FROM pg_catalog.pg_foreign_table t JOIN pg_catalog.pg_foreign_server s "
        "ON s.oid = t.ftserver WHERE t.ftrelid = f.oid",
        "SELECT 20, 0, 'tablespace', s.spcname, NULL"
        f"{_NO_MORE} FROM pg_catalog.pg_tablespace s WHERE s.oid = f.reltablespace",
        "SELECT 21, 0, 'replica identity', NULL, CASE f.relreplident WHEN 'f' THEN 'FULL' "
        f"ELSE 'NOTHING' END{_NO_MORE} WHERE f.relreplident IN ('f', 'n') AND f.relkind IN "
        "('r', 'p', 'm') AND f.nspname <> 'pg_catalog'",
    ]
    if asked.verbose:
        simple += [
            "SELECT 22, 0, 'view definition', NULL, pg_catalog.pg_get_viewdef(f.oid, true)"
            f"{_NO_MORE} WHERE f.relkind IN ('v', 'm')",
            "SELECT 23, 0, 'access method', a.amname, NULL"
            f"{_NO_MORE} FROM pg_catalog.pg_am a WHERE a.oid = f.relam",
            "SELECT 24, 0, 'options', NULL, pg_catalog.array_to_string(f.reloptions, ', ')"
            f"{_NO_MORE} WHERE f.reloptions IS NOT NULL",
        ]
    return [_columns(), *(_widened(each) for each in simple)]


def _columns() -> str:
    return """  SELECT 1, a.attnum, CASE WHEN f.relkind NOT IN ('i', 'I') THEN 'column'
      WHEN a.attnum <= (SELECT i.indnkeyatts FROM pg_catalog.pg_index i
                        WHERE i.indexrelid = f.oid) THEN 'key column'
      ELSE 'included column' END,
    a.attname::pg_catalog.text, pg_catalog.format_type(a.atttypid, a.atttypmod),
    (SELECT l.collname::pg_catalog.text FROM pg_catalog.pg_collation l, pg_catalog.pg_type t
     WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation),
    CASE WHEN a.attnotnull THEN 'not null' END,
    CASE WHEN f.relkind IN ('i', 'I') THEN pg_catalog.pg_get_indexdef(f.oid, a.attnum, true)
      WHEN a.attidentity = 'a' THEN 'generated always as identity'
      WHEN a.attidentity = 'd' THEN 'generated by default as identity'
      WHEN a.attgenerated = 's' THEN 'generated always as (' || d.text || ') stored'
      WHEN a.attgenerated = 'v' THEN 'generated always as (' || d.text || ')'
      ELSE d.text END,
    CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'x' THEN 'extended'
      WHEN 'e' THEN 'external' ELSE '???' END,
    CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::pg_catalog.text END,
    pg_catalog.col_description(a.attrelid, a.attnum)
  FROM pg_catalog.pg_attribute a
  LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(v.adbin, v.adrelid, true)
                     FROM pg_catalog.pg_attrdef v
                     WHERE v.adrelid = a.attrelid AND v.adnum = a.attnum) d (text) ON true
  WHERE a.attrelid = f.oid AND a.attnum > 0 AND NOT a.attisdropped AND f.relkind <> 'S'"""


def _widened(part: str) -> str:
    """A part without storage, statistics target and description."""
    return (
        "  SELECT x.step, x.place, x.part, x.name::pg_catalog.text, "
        "x.definition::pg_catalog.text, NULL, NULL, NULL, NULL, NULL, NULL\n"
        f"  FROM ({part}) x (step, place, part, name, definition, coll, nullable, value)"
    )


def _sequence_facts() -> str:
    facts = (
        ("type", "pg_catalog.format_type(q.seqtypid, NULL)"),
        ("start", "q.seqstart::pg_catalog.text"),
        ("minimum", "q.seqmin::pg_catalog.text"),
        ("maximum", "q.seqmax::pg_catalog.text"),
        ("increment", "q.seqincrement::pg_catalog.text"),
        ("cycles?", "CASE WHEN q.seqcycle THEN 'yes' ELSE 'no' END"),
        ("cache", "q.seqcache::pg_catalog.text"),
    )
    values = ", ".join(
        f"({number}, '{name}', {value})" for number, (name, value) in enumerate(facts)
    )
    return (
        f"SELECT 2, w.place, 'sequence', w.name, w.text{_NO_MORE} FROM pg_catalog.pg_sequence q "
        f"CROSS JOIN LATERAL (VALUES {values}) w (place, name, text) WHERE q.seqrelid = f.oid"
    )


def _owner_of_sequence() -> str:
    return (
        "SELECT 3, 0, CASE d.deptype WHEN 'i' THEN 'sequence for identity column' "
        "ELSE 'owned by' END, pg_catalog.format('%I.%I.%I', on_.nspname, o.relname, a.attname), "
        f"NULL{_NO_MORE} FROM pg_catalog.pg_depend d "
        "JOIN pg_catalog.pg_class o ON o.oid = d.refobjid "
        "JOIN pg_catalog.pg_namespace on_ ON on_.oid = o.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = o.oid AND a.attnum = d.refobjsubid "
        "WHERE f.relkind = 'S' AND d.objid = f.oid AND d.deptype IN ('a', 'i') "
        "AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass "
        "AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    )


def _indexes() -> str:
    text = "pg_catalog.pg_get_indexdef(i.indexrelid, 0, true)"
    definition = (
        "CASE WHEN k.contype = 'x' THEN pg_catalog.pg_get_constraintdef(k.oid, true) ELSE "
        "pg_catalog.concat(CASE WHEN i.indisprimary THEN 'PRIMARY KEY, ' WHEN k.contype = 'u' "
        "THEN 'UNIQUE CONSTRAINT, ' WHEN i.indisunique THEN 'UNIQUE, ' END, "
        f"pg_catalog.substr({text}, pg_catalog.strpos({text}, ' USING ') + 7), "
        "CASE WHEN k.condeferrable THEN ' DEFERRABLE' END, "
        "CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' END) END || "
        "pg_catalog.concat(CASE WHEN i.indisclustered THEN ' CLUSTER' END, "
        "CASE WHEN NOT i.indisvalid THEN ' INVALID' END, "
        "CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' END)"
    )
    return (
        "SELECT CASE WHEN i.indisprimary THEN 6 ELSE 7 END, 0, 'index', x.relname, "
        f"{definition}{_NO_MORE} FROM pg_catalog.pg_index i "
        "JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
        "LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = i.indrelid "
        "AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') WHERE i.indrelid = f.oid"
    )


def _policies() -> str:
    return (
        "SELECT 12, 0, 'policy', y.polname, pg_catalog.concat("
        "CASE WHEN NOT y.polpermissive THEN 'AS RESTRICTIVE ' END, "
        "CASE y.polcmd WHEN 'r' THEN 'FOR SELECT' WHEN 'a' THEN 'FOR INSERT' "
        "WHEN 'w' THEN 'FOR UPDATE' WHEN 'd' THEN 'FOR DELETE' END, "
        "CASE WHEN y.polroles <> '{0}' THEN ' TO ' || pg_catalog.array_to_string(ARRAY("
        "SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = ANY (y.polroles) ORDER BY 1), "
        "',') END, ' USING (' || pg_catalog.pg_get_expr(y.polqual, y.polrelid) || ')', "
        "' WITH CHECK (' || pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid) || ')')"
        f"{_NO_MORE} FROM pg_catalog.pg_policy y WHERE y.polrelid = f.oid"
    )
