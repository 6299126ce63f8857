"""Rows of a result in little memory: every value as it came, wherever one looks."""

from __future__ import annotations

import pytest

from tui.panes.sql.packed_rows import KEPT_OPEN, PackedRows, RowsShown, pack
from tui.services.sql import Row
from tui.widgets.grid.cells import LazyRows

ODD: list[Row] = [
    ("", None, "NULL", "\x00"[:0], "ä€🎉", "\udcff", "a\nb\tc", " "),
    (None,) * 8,
    ("NaN", "-Infinity", "0044-03-15 BC", "1e999", "{}", "x" * 100_000, "\x1b[31m", "'"),
]


def filled(pages: int, size: int = 10) -> tuple[PackedRows, list[Row]]:
    every: list[Row] = [(str(number), None if number % 3 else "") for number in range(pages * size)]
    rows = PackedRows(tuple(every[:size]))
    for start in range(size, len(every), size):
        page = every[start : start + size]
        rows.put_packed(rows.add(page), pack(page))
    return rows, every


def first_cell(row: Row) -> tuple[str]:
    return (row[0] or "",)


def test_values_come_back_as_they_went_in() -> None:
    rows = PackedRows()
    for _ in range(KEPT_OPEN + 2):
        rows.put_packed(rows.add(ODD), pack(ODD))
    assert list(rows) == ODD * (KEPT_OPEN + 2)
    assert [type(row) for row in rows[:3]] == [tuple] * 3


def test_any_row_is_found_in_any_order() -> None:
    rows, every = filled(50)
    assert len(rows) == 500
    for at in (499, 0, 250, 9, 10, 11, 499, 123, -1, -500):
        assert rows[at] == every[at]
    assert rows[95:205] == every[95:205]
    assert rows[490:1000] == every[490:]
    for at in (500, -501):
        with pytest.raises(IndexError):
            rows[at]


def test_only_a_few_pages_are_held_unpacked() -> None:
    rows, _ = filled(50)
    list(rows)
    assert len(rows._open) == KEPT_OPEN


def test_a_page_is_read_before_it_is_packed() -> None:
    rows, every = filled(2)
    more = [("later", None)]
    number = rows.add(more)
    assert list(rows) == [*every, *more]
    before = rows.bytes
    rows.put_packed(number, pack(more))
    assert rows.bytes > before
    assert list(rows) == [*every, *more]


def test_a_page_without_rows_changes_nothing() -> None:
    rows, every = filled(2)
    rows.add([])
    assert list(rows) == every


def test_a_grid_sees_what_was_there_when_it_looked_and_what_is_added() -> None:
    rows, every = filled(3)
    shown = LazyRows(RowsShown(rows, 0, 10), first_cell)
    assert len(shown) == 10
    shown.extend(LazyRows(RowsShown(rows, 10, 25), first_cell))
    assert [cells[0] for cells in shown[0:99]] == [row[0] for row in every[:25]]
    assert shown[24] == ("24",)
    assert shown.items[-1] == every[24]
    with pytest.raises(IndexError):
        shown[25]
    with pytest.raises(TypeError):
        RowsShown(rows, 0, 1).extend([("x",)])
