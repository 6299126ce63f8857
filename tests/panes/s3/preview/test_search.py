"""Search inside a preview."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tests.panes.s3.preview.test_dialog import opened
from tui.panes.s3.preview.search import begin_of, find_cell
from tui.services.s3.preview.text_search import find_in_bytes, find_text
from tui.widgets.grid.grid import Grid
from tui.widgets.text.value_view import CHUNK, ValueRows, units_before


def test_a_text_is_found_forwards_and_backwards_round_the_end() -> None:
    text = "One two one"
    assert find_text(text, "ONE", None, 1, around=True) == 0
    assert find_text(text, "one", 0, 1, around=True) == 8
    assert find_text(text, "one", 8, 1, around=True) == 0
    assert find_text(text, "one", 0, -1, around=True) == 8
    assert find_text(text, "one", 8, -1, around=True) == 0
    assert find_text(text, "three", 0, 1, around=True) is None
    assert find_text("İx", "X", None, 1, around=True) is None
    assert find_text(text, "one", 8, 1, around=False) is None


@pytest.mark.parametrize(
    ("encoding", "before", "wanted"),
    [
        ("utf-8", "ü\udcff€", "MÜNCHEN"),
        ("cp1252", "ü€", "MÜNCHEN"),
        ("utf-16-le", "ü\U0001f600", "MÜNCHEN"),
        ("shift_jis", "日本", "TEXT"),
    ],
)
def test_the_offset_of_a_hit_is_that_of_its_bytes(encoding: str, before: str, wanted: str) -> None:
    errors = "surrogateescape" if encoding == "utf-8" else "strict"
    first = before.encode(encoding, errors)
    data = first + f"{wanted.lower()} and more".encode(encoding)
    assert find_in_bytes(data, wanted, encoding) == len(first)
    assert find_in_bytes(first, wanted, encoding) is None


def test_a_line_begins_behind_the_line_end_before_it() -> None:
    assert [begin_of("a\n\nbc", line) for line in range(4)] == [0, 2, 3, 5]


def test_a_cell_is_found_forwards_and_backwards_round_the_end() -> None:
    rows = [("a", "x"), ("X", "b"), ("c", "d")]
    assert find_cell(rows, "x", (0, 0), 1, True) == (0, 1)
    assert find_cell(rows, "x", (0, 1), 1, False) == (1, 0)
    assert find_cell(rows, "x", (1, 0), 1, False) == (0, 1)
    assert find_cell(rows, "x", (1, 0), -1, False) == (0, 1)
    assert find_cell(rows, "z", (0, 0), 1, True) is None
    assert find_cell([], "z", (0, 0), 1, True) is None


def test_a_place_in_a_long_text_is_found_among_its_rows() -> None:
    text = "one\n" + "ü" * (2 * CHUNK) + "\nlast"
    rows = ValueRows(text, 0)
    assert [units_before(text, at) for at in (0, 4, 4 + CHUNK, len(text) - 1)] == [0, 1, 2, 3]
    assert rows.first_row(units_before(text, len(text) - 1)) == len(rows) - 1


async def test_a_preview_is_searched(browse: Browse, bucket: str, put: Put) -> None:
    put({"people.csv": b"id,name\n1,Ada\n2,Bob\n3,Adam\n"})
    async with browse(f"s3://{bucket}/") as person:
        screen = await opened(person)
        grid = screen.query_one(Grid)
        await person.press("/")
        await person.sees("Search in the preview")
        await person.press(*"ada", "enter")
        await person.sees("in row 1")
        await person.press("n")
        await person.sees("in row 3")
        assert (grid.cursor_row, grid.cursor_column) == (2, 1)
        await person.press("N")
        await person.sees("in row 1")


@pytest.mark.parametrize("key", ["long.txt", "long.csv"])
async def test_a_search_goes_on_behind_what_is_loaded(
    browse: Browse, bucket: str, put: Put, key: str
) -> None:
    rows = [f"{number},x{number:06}" for number in range(60_000)]
    rows[5] = rows[40_000] = rows[50_000] = "7,Needle"
    put({key: ("id,name\n" + "\n".join(rows)).encode()})
    async with browse(f"s3://{bucket}/") as person:
        await opened(person)
        await person.press("/")
        await person.sees("Search in the preview")
        await person.press(*"needle", "enter")
        await person.sees("“needle” in ")
        await person.press("n")
        await person.sees("not found again in the part that is loaded; n looks on")
        await person.press("n")
        await person.sees("x040001", "“needle” ")
        await person.press("n")
        await person.sees("x049999", "“needle” ")
        await person.press("n")
        await person.sees("n looks on")
        await person.press("n")
        await person.sees("not found in the rest of the object")
