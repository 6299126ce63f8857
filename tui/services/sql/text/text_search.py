"""Finding and replacing in a text that may be long, by patterns that may be hostile.

Everything here blocks; other threads run meanwhile.
"""

from __future__ import annotations

import importlib
import re
import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tui.services.errors import ErrorKind, ServiceError

MOST = 20_000
"""Hits that are counted and marked; a text with more says "20,000+"."""

LONGEST = 3.0
"""Seconds that a search may take."""

LONGEST_PATTERN = 1_000
"""Characters: the time that it takes to compile one has no limit of its own."""

MAX_CHARACTERS = 40_000_000
"""What replacing may make of a text."""


@dataclass(frozen=True)
class TextWanted:
    """What is looked for."""

    text: str
    is_pattern: bool = False
    is_exact: bool = False
    """Whether the case of letters counts."""


@dataclass(frozen=True)
class HitPart:
    """A part of one line that belongs to a hit."""

    start: int
    end: int
    hit: int
    """Its number, from 0."""


@dataclass(frozen=True)
class Hits:
    """Where a text has what is looked for, in order."""

    spans: Sequence[tuple[int, int]] = ()
    """Start and end as offsets; none is empty."""
    is_all: bool = True
    """Whether there are no more than these."""
    marks: Mapping[int, Sequence[HitPart]] = field(default_factory=dict, repr=False)
    """For each line, from 0, what is to be marked in it."""

    def first_from(self, offset: int) -> int:
        """The number of the first hit that begins at an offset or behind it; behind the last comes
        the first. Only if there are hits."""
        at = bisect_right(self.spans, (offset, -1))
        return at if at < len(self.spans) else 0

    def last_before(self, offset: int) -> int:
        """The number of the last hit that begins before an offset; before the first comes the
        last."""
        return (bisect_right(self.spans, (offset, -1)) - 1) % len(self.spans)


def find(text: str, wanted: TextWanted) -> Hits:
    """All hits, up to `MOST`. ServiceError if the pattern is none, or takes too long."""
    spans: list[tuple[int, int]] = []
    for match in _matches(text, wanted):
        if len(spans) == MOST:
            return Hits(spans, is_all=False, marks=_marks(text, spans))
        spans.append(match.span())
    return Hits(spans, marks=_marks(text, spans))


def replaced(text: str, wanted: TextWanted, replacement: str) -> tuple[str, int]:
    """The text with every hit replaced, and how many there were. In a pattern's replacement `\\1`
    and `\\g<name>` stand for groups. ServiceError as `find`."""
    parts: list[str] = []
    count, behind, size = 0, 0, 0
    for match in _matches(text, wanted):
        start, end = match.span()
        parts += text[behind:start], _expanded(match, wanted, replacement)
        size += len(parts[-1]) + len(parts[-2])
        if size > MAX_CHARACTERS:
            raise ServiceError("The text would become too long.", kind=ErrorKind.INVALID)
        count, behind = count + 1, end
    return "".join([*parts, text[behind:]]), count


def replacement_at(text: str, wanted: TextWanted, span: tuple[int, int], replacement: str) -> str:
    """What comes in the place of one hit."""
    for match in _matches(text, wanted, span[0]):
        if match.span() == span:
            return _expanded(match, wanted, replacement)
        break
    raise ServiceError("The text was changed meanwhile.", kind=ErrorKind.CONFLICT)


def _matches(text: str, wanted: TextWanted, start: int = 0) -> Iterator[Any]:
    if not wanted.text:
        return
    deadline = time.monotonic() + LONGEST
    pattern = _compiled(wanted)
    try:
        # Each step releases the interpreter's lock, and ends in time.
        for match in pattern.finditer(text, start, timeout=LONGEST, concurrent=True):
            if time.monotonic() > deadline:
                raise TimeoutError
            if match.end() > match.start():
                yield match
    except TimeoutError:
        raise ServiceError(
            "The pattern takes too long on this text.", kind=ErrorKind.INVALID
        ) from None
    except MemoryError:
        raise ServiceError("The pattern takes too much memory.", kind=ErrorKind.INVALID) from None


def _compiled(wanted: TextWanted) -> Any:
    # Imported here: it takes 20 ms, and few runs need it.
    regex = importlib.import_module("regex")
    if len(wanted.text) > LONGEST_PATTERN and wanted.is_pattern:
        raise ServiceError(
            f"A pattern has at most {LONGEST_PATTERN:,} characters.", kind=ErrorKind.INVALID
        )
    source = wanted.text if wanted.is_pattern else re.escape(wanted.text)
    flags = regex.MULTILINE | (0 if wanted.is_exact else regex.IGNORECASE)
    try:
        return regex.compile(source, flags)
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        raise ServiceError(f"This is no pattern: {error}", kind=ErrorKind.INVALID) from error


def _expanded(match: Any, wanted: TextWanted, replacement: str) -> str:
    if not wanted.is_pattern:
        return replacement
    regex = importlib.import_module("regex")
    try:
        return str(match.expand(replacement))
    except (regex.error, IndexError, ValueError) as error:
        raise ServiceError(f"This is no replacement: {error}", kind=ErrorKind.INVALID) from error


def _marks(text: str, spans: Sequence[tuple[int, int]]) -> dict[int, list[HitPart]]:
    marks: dict[int, list[HitPart]] = {}
    if not spans:
        return marks
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    for number, (start, end) in enumerate(spans):
        row = bisect_right(starts, start) - 1
        while row < len(starts) and starts[row] < end:
            line_end = starts[row + 1] - 1 if row + 1 < len(starts) else len(text)
            left, right = max(start, starts[row]) - starts[row], min(end, line_end) - starts[row]
            # The end of a line has no cell of its own.
            marks.setdefault(row, []).append(HitPart(left, max(right, left), number))
            row += 1
    return marks
