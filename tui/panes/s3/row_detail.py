"""What stands beside the rows of the S3 pane: the beginning of an object, what is known of a bucket
or a prefix."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from weakref import WeakKeyDictionary

from textual.cache import LRUCache

from tui.panes.row_detail import DetailText, Subject
from tui.panes.s3.details import Facts, exact_moment, prefix_facts
from tui.panes.s3.entries import Entry, Prefix, raw_name, shown_name
from tui.panes.s3.special_detail import drawn_table, special_detail
from tui.services.errors import ErrorKind, ServiceError
from tui.services.formats.hex_dump import hex_dump
from tui.services.quantities import size_text
from tui.services.s3 import Bucket, S3Location, S3Object, S3Service
from tui.services.s3.bucket.names import zone_of
from tui.services.s3.objects import Beginning
from tui.services.s3.preview.preview import Preview, preview
from tui.services.s3.preview.table import read_rows
from tui.widgets.grid.cells import Absent

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
    if entry.is_archived:
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
    try:
        text = await special_detail(s3, beginning)
    except ServiceError as error:
        if error.kind is not ErrorKind.INVALID:
            raise
        # It is damaged, or a library is not installed: its bytes are shown, and why.
        shown = await _beginning(beginning)
        text = replace(shown, note=f"{error.message} {shown.note}".strip())
    if text is None:
        text = await _beginning(beginning)
    # Not if it was changed since it was listed: the next look reads it anew.
    if entry.etag and beginning.etag == entry.etag:
        seen[about] = text
    return text


async def _beginning(beginning: Beginning) -> DetailText:
    return await asyncio.to_thread(
        lambda: beginning_text(preview(beginning), beginning.key, beginning.size)
    )


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
    return drawn_table(table.columns, table.rows[:TABLE_ROWS], Absent.MISSING)


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
