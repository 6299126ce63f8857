"""The lines of a previewed text: their numbers or their places, and the colours of source code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.panes.s3.preview.coloring import Coloring
from tui.panes.s3.preview.lexing import KINDS
from tui.widgets.text.safe_text import pieces
from tui.widgets.text.value_view import CHUNK, ValueRows, ValueView

Label = Callable[[int], str]
"""What stands before a line of the window, counted from 0."""

HIT = "reverse"


class PreviewText(ValueView):
    """A text with something before each line. Colours come when a line is looked at."""

    COMPONENT_CLASSES = {f"preview-text--{kind}" for kind in (*KINDS, "label")}

    DEFAULT_CSS = """
    PreviewText {
        & > .preview-text--label { color: $text-muted; }
        & > .preview-text--comment { color: $text-muted; text-style: italic; }
        & > .preview-text--keyword { color: $text-accent; text-style: bold; }
        & > .preview-text--name { color: $text-primary; }
        & > .preview-text--tag { color: $text-primary; text-style: bold; }
        & > .preview-text--number { color: $text-warning; }
        & > .preview-text--string { color: $text-success; }
    }
    """

    def __init__(
        self,
        text: str,
        *,
        label: Label | None = None,
        label_width: int = 0,
        coloring: Coloring | None = None,
        top: int | None = None,
    ) -> None:
        """`top` is the line of the window that is shown first, -1 for the last one."""
        super().__init__(text, at_end=top == -1)
        self.set_reactive(ValueView.soft_wrap, False)
        self._label = label
        self.margin_width = label_width + 1 if label is not None and label_width else 0
        self._top = top
        self._hit: tuple[int, int, int] | None = None
        self._coloring = coloring
        self._finding = False

    def row_to_show(self, rows: ValueRows, unit: int) -> int:
        if self._top is None or self._top < 0:
            return rows.first_row(unit)
        row = rows.row_of(self._top)
        if row < len(rows) - 1 or rows.line_at(row)[0] == self._top:
            # Till the user scrolls: the beginning alone may be laid out as yet.
            self._top = None
        return row

    @property
    def top_line(self) -> int:
        """The line at the top of the view, counted from 0."""
        return self.rows.line_at(self.scroll_offset.y)[0] if self.rows else 0

    def place_of(self, line: int) -> str:
        """Where a line of the window is, in words."""
        label = self._label(line) if self._label is not None else f"{line + 1:,}"
        return f"at byte {label[1:]}" if label.startswith("@") else f"in line {label}"

    def show_hit(self, line: int, column: int, length: int) -> None:
        """Mark a part of a line, where the line is drawn in one row."""
        self._hit = (line, column, column + length)
        self.refresh()

    # -- drawing ---------------------------------------------------------------------------

    def draw_row(self, rows: ValueRows, row: int, left: int, width: int) -> Strip:
        line, begins = rows.line_at(row)
        whole = rows.whole(row)
        if whole is not None and len(whole) <= CHUNK:
            strip = self._colored(whole, line).crop(left, left + width)
            strip = self.selectable(strip, rows, row, left)
        else:
            strip = super().draw_row(rows, row, left, width)
        if not self.margin_width:
            return strip
        label = self._label(line) if self._label is not None and begins else ""
        drawn = f"{label:>{self.margin_width - 1}} "
        style = self.rich_style + self._style("label")
        return Strip([Segment(drawn, style), *strip])

    def _colored(self, text: str, line: int) -> Strip:
        self._want(line)
        spans = self._coloring.spans(line) if self._coloring is not None else []
        base = self.rich_style
        parts: list[tuple[int, int, Style]] = []
        at = 0
        for left, right, kind in spans:
            if left > at:
                parts.append((at, left, base))
            if right > at:
                parts.append((max(left, at), right, base + self._style(kind)))
                at = right
        parts.append((at, len(text), base))
        if self._hit is not None and self._hit[0] == line:
            parts = list(_marked(parts, self._hit[1], self._hit[2]))
        control = self._control
        segments = [
            Segment(shown, style + control if made else style)
            for begin, end, style in parts
            for shown, made in pieces(text[begin:end], multiline=True)
        ]
        return Strip(segments)

    def _style(self, kind: str) -> Style:
        style = self.get_component_rich_style(f"preview-text--{kind}")
        return Style(color=style.color, bold=style.bold, italic=style.italic)

    def _want(self, line: int) -> None:
        coloring = self._coloring
        if coloring is None or self._finding or not coloring.lacks(line, line):
            return
        self._finding = True
        find: Any = partial(self._find, coloring, line)  # mypy infers no result of a callable
        self.run_worker(find, group="colors", exclusive=True)

    async def _find(self, coloring: Coloring, line: int) -> None:
        try:
            last = line + max(self.size.height, 1)
            await asyncio.to_thread(coloring.find, line, last)
        finally:
            self._finding = False
        self.refresh()


def _marked(
    parts: list[tuple[int, int, Style]], left: int, right: int
) -> list[tuple[int, int, Style]]:
    """The parts with those between two columns marked."""
    marked: list[tuple[int, int, Style]] = []
    for begin, end, style in parts:
        for start, stop, hit in (
            (begin, min(end, left), False),
            (max(begin, left), min(end, right), True),
            (max(begin, right), end, False),
        ):
            if stop > start:
                marked.append((start, stop, style + Style.parse(HIT) if hit else style))
    return marked
