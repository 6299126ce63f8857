"""Loaded rows that are filtered and ordered."""

from __future__ import annotations

import pytest

from tui.panes.sql.packed_rows import PackedRows, pack
from tui.panes.sql.rows.arranged import Arrangement, OvertakenError, arrange
from tui.services.sql import Row

TYPES = ("integer", "text")
ROWS: list[Row] = [("10", "b"), (None, "NULL"), ("9", None), ("-1", ""), ("9", "B\x1b[31m[/]")]


def test_rows_are_ordered_by_value_and_null_comes_last_in_both_directions() -> None:
    up = arrange(ROWS, TYPES, Arrangement(column=0))
    assert [row[0] for row in up] == ["-1", "9", "9", "10", None]
    down = arrange(ROWS, TYPES, Arrangement(column=0, descending=True))
    assert [row[0] for row in down] == ["10", "9", "9", "-1", None]
    assert [down.number(at) for at in range(5)] == [0, 2, 4, 3, 1]


def test_rows_are_filtered_by_a_text_in_one_value_in_any_case() -> None:
    found = arrange(ROWS, TYPES, Arrangement("B"))
    assert list(found) == [ROWS[0], ROWS[4]]
    assert (len(found), found.of, found.number(1)) == (2, 5, 4)
    assert list(arrange(ROWS, TYPES, Arrangement("null"))) == [ROWS[1]]
    # Not across two values.
    assert list(arrange(ROWS, TYPES, Arrangement("10b"))) == []


def test_both_at_once_and_the_next_order_of_a_column() -> None:
    wanted = Arrangement("9").sorted_next(1)
    assert list(arrange(ROWS, TYPES, wanted)) == [ROWS[4], ROWS[2]]
    assert wanted.sorted_next(1) == Arrangement("9", 1, descending=True)
    assert wanted.sorted_next(1).sorted_next(1) == Arrangement("9")
    assert wanted.sorted_next(0) == Arrangement("9", 0)


def test_it_ends_when_another_arrangement_is_wanted() -> None:
    with pytest.raises(OvertakenError):
        arrange(ROWS, TYPES, Arrangement(column=0), lambda: True)


def test_packed_rows_are_ordered_while_more_are_loaded() -> None:
    rows = PackedRows([(str(n), "x") for n in range(500)])
    for page in range(4):
        more: list[Row] = [(str(n), "x") for n in range(500 + page * 100, 600 + page * 100)]
        rows.put_packed(rows.add(more), pack(more))
    taken = rows.snapshot()
    rows.add([("0", "later")])
    found = arrange(taken, TYPES, Arrangement(column=0, descending=True))
    assert [row[0] for row in found[:3]] == ["899", "898", "897"]
    assert len(found) == 900
