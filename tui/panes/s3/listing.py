"""What is loaded of one location: pages as they came, narrowed and ordered for the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from tui.panes.s3.arranging import arranging
from tui.panes.s3.entries import (
    BUCKET_COLUMNS,
    OBJECT_COLUMNS,
    Entry,
    cells,
    raw_name,
    shown_name,
)
from tui.panes.s3.order import Order
from tui.services.quantities import at_least
from tui.services.s3 import S3Location
from tui.widgets.cells import Column
from tui.widgets.grid_rows import LazyRows

BUCKET_NAME_ROOM = 22
"""Columns of the screen that the names of buckets get before anything else about them."""

WHOLE = 58
"""Columns of the screen in which all columns have room, the longest region included."""


@dataclass
class Listing:
    """The loaded part of one location."""

    location: S3Location
    entries: list[Entry] = field(default_factory=list)
    """In the server's order, page after page."""
    next_token: str | None = None
    pages: int = 0
    """How many pages have come; 0 while nothing has."""
    needle: str = ""
    """Only entries whose name contains this are shown, whatever the case; empty shows all."""
    order: Order = Order.LISTED
    marked: set[str] = field(default_factory=set)
    """Raw names; kept when the rows are narrowed or ordered otherwise."""
    shown: list[Entry] = field(default_factory=list)
    """What the grid has, row by row."""
    arranged: bool = True
    """Whether `shown` is narrowed and ordered as it should be, and has all of it."""
    failed: bool = False
    """Whether the page after the loaded ones failed to come."""

    def add(self, entries: Iterable[Entry], next_token: str | None) -> list[Entry]:
        """Take a page; gives what it adds to the end of `shown`.

        If its entries go elsewhere, the listing is not `arranged` any more.
        """
        page = list(entries)
        self.entries += page
        self.next_token = next_token
        self.pages += 1
        self.failed = False
        if not self.arranged or self.order is not Order.LISTED:
            self.arranged = self.arranged and not page
            return []
        passed = list(filter(self.filter(), page))
        self.shown += passed
        return passed

    def arrange(self) -> None:
        """Narrow and order anew what is shown, all at once: for what is known to be short."""
        for _ in arranging(self):
            pass

    def filter(self) -> Callable[[Entry], bool]:
        """Whether an entry is to be shown."""
        needle, location = self.needle.casefold(), self.location
        if not needle:
            return lambda entry: True
        return lambda entry: needle in shown_name(entry, location).casefold()

    def columns(self, width: int) -> tuple[Column, ...]:
        """The columns of this kind of location that have whole room in `width` columns of the
        screen; 0 if that is not known yet. The last one is left out rather than cut."""
        narrow = 0 < width < WHOLE
        if not self.location.is_root:
            return OBJECT_COLUMNS[:-1] if narrow else OBJECT_COLUMNS
        name, *others = BUCKET_COLUMNS
        longest = max((len(raw_name(entry)) for entry in self.shown), default=0)
        if narrow:
            others.pop()
        return replace(name, min_width=min(longest, BUCKET_NAME_ROOM)), *others

    def rows(self, entries: Sequence[Entry]) -> LazyRows[Entry]:
        """Entries as the grid takes them."""
        return LazyRows(entries, partial(cells, location=self.location))

    def index_of(self, name: str, start: int = 0) -> int | None:
        """The row of a raw name from `start` on; None if it is not shown there."""
        rows = range(start, len(self.shown))
        return next((row for row in rows if raw_name(self.shown[row]) == name), None)

    def marked_rows(self, start: int = 0) -> list[int]:
        """The rows from `start` on that are marked."""
        if not self.marked:
            return []
        return [row for row in range(start, len(self.shown)) if self.is_marked(self.shown[row])]

    def is_marked(self, entry: Entry) -> bool:
        """Whether an entry is marked."""
        return raw_name(entry) in self.marked

    @property
    def complete(self) -> bool:
        """Whether nothing follows what is loaded."""
        return self.pages > 0 and self.next_token is None

    def state(self) -> str:
        """How much of the location is on screen, without claiming what is not known."""
        if not self.pages:
            return "loading…"
        noun = "bucket" if self.location.is_root else "item"
        total = at_least(len(self.entries), noun, complete=self.complete)
        if self.failed:
            total += " (the next page did not come: G tries again)"
        if self.needle:
            so_far = "" if self.arranged else "… "
            total = f"{so_far}{len(self.shown):,} of {total} match “{self.needle}”"
        if self.order is not Order.LISTED:
            total += f", {self.order.value}"
        if not self.complete and (self.needle or self.order is not Order.LISTED):
            total += " (of what is loaded)"
        if self.marked:
            total = f"{len(self.marked):,} marked · {total}"
        return total
