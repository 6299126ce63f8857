"""What differs looks different in a grid, in black and white."""

from __future__ import annotations

import itertools

import pytest

from tui.widgets.grid.cells import Absent, Cell, CellValue, drawn_text
from tui.widgets.grid.grid_cells import cell_pieces

LOOKALIKES: tuple[CellValue, ...] = (
    *Absent,
    "",
    " ",
    "NULL",
    "NULL ",
    "'NULL'",
    "'''NULL'''",
    "·",
    "?",
    "'?'",
    "'",
    "''",
    "'''",
    "''''",
    "''''''",
    "' '",
    "(null)",
    "plain",
    "'plain'",
)


def picture(value: CellValue) -> str:
    return "".join(text for text, _ in cell_pieces(value, 100))


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(LOOKALIKES, 2)))
def test_two_values_that_differ_never_look_the_same(first: CellValue, second: CellValue) -> None:
    assert picture(first) != picture(second)


@pytest.mark.parametrize(
    "text", ["plain", "'plain'", "null", "Null", "it's", "'", "NULL?", "NULLABLE", "x" * 5000]
)
def test_text_that_cannot_be_mistaken_stands_as_it_is(text: str) -> None:
    assert drawn_text(text) == text


def test_own_words_without_text_stay_blank() -> None:
    assert picture(Cell("")) == ""
