"""The chooser of connections: found by typing, connected to by Enter; saved, edited, deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.panes.sql.connecting.browser import ConnectionsBrowser
from tui.panes.sql.connecting.connected import Known
from tui.panes.sql.connecting.form import Keep, connection_form
from tui.panes.sql.connecting.form_lines import quoted
from tui.panes.sql.connecting.lines import COLUMNS, NARROW, ConnectionLine, Group, row_of, told
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import DatabaseTarget
from tui.services.sql.connecting.pasted import is_connection
from tui.services.sql.connecting.saved import SavedConnection, name_problems
from tui.widgets.cells import CellValue
from tui.widgets.command_host import CommandHost
from tui.widgets.dialog import Dialog
from tui.widgets.dialogs import AskText, Confirm
from tui.widgets.grid import Grid
from tui.widgets.safe_input import SafeInput
from tui.widgets.safe_text import content

_OF_LETTERS = frozenset(
    {"new", "save", "edit", "rename", "duplicate", "delete", "instances", "again", "search"}
)
"""Actions whose keys are text in the field."""

_OF_SAVED = frozenset({"edit", "rename", "duplicate", "delete"})

WIDE_FROM = 110
"""Columns of a terminal from which every column is shown."""


@dataclass(frozen=True)
class PickedConnection:
    """What was chosen: a line, or the list of RDS instances (None)."""

    line: ConnectionLine | None


class ConnectionField(SafeInput):
    """Typed into while the arrows move in the list."""

    BINDINGS = [
        Binding("up", "screen.step(-1)", show=False),
        Binding("down", "screen.step(1)", show=False),
        Binding("pageup", "screen.page(-1)", show=False),
        Binding("pagedown", "screen.page(1)", show=False),
        Binding("tab", "screen.to_list", "Keys of the list"),
    ]

    def _on_paste(self, event: events.Paste) -> None:
        if is_connection(event.text):
            # All lines of it, and no password to be read over a shoulder.
            event.prevent_default()
            event.stop()
            screen = self.screen
            assert isinstance(screen, ConnectionsDialog)
            screen.take_pasted(event.text)


class ConnectionsDialog(Dialog[PickedConnection], CommandHost):
    """Starts in the field; its answer is the connection that was picked."""

    TITLE_HERE = "Connections"

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
        Binding("i", "instances", "RDS…", id="connections.instances"),
        Binding("r", "again", "List again", id="connections.again"),
        Binding("slash", "search", "Filter", id="connections.search"),
    ]

    def __init__(
        self, services: Services, *, open_now: Iterable[Known], recent: Iterable[Known]
    ) -> None:
        super().__init__("Connect to")
        self.services = services
        self.browser = ConnectionsBrowser(
            services, open_now=open_now, recent=recent, changed=self._draw_soon
        )
        self._field = ConnectionField(
            placeholder="words to filter by, or a URL, host=… dbname=…, psql …",
            id="connections-field",
        )
        self._grid = Grid()
        self._state = Static("", id="connections-state")
        self._told = Static("", id="connections-told")
        self._problems = Static("", id="connections-problems")
        self._lines: list[ConnectionLine] = []
        self._here: tuple[Group, str] | None = None
        """The line that the cursor goes back to when the list is drawn anew."""
        self._error = ""
        """What the last key came to, until the next one."""
        self._problems_shown = ""
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
        self.query_one(".dialog").add_class("dialog-large")
        self._field.focus()
        self._draw()
        # What is known already is on the screen before the account is asked.
        self.call_after_refresh(self._read)

    def _read(self) -> None:
        self.start(self.browser.read_local(), group="connections-local")
        self.start(self.browser.read_account(), group="connections-account")

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
        shown = self._columns
        self._lines = self.browser.lines
        places = [at for at, each in enumerate(self._lines) if each.key == self._here]
        self._grid.show(
            [COLUMNS[at] for at in shown],
            [_cells(each, shown) for each in self._lines],
            cursor=places[0] if places else 0,
        )
        self._state.set_class(bool(self._error), "-error")
        said = self._error or self.browser.state
        self._state.update(content(said, multiline=True), layout=bool(self._error))
        problems = "\n".join(self.browser.problems)
        if problems != self._problems_shown:
            self._problems_shown = problems
            self._problems.update(content(problems, multiline=True))
            self._problems.display = bool(problems)
        self._tell()

    @property
    def _columns(self) -> tuple[int, ...]:
        return tuple(range(len(COLUMNS))) if self.app.size.width >= WIDE_FROM else NARROW

    def on_resize(self) -> None:
        if len(self._grid.columns) not in {0, len(self._columns)}:
            self._draw()

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

    def take_pasted(self, text: str) -> None:
        """Take a connection that was pasted; a password in it goes to memory only."""
        self.start(self._take_pasted(text), group="connections-find")

    async def _take_pasted(self, text: str) -> None:
        line = await self.browser.given(text)
        assert line.target is not None
        shown = shown_text(line.target)
        self._pasted = shown, line
        if self._field.value == shown:
            self.browser.show_given(shown, line)
        else:
            self._field.value = shown

    def action_step(self, step: int) -> None:
        self._grid.action_move(step)

    def action_page(self, direction: int) -> None:
        self._grid.action_page(direction)

    def action_to_list(self) -> None:
        self.set_focus(self._grid)

    def action_search(self) -> None:
        self.set_focus(self._field)

    # -- keys -------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _OF_LETTERS and self.focused is self._field:
            return False
        current = self.current
        if action in _OF_SAVED:
            return current is not None and current.saved is not None
        if action == "save":
            return current is not None and current.target is not None
        if action == "read_on":
            return False
        return super().check_action(action, parameters)

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

    @on(Grid.Opened)
    def _opened(self, event: Grid.Opened) -> None:
        event.stop()
        self.action_take()

    def action_instances(self) -> None:
        self.dismiss(PickedConnection(None))

    def action_again(self) -> None:
        self._read()

    def action_new(self) -> None:
        self.start(
            self._ask_and_keep("New connection", DatabaseTarget(""), ""), group="connections-form"
        )

    def action_save(self) -> None:
        current = self.current
        if current is not None and current.target is not None:
            name = "" if current.saved or current.group is Group.GIVEN else current.name
            name = name if not name_problems(name) else ""
            work = self._ask_and_keep("Save a connection", current.target, name)
            self.start(work, group="connections-form")

    def action_edit(self) -> None:
        current = self.current
        if current is None or current.saved is None:
            return
        if current.target is None:
            self.show_error(ServiceError(current.problem))
            return
        work = self._ask_and_keep(
            f"Edit {current.name}", current.target, current.name, current.saved
        )
        self.start(work, group="connections-form")

    async def _ask_and_keep(
        self, title: str, target: DatabaseTarget, name: str, before: SavedConnection | None = None
    ) -> None:
        saved = await self.ask(connection_form(title, target, name, self._keeper(before)))
        if saved is not None:
            await self._show_saved(saved.label)

    def _keeper(self, before: SavedConnection | None) -> Keep:
        store = self.services.saved_connections

        async def keep(name: str, target: DatabaseTarget) -> None:
            if before is None:
                await asyncio.to_thread(store.add, name, target)
            else:
                await asyncio.to_thread(store.replace, before, name, target)

        return keep

    async def _show_saved(self, name: str) -> None:
        """List anew, with the cursor on this one; what was typed does not hide it."""
        self._here = (Group.SAVED, name)
        self._pasted = None
        if self._field.value:
            with self._field.prevent(Input.Changed):
                self._field.value = ""
            await self.browser.look_for("")
        await self.browser.read_local()

    def action_rename(self) -> None:
        current = self.current
        if current is not None and current.saved is not None:
            self.start(self._rename(current.saved), group="connections-change")

    async def _rename(self, saved: SavedConnection) -> None:
        question = AskText("Rename", "Another name", value=saved.name, check=name_problems)
        name = await self.ask(question)
        if name is not None and name != saved.name:
            await asyncio.to_thread(self.services.saved_connections.rename, saved, name)
            await self._show_saved(name)

    def action_duplicate(self) -> None:
        current = self.current
        if current is not None and current.saved is not None:
            self.start(self._duplicate(current.saved), group="connections-change")

    async def _duplicate(self, saved: SavedConnection) -> None:
        name = await asyncio.to_thread(self.services.saved_connections.duplicate, saved)
        await self._show_saved(name)

    def action_delete(self) -> None:
        current = self.current
        if current is not None and current.saved is not None:
            self.start(self._delete(current.saved), group="connections-change")

    async def _delete(self, saved: SavedConnection) -> None:
        question = Confirm(
            f"Delete the connection {saved.name}?",
            "It is taken out of the saved connections. Nothing changes on the server, and a "
            "connection that is open stays open.",
            yes="Delete",
            danger=True,
        )
        if await self.ask(question):
            await asyncio.to_thread(self.services.saved_connections.delete, saved)
            self._here = None
            await self.browser.read_local()


def shown_text(target: DatabaseTarget) -> str:
    """A connection without its password, as one may type it."""
    parameters = target.parameters
    first = [each for each in ("host", "port", "dbname", "user") if each in parameters]
    names = [*first, *(each for each in parameters if each not in first)]
    text = " ".join(f"{each}={quoted(parameters[each])}" for each in names)
    return text if is_connection(text) else f"psql {text}".rstrip()


def _cells(line: ConnectionLine, columns: tuple[int, ...]) -> list[CellValue]:
    cells = row_of(line)
    return [cells[at] for at in columns]
