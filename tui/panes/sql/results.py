"""Rows of the last result, page by page, and what is said about it."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from tui.panes.sql import wording
from tui.services.sql import Column, Page, Relation, Relations, Result, Row, Session
from tui.widgets import cells
from tui.widgets.cells import Absent, Cell, CellValue, Tone
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content

TICK = 0.2
"""Seconds between two drawings of the time a running statement takes."""

_RELATION_COLUMNS = (
    cells.Column("schema"),
    cells.Column("name"),
    cells.Column("kind"),
    cells.Column("columns", max_width=200, grow=True),
)


class ResultsView(Vertical):
    """The log of a run, a status line, and a grid with either a result or the tables."""

    DEFAULT_CSS = """
    ResultsView { height: 3fr;
        & > #sql-log { display: none; height: auto; max-height: 6; padding: 0 1; }
        & > #sql-log.-shown { display: block; }
        & > #sql-log > Static { height: auto; }
        & > #sql-status { height: 1; padding: 0 1; background: $panel; color: $text-muted;
            text-overflow: ellipsis; text-wrap: nowrap; }
        & > #sql-status.-running { color: $text-warning; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.result: Result | None = None
        """The result in the grid; None while the tables are listed or there is nothing."""
        self.rows: list[Row] = []
        self.complete = True
        self.relations: Relations | None = None
        """The tables, while they are listed."""
        self.grid = Grid(cursor_type="cell")
        self._log = Static("", markup=False)
        self._log_box = VerticalScroll(self._log, id="sql-log", can_focus=False)
        self._status = Static("", id="sql-status", markup=False)
        self._begun = 0.0
        self._doing = ""
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._log_box
        yield self._status
        yield self.grid

    # -- saying -----------------------------------------------------------------------------------

    def say(self, text: str) -> None:
        """The status line, when nothing runs."""
        self._stop_ticking()
        self._status.update(content(text))

    def say_running(self, doing: str) -> None:
        """The status line counts the seconds from now on."""
        self._begun = time.monotonic()
        self._doing = doing
        self._status.add_class("-running")
        if self._ticking is None:
            self._ticking = self.set_interval(TICK, self._tick)
        self._tick()

    def _tick(self) -> None:
        taken = time.monotonic() - self._begun
        text = f"{self._doing} {taken:.1f} s · Esc cancels"
        self._status.update(content(text))

    def _stop_ticking(self) -> None:
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self._status.remove_class("-running")

    def show_log(
        self,
        results: list[Result],
        total: int = 1,
        *,
        failed: bool = False,
        notices: tuple[str, ...] = (),
    ) -> None:
        """What each statement of a run came to, and the notices; `notices` are those of the one
        that failed."""
        lines = wording.log_lines(results, total, failed, notices)
        self._log.update(lines)
        self._log_box.set_class(bool(lines.plain), "-shown")
        self._log_box.scroll_end(animate=False)

    # -- rows -------------------------------------------------------------------------------------

    def show_result(self, result: Result, *, held: bool) -> None:
        """Put a result into the grid; one without rows leaves it empty."""
        self.relations = None
        self.result = result
        self.rows = list(result.rows)
        self.complete = result.complete
        columns = result.columns or ()
        titles = [
            cells.Column(each.name, align="right" if each.numeric else "left") for each in columns
        ]
        rows = [drawn(row) for row in self.rows] if columns else []
        self.grid.show(titles, rows, more=held)
        self.show_state(held=held)

    def append(self, page: Page, *, held: bool) -> None:
        """Add a page of the result that is shown."""
        self.rows += page.rows
        self.complete = page.complete
        self.grid.append([drawn(row) for row in page.rows], more=held)
        self.show_state(held=held)

    def show_state(self, *, held: bool) -> None:
        """Say how much of the result is here and whether the rest can still be had."""
        if self.result is None:
            return
        self.grid.more = held
        self.say(
            wording.result_line(self.result, len(self.rows), complete=self.complete, held=held)
        )

    def show_relations(self, relations: Relations) -> None:
        """List the tables in place of a result."""
        self.show_log([])
        self.result = None
        self.relations = relations
        self.rows = []
        self.grid.show(_RELATION_COLUMNS, [_relation_cells(each) for each in relations.found])
        self.say(wording.relations_line(relations))

    def clear(self) -> None:
        """Nothing is known of this connection."""
        self.result = None
        self.relations = None
        self.rows = []
        self.grid.show((), ())
        self.show_log([])

    # -- what stands under the cursor -------------------------------------------------------------

    @property
    def current_row(self) -> Row | None:
        """The row of the result under the cursor, as the server gave it."""
        at = self.grid.current
        return None if self.result is None or at is None else self.rows[at]

    @property
    def current_column(self) -> Column | None:
        """The column under the cursor."""
        if self.result is None or not self.result.columns:
            return None
        return self.result.columns[self.grid.cursor_column]

    @property
    def current_relation(self) -> Relation | None:
        """The table under the cursor, while the tables are listed."""
        at = self.grid.current
        return None if self.relations is None or at is None else self.relations.found[at]


def drawn(row: Row) -> tuple[CellValue, ...]:
    """A row for the grid: NULL looks different from the text NULL and from nothing."""
    return tuple(Absent.NULL if value is None else value for value in row)


def _relation_cells(relation: Relation) -> tuple[CellValue, ...]:
    columns: CellValue = Absent.UNKNOWN
    if relation.columns is not None:
        listed = ", ".join(f"{each.name} {each.type_name}" for each in relation.columns)
        columns = Cell(listed, Tone.DIM)
    return (relation.schema, Cell(relation.name, Tone.ACCENT), relation.kind, columns)


def is_held(session: Session | None, result: Result | None) -> bool:
    """Whether the next page of a result can be had."""
    return session is not None and result is not None and session.has_more(result)
