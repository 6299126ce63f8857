"""The widgets of the SQL pane: the editor, the rows, and the keys that work on them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from tui.panes.row_detail import Subject
from tui.panes.sql import wording
from tui.panes.sql.completing import CompletingEditor, Knowledge
from tui.panes.sql.rds.flow import RdsPane
from tui.panes.sql.rds.progress import WaitingLine
from tui.panes.sql.results import ResultsView
from tui.panes.sql.row_detail import subject_of
from tui.panes.sql.runner import QueryRunner
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import EditorBuffer, SqlError, Statement
from tui.widgets import verbs
from tui.widgets.grid import Grid
from tui.widgets.path_box import PathBox

SAVE_AFTER = 0.5
"""Seconds without a key after which the editor's text is written to disk."""

SHARES = (15, 40, 60, 80)
"""Percents of the height of the pane that the editor can have."""

LOOK_EVERY = 3.0
"""Seconds between two looks whether the server is still there. Nothing is sent."""


class SqlView(RdsPane):
    """Draws a `QueryRunner` and hands it the statements of the editor."""

    PLACEHOLDER = "postgresql://user@host:5432/database"
    BINDINGS = [
        Binding("escape", "leave_editor", "Rows", id="sql.leave_editor"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.runner = QueryRunner(services, self.draw)
        self.editor = CompletingEditor(self._known)
        self.results = ResultsView()
        self.beside = self.results.beside
        self.buffer = EditorBuffer(services.state_dir / "editor.sql")
        self._share = 1
        """Which of `SHARES` the editor has of the height."""
        self._was_busy: object = None
        self._saving: Timer | None = None
        self._loaded = False
        """Whether the text of the last run is in the editor, or is known not to come."""
        self._unsaved: str | None = None
        """The editor's text while it is newer than the one on disk."""
        self._passwords_told = 0
        """How many passwords of the editor's text were said not to be kept."""

    def compose_body(self) -> ComposeResult:
        yield self.editor
        yield self.editor.list
        yield self.results
        yield WaitingLine(self.rds)

    def on_mount(self) -> None:
        self.start(self._load_buffer(), group="sql-buffer")
        self.run_worker(self.editor.highlight_sql(), group="sql-grammar", exclusive=True)
        self.set_interval(LOOK_EVERY, self.runner.look)
        self.draw()

    def on_unmount(self) -> None:
        self.runner.close()
        with suppress(ServiceError):  # nobody is left to be told
            self.buffer.close(self._unsaved)

    # -- the pane's contract ----------------------------------------------------------------------

    def focus_target(self) -> Widget:
        return self.editor

    def contents_removed(self) -> None:
        # The instance behind the connection may have been among it.
        self.runner.look()
        self.start(self.runner.look_at_instance(), group="sql-instance")

    def busy(self) -> str:
        return "\n".join(part for part in (self.rds.busy(), self.runner.busy()) if part)

    @property
    def in_results(self) -> bool:
        """Whether the rows have the focus, where plain letters are verbs."""
        return self.is_mounted and self.results.grid.has_focus

    def resize_editor(self, step: int) -> None:
        """Give the editor more of the height, or less."""
        self._share = max(0, min(self._share + step, len(SHARES) - 1))
        share = SHARES[self._share]
        self.editor.styles.height = f"{share}fr"
        self.results.styles.height = f"{100 - share}fr"

    def row_subject(self) -> Subject | None:
        return subject_of(self.results.shown, self.results.grid.current)

    def _known(self) -> Knowledge | None:
        session, names = self.runner.session, self.runner.names
        if session is None or names is None:
            return None
        return Knowledge(names, session.backslash_escapes)

    # -- drawing ----------------------------------------------------------------------------------

    def draw(self) -> None:
        """Show what the runner has come to."""
        # When the application ends, a statement that it cut off says so to nobody.
        if not (self.is_mounted and self.query(PathBox)):
            return
        self.path_box.show(*self.runner.location)
        self.results.draw(self.runner)
        self.refresh_bindings()
        if self.runner.names_are_old and not self.runner.running:
            self.run_worker(self.runner.read_names_again(), group="sql-names", exclusive=True)
        busy = (self.runner.running, self.runner.state)
        if busy != self._was_busy:
            self._was_busy = busy
            self.post_message(self.BusyChanged())

    def on_path_box_given_up(self, event: PathBox.GivenUp) -> None:
        self.draw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.refresh_bindings()

    # -- statements -------------------------------------------------------------------------------

    async def run_statements(
        self, statements: Sequence[Statement], *, in_editor: bool = True
    ) -> None:
        """Run them in order. `in_editor`: whether they were cut from the editor's text, so that an
        error has a place there."""
        if statements and self.runner.session is not None:
            self.clear_error()
            self.editor.clear_error()
        before = self.editor.selection
        try:
            await self.runner.run(statements)
        except ServiceError as error:
            failed = self.runner.failed
            if not in_editor or failed is None or not self.editor.holds(failed):
                raise
            unmoved = before.is_empty and self.editor.selection == before
            self._mark(failed, error, alone=len(statements) == 1, unmoved=unmoved)
            placed = self._placed(error)
            if placed is error:
                raise
            raise placed from error

    def _mark(self, failed: Statement, error: ServiceError, *, alone: bool, unmoved: bool) -> None:
        """Mark the place of an error. The cursor goes there only from another statement of the run,
        and only if it is where it was (`unmoved`)."""
        offset = error.offset if isinstance(error, SqlError) else None
        if offset is None and alone:
            return
        self.editor.mark_error(failed.start if offset is None else offset)
        if unmoved and not alone and not failed.start <= self.editor.cursor_offset <= failed.end:
            self.editor.go_to_error()

    def _placed(self, error: ServiceError) -> ServiceError:
        """The same error with its place in the editor said first, if the server named one."""
        if not isinstance(error, SqlError) or error.offset is None:
            return error
        line, column = self.editor.place(error.offset)
        return ServiceError(
            f"Line {line + 1}, column {column + 1}: {error.message}",
            cause=error.cause,
            hint=error.hint,
            code=error.code,
            kind=error.kind,
        )

    # -- rows -------------------------------------------------------------------------------------

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self.hint(self.INSTEAD[verbs.SORT.id])

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        if not self.runner.running:
            self.start(self.runner.load_page(), group="sql-page")

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        # A group of its own: to cancel a page under way would end the result on the server.
        if not self.runner.loading_all.active:
            self.start(self._go_to_end(), group="sql-end")

    async def _go_to_end(self) -> None:
        grid = self.results.grid
        try:
            at_end = await self.runner.load_all()
        finally:
            grid.ask_again()  # what it asked for meanwhile was passed over
        if at_end:
            grid.move_cursor(len(grid.rows) - 1)

    @on(Grid.Opened)
    async def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command(verbs.OPEN.id)

    # -- the editor -------------------------------------------------------------------------------

    async def _load_buffer(self) -> None:
        try:
            self.editor.put_earlier(await self.buffer.load())
        finally:
            self._loaded = True
            if self._unsaved is not None:
                self._save_soon()

    @on(TextArea.Changed)
    def _edited(self, event: TextArea.Changed) -> None:
        event.stop()
        self.editor.clear_error()
        self._unsaved = self.editor.text
        # Before that, what is typed would take the place of a text that is not here yet.
        if self._loaded:
            self._save_soon()

    def _save_soon(self) -> None:
        if self._saving is not None:
            self._saving.stop()
        self._saving = self.set_timer(SAVE_AFTER, self._save_buffer)

    def _save_buffer(self) -> None:
        self._saving = None
        self.start(self._write_buffer(self.editor.text), group="sql-buffer-save")

    async def _write_buffer(self, text: str) -> None:
        left_out = await self.buffer.save(text)
        if left_out > self._passwords_told:
            self.notify(wording.passwords_line(left_out), markup=False, timeout=4)
        self._passwords_told = left_out
        if self._unsaved == text:
            self._unsaved = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "leave_editor":
            return self.is_mounted and self.editor.has_focus and not self.runner.running
        return super().check_action(action, parameters)

    def action_leave_editor(self) -> None:
        """Esc in the editor: to the rows, where letters are verbs."""
        self.results.grid.focus()
