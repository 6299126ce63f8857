"""The definition of a table, a view, a materialized view, a foreign table."""

# ruff: noqa: S608 - made of each other, and of nothing else

from __future__ import annotations

from dataclasses import dataclass

from tui.services.sql.ddl.attached import (
    write_indexes,
    write_policies,
    write_rules,
    write_statistics,
    write_triggers,
)
from tui.services.sql.ddl.columns import (
    TableColumn,
    TableConstraint,
    column_clause,
    column_settings,
    columns_of,
    constraints_of,
    inherited_changes,
)
from tui.services.sql.ddl.sequences import create_sequence, finish_sequence
from tui.services.sql.ddl.writing import FDW_OPTIONS, OPTIONS, DdlWriter, qualified, quoted

_FACTS = f"""
SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text,
  c.relrowsecurity::text, c.relforcerowsecurity::text, c.relreplident::text,
  c.relispartition::text,
  CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END,
  pg_catalog.pg_get_userbyid(c.relowner),
  (SELECT m.amname FROM pg_catalog.pg_am m WHERE m.oid = c.relam
     AND m.amname <> pg_catalog.current_setting('default_table_access_method')),
  (SELECT s.spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
  {OPTIONS.format(prefix="", source="c.reloptions")},
  {OPTIONS.format(prefix="toast.", source="x.reloptions")},
  CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
  pg_catalog.pg_get_expr(c.relpartbound, c.oid),
  (SELECT pg_catalog.string_agg(pg_catalog.format('%%I.%%I', pn.nspname, pc.relname), ', '
            ORDER BY h.inhseqno)
   FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_class pc ON pc.oid = h.inhparent
   JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace WHERE h.inhrelid = c.oid),
  (SELECT r.srvname FROM pg_catalog.pg_foreign_table g
   JOIN pg_catalog.pg_foreign_server r ON r.oid = g.ftserver WHERE g.ftrelid = c.oid),
  (SELECT {FDW_OPTIONS.format(source="g.ftoptions")}
   FROM pg_catalog.pg_foreign_table g WHERE g.ftrelid = c.oid),
  c.relispopulated::text, pg_catalog.obj_description(c.oid, 'pg_class')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class x ON x.oid = c.reltoastrelid AND c.reltoastrelid <> 0
WHERE c.oid = %s::oid
"""

_SEQUENCES = """
SELECT d.objid::text FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  AND d.refobjid = %s::oid AND d.deptype = 'a' ORDER BY s.relname
"""

_WORDS = {
    "r": "TABLE",
    "p": "TABLE",
    "v": "VIEW",
    "m": "MATERIALIZED VIEW",
    "f": "FOREIGN TABLE",
}
_REPLICA_IDENTITY = {"n": "NOTHING", "f": "FULL"}


@dataclass(frozen=True)
class RelationFacts:
    """What the catalog says of a relation as a whole."""

    name: str
    """With its schema, quoted."""
    kind: str
    persistence: str
    row_security: bool
    forced_security: bool
    replica_identity: str
    partition: bool
    of_type: str | None
    owner: str
    access_method: str | None
    tablespace: str | None
    options: str
    partition_key: str | None
    bound: str | None
    parents: str | None
    server: str | None
    server_options: str | None
    populated: bool
    comment: str | None

    @property
    def word(self) -> str:
        """What it is called in SQL."""
        return _WORDS.get(self.kind, "TABLE")


def _relation(out: DdlWriter, oid: str) -> RelationFacts:
    facts = out.ask_one(_FACTS, oid)
    yes = [each == "true" for each in facts]
    return RelationFacts(
        qualified(facts[0], facts[1]),
        facts[2] or "",
        facts[3] or "",
        yes[4],
        yes[5],
        facts[6] or "",
        yes[7],
        facts[8],
        facts[9] or "",
        facts[10],
        facts[11],
        ", ".join(each for each in facts[12:14] if each),
        facts[14],
        facts[15],
        facts[16],
        facts[17],
        facts[18],
        yes[19],
        facts[20],
    )


def write_relation(out: DdlWriter, oid: str) -> None:
    """All of a relation but its rows."""
    relation = _relation(out, oid)
    columns, constraints = columns_of(out, oid), constraints_of(out, oid)
    sequences = [str(each) for (each,) in out.ask(_SEQUENCES, oid)]
    for each in sequences:
        create_sequence(out, each)
    if relation.kind in "vm":
        _create_view(out, oid, relation)
    else:
        _create_table(out, relation, columns, constraints)
    out.add(f"ALTER {relation.word} {relation.name} OWNER TO {quoted(relation.owner)}")
    _columns_behind(out, relation, columns, constraints)
    for each in sequences:
        finish_sequence(out, each)
    write_indexes(out, oid, relation.name)
    write_statistics(out, oid)
    if relation.partition:
        out.add(
            f"ALTER TABLE ONLY {relation.parents} ATTACH PARTITION {relation.name} {relation.bound}"
        )
    _late_constraints(out, relation, constraints)
    write_rules(out, oid, relation.name)
    write_triggers(out, oid, relation.name)
    if relation.row_security:
        out.add(f"ALTER TABLE {relation.name} ENABLE ROW LEVEL SECURITY")
    if relation.forced_security:
        out.add(f"ALTER TABLE ONLY {relation.name} FORCE ROW LEVEL SECURITY")
    write_policies(out, oid, relation.name)
    if relation.kind in "rpm" and relation.replica_identity in _REPLICA_IDENTITY:
        how = _REPLICA_IDENTITY[relation.replica_identity]
        out.add(f"ALTER TABLE ONLY {relation.name} REPLICA IDENTITY {how}")
    _comments(out, relation, columns, constraints)
    source = "pg_catalog.pg_class c WHERE c.oid = %s::oid"
    out.grants(f"TABLE {relation.name}", "r", source, "c.relacl", "c.relowner", oid)
    for column in columns:
        if column.has_grants:
            out.column_grants(relation.name, quoted(column.name), oid, column.number)


def _create_table(
    out: DdlWriter,
    relation: RelationFacts,
    columns: list[TableColumn],
    constraints: list[TableConstraint],
) -> None:
    named = any(each.kind == "n" for each in constraints)
    inherits = relation.parents is not None and not relation.partition
    typed = relation.of_type is not None
    lines = []
    for column in columns:
        if inherits and not column.local:
            continue
        if typed and column.default is None and (named or not column.not_null):
            continue
        lines.append(
            column_clause(
                out, column, typed=typed, named_not_null=named, partition=relation.partition
            )
        )
    lines += [each.clause for each in constraints if _is_inside(each, relation)]
    prefix = {"u": "UNLOGGED ", "t": "TEMPORARY "}.get(relation.persistence, "")
    head = f"CREATE {prefix}{relation.word} {relation.name}"
    if relation.of_type is not None:
        head += f" OF {relation.of_type}"
    if lines or not typed:
        body = ",\n    ".join(lines)
        head += f" (\n    {body}\n)" if lines else " ()"
    if inherits:
        head += f"\nINHERITS ({relation.parents})"
    if relation.partition_key is not None:
        head += f"\nPARTITION BY {relation.partition_key}"
    if relation.server is not None:
        head += f"\nSERVER {quoted(relation.server)}"
        head += f" OPTIONS ({relation.server_options})" if relation.server_options else ""
    out.add(head + _storage(relation))


def _storage(relation: RelationFacts) -> str:
    text = f"\nUSING {quoted(relation.access_method)}" if relation.access_method else ""
    text += f"\nWITH ({relation.options})" if relation.options else ""
    return text + (f"\nTABLESPACE {quoted(relation.tablespace)}" if relation.tablespace else "")


def _is_inside(constraint: TableConstraint, relation: RelationFacts) -> bool:
    """Whether a constraint stands in CREATE TABLE itself."""
    if not constraint.valid:
        return False
    if constraint.kind == "f":
        return not constraint.from_parent
    return constraint.local or relation.partition or constraint.kind in "pux"


def _late_constraints(
    out: DdlWriter, relation: RelationFacts, constraints: list[TableConstraint]
) -> None:
    """Those that are not checked for the rows that are there: CREATE TABLE would say otherwise."""
    for each in constraints:
        if not each.valid and not each.from_parent and (each.local or each.kind == "f"):
            out.add(f"ALTER {relation.word} {relation.name} ADD {each.clause}")


def _create_view(out: DdlWriter, oid: str, relation: RelationFacts) -> None:
    (body,) = out.ask_one("SELECT pg_catalog.pg_get_viewdef(%s::oid)", oid)
    text = (body or "").rstrip().rstrip(";")
    temporary = "TEMPORARY " if relation.persistence == "t" else ""
    head = f"CREATE {temporary}{relation.word} {relation.name}{_storage(relation)}"
    tail = ""
    if relation.kind == "m":
        tail = "\nWITH DATA" if relation.populated else "\nWITH NO DATA"
    out.add(f"{head} AS\n{text}{tail}")


def _columns_behind(
    out: DdlWriter,
    relation: RelationFacts,
    columns: list[TableColumn],
    constraints: list[TableConstraint],
) -> None:
    named = any(each.kind == "n" for each in constraints)
    inherits = relation.parents is not None and not relation.partition
    for column in columns:
        if relation.kind == "v":
            if column.default is not None:
                out.add(
                    f"ALTER VIEW {relation.name} ALTER COLUMN {quoted(column.name)} "
                    f"SET DEFAULT {column.default}"
                )
            continue
        if inherits and not column.local:
            inherited_changes(out, relation.name, column, named=named)
        column_settings(out, relation.name, column)


def _comments(
    out: DdlWriter,
    relation: RelationFacts,
    columns: list[TableColumn],
    constraints: list[TableConstraint],
) -> None:
    out.comment(f"{relation.word} {relation.name}", relation.comment)
    for column in columns:
        out.comment(f"COLUMN {relation.name}.{quoted(column.name)}", column.comment)
    for each in constraints:
        out.comment(f"CONSTRAINT {quoted(each.name)} ON {relation.name}", each.comment)
