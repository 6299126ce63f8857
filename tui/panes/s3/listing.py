"""What is loaded of one location: pages as they came, narrowed and ordered for the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from tui.panes.s3.entries import (
    BUCKET_COLUMNS,
    OBJECT_COLUMNS,
    Entry,
    Prefix,
    cells,
    raw_name,
    shown_name,
)
from tui.services.quantities import at_least
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets.cells import CellValue, Column

BUCKET_NAME_ROOM = 40
"""Columns of the screen that the names of buckets get before anything else about them."""

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Order(Enum):
    """How the loaded rows are ordered."""

    LISTED = "as S3 lists them"
    NAME = "by name"
    NAME_DOWN = "by name, last first"
    SIZE = "largest first"
    SIZE_UP = "smallest first"
    MODIFIED = "newest first"
    MODIFIED_UP = "oldest first"


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

    def add(self, entries: Iterable[Entry], next_token: str | None) -> list[Entry]:
        """Take a page; gives its entries as far as they pass the filter."""
        page = list(entries)
        self.entries += page
        self.next_token = next_token
        self.pages += 1
        passed = [entry for entry in page if self._passes(entry)]
        if self.order is Order.LISTED:
            self.shown += passed
        else:
            self.arrange()
        return passed

    def arrange(self) -> None:
        """Narrow and order anew what is shown."""
        passed = [entry for entry in self.entries if self._passes(entry)]
        self.shown = _ordered(passed, self.order)

    def _passes(self, entry: Entry) -> bool:
        if not self.needle:
            return True
        return self.needle.casefold() in shown_name(entry, self.location).casefold()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of this kind of location."""
        if not self.location.is_root:
            return OBJECT_COLUMNS
        name, *others = BUCKET_COLUMNS
        longest = max((len(raw_name(entry)) for entry in self.shown), default=0)
        return replace(name, min_width=min(longest, BUCKET_NAME_ROOM)), *others

    def rows(self, entries: Sequence[Entry]) -> list[Sequence[CellValue]]:
        """Entries as the grid takes them."""
        return [cells(entry, self.location) for entry in entries]

    def index_of(self, name: str) -> int | None:
        """The row of a raw name; None if it is not shown."""
        return next((i for i, entry in enumerate(self.shown) if raw_name(entry) == name), None)

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
        if self.needle:
            total = f"{len(self.shown):,} of {total} match “{self.needle}”"
        if self.order is not Order.LISTED:
            total += f", {self.order.value}"
        if not self.complete and (self.needle or self.order is not Order.LISTED):
            total += " (of what is loaded)"
        if self.marked:
            total = f"{len(self.marked):,} marked · {total}"
        return total


def _ordered(entries: list[Entry], order: Order) -> list[Entry]:
    if order is Order.LISTED:
        return entries
    keys: dict[Order, Callable[[Any], Any]] = {
        Order.NAME: raw_name,
        Order.NAME_DOWN: raw_name,
        Order.SIZE: _size,
        Order.SIZE_UP: _size,
        Order.MODIFIED: _moment,
        Order.MODIFIED_UP: _moment,
    }
    downwards = order in {Order.NAME_DOWN, Order.SIZE, Order.MODIFIED}
    folders = [entry for entry in entries if isinstance(entry, Prefix)]
    others = [entry for entry in entries if not isinstance(entry, Prefix)]
    # A prefix has neither size nor time: folders stay on top, in the order of their names.
    folders.sort(key=raw_name, reverse=order is Order.NAME_DOWN)
    return folders + sorted(others, key=keys[order], reverse=downwards)


def _size(entry: Entry) -> int:
    return entry.size if isinstance(entry, S3Object) else 0


def _moment(entry: Entry) -> datetime:
    when = entry.created if isinstance(entry, Bucket) else getattr(entry, "modified", None)
    return when if isinstance(when, datetime) else _LONG_AGO
