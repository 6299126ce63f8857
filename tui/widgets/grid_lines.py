"""One line of a grid on its way to the screen: the mark, the cells, the cursor's colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.cells import CellValue
from tui.widgets.grid_cells import draw_cell, tone_name
from tui.widgets.grid_columns import GAP, ColumnWidths

if TYPE_CHECKING:
    from tui.widgets.grid import Grid

MARK = 1
"""Columns of the mark on the left."""

HEADER = -1
"""Stands for the index of a row: the titles of the columns."""


def draw_line(grid: Grid, index: int, widths: ColumnWidths) -> tuple[Strip, Style]:
    """A row, or the header, over its whole width; and the style of what is right of it."""
    header = index == HEADER
    if header:
        style = grid.get_component_rich_style("grid--header")
        cells: list[CellValue] = [column.title for column in grid.columns]
    else:
        style = _row_style(grid, index)
        cells = [grid.cell_at(index, number) for number in range(len(grid.columns))]
    segments = [Segment("●" if index in grid.marked else " ", style)]
    edge = int(grid.scroll_x) + grid.size.width
    for number, value in enumerate(cells):
        # At the edge of the screen a cell is cut as anywhere else: half a number is another one.
        room = edge - MARK - widths.left_of(number)
        if room <= 0:
            break
        here = style
        if grid.cursor_type == "cell" and (index, number) == (grid.cursor_row, grid.cursor_column):
            here += _back_style(grid, "cell-cursor")
        tone = "" if header else tone_name(value)
        if tone:
            here += _text_style(grid, tone)
        segments += draw_cell(
            value,
            min(widths[number], room),
            here,
            here + _text_style(grid, "control"),
            right=grid.columns[number].align == "right",
            header=header,
        )
        segments.append(Segment(" " * GAP if number < len(cells) - 1 else " ", style))
    return Strip(segments), style


def _row_style(grid: Grid, index: int) -> Style:
    style = grid.rich_style
    if index in grid.marked:
        style += _text_style(grid, "marked")
    if index == grid.cursor_row and grid.cursor_type == "row":
        style += _back_style(grid, "cursor")
    return style


def _text_style(grid: Grid, name: str) -> Style:
    """How a component class changes text: its colour and attributes, not its background."""
    full = grid.get_component_rich_style(f"grid--{name}")
    return Style(
        color=full.color, italic=full.italic, bold=full.bold, dim=full.dim, reverse=full.reverse
    )


def _back_style(grid: Grid, name: str) -> Style:
    """How a component class changes what is behind text."""
    full = grid.get_component_rich_style(f"grid--{name}")
    return Style(bgcolor=full.bgcolor, bold=full.bold)
