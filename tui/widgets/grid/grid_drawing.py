"""How a grid draws its rows: what is in view, in lines that are kept while nothing of them changes.

Rows are held as they were given (raw text); what is drawn is made safe cell by cell on the way to
the screen, so nothing a store holds can reach the terminal uninterpreted or change the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.grid.cells import Absent, CellValue, Column, LazyRows, Row
from tui.widgets.grid.grid_cells import ColumnWidths
from tui.widgets.grid.grid_lines import MARKED, GridLine, GridStyles, draw_view

HEADER = -1
"""Stands for the index of a row: the titles of the columns."""


class GridDrawing(ScrollView):
    """Rows and columns on the screen, with a cursor and marks that others move."""

    cursor_row: reactive[int] = reactive(0, repaint=False)
    """Index into `rows`; 0 when there are none."""
    cursor_column: reactive[int] = reactive(0, repaint=False)
    """Index into `columns`; only drawn when `cursor_type` is "cell"."""

    def __init__(
        self,
        cursor_type: Literal["row", "cell"],
        *,
        id: str | None = None,  # noqa: A002  # Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor_type = cursor_type
        self.columns: tuple[Column, ...] = ()
        self.rows: list[Row] | LazyRows[Any] = []
        self.marked: set[int] = set()
        """Indices of marked rows."""
        self.is_marked: Callable[[int], bool] = lambda row: row in self.marked
        """Whether a row is drawn as marked; a host that keeps the marks of very many rows may give
        its own answer, and then `refresh` draws them anew."""
        self.sign = MARKED
        """What stands in front of a marked row, one column wide."""
        self.frozen = 0
        """How many columns on the left stay in view."""
        self._widths = ColumnWidths()
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(256)
        self._generation = 0
        self._fitted_to = 0
        """The width that the columns were fitted to."""
        self._looks: GridStyles | None = None

    # -- what is drawn ---------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        """The index of the row under the cursor; None when there are no rows."""
        return self.cursor_row if self.rows else None

    def cell_at(self, row: int, column: int) -> CellValue:
        """The raw cell; MISSING where a row is shorter than the columns."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else Absent.MISSING

    @property
    def rows_in_view(self) -> tuple[int, int]:
        """The first row in view, and the one after the last."""
        first = int(self.scroll_y)
        return first, min(first + self.size.height, len(self.rows))

    def redraw_rows(self) -> None:
        """Draw anew what is in view, because LazyRows are made otherwise now."""
        self._widths.measure(self.rows[slice(*self.rows_in_view)])
        self._refit()

    # -- drawing ---------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks = None
        self._repaint()

    @property
    def looks(self) -> GridStyles:
        """The styles that the lines are drawn with now."""
        if self._looks is None:
            self._looks = GridStyles(self.rich_style, self.get_component_rich_style)
        return self._looks

    def _measure_seen(self) -> None:
        first = int(self.scroll_y)
        if self._widths.measure(self.rows[first : first + self.size.height]):
            self._refit()

    def _refit(self) -> None:
        self._fitted_to = self._room
        self._widths.fit(self._fitted_to)
        self._resize_content()
        self._repaint()

    @property
    def _room(self) -> int:
        """The width that a row may have without a scroll bar below the rows; 0 if not known yet."""
        width, height = self.container_size
        beside = self.styles.scrollbar_size_vertical if len(self.rows) + 1 > height else 0
        return max(width - beside, 0)

    def _resize_content(self) -> None:
        """Tell the scroll bars how much there is. The size of the grid itself does not depend on
        it: to lay out the whole screen for every page would cost more than the page."""
        size = Size(self._widths.total, len(self.rows) + 1)
        if size != self.virtual_size:
            self.set_reactive(ScrollView.virtual_size, size)
            if self.is_mounted:
                self._scroll_update(size)

    def _repaint(self) -> None:
        self._generation += 1
        self.refresh()

    def _repaint_rows(self, rows: Iterable[int]) -> None:
        """Draw those of the rows again that are in view."""
        first = int(self.scroll_y)
        view = range(first, first + self.size.height)
        wanted = rows if isinstance(rows, range) else set(rows)
        lines = [row - first + 1 for row in view if row in wanted]
        if lines:
            self.refresh(*(Region(0, line, self.size.width, 1) for line in lines))

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        left = int(self.scroll_x)
        index = HEADER if y == 0 else int(self.scroll_y) + y - 1
        if index >= len(self.rows):
            return Strip.blank(width, self.looks.row)
        cursor = (self.cursor_column, self.has_focus) if index == self.cursor_row else None
        sign = self.sign if index != HEADER and self.is_marked(index) else ""
        key = (index, left, width, self._generation, cursor, sign)
        if key not in self._strips:
            self._strips[key] = self._draw(index, left, width, sign)
        return self._strips[key]

    def _draw(self, index: int, left: int, width: int, sign: str) -> Strip:
        on_cursor = index == self.cursor_row
        on_cell = on_cursor and self.cursor_type == "cell"
        line = GridLine(
            None if index == HEADER else self.rows[index],
            sign=sign,
            has_cursor=on_cursor and not on_cell,
            cursor_column=self.cursor_column if on_cell else None,
        )
        return draw_view(line, self._widths, self.looks, left, width, self.frozen)
