"""A read-only view of a value of any length: it draws what is in view, and nothing else."""

from __future__ import annotations

import asyncio

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.value_rows import ValueRows

AT_ONCE = 20_000
"""Characters that are shown before all are counted."""


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

    def show(self, value: str, *, wrap: bool) -> None:
        """Show another value, from its beginning."""
        self.value, self.rows = value, None
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
        width = self.scrollable_content_region.width if self.soft_wrap else 0
        if width != self._wanted and self.size.width:
            self._wanted = width
            self.run_worker(self._count(width), group="count", exclusive=True)

    async def _count(self, width: int) -> None:
        if self.rows is None:
            part = self.value[-AT_ONCE:] if self._at_end else self.value[:AT_ONCE]
            self._show(ValueRows(part, width))
        rows = await asyncio.to_thread(ValueRows, self.value, width)
        self._show(rows)
        self._at_end = False

    def _show(self, rows: ValueRows) -> None:
        unit = self.rows.unit_at(self.scroll_offset.y) if self.rows else 0
        self.rows = rows
        self.virtual_size = Size(rows.widest, len(rows))
        row = len(rows) if self._at_end else rows.first_row(unit)
        self.call_after_refresh(self.scroll_to, 0, row, animate=False)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width, style = self.size.width, self.rich_style
        if self.rows is None or top + y >= len(self.rows):
            return Strip.blank(width, style)
        runs = self.rows.row(top + y, left, width)
        control = style + self._control
        strip = Strip([Segment(text, control if made else style) for text, made in runs])
        return strip.adjust_cell_length(width, style)

    @property
    def _control(self) -> Style:
        full = self.get_component_rich_style("value-view--control")
        return Style(color=full.color, reverse=full.reverse)
