"""What a query may do beside giving rows, through the functions that it names and those behind the
views and tables that it reads.

Known by their names are the functions of PostgreSQL 15 to 18, its own extensions and RDS. Of the
functions of a database the server tells whether they are VOLATILE: what is not may not write.
Not seen: functions behind operators of the statement's own, casts, policies and other functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tui.services.quoting import quote_literal
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.text.classify import called_names, hides_a_call, relation_names
from tui.services.sql.text.statements import Statement, split

ACTING = re.compile(
    # Other sessions and the server itself.
    r"pg_(terminate|cancel)_backend|pg_log_backend_memory_contexts|pg_reload_conf|pg_promote"
    r"|pg_rotate_logfile.*|pg_(try_)?advisory_.*|pg_notify|set_config|pg_stat_.*reset.*"
    r"|pg_buffercache_(evict|mark_dirty).*|autoprewarm_(dump_now|start_worker)|pg_import_.*"
    r"|pg_stop_making_pinned_objects|pg_nextoid|pg_background_.*|binary_upgrade_.*"
    # The write-ahead log, replication and backups.
    r"|pg_switch_(wal|xlog)|pg_create_.*|pg_drop_.*|pg_copy_.*_slot|pg_replication_slot_advance"
    r"|pg_replication_origin_(create|drop|advance|session_(setup|reset)|xact_(setup|reset))"
    r"|pg_logical_emit_message|pg_logical_slot_get_.*|pg_sync_replication_slots"
    r"|pg_log_standby_snapshot|pg_wal_replay_(pause|resume)|pg_(start|stop)_backup"
    r"|pg_backup_(start|stop)"
    # Pages and statistics of tables, changed in place.
    r"|heap_force_(kill|freeze)|pg_truncate_visibility_map|gin_clean_pending_list"
    r"|brin_(de)?summarize_.*|pg_(restore|clear|set)_(relation|attribute|extended)_.*"
    # Files of the server, other servers, AWS.
    r"|lo_(import|export)|pg_file_(write|rename|unlink|sync)|query_export_to_s3"
    r"|table_import_from_s3|dblink|dblink_(connect(_u)?|disconnect|open|fetch|close|exec"
    r"|send_query|get_result|cancel_query)|postgres_fdw_disconnect(_all)?"
    r"|http(_(get|post|put|patch|delete|head))?|invoke(_.*)?|xslt_process"
    # These run a text, or what a text names, as SQL.
    r"|(query|cursor|table|schema|database)_to_xml.*|ts_stat|ts_rewrite|crosstab.*|connectby"
    r"|xpath_table"
)
"""Functions that act although the transaction is read-only or is rolled back, that set what guards
it, or that run SQL which cannot be seen in the statement."""

_WRITING = re.compile(
    r"nextval|setval|lo_(creat|create|from_bytea|put|unlink|truncate|truncate64)|lowrite"
)
"""Functions of PostgreSQL that write inside the transaction."""

_HARMLESS = (
    "^(uuid_generate_.*|gen_random_.*|gen_salt|pgp_.*|normal_rand|pg_stat_statements.*"
    "|pg_buffercache_.*|pgstat.*|pg_freespace|pg_relpages|pg_visibility.*|pg_check_.*|pgrowlocks"
    "|pg_get_wal_.*|.*_page_.*|page_.*|get_raw_page|verify_heapam|bt_.*|gin_.*|hash_.*|brin_.*"
    "|heap_.*|ssl_.*|dblink_.*|postgres_fdw_.*)$"
)
"""Functions of extensions that are declared VOLATILE, in C, and only read."""

_LOOK = f"""
WITH RECURSIVE read(oid) AS (
    SELECT oid FROM pg_catalog.pg_class
    WHERE relname = ANY (%s::pg_catalog.name[]) AND relkind IN ('r', 'p', 'v', 'f')
      AND oid >= 16384
  UNION
    SELECT c.oid FROM read, LATERAL (
        SELECT d.refobjid FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
             AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        WHERE r.ev_class = read.oid AND r.ev_type = '1'
      UNION ALL
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = read.oid
    ) AS found(oid) JOIN pg_catalog.pg_class c ON c.oid = found.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'f') AND c.oid >= 16384
), called(oid) AS (
    SELECT oid FROM pg_catalog.pg_proc WHERE proname = ANY (%s::pg_catalog.name[])
  UNION
    SELECT coalesce(o.oprcode::pg_catalog.oid, d.refobjid)
    FROM read JOIN pg_catalog.pg_rewrite r ON r.ev_class = read.oid AND r.ev_type = '1'
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
         AND d.objid = r.oid
    LEFT JOIN pg_catalog.pg_operator o ON o.oid = d.refobjid
         AND d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass
    WHERE o.oid IS NOT NULL OR d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
)
SELECT 'view', pg_catalog.pg_get_viewdef(c.oid)
FROM read JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind = 'v'
UNION ALL
SELECT 'program', f.ftrelid::pg_catalog.regclass::pg_catalog.text
FROM read JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = read.oid
WHERE EXISTS (SELECT FROM pg_catalog.unnest(f.ftoptions) AS o WHERE o LIKE 'program=%%')
UNION ALL
SELECT 'volatile', p.proname
FROM called JOIN pg_catalog.pg_proc p USING (oid)
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.provolatile = 'v' AND p.oid >= 16384
  AND NOT (l.lanname = 'c' AND p.proname ~ '{_HARMLESS}')
"""  # noqa: S608 - nothing of the user's is in it
"""Object ids below 16384 are the server's own (FirstNormalObjectId, access/transam.h)."""


_GLANCE = """
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_class WHERE relname = ANY ({read}) AND oid >= 16384
    AND (relkind IN ('v', 'f') OR relhassubclass)
) OR EXISTS (
    SELECT FROM pg_catalog.pg_proc WHERE proname = ANY ({called}) AND oid >= 16384
    AND provolatile = 'v'
)"""
"""Whether `_LOOK` can find anything. That takes the server some 10 ms, of which nearly all is its
plan; this takes a third of one.
A table with partitions or heirs has relhassubclass, and may have had them."""


@dataclass(frozen=True)
class Effects:
    """What is known of a query before it runs."""

    outside: str = ""
    """What acts outside of its transaction, in words; empty if nothing that is known."""
    writes: bool = False
    """Whether it may change something, in its transaction or outside."""


def acting_name(names: Iterable[str]) -> str:
    """The first function among `names` that acts outside of the transaction; empty if none."""
    return next((name for name in sorted(names) if ACTING.fullmatch(name)), "")


def writing_name(names: Iterable[str]) -> str:
    """The first of PostgreSQL's own functions among `names` that writes; empty if none."""
    return next((name for name in sorted(names) if _WRITING.fullmatch(name)), "")


@dataclass(frozen=True)
class Named:
    """The names in a query, and what they say of it by themselves."""

    called: frozenset[str]
    read: frozenset[str]
    outside: str
    """As in `Effects`."""
    writes: bool
    """As in `Effects`."""

    @property
    def glance(self) -> str:
        """A SELECT that tells whether there may be more behind the names, `t` or `f`; empty where
        nothing need be asked."""
        if not self.called and not self.read:
            return ""
        return _GLANCE.format(read=_names(self.read), called=_names(self.called))


def _names(names: frozenset[str]) -> str:
    listed = ", ".join(quote_literal(name) for name in sorted(names))
    return f"ARRAY[{listed}]::pg_catalog.name[]"


def named_in(statement: Statement) -> Named:
    """What the text of a query says."""
    called = called_names(statement)
    outside = f"{name}()" if (name := acting_name(called)) else ""
    writes = bool(outside) or hides_a_call(statement) or bool(writing_name(called))
    return Named(called, relation_names(statement), outside, writes)


def effects_of(connection: ServerConnection, statement: Statement) -> Effects:
    """Ask the server what is behind the names in a query. Blocking; raises psycopg2's errors."""
    named = named_in(statement)
    glance = named.glance
    # In a SELECT, functions of Redshift's users cannot write, and its catalog says less of them.
    if not glance or connection.info.is_redshift or connection.value(glance) != "t":
        return Effects(named.outside, named.writes)
    return effects_behind(connection, named)


def effects_behind(connection: ServerConnection, named: Named) -> Effects:
    """The effects of a query with names behind which there may be more."""
    outside, writes = named.outside, named.writes
    for kind, said in connection.rows(_LOOK, (sorted(named.read), sorted(named.called))):
        if kind == "view":
            behind = _called_in(said, backslash_escapes=connection.backslash_escapes)
            hidden = acting_name(behind)
            outside = outside or (f"a view that it reads calls {hidden}(), which" if hidden else "")
            writes = writes or bool(hidden) or bool(writing_name(behind))
        elif kind == "program":
            outside = outside or f"the foreign table {said} runs a program, which"
            writes = True
        else:
            writes = True
    return Effects(outside, writes)


def _called_in(definition: str, *, backslash_escapes: bool) -> frozenset[str]:
    statements = split(definition, backslash_escapes=backslash_escapes)
    return frozenset().union(*(called_names(each) for each in statements))
