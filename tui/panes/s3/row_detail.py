"""What stands beside the rows of the S3 pane: the beginning of an object, what is known of a bucket
or a prefix."""

from __future__ import annotations

import asyncio
import re
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.cache import LRUCache

from tui.panes.row_detail import DetailText, Subject
from tui.panes.s3.details import Facts, exact_moment, prefix_facts
from tui.panes.s3.entries import Entry, Prefix, is_archived, raw_name, shown_name
from tui.services.quantities import size_text
from tui.services.s3 import Bucket, S3Location, S3Object, S3Service
from tui.services.s3.names import zone_of
from tui.services.s3.preview import Preview, hex_dump, preview
from tui.services.s3.table import read_rows
from tui.widgets.cells import Absent, CellValue, Column
from tui.widgets.grid_cells import ColumnWidths, draw_cell

BEGINNING = 4 * 1024
"""Bytes of an object that are asked for: more than a screen of text."""

HEX_BYTES = 1024
"""Bytes that are shown of an object that is no text."""

KEPT = 64
"""Details that are kept, so that coming back to an object reads nothing."""

_details: WeakKeyDictionary[S3Service, LRUCache[tuple[str, str, str, int], DetailText]] = (
    WeakKeyDictionary()
)

TABLE_ROWS = 200
WIDEST_CELL = 24

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|\s+|[^\s{}\[\],:"]+', re.DOTALL)
"""Of JSON; what follows a quote that is never closed is one token."""


def subject_of(entry: Entry, location: S3Location, s3: S3Service) -> Subject:
    """An entry of a location."""
    title = shown_name(entry, location) or raw_name(entry)

    async def read() -> DetailText:
        match entry:
            case Bucket():
                return DetailText(_lines(_bucket_facts(entry, s3.region_of(entry.name))))
            case Prefix():
                return DetailText(_lines(prefix_facts(S3Location(location.bucket, entry.prefix))))
            case _:
                return await _object(entry, location.bucket, s3)

    return Subject((location.bucket, entry), title, read)


def _lines(facts: Facts) -> str:
    return "\n".join(f"{label:<9} {value}" if label else f"\n{value}" for label, value in facts)


DIRECTORY_RULES = (
    "A directory bucket (S3 Express One Zone): its listings have no order, it keeps no versions, "
    "and its ETags are no MD5."
)


def _bucket_facts(bucket: Bucket, region: str | None) -> Facts:
    return [
        ("Bucket", bucket.name),
        ("URI", str(S3Location(bucket.name))),
        ("Region", bucket.region or region or "unknown"),
        ("Created", exact_moment(bucket.created)),
        *([("Zone", zone), ("", DIRECTORY_RULES)] if (zone := zone_of(bucket.name)) else []),
        ("", "Enter opens it; i asks for versioning, policy and encryption."),
    ]


async def _object(entry: S3Object, bucket: str, s3: S3Service) -> DetailText:
    if is_archived(entry):
        restore = f" Restore: {entry.restore}." if entry.restore else ""
        return DetailText(
            f"The object is archived ({entry.storage_class}): it has to be restored before it can "
            f"be read. Press t.{restore}"
        )
    if not entry.size:
        return DetailText("The object is empty: 0 bytes.")
    seen = _details.setdefault(s3, LRUCache(KEPT))
    about = (bucket, entry.key, entry.etag, entry.size)
    known = seen.get(about) if entry.etag else None
    if known is not None:
        return known
    beginning = await s3.read_head(bucket, entry.key, BEGINNING)
    text = await asyncio.to_thread(
        lambda: beginning_text(preview(beginning), entry.key, beginning.size)
    )
    # Not if it was changed since it was listed: the next look reads it anew.
    if entry.etag and beginning.etag == entry.etag:
        seen[about] = text
    return text


def beginning_text(shown: Preview, key: str, size: int) -> DetailText:
    """The beginning of an object of `size` bytes: a table, a text, or bytes in hex."""
    notes = list(shown.notes)
    part = shown.data[:HEX_BYTES] if shown.binary else shown.data
    if shown.truncated or len(part) < len(shown.data):
        notes.insert(0, f"The first {size_text(len(part))} of {size_text(size)}.")
    note = "  ".join(notes)
    if shown.binary:
        return DetailText(hex_dump(part, eights=1), note, wrap=False)
    if shown.tabular:
        table = table_text(shown.text, truncated=shown.truncated)
        if table:
            return DetailText(table, note, wrap=False)
    if key.lower().removesuffix(".gz").endswith(".json") and "\n" not in shown.text.strip():
        return DetailText(indented(shown.text), f"{note}  Laid out in lines.".strip())
    return DetailText(shown.text, note)


def table_text(text: str, *, truncated: bool) -> str:
    """Delimited text as columns, drawn as a grid draws them; empty if there is no whole row."""
    table = read_rows(text, truncated=truncated)
    columns = [Column(name, max_width=WIDEST_CELL) for name in table.columns]
    rows: list[list[CellValue]] = [
        [Absent.MISSING if value is None else value for value in row]
        for row in table.rows[:TABLE_ROWS]
    ]
    widths = ColumnWidths(columns)
    widths.measure(rows)
    widths.fit(0)
    if not columns:
        return ""
    titles: list[CellValue] = [column.title for column in columns]
    lines = [_drawn(titles, widths, header=True)]
    lines.append("  ".join("─" * widths[at] for at in range(len(columns))))
    return "\n".join([*lines, *(_drawn(row, widths) for row in rows)])


def _drawn(row: list[CellValue], widths: ColumnWidths, *, header: bool = False) -> str:
    plain = Style()
    cells = (
        "".join(part.text for part in draw_cell(cell, widths[at], plain, plain, header=header))
        for at, cell in enumerate(row)
    )
    return "  ".join(cells).rstrip()


def indented(text: str) -> str:
    """JSON in lines, also if its end is missing. Only blanks between the tokens are others than
    before: no number, name or order changes."""
    parts: list[str] = []
    level = 0
    opened = False
    for part in _TOKEN.findall(text):
        if part.isspace():
            if parts and not opened and not parts[-1].endswith(" "):
                parts.append(" ")
            continue
        closes = part in ("}", "]")
        if closes:
            level = max(level - 1, 0)
        if opened != closes:
            parts.append("\n" + "  " * level)
        opened = part in ("{", "[")
        level += opened
        parts.append(": " if part == ":" else part)
        if part == ",":
            parts.append("\n" + "  " * level)
    return "".join(parts)
