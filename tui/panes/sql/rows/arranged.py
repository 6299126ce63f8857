"""The loaded rows of a result in another order, or only some of them."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from tui.panes.arranging import sort_into
from tui.services.sql import Row
from tui.services.sql.typed_values import Key, ordering

BETWEEN = "\x1f"
"""Stands between the values of a row while a text is looked for in them: nobody types it."""

LOOK_EVERY = 1000
"""Rows after which it is looked whether to stop."""


@dataclass(frozen=True)
class Arrangement:
    """A filter and an order. Without an order the rows stay as they came."""

    text: str = ""
    """What a row contains in one of its values, in any case; empty for all."""
    column: int | None = None
    """What is ordered by."""
    descending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether every row is shown as it came."""
        return not self.text and self.column is None

    def sorted_next(self, column: int) -> Arrangement:
        """Ordered by a column: upwards, then downwards, then as they came."""
        if self.column != column:
            return Arrangement(self.text, column)
        if not self.descending:
            return Arrangement(self.text, column, descending=True)
        return Arrangement(self.text)


class OvertakenError(Exception):
    """Another arrangement is wanted."""


class ArrangedRows(Sequence[Row]):
    """Rows in the order in which they are shown. Each is packed for itself: blocks of the result
    would have to be unpacked for each of them."""

    def __init__(
        self, packed: bytes, starts: array[int], numbers: array[int], order: array[int], of: int
    ) -> None:
        self._packed = packed
        self._starts = starts
        self._numbers = numbers
        self._order = order
        self.of = of
        """How many rows were looked at."""
        self.replaced: Mapping[int, Row] = {}
        """What stands in the place of rows that were changed since, by their numbers."""

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        place = self._order[index]
        if self._numbers[place] in self.replaced:
            return self.replaced[self._numbers[place]]
        row: Row = marshal.loads(self._packed[self._starts[place] : self._starts[place + 1]])  # noqa: S302 - our own
        return row

    def number(self, index: int) -> int:
        """Which of the loaded rows it is."""
        return self._numbers[self._order[index]]


def arrange(
    rows: Sequence[Row],
    types: Sequence[str],
    wanted: Arrangement,
    stopped: Callable[[], bool] = lambda: False,
) -> ArrangedRows:
    """The rows that contain the text, in order; NULL comes last in both directions. For a thread
    of its own; raises OvertakenError."""
    packed = bytearray()
    starts, numbers = array("Q", [0]), array("Q")
    keys: list[Key] = []
    key: Callable[[str | None], Key] | None = None
    if wanted.column is not None:
        key = key_of(types[wanted.column], descending=wanted.descending)
    text = wanted.text.casefold()
    for number, row in enumerate(rows):
        if number % LOOK_EVERY == 0 and stopped():
            raise OvertakenError
        if text and text not in folded(row):
            continue
        packed += marshal.dumps(row)
        starts.append(len(packed))
        numbers.append(number)
        if key is not None and wanted.column is not None:
            keys.append(key(row[wanted.column]))
    order = array("Q", range(len(numbers)))
    if key is not None:
        order = array("Q")
        steps = sort_into(order, range(len(keys)), keys.__getitem__, descending=wanted.descending)
        for _ in steps:
            if stopped():
                raise OvertakenError
    return ArrangedRows(bytes(packed), starts, numbers, order, len(rows))


def folded(row: Row) -> str:
    """All of a row for looking for a text in it."""
    return BETWEEN.join([value for value in row if value is not None]).casefold()


def key_of(type_name: str, *, descending: bool) -> Callable[[str | None], Key]:
    """What a value is sorted by; NULL comes last."""
    of_value = ordering(type_name)
    null = (-1 if descending else 100, 0)
    return lambda value: null if value is None else of_value(value)
