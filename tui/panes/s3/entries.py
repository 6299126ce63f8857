"""One line of the S3 pane: a bucket, a prefix or an object, and how it is written in the grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.services.quantities import counted, size_text
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets.cells import Absent, Cell, CellValue, Column, Tone

_ARCHIVED = {"GLACIER", "DEEP_ARCHIVE"}


@dataclass(frozen=True, slots=True)
class Prefix:
    """A common prefix: what a person calls a folder."""

    prefix: str
    """Whole, ending in "/"."""


Entry = Bucket | Prefix | S3Object

BUCKET_COLUMNS = (
    Column("Bucket", max_width=64, grow=True),
    Column("Region", max_width=16),
    Column("Created (UTC)", max_width=16, min_width=16),
)
OBJECT_COLUMNS = (
    Column("Name", max_width=120, min_width=12, grow=True),
    Column("Size", align="right", min_width=9),
    Column("Modified (UTC)", max_width=16, min_width=16),
    Column("Class", max_width=12),
)


def raw_name(entry: Entry) -> str:
    """What identifies the entry in its listing: bucket name, whole prefix, or whole key."""
    match entry:
        case Bucket():
            return entry.name
        case Prefix():
            return entry.prefix
        case _:
            return entry.key


def shown_name(entry: Entry, location: S3Location) -> str:
    """The name as the grid has it, relative to the folder."""
    name = raw_name(entry)
    return name if isinstance(entry, Bucket) else location.name_of(name)


def cells(entry: Entry, location: S3Location) -> Sequence[CellValue]:
    """The row of an entry."""
    name = shown_name(entry, location)
    match entry:
        case Bucket():
            return (name, entry.region or Absent.UNKNOWN, moment(entry.created))
        case Prefix():
            return (Cell(name, Tone.ACCENT), Absent.BLANK, Absent.BLANK, Absent.BLANK)
        case _:
            # The marker of the folder itself has no name inside it.
            shown: CellValue = name or Cell("(the folder's own marker)", Tone.DIM)
            return (shown, size_text(entry.size), moment(entry.modified), _storage(entry))


def _storage(entry: S3Object) -> CellValue:
    if not entry.storage_class:
        return Absent.UNKNOWN
    if entry.storage_class in _ARCHIVED and not entry.restore.startswith("until"):
        return Cell(entry.storage_class, Tone.WARNING)
    return Cell(entry.storage_class, Tone.DIM)


def exact_size(size: int) -> str:
    """Bytes to the last one, and readable."""
    exact = counted(size, "byte")
    return exact if size < 1024 else f"{size_text(size)} ({exact})"


def moment(when: datetime | None) -> CellValue:
    """A moment to the minute, UTC; the column's title says so."""
    return Absent.UNKNOWN if when is None else f"{when:%Y-%m-%d %H:%M}"
