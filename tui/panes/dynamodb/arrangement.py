"""Which of the loaded items are shown, and in which order; kept up to date as items come and go.

Working it out for very many items takes seconds. It is done in slices, between which keys are
answered.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tui.panes.arranging import filter_into, sort_into
from tui.services.dynamodb import AttributeValue, Item, value_to_json
from tui.services.dynamodb.values import (
    BinaryValue,
    BoolValue,
    NumberValue,
    StringValue,
    descriptor,
)

Sort = tuple[str, bool]
"""The attribute to sort by, and whether downwards."""

_TYPE_ORDER = ("N", "S", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
"""Types in the order in which a sort puts them when a column mixes them."""


class ItemArrangement:
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
        if not self.is_complete:
            self._touched.add(number)
        if not new:
            self.remove({number})
        self._insert(self._order, number)
        if self._wanted and self._wanted in self._text_of(number):
            self._insert(self._matches, number)

    def remove(self, gone: set[int]) -> None:
        """These items are gone."""
        # In place: the matches may be filtered into this very list.
        for numbers in (self._order, self._matches):
            numbers[:] = [number for number in numbers if number not in gone]

    # -- arranging -------------------------------------------------------------------------

    def steps(self, text: str, sort: Sort | None) -> Iterator[None]:
        """Show the items that contain a text, in an order; one slice at a step. A call
        that is given up between two steps starts from the beginning the next time."""
        self.is_complete = False
        if self._sorted_by != sort:
            yield from self._sort(sort)
        wanted = text.casefold()
        if wanted != self._wanted or not self._all_looked_at:
            yield from self._look_for(wanted)
        self.is_complete = True

    def _sort(self, sort: Sort | None) -> Iterator[None]:
        self._touched = set()
        order = sorted(self._items)
        if sort is not None:
            numbers, order = order, []
            # An item may change while it is sorted; the one that it was decides then.
            keys: dict[int, tuple[int, Any]] = {}

            def key(number: int) -> tuple[int, Any]:
                if number not in keys:
                    keys[number] = self._key(number, sort)
                return keys[number]

            yield from sort_into(order, numbers, key, descending=sort[1])
        self._sorted_by = sort
        self._order = list(filter(self._is_untouched, order))
        for number in self._touched:
            if number in self._items:
                self._insert(self._order, number)
        self._put_matches_in_order()

    def _look_for(self, wanted: str) -> Iterator[None]:
        narrower = self._all_looked_at and self._wanted and self._wanted in wanted
        candidates = self._matches if narrower else list(self._order)
        self._wanted, self._matches = wanted, []
        if not wanted:
            self._all_looked_at = True
            return
        self._all_looked_at = False
        self._touched = set()
        yield from filter_into(
            self._matches,
            candidates,
            lambda number: self._is_untouched(number) and wanted in self._text_of(number),
        )
        self._all_looked_at = True
        if self._touched:
            self._put_matches_in_order()

    def _is_untouched(self, number: int) -> bool:
        return number in self._items and number not in self._touched

    def _put_matches_in_order(self) -> None:
        matches = set(self._matches)
        self._matches = [number for number in self._order if number in matches]

    # -- the place of one item -------------------------------------------------------------

    def _insert(self, numbers: list[int], number: int) -> None:
        sort = self._sorted_by
        if sort is None:
            insort(numbers, number)
            return
        low, high = 0, len(numbers)
        while low < high:
            middle = (low + high) // 2
            if self._is_before(number, numbers[middle], sort):
                high = middle
            else:
                low = middle + 1
        numbers.insert(low, number)

    def _is_before(self, number: int, other: int, sort: Sort) -> bool:
        first, second = self._key(number, sort), self._key(other, sort)
        if first == second:
            return number < other
        return bool(first > second if sort[1] else first < second)

    def _key(self, number: int, sort: Sort) -> tuple[int, Any]:
        """What an item is sorted by. Without the attribute it comes last in both directions; so
        does one that was removed meanwhile."""
        name, descending = sort
        item = self._items.get(number)
        value = None if item is None else item.get(name)
        if value is None:
            return (-1 if descending else len(_TYPE_ORDER)), 0
        return sort_key(value)


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
