"""What stands beside the rows of the SQL pane: a row as a record, a table with its columns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.cells import cell_len

from tui.panes.row_detail import DetailText, Subject
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.row_edits.staged import CHANGED, DELETED, StagedChanges
from tui.services.sql import Relation, Relations, ResultColumn, Row
from tui.widgets.grid.cells import Absent, drawn_text
from tui.widgets.text.safe_text import visible

LONGEST = 2_000
"""Characters of a value that a record shows; Enter shows the whole."""

WIDEST_NAME = 24
"""Terminal cells of the names beside which the values stand; longer ones push theirs aside."""


def subject_of(
    shown: LoadedResult | Relations | None, at: int | None, column: int = 0
) -> Subject | None:
    """The row at an index of what is shown, to be read from a column on; None if there is none."""
    if at is None or shown is None:
        return None
    if isinstance(shown, Relations):
        relation = shown.found[at]

        async def describe() -> DetailText:
            return DetailText(relation_text(relation))

        return Subject(relation, f"{relation.schema}.{relation.name}", describe)
    columns = shown.result.columns
    if not columns:
        return None
    number = shown.number(at)
    row, signs = with_staged(shown.visible[at], shown.staged)

    async def read() -> DetailText:
        lines = await asyncio.to_thread(record_lines, columns, row, signs)
        begin = sum(len(line) + 1 for line in lines[:column])
        return DetailText("\n".join(lines), begin=begin)

    return Subject((id(shown), number, shown, shown.version), f"Row {number + 1:,}", read)


def with_staged(row: Row, staged: StagedChanges | None) -> tuple[Row, tuple[str, ...]]:
    """A row with the values that are staged, and the sign that stands in front of each."""
    of_row = None if staged is None else staged.of_row(row)
    if staged is None or of_row is None:
        return row, ()
    if of_row.deleted:
        return row, (DELETED,) * len(row)
    values = tuple(staged.value_at(row, at) for at in range(len(row)))
    pairs = zip(row, values, strict=True)
    return values, tuple("" if old == new else CHANGED for old, new in pairs)


def record_lines(
    columns: tuple[ResultColumn, ...], row: Row, signs: Sequence[str] = ()
) -> list[str]:
    """A text for each column: its name, its value. Lines of one value stand below each other.
    `signs` stand in front of the values."""
    before = signs or ("",) * len(row)
    values = [sign + _value(each) for sign, each in zip(before, row, strict=True)]
    return _beside([column.name for column in columns], values)


def _beside(names: list[str], values: list[str]) -> list[str]:
    """The values in one column beside the names."""
    drawn = [visible(name, edges=True) for name in names]
    width = min(max((cell_len(name) for name in drawn), default=0), WIDEST_NAME)
    return [
        name.ljust(len(name) + max(width - cell_len(name), 0) + 2)
        + value.replace("\n", "\n" + " " * (width + 2))
        for name, value in zip(drawn, values, strict=True)
    ]


def _value(value: str | None) -> str:
    if value is None:
        return Absent.NULL.value
    if len(value) > LONGEST:
        return f"{value[:LONGEST]}… ({len(value):,} characters; Enter shows the whole)"
    return drawn_text(value)


def relation_text(relation: Relation) -> str:
    """What a table or view is, and its columns with their types."""
    if relation.columns is None:
        return f"{relation.kind}\n\nIts columns are not known."
    types = [each.type_name + (" NOT NULL" if each.not_null else "") for each in relation.columns]
    names = [each.name for each in relation.columns]
    return "\n".join([relation.kind, "", *_beside(names, types)])
