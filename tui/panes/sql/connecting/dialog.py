"""The chooser of connections: found by typing, connected to by Enter; saved, edited, deleted."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.panes.sql.connecting import keeping
from tui.panes.sql.connecting.browser import ConnectionsBrowser
from tui.panes.sql.connecting.connected import Known
from tui.panes.sql.connecting.field import ConnectionField, shown_text
from tui.panes.sql.connecting.line_rows import COLUMNS, NARROW, row_of, told
from tui.panes.sql.connecting.lines import ConnectionLine, LineGroup
from tui.panes.sql.connecting.passwords import forget_question
from tui.panes.sql.searched_list import SearchedList
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql.connecting.pasted import is_connection
from tui.services.sql.connecting.saved import SavedConnections
from tui.services.sql.connecting.stores import entry_of
from tui.widgets.grid.cells import CellValue, LazyRows
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText

_OF_SAVED = frozenset({"edit", "rename", "duplicate", "delete"})


@dataclass(frozen=True)
class PickedConnection:
    """What was chosen: a line, or the list of RDS instances (None)."""

    line: ConnectionLine | None


class ConnectionsDialog(SearchedList[PickedConnection]):
    """Starts in the field; its answer is the connection that was picked."""

    TITLE_HERE = "Connections"
    BOX_CLASSES = "dialog-large"
    COLUMNS = COLUMNS
    NARROW = NARROW
    LETTERS = frozenset(
        {
            *("new", "save", "edit", "rename", "duplicate", "delete"),
            *("forget", "instances", "again", "search"),
        }
    )

    DEFAULT_CSS = """
    ConnectionsDialog {
        & #connections-search { height: 1; }
        & #connections-search Static { width: 5; color: $text-muted; }
        & #connections-search Input { width: 1fr; }
        & #connections-state { height: 1; color: $text-muted; }
        & #connections-state.-error { height: auto; max-height: 5; color: $text-error; }
        & Grid { height: 1fr; min-height: 4; }
        & #connections-told {
            height: 3; color: $text-muted; border-top: solid $primary;
        }
        & #connections-problems { height: auto; max-height: 5; color: $text-warning; }
        & #connections-problems { display: none; }
    }
    """

    BINDINGS = [
        Binding("enter", "take", "Connect", id="connections.take", priority=True),
        Binding("ctrl+s", "take", show=False, priority=True),
        Binding("n", "new", "New", id="connections.new"),
        Binding("s", "save", "Save…", id="connections.save"),
        Binding("e", "edit", "Edit", id="connections.edit"),
        Binding("m", "rename", "Rename", id="connections.rename"),
        Binding("c", "duplicate", "Duplicate", id="connections.duplicate"),
        Binding("x,delete", "delete", "Delete", id="connections.delete"),
        Binding("f", "forget", "Forget password", id="connections.forget"),
        Binding("i", "instances", "RDS…", id="connections.instances"),
        Binding("r", "again", "List again", id="connections.again"),
        Binding("slash", "search", "Filter", id="connections.search"),
    ]

    def __init__(
        self, services: Services, *, open_now: Iterable[Known], recent: Iterable[Known]
    ) -> None:
        field = ConnectionField(
            placeholder="words to filter by, or a URL, host=… dbname=…, psql …",
            id="connections-field",
        )
        super().__init__("Connect to", field)
        self.services = services
        self.browser = ConnectionsBrowser(
            services, open_now=open_now, recent=recent, changed=self._draw_soon
        )
        self._state = SteadyText("", id="connections-state")
        self._told = SteadyText("", id="connections-told")
        self._problems = SteadyText("", id="connections-problems")
        self._lines: Sequence[ConnectionLine] = ()
        self._here: tuple[LineGroup, str] | None = None
        """The line that the cursor goes back to when the list is drawn anew."""
        self._error = ""
        """What the last key came to, until the next one."""
        self._entries: frozenset[str] = frozenset()
        """The entries of the keyring that were made from here."""
        self._is_drawing = False
        self._pasted: tuple[str, ConnectionLine] | None = None
        """What stands in the field in the place of a text that was pasted, and where that leads:
        it may have had a password."""

    def compose_box(self) -> ComposeResult:
        with Horizontal(id="connections-search"):
            yield Static("Find ", markup=False)
            yield self._field
        yield self._state
        yield self._grid
        yield self._told
        yield self._problems

    def on_mount(self) -> None:
        self._field.focus()
        self._draw()
        # What is known already is on the screen before the account is asked.
        self.call_after_refresh(self._read)

    def _read(self) -> None:
        self.start(self.browser.read_local(), group="connections-local")
        self.start(self.browser.read_account(), group="connections-account")
        self.start(self._read_entries(), group="connections-entries")

    async def _read_entries(self) -> None:
        self._entries = frozenset(await self.services.sql.kept_names())
        self.refresh_bindings()

    @property
    def current(self) -> ConnectionLine | None:
        """The line under the cursor."""
        row = self._grid.current if self.is_mounted else None
        return None if row is None or row >= len(self._lines) else self._lines[row]

    @property
    def key_labels(self) -> Mapping[str, str]:
        current = self.current
        return {"save": "Save as…" if current and current.saved else "Save…"}

    def show_error(self, error: ServiceError) -> None:
        self._error = str(error)
        self._draw_soon()

    # -- drawing ----------------------------------------------------------------------------------

    def _draw_soon(self) -> None:
        """Draw once for all that has changed by then."""
        if not self._is_drawing:
            self._is_drawing = self.call_later(self._draw)

    def _draw(self) -> None:
        self._is_drawing = False
        if not self._grid.is_attached:
            return
        self._lines, shown = self.browser.lines, self._shown_columns
        here = self._here
        place = next((at for at, each in enumerate(self._lines) if here and each.key == here), None)
        self._grid.show(
            self._columns,
            LazyRows(self._lines, lambda line: _cells(line, shown)),
            cursor=self.browser.first if place is None else place,
        )
        self._state.set_class(bool(self._error), "-error")
        said = self._error or self.browser.state
        self._state.update(content(said, multiline=True), layout=bool(self._error))
        problems = "\n".join(self.browser.problems)
        self._problems.update(content(problems, multiline=True))
        self._problems.display = bool(problems)
        self._tell()

    def _tell(self) -> None:
        current = self.current
        self._told.update(content(told(current) if current else ""), layout=False)
        self.refresh_bindings()

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        current = self.current
        if current is not None and self.browser.is_read:
            self._here = current.key
        self._tell()

    @on(ConnectionField.Pasted)
    def _take_whole(self, event: ConnectionField.Pasted) -> None:
        event.stop()
        self.start(self._take_pasted(event.text), group="connections-find")

    # -- the field --------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._here, self._error = None, ""
        if self._pasted is not None and event.value == self._pasted[0]:
            self.browser.show_given(*self._pasted)
        else:
            self._pasted = None
            self.start(self.browser.look_for(event.value), group="connections-find")

    async def _take_pasted(self, text: str) -> None:
        """Take a connection that was pasted; a password in it goes to memory only."""
        line = await self.browser.given(text)
        assert line.target is not None
        shown = shown_text(line.target)
        self._pasted = shown, line
        if self._field.value == shown:
            self.browser.show_given(shown, line)
        else:
            self._field.value = shown

    # -- keys -------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible = super().check_action(action, parameters)
        if not possible:
            return possible
        current = self.current
        if action in _OF_SAVED:
            return current is not None and current.saved is not None
        if action == "forget":
            return self._entry in self._entries
        if action == "save":
            return current is not None and current.target is not None
        return possible

    def action_take(self) -> None:
        self.start(self._take(), group="connections-take")

    async def _take(self) -> None:
        text = self._field.value
        if is_connection(text) and self._pasted is None:
            # Typed and Enter at once: the list may not show it yet.
            self.dismiss(PickedConnection(await self.browser.given(text)))
            return
        current = self.current
        if current is None:
            return
        if not current.can_be_chosen:
            raise ServiceError(f"{current.name} cannot be connected to.", cause=current.problem)
        self.dismiss(PickedConnection(current))

    def action_instances(self) -> None:
        self.dismiss(PickedConnection(None))

    def action_again(self) -> None:
        self._read()

    def action_new(self) -> None:
        self._keep(keeping.ask_new(self, self._store))

    def action_save(self) -> None:
        if self.current is not None:
            self._keep(keeping.ask_to_save(self, self._store, self.current))

    def action_edit(self) -> None:
        self._keep_saved(keeping.ask_to_edit)

    def action_rename(self) -> None:
        self._keep_saved(keeping.ask_to_rename)

    def action_duplicate(self) -> None:
        self._keep_saved(keeping.duplicate)

    def action_delete(self) -> None:
        self._keep_saved(keeping.ask_to_delete)

    @property
    def _entry(self) -> str:
        """The keyring's entry for the line under the cursor, whether or not there is one."""
        current = self.current
        return "" if current is None or current.target is None else entry_of(current.target)

    def action_forget(self) -> None:
        self.start(self._forget(self._entry), group="connections-keep")

    async def _forget(self, entry: str) -> None:
        if await self.ask(forget_question(entry)):
            await self.services.sql.forget_password(entry)
            await self._read_entries()

    @property
    def _store(self) -> SavedConnections:
        return self.services.saved_connections

    def _keep_saved(self, change: keeping.Change) -> None:
        current = self.current
        if current is not None and current.saved is not None:
            self._keep(change(self, self._store, current.saved))

    def _keep(self, change: Coroutine[Any, Any, str | None]) -> None:
        self.start(self._kept(change), group="connections-keep")

    async def _kept(self, change: Coroutine[Any, Any, str | None]) -> None:
        """List anew after a change, with the cursor on what it was about; what was typed does not
        hide that."""
        name = await change
        if name is None:
            return
        self._here, self._pasted, self._error = (LineGroup.SAVED, name), None, ""
        if self._field.value:
            with self._field.prevent(Input.Changed):
                self._field.value = ""
            await self.browser.look_for("")
        await self.browser.read_local()


def _cells(line: ConnectionLine, columns: tuple[int, ...]) -> list[CellValue]:
    cells = row_of(line)
    return [cells[at] for at in columns]
