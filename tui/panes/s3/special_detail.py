"""What stands beside an object that is neither text nor plain bytes: the first rows of a Parquet
file or a workbook, a small picture."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.style import Style

from tui.panes.row_detail import DRAWING, DetailText
from tui.panes.s3.preview.rows import cells
from tui.services.formats.picture import is_picture, small
from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.objects import Beginning
from tui.services.s3.preview.tables import is_table
from tui.widgets.grid.cells import Absent, CellValue, Column
from tui.widgets.grid.grid_cells import ColumnWidths, draw_cell
from tui.widgets.picture import half_blocks

LARGEST_WHOLE = 2 * 1024 * 1024
"""Bytes of a workbook or a picture, which are read whole, that the cursor alone asks for."""

WIDEST_TABLE = 60
"""Columns of a Parquet file whose rows the cursor alone asks for: each column is a read."""

ROWS = 50
WIDEST_CELL = 24
HEIGHT = 24
"""Lines of a picture."""


async def special_detail(s3: S3Service, beginning: Beginning) -> DetailText | None:
    """The detail of such an object; None for any other. Raises ServiceError; INVALID if it is
    damaged or a library is missing."""
    if is_picture(beginning.data):
        if beginning.size > LARGEST_WHOLE:
            return _too_large("picture", beginning)
        whole = beginning
        if beginning.truncated:
            whole = await s3.read_more(beginning, beginning.size - len(beginning.data))
        picture = await asyncio.to_thread(small, whole.data, DRAWING, 2 * HEIGHT)
        return DetailText("", picture.facts, drawing=await asyncio.to_thread(half_blocks, picture))
    if is_table(beginning):
        return await _table(s3, beginning)
    return None


def _too_large(what: str, beginning: Beginning) -> DetailText:
    return DetailText(f"A {what} of {size_text(beginning.size)}: Enter shows it.")


async def _table(s3: S3Service, beginning: Beginning) -> DetailText:
    if beginning.data.startswith(b"PK") and beginning.size > LARGEST_WHOLE:
        return _too_large("workbook", beginning)
    source = await s3.open_table(beginning)
    if len(source.columns) > WIDEST_TABLE and beginning.size > LARGEST_WHOLE:
        names = "\n".join(source.columns)
        return DetailText(names, f"{source.facts}. Its columns; Enter shows rows.", wrap=False)
    rows = await s3.table_rows(source, ROWS)
    absent = Absent.BLANK if source.sheets else Absent.NULL
    text = await asyncio.to_thread(drawn_table, source.columns, rows, absent)
    return DetailText(text, f"{source.facts}.", wrap=False)


def drawn_table(titles: Sequence[str], rows: Sequence[Sequence[str | None]], absent: Absent) -> str:
    """A table in columns, drawn as a grid draws it, with `absent` for None; empty without columns.

    What is longer than a cell is cut.
    """
    columns = [Column(name, max_width=WIDEST_CELL) for name in titles]
    if not columns:
        return ""
    values = cells(rows, absent)
    widths = ColumnWidths(columns)
    widths.measure(values)
    widths.fit(0)
    lines = [_drawn(list(titles), widths, header=True)]
    lines.append("  ".join("─" * widths[at] for at in range(len(columns))))
    return "\n".join([*lines, *(_drawn(row, widths) for row in values)])


def _drawn(row: Sequence[CellValue], widths: ColumnWidths, *, header: bool = False) -> str:
    plain = Style()
    drawn = (
        "".join(part.text for part in draw_cell(cell, widths[at], plain, plain, header=header))
        for at, cell in enumerate(row)
    )
    return "  ".join(drawn).rstrip()
