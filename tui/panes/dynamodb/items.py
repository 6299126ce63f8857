"""The items that are loaded, and how they are shown: columns, rows and marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.panes.dynamodb.arrangement import ItemArrangement, Sort
from tui.panes.dynamodb.cells import cell_of
from tui.services.dynamodb import (
    AttributeValue,
    Item,
    ItemPage,
    ItemSource,
    PageToken,
    Query,
    TableInfo,
)
from tui.services.dynamodb.values import NumberValue
from tui.services.quantities import at_least, counted
from tui.widgets.grid.cells import CellValue, Column, plain_text


class ItemList:
    """What one scan, query or read by key has given so far."""

    def __init__(
        self,
        table: TableInfo,
        source: ItemSource,
        *,
        query: Query | None = None,
        by_key: Item | None = None,
    ) -> None:
        self.table = table
        self.source = source
        self.query = query
        """None for a scan."""
        self.by_key = by_key
        """The key that was read, if the list is a single item."""
        self.items: dict[int, Item] = {}
        """By number, in the order in which they came. No number is used twice."""
        self.names: list[str] = list(table.key_names)
        """Attribute names in the order of the columns: keys first, then as they appeared."""
        self._known_names = set(self.names)
        self.token: PageToken | None = None
        self.complete = False
        """Whether the last page has come."""
        self.examined = 0
        self.consumed: float | None = None
        self.filter = ""
        """Only items that contain this text are shown; `arrange` makes it so."""
        self.sort: Sort | None = None
        """(attribute, descending); None keeps the order of the service. `arrange` makes it so."""
        self.shown: list[int] = []
        """Numbers of the items, row by row; `settle` and `settle_page` bring it up to date."""
        self.marked: set[int] = set()
        """Numbers of the marked items."""
        self._texts: dict[int, str] = {}
        """What the cells of an item say, folded for the filter; made when it is first filtered."""
        self._arrangement = ItemArrangement(self.items, self._text)
        self._rows_changed = False
        """Whether a row went or changed since `shown` was settled."""
        self._next = 0
        self._numbers: dict[tuple[AttributeValue | None, ...], int] = {}
        self._numeric: dict[str, bool] = {}
        """Whether the first value of an attribute was a number."""
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
        """Count capacity units that were used for it."""
        if units is not None:
            self.consumed = (self.consumed or 0) + units

    def put(self, item: Item) -> None:
        """Add an item, or replace the one with its key."""
        self._add_names(item)
        for name in item:
            if name not in self._numeric:
                self._numeric[name] = isinstance(item[name], NumberValue)
        key = self._key(item)
        number = self._numbers.get(key)
        is_new = number is None
        if number is None:
            number = self._numbers[key] = self._next
            self._next += 1
        else:
            self._texts.pop(number, None)
            self._rows_changed = True
        self.items[number] = item
        self._arrangement.put(number, new=is_new)

    def remove(self, *items: Item) -> None:
        """Forget the items with these keys. To be followed by `settle` at once."""
        found = (self._numbers.pop(self._key(item), None) for item in items)
        gone = {number for number in found if number is not None}
        for number in gone:
            del self.items[number]
            self._texts.pop(number, None)
        if gone:
            self.marked -= gone
            self._arrangement.remove(gone)
            self._rows_changed = True

    @property
    def wants_more(self) -> bool:
        """Whether further pages are read by themselves. A filter looks at what is loaded: it must
        not read the whole table."""
        return not self.complete and not self.filter

    @property
    def whole(self) -> bool:
        """Whether the items are whole: not read through an index that leaves attributes out."""
        index = self.table.index(self.source.index) if self.source.index else None
        return index is None or index.projection.complete

    # -- rows ------------------------------------------------------------------------------

    @property
    def columns(self) -> list[Column]:
        return [self._column(name) for name in self.names]

    def cells(self, item: Item) -> list[CellValue]:
        """The row of an item, in the columns that there are now."""
        return [cell_of(item.value(name)) for name in self.names]

    def sort_by(self, column: int) -> None:
        """Ask for the order of a column: upwards, downwards, then as the items came."""
        name = self.names[min(column, len(self.names) - 1)]
        following: dict[Sort | None, Sort | None] = {
            (name, False): (name, True),
            (name, True): None,
        }
        self.sort = following.get(self.sort, (name, False))

    def arrange(self) -> Iterator[None]:
        """Filter and sort as asked, one short step after the other; then see `settle`."""
        return self._arrangement.steps(self.filter, self.sort)

    @property
    def is_arranged(self) -> bool:
        """Whether every step of filtering and sorting was taken."""
        return self._arrangement.is_complete

    def settle(self) -> None:
        """Show what is found by now. Marks go with their items; what is not shown has none."""
        self.shown = list(self._arrangement.shown)
        self._rows_changed = False
        if self.marked and self.is_arranged:
            self.marked &= set(self.shown)

    def settle_page(self) -> bool:
        """Show what a page added below; False if the rows above it change, too: see `settle`."""
        if self._rows_changed or self.sort is not None or not self.is_arranged:
            return False
        self.shown += self._arrangement.shown[len(self.shown) :]
        return True

    def shown_items(self, first: int = 0) -> list[Item]:
        """The items of the rows, from a row on."""
        return [self.items[number] for number in self.shown[first:]]

    def item_at(self, row: int) -> Item:
        """The item in a row."""
        return self.items[self.shown[row]]

    def row_of(self, item: Item) -> int | None:
        """The row in which the item with that key is shown; None if it is not."""
        number = self._numbers.get(self._key(item))
        return self.shown.index(number) if number is not None and number in self.shown else None

    # -- marks -----------------------------------------------------------------------------

    def toggle_mark(self, row: int) -> None:
        """Mark or unmark the item in a row."""
        self.marked ^= {self.shown[row]}

    def toggle_all_marks(self) -> None:
        """Mark every item that is shown; if all are marked, unmark them."""
        everything = set(self.shown)
        self.marked = set() if self.marked == everything else everything

    @property
    def marked_rows(self) -> list[int]:
        """The rows with a mark, downwards."""
        if not self.marked:
            return []
        return [row for row, number in enumerate(self.shown) if number in self.marked]

    def targets(self, row: int) -> list[Item]:
        """The items that a verb acts on: the marked ones, or else the one in this row."""
        rows = self.marked_rows or ([row] if row < len(self.shown) else [])
        return [self.items[self.shown[each]] for each in rows]

    # -- what is said ----------------------------------------------------------------------

    @property
    def state(self) -> str:
        """How much is loaded, as the location line says it."""
        count = at_least(len(self.items), "item", complete=self.complete)
        if self.filter:
            count = f"{len(self.shown):,} of {count}"
        if not self.is_arranged:
            count += ", still looking" if self.filter else ", sorting"
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

    def why_empty(self) -> str:
        """Why there is no row, and what to do about it."""
        if not self.is_arranged:
            return f"Looking for {self.filter!r} in {counted(len(self.items), 'item')}…"
        if self.items:
            return (
                f"None of the {len(self.items):,} loaded items contains {self.filter!r}.\n"
                "Press Esc to remove the filter."
            )
        if not self.complete:
            return (
                f"Examined {self.examined:,} items, matched 0; there are more.\n"
                "Press Enter to go on, or Backspace to go back."
            )
        if self.by_key is not None:
            return "No item has this key now.\nPress Backspace to go back to the table."
        if self.query is not None:
            examined = f"{self.examined:,} examined"
            return f"No item matches the query ({examined}).\nPress Ctrl+F for another query."
        what = "index" if self.source.index else "table"
        return f"The {what} is empty.\nPress n to put an item."

    # -- inside ----------------------------------------------------------------------------

    def _text(self, number: int) -> str:
        text = self._texts.get(number)
        if text is None:
            cells = map(cell_of, self.items[number].values())
            text = self._texts[number] = "\0".join(map(plain_text, cells)).casefold()
        return text

    def _key(self, item: Item) -> tuple[AttributeValue | None, ...]:
        return tuple(map(item.value, self.table.key_names))

    def _add_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._known_names:
                self._known_names.add(name)
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
