"""One list, and beside it what is known or planned of the row under the cursor."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from tui.screens.cleanup import rows, texts
from tui.screens.cleanup.model import Cleanup, Line, Stage
from tui.screens.header import HeaderLine
from tui.services.bundle import Services
from tui.services.cleanup import (
    Elsewhere,
    Outcome,
    PartUnknown,
    Resource,
    Step,
    report_text,
)
from tui.services.errors import ServiceError
from tui.widgets.application.leaving import LeavesOnce
from tui.widgets.commands import verbs
from tui.widgets.commands.footer import FooterLine
from tui.widgets.commands.shared_commands import MarkingHost
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.grid.cells import CellValue, Column
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content

NOTHING_LEFT = "Nothing left in this region that Tristore looks after."

REDRAW = 0.1
"""Seconds between two drawings while rows or progress come in."""

BESIDE = 130
"""Columns of the terminal from which the details stand beside the list, not under it."""

HEADINGS = {
    Stage.INVENTORY: "Cleanup",
    Stage.COUNTING: "Plan",
    Stage.PLAN: "Plan",
    Stage.RUN: "Deleting",
    Stage.REPORT: "Report",
}

_FOOTER = {
    Stage.INVENTORY: {"mark", "mark_all", "go_on", "info", "refresh", "cancel"},
    Stage.COUNTING: {"cancel"},
    Stage.PLAN: {"delete", "edit", "info", "cancel"},
    Stage.RUN: {"cancel"},
    Stage.REPORT: {"download", "copy_as", "refresh", "cancel"},
}
"""The verbs that the footer names at each stage."""

Row = Line | Step


class CleanupView(LeavesOnce, Screen[None], MarkingHost):
    """Draws inventory, plan, run and report of what the account holds in this region."""

    DEFAULT_CSS = """
    CleanupView {
        & .where { height: auto; max-height: 3; padding: 0 1; background: $panel; }
        & .line { height: auto; max-height: 4; padding: 0 1; color: $text-muted; }
        & #cleanup { height: 1fr; layout: vertical; }
        & #cleanup Grid { height: 1fr; min-height: 4; }
        & #details { height: auto; max-height: 45%; padding: 0 1; border-top: solid $panel; }
        &.-report #details { height: 3fr; max-height: 100%; }
        &.-beside #cleanup { layout: horizontal; }
        &.-beside #cleanup Grid { width: 3fr; height: 1fr; }
        &.-beside #details { width: 2fr; height: 1fr; max-height: 100%; border-top: none;
            border-left: solid $panel; }
    }
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.model = Cleanup(services.cleanup, self._model_changed)
        self.grid = Grid(id="rows")
        self.banner = ErrorBanner()
        self._where = Static(classes="where")
        self._line = Static(classes="line")
        self._details = Static()
        self._details_box = VerticalScroll(self._details, id="details", can_focus=False)
        self.rows: list[Row] = []
        """What the grid shows."""
        self._drawn: tuple[Stage, int, list[tuple[str, str]]] | None = None
        """Stage, width and names of what the grid shows."""
        self._next_drawing: Timer | None = None

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield self._where
        yield self.banner
        yield self._line
        with Container(id="cleanup"):
            yield self.grid
            yield self._details_box
        yield FooterLine()

    def on_mount(self) -> None:
        self.grid.focus()
        self.reload()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= BESIDE, "-beside")
        self.draw()

    # -- for the application -----------------------------------------------------------------

    @property
    def is_read_only(self) -> bool:
        return self.services.account.read_only

    @property
    def has_removed(self) -> bool:
        """Whether anything may be gone that the panes still show."""
        return bool(self.model.last_run)

    def account_changed(self) -> None:
        """Another account, region or set of credentials: nothing that was marked is there."""
        if self.model.stage not in {Stage.RUN, Stage.REPORT}:
            self.model.forget()
            self.reload()

    def busy(self) -> list[str]:
        """What quitting now would leave unfinished, a sentence each."""
        if self.model.stage is not Stage.RUN:
            return []
        return ["Cleanup is deleting; quitting stops it between two calls."]

    def show_error(self, error: ServiceError) -> None:
        self.banner.show(error)

    def shows(self, verb_id: str) -> bool:
        return super().shows(verb_id) and verb_id in _FOOTER[self.model.stage]

    # -- what commands ask -------------------------------------------------------------------

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        index = self.grid.current
        return self.rows[index] if index is not None and index < len(self.rows) else None

    @property
    def current_line(self) -> Line | None:
        """The row under the cursor, if it is one of the inventory."""
        row = self.current
        return None if isinstance(row, Step) else row

    @property
    def current_step(self) -> Step | None:
        """The step under the cursor, if a plan is shown."""
        row = self.current
        return row if isinstance(row, Step) and self.model.stage is Stage.PLAN else None

    @property
    def can_mark(self) -> bool:
        return self.model.stage is Stage.INVENTORY and bool(self.model.inventory.resources)

    def toggle_mark(self) -> None:
        if isinstance(self.current, Resource):
            self.model.marked ^= {self.current.ref}
        self.grid.move_cursor(self.grid.cursor_row + 1)
        self.draw()

    def toggle_all_marks(self) -> None:
        self.model.mark_all()
        self.draw()

    def reload(self) -> None:
        """Read the inventory anew; marks stay on what is still there."""
        self.banner.clear()
        self.start(self._read(), group="inventory")

    async def _read(self) -> None:
        await self.model.read()
        self.draw()  # the keys need not wait: no more rows come

    # -- drawing -----------------------------------------------------------------------------

    def _model_changed(self) -> None:
        if self._next_drawing is None and self.is_mounted:
            self._next_drawing = self.set_timer(REDRAW, self.draw)

    def draw(self) -> None:
        """Draw what the model holds now."""
        if self._next_drawing is not None:
            self._next_drawing.stop()
            self._next_drawing = None
        if not self.is_mounted or self.has_left:
            return
        stage = self.model.stage
        self.set_class(stage is Stage.REPORT, "-report")
        self._draw_rows()
        if stage is Stage.INVENTORY:
            marked = self.model.marked
            self.grid.mark_only(
                index
                for index, row in enumerate(self.rows)
                if isinstance(row, Resource) and row.ref in marked
            )
        else:
            self.grid.mark_only(())
        self._say_where()
        self._line.update(content(self._state(), multiline=True))
        self._show_details()
        self.refresh_bindings()

    def _draw_rows(self) -> None:
        # Until the cursor is moved it stays at the top, whatever comes in above.
        current = self.current if self.grid.cursor_row else None
        found = self._rows_now()
        width = self.size.width * 3 // 5 if self.has_class("-beside") else self.size.width
        cells = [self._cells(row, width) for row in found]
        drawn = (self.model.stage, width, [_name(row) for row in found])
        self.rows = found
        if drawn == self._drawn:
            for index, row in enumerate(cells):
                if tuple(self.grid.rows[index]) != row:
                    self.grid.update_row(index, row)
            return
        self._drawn = drawn
        names = drawn[2]
        wanted = _name(current) if current is not None else ("", "")
        cursor = names.index(wanted) if wanted in names else 0
        self.grid.show(self._columns(width), cells, cursor=cursor)

    def _rows_now(self) -> list[Row]:
        if self.model.stage is Stage.INVENTORY:
            return list(self.model.inventory.lines())
        return list(self.model.steps or self.model.chosen)

    def _columns(self, width: int) -> tuple[Column, ...]:
        if self.model.stage is Stage.INVENTORY:
            return rows.inventory_columns(width)
        if self.model.stage in {Stage.RUN, Stage.REPORT}:
            return rows.RUN_COLUMNS
        return rows.plan_columns(width)

    def _cells(self, row: Row, width: int) -> tuple[CellValue, ...]:
        if isinstance(row, Step) and self.model.stage is Stage.PLAN:
            return rows.plan_row(row)
        if isinstance(row, Step):
            progress = self.model.progress.get(row.ref)
            if isinstance(progress, Outcome):
                return rows.ended(progress)
            return rows.running(progress) if progress is not None else rows.waiting(row)
        if isinstance(row, Resource) and self.model.stage is not Stage.INVENTORY:
            return rows.counting_row(row, self.model.counting)
        return rows.inventory_row(row, width)

    def _say_where(self) -> None:
        plan = self.model.plan
        connection = plan.connection if plan is not None else self.model.inventory.connection
        place = content(connection.sentence) if connection is not None else Content("…")
        heading = HEADINGS[self.model.stage]
        self._where.update(Content.styled(f"{heading}  ", "bold $text-primary") + place)

    def _state(self) -> str:
        match self.model.stage:
            case Stage.INVENTORY:
                return self._inventory_state()
            case Stage.COUNTING:
                return texts.counting(self.model)
            case Stage.PLAN:
                return self._plan_state()
            case Stage.RUN:
                return texts.running(self.model)
            case Stage.REPORT:
                return self.model.outcome

    def _inventory_state(self) -> str:
        model = self.model
        parts = [model.last_run] if model.last_run else []
        if model.inventory.empty:
            parts.append(NOTHING_LEFT)
        if not model.inventory.empty or model.inventory.elsewhere:
            marked = f"{len(model.marked)} marked of " if model.marked else ""
            parts.append(marked + model.inventory.summary())
        return "\n".join(parts)

    def _plan_state(self) -> str:
        plan = self.model.plan
        if plan is None:
            return ""
        lines = [texts.totals(plan) + "."]
        if plan.ready:
            lines.append(
                "Read-only mode: nothing can be deleted."
                if self.is_read_only
                else "Ctrl+S or x asks for confirmation; e changes what happens to a resource."
            )
        return "\n".join(lines)

    def _show_details(self) -> None:
        report = self.model.report
        shows_report = self.model.stage is Stage.REPORT and report is not None
        if shows_report and report is not None:
            self._details.update(content(report_text(report), multiline=True))
        else:
            self._details.update(self.text_of(self.current))
        if shows_report != self._details_box.can_focus:
            # A long report is read with the arrow keys.
            self._details_box.can_focus = shows_report
            (self._details_box if shows_report else self.grid).focus()

    def text_of(self, row: Row | None) -> Content:
        """Everything that is to be said of a row."""
        if row is None:
            return Content("")
        if isinstance(row, Step):
            return texts.step_details(row, self.model.progress.get(row.ref))
        return content(texts.describe(row), multiline=True)

    # -- what the widgets say ------------------------------------------------------------------

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        if self.model.stage is not Stage.REPORT:
            self._details.update(self.text_of(self.current))
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command(verbs.OPEN.id)


def _name(row: Row) -> tuple[str, str]:
    """What a row is about: it stays the same while the row is drawn anew."""
    if isinstance(row, Step):
        return (row.ref.kind_name, row.ref.name)
    if isinstance(row, Elsewhere):
        return ("elsewhere", row.name)
    if isinstance(row, PartUnknown):
        return (row.of or row.kind.value, "unknown")
    return (row.ref.kind_name, row.ref.name)
