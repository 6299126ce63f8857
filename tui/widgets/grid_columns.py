"""How wide the columns of a grid are, and where each begins."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.widgets.cells import Absent, CellValue, Column
from tui.widgets.grid_cells import cell_pieces
from tui.widgets.safe_text import visible

MEASURED_ROWS = 200
"""Rows of each page whose widths are measured when it comes; the rest when they are seen."""

GAP = 2
"""Blank cells between two columns."""

EDGES = 2
"""The mark on the left and a blank on the right."""

LEAST_GROWN = 8
"""What a growing column keeps when there is no room for it."""

_PERHAPS_QUOTED = ("", " ", "'", *(each.value[:1] for each in Absent))
"""How a text begins that may be drawn in apostrophes; see `drawn_text`."""

Row = Sequence[CellValue]


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

    def column_at(self, x: int) -> int:
        """The column that is drawn at `x`, or the last one."""
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
