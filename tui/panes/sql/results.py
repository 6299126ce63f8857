"""Draws what a runner shows: the log of its last run, a status line, rows or the list of tables."""

from __future__ import annotations

import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer

from tui.panes.detail_beside import DetailBeside
from tui.panes.sql import wording
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.packed_rows import RowsShown
from tui.panes.sql.row_edits.staged import STAGED
from tui.panes.sql.run_log import RunLog
from tui.panes.sql.runner import QueryRunner
from tui.services.sql import CopyProgress, Relation, Relations, ResultColumn, Row
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, LazyRows, Tone
from tui.widgets.grid.grid import Grid
from tui.widgets.grid.grid_lines import MARKED
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

TICK = 0.2
"""Seconds between two drawings of the time a running statement takes."""

SHOWN_NOTICES = 50
"""Notices that are shown; those before are a count."""

_RELATION_COLUMNS = (
    Column("schema"),
    Column("name"),
    Column("kind"),
    Column("columns", max_width=200, grow=True),
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
        self.grid = Grid(cursor_type="cell")
        self.grid.is_marked = self._is_marked
        self.beside = DetailBeside(self.grid)
        self._drawn: LoadedResult | Relations | None = None
        self._drawn_rows: object = None
        """The rows of it as they are drawn, if they are not as they came."""
        self._drawn_version: tuple[object, int] = (None, 0)
        """The result that is drawn, and its version."""
        self._drawn_log = RunLog()
        self._runner: QueryRunner | None = None
        """Of which what is drawn is."""
        self._log = SteadyText("", markup=False)
        self._log_box = VerticalScroll(self._log, id="sql-log", can_focus=False)
        self._status = SteadyText("", id="sql-status", markup=False)
        self._doing = ""
        self._begun = 0.0
        self._copying: CopyProgress | None = None
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self._log_box
        yield self._status
        yield self.beside

    def draw(self, runner: QueryRunner) -> None:
        """Draw what has changed since the last time."""
        if runner.log is not self._drawn_log:
            self._draw_log(runner.log)
        arranged = runner.shown.arranged if isinstance(runner.shown, LoadedResult) else None
        if runner.shown is not self._drawn or arranged is not self._drawn_rows:
            self._show(runner)
            self._drawn_rows = arranged
        elif (
            arranged is None
            and isinstance(runner.shown, LoadedResult)
            and runner.shown.result.columns
        ):
            rows, drawn_rows = runner.shown.rows, len(self.grid.rows)
            if len(rows) > drawn_rows:
                new = RowsShown(rows, drawn_rows, len(rows))
                self.grid.append(LazyRows(new, runner.shown.cells), more=runner.held)
        self._draw_changed()
        self.grid.more = runner.held and arranged is None
        self._draw_status(runner)

    def _draw_changed(self) -> None:
        """Draw rows anew of which something was staged, or stored."""
        version = self._drawn.version if isinstance(self._drawn, LoadedResult) else 0
        drawn, self._drawn_version = self._drawn_version, (self._drawn, version)
        has_staged = isinstance(self._drawn, LoadedResult) and self._drawn.has_staged
        self.grid.sign = STAGED if has_staged else MARKED
        if drawn[0] is self._drawn and drawn[1] != version:
            self.grid.redraw_rows()
            self.grid.post_message(Grid.CursorMoved(self.grid))

    def _is_marked(self, at: int) -> bool:
        return isinstance(self._drawn, LoadedResult) and self._drawn.is_marked(at)

    def _draw_log(self, log: RunLog) -> None:
        self._drawn_log = log
        lines = log_lines(log)
        self._log.update(lines)
        self._log_box.set_class(bool(lines.plain), "-shown")
        if log.at is None or log.at == len(log.results) - 1:
            self._log_box.scroll_end(animate=False)
        else:
            # The line of the result that is shown, with those around it.
            self._log_box.scroll_to(y=max(0, log.at - 2), animate=False)

    def _show(self, runner: QueryRunner) -> None:
        shown = runner.shown
        if isinstance(self._drawn, LoadedResult):
            # In another order, or among others, the row under the cursor is another one.
            row = self.grid.cursor_row if shown is not self._drawn else 0
            self._drawn.place = (row, self.grid.cursor_column)
            self._drawn.frozen = self.grid.frozen
            if isinstance(shown, LoadedResult) and shown.series is self._drawn.series:
                shown.place, shown.frozen = self._drawn.place, self._drawn.frozen
        elif self._drawn is not None and self._runner is not None:
            self._runner.tables_place = (self.grid.cursor_row, self.grid.cursor_column)
        if shown is not self._drawn:
            self.grid.frozen = 0
        self._drawn, before, self._runner = shown, self._runner, runner
        if shown is None:
            self.grid.show((), ())
        elif isinstance(shown, Relations):
            row, column = runner.tables_place if runner is not before else (0, 0)
            lines = [_relation_cells(each) for each in shown.found]
            self.grid.show(_RELATION_COLUMNS, lines, cursor=row)
            self.grid.move_cursor(row, column)
        else:
            columns = shown.result.columns or ()
            titles = [
                Column(each.name, align="right" if each.numeric else "left") for each in columns
            ]
            # A result without columns has rows, too, and nothing to draw of them.
            rows = RowsShown(shown.visible, 0, len(shown.visible) if columns else 0)
            row, column = shown.place
            self.grid.show(
                titles,
                LazyRows(rows, shown.cells),
                more=shown.held and shown.arranged is None,
                cursor=row,
            )
            self.grid.freeze(min(shown.frozen, len(columns)))
            self.grid.move_cursor(row, column)

    # -- the status line --------------------------------------------------------------------------

    def _draw_status(self, runner: QueryRunner) -> None:
        self._doing, self._begun, self._copying = runner.doing, runner.begun, runner.copying
        self._status.set_class(bool(self._doing), "-running")
        if self._doing:
            if self._ticking is None:
                self._ticking = self.set_interval(TICK, self._tick)
            self._tick()
            return
        if self._ticking is not None:
            self._ticking.stop()
            self._ticking = None
        self._status.update(content(runner.status))

    def _tick(self) -> None:
        taken = time.monotonic() - self._begun
        come = f" · {self._copying.text}" if self._copying is not None else ""
        self._status.update(content(f"{self._doing} {taken:.1f} s{come} · Esc cancels"))

    # -- what stands under the cursor -------------------------------------------------------------

    @property
    def shown(self) -> LoadedResult | Relations | None:
        """What is drawn."""
        return self._drawn

    @property
    def current_row(self) -> Row | None:
        """The row of the result under the cursor, as the server gave it."""
        at, shown = self.grid.current, self._drawn
        return shown.visible[at] if isinstance(shown, LoadedResult) and at is not None else None

    @property
    def current_number(self) -> int:
        """Which row of the result is under the cursor, from 0 on."""
        at, shown = self.grid.current or 0, self._drawn
        return shown.number(at) if isinstance(shown, LoadedResult) else at

    @property
    def current_column(self) -> ResultColumn | None:
        """The column under the cursor."""
        shown = self._drawn
        if not isinstance(shown, LoadedResult) or not shown.result.columns:
            return None
        return shown.result.columns[self.grid.cursor_column]

    @property
    def current_relation(self) -> Relation | None:
        """The table under the cursor, while the tables are listed."""
        at, shown = self.grid.current, self._drawn
        return shown.found[at] if isinstance(shown, Relations) and at is not None else None


def log_lines(log: RunLog) -> Content:
    """A line for each statement of a run of several, below it what the server said of it."""
    lines: list[Content] = []
    choices = log.choices
    if log.total > 1:
        for number, result in enumerate(log.results, 1):
            is_shown = number - 1 == log.at and len(choices) > 1
            mark = ("▸" if is_shown else " ") if len(choices) > 1 else ""
            head = Content.styled(f"{mark}✓ {number}/{log.total} ", "$text-success")
            tail = f"{wording.brief(result.statement.shown)}  {wording.outcome(result)}"
            lines.append(head + content(tail, "bold" if is_shown else ""))
            lines += _notice_lines(result.notices)
        if log.failed:
            at = len(log.results) + 1
            skipped = log.total - at
            rest = f", {skipped} after it not run" if skipped else ""
            lines.append(Content.styled(f"✗ {at}/{log.total} failed{rest}", "$text-error"))
    else:
        lines += [line for result in log.results for line in _notice_lines(result.notices)]
    lines += _notice_lines(log.notices)
    return Content("\n").join(lines)


def _notice_lines(notices: Sequence[str]) -> list[Content]:
    """What the server said of one statement, the last of it."""
    lines = [content(notice, "$text-muted", multiline=True) for notice in notices[-SHOWN_NOTICES:]]
    if len(notices) > SHOWN_NOTICES:
        earlier = len(notices) - SHOWN_NOTICES
        lines.insert(0, Content.styled(f"… {earlier} notices before", "$text-muted"))
    return lines


def _relation_cells(relation: Relation) -> tuple[CellValue, ...]:
    columns: CellValue = Absent.UNKNOWN
    if relation.columns is not None:
        listed = ", ".join(f"{each.name} {each.type_name}" for each in relation.columns)
        columns = Cell(listed, Tone.DIM)
    return (relation.schema, Cell(relation.name, Tone.ACCENT), relation.kind, columns)
