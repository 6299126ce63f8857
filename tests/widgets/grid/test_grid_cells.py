"""The widths of columns follow what is seen, and nothing is looked at in vain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.widgets.grid.cells import Absent, CellValue, Column
from tui.widgets.grid.grid_cells import ColumnWidths


class CountingRow(Sequence[CellValue]):
    """A row that counts how often each of its cells is asked for."""

    def __init__(self, *cells: CellValue) -> None:
        self.cells = cells
        self.asked: list[int] = []

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, index: Any) -> Any:
        self.asked.append(index)
        return self.cells[index]


def test_a_column_that_is_as_wide_as_it_may_be_is_not_looked_at() -> None:
    widths = ColumnWidths([Column("a", max_width=4), Column("b", max_width=4)])
    assert widths.measure([["long text", "x"]])
    row = CountingRow("longer text", "yy")
    assert widths.measure([row])
    assert row.asked == [1]


def test_a_row_may_be_shorter_than_the_columns_and_miss_cells() -> None:
    widths = ColumnWidths([Column("a"), Column("b"), Column("c")])
    assert not widths.measure([CountingRow(Absent.MISSING), []])
    assert widths.measure([CountingRow(Absent.NULL, Absent.MISSING)])
    widths.fit(0)
    assert [widths[number] for number in range(3)] == [4, 1, 1]
