"""The items that are loaded, and how they are shown: columns, filter, order. No widget here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui.panes.dynamodb.cells import cell_of
from tui.services.dynamodb import (
    AttributeValue,
    Item,
    ItemPage,
    PageToken,
    Query,
    Source,
    TableInfo,
    numbers,
)
from tui.services.dynamodb.typed_json import value_to_json
from tui.services.dynamodb.values import (
    BinaryValue,
    BoolValue,
    NumberValue,
    StringValue,
    descriptor,
)
from tui.services.quantities import at_least
from tui.widgets.cells import CellValue, Column, plain_text

_TYPE_ORDER = ("N", "S", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
"""Types in the order in which a sort puts them when a column mixes them."""


class ItemsView:
    """What one scan, query or read by key has given so far."""

    def __init__(
        self,
        table: TableInfo,
        source: Source,
        *,
        query: Query | None = None,
        by_key: Item | None = None,
    ) -> None:
        self.table = table
        self.source = source
        self.query = query
        """None for a scan."""
        self.by_key = by_key
        """The key that was read, if the view is a single item."""
        self.items: list[Item] = []
        self.names: list[str] = list(table.key_names)
        """Attribute names in the order of the columns: keys first, then as they appeared."""
        self.token: PageToken | None = None
        self.complete = False
        """Whether the last page has come."""
        self.examined = 0
        self.consumed: float | None = None
        self.filter = ""
        self.sort: tuple[str, bool] | None = None
        """(attribute, descending); None keeps the order of the service."""
        self.shown: list[int] = []
        """Indices of `items` in the order of the grid."""
        self._rows: list[list[CellValue]] = []
        self._texts: dict[int, str] = {}
        """What a row says, folded for the filter; made when it is first filtered."""
        self._positions: dict[tuple[AttributeValue | None, ...], int] = {}
        self._numeric: dict[str, bool] = {}
        index = table.index(source.index) if source.index else None
        if index is not None:
            self._add_names(key.name for key in (index.partition, index.sort) if key)

    # -- content ---------------------------------------------------------------------------

    def add_page(self, page: ItemPage) -> None:
        """Take a page. An item that is known by its key is replaced, never shown twice."""
        for item in page.items:
            self.put(item)
        self.token = page.token
        self.complete = page.token is None
        self.examined += page.examined
        self.add_cost(page.consumed)

    def add_cost(self, units: float | None) -> None:
        """Count capacity units that the view has used."""
        if units is not None:
            self.consumed = (self.consumed or 0) + units

    def put(self, item: Item) -> None:
        """Add an item, or replace the one with its key."""
        self._add_names(item)
        for name, value in item.items():
            self._numeric.setdefault(name, isinstance(value, NumberValue))
        row = [cell_of(item.get(name)) for name in self.names]
        position = self._positions.get(self._key(item))
        if position is None:
            self._positions[self._key(item)] = len(self.items)
            self.items.append(item)
            self._rows.append(row)
        else:
            self.items[position] = item
            self._rows[position] = row
            self._texts.pop(position, None)

    def remove(self, *items: Item) -> None:
        """Forget the items with these keys."""
        gone = {self._positions.get(self._key(item)) for item in items} - {None}
        if gone:
            kept = [number for number in range(len(self.items)) if number not in gone]
            self.items = [self.items[number] for number in kept]
            self._rows = [self._rows[number] for number in kept]
            self._texts.clear()
            self._positions = {self._key(each): number for number, each in enumerate(self.items)}

    @property
    def wants_more(self) -> bool:
        """Whether reading on fills the view. A filter looks at what is loaded: it must not read
        the whole table by itself."""
        return not self.complete and not self.filter

    @property
    def whole(self) -> bool:
        """Whether the items are whole: not read through an index that leaves attributes out."""
        index = self.table.index(self.source.index) if self.source.index else None
        return index is None or index.projection.complete

    # -- what the grid shows ---------------------------------------------------------------

    @property
    def columns(self) -> list[Column]:
        return [self._column(name) for name in self.names]

    def arrange(self) -> list[list[CellValue]]:
        """Filter and sort; gives the rows and settles `shown`."""
        wanted = self.filter.casefold()
        self.shown = [
            number
            for number in range(len(self.items))
            if not wanted or wanted in self._text(number)
        ]
        if self.sort is not None:
            name, descending = self.sort
            there = [number for number in self.shown if name in self.items[number]]
            there.sort(key=lambda number: sort_key(self.items[number][name]), reverse=descending)
            self.shown = there + [n for n in self.shown if name not in self.items[n]]
        return [self._rows[number] for number in self.shown]

    def item_at(self, row: int) -> Item:
        """The item in a row of the grid."""
        return self.items[self.shown[row]]

    def row_of(self, item: Item) -> int | None:
        """The row in which the item with that key is shown; None if it is not."""
        position = self._positions.get(self._key(item))
        return self.shown.index(position) if position in self.shown else None

    @property
    def state(self) -> str:
        """How much is loaded, as the location line says it."""
        count = at_least(len(self.items), "item", complete=self.complete)
        if self.filter:
            count = f"{len(self.shown):,} of {count}"
        parts = [count]
        if self.examined > len(self.items):
            parts.append(f"{self.examined:,} examined")
        if self.sort is not None:
            name, descending = self.sort
            loaded = "" if self.complete else "loaded ones "
            parts.append(f"{loaded}by {name} {'▼' if descending else '▲'}")
        if self.consumed is not None:
            parts.append(f"{self.consumed:g} RCU")
        return " · ".join(parts)

    # -- inside ----------------------------------------------------------------------------

    def _text(self, number: int) -> str:
        text = self._texts.get(number)
        if text is None:
            text = "\0".join(plain_text(cell) for cell in self._rows[number]).casefold()
            self._texts[number] = text
        return text

    def _key(self, item: Item) -> tuple[AttributeValue | None, ...]:
        return tuple(item.get(name) for name in self.table.key_names)

    def _add_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.names:
                self.names.append(name)

    def _column(self, name: str) -> Column:
        title = name
        key = next((key for key in self.table.key if key.name == name), None)
        if key is not None:
            role = "sort" if key == self.table.sort else "key"
            title = f"{name} ({key.type.value}, {role})"
        if self.sort is not None and self.sort[0] == name:
            title += " ▼" if self.sort[1] else " ▲"
        return Column(title, align="right" if self._numeric.get(name) else "left")


def sort_key(value: AttributeValue) -> tuple[int, Any]:
    """Orders values by type, then numbers by exact value and text as DynamoDB does: by bytes."""
    rank = _TYPE_ORDER.index(descriptor(value))
    match value:
        case NumberValue(text):
            return rank, numbers.parse(text)
        case StringValue(text):
            return rank, text.encode("utf-8", "surrogatepass")
        case BinaryValue(data):
            return rank, data
        case BoolValue(flag):
            return rank, flag
    return rank, value_to_json(value, indent=None)
