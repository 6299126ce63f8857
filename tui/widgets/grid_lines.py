"""One line of a grid on its way to the screen: the mark, the cells, the cursor's colours."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.grid_cells import draw_cell, tone_name
from tui.widgets.grid_columns import GAP, ColumnWidths

if TYPE_CHECKING:
    from tui.widgets.grid import Grid

MARK = 1
"""Columns of the mark on the left."""

HEADER = -1
"""Stands for the index of a row: the titles of the columns."""

COMPONENT_CLASSES = {
    "grid--header",
    "grid--cursor",
    "grid--cell-cursor",
    "grid--marked",
    "grid--absent",
    "grid--control",
    "grid--dim",
    "grid--accent",
    "grid--success",
    "grid--warning",
    "grid--error",
}

CSS = """
Grid {
    height: 1fr;
    background: $surface;
    color: $foreground;
    &.-empty { height: 1; }
    scrollbar-size-vertical: 1;
    scrollbar-size-horizontal: 1;
    scrollbar-color: $foreground 25%;
    scrollbar-color-hover: $foreground 40%;
    scrollbar-background: $surface;
    scrollbar-background-hover: $surface;
    scrollbar-background-active: $surface;
    & > .grid--header { text-style: bold; color: $text-primary; background: $panel; }
    & > .grid--cursor { background: $foreground 12%; }
    &:focus > .grid--cursor { background: $primary 60%; text-style: bold; }
    & > .grid--cell-cursor { background: $foreground 20%; }
    &:focus > .grid--cell-cursor { background: $primary; text-style: bold; }
    & > .grid--marked { color: $text-warning; }
    & > .grid--absent { color: $text-muted; text-style: italic; }
    & > .grid--control { color: $text-muted; text-style: reverse; }
    & > .grid--dim { color: $text-muted; }
    & > .grid--accent { color: $text-accent; }
    & > .grid--success { color: $text-success; }
    & > .grid--warning { color: $text-warning; }
    & > .grid--error { color: $text-error; }
}
"""


class Looks:
    """The styles of a grid's lines. Each is made once: that takes longer than drawing a cell."""

    def __init__(self, grid: Grid) -> None:
        self.row = grid.rich_style
        self._full = grid.get_component_rich_style
        self._texts: dict[str, Style] = {}
        self._backs: dict[str, Style] = {}

    @cached_property
    def header(self) -> Style:
        return self._full("grid--header")

    def text(self, name: str) -> Style:
        """How a component class changes text: its colour and attributes, not its background."""
        style = self._texts.get(name)
        if style is None:
            full = self._full(f"grid--{name}")
            style = self._texts[name] = Style(
                color=full.color,
                italic=full.italic,
                bold=full.bold,
                dim=full.dim,
                # Not False, which would end the reverse of a cursor.
                reverse=full.reverse or None,
            )
        return style

    def back(self, name: str) -> Style:
        """How a component class changes what is behind text."""
        style = self._backs.get(name)
        if style is None:
            full = self._full(f"grid--{name}")
            style = self._backs[name] = Style(
                bgcolor=full.bgcolor, bold=full.bold, reverse=full.reverse or None
            )
        return style


def draw_line(grid: Grid, index: int, widths: ColumnWidths) -> tuple[Strip, Style]:
    """A row, or the header, as wide as the view needs it; and the style of what is right of it.

    What is scrolled out on the left is blank: nobody sees it.
    """
    header = index == HEADER
    looks = grid.looks
    style = looks.header if header else _row_style(grid, index)
    segments = [Segment("●" if index in grid.marked else " ", style)]
    view_left = int(grid.scroll_x)
    edge = view_left + grid.size.width
    control = looks.text("control")
    last = len(grid.columns) - 1
    left = MARK
    for number, column in enumerate(grid.columns):
        # At the edge of the screen a cell is cut as anywhere else: half a number is another one.
        room = edge - left
        if room <= 0:
            break
        width = widths[number]
        gap = GAP if number < last else 1
        left += width + GAP
        if left <= view_left:
            segments.append(Segment(" " * (width + gap), style))
            continue
        value = column.title if header else grid.cell_at(index, number)
        here = style
        if grid.cursor_type == "cell" and (index, number) == (grid.cursor_row, grid.cursor_column):
            here += looks.back("cell-cursor")
        tone = "" if header else tone_name(value)
        if tone:
            here += looks.text(tone)
        segments += draw_cell(
            value,
            min(width, room),
            here,
            here + control,
            right=column.align == "right",
            header=header,
        )
        segments.append(Segment(" " * gap, style))
    return Strip(segments), style


def _row_style(grid: Grid, index: int) -> Style:
    style = grid.looks.row
    if index in grid.marked:
        style += grid.looks.text("marked")
    if index == grid.cursor_row and grid.cursor_type == "row":
        style += grid.looks.back("cursor")
    return style
