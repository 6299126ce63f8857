"""The text of a previewed object: what stands before its lines, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from tui.panes.s3.preview.lexing import language_of
from tui.services.formats.hex_dump import hex_dump
from tui.services.quantities import size_text
from tui.services.s3.preview.preview import Preview, plain_name
from tui.services.s3.preview.window import LineEnds, Window


def drawn(shown: Preview, start: int = 0) -> str:
    """What is drawn of an object: its text, or its bytes in hex. `start` is its first byte."""
    return hex_dump(shown.data, start=start) if shown.binary else shown.text


@dataclass(frozen=True)
class Margin:
    """What stands before the lines of a window: numbers if they are known, else the offset of each
    line's first byte."""

    first: int | None
    """The number of the first line."""
    offsets: tuple[int, ...]
    """Where each line begins; empty if numbers are known."""
    width: int

    def label(self, line: int) -> str:
        """What stands before a line, counted from 0."""
        if self.first is not None:
            return f"{self.first + line:,}"
        return f"@{self.offsets[line]:,}" if line < len(self.offsets) else ""


def margin_of(window: Window, shown: Preview) -> Margin:
    """The margin of a text. Blocking: goes through all lines."""
    lines = LineEnds(shown.encoding)
    first = window.line
    if shown.unpacked or first is not None:
        first = first or 1
        return Margin(first, (), len(f"{first + shown.text.count(chr(10)):,}"))
    offsets = (window.start, *(window.start + each for each in lines.ends(window.data)))
    return Margin(None, offsets, len(f"@{offsets[-1]:,}"))


def language(key: str) -> str:
    """The language of a source file by its key; empty for anything else."""
    return language_of(plain_name(key).name)


def part_note(window: Window, shown: Preview, *, may_go_on: bool) -> str:
    """What to say of an object of which only a part is shown."""
    size = size_text(window.of.size)
    more = " + reads more." if may_go_on else ""
    if window.at_start:
        part = f"the first {size_text(len(shown.data))}"
        if shown.unpacked:
            part += " unpacked"
        return f"Only {part}: the object has {size}.{more}"
    reads = " + reads on, - what stands before." if may_go_on else " - reads what stands before."
    inside = " It begins inside a line." if window.inside and not shown.binary else ""
    return f"Bytes {window.start:,} to {window.end:,} of {size}.{inside}{reads}"
