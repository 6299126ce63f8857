"""What is asked of the system catalogs to list their objects. Texts of our own, with places for
values; nothing of the user's is in them. From PostgreSQL 12 on."""

# ruff: noqa: S608 - made of each other, and of nothing else

from __future__ import annotations

from tui.services.sql.objects.models import Group

NOT_SYSTEM = "(n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"

DATABASES = """
SELECT d.oid::text, d.datname, d.datname = pg_catalog.current_database(),
  CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT')
    THEN pg_catalog.pg_database_size(d.oid)::text END,
  pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.shobj_description(d.oid, 'pg_database')
FROM pg_catalog.pg_database d
WHERE d.datallowconn AND (%s = 'yes' OR NOT d.datistemplate)
ORDER BY d.datname = pg_catalog.current_database() DESC, d.datname
"""

SCHEMAS = f"""
SELECT n.oid::text, n.nspname, pg_catalog.pg_get_userbyid(n.nspowner),
  pg_catalog.obj_description(n.oid, 'pg_namespace')
FROM pg_catalog.pg_namespace n
WHERE (%s = 'yes' OR {NOT_SYSTEM}) AND (n.nspname, n.oid) > (%s::name, %s::oid)
ORDER BY n.nspname, n.oid LIMIT %s
"""

EXTENSIONS = """
SELECT e.oid::text, e.extname, e.extversion, n.nspname, pg_catalog.pg_get_userbyid(e.extowner),
  pg_catalog.obj_description(e.oid, 'pg_extension')
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
ORDER BY e.extname
"""

SCHEMA_IS_THERE = "SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.oid = %s::oid"
RELATION_IS_THERE = "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = %s::oid"

_OWN_TYPE = """
t.typtype IN ('b', 'c', 'd', 'e', 'r')
  AND (t.typrelid = 0 OR EXISTS (
    SELECT FROM pg_catalog.pg_class k WHERE k.oid = t.typrelid AND k.relkind = 'c'))
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
"""

_OWN_ROUTINE = """
NOT EXISTS (SELECT FROM pg_catalog.pg_depend i
  WHERE i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND i.objid = p.oid
    AND i.deptype = 'i')
"""
"""Not made by a range type for itself."""

RELKINDS = {
    Group.TABLES: "'r', 'p'",
    Group.VIEWS: "'v'",
    Group.MATERIALIZED: "'m'",
    Group.FOREIGN: "'f'",
    Group.SEQUENCES: "'S'",
}


def _class_count(kinds: str) -> str:
    return (
        "SELECT count(*) FROM pg_catalog.pg_class c WHERE c.relnamespace = %s::oid "
        f"AND c.relkind IN ({kinds}) AND NOT c.relispartition"
    )


OF_SCHEMA = {
    Group.TABLES: _class_count(RELKINDS[Group.TABLES]),
    Group.VIEWS: _class_count(RELKINDS[Group.VIEWS]),
    Group.MATERIALIZED: _class_count(RELKINDS[Group.MATERIALIZED]),
    Group.FOREIGN: _class_count(RELKINDS[Group.FOREIGN]),
    Group.FUNCTIONS: (
        "SELECT count(*) FROM pg_catalog.pg_proc p "
        f"WHERE p.pronamespace = %s::oid AND {_OWN_ROUTINE}"
    ),
    Group.TYPES: (
        f"SELECT count(*) FROM pg_catalog.pg_type t WHERE t.typnamespace = %s::oid AND {_OWN_TYPE}"
    ),
    Group.SEQUENCES: _class_count(RELKINDS[Group.SEQUENCES]),
}
"""How many there are of each in a schema."""

OF_RELATION = {
    Group.COLUMNS: (
        "SELECT count(*) FROM pg_catalog.pg_attribute a "
        "WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped"
    ),
    Group.CONSTRAINTS: (
        "SELECT count(*) FROM pg_catalog.pg_constraint k "
        "WHERE k.conrelid = %s::oid AND k.contype <> 't'"
    ),
    Group.INDEXES: "SELECT count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = %s::oid",
    Group.TRIGGERS: (
        "SELECT count(*) FROM pg_catalog.pg_trigger g "
        "WHERE g.tgrelid = %s::oid AND NOT g.tgisinternal"
    ),
    Group.POLICIES: "SELECT count(*) FROM pg_catalog.pg_policy y WHERE y.polrelid = %s::oid",
    Group.RULES: (
        "SELECT count(*) FROM pg_catalog.pg_rewrite r "
        "WHERE r.ev_class = %s::oid AND r.rulename <> '_RETURN'"
    ),
    Group.PARTITIONS: (
        "SELECT count(*) FROM pg_catalog.pg_inherits h "
        "JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid "
        "WHERE h.inhparent = %s::oid AND c.relkind NOT IN ('i', 'I')"
    ),
}
"""How many there are of each at a table or view."""

_LOCKED = """
c.oid IN (SELECT l.relation FROM pg_catalog.pg_locks l
  WHERE l.mode = 'AccessExclusiveLock' AND l.relation IS NOT NULL
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                      WHERE d.datname = pg_catalog.current_database()))
"""
_SIZE = f"""
CASE WHEN c.relkind NOT IN ('r', 'p', 'm') OR {_LOCKED} THEN NULL
  WHEN c.relkind = 'p' THEN (SELECT coalesce(sum(pg_catalog.pg_total_relation_size(t.relid)), 0)
                             FROM pg_catalog.pg_partition_tree(c.oid) t)
  ELSE pg_catalog.pg_total_relation_size(c.oid) END::text
"""
_ROWS = """
CASE WHEN c.relkind NOT IN ('r', 'p', 'm', 'f') OR c.reltuples < 0 THEN NULL
  WHEN c.reltuples = 0 AND c.relpages = 0
    AND pg_catalog.current_setting('server_version_num')::int < 140000 THEN NULL
  ELSE c.reltuples::bigint::text END
"""


def relations(where: str, *, sizes: bool) -> str:
    """Relations on a condition, page by page."""
    return f"""
SELECT c.oid::text, c.relname, c.relkind, n.nspname, {_ROWS}, {_SIZE if sizes else "NULL"},
  pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.obj_description(c.oid, 'pg_class'),
  pg_catalog.pg_get_expr(c.relpartbound, c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {where} AND (c.relname, c.oid) > (%s::name, %s::oid)
ORDER BY c.relname, c.oid LIMIT %s
"""


def in_schema(kinds: str) -> str:
    """The condition for relations of some kinds in a schema."""
    return f"c.relnamespace = %s::oid AND c.relkind IN ({kinds}) AND NOT c.relispartition"


IN_PARENT = """
c.relkind NOT IN ('i', 'I') AND c.oid IN (SELECT h.inhrelid FROM pg_catalog.pg_inherits h
                                          WHERE h.inhparent = %s::oid)
"""

_FOUND = """
(%s = 'yes' OR {not_system})
  AND pg_catalog.strpos(pg_catalog.lower(({name}) COLLATE "default"), pg_catalog.lower(%s)) > 0
"""


def _found(column: str, text: str) -> str:
    # With a dot in it, what is looked for begins in the schema's name.
    name = f"n.nspname || '.' || {column}" if "." in text else f"{column}::text"
    return _FOUND.format(not_system=NOT_SYSTEM, name=name)


def found_relations(text: str, *, sizes: bool) -> str:
    """Relations whose name holds a text."""
    where = f"c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_found('c.relname', text)}"
    return relations(where, sizes=sizes)


def routines(where: str) -> str:
    """Functions, procedures and aggregates on a condition, page by page."""
    return f"""
SELECT p.oid::text, p.proname, p.prokind::text, n.nspname,
  pg_catalog.pg_get_function_identity_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
  pg_catalog.pg_get_userbyid(p.proowner), pg_catalog.obj_description(p.oid, 'pg_proc')
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE {where} AND {_OWN_ROUTINE} AND (p.proname, p.oid) > (%s::name, %s::oid)
ORDER BY p.proname, p.oid LIMIT %s
"""


def found_routines(text: str) -> str:
    """Routines whose name holds a text."""
    return routines(_found("p.proname", text))


def types(where: str) -> str:
    """Types that are not those of tables and arrays, page by page."""
    return f"""
SELECT t.oid::text, t.typname, t.typtype::text, n.nspname,
  CASE t.typtype
    WHEN 'e' THEN (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', '
                            ORDER BY e.enumsortorder)
                   FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
    WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
  pg_catalog.pg_get_userbyid(t.typowner), pg_catalog.obj_description(t.oid, 'pg_type')
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE {where} AND {_OWN_TYPE} AND (t.typname, t.oid) > (%s::name, %s::oid)
ORDER BY t.typname, t.oid LIMIT %s
"""


def found_types(text: str) -> str:
    """Types whose name holds a text."""
    return types(_found("t.typname", text))


COLUMNS = """
SELECT a.attnum::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.attidentity::text, a.attgenerated::text, pg_catalog.pg_get_expr(f.adbin, f.adrelid),
  CASE WHEN a.attcollation <> t.typcollation THEN (
    SELECT l.collname FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation) END,
  pg_catalog.col_description(a.attrelid, a.attnum)
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

CONSTRAINTS = """
SELECT k.oid::text, k.conname, pg_catalog.pg_get_constraintdef(k.oid, true),
  pg_catalog.obj_description(k.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint k WHERE k.conrelid = %s::oid AND k.contype <> 't'
ORDER BY pg_catalog.strpos('puxfcn', k.contype::text), k.conname
"""

INDEXES = """
SELECT i.indexrelid::text, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
  CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_relation_size(i.indexrelid)::text END,
  pg_catalog.obj_description(i.indexrelid, 'pg_class'),
  i.indisvalid, i.indisprimary, i.indisunique
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = %s::oid ORDER BY i.indisprimary DESC, c.relname
"""

TRIGGERS = """
SELECT g.oid::text, g.tgname, pg_catalog.pg_get_triggerdef(g.oid, true),
  pg_catalog.obj_description(g.oid, 'pg_trigger'), g.tgenabled::text
FROM pg_catalog.pg_trigger g WHERE g.tgrelid = %s::oid AND NOT g.tgisinternal ORDER BY g.tgname
"""

POLICIES = """
SELECT y.oid::text, y.polname, y.polcmd::text, pg_catalog.pg_get_expr(y.polqual, y.polrelid, true),
  pg_catalog.pg_get_expr(y.polwithcheck, y.polrelid, true),
  pg_catalog.obj_description(y.oid, 'pg_policy')
FROM pg_catalog.pg_policy y WHERE y.polrelid = %s::oid ORDER BY y.polname
"""

RULES = """
SELECT r.oid::text, r.rulename, pg_catalog.pg_get_ruledef(r.oid, true),
  pg_catalog.obj_description(r.oid, 'pg_rewrite')
FROM pg_catalog.pg_rewrite r WHERE r.ev_class = %s::oid AND r.rulename <> '_RETURN'
ORDER BY r.rulename
"""
