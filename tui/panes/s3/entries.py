"""The rows of the S3 pane: buckets, prefixes and objects, with their names, cells and orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from math import inf

from tui.services.quantities import counted, size_text
from tui.services.s3 import Bucket, BucketSummary, S3Location, S3Object
from tui.services.s3.bucket.buckets import WITHOUT_CONSTRAINT
from tui.widgets.grid.cells import EDGES, GAP, Absent, Cell, CellValue, Column, Tone


@dataclass(frozen=True, slots=True)
class Prefix:
    """A common prefix: what a person calls a folder."""

    prefix: str
    """Whole, ending in "/"."""


Entry = Bucket | Prefix | S3Object


def raw_name(entry: Entry) -> str:
    """What identifies the entry in its listing: bucket name, whole prefix, or whole key."""
    # Of 200,000 entries nearly all are objects.
    if isinstance(entry, S3Object):
        return entry.key
    return entry.name if isinstance(entry, Bucket) else entry.prefix


def shown_name(entry: Entry, location: S3Location) -> str:
    """The name as the grid has it, relative to the folder."""
    name = raw_name(entry)
    return name if isinstance(entry, Bucket) else location.name_of(name)


# -- columns and cells ---------------------------------------------------------------------

BUCKET_COLUMNS = (
    Column("Bucket", max_width=64, grow=True),
    Column("Pub.", max_width=4, min_width=4),
    Column("Region", max_width=16),
    Column("Created (UTC)", max_width=16, min_width=16),
)
OBJECT_COLUMNS = (
    Column("Name", max_width=120, min_width=12, grow=True),
    Column("Size", align="right", min_width=9),
    Column("Modified (UTC)", max_width=16, min_width=16),
    Column("Class", max_width=23),
)

BUCKET_NAME_ROOM = 20
"""Columns of the screen that the names of buckets get before anything else about them."""

WHOLE = 58
"""Columns of the screen in which all columns have room, the longest class included."""


def columns_of(location: S3Location, shown: Sequence[Entry], width: int) -> tuple[Column, ...]:
    """The columns of this kind of location that have whole room in `width` columns of the screen;
    0 if that is not known yet. The last one is left out rather than cut."""
    if not location.is_root:
        return OBJECT_COLUMNS[:-1] if 0 < width < WHOLE else OBJECT_COLUMNS
    name, public, region, created = BUCKET_COLUMNS
    room, longest_region = 0, len(WITHOUT_CONSTRAINT)
    for entry in shown:
        room = max(room, len(raw_name(entry)))
        longest_region = max(longest_region, len(getattr(entry, "region", None) or ""))
    room = min(room, BUCKET_NAME_ROOM)
    columns = replace(name, min_width=room), public, region
    whole = BUCKET_NAME_ROOM + public.min_width + longest_region + created.min_width
    whole += 3 * GAP + EDGES
    return columns if 0 < width < whole else (*columns, created)


def cells(
    entry: Entry,
    location: S3Location,
    summary_of: Callable[[str], BucketSummary] = lambda _: BucketSummary(),
) -> Sequence[CellValue]:
    """The row of an entry; what ListBuckets does not say of a bucket is in its summary."""
    name = shown_name(entry, location)
    match entry:
        case Bucket():
            summary = summary_of(name)
            region = entry.region or summary.region or Absent.UNKNOWN
            return (name, _public(summary.public), region, moment(entry.created))
        case Prefix():
            return (Cell(name, Tone.ACCENT), Absent.BLANK, Absent.BLANK, Absent.BLANK)
        case _:
            # The marker of the folder itself has no name inside it.
            shown: CellValue = name or Cell("(the folder's own marker)", Tone.DIM)
            return (shown, size_text(entry.size), moment(entry.modified), _storage(entry))


def _public(public: bool | None) -> CellValue:
    if public is None:
        return Absent.UNKNOWN
    return Cell("YES", Tone.WARNING) if public else Cell("no", Tone.DIM)


def _storage(entry: S3Object) -> CellValue:
    if not entry.storage_class:
        return Absent.UNKNOWN
    state = ""
    if entry.restore:
        state = ", readable" if entry.restore.startswith("until") else ", restoring"
    tone = Tone.WARNING if entry.is_archived else Tone.DIM
    return Cell(f"{entry.storage_class}{state}", tone)


def exact_size(size: int) -> str:
    """Bytes to the last one, and readable."""
    exact = counted(size, "byte")
    return exact if size < 1024 else f"{size_text(size)} ({exact})"


def moment(when: datetime | None) -> CellValue:
    """A moment to the minute, UTC; the column's title says so."""
    return Absent.UNKNOWN if when is None else f"{when:%Y-%m-%d %H:%M}"


# -- orders --------------------------------------------------------------------------------


class Order(Enum):
    """How the loaded rows are ordered; the value is what a person calls it."""

    LISTED = "as S3 lists them"
    NAME = "by name"
    NAME_DOWN = "by name, last first"
    SIZE = "largest first"
    SIZE_UP = "smallest first"
    MODIFIED = "newest first"
    MODIFIED_UP = "oldest first"
    CLASS = "by class"


_BY_COLUMN = {
    0: (Order.NAME, Order.NAME_DOWN),
    1: (Order.SIZE, Order.SIZE_UP),
    2: (Order.MODIFIED, Order.MODIFIED_UP),
    3: (Order.CLASS,),
}
"""The orders of a column of objects."""

_BY_COLUMN_OF_BUCKETS = {0: _BY_COLUMN[0], 3: _BY_COLUMN[2]}


def orders_of(location: S3Location) -> tuple[Order, ...]:
    """The orders that a location offers: buckets have no size and no class."""
    others = {Order.SIZE, Order.SIZE_UP, Order.CLASS} if location.is_root else set()
    return tuple(order for order in Order if order not in others)


def next_order(order: Order, column: int, *, of_buckets: bool) -> Order | None:
    """The order after a click on the title of a column: one way, the other way, as listed. None
    if nothing is ordered by this column."""
    by_column = _BY_COLUMN_OF_BUCKETS if of_buckets else _BY_COLUMN
    if column not in by_column:
        return None
    orders = (*by_column[column], Order.LISTED)
    return orders[orders.index(order) + 1] if order in orders[:-1] else orders[0]


SortKey = tuple[int, str | float]
"""Whether the entry is a folder or not, then what is ordered by."""


def sort_key(order: Order) -> tuple[Callable[[Entry], SortKey], bool]:
    """What to sort by for an order, and whether downwards.

    A prefix has neither size nor time: folders stay on top, in the order of their names. What has
    no known date comes last in both directions.
    """
    down = order is Order.NAME_DOWN
    folder, other = (1, 0) if down else (0, 1)
    value = _VALUES.get(order, raw_name)

    def key(entry: Entry) -> SortKey:
        if isinstance(entry, Prefix):
            return folder, entry.prefix
        return other, value(entry)

    return key, down


def _size(entry: Entry) -> int:
    return entry.size if isinstance(entry, S3Object) else 0


def _age(entry: Entry, sign: int) -> float:
    when = entry.created if isinstance(entry, Bucket) else getattr(entry, "modified", None)
    return inf if when is None else sign * float(when.timestamp())


_VALUES: dict[Order, Callable[[Entry], str | float]] = {
    Order.SIZE: lambda entry: -_size(entry),
    Order.SIZE_UP: _size,
    Order.MODIFIED: lambda entry: _age(entry, -1),
    Order.MODIFIED_UP: lambda entry: _age(entry, 1),
    Order.CLASS: lambda entry: entry.storage_class if isinstance(entry, S3Object) else "",
}
