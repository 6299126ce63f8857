"""One line of a folder in the grid."""

from __future__ import annotations

from datetime import UTC, datetime

from tui.services.quantities import size_text
from tui.services.transfers import EntryKind, LocalEntry
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone

COLUMNS = (
    Column("Name", max_width=120, min_width=16, grow=True),
    Column("Size", align="right", min_width=9),
    Column("Modified", max_width=16, min_width=16),
)

NOTES = {EntryKind.SPECIAL: "not a regular file", EntryKind.BROKEN: "cannot be read"}


def row(entry: LocalEntry, *, files_matter: bool) -> tuple[CellValue, ...]:
    """Folders stand out and end in `/`; what cannot be chosen is dim."""
    return (_name(entry, files_matter), _size(entry), _moment(entry.modified))


def _name(entry: LocalEntry, files_matter: bool) -> CellValue:
    link = " →" if entry.is_link else ""
    if entry.is_folder:
        return Cell(f"{entry.name}/{link}", Tone.ACCENT)
    if entry.kind is EntryKind.FILE:
        return Cell(entry.name + link, Tone.PLAIN if files_matter else Tone.DIM)
    return Cell(f"{entry.name} ({NOTES[entry.kind]})", Tone.WARNING)


def _size(entry: LocalEntry) -> CellValue:
    return Absent.BLANK if entry.size is None else size_text(entry.size)


def _moment(modified: float | None) -> CellValue:
    if modified is None:
        return Absent.UNKNOWN
    return f"{datetime.fromtimestamp(modified, UTC).astimezone():%Y-%m-%d %H:%M}"
