"""Search inside one object: read range by range, unpacked on the way, line by line. Blocking."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

from tui.services.errors import ErrorKind, ServiceError
from tui.services.giving_way import give_way, turns
from tui.services.s3.calls import S3Calls
from tui.services.s3.data.ranges import read_range
from tui.services.s3.models import S3Object
from tui.services.s3.search.regex import Expression, compiled

PART = 4 * 1024 * 1024
"""Bytes of one request: the most that is held of an object as it is stored."""

CHUNK = 128 * 1024
"""Bytes that are unpacked and searched at a time."""

BUFFER = 64 * 1024
"""Bytes that the unpackers take at a time."""

LONGEST_LINE = 64 * 1024
"""Characters; a longer line is searched in pieces."""

LONGEST_FOR_REGEX = 4096
"""Characters that a regular expression sees at a time: its time grows faster than the line."""

OVERLAP = 512
"""Characters that two pieces of a line share, so that nothing shorter is missed between them."""

SHOWN_BEFORE, SHOWN = 60, 240
"""Characters of the line that a hit shows, before the match and in all."""

MOST_SLOW = 10
"""Lines of one object that may take too long; the rest of it is not searched."""

MOST_IN_ONE = 1000
"""Hits of one object that are kept; the rest of it is not read."""


@dataclass(frozen=True)
class GrepQuery:
    """What is looked for in the text of objects."""

    text: str
    expression: Expression
    is_regex: bool
    binary: bool
    """Whether objects that are no text are searched as well."""

    @classmethod
    def of(cls, text: str, *, regex: bool, ignore_case: bool, binary: bool = False) -> GrepQuery:
        """Raises ServiceError (INVALID)."""
        if not text:
            raise ServiceError("Type what to look for.", kind=ErrorKind.INVALID)
        wanted = text if regex else re.escape(text)
        return cls(text, compiled(wanted, ignore_case=ignore_case), regex, binary)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that matches; the first match of it is told."""

    key: str
    line: int
    """Counted from 1."""
    text: str
    """The line around the match, raw; cut where it is long."""
    match: str = ""
    """What matched, raw; cut where it is long."""


@dataclass(frozen=True)
class GrepStep:
    """One part of an object was searched."""

    hits: tuple[Hit, ...]
    read: int
    """Bytes that came from S3 since the step before."""
    is_binary: bool = False
    """The object is no text and was not searched."""
    slow: int = 0
    """Lines for which the expression took too long: they were not searched to their end."""


def search_object(
    s3: S3Calls, bucket: str, found: S3Object, query: GrepQuery
) -> Iterator[GrepStep]:
    """Search one object, step by step.

    gzip, bzip2, xz and zstd are known by their first bytes and unpacked. Text is UTF-8, or UTF-16
    with a byte order mark; bytes that are neither match nothing but themselves. Raises ServiceError
    when it cannot be read (CHANGED when it was overwritten meanwhile) or is damaged, and when the
    expression takes too long for `MOST_SLOW` of its lines.
    """
    stored = _Stored(s3, bucket, found)
    hits = 0
    lines = _Lines(found.key, query)
    decode: codecs.IncrementalDecoder | None = None
    try:
        source = _unpacked(io.BufferedReader(cast("Any", stored), BUFFER))
        while data := source.read(CHUNK):
            if decode is None:
                utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
                if b"\0" in data[:8192] and not utf16 and not query.binary:
                    yield GrepStep((), stored.taken(), is_binary=True)
                    return
                name = "utf-16" if utf16 else "utf-8-sig"
                decode = codecs.getincrementaldecoder(name)("replace" if utf16 else _ESCAPED)
            # One thread searches while others read: more would gain nothing.
            with turns():
                step = tuple(lines.feed(decode.decode(data)))
            hits += len(step)
            yield GrepStep(step, stored.taken(), slow=lines.slow_since())
            if hits >= MOST_IN_ONE:
                return
            lines.refuse_if_slow()
    except _errors_of_damage() as error:
        raise ServiceError(
            f"{found.key!r} is damaged.", cause=str(error), kind=ErrorKind.INVALID
        ) from error
    rest = tuple(lines.end(decode.decode(b"", final=True) if decode else ""))
    yield GrepStep(rest, stored.taken(), slow=lines.slow_since())
    lines.refuse_if_slow()


_ESCAPED = "surrogateescape"


def _errors_of_damage() -> tuple[type[Exception], ...]:
    """What the unpackers raise; zstandard is another package, and may not be in use."""
    module: Any = sys.modules.get("zstandard")
    others: tuple[type[Exception], ...] = () if module is None else (module.ZstdError,)
    return (OSError, EOFError, zlib.error, lzma.LZMAError, *others)


class _Stored(io.RawIOBase):
    """The bytes of an object as they are stored, asked for range by range as they are read."""

    def __init__(self, s3: S3Calls, bucket: str, found: S3Object) -> None:
        super().__init__()
        self._s3, self._bucket, self._found = s3, bucket, found
        self._at = 0
        self._part = memoryview(b"")
        self._read = 0

    def taken(self) -> int:
        """Bytes that were read since it was asked last."""
        read, self._read = self._read, 0
        return read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._part and self._at < self._found.size:
            self._part = memoryview(self._ask())
        size = min(len(buffer), len(self._part))
        buffer[:size] = self._part[:size]
        self._part = self._part[size:]
        return size

    def _ask(self) -> bytes:
        found = self._found
        length = min(PART, found.size - self._at)
        data = read_range(self._s3, self._bucket, found.key, self._at, length, found.etag)
        if not data:
            raise ServiceError(f"{found.key!r} ended before its size.", kind=ErrorKind.CHANGED)
        self._at += len(data)
        self._read += len(data)
        return data


def _unpacked(stored: io.BufferedReader) -> IO[bytes]:
    """What reads the object as it was before it was packed, as the first bytes say."""
    first = stored.peek(8)[:8]
    opened: Any = stored
    if first.startswith(b"\x1f\x8b\x08"):
        opened = gzip.GzipFile(fileobj=stored)
    elif first.startswith(b"BZh") and first[4:].startswith(b"1AY&"):
        opened = bz2.BZ2File(stored)
    elif first.startswith(b"\xfd7zXZ\x00"):
        opened = lzma.LZMAFile(stored)  # noqa: SIM115  # closed with what it reads from
    elif first.startswith(b"\x28\xb5\x2f\xfd"):
        try:
            import zstandard
        except ImportError:
            raise ServiceError(
                "The object is packed with zstd, which needs another package.",
                hint="Run: pip install 'tristore[formats]'",
                kind=ErrorKind.INVALID,
            ) from None
        opened = zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True)
    return cast("IO[bytes]", opened)


class _Lines:
    """Numbers the lines of a text that comes in pieces, and finds the ones that match."""

    def __init__(self, key: str, query: GrepQuery) -> None:
        self._key, self._query = key, query
        self._line = 1
        self._rest = ""
        self._told = 0
        """The last line that was told."""
        self._slow: list[int] = []
        """Lines for which the expression took too long."""
        self._slow_told = 0

    def slow_since(self) -> int:
        """How many lines took too long since it was asked last."""
        new, self._slow_told = len(self._slow) - self._slow_told, len(self._slow)
        return new

    def refuse_if_slow(self) -> None:
        """Raise ServiceError (INVALID) if too many lines took too long."""
        if len(self._slow) >= MOST_SLOW:
            raise ServiceError(
                f"The expression takes too long for {self._key!r}: it was searched to line "
                f"{self._slow[-1]:,} only.",
                hint="Use fewer repeats such as .* in it.",
                kind=ErrorKind.INVALID,
            )

    def feed(self, text: str) -> Iterator[Hit]:
        lines = (self._rest + text).split("\n")
        self._rest = lines.pop()
        for line in lines:
            give_way()
            yield from self._look(line.removesuffix("\r"))
            self._line += 1
        if len(self._rest) > LONGEST_LINE:
            yield from self._look(self._rest)
            self._rest = self._rest[-OVERLAP:]

    def end(self, text: str) -> Iterator[Hit]:
        yield from self.feed(text)
        if self._rest:
            yield from self._look(self._rest)

    def _look(self, line: str) -> Iterator[Hit]:
        if self._line in (self._told, *self._slow[-1:]) or len(self._slow) >= MOST_SLOW:
            return
        search = self._query.expression.search
        width = LONGEST_FOR_REGEX if self._query.is_regex else len(line) + 1
        for start in range(0, max(len(line), 1), width - OVERLAP if len(line) > width else width):
            try:
                match = search(line[start : start + width])
            except TimeoutError:
                self._slow.append(self._line)
                return
            if match is not None:
                self._told = self._line
                begin = max(start + match.start() - SHOWN_BEFORE, 0)
                cut = "…" if begin else ""
                yield Hit(
                    self._key, self._line, cut + line[begin : begin + SHOWN], match[0][:SHOWN]
                )
                return
