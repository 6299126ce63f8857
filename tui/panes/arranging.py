"""Filtering and sorting very many rows in slices, between which keys are answered.

Each generator here takes one slice of work at a step and yields between two of them; it has ended
when the work is done. What is found goes to the end of a list of the caller's, which may be drawn
after each step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, MutableSequence
from heapq import merge
from operator import itemgetter
from typing import Any, TypeVar

T = TypeVar("T")

SLICE = 0.01
"""Seconds that one step takes; a single very large row may make it a little longer."""

RUN = 2000
"""Rows that are sorted at once; sorted runs of that length are then merged step by step."""


class Slice:
    """Says when a slice of work is over."""

    def __init__(self) -> None:
        self._end = 0.0
        self.begin()

    def begin(self) -> None:
        """Another slice begins now: call it after each yield, for others worked meanwhile."""
        self._end = time.monotonic() + SLICE

    @property
    def is_over(self) -> bool:
        """Whether to yield work."""
        return time.monotonic() >= self._end


def filter_into(
    found: MutableSequence[T], rows: Iterable[T], passes: Callable[[T], bool]
) -> Iterator[None]:
    """Put the rows that pass into `found`. Rows that are added to the list `rows` meanwhile are
    taken in, too."""
    work = Slice()
    for row in rows:
        if passes(row):
            found.append(row)
        if work.is_over:
            yield
            work.begin()


def sort_into(
    found: MutableSequence[T],
    rows: Iterable[T],
    key: Callable[[T], Any],
    *,
    descending: bool = False,
) -> Iterator[None]:
    """Put the rows into `found` in the order of their keys; of equals, the earlier one first.

    Nothing is in `found` before all rows were looked at. Runs are sorted and then merged: to sort
    all at once would hold the interpreter for seconds. A key is made twice rather than kept, and
    must be the same each time: to look through millions of kept ones would take the garbage
    collector a fifth of a second.
    """
    work = Slice()
    runs: list[list[T]] = []
    run: list[tuple[Any, T]] = []
    for row in rows:
        run.append((key(row), row))
        if len(run) == RUN:
            runs.append(_sorted(run, descending))
            run = []
        if work.is_over:
            yield
            work.begin()
    runs.append(_sorted(run, descending))
    for row in merge(*map(_emptied, runs), key=key, reverse=descending):
        found.append(row)
        if work.is_over:
            yield
            work.begin()


_KEY = itemgetter(0)


def _sorted(run: list[tuple[Any, T]], descending: bool) -> list[T]:
    run.sort(key=_KEY, reverse=descending)
    return [row for _, row in run]


def _emptied(run: list[T]) -> Iterator[T]:
    """The run from its beginning. Each row is let go at once: to free all of them at the end would
    be one long step."""
    run.reverse()
    while run:
        yield run.pop()
