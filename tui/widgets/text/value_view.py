"""A read-only view of a value of any length: it draws what is in view, and nothing else."""

from __future__ import annotations

import asyncio
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import partial
from typing import Any

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from tui.widgets.text.safe_text import pieces, visible

CHUNK = 2_000
"""Characters of a line that is not plain ASCII that are drawn together. A longer one begins a new
row behind each."""

_NARROW = re.compile("[ -~\xa1-\xac\xae-\u02ff\u2400-\u2426]*")
"""Characters of one cell each, so that every row but the last is full."""

Run = tuple[str, bool]
"""Text that can be drawn, and whether it stands for a character that cannot."""

PIECE = 1024 * 1024
"""Characters that are looked at in one call."""

AT_ONCE = 20_000
"""Characters that are shown before all are counted."""


class ValueRows:
    """The rows of a value in a view of some width. To make one takes long; it belongs on a thread.

    A width of 0 means that lines are not wrapped.
    """

    def __init__(self, value: str, width: int) -> None:
        self.width = width
        self._units: list[str] = []
        """Lines, or chunks of them."""
        self._starts = array("Q", [0])
        """The first row of each unit, and the number of rows."""
        self._lines = array("Q")
        """The line that each unit belongs to."""
        self.widest = 0
        """Terminal cells of the longest row."""
        for number, line in enumerate(value.split("\n")):
            for unit in _units(line):
                self._add(unit)
                self._lines.append(number)

    def _add(self, unit: str) -> None:
        simple = _is_simple(unit)
        drawn = unit if simple else visible(unit, multiline=True)
        size = len(unit) if simple else cell_len(drawn)
        rows = 1
        if self.width and size > self.width:
            even = simple or _NARROW.fullmatch(drawn)
            rows = -(-size // self.width) if even else len(_wrapped(unit, self.width))
        self._units.append(unit)
        self._starts.append(self._starts[-1] + rows)
        self.widest = max(self.widest, min(size, self.width) if self.width else size)

    def __len__(self) -> int:
        return self._starts[-1]

    def row(self, number: int, left: int, width: int) -> list[Run]:
        """What is drawn in a row from a column on; it may be wider than `width`."""
        at = bisect_right(self._starts, number) - 1
        unit, part = self._units[at], number - self._starts[at]
        if _is_simple(unit):
            begin = part * self.width + left
            end = begin + width if not self.width else min(begin + width, (part + 1) * self.width)
            return [(unit[begin:end], False)]
        runs = _wrapped(unit, self.width)[part] if self.width else pieces(unit, multiline=True)
        return runs if not left else _behind(runs, left)

    def drawn(self, number: int, width: int) -> str:
        """What is drawn in a row from its beginning; it may be wider than `width`."""
        return "".join(text for text, _ in self.row(number, 0, width))

    def unit_at(self, row: int) -> int:
        """The line, or chunk of one, that a row belongs to: it is the same in another width."""
        return min(bisect_right(self._starts, row), len(self._units)) - 1

    def line_at(self, row: int) -> tuple[int, bool]:
        """The number of the line that a row belongs to, from 0, and whether it begins there."""
        unit = self.unit_at(row)
        begins = self._starts[unit] == row and (
            not unit or self._lines[unit - 1] != self._lines[unit]
        )
        return self._lines[unit], begins

    def row_of(self, line: int) -> int:
        """The first row of a line; the last row if there are fewer lines."""
        if line > self._lines[-1]:
            return max(len(self) - 1, 0)
        return self._starts[bisect_left(self._lines, line)]

    def whole(self, row: int) -> str | None:
        """The line that is drawn in a row, if no other row draws a part of it."""
        unit = self.unit_at(row)
        line = self._lines[unit]
        alone = self._starts[unit + 1] - self._starts[unit] == 1 and not any(
            self._lines[other] == line
            for other in (unit - 1, unit + 1)
            if 0 <= other < len(self._units)
        )
        return self._units[unit] if alone else None

    def first_row(self, unit: int) -> int:
        """Where a line, or chunk of one, begins."""
        return self._starts[unit]


def _is_simple(unit: str) -> bool:
    if len(unit) <= AT_ONCE:
        return unit.isascii() and unit.isprintable()
    # In pieces: one call for 100 MB would hold up every other thread for 0.2 s.
    starts = range(0, len(unit), PIECE)
    return unit.isascii() and all(unit[at : at + PIECE].isprintable() for at in starts)


def _units(line: str) -> Iterator[str]:
    if len(line) <= CHUNK or _is_simple(line):
        yield line
        return
    for start in range(0, len(line), CHUNK):
        yield line[start : start + CHUNK]


def units_before(value: str, at: int) -> int:
    """The number of the line, or chunk of one, in which a character of a value stands."""
    *lines, _ = value[:at].split("\n")
    begin = sum(len(line) + 1 for line in lines)
    end = value.find("\n", at)
    own = value[begin : len(value) if end < 0 else end]
    before = sum(1 for line in lines for _ in _units(line))
    return before + (0 if len(own) <= CHUNK or _is_simple(own) else (at - begin) // CHUNK)


def _wrapped(unit: str, width: int) -> list[list[Run]]:
    """The rows of a unit that is not plain ASCII."""
    rows: list[list[Run]] = [[]]
    room = width
    for text, made_visible in pieces(unit, multiline=True):
        spans, _ = split_graphemes(text)
        for start, end, size in spans:
            if size > room:
                rows.append([])
                room = width
            rows[-1].append((text[start:end], made_visible))
            room -= size
    return rows


def _behind(runs: list[Run], left: int) -> list[Run]:
    """The runs without the cells in front of a column."""
    kept: list[Run] = []
    for text, made_visible in runs:
        size = cell_len(text)
        if left >= size:
            left -= size
            continue
        if left:
            text = _without(text, left)
            left = 0
        kept.append((text, made_visible))
    return kept


def _without(text: str, cells: int) -> str:
    """Text without so many cells; half a character that is left over is a blank."""
    spans, _ = split_graphemes(text)
    for start, _, size in spans:
        if cells <= 0:
            return text[start:] if cells == 0 else " " * -cells + text[start:]
        cells -= size
    return ""


class ValueView(ScrollView, can_focus=True):
    """The lines of a value, wrapped or not. They are counted on a thread."""

    COMPONENT_CLASSES = {"value-view--control"}

    DEFAULT_CSS = """
    ValueView {
        height: 1fr; background: $surface; color: $foreground;
        overflow-y: scroll;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        & > .value-view--control { color: $text-muted; text-style: reverse; }
    }
    """

    soft_wrap: reactive[bool] = reactive(True)

    def __init__(self, value: str, *, at_end: bool = False, id: str | None = None) -> None:  # noqa: A002  # Textual's own name
        super().__init__(id=id)
        self.value = value
        self.rows: ValueRows | None = None
        """Those of the beginning or the end only, until all are counted."""
        self._at_end = at_end
        self._wanted = -1
        self._first_unit = 0
        """Of a value that was just given: the line, or chunk of one, that is seen first."""
        self.margin_width = 0
        """Columns at the left that `draw_row` fills with something else than the value."""

    def show(self, value: str, *, wrap: bool, begin: int = 0) -> None:
        """Show another value, from its beginning, or from the line of the character `begin`."""
        self.value, self.rows = value, None
        self._first_unit = units_before(value, begin) if begin else 0
        self._wanted = -1
        self.set_reactive(ValueView.soft_wrap, wrap)
        self.refresh()
        if self.is_mounted:
            self.scroll_to(0, 0, animate=False)
            self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def watch_soft_wrap(self) -> None:
        if self.is_mounted:
            self._arrange()

    def _arrange(self) -> None:
        width = self.scrollable_content_region.width - self.margin_width if self.soft_wrap else 0
        width = max(width, 1) if self.soft_wrap else 0
        if width != self._wanted and self.size.width:
            self._wanted = width
            # Not the coroutine itself: one that is overtaken before it begins is never awaited.
            count: Any = partial(self._count, width)  # mypy infers no result of a callable
            self.run_worker(count, group="count", exclusive=True)

    async def _count(self, width: int) -> None:
        if self.rows is None and not self._first_unit:
            part = self.value[-AT_ONCE:] if self._at_end else self.value[:AT_ONCE]
            self._show(ValueRows(part, width))
        rows = await asyncio.to_thread(ValueRows, self.value, width)
        self._show(rows)
        self._at_end, self._first_unit = False, 0

    def _show(self, rows: ValueRows) -> None:
        unit = self._first_unit or (self.rows.unit_at(self.scroll_offset.y) if self.rows else 0)
        self.rows = rows
        self.virtual_size = Size(rows.widest + self.margin_width, len(rows))
        row = len(rows) if self._at_end else self.row_to_show(rows, unit)
        self.call_after_refresh(self.scroll_to, 0, row, animate=False)
        self.refresh()

    def row_to_show(self, rows: ValueRows, unit: int) -> int:
        """The row that is scrolled to when the rows are others; `unit` was the first one."""
        return rows.first_row(unit)

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width, style = self.size.width, self.rich_style
        if self.rows is None or top + y >= len(self.rows):
            return Strip.blank(width, style)
        strip = self.draw_row(self.rows, top + y, left, max(width - self.margin_width, 0))
        return strip.adjust_cell_length(width, style)

    def draw_row(self, rows: ValueRows, row: int, left: int, width: int) -> Strip:
        """What stands in a row, from a column on; it may be wider than `width`."""
        style = self.rich_style
        control = style + self._control
        runs = rows.row(row, left, width)
        strip = Strip([Segment(text, control if made else style) for text, made in runs])
        return self.selectable(strip, rows, row, left)

    # -- selection with the mouse ----------------------------------------------------------

    def selectable(self, strip: Strip, rows: ValueRows, row: int, left: int) -> Strip:
        """What is drawn in a row from a column on, with its selected part marked."""
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        if span is not None:
            begin, end = span
            text = rows.drawn(row, left + strip.cell_length)
            first = max(cell_len(text[:begin]) - left, 0)
            last = strip.cell_length if end < 0 else max(cell_len(text[:end]) - left, first)
            style = self.screen.get_component_rich_style("screen--selection")
            parts = strip.divide([first, last, strip.cell_length])
            if len(parts) == 3:
                strip = Strip.join([parts[0], parts[1].apply_style(style), parts[2]])
        return strip.apply_offsets(left, row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it is drawn, lines that are wrapped as one."""
        rows = self.rows
        if rows is None:
            return None
        first = selection.start.y if selection.start is not None else 0
        last = min(selection.end.y if selection.end is not None else len(rows), len(rows) - 1)
        parts: list[str] = []
        for row in range(first, last + 1):
            span = selection.get_span(row)
            if span is None:
                continue
            begin, end = span
            text = rows.drawn(row, rows.width or rows.widest)
            parts.append("\n" if parts and rows.line_at(row)[1] else "")
            parts.append(text[begin:] if end < 0 else text[begin:end])
        return "".join(parts), "\n"

    @property
    def _control(self) -> Style:
        full = self.get_component_rich_style("value-view--control")
        return Style(color=full.color, reverse=full.reverse)
