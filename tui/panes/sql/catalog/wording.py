"""How the lines of the catalog are worded."""

from __future__ import annotations

from tui.panes.sql.catalog.tree import TreeLine
from tui.services.quantities import size_text
from tui.services.quoting import quote_identifier
from tui.services.sql.objects.models import PARTS, DbObject, Group, GroupOf, ObjectKind
from tui.widgets.grid.cells import Absent, Cell, CellValue, Tone

COLUMNS_ARE_WIDE = 70
"""Terminal cells from which on a line has room for what an object is."""

_WITH_ROWS = frozenset(
    {ObjectKind.TABLE, ObjectKind.PARTITIONED, ObjectKind.MATERIALIZED, ObjectKind.FOREIGN}
)
_WITH_SIZE = frozenset(
    {ObjectKind.TABLE, ObjectKind.PARTITIONED, ObjectKind.MATERIALIZED, ObjectKind.DATABASE}
)
_TOLD_APART = frozenset(
    {
        ObjectKind.PARTITIONED, ObjectKind.PROCEDURE, ObjectKind.AGGREGATE, ObjectKind.WINDOW,
        ObjectKind.ENUM, ObjectKind.DOMAIN, ObjectKind.RANGE, ObjectKind.COMPOSITE, ObjectKind.BASE,
    }
)  # fmt: skip
"""Kinds that stand in one group with others."""

_ACCENTED = frozenset({ObjectKind.DATABASE, ObjectKind.SCHEMA})


def name_cell(line: TreeLine, *, sought: bool) -> Cell:
    """The name of a line in its place in the tree."""
    indent = "│ " * line.depth
    if line.said:
        tone = Tone.ERROR if line.said.startswith("✗") else Tone.DIM
        return Cell(indent + line.said, tone)
    node = line.node
    mark = "  " if not node.has_branch else "▾ " if node.is_open else "▸ "
    entry = node.entry
    if isinstance(entry, GroupOf):
        count = "?" if entry.count is None else f"{entry.count:,}"
        return Cell(f"{indent}{mark}{group_label(entry)} ({count})", Tone.DIM)
    assert entry is not None
    label = shown_name(entry.label)
    if sought and node.depth == 0 and entry.schema:
        label = f"{shown_name(entry.schema)}.{label}"
    # A line of a grid must not begin with blanks: they would be drawn as signs.
    text = f"{indent}{mark}{label}" if mark.strip() or indent else f"· {label}"
    return Cell(text, Tone.ACCENT if entry.kind in _ACCENTED else Tone.PLAIN)


def narrow_cell(line: TreeLine, *, sought: bool) -> Cell:
    """The same where there is no column for what an object is: it stands behind the name of a
    part, which means little without it."""
    cell = name_cell(line, sought=sought)
    what = line.object
    if what is None or not what.about or what.kind not in PARTS | {ObjectKind.INDEX}:
        return cell
    return Cell(f"{cell.text}  {what.about}", cell.tone)


def group_label(entry: GroupOf) -> str:
    """The word for the objects of a group."""
    if entry.group is Group.PARTITIONS and entry.of.kind is not ObjectKind.PARTITIONED:
        return "inheriting tables"
    return entry.label


def shown_name(name: str) -> str:
    """A name as it is drawn: in quotes if its blanks could not be seen."""
    return name if name and name == name.strip() else f'"{name}"'


def about_cell(line: TreeLine, *, sought: bool) -> CellValue:
    """What an object is, and what was said about it."""
    what = line.object
    if what is None:
        return Absent.BLANK
    kind = what.kind.value if sought and line.node.depth == 0 else ""
    if not kind and what.kind in _TOLD_APART:
        kind = what.kind.value
    elif not kind and what.kind is ObjectKind.DATABASE and not what.current:
        kind = "Enter connects to it"
    parts = [kind, what.about, f"-- {what.comment}" if what.comment else ""]
    text = "  ".join(part for part in parts if part)
    return Cell(text, Tone.DIM) if text else Absent.BLANK


def rows_cell(line: TreeLine) -> CellValue:
    """About how many rows it has, by the server's own estimate."""
    what = line.object
    if what is None or what.kind not in _WITH_ROWS:
        return Absent.BLANK
    return Absent.UNKNOWN if what.rows is None else f"~{what.rows:,}"


def size_cell(line: TreeLine) -> CellValue:
    """How much room it takes, with its indexes."""
    what = line.object
    if what is None or (what.kind not in _WITH_SIZE and what.size is None):
        return Absent.BLANK
    return Absent.UNKNOWN if what.size is None else size_text(what.size)


def facts(line: TreeLine | None) -> str:
    """One object in a line: what it is, whose, how large, what was said about it."""
    if line is None:
        return ""
    what = line.object
    if what is None:
        return line.said
    parts = [what.kind.value]
    if what.about:
        parts.append(what.about)
    if what.kind in _WITH_ROWS:
        parts.append("rows unknown" if what.rows is None else f"about {what.rows:,} rows")
    if what.kind in _WITH_SIZE:
        parts.append("size unknown" if what.size is None else size_text(what.size))
    if what.owner:
        parts.append(f"owner {what.owner}")
    text = " · ".join(parts)
    return f"{text}\n{what.comment}" if what.comment else text


def select_all(what: DbObject, columns: tuple[str, ...]) -> str:
    """A SELECT that names every column."""
    names = ", ".join(map(quote_identifier, columns)) or "*"
    return f"SELECT {names} FROM {what.short_name}"  # noqa: S608 - quoted, and shown
