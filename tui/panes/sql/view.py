"""The widgets of the SQL pane: the editor, the rows, and the keys that work on them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import TextArea

from tui.panes.row_detail import Subject
from tui.panes.sql import wording
from tui.panes.sql.catalog.beside import CatalogPane
from tui.panes.sql.completing import CompletingEditor, Knowledge
from tui.panes.sql.editing.failed_place import show_place
from tui.panes.sql.editing.tab_strip import TabStrip
from tui.panes.sql.editing.tabbed_editor import TabbedEditor
from tui.panes.sql.finding.bar import FindBar
from tui.panes.sql.finding.finder import Finder
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.rds.exposed import ExposedLine
from tui.panes.sql.rds.progress import WaitingLine
from tui.panes.sql.results import ResultsView
from tui.panes.sql.row_detail import subject_of
from tui.panes.sql.row_edits.asking import may_drop_staged
from tui.panes.sql.rows.drawn_rows import DrawnRows
from tui.panes.sql.runner import QueryRunner
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import Statement, split
from tui.widgets.commands import verbs
from tui.widgets.commands.shared_commands import FilteringHost
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.path_box import PathBox

SHARES = (15, 40, 60, 80)
"""Percents of the height of the pane that the editor can have."""

LOOK_EVERY = 3.0
"""Seconds between two looks whether the server is still there. Nothing is sent."""

TAB_KEYS = [
    Binding(
        f"alt+{number}",
        f"go_to_tab({number})",
        "Go to tab",
        show=False,
        priority=True,
        tooltip="Alt+1 … Alt+9: show a tab of the editor by its number." if number == 1 else "",
    )
    for number in range(1, 10)
]


class SqlView(CatalogPane, FilteringHost):
    """Draws the connection that is shown, and hands it the statements of the editor."""

    PLACEHOLDER = "postgresql://user@host:5432/database"
    BINDINGS = [
        Binding("escape", "leave_editor", "Rows", id="sql.leave_editor"),
        *TAB_KEYS,
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.editor = CompletingEditor(self._known)
        self.results = ResultsView()
        self.beside = self.results.beside
        self.rows = DrawnRows(
            self.results,
            self.connections,
            lambda work, group, runner: self.start(work, group=self.group(group, runner)),
        )
        self.filter_line = FilterLine()
        self.tabs = TabbedEditor(
            self.editor,
            services.state_dir / "editor.sql",
            start=lambda work, group: self.start(work, group=group),
            call_later=self.set_timer,
            left_out=self._tell_passwords,
            problem=self.show_error,
        )
        self.finder = Finder(self.editor, lambda work, group: self.start(work, group=group))
        self.given: dict[str, str | None] = {}
        """The values that parameters were given last, by name; they are written nowhere."""
        self.goes_on_after_errors = False
        """Whether files that `\\i` runs go on behind a statement that fails."""
        self.variables: dict[str, str] = {}
        """The values that `\\gset` set: parameters of these names are not asked for."""
        self._share = 1
        """Which of `SHARES` the editor has of the height."""
        self._was_busy: object = None
        self._passwords_told = 0
        """How many passwords of the editor's text were said not to be kept."""

    def compose_body(self) -> ComposeResult:
        yield self.tabs.strip
        yield self.catalog
        yield self.editor
        yield self.editor.list
        yield self.finder.bar
        yield self.results
        yield self.filter_line
        yield ExposedLine(self.services, lambda: self.connections.shown)
        yield WaitingLine(self.rds)

    def on_mount(self) -> None:
        self.start(self.tabs.load(), group="sql-buffer")
        self.services.sql_history.listen(self.show_error)
        self.run_worker(self.editor.highlight_sql(), group="sql-grammar", exclusive=True)
        self.set_interval(LOOK_EVERY, self._look)
        self.draw()

    def _look(self) -> None:
        self.connections.look()
        # How long a transaction has been open.
        self.draw_location()

    def on_unmount(self) -> None:
        self.connections.close()
        self.finder.close_down()
        with suppress(ServiceError):  # nobody is left to be told
            self.tabs.close_down()

    # -- the pane's contract ----------------------------------------------------------------------

    def focus_target(self) -> Widget:
        return self.editor

    def contents_removed(self) -> None:
        # The instance behind the connection may have been among it.
        self.connections.look()
        for each in self.connections.open:
            self.start(each.look_at_instance(), group=self.group("sql-instance", each))

    def busy(self) -> str:
        return "\n".join(part for part in (self.rds.busy(), *self.connections.at_stake()) if part)

    @property
    def in_results(self) -> bool:
        """Whether the rows have the focus, where plain letters are verbs."""
        return self.is_mounted and self.results.grid.has_focus

    @property
    def has_staged(self) -> bool:
        """Whether changes of rows are staged, so that what replaces the rows asks first."""
        return bool(self.runner.staged)

    def resize_editor(self, step: int) -> None:
        """Give the editor more of the height, or less."""
        self._share = max(0, min(self._share + step, len(SHARES) - 1))
        share = SHARES[self._share]
        self.editor.styles.height = f"{share}fr"
        self.results.styles.height = f"{100 - share}fr"

    def row_subject(self) -> Subject | None:
        return subject_of(self.results.shown, self.results.grid.current)

    @property
    def backslash_escapes(self) -> bool:
        """How a text for the server is cut into statements."""
        session = self.runner.session
        return session is not None and session.backslash_escapes

    def _known(self) -> Knowledge | None:
        session, names = self.runner.session, self.runner.names
        if session is None or names is None:
            return None
        return Knowledge(names.on_path(session.search_path), session.backslash_escapes)

    # -- drawing ----------------------------------------------------------------------------------

    def draw(self) -> None:
        """Show what the runner has come to."""
        # When the application ends, a statement that it cut off says so to nobody.
        if not (self.is_mounted and self.query(PathBox)):
            return
        if self.change_over():
            self.editor.close_list()
            self.editor.clear_error()
        self.draw_location()
        self.results.draw(self.runner)
        shown = self.runner.shown
        self.filter_line.put(shown.wanted.text if isinstance(shown, LoadedResult) else "")
        self.refresh_bindings()
        self.follow_session()
        if self.runner.names_are_old and not self.runner.running:
            self.read_catalog_again()
            group = self.group("sql-names", self.runner)
            self.run_worker(self.runner.read_names_again(), group=group, exclusive=True)
        if isinstance(shown, LoadedResult) and shown.is_behind:
            # A page came that was on its way when the rows were put in order.
            self.rows.arrange_again(shown)
        busy = [(each.running, each.state) for each in self.connections.open]
        if busy != self._was_busy:
            self._was_busy = busy
            self.post_message(self.BusyChanged())

    def on_path_box_given_up(self, event: PathBox.GivenUp) -> None:
        self.draw()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.refresh_bindings()

    # -- statements -------------------------------------------------------------------------------

    async def run_statements(
        self,
        statements: Sequence[Statement],
        *,
        on: QueryRunner,
        in_editor: bool = True,
        again: str = "",
    ) -> bool:
        """Run them in order on a connection, whether or not it is the one that is shown by then;
        False if they were not run to the end. `in_editor`: whether they were cut from the editor's
        text, so that an error has a place there. `again`: what is said of the same statement once
        more, whose end is not told where it is not seen; the cursor stays among its rows."""
        if statements and on.session is not None:
            if not await may_drop_staged(on, self.ask):
                return False
            on.error = None
            if on is self.runner and not again:
                self.clear_error()
                self.editor.clear_error()
                self.editor.close_list()
        with self.connections.work(on, tells_end=not again):
            await self._run(statements, on, in_editor=in_editor, again=again)
            return True
        return False

    async def _run(
        self, statements: Sequence[Statement], on: QueryRunner, *, in_editor: bool, again: str
    ) -> None:
        editor, before = self.editor, self.editor.selection
        try:
            await on.run(statements, again=again)
        except ServiceError as error:
            failed, is_shown = on.failed, on is self.runner
            if not (in_editor and is_shown) or failed is None or not editor.holds(failed):
                raise
            alone, unmoved = len(statements) == 1, before.is_empty and editor.selection == before
            placed = show_place(editor, failed, error, alone=alone, unmoved=unmoved)
            if placed is error:
                raise
            raise placed from error

    async def run_in_front(self, text: str, *, on: QueryRunner) -> bool:
        """Put a text of ours in front of the editor's and run it; False, and the editor stays as it
        is, if staged changes would be lost by that and are to stay."""
        if on.session is None or not await may_drop_staged(on, self.ask):
            return False
        self.editor.put_in_front(text)
        # Cut from our own text, never read back from the editor's.
        statements = split(text, backslash_escapes=on.session.backslash_escapes)
        return await self.run_statements(statements, on=on)

    # -- rows -------------------------------------------------------------------------------------

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        if event.grid is self.results.grid:
            self.rows.sort(event.column)

    @on(FilterLine.Changed)
    def _filter_changed(self, event: FilterLine.Changed) -> None:
        event.stop()
        self.rows.narrow(event.text)

    @on(FilterLine.Left)
    def _filter_left(self, event: FilterLine.Left) -> None:
        event.stop()
        self.results.grid.focus()

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        self.rows.read_on()

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.rows.go_to_end()

    @on(Grid.Opened)
    async def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command(verbs.OPEN.id)

    # -- the editor -------------------------------------------------------------------------------

    @on(TextArea.Changed)
    def _edited(self, event: TextArea.Changed) -> None:
        event.stop()
        self.editor.clear_error()
        session = self.runner.session
        self.tabs.edited("" if session is None else session.info.label)
        self.finder.text_changed()

    @on(TextArea.SelectionChanged)
    def _moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self.tabs.moved()

    def _tell_passwords(self, left_out: int) -> None:
        if left_out > self._passwords_told:
            self.notify(wording.passwords_line(left_out), markup=False, timeout=4)
        self._passwords_told = left_out

    @on(FindBar.Changed)
    def _look_for(self, event: FindBar.Changed) -> None:
        event.stop()
        self.finder.look(event.wanted)

    @on(FindBar.Step)
    def _step_found(self, event: FindBar.Step) -> None:
        event.stop()
        self.finder.step(event.step)

    @on(FindBar.Replace)
    def _replace_found(self, event: FindBar.Replace) -> None:
        event.stop()
        self.finder.replace(event.text, every=event.every)

    @on(FindBar.Closed)
    def _stop_finding(self, event: FindBar.Closed) -> None:
        event.stop()
        self.finder.close()
        self.editor.focus()

    @on(TabStrip.Clicked)
    def _tab_clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        self.tabs.go(event.at)
        self.editor.focus()

    def action_go_to_tab(self, number: int) -> None:
        """Alt and a figure: the tab of that number."""
        if not self.tabs.go(number - 1) and number > len(self.tabs.model.tabs):
            self.hint(f"There is no tab {number}; Alt+T opens another.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "leave_editor":
            at_work = self.runner.running or self.connections.is_connecting
            return self.is_mounted and self.editor.has_focus and not at_work
        return super().check_action(action, parameters)

    def action_leave_editor(self) -> None:
        """Esc in the editor: to the rows, where letters are verbs."""
        self.results.grid.focus()
