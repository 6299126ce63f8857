"""What is loaded of one location: pages as they came, filtered and ordered for the screen."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from tui.panes.arranging import Slice, filter_into, sort_into
from tui.panes.s3.entries import Entry, Order
from tui.panes.s3.name_filter import is_glob, name_filter
from tui.panes.s3.rows import Entries, Rows
from tui.services.quantities import at_least
from tui.services.s3 import S3Location
from tui.services.s3.bucket.names import is_directory_bucket

NO_BUCKETS = "No buckets in this account yet.\n\nPress n to create one."
NO_OBJECTS = "Nothing here yet.\n\nPress u to upload files, Backspace to go up."
NOTHING_BEGINS = "No key begins with this.\n\nPress Backspace to go up, : to go somewhere else."
NO_MATCH = "Nothing that is loaded matches.\n\nEsc takes the filter away."
NO_MATCH_YET = (
    "Nothing that is loaded matches, and there is more.\n\n"
    "Enter asks S3 for the names that begin with it; Esc takes the filter away."
)
NO_MATCH_LOADED = (
    "Nothing that is loaded matches, and there is more.\n\n"
    "Esc takes the filter away; G loads all, f finds names at any depth."
)
NOT_LOADED = "Not loaded.\n\nPress r to try again, : to open a bucket by its name."


@dataclass
class Listing:
    """The loaded part of one location."""

    location: S3Location
    entries: Entries = field(default_factory=Entries)
    """In the server's order, page after page."""
    next_token: str | None = None
    pages: int = 0
    """How many pages have come; 0 while nothing has."""
    failed: bool = False
    """Whether the page after the loaded ones failed to come."""
    note: str = ""
    """What else is to be said of it, in a few words."""
    needle: str = ""
    """Only entries that `name_filter` of it lets pass are shown; empty shows all."""
    order: Order = Order.LISTED
    marked: set[str] = field(default_factory=set)
    """Raw names; kept when the rows are filtered or ordered otherwise."""
    shown: Rows = field(init=False)
    """The rows. It is another object when all rows are new, and else grows at its end only."""
    arranged: bool = True
    """Whether `shown` is filtered and ordered as it should be, and has all of it."""

    def __post_init__(self) -> None:
        self.shown = Rows(self.entries)

    # -- pages -----------------------------------------------------------------------------

    def add(
        self, entries: Iterable[Entry], next_token: str | None, *, is_packed: bool = True
    ) -> None:
        """Take a page. If its entries do not go to the end of `shown`, the listing is not
        `arranged` any more, and they are not shown yet. What is not packed here is to be packed by
        another thread."""
        before = len(self.entries)
        self.entries.extend(entries)
        if is_packed:
            self.entries.pack()
        added = range(before, len(self.entries))
        self.next_token = next_token
        self.pages += 1
        self.failed = False
        if self.arranged and self.order is Order.LISTED:
            self.shown.indexes.extend(filter(self._passes(), added) if self.needle else added)
        elif added:
            self.arranged = False

    @property
    def complete(self) -> bool:
        """Whether nothing follows what is loaded."""
        return self.pages > 0 and self.next_token is None

    @property
    def is_partial(self) -> bool:
        """Whether S3 may have other names here than those that are loaded, and can be asked for
        those that begin with a text."""
        place = self.location
        if is_glob(self.needle) or is_directory_bucket(place.bucket):
            return False
        return not self.complete and not place.is_root

    # -- filter and order ------------------------------------------------------------------

    def arranging(self) -> Iterator[None]:
        """Filter and order the entries anew, a slice for each step.

        `shown` becomes another list as soon as its beginning is known, and then grows. Pages that
        come meanwhile are taken in. The listing is `arranged` at the end.
        """
        self.arranged = False
        if self.order is Order.LISTED:
            self.shown = Rows(self.entries)
            indexes = self.entries.indexes()
            yield from filter_into(self.shown.indexes, indexes, self._passes())
            self.arranged = True
        while not self.arranged:
            yield from self._ordering()

    def _ordering(self) -> Iterator[None]:
        passed = array("I")
        ordered = Rows(self.entries)
        yield from filter_into(passed, self.entries.indexes(), self._passes())
        taken = len(self.entries)
        key, descending = self.entries.sort_key(self.order)
        for _ in sort_into(ordered.indexes, passed, key, descending=descending):
            if ordered:
                self.shown = ordered
            yield
        self.shown = ordered
        self.arranged = taken == len(self.entries)

    def arrange(self) -> None:
        """Filter and order anew, all at once: for what is known to be short."""
        for _ in self.arranging():
            pass

    def _passes(self) -> Callable[[int], bool]:
        """Whether the entry of an index is to be shown."""
        folder, name = self.location.folder, self.entries.name
        if not self.needle:
            return lambda index: True
        passes = name_filter(self.needle)
        return lambda index: passes(name(index).removeprefix(folder))

    def index_of(self, name: str, start: int = 0) -> int | None:
        """The row of a raw name from `start` on; None if it is not shown there."""
        rows = range(start, len(self.shown))
        return next((row for row in rows if self.shown.name(row) == name), None)

    # -- marks -----------------------------------------------------------------------------

    def finding_marked(self, found: Rows) -> Iterator[None]:
        """Put what is marked into `found`, in the server's order, a slice for each step."""
        name, marked = self.entries.name, self.marked
        yield from filter_into(
            found.indexes, self.entries.indexes(), lambda index: name(index) in marked
        )

    def unmarking(self, names: Iterable[str]) -> Iterator[None]:
        """Take marks away, a slice for each step."""
        for name in _in_slices(names):
            if name is None:
                yield
            else:
                self.marked.discard(name)

    def toggling_all_marks(self) -> Iterator[None]:
        """Mark every row, or unmark them if all are marked, a slice for each step."""
        change: Callable[[str], None] = self.marked.discard
        for name in _in_slices(self._names_shown()):
            if name is None:
                yield
            elif name not in self.marked:
                change = self.marked.add
                break
        for name in _in_slices(self._names_shown()):
            if name is None:
                yield
            else:
                change(name)

    def _names_shown(self) -> Iterator[str]:
        return map(self.shown.name, range(len(self.shown)))

    def is_marked(self, row: int) -> bool:
        """Whether the entry in a row is marked."""
        return row < len(self.shown) and self.shown.name(row) in self.marked

    def forgetting_lost_marks(self) -> Iterator[None]:
        """Take away the marks of what is not loaded, a slice for each step."""
        if not self.marked:
            return
        loaded = set[str]()
        for name in _in_slices(map(self.entries.name, self.entries.indexes())):
            if name is None:
                yield
            elif name in self.marked:
                loaded.add(name)
        if len(loaded) < len(self.marked):
            lost = set[str]()
            yield from self._finding_lost(lost, loaded)
            # What was marked meanwhile is loaded.
            for name in _in_slices(map(self.entries.name, self.entries.indexes())):
                if name is None:
                    yield
                else:
                    lost.discard(name)
            yield from self.unmarking(lost)
        # To free a million names at once would be one long step.
        for name in _in_slices(_popped(loaded)):
            if name is None:
                yield

    def _finding_lost(self, lost: set[str], loaded: set[str]) -> Iterator[None]:
        while True:
            try:
                for name in _in_slices(self.marked):
                    if name is None:
                        yield
                    elif name not in loaded:
                        lost.add(name)
            except RuntimeError:
                # A key marked or unmarked something between two slices.
                lost.clear()
            else:
                return

    # -- in words --------------------------------------------------------------------------

    def state(self) -> str:
        """How much of the location is on screen, without claiming what is not known."""
        if not self.pages:
            return "not loaded" if self.failed else "loading…"
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
            total += " (of what is loaded: G loads all)"
        if self.note:
            total += f" · {self.note}"
        if self.marked:
            total = f"{len(self.marked):,} marked · {total}"
        return total

    def why_empty(self) -> str:
        """Why there is no row, and what to press; empty if there are rows, or may still come."""
        if not self.pages:
            return NOT_LOADED if self.failed else ""
        if self.shown or not self.arranged:
            return ""
        if self.needle:
            if self.complete:
                return NO_MATCH
            return NO_MATCH_YET if self.is_partial else NO_MATCH_LOADED
        if self.location.is_root:
            return NO_BUCKETS
        plain = self.location.prefix == self.location.folder
        return NO_OBJECTS if plain else NOTHING_BEGINS


def _in_slices(names: Iterable[str]) -> Iterator[str | None]:
    """The names; None where a slice of work is over."""
    work = Slice()
    for name in names:
        yield name
        if work.is_over:
            yield None
            work.begin()


def _popped(names: set[str]) -> Iterator[str]:
    while names:
        yield names.pop()
