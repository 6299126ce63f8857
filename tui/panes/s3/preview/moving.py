"""Moving a preview to another place of its object. No Textual here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tui.services.quantities import size_text
from tui.services.s3 import S3Service
from tui.services.s3.preview.preview import Preview
from tui.services.s3.preview.text_search import find_in_bytes, longest_in_bytes
from tui.services.s3.preview.window import END, LineEnds, ObjectPosition, Window, placed, span_at

COUNTED = 256 * 1024 * 1024
"""Bytes that are read at most to count the lines before one that is wanted, or to look for a text;
then it is asked whether to look on."""

PART = 4 * 1024 * 1024
"""Bytes of one request while lines are counted or a text is looked for."""


class Moving:
    """Finds places in an object. `changed` is called when `progress` is another one."""

    def __init__(self, s3: S3Service, changed: Callable[[], None]) -> None:
        self._s3 = s3
        self._changed = changed
        self.progress = ""
        """What is under way, as a sentence; empty if nothing is."""
        self._search: tuple[object, ...] = ()
        """What the last search was for and behind which window; empty if it came to its end."""
        self._looked_to = 0
        """The offset from which that search goes on."""

    async def range(self, window: Window, start: int, length: int) -> bytes:
        """A part of the object that a window is of. Raises ServiceError."""
        of = window.of
        if not length:
            return b""
        return await self._s3.read_range(of.bucket, of.key, start, length, of.etag, of.version_id)

    def in_unpacked(self, shown: Preview, place: ObjectPosition, *, more: bool) -> tuple[int, str]:
        """The line of unpacked data at a place, and what is to be said: there is no way to begin
        in the middle of packed data."""
        count = shown.text.count("\n") if not shown.binary else len(shown.data) // 16
        part = " in the part that is unpacked; + reads more" if more else ""
        if place == END:
            return -1, f"The last line{part}." if part else ""
        if place.line is not None:
            line = place.line - 1
        else:
            offset = place.offset_in(len(shown.data))
            line = offset // 16 if shown.binary else shown.data.count(b"\n", 0, offset)
        if line > count:
            return -1, f"There are only {count + 1:,} lines{part}."
        return line, ""

    async def to(
        self, window: Window, place: ObjectPosition, lines: LineEnds | None
    ) -> tuple[Window, int, str]:
        """The window that shows a place, its line there, and what is to be said. Raises
        ServiceError."""
        if place.line is not None and lines is not None:
            return await self._to_line(window, place.line, lines)
        return await self._to_offset(window, place, lines)

    async def _to_offset(
        self, window: Window, place: ObjectPosition, lines: LineEnds | None
    ) -> tuple[Window, int, str]:
        size = window.of.size
        offset = place.offset_in(size)
        if place.offset is not None and place.offset >= size:
            place = END
            said = f"The object has only {size:,} bytes: this is its end."
        else:
            said = ""
        if place == END:
            if window.at_end:
                return window, -1, said
            start, length = span_at(max(size - PART // 16, 0), size, binary=lines is None)
            data = await self.range(window, start, size - start)
            begin = max(size - PART // 16, 0)
            return await asyncio.to_thread(placed, window.of, start, data, begin, lines), -1, said
        if not window.start <= offset < window.end:
            start, length = span_at(offset, size, binary=lines is None)
            data = await self.range(window, start, length)
            window = await asyncio.to_thread(placed, window.of, start, data, offset, lines)
        inside = offset - window.start
        if lines is None:
            return window, inside // 16, said
        top = await asyncio.to_thread(lines.count, window.data[: max(inside, 0)])
        return window, top, said

    async def _to_line(
        self, window: Window, wanted: int, lines: LineEnds
    ) -> tuple[Window, int, str]:
        known = window.line
        if known is not None and wanted >= known:
            held = await asyncio.to_thread(lines.count, window.data)
            if wanted <= known + held:
                return window, wanted - known, ""
            at, number = window.end, known + held
        else:
            at, number = 0, 1
        begin = at
        try:
            while at < window.of.size:
                if at - begin >= COUNTED:
                    return (
                        window,
                        0,
                        (
                            f"Line {wanted:,} is not in the first {size_text(at)}, where there are "
                            f"{number:,} lines: go by % or by byte instead."
                        ),
                    )
                self._say(f"Counting lines: {number:,} in {size_text(at)}.")
                data = await self.range(window, at, PART)
                if not data:
                    break
                ends = await asyncio.to_thread(lines.ends, data)
                if number + len(ends) >= wanted:
                    offset = at + (ends[wanted - number - 1] if wanted > number else 0)
                    return await self._at_line(window, offset, wanted)
                number += len(ends)
                at += len(data)
        finally:
            self._say("")
        end, top, _ = await self._to_offset(window, END, lines)
        return end, top, f"The object has only {number:,} lines: this is its end."

    async def _at_line(self, window: Window, offset: int, number: int) -> tuple[Window, int, str]:
        start, length = span_at(offset, window.of.size, binary=True)
        data = await self.range(window, start, length)
        skipped = offset - start
        return Window(window.of, offset, data[skipped:], number), 0, ""

    async def find(
        self, window: Window, wanted: str, lines: LineEnds, encoding: str
    ) -> tuple[int | None, str]:
        """The offset of a text behind a window; else None, and how far it was looked for: asked
        again, it is looked for from there. Raises ServiceError."""
        size, overlap = window.of.size, longest_in_bytes(wanted)
        # A hit may begin in the window, and end behind it: those that end in it are known.
        inside = len(wanted.encode(encoding, "replace")) - lines.unit
        search = (window.of.etag, window.start, window.end, wanted, encoding)
        if search != self._search:
            self._search, self._looked_to = search, max(window.end - inside, window.start)
        begin = at = self._looked_to
        try:
            while at < size:
                self._looked_to = at
                if at - begin >= COUNTED:
                    return None, f"“{wanted}” is not found up to {size_text(at)}; n looks on."
                self._say(
                    f"Looking for “{wanted}”: {size_text(at)} of {size_text(size)}. Esc stops."
                )
                data = await self.range(window, at, min(PART, size - at))
                if not data:
                    break
                skipped = lines.whole(data, 0) if lines.unit == 1 else -at % lines.unit
                hit = await asyncio.to_thread(find_in_bytes, data[skipped:], wanted, encoding)
                if hit is not None:
                    self._search = ()
                    return at + skipped + hit, ""
                end = at + len(data)
                at = end if end >= size else end - overlap - (end - overlap) % 4
        finally:
            self._say("")
        self._search = ()
        return None, f"“{wanted}” is not found in the rest of the object."

    def _say(self, progress: str) -> None:
        self.progress = progress
        self._changed()
