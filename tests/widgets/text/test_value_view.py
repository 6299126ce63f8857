"""The rows of a long value: all of it, none wider than the view, each made by itself."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len

from tests.hostile import HOSTILE_TEXT
from tui.widgets.text import value_view
from tui.widgets.text.safe_text import visible
from tui.widgets.text.value_view import ValueRows

LINES = ["", "plain", "x" * 50, "tab\there", "漢字" * 15, "é" * 33, "\x1b[31mred", *HOSTILE_TEXT]


def text_of(rows: ValueRows, number: int, left: int = 0, width: int = 999) -> str:
    return "".join(text for text, _ in rows.row(number, left, width))


@pytest.mark.parametrize("width", [1, 7, 40])
def test_rows_hold_everything_and_fit(width: int) -> None:
    for line in LINES:
        if "\n" in line:
            continue
        rows = ValueRows(line, width)
        drawn = [text_of(rows, number) for number in range(len(rows))]
        assert "".join(drawn) == visible(line, multiline=True)
        assert all(cell_len(text) <= max(width, 2) for text in drawn)
        assert rows.widest <= width


def test_lines_that_are_not_wrapped_are_drawn_from_a_column_on() -> None:
    rows = ValueRows("0123456789\n漢字ab\n\tx", 0)
    assert (len(rows), rows.widest) == (3, 10)
    assert text_of(rows, 0, 3, 4) == "3456"
    assert [text_of(rows, 1, left) for left in range(5)] == ["漢字ab", " 字ab", "字ab", " ab", "ab"]
    assert text_of(rows, 2, 3) == " x"
    assert text_of(rows, 2, 9) == ""


@pytest.mark.parametrize("width", [0, 10])
def test_a_line_of_many_parts_is_whole(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setattr(value_view, "CHUNK", 25)
    value = "".join(random.Random(1).choices("abc漢é\x00", k=500))
    rows = ValueRows(value, width)
    assert "".join(text_of(rows, number) for number in range(len(rows))) == visible(value)
    assert len(rows) >= 500 / 25


@pytest.mark.parametrize("at", [0, 9, 10, 24, 29])
def test_what_cannot_be_drawn_is_found_in_any_piece_of_a_long_line(
    monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(value_view, "PIECE", 10)
    monkeypatch.setattr(value_view, "AT_ONCE", 20)
    rows = ValueRows("a" * at + "\x1b" + "b" * (29 - at), 0)
    assert [each for each in rows.row(0, 0, 40) if each[1]] == [("␛", True)]
    assert ValueRows("a" * 30, 0).row(0, 0, 40) == [("a" * 30, False)]


def test_a_place_is_found_again_in_another_width() -> None:
    value = "\n".join("word " * (number % 7) for number in range(100))
    wide, narrow = ValueRows(value, 80), ValueRows(value, 8)
    assert len(narrow) > len(wide) == 100
    row = narrow.first_row(wide.unit_at(55))
    assert narrow.unit_at(row) == 55
    assert narrow.unit_at(len(narrow) + 5) == 99
