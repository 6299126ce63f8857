"""The SQL pane: a connection, an editor, the rows of the last result."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from tui.panes.loading_all import LoadingAll
from tui.panes.sql import connecting, wording
from tui.panes.sql.commands import COMMANDS
from tui.panes.sql.editor import SqlEditor
from tui.panes.sql.rds import RdsPane, RdsSession, WaitingLine
from tui.panes.sql.results import ResultsView, is_held
from tui.services.aws import Target
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo
from tui.services.sql import EditorBuffer, Result, Session, TransactionState, is_url
from tui.widgets import verbs
from tui.widgets.grid import Grid
from tui.widgets.path_box import PathBox

SAVE_AFTER = 0.5
"""Seconds without a key after which the editor's text is written to disk."""

LOOK_EVERY = 3.0
"""Seconds between two looks whether the server is still there. Nothing is sent."""

MAX_RECENT = 9
"""Places of this run that the chooser offers again."""


class SqlPane(RdsPane):
    """Write statements, run them, read their rows."""

    TITLE_HERE = "SQL"
    PLACEHOLDER = "postgresql://user@host:5432/database"
    COMMANDS_HERE = COMMANDS
    INSTEAD = wording.INSTEAD
    BINDINGS = [
        Binding("escape", "leave_editor", "Rows", id="sql.leave_editor"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.editor = SqlEditor()
        self.results = ResultsView()
        self.session: Session | None = None
        self.recent: list[connecting.Known] = []
        self.rds = RdsSession(self, self._connect_instance)
        self.buffer = EditorBuffer(services.state_dir / "editor.sql")
        self.loading_all = LoadingAll(lambda text: self.results.say(text))
        self._page_turn = asyncio.Lock()
        """Held while a page is fetched and drawn: a page behind the last is an error."""
        self._connected_from: Target | None = None
        """The account and region in which the session's instance is looked for."""
        self._instance_gone = False
        self._saving: Timer | None = None
        self._loaded = False
        """Whether the text of the last run is in the editor, or is known not to come."""
        self._unsaved: str | None = None
        """The editor's text while it is newer than the one on disk."""
        self._passwords_told = 0
        """How many passwords of the editor's text were said not to be kept."""

    def compose_body(self) -> ComposeResult:
        yield self.editor
        yield self.results
        yield WaitingLine(self.rds)

    async def on_mount(self) -> None:
        self.start(self._load_buffer(), group="sql-buffer")
        self.run_worker(self.editor.highlight_sql(), group="sql-grammar", exclusive=True)
        self.set_interval(LOOK_EVERY, self._look_at_connection)

    def on_unmount(self) -> None:
        if self.session is not None:
            # What it still has to say comes when the widgets that would show it are gone.
            self.session.on_change = None
            self.session.close()
        with suppress(ServiceError):  # nobody is left to be told
            self.buffer.close(self._unsaved)

    # -- parts --------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the server works for this pane now, or will at once: between two pages of all."""
        return self.loading_all.active or (self.session is not None and self.session.running)

    @property
    def in_results(self) -> bool:
        """Whether the rows have the focus, where plain letters are verbs."""
        return self.is_mounted and self.results.grid.has_focus

    # -- the pane's contract --------------------------------------------------------------------

    def focus_target(self) -> Widget:
        return self.editor

    def open(self, location: str) -> None:
        if not is_url(location):
            raise ServiceError(
                "This is not a PostgreSQL location.",
                hint="Write postgresql://user@host:5432/database, or press Ctrl+O to choose.",
                kind=ErrorKind.INVALID,
            )
        self.load(connecting.connect_url(self, location), group="sql-connect")

    def account_changed(self) -> None:
        self.show_location()
        # A connection that is open stays: what is in its transaction is the user's.
        if self.session is None and self.services.own_database is not None:
            own = connecting.connect_sandbox(self, self.services.own_database)
            self.load(own, group="sql-connect")

    def contents_removed(self) -> None:
        # The instance behind the connection may have been among it.
        self._look_at_connection()
        session = self.session
        if session is not None and session.target.instance:
            self.start(self._look_at_instance(session), group="sql-instance")

    async def _look_at_instance(self, session: Session) -> None:
        if self.services.account.target != self._connected_from:
            return
        gone = await connecting.instance_is_gone(self, session.target.instance)
        if session is self.session:
            self._instance_gone = gone
            self.show_location()

    @property
    def deleted_instance(self) -> str:
        """The RDS instance behind a lost connection, if it was deleted on purpose."""
        lost = self.session is not None and self.session.state is TransactionState.LOST
        return self.session.target.instance if self.session and lost and self._instance_gone else ""

    def _look_at_connection(self) -> None:
        if self.session is not None:
            self.session.look()

    def busy(self) -> str:
        said = [self.rds.busy()]
        if self.running:
            said.append("A statement is running; quitting cancels it.")
        if self.session is not None and self.session.state is TransactionState.OPEN:
            said.append("A transaction is open; quitting rolls it back.")
        return "\n".join(part for part in said if part)

    # -- the connection ---------------------------------------------------------------------------

    def remember(self, known: connecting.Known) -> None:
        """Offer a place again, first in the list, with what opened it last."""
        others = [each for each in self.recent if each[0].label != known[0].label]
        self.recent = [known, *others][:MAX_RECENT]

    def take_session(self, session: Session) -> None:
        """Work on this connection from now on."""
        if self.session is not None:
            self.session.on_change = None
            self.session.close()
        self.session = session
        self._connected_from, self._instance_gone = self.services.account.target, False
        session.on_change = self._session_changed
        self.results.clear()
        self.show_location()

    async def _connect_instance(self, info: ConnectInfo, password: str | None) -> None:
        await connecting.connect_instance(self, info, password)

    def show_location(self) -> None:
        """Say who is connected where, and in which transaction."""
        if not self.query(PathBox):
            # The application ends: a statement that it cut off says so to nobody.
            return
        if self.session is None:
            read_only = "READ ONLY · " if self.services.account.read_only else ""
            self.path_box.show("not connected", f"{read_only}Ctrl+O connects")
        else:
            state = wording.connection_state(self.session, deleted=self.deleted_instance)
            self.path_box.show(self.session.info.label, state)
        self.refresh_bindings()

    def _session_changed(self) -> None:
        if not self.is_mounted:
            return
        self.show_location()
        shown = self.results.result
        if shown is not None and not self.running:
            self.results.show_state(held=is_held(self.session, shown))

    def running_changed(self) -> None:
        """A statement began or ended."""
        self.show_location()
        self.post_message(self.BusyChanged())

    async def list_relations(self) -> None:
        """Show the tables of the database."""
        session = self.session
        if session is None:
            return
        relations = await session.relations()
        if session is self.session:
            self.results.show_relations(relations)
            self.refresh_bindings()

    # -- rows -------------------------------------------------------------------------------------

    @on(Grid.HeaderClicked)
    def _header_clicked(self, event: Grid.HeaderClicked) -> None:
        event.stop()
        self.hint(self.INSTEAD[verbs.SORT.id])

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        if self.results.result is not None and not self.running:
            self.start(self._add_page(self.results.result), group="sql-page")

    async def _add_page(self, result: Result) -> None:
        await self._fetch_more(result)

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        # A group of its own: to cancel a page under way would end the result on the server.
        if self.results.result is not None and not self.loading_all.active:
            self.start(self._go_to_end(self.results.result), group="sql-end")

    async def _go_to_end(self, result: Result) -> None:
        grid = self.results.grid
        try:
            at_end = await self.loading_all.run(
                lambda: self._fetch_more(result), lambda: len(self.results.rows)
            )
        finally:
            if self.is_mounted:
                self.running_changed()
                self.results.show_state(held=is_held(self.session, self.results.result))
                grid.ask_again()  # what it asked for meanwhile was passed over
        if at_end and self.results.result is result:
            grid.move_cursor(len(grid.rows) - 1)

    async def _fetch_more(self, result: Result) -> bool:
        """Add the next page of a result, if it is still shown; whether another one follows."""
        async with self._page_turn:
            session = self.session
            if session is None or self.results.result is not result:
                return False
            if not session.has_more(result):
                self.results.show_state(held=False)
                return False
            try:
                page = await session.fetch_more(result)
            except ServiceError:
                if self.results.result is result:
                    self.results.show_state(held=False)
                raise
            if self.results.result is not result:
                return False
            held = session.has_more(result)
            self.results.append(page, held=held)
            return held

    @on(Grid.Opened)
    async def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

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
            return self.is_mounted and self.editor.has_focus and not self.running
        return super().check_action(action, parameters)

    def action_leave_editor(self) -> None:
        """Esc in the editor: to the rows, where letters are verbs."""
        self.results.grid.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.refresh_bindings()

    def on_path_box_given_up(self, event: PathBox.GivenUp) -> None:
        self.show_location()
