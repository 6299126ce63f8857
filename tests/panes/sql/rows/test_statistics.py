"""Figures about a column, exact and of any value."""

from __future__ import annotations

import pytest

from tui.panes.sql.rows.arranged import OvertakenError
from tui.panes.sql.rows.statistics import described, statistics


def test_numbers_are_counted_and_summed_exactly() -> None:
    found = statistics(["9007199254740993", "0.1", None, "0.2", "0.2"], "numeric")
    assert (found.rows, found.nulls, found.distinct) == (5, 1, 3)
    assert (found.least, found.greatest) == ("0.1", "9007199254740993")
    assert f"{found.total:f}" == "9007199254740993.5"
    assert found.mean == "2251799813685248.375"
    assert found.top[0] == ("0.2", 2)
    text = described(found)
    assert "NULL       1 (20.0%)" in text
    assert "sum        9007199254740993.5" in text


def test_what_is_not_finite_is_in_no_mean_and_that_is_said() -> None:
    found = statistics(["NaN", "1", "3", "-Infinity"], "double precision")
    assert (found.mean, found.least, found.greatest) == ("2", "-Infinity", "NaN")
    assert "without 2 that are NaN or infinite" in described(found)


def test_the_spread_is_in_parts_of_the_same_width() -> None:
    found = statistics([str(n) for n in range(100)] + ["0"] * 10, "integer")
    assert [each.count for each in found.bins] == [20, *[10] * 9]
    assert [each.begins for each in found.bins][:2] == ["0", "10"]
    dates = statistics(["0044-03-15 BC", "2024-01-01", "infinity", "2024-01-02"], "date")
    assert [each.count for each in dates.bins] == [1, *[0] * 8, 2]
    assert (dates.least, dates.greatest) == ("0044-03-15 BC", "infinity")


def test_hostile_texts_are_told_apart_and_shown_on_one_line() -> None:
    long, other = "x" * 1_000_000, "x" * 999_999 + "y"
    found = statistics([long, other, long, "", "NULL", "a\nb", None, "[/]"], "text")
    assert (found.distinct, found.nulls) == (6, 1)
    text = described(found)
    assert "1,000,000 characters" in text
    assert "''" in text
    assert "a␊b" in text
    assert not found.bins


@pytest.mark.parametrize("values", [[], [None, None], ["1"], ["x"]])
def test_few_values_are_no_error(values: list[str | None]) -> None:
    for kind in ("integer", "text", "date"):
        assert "rows" in described(statistics(values, kind))


def test_it_ends_when_it_is_not_wanted_any_more() -> None:
    with pytest.raises(OvertakenError):
        statistics(["1"] * 10_000, "integer", lambda: True)
