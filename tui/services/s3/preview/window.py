"""A part of an object that is looked at: of bounded size, anywhere in it. No request here."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, replace

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.objects import LIMIT, Beginning

MOST = 4 * 1024 * 1024
"""Bytes that a window holds at most: what is read on beyond them replaces its other end."""

LOOK_BACK = 32 * 1024
"""Bytes before a place in which the beginning of its line is looked for."""

ROW = 16
"""Bytes of one line in hex: a window on binary data begins at a multiple of them."""

_UNITS = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}


class LineEnds:
    """Where the lines of a text end, in its bytes."""

    def __init__(self, encoding: str) -> None:
        self.unit = _UNITS.get(encoding, 1)
        """Bytes of the shortest character."""
        self._utf8 = encoding == "utf-8"
        self._end = "\n".encode(encoding) if encoding in _UNITS else b"\n"

    def ends(self, data: bytes) -> array[int]:
        """The offsets behind the line ends of data that begins with a whole character."""
        found = array("Q")
        at = data.find(self._end)
        while at >= 0:
            if at % self.unit == 0:
                found.append(at + self.unit)
                at += self.unit
            else:
                at += 1
            at = data.find(self._end, at)
        return found

    def count(self, data: bytes) -> int:
        """The number of line ends."""
        return data.count(b"\n") if self.unit == 1 else len(self.ends(data))

    def begin(self, data: bytes, before: int) -> int | None:
        """The last beginning of a line at or before an offset; None if there is none in `data`."""
        at = before
        while (at := data.rfind(self._end, 0, at)) >= 0:
            if at % self.unit == 0:
                return at + self.unit
            at += self.unit - 1
        return None

    def whole(self, data: bytes, at: int) -> int:
        """The first whole character at or behind an offset."""
        at += -at % self.unit
        for _ in range(3):
            if not (self._utf8 and at < len(data) and data[at] & 0xC0 == 0x80):
                break
            at += 1
        return at


@dataclass(frozen=True)
class Window:
    """The bytes of an object from `start` on, as stored."""

    of: Beginning
    """The object; its own bytes are those that were read first."""
    start: int
    data: bytes
    line: int | None
    """The number of the first line, counted from 1; None if nobody has counted."""
    inside: bool = False
    """Whether it begins in the middle of a line."""

    @property
    def end(self) -> int:
        return self.start + len(self.data)

    @property
    def at_start(self) -> bool:
        return self.start == 0

    @property
    def at_end(self) -> bool:
        return self.end >= self.of.size

    def forward(self, more: bytes, lines: LineEnds | None, *, most: int = MOST) -> Window:
        """With the bytes that follow; without the first ones where it would be too large.

        `lines` None means binary data.
        """
        data = self.data + more
        cut = len(data) - most
        if cut <= 0:
            return replace(self, data=data)
        inside = False
        if lines is None:
            cut += -cut % ROW
        else:
            at = lines.begin(data[: cut + LOOK_BACK], cut + LOOK_BACK)
            inside = at is None or at < cut
            cut = lines.whole(data, cut) if at is None or at < cut else at
        line = self.line
        if line is not None and lines is not None:
            line += lines.count(data[:cut])
        return Window(self.of, self.start + cut, data[cut:], line, inside)

    def backward(self, before: bytes, lines: LineEnds | None, *, most: int = MOST) -> Window:
        """With the bytes before, which may begin anywhere; without the last ones where it would be
        too large."""
        start = self.start - len(before)
        skipped, inside = first_line(before, 0, lines, at_start=start == 0)
        if lines is not None and skipped >= len(before):
            skipped, inside = lines.whole(before, 0), True
        before = before[skipped:]
        line = self.line
        if start == 0:
            line = 1
        elif line is not None and lines is not None:
            line -= lines.count(before)
        data = (before + self.data)[:most]
        if lines is not None and lines.unit > 1:
            data = data[: len(data) - len(data) % lines.unit]
        return Window(self.of, start + skipped, data, line, inside)


def first_line(data: bytes, at: int, lines: LineEnds | None, *, at_start: bool) -> tuple[int, bool]:
    """Where a window that begins about `at` really begins, and whether that is inside a line.

    At the beginning of the line that holds `at`, if `data` has it; else behind the next line end
    within reach, else at a whole character. `at_start` says that `data` begins where the object
    does.
    """
    if lines is None:
        return at - at % ROW, False
    if at_start and at == 0:
        return 0, False
    begin = lines.begin(data, at)
    if begin is not None:
        return begin, False
    if at_start and at <= LOOK_BACK:
        return 0, False
    reach = data[: at + LOOK_BACK]
    following = lines.ends(reach) if at == 0 else array("Q")
    if following:
        return following[0], False
    return lines.whole(data, at), True


def span_at(offset: int, size: int, *, binary: bool) -> tuple[int, int]:
    """The first byte and the number of bytes to ask for to show the place at an offset."""
    offset = max(min(offset, size - 1), 0)
    if binary:
        offset -= offset % ROW
        return offset, min(LIMIT, size - offset)
    start = max(offset - LOOK_BACK, 0)
    start -= start % 4
    return start, min(offset + LIMIT, size) - start


def placed(of: Beginning, start: int, data: bytes, offset: int, lines: LineEnds | None) -> Window:
    """A window on the line at `offset`, from data that was read from `start` on."""
    skipped, inside = first_line(data, max(offset - start, 0), lines, at_start=start == 0)
    at = start + skipped
    line = 1 if at == 0 else None
    return Window(of, at, data[skipped:], line, inside)


@dataclass(frozen=True)
class ObjectPosition:
    """A place in an object, as a person names it: one of the three."""

    line: int | None = None
    """Counted from 1."""
    offset: int | None = None
    """Of a byte, from 0; negative from the end."""
    percent: float | None = None

    def offset_in(self, size: int) -> int:
        """The byte of it in an object of so many bytes; 0 for a line."""
        if self.percent is not None:
            return min(int(size * self.percent / 100), max(size - 1, 0))
        offset = self.offset or 0
        return max(size + offset, 0) if offset < 0 else min(offset, max(size - 1, 0))


START = ObjectPosition(offset=0)
END = ObjectPosition(offset=-1)

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%")


def place_of(text: str, *, binary: bool) -> ObjectPosition:
    """`start`, `end`, `50%`, `@4096` or `0x1000` (a byte), `120` (a line; a byte of binary data).

    Raises ServiceError (INVALID).
    """
    typed = text.strip().lower().replace(",", "").replace("_", "")
    if typed in ("start", "end"):
        return START if typed == "start" else END
    percent = _PERCENT.fullmatch(typed)
    if percent and float(percent[1]) <= 100:
        return ObjectPosition(percent=float(percent[1]))
    if re.fullmatch(r"@?0x[0-9a-f]{1,16}", typed):
        return ObjectPosition(offset=int(typed.lstrip("@"), 16))
    if re.fullmatch(r"@\d{1,19}", typed):
        return ObjectPosition(offset=int(typed[1:]))
    if re.fullmatch(r"[0-9]{1,19}", typed):
        return (
            ObjectPosition(offset=int(typed)) if binary else ObjectPosition(line=max(int(typed), 1))
        )
    raise ServiceError(
        "This names no place: type start, end, 50%, a byte as @4096 or 0x1000"
        + ("." if binary else ", or the number of a line."),
        kind=ErrorKind.INVALID,
    )
