"""Which of the loaded items are shown, and in which order. No widget here.

Working this out for very many items takes seconds. It is done in slices, between which keys are
answered, and it is kept up to date as items come and go.
"""

from __future__ import annotations

import time
from bisect import insort
from collections.abc import Callable, Generator, Iterator, Mapping
from decimal import Decimal
from heapq import merge
from operator import itemgetter
from typing import Any

from tui.services.dynamodb import AttributeValue, Item
from tui.services.dynamodb.json_writer import value_to_json
from tui.services.dynamodb.values import (
    BinaryValue,
    BoolValue,
    NumberValue,
    StringValue,
    descriptor,
)

SLICE = 0.01
"""Seconds that one step takes; a very large item may make it a little longer."""

RUN = 2000
"""Items that are sorted at once; runs of that length are merged step by step."""

Sort = tuple[str, bool]
"""The attribute to sort by, and whether downwards."""

_TYPE_ORDER = ("N", "S", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
"""Types in the order in which a sort puts them when a column mixes them."""


class Arrangement:
    """A filter and an order over numbered items. Without an order, numbers go upwards."""

    def __init__(self, items: Mapping[int, Item], text_of: Callable[[int], str]) -> None:
        """`text_of` gives what an item says on screen, folded."""
        self.is_complete = True
        """Whether every step was taken: `shown` is what was asked for."""
        self._items = items
        self._text_of = text_of
        self._order: list[int] = []
        """Every item, in the order of `_sorted_by`."""
        self._sorted_by: Sort | None = None
        self._matches: list[int] = []
        """The items that contain `_wanted`, as far as they were looked at."""
        self._wanted = ""
        self._all_looked_at = True
        self._touched: set[int] = set()
        """Items that came or changed since sorting, or looking at the items, began."""

    @property
    def shown(self) -> list[int]:
        """The numbers of the items to show. While it is not complete: those found so far, in the
        order before. Not to be changed."""
        return self._matches if self._wanted else self._order

    # -- items that come and go ------------------------------------------------------------

    def put(self, number: int, *, new: bool) -> None:
        """An item came, or another one took its place."""
        self._touched.add(number)
        if not new:
            self.remove({number})
        self._insert(self._order, number)
        if self._wanted and self._wanted in self._text_of(number):
            self._insert(self._matches, number)

    def remove(self, gone: set[int]) -> None:
        """These items are gone."""
        self._order = [number for number in self._order if number not in gone]
        self._matches = [number for number in self._matches if number not in gone]

    # -- arranging -------------------------------------------------------------------------

    def steps(self, text: str, sort: Sort | None) -> Iterator[None]:
        """Show the items that contain a text, in an order; one slice at a step. Whoever gives up
        between two steps starts anew with the next call."""
        self.is_complete = False
        if self._sorted_by != sort:
            yield from self._sort(sort)
        wanted = text.casefold()
        if wanted != self._wanted or not self._all_looked_at:
            yield from self._look_for(wanted)
        self.is_complete = True

    def _sort(self, sort: Sort | None) -> Iterator[None]:
        self._touched = set()
        if sort is None:
            order = sorted(self._items)
        else:
            order = yield from self._sorted(sorted(self._items), *sort)
        self._sorted_by = sort
        late = [number for number in self._touched if number in self._items]
        self._order = [
            number for number in order if number in self._items and number not in self._touched
        ]
        for number in late:
            self._insert(self._order, number)
        self._put_matches_in_order()

    def _sorted(
        self, unsorted: list[int], name: str, descending: bool
    ) -> Generator[None, None, list[int]]:
        runs: list[list[tuple[Any, int]]] = []
        run: list[tuple[Any, int]] = []
        without: list[int] = []
        pause = _Pause()
        for number in unsorted:
            value = self._items[number].get(name) if number in self._items else None
            if value is None:
                without.append(number)
            else:
                run.append((sort_key(value), number))
            if len(run) == RUN:
                run.sort(key=itemgetter(0), reverse=descending)
                runs.append(run)
                run = []
            if pause.is_due():
                yield
        run.sort(key=itemgetter(0), reverse=descending)
        runs.append(run)
        order: list[int] = []
        for _, number in merge(*runs, key=itemgetter(0), reverse=descending):
            order.append(number)
            if pause.is_due():
                yield
        return order + without

    def _look_for(self, wanted: str) -> Iterator[None]:
        narrower = self._all_looked_at and self._wanted and self._wanted in wanted
        candidates = self._matches if narrower else list(self._order)
        self._wanted, self._matches = wanted, []
        if not wanted:
            self._all_looked_at = True
            return
        self._all_looked_at = False
        self._touched = set()
        pause = _Pause()
        for number in candidates:
            is_there = number in self._items and number not in self._touched
            if is_there and wanted in self._text_of(number):
                self._matches.append(number)
            if pause.is_due():
                yield
        self._all_looked_at = True
        if self._touched:
            self._put_matches_in_order()

    def _put_matches_in_order(self) -> None:
        matches = set(self._matches)
        self._matches = [number for number in self._order if number in matches]

    # -- the place of one item -------------------------------------------------------------

    def _insert(self, numbers: list[int], number: int) -> None:
        if self._sorted_by is None:
            insort(numbers, number)
            return
        low, high = 0, len(numbers)
        while low < high:
            middle = (low + high) // 2
            if self._before(number, numbers[middle], *self._sorted_by):
                high = middle
            else:
                low = middle + 1
        numbers.insert(low, number)

    def _before(self, number: int, other: int, name: str, descending: bool) -> bool:
        mine, its = self._items[number].get(name), self._items[other].get(name)
        if mine is None or its is None:
            return number < other if mine is its else its is None
        first, second = sort_key(mine), sort_key(its)
        if first == second:
            return number < other
        return bool(first > second if descending else first < second)


class _Pause:
    """Says when a slice is over."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SLICE

    def is_due(self) -> bool:
        now = time.monotonic()
        if now < self._end:
            return False
        # The slice after this one begins when the caller comes back, which may be later.
        self._end = now + SLICE
        return True


def sort_key(value: AttributeValue) -> tuple[int, Any]:
    """Orders values by type, then numbers by exact value and text as DynamoDB does: by bytes."""
    rank = _TYPE_ORDER.index(descriptor(value))
    match value:
        case NumberValue(text):
            # Made of text and compared, a Decimal is exact, whatever the number of digits.
            return rank, Decimal(text)
        case StringValue(text):
            return rank, text.encode("utf-8", "surrogatepass")
        case BinaryValue(data):
            return rank, data
        case BoolValue(flag):
            return rank, flag
    return rank, value_to_json(value, indent=None)
