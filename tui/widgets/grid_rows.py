"""Rows of a grid that are made when they are drawn, from what a host keeps anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar, overload

from tui.widgets.grid_columns import Row

T = TypeVar("T")


class LazyRows(Sequence[Row], Generic[T]):
    """Looks like a list of rows and holds only what they are made of.

    The cells of 200,000 rows take more memory than all else about them, and a screen shows fifty.
    """

    def __init__(self, items: Iterable[T], make: Callable[[T], Row]) -> None:
        self.items = list(items)
        """What the rows are made of."""
        self._make = make

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self._make(item) for item in self.items[index]]
        return self._make(self.items[index])

    def extend(self, rows: Iterable[Row]) -> None:
        """Add rows below; they are LazyRows of the same items."""
        if not isinstance(rows, LazyRows):
            raise TypeError("only LazyRows can be added to LazyRows")
        self.items.extend(rows.items)
