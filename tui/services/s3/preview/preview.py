"""Bytes -> something to look at: text or a hex dump. Nothing is dropped unsaid."""

from __future__ import annotations

import codecs
import zlib
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from tui.services.s3.formats.packed import SUFFIXES, packed_with, unpack
from tui.services.s3.formats.unpacked import Unpacked
from tui.services.s3.objects import GZIP, LIMIT, Beginning
from tui.services.s3.preview.window import Window

_BYTE_ORDER_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FALLBACKS = ("cp1252", "latin-1")

_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b\b")
_CONTROLS = bytes(sorted(frozenset(range(0x20)) - _TEXT_CONTROLS))
_MANY = 50
"""One control byte in so many makes a file binary; a zero byte does at once."""

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_TABLE_TYPES = frozenset({"text/csv", "text/tab-separated-values", "application/csv"})


@dataclass(frozen=True)
class Preview:
    """The beginning of an object, ready to be shown."""

    text: str
    """Decoded; empty when `binary`."""
    data: bytes
    """Unpacked, not decoded."""
    binary: bool
    truncated: bool
    """Whether the object goes on after what is here."""
    tabular: bool
    """Whether its name or its type says that it is a table of delimited values."""
    notes: tuple[str, ...]
    """What had to be assumed or left out, as sentences."""
    encoding: str = ""
    """What the text was read with; empty for binary data."""
    unpacked: bool = False
    """Whether `data` is what packed data holds."""


def preview(beginning: Beginning, encoding: str | None = None) -> Preview:
    """What the first bytes of an object are: text if they can be, and how they were read.

    With an `encoding` that is chosen, text in it; what has no meaning in it is shown as U+FFFD.
    """
    data, truncated = beginning.data, beginning.truncated
    notes: list[str] = []
    packed = packing(beginning)
    if packed:
        limit = max(4 * LIMIT, 4 * len(data))
        if beginning.is_gzip:
            unpacked = gunzip(data, more=truncated, limit=limit)
        else:
            unpacked = unpack(data, more=truncated, limit=limit)
        if unpacked.data or not unpacked.problem:
            data, truncated = unpacked.data, unpacked.truncated
            notes.append(f"Unpacked from {packed}.")
        if unpacked.problem:
            notes.append(f"{unpacked.problem[0].upper()}{unpacked.problem[1:]}.")
    read = _read(beginning, data, truncated, encoding, notes)
    return replace(read, unpacked=data is not beginning.data)


def preview_window(window: Window, encoding: str | None = None, found: str = "") -> Preview:
    """What the bytes of a window are; `found` is the encoding of the beginning of the object."""
    if window.at_start:
        return preview(window.of.with_data(window.data), encoding)
    truncated = not window.at_end
    if encoding is None and found:
        text = _strictly(window.data, found, truncated)
        if text is not None and not (found == "utf-8" and is_binary(window.data)):
            tabular = is_tabular(window.of.key, window.of.content_type)
            notes = () if found == "utf-8" else (f"Not UTF-8: read as {found}.",)
            return Preview(text, window.data, False, truncated, tabular, notes, found)
    if encoding is None and not found:
        return Preview("", window.data, True, truncated, False, ("Binary: shown as hex.",))
    return _read(window.of, window.data, truncated, encoding, [])


def packing(beginning: Beginning) -> str:
    """What the object is packed with, by its first bytes; empty if it is not."""
    return "gzip" if beginning.is_gzip else packed_with(beginning.data)


def _read(
    of: Beginning, data: bytes, truncated: bool, encoding: str | None, notes: list[str]
) -> Preview:
    tabular = is_tabular(of.key, of.content_type)
    if encoding is not None:
        text = codecs.getincrementaldecoder(encoding)("replace").decode(data, final=not truncated)
        bad = text.count("\ufffd")
        notes.append(f"Read as {encoding}, as chosen.")
        if bad:
            notes.append(f"Characters that have no meaning in it: {bad:,}.")
        return Preview(text, data, False, truncated, tabular, tuple(notes), encoding)
    if is_binary(data):
        return Preview("", data, True, truncated, False, (*notes, "Binary: shown as hex."))
    text, found = decode(data, truncated=truncated)
    if found != "utf-8":
        notes.append(f"Not UTF-8: read as {found}.")
    return Preview(text, data, False, truncated, tabular, tuple(notes), found)


def is_tabular(key: str, content_type: str) -> bool:
    """Whether a key's name (also packed) or its content type promises delimited values."""
    return (
        plain_name(key).suffix in TABLE_SUFFIXES
        or content_type.split(";")[0].lower() in _TABLE_TYPES
    )


def plain_name(key: str) -> PurePosixPath:
    """The last part of a key in small letters, without the suffix of what it is packed with."""
    name = PurePosixPath(key.rpartition("/")[2].lower())
    return name.with_suffix("") if name.suffix in SUFFIXES else name


def is_binary(data: bytes) -> bool:
    """Whether the bytes are not text in any encoding that `decode` knows."""
    if any(data.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return False
    if b"\0" in data:
        return True
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls * _MANY > len(data)


def decode(data: bytes, *, truncated: bool) -> tuple[str, str]:
    """The text of `data` and the encoding it was read with; a cut last character is left out.

    UTF-8 if it is valid, the one that a byte order mark names, else Windows-1252, and Latin-1
    (in which every byte is a character) where even that has no meaning for a byte.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            text = _strictly(data[len(mark) :], name, truncated)
            if text is not None:
                return text, name
    for name in ("utf-8", *_FALLBACKS):
        text = _strictly(data, name, truncated)
        if text is not None:
            return text, name
    raise AssertionError("latin-1 decodes every byte")


def _strictly(data: bytes, encoding: str, truncated: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(data, final=not truncated)
    except UnicodeDecodeError:
        return None


def gunzip(data: bytes, *, more: bool, limit: int = 4 * LIMIT) -> Unpacked:
    """Unpack at most `limit` bytes of gzip data, member after member.

    `more` says that `data` is only the beginning of a longer file.
    """
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest.startswith(GZIP) or (rest and not parts):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            part = unpacker.decompress(rest, limit - size)
        except zlib.error as error:
            return Unpacked(b"".join(parts), True, f"damaged gzip data: {error}")
        parts.append(part)
        size += len(part)
        if not unpacker.eof:
            cut = size >= limit or more
            problem = "" if cut else "the gzip data ends too early"
            return Unpacked(b"".join(parts), True, problem)
        rest = unpacker.unused_data
        if size >= limit and rest:
            return Unpacked(b"".join(parts), True)
    problem = f"{len(rest)} bytes after the gzip data are not shown" if rest.strip(b"\0") else ""
    return Unpacked(b"".join(parts), more, problem)
