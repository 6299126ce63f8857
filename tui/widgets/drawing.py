"""A drawing whose lines were made before: a picture.

As a text with a style for each cell it would hold up the screen for a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

StyledLines = Sequence[Sequence[Segment]]


class Drawing(Widget):
    """Draws the lines as they are, cut at its edge."""

    DEFAULT_CSS = """
    Drawing { width: 1fr; height: auto; }
    """

    def __init__(self, lines: StyledLines = (), *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._strips = [Strip(line) for line in lines]

    def show(self, lines: StyledLines) -> None:
        """Draw others."""
        self._strips = [Strip(line) for line in lines]
        self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return max((strip.cell_length for strip in self._strips), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._strips)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        return self._strips[y].adjust_cell_length(width, self.rich_style)
