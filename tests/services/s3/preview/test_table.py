"""Delimited text as rows: shown is what is stored."""

from __future__ import annotations

import pytest

from tui.services.s3.preview.table import read_rows, sniff_delimiter


def cells(text: str, *, truncated: bool = False) -> list[list[str | None]]:
    return read_rows(text, truncated=truncated).rows


def test_values_are_not_interpreted() -> None:
    row = ["007", "NA", "", "9007199254740993", "1e5", "null", " x ", "2026-01-02", "True", "é"]
    text = ",".join(f"c{number}" for number in range(len(row))) + "\n" + ",".join(row) + "\n"
    table = read_rows(text)
    assert table.rows == [row]
    assert table.columns[:2] == ["c0", "c1"]
    assert table.notes == ()


def test_quotes_line_breaks_and_delimiters_inside_fields() -> None:
    text = 'a,b\r\n"x, ""y""","line\nbreak"\r\n"","[red]"\r\n'
    assert cells(text) == [['x, "y"', "line\nbreak"], ["", "[red]"]]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n", ";"),
        ("a\tb\n1, x\t2\n", "\t"),
        ("a|b|c\n1|2|3\n", "|"),
        ("one column\nof text\n", ","),
        ("", ","),
        ('a;b\n"x;y,z,w";2\n', ";"),
    ],
)
def test_the_delimiter_is_found(text: str, delimiter: str) -> None:
    assert sniff_delimiter(text) == delimiter


def test_long_rows_get_columns_and_short_ones_get_nothing() -> None:
    table = read_rows("a,b\n1,2,3,4\n5\n6,\n")
    assert table.columns == ["a", "b", "3", "4"]
    assert table.rows == [
        ["1", "2", "3", "4"],
        ["5", None, None, None],
        ["6", "", None, None],
    ]
    assert len(table.notes) == 2


def test_blank_lines_inside_are_rows_and_those_at_the_end_are_not() -> None:
    assert cells("a,b\n1,2\n\n3,4\n\n\n") == [["1", "2"], [None, None], ["3", "4"]]


def test_a_cut_last_line_is_left_out() -> None:
    assert cells("a,b\n1,2\n3,4", truncated=True) == [["1", "2"]]
    assert cells('a,b\n1,2\n3,"4', truncated=True) == [["1", "2"]]
    assert cells("a,b\n1,2\n3,4\n", truncated=True) == [["1", "2"], ["3", "4"]]
    assert cells("a,b\n1,2\n3,4", truncated=False) == [["1", "2"], ["3", "4"]]


def test_a_quote_that_is_never_closed_does_not_hide_the_rest() -> None:
    table = read_rows('"a,b\n1,2\n3,4\n5', truncated=True, delimiter=",")
    assert table.rows == [["1", "2"], ["3", "4"]]
    assert any("never closed" in note for note in table.notes)


def test_without_a_header_columns_are_numbered() -> None:
    table = read_rows("1,2\n3,4\n", header=False)
    assert table.columns == ["1", "2"]
    assert table.rows == [["1", "2"], ["3", "4"]]


def test_two_columns_may_have_one_name() -> None:
    table = read_rows("a,a\n1,2\n")
    assert table.columns == ["a", "a"]
    assert table.rows == [["1", "2"]]


@pytest.mark.parametrize("text", ["", "\n", "a,b", "a,b\n"])
def test_no_rows_is_an_empty_table(text: str) -> None:
    assert len(read_rows(text).rows) == 0


def test_fields_may_be_very_long() -> None:
    long = "x" * 200_000
    assert cells(f"a,b\n{long},1\n") == [[long, "1"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_ending_ends_a_line(end: str) -> None:
    assert cells(f"a,b{end}1,2{end}") == [["1", "2"]]


def test_one_long_row_does_not_widen_every_other_row_without_a_limit() -> None:
    table = read_rows("1\n" * 10_000 + "," * 10_000 + "\n")
    assert len(table.columns) == 400
    assert all(len(row) == 400 for row in table.rows)
    assert "Only the first 400 of 10,001 columns are shown." in table.notes


def test_the_quote_can_be_another_one_or_none() -> None:
    text = "a,b\n'x,y',\"z\n"
    assert read_rows(text, quote="'").rows == [["x,y", '"z']]
    assert read_rows(text, quote="").rows == [["'x", "y'", '"z']][:1]
    assert read_rows('a\n"x\n', truncated=True, quote="").rows == [['"x']]
