"""Filtering and sorting in slices: the same result as at once, and no long step."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from tui.panes import arranging
from tui.panes.arranging import filter_into, sort_into

ROWS = [(Random(seed).randrange(50), seed) for seed in range(500)]


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row a step, and several runs to merge."""
    monkeypatch.setattr(arranging, "SLICE", 0.0)
    monkeypatch.setattr(arranging, "RUN", 30)


def every(steps: Iterator[None]) -> int:
    return sum(1 for _ in steps)


@pytest.mark.usefixtures("short_slices")
@pytest.mark.parametrize("descending", [False, True])
def test_the_order_is_that_of_one_stable_sort(descending: bool) -> None:
    found: list[tuple[int, int]] = []
    every(sort_into(found, ROWS, lambda row: row[0], descending=descending))
    assert found == sorted(ROWS, key=lambda row: row[0], reverse=descending)


@pytest.mark.usefixtures("short_slices")
def test_no_step_looks_at_more_than_a_slice() -> None:
    looked: list[int] = []

    def passes(row: tuple[int, int]) -> bool:
        looked.append(row[1])
        return row[0] == 7

    found: list[tuple[int, int]] = []
    for step, _ in enumerate(filter_into(found, ROWS, passes), start=1):
        assert len(looked) == step
    assert found == [row for row in ROWS if row[0] == 7]
    assert every(sort_into([], ROWS, lambda row: row[0])) == 2 * len(ROWS)


@pytest.mark.usefixtures("short_slices")
def test_rows_that_come_while_others_are_filtered_are_taken_in() -> None:
    rows, found = [1, 2, 3], list[int]()
    steps = filter_into(found, rows, lambda row: row > 1)
    next(steps)
    rows += [4, 0, 5]
    every(steps)
    assert found == [2, 3, 4, 5]


def test_few_rows_take_no_second_step() -> None:
    found: list[int] = []
    assert every(filter_into(found, range(20), bool)) == 0
    assert every(sort_into(found, [3, 1, 2], lambda row: row)) == 0
    assert found[-3:] == [1, 2, 3]
