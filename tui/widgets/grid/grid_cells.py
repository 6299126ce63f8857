"""The cells of a grid on their way to the terminal: how wide their columns are, and each made safe,
cut and padded."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from tui.widgets.grid.cells import (
    EDGES,
    GAP,
    Absent,
    Cell,
    CellValue,
    Column,
    Row,
    Tone,
    drawn_text,
)
from tui.widgets.text.safe_text import pieces, visible

MEASURED_ROWS = 200
"""Rows of each page whose widths are measured when it comes; the rest when they are seen."""

LEAST_GROWN = 8
"""What a growing column keeps when there is no room for it."""

_PERHAPS_QUOTED = ("", " ", "'", *(each.value[:1] for each in Absent))
"""How a text begins that may be drawn in apostrophes; see `drawn_text`."""


def cell_pieces(value: CellValue, limit: int, *, header: bool = False) -> list[tuple[str, bool]]:
    """The drawn (text, was made visible) runs, looking at no more than `limit` characters."""
    if isinstance(value, Absent):
        return [(value.value, False)] if value.value else []
    text = value.text if isinstance(value, Cell) else value
    if not header and (text or not isinstance(value, Cell)):
        text = drawn_text(text)
    begins = len(text) - len(text.lstrip(" "))
    if len(text.rstrip(" ")) - begins > limit:
        text = text[: begins + limit]
    return pieces(text, edges=True)


def tone_name(value: CellValue) -> str:
    """The component class that a value's looks come from, without its prefix; empty for plain."""
    if isinstance(value, Absent) or value == "":
        return "absent"
    if isinstance(value, Cell) and value.tone is not Tone.PLAIN:
        return str(value.tone.value)
    return ""


def draw_cell(
    value: CellValue,
    width: int,
    style: Style,
    control: Style,
    *,
    right: bool = False,
    header: bool = False,
) -> list[Segment]:
    """Exactly `width` terminal cells; what is longer ends in an ellipsis.

    `control` is the style of characters that were made visible.
    """
    segments: list[Segment] = []
    room = width
    for text, made_visible in cell_pieces(value, width * 2 + 2, header=header):
        here = control if made_visible else style
        size = cell_len(text)
        if size > room:
            _cut(segments, text, room, here)
            room = 0
            break
        segments.append(Segment(text, here))
        room -= size
    padding = Segment(" " * room, style)
    return [padding, *segments] if right else [*segments, padding]


def _cut(segments: list[Segment], text: str, room: int, style: Style) -> None:
    """Add what fits of `text` and an ellipsis; without room the last segment gives way to it."""
    if room:
        segments.append(Segment(set_cell_size(text, room - 1) + "…", style))
        return
    last = segments.pop()
    short = set_cell_size(last.text, max(cell_len(last.text) - 1, 0))
    segments.append(Segment(short + "…", last.style))


class ColumnWidths:
    """Widths in terminal cells; they grow with what is seen, up to each column's limit."""

    def __init__(self, columns: Sequence[Column] = ()) -> None:
        self.columns = tuple(columns)
        self._content = [_least_width(column) for column in self.columns]
        self._fitted = list(self._content)

    def add(self, columns: Sequence[Column]) -> None:
        """Columns that a later page brought."""
        self.columns += tuple(columns)
        self._content += [_least_width(column) for column in columns]

    def measure(self, rows: Sequence[Row]) -> bool:
        """Widen for the first of `rows`; whether anything became wider."""
        wider = False
        # A column as wide as it may be is not looked at: some rows make a cell only when asked.
        growing = [n for n, each in enumerate(self.columns) if self._content[n] < each.max_width]
        for row in rows[:MEASURED_ROWS]:
            for index in growing:
                if index >= len(row):
                    break
                value = row[index]
                if value is Absent.MISSING:
                    continue  # no wider than any title
                limit = self.columns[index].max_width
                known = self._content[index]
                if known < limit:
                    width = _drawn_width(value, limit)
                    if width > known:
                        self._content[index] = min(width, limit)
                        wider = True
        return wider

    def fit(self, available: int) -> None:
        """Give the growing column what is left over of `available` (0: not known yet)."""
        self._fitted = list(self._content)
        spare = available - self.total
        for index, column in enumerate(self.columns):
            if column.grow and available:
                least = max(column.min_width, LEAST_GROWN)
                self._fitted[index] = max(self._fitted[index] + spare, least)

    @property
    def total(self) -> int:
        """The width of a whole row."""
        return sum(self._fitted) + GAP * max(len(self._fitted) - 1, 0) + EDGES

    def __getitem__(self, index: int) -> int:
        return self._fitted[index]

    def left_of(self, index: int) -> int:
        """Where a column begins, counted from the left end of the row."""
        return sum(self._fitted[:index]) + GAP * index

    def begin_of_view(self, column: int, begin: int, width: int, frozen: int) -> int:
        """Where a view has to begin so that a column is in it, behind those that are `frozen`."""
        if column < frozen:
            return begin
        left = self.left_of(column)
        begin = max(begin, left + self[column] + GAP - width)
        return max(0, min(begin, left - self.left_of(frozen)))

    def column_at(self, x: int, begin: int = 0, frozen: int = 0) -> int:
        """The column that is drawn at `x`, or the last one; in a view that begins at `begin`, where
        the first `frozen` columns stay."""
        if not frozen or x > self.left_of(frozen):
            x += begin
        for index in range(len(self._fitted)):
            if x < self.left_of(index + 1):
                return index
        return max(len(self._fitted) - 1, 0)


def _drawn_width(value: CellValue, limit: int) -> int:
    """How many terminal cells a value needs; of one that is longer than `limit` that it is."""
    if isinstance(value, str) and value[:1] not in _PERHAPS_QUOTED and value.isascii():
        piece = value[:limit]
        if piece.isprintable():
            return len(piece)
    return cell_len("".join(text for text, _ in cell_pieces(value, limit * 2)))


def _least_width(column: Column) -> int:
    """What a column needs for its title, within its limit."""
    title = cell_len(visible(column.title[: column.max_width], edges=True))
    return max(min(title, column.max_width), column.min_width)
