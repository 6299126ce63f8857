"""The columns and constraints inside CREATE TABLE, and what is said of columns behind it."""

from __future__ import annotations

from dataclasses import dataclass

from tui.services.sql.ddl.sequences import identity_options
from tui.services.sql.ddl.writing import FDW_OPTIONS, OPTIONS, DdlWriter, quoted
from tui.services.sql.models import Row

_COLUMNS = """
SELECT a.attnum::text, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
  a.attnotnull::text, a.attidentity::text, a.attgenerated::text,
  pg_catalog.pg_get_expr(f.adbin, f.adrelid),
  CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation THEN (
    SELECT pg_catalog.format('%%I.%%I', n.nspname, l.collname) FROM pg_catalog.pg_collation l
    JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
  a.attislocal::text,
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
  {compression}, nullif(coalesce(a.attstattarget, -1), -1)::text, {options}, {fdw},
  pg_catalog.col_description(a.attrelid, a.attnum),
  (SELECT d.objid::text FROM pg_catalog.pg_depend d
   WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = a.attrelid
     AND d.refobjsubid = a.attnum AND d.deptype = 'i' AND a.attidentity <> ''
     AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass),
  (SELECT pg_catalog.bool_or(u.attnotnull)::text FROM pg_catalog.pg_inherits h
   JOIN pg_catalog.pg_attribute u ON u.attrelid = h.inhparent AND u.attname = a.attname
   WHERE h.inhrelid = a.attrelid),
  (SELECT pg_catalog.min(pg_catalog.pg_get_expr(v.adbin, v.adrelid)) FROM pg_catalog.pg_inherits h
   JOIN pg_catalog.pg_attribute u ON u.attrelid = h.inhparent AND u.attname = a.attname
   JOIN pg_catalog.pg_attrdef v ON v.adrelid = u.attrelid AND v.adnum = u.attnum
   WHERE h.inhrelid = a.attrelid),
  (a.attacl IS NOT NULL)::text
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_GENERATED = {"s": "STORED", "v": "VIRTUAL"}

_CONSTRAINTS = """
SELECT k.conname, k.contype::text, pg_catalog.pg_get_constraintdef(k.oid),
  k.conislocal::text, k.convalidated::text, (k.conparentid <> 0)::text,
  pg_catalog.obj_description(k.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint k
WHERE k.conrelid = %s::oid AND k.contype IN ('c', 'p', 'u', 'x', 'f', 'n')
ORDER BY pg_catalog.strpos('npuxcf', k.contype::text), k.conname
"""


@dataclass(frozen=True)
class TableColumn:
    """What the catalog says of a column."""

    number: str
    name: str
    type_name: str
    not_null: bool
    identity: str
    generated: str
    default: str | None
    collation: str | None
    local: bool
    """Whether the table itself declares it, be it inherited or not."""
    storage: str | None
    """Where it is not the one of its type."""
    compression: str | None
    statistics: str | None
    options: str | None
    fdw_options: str | None
    comment: str | None
    sequence: str | None
    """The sequence of an identity column."""
    inherited_not_null: bool
    inherited_default: str | None
    has_grants: bool


@dataclass(frozen=True)
class TableConstraint:
    """What the catalog says of a constraint."""

    name: str
    kind: str
    definition: str
    local: bool
    valid: bool
    from_parent: bool
    """Whether the partitioned table above has it, too."""
    comment: str | None

    @property
    def clause(self) -> str:
        """As it stands in CREATE TABLE and behind ADD."""
        return f"CONSTRAINT {quoted(self.name)} {self.definition}"


def columns_of(out: DdlWriter, oid: str) -> list[TableColumn]:
    """The columns of a relation in their order."""
    text = _COLUMNS.format(
        compression="nullif(a.attcompression::text, '')" if out.version >= 140000 else "NULL",
        options=OPTIONS.format(prefix="", source="a.attoptions"),
        fdw=FDW_OPTIONS.format(source="a.attfdwoptions"),
    )
    return [_column(row) for row in out.ask(text, oid)]


def _column(row: Row) -> TableColumn:
    return TableColumn(
        row[0] or "",
        row[1] or "",
        row[2] or "",
        row[3] == "true",
        row[4] or "",
        row[5] or "",
        row[6],
        row[7],
        row[8] == "true",
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        row[16] == "true",
        row[17],
        row[18] == "true",
    )


def constraints_of(out: DdlWriter, oid: str) -> list[TableConstraint]:
    """The constraints of a relation: keys first, references last."""
    return [
        TableConstraint(
            name or "",
            kind or "",
            definition or "",
            local == "true",
            valid == "true",
            parent == "true",
            comment,
        )
        for name, kind, definition, local, valid, parent, comment in out.ask(_CONSTRAINTS, oid)
    ]


def column_clause(
    out: DdlWriter, column: TableColumn, *, typed: bool, named_not_null: bool, partition: bool
) -> str:
    """One column as it stands in CREATE TABLE. `typed`: its type comes from that of the table;
    `named_not_null`: NOT NULL is among the constraints."""
    parts = [quoted(column.name)]
    if typed:
        parts.append("WITH OPTIONS")
    else:
        parts.append(column.type_name)
        if column.fdw_options:
            parts.append(f"OPTIONS ({column.fdw_options})")
        if column.collation:
            parts.append(f"COLLATE {column.collation}")
    # A partition takes the identity of the table that it is attached to, from version 17 on.
    inherits = partition and out.version >= 170000
    if column.sequence is not None and not inherits:
        always = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        options = identity_options(out, column.sequence)
        parts.append(f"GENERATED {always} AS IDENTITY ({options})")
    elif column.generated:
        how = _GENERATED.get(column.generated, "STORED")
        parts.append(f"GENERATED ALWAYS AS ({column.default}) {how}")
    elif column.default is not None:
        parts.append(f"DEFAULT {column.default}")
    if column.not_null and not named_not_null:
        parts.append("NOT NULL")
    return " ".join(parts)


def inherited_changes(out: DdlWriter, table: str, column: TableColumn, *, named: bool) -> None:
    """What a child has otherwise than its parent in a column that it does not declare itself."""
    alter = f"ALTER TABLE ONLY {table} ALTER COLUMN {quoted(column.name)}"
    if column.default != column.inherited_default and not column.generated:
        value = f"SET DEFAULT {column.default}" if column.default is not None else "DROP DEFAULT"
        out.add(f"{alter} {value}")
    if column.not_null and not column.inherited_not_null and not named:
        out.add(f"{alter} SET NOT NULL")


def column_settings(out: DdlWriter, table: str, column: TableColumn) -> None:
    """How a column is stored and what is gathered about it."""
    alter = f"ALTER TABLE ONLY {table} ALTER COLUMN {quoted(column.name)}"
    if column.storage:
        out.add(f"{alter} SET STORAGE {_STORAGE.get(column.storage, column.storage)}")
    if column.compression:
        out.add(f"{alter} SET COMPRESSION {_COMPRESSION.get(column.compression, 'default')}")
    if column.statistics:
        out.add(f"{alter} SET STATISTICS {column.statistics}")
    if column.options:
        out.add(f"{alter} SET ({column.options})")
