"""The rows of a result, packed: a million rows of ten columns take about 30 MB instead of 800."""

from __future__ import annotations

import marshal
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import overload

from tui.services.sql import Row
from tui.widgets.grid.cells import CompactItems

KEPT_OPEN = 4
"""Blocks that are kept unpacked: what is on the screen, and a few places where it was before."""

FAST = 1
"""The level of zlib that costs the least time."""

Block = bytes
"""The rows of a page, packed."""


def pack(rows: Sequence[Row]) -> Block:
    """Pack the rows of a page. Of a page of 4 MB it takes a tenth of a second: not for the event
    loop."""
    # Only what this process has packed is ever unpacked by it.
    return zlib.compress(marshal.dumps(list(rows)), FAST)


class PackedRows(Sequence[Row]):
    """Every row that came so far, in the server's order."""

    def __init__(self, first: Sequence[Row] = ()) -> None:
        """`first` stays unpacked: most results have one page, and it is shown at once."""
        self._first = first
        self._first_bytes: int | None = None
        """None until somebody asks: to count takes as long as to make the page."""
        self._packed_bytes = 0
        self._blocks: list[Block | Sequence[Row]] = []
        """The pages after the first, each packed or still to be packed."""
        self._starts: list[int] = []
        self._length = len(first)
        self._open: OrderedDict[int, Sequence[Row]] = OrderedDict()
        self.replaced: dict[int, Row] = {}
        """What stands in the place of rows that were changed since they came."""

    def snapshot(self) -> PackedRows:
        """The rows that are here now, for another thread; the packed ones are shared."""
        taken = PackedRows()
        taken._first, taken._length = self._first, self._length
        taken._first_bytes, taken._packed_bytes = self._first_bytes, self._packed_bytes
        taken._blocks, taken._starts = list(self._blocks), list(self._starts)
        taken.replaced = dict(self.replaced)
        return taken

    @property
    def bytes(self) -> int:
        """About how much memory they take: characters of the first page, the others as packed."""
        if self._first_bytes is None:
            self._first_bytes = sum(map(len, filter(None, chain.from_iterable(self._first))))
        return self._first_bytes + self._packed_bytes

    def add(self, rows: Sequence[Row]) -> int:
        """Add a page below. It stays unpacked until `put_packed` is called with its number, which
        this gives."""
        if rows:
            self._blocks.append(rows)
            self._starts.append(self._length)
            self._length += len(rows)
        return len(self._blocks) - 1

    def put_packed(self, number: int, block: Block) -> None:
        """Hold the page of this number as `block`, what `pack` made of it."""
        rows = self._blocks[number]
        if not isinstance(rows, bytes):
            self._keep_open(number, rows)
            self._blocks[number] = block
            self._packed_bytes += len(block)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._length))]
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(index)
        if index in self.replaced:
            return self.replaced[index]
        if index < len(self._first):
            return self._first[index]
        number = bisect_right(self._starts, index) - 1
        return self._block(number)[index - self._starts[number]]

    def _block(self, number: int) -> Sequence[Row]:
        block = self._blocks[number]
        if not isinstance(block, bytes):
            return block
        rows = self._open.get(number)
        if rows is None:
            rows = marshal.loads(zlib.decompress(block))  # noqa: S302 - our own
            self._keep_open(number, rows)
        else:
            self._open.move_to_end(number)
        return rows

    def _keep_open(self, number: int, rows: Sequence[Row]) -> None:
        self._open[number] = rows
        if len(self._open) > KEPT_OPEN:
            self._open.popitem(last=False)


class RowsShown(CompactItems[Row]):
    """A part of the rows of a result, as a grid shows them."""

    def __init__(self, rows: Sequence[Row], start: int, stop: int) -> None:
        self._rows = rows
        self._start = start
        self._stop = stop

    def __len__(self) -> int:
        return self._stop - self._start

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> RowsShown: ...
    def __getitem__(self, index: int | slice) -> Row | RowsShown:
        if isinstance(index, slice):
            start, stop, _ = index.indices(len(self))
            return RowsShown(self._rows, self._start + start, self._start + max(start, stop))
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._rows[self._start + index]

    def extend(self, items: Iterable[Row]) -> None:
        if not isinstance(items, RowsShown):
            raise TypeError("only rows of the same result can be added")
        self._stop += len(items)
