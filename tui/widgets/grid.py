"""The virtual table of every pane: draws only the rows on screen, appends pages as they come.

Rows are held as they were given (raw text); what is drawn is made safe cell by cell on the way to
the screen, so nothing a store holds can reach the terminal uninterpreted or change the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from textual import events
from textual.binding import Binding
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import Absent, CellValue, Column, LazyRows, Row
from tui.widgets.grid_cells import MEASURED_ROWS, ColumnWidths
from tui.widgets.grid_lines import COMPONENT_CLASSES, CSS, Line, Looks, draw_view

NEAR_END = 50
"""When the cursor comes this near to the last loaded row, more is asked for."""

HEADER = -1
"""Stands for the index of a row: the titles of the columns."""


class Grid(ScrollView, can_focus=True):
    """A table over rows that are loaded page by page."""

    COMPONENT_CLASSES = COMPONENT_CLASSES
    DEFAULT_CSS = CSS

    BINDINGS = [
        Binding("up,k", "move(-1)", "Up", show=False, id="grid.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="grid.down"),
        Binding("left,h", "across(-1)", "Left", show=False, id="grid.left"),
        Binding("right", "across(1)", "Right", show=False, id="grid.right"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="grid.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="grid.page_down"),
        Binding("g,home", "edge(-1)", "First", show=False, id="grid.first"),
        Binding("G,end", "edge(1)", "Last", show=False, id="grid.last"),
    ]

    cursor_row: reactive[int] = reactive(0, repaint=False)
    """Index into `rows`; 0 when there are none."""
    cursor_column: reactive[int] = reactive(0, repaint=False)
    """Index into `columns`; only drawn when `cursor_type` is "cell"."""

    class Said(Message):
        """Base of what a grid says."""

        def __init__(self, grid: Grid) -> None:
            self.grid = grid
            super().__init__()

        @property
        def control(self) -> Grid:
            return self.grid

    class MoreWanted(Said):
        """The cursor or the view comes near the end of the rows, and there are more to load."""

    class EndWanted(Said):
        """The last row of all is wanted, and there are more to load: the host loads them and moves
        the cursor there."""

    class CursorMoved(Said):
        """The cursor stands on another row or cell, or the marks changed."""

    class HeaderClicked(Said):
        """The title of a column was clicked."""

        def __init__(self, grid: Grid, column: int) -> None:
            super().__init__(grid)
            self.column = column

    class Opened(Said):
        """A row was double-clicked; Enter goes through the host's commands instead."""

    def __init__(
        self,
        *,
        cursor_type: Literal["row", "cell"] = "row",
        id: str | None = None,  # noqa: A002  # Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor_type = cursor_type
        self.columns: tuple[Column, ...] = ()
        self.rows: list[Row] | LazyRows[Any] = []
        self.more = False
        """Whether rows follow that are not loaded."""
        self.marked: set[int] = set()
        """Indices of marked rows."""
        self.is_marked: Callable[[int], bool] = lambda row: row in self.marked
        """Whether a row is drawn as marked; a host that keeps the marks of very many rows may give
        its own answer, and then `refresh` draws them anew."""
        self.frozen = 0
        """How many columns on the left stay in view."""
        self._asked_at = -1
        self._widths = ColumnWidths()
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(256)
        self._generation = 0
        self._fitted_to = 0
        """The width that the columns were fitted to."""
        self._height = 0
        """Rows of the screen that it had when it was last resized; 0 before the first time."""
        self._looks: Looks | None = None

    # -- content ---------------------------------------------------------------------------

    def show(
        self, columns: Sequence[Column], rows: Iterable[Row], *, more: bool = False, cursor: int = 0
    ) -> None:
        """Replace everything. `more` says that rows follow these."""
        self.columns = tuple(columns)
        self.rows = rows if isinstance(rows, LazyRows) else list(rows)
        self.marked = set()
        self.more = more
        self._asked_at = -1
        self._widths = ColumnWidths(self.columns)
        self._widths.measure(self.rows)
        self.scroll_to(0, 0, animate=False, immediate=True)
        self._refit()
        self.cursor_column = min(self.cursor_column, max(len(self.columns) - 1, 0))
        self.set_reactive(Grid.cursor_row, 0)
        self.move_cursor(cursor)
        self.post_message(self.CursorMoved(self))

    def append(
        self, rows: Iterable[Row], *, more: bool, columns: Sequence[Column] | None = None
    ) -> None:
        """Add a page below, and columns to the right if `columns` is longer than before.

        Shorter earlier rows are drawn as having nothing there (MISSING).
        """
        added = () if columns is None else tuple(columns[len(self.columns) :])
        if added:
            self.columns += added
            self._widths.add(added)
        first = len(self.rows)
        self.rows.extend(rows)
        self.more = more
        wider = self._widths.measure(self.rows[first : first + MEASURED_ROWS])
        if added or wider or self._room != self._fitted_to:
            self._refit()
        else:
            self._resize_content()
            self._repaint_rows(range(first, len(self.rows)))
        if not first and self.rows:
            # There was no row under the cursor before.
            self.post_message(self.CursorMoved(self))
        self._ask_for_more()

    def update_row(self, index: int, row: Row) -> None:
        """Replace one row in place."""
        assert isinstance(self.rows, list), "LazyRows change with what they are made of"
        self.rows[index] = row
        self._strips.clear()
        if self._widths.measure([row]):
            self._refit()
        else:
            self._repaint_rows([index])

    @property
    def rows_in_view(self) -> tuple[int, int]:
        """The first row in view, and the one after the last."""
        first = int(self.scroll_y)
        return first, min(first + self.size.height, len(self.rows))

    def redraw_rows(self) -> None:
        """Draw anew what is in view, because LazyRows are made otherwise now."""
        self._widths.measure(self.rows[slice(*self.rows_in_view)])
        self._refit()

    @property
    def current(self) -> int | None:
        """The index of the row under the cursor; None when there are no rows."""
        return self.cursor_row if self.rows else None

    @property
    def targets(self) -> list[int]:
        """The rows that a verb acts on: the marked ones, or else the one under the cursor."""
        if self.marked:
            return sorted(self.marked)
        return [] if self.current is None else [self.cursor_row]

    def cell_at(self, row: int, column: int) -> CellValue:
        """The raw cell; MISSING where a row is shorter than the columns."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else Absent.MISSING

    # -- cursor and marks ------------------------------------------------------------------

    def move_cursor(self, row: int, column: int | None = None) -> None:
        """Put the cursor on a row (clamped) and bring it into view."""
        if column is not None:
            self.cursor_column = max(0, min(column, len(self.columns) - 1))
        self.cursor_row = max(0, min(row, len(self.rows) - 1)) if self.rows else 0
        self._scroll_to_cursor()
        self._ask_for_more()

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and step down."""
        if self.current is None:
            return
        self.marked ^= {self.cursor_row}
        self._repaint_rows([self.cursor_row])
        self.move_cursor(self.cursor_row + 1)
        self.post_message(self.CursorMoved(self))

    def toggle_all_marks(self) -> None:
        """Mark every row, or unmark them if all are marked."""
        everything = set(range(len(self.rows)))
        self.marked = set() if self.marked == everything else everything
        self._repaint()
        self.post_message(self.CursorMoved(self))

    def mark_only(self, rows: Iterable[int] = ()) -> None:
        """Mark these rows and no others, without a word: for hosts that keep the marks."""
        marks = set(rows)
        if marks != self.marked:
            changed, self.marked = marks ^ self.marked, marks
            self._repaint_rows(changed)

    def watch_cursor_row(self, old: int, new: int) -> None:
        if old != new:
            self._repaint_rows([old, new])
            self.post_message(self.CursorMoved(self))

    def watch_cursor_column(self, old: int, new: int) -> None:
        if old != new:
            self._repaint_rows([self.cursor_row])
            self.post_message(self.CursorMoved(self))

    def action_move(self, step: int) -> None:
        self.move_cursor(self.cursor_row + step)

    def action_page(self, direction: int) -> None:
        self.move_cursor(self.cursor_row + direction * max(self.size.height - 2, 1))

    def action_edge(self, direction: int) -> None:
        if direction > 0 and self.more:
            self.post_message(self.EndWanted(self))
        else:
            self.move_cursor(0 if direction < 0 else len(self.rows) - 1)

    def action_across(self, step: int) -> None:
        if self.cursor_type == "cell":
            self.move_cursor(self.cursor_row, self.cursor_column + step)
        else:
            self.scroll_to(x=self.scroll_x + step * 8, animate=False, immediate=True)

    def freeze(self, columns: int) -> bool:
        """Keep so many columns on the left in view; False if that leaves too little for others."""
        if columns and self._widths.left_of(columns) > self.size.width * 2 // 3:
            return False
        self.frozen = columns
        self._repaint()
        self._scroll_to_cursor()
        return True

    def _scroll_to_cursor(self) -> None:
        # The header covers the first line, so the view's first row lies one line lower.
        height = max(self.scrollable_content_region.height - 1, 1)
        if self.cursor_row < self.scroll_y:
            self.scroll_to(y=self.cursor_row, animate=False, immediate=True)
        elif self.cursor_row >= self.scroll_y + height:
            self.scroll_to(y=self.cursor_row - height + 1, animate=False, immediate=True)
        if self.cursor_type == "cell" and self.columns:
            begin, width = int(self.scroll_x), self.size.width
            wanted = self._widths.begin_of_view(self.cursor_column, begin, width, self.frozen)
            if wanted != begin:
                self.scroll_to(x=wanted, animate=False, immediate=True)

    def _ask_for_more(self) -> None:
        if not self.more or self._asked_at == len(self.rows):
            return
        lowest = max(self.cursor_row, int(self.scroll_y) + self.size.height)
        if lowest >= len(self.rows) - NEAR_END:
            self._asked_at = len(self.rows)
            self.post_message(self.MoreWanted(self))

    def ask_again(self, *, at_once: bool = False) -> None:
        """Let the grid ask once more for the page that failed to come: with the next move, or at
        once if the cursor is near the end."""
        self._asked_at = -1
        if at_once:
            self._ask_for_more()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.is_mounted:
            self._measure_seen()
            self._ask_for_more()

    # -- mouse -----------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        row = int(self.scroll_y) + event.y - 1
        column = self._widths.column_at(event.x, int(self.scroll_x), self.frozen)
        if event.y == 0 and self.columns:
            self.post_message(self.HeaderClicked(self, column))
            return
        if event.y < 1 or row >= len(self.rows):
            return
        self.move_cursor(row, column)
        if event.chain == 2:
            self.post_message(self.Opened(self))

    # -- drawing ---------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._refit()
        # Whoever has scrolled away from the cursor stays there, as when a message takes rows.
        before, self._height = self._height, self.size.height
        if not before or 0 <= self.cursor_row - int(self.scroll_y) < before - 1:
            self._scroll_to_cursor()
        self._ask_for_more()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._looks = None
        self._repaint()

    @property
    def looks(self) -> Looks:
        """The styles that the lines are drawn with now."""
        if self._looks is None:
            self._looks = Looks(self.rich_style, self.get_component_rich_style)
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
            self.set_reactive(Grid.virtual_size, size)
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
        marked = index != HEADER and self.is_marked(index)
        key = (index, left, width, self._generation, cursor, marked)
        if key not in self._strips:
            self._strips[key] = self._draw(index, left, width)
        return self._strips[key]

    def _draw(self, index: int, left: int, width: int) -> Strip:
        on_cursor = index == self.cursor_row
        on_cell = on_cursor and self.cursor_type == "cell"
        line = Line(
            None if index == HEADER else self.rows[index],
            marked=index != HEADER and self.is_marked(index),
            has_cursor=on_cursor and not on_cell,
            cursor_column=self.cursor_column if on_cell else None,
        )
        return draw_view(line, self._widths, self.looks, left, width, self.frozen)
