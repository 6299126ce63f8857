"""One line of a grid on its way to the screen: the mark, the cells, the cursor's colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.grid.cells import GAP, Absent, CellValue, Row
from tui.widgets.grid.grid_cells import ColumnWidths, draw_cell, tone_name

MARK = 1
"""Columns of the mark on the left."""

MARKED = "●"
"""The mark."""

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


class GridStyles:
    """The styles of a grid's lines. Each is made once: that takes longer than drawing a cell."""

    def __init__(self, row: Style, component: Callable[[str], Style]) -> None:
        """`row` is the style of a plain row, `component` gives that of a component class."""
        self.row = row
        self._full = component
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


@dataclass(frozen=True)
class GridLine:
    """What one line of a grid shows."""

    row: Row | None
    """The cells; None for the titles of the columns."""
    sign: str = ""
    """What stands in front of it; "" if it is not marked."""
    has_cursor: bool = False
    """Whether the cursor is on the whole row."""
    cursor_column: int | None = None
    """The column of a cursor that is on one cell of this row."""


def draw_view(
    line: GridLine, widths: ColumnWidths, looks: GridStyles, left: int, width: int, frozen: int
) -> Strip:
    """What is seen of a line in a view that is scrolled to `left`: the first `frozen` columns stay
    where they are, the others go behind them."""
    strip, behind = draw_line(line, widths, looks, left=left, width=width)
    view = strip.extend_cell_length(left + width, behind).crop(left, left + width)
    if not frozen:
        return view
    edge = widths.left_of(frozen) + MARK
    head, _ = draw_line(line, widths, looks, left=0, width=edge)
    head = head.extend_cell_length(edge, behind).crop(0, edge - 1)
    rule = Strip([Segment("│", behind + looks.text("dim"))])
    return Strip.join([head, rule, view.crop(edge, width)])


def draw_line(
    line: GridLine, widths: ColumnWidths, looks: GridStyles, *, left: int, width: int
) -> tuple[Strip, Style]:
    """A line from its begin to the right edge of the view, which is scrolled to `left` and `width`
    wide; and the style of what is right of it.

    What is scrolled out on the left is blank: nobody sees it.
    """
    style = _line_style(line, looks)
    segments = [Segment(line.sign or " ", style)]
    control = looks.text("control")
    columns = widths.columns
    at = MARK
    for number, column in enumerate(columns):
        # At the edge of the screen a cell is cut as anywhere else: half a number is another one.
        room = left + width - at
        if room <= 0:
            break
        drawn = widths[number]
        gap = GAP if number < len(columns) - 1 else 1
        at += drawn + GAP
        if at <= left:
            segments.append(Segment(" " * (drawn + gap), style))
            continue
        here = style
        if number == line.cursor_column:
            here += looks.back("cell-cursor")
        if line.row is None:
            value: CellValue = column.title
            tone = ""
        else:
            value = line.row[number] if number < len(line.row) else Absent.MISSING
            tone = tone_name(value)
        if tone:
            here += looks.text(tone)
        segments += draw_cell(
            value,
            min(drawn, room),
            here,
            here + control,
            right=column.align == "right",
            header=line.row is None,
        )
        segments.append(Segment(" " * gap, style))
    return Strip(segments), style


def _line_style(line: GridLine, looks: GridStyles) -> Style:
    if line.row is None:
        return looks.header
    style = looks.row
    if line.sign:
        style += looks.text("marked")
    if line.has_cursor:
        style += looks.back("cursor")
    return style
