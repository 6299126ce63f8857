"""The virtual table of every pane: appends pages as they come, and moves a cursor over them.

Only the rows on screen are drawn (`grid_drawing.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from textual import events
from textual.binding import Binding
from textual.message import Message

from tui.widgets.grid.cells import Column, LazyRows, Row
from tui.widgets.grid.grid_cells import MEASURED_ROWS, ColumnWidths
from tui.widgets.grid.grid_drawing import GridDrawing
from tui.widgets.grid.grid_lines import COMPONENT_CLASSES, CSS

NEAR_END = 50
"""When the cursor comes this near to the last loaded row, more is asked for."""


class Grid(GridDrawing, can_focus=True):
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
        super().__init__(cursor_type, id=id, classes=classes)
        self.more = False
        """Whether rows follow that are not loaded."""
        self._asked_at = -1
        self._height = 0
        """Rows of the screen that it had when it was last resized; 0 before the first time."""

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
        wider = self._widths.measure(self.rows[first : max(first, self._measured_to)])
        if added or wider or self._room != self._fitted_to:
            self._refit()
        else:
            self._resize_content()
            self._repaint_rows(range(first, len(self.rows)))
        if not first and self.rows:
            # There was no row under the cursor before.
            self.post_message(self.CursorMoved(self))
        self._ask_for_more()

    @property
    def _measured_to(self) -> int:
        """The row after the last one whose width counts before it comes into view."""
        return self.rows_in_view[0] + self.size.height + MEASURED_ROWS

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
    def targets(self) -> list[int]:
        """The rows that a verb acts on: the marked ones, or else the one under the cursor."""
        if self.marked:
            return sorted(self.marked)
        return [] if self.current is None else [self.cursor_row]

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

    # -- size ------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._refit()
        # Whoever has scrolled away from the cursor stays there, as when a message takes rows.
        before, self._height = self._height, self.size.height
        if not before or 0 <= self.cursor_row - int(self.scroll_y) < before - 1:
            self._scroll_to_cursor()
        self._ask_for_more()
