"""The statements that were run, to be found, run again, kept under a name or deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Input, Static

from tui.panes.sql import wording
from tui.panes.sql.history.browser import COLUMNS, NARROW, HistoryBrowser, row_of, told
from tui.panes.sql.searched_list import KEYS_OF_FIELD, SearchedList
from tui.services.errors import ServiceError
from tui.services.sql.history import Entry, StatementHistory
from tui.widgets.application.clipboard import copy_text
from tui.widgets.dialogs.dialogs import AskText, Confirm
from tui.widgets.grid.cells import CellValue, LazyRows
from tui.widgets.grid.grid import Grid
from tui.widgets.text.safe_input import SafeInput
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText
from tui.widgets.text.value_view import ValueView


@dataclass(frozen=True)
class PickedStatement:
    """What was chosen, and whether to run it at once."""

    entry: Entry
    run: bool


class SearchField(SafeInput):
    """Typed into while the arrows move in the list."""

    BINDINGS = KEYS_OF_FIELD


class HistoryDialog(SearchedList[PickedStatement]):
    """Starts in the search; its answer is the statement that was picked."""

    TITLE_HERE = "History"
    BOX_CLASSES = "dialog-large"
    COLUMNS = COLUMNS
    NARROW = NARROW
    LETTERS = frozenset(
        {"favourite", "favourites_only", "connection_only", "delete", "copy", "search"}
    )

    DEFAULT_CSS = """
    HistoryDialog {
        & #history-search { height: 1; }
        & #history-search Static { width: 8; color: $text-muted; }
        & #history-search Input { width: 1fr; }
        & #history-state { height: auto; max-height: 3; color: $text-muted; }
        & Grid { height: 3fr; }
        & #history-told { height: auto; max-height: 6; color: $text-muted; }
        & #history-told { border-top: solid $primary; }
        & ValueView { height: 2fr; min-height: 3; }
    }
    """

    BINDINGS = [
        Binding("enter", "take", "Into the editor", id="history.take", priority=True),
        Binding("f5", "run_again", "Run again", id="history.run", priority=True),
        Binding("f,asterisk", "favourite", "Favourite", id="history.favourite"),
        Binding("F", "favourites_only", "Favourites only", id="history.favourites_only"),
        Binding("c", "connection_only", "This connection only", id="history.connection_only"),
        Binding("x,delete", "delete", "Delete", id="history.delete"),
        Binding("y", "copy", "Copy", id="history.copy"),
        Binding("slash", "search", "Search", id="history.search"),
    ]

    def __init__(self, history: StatementHistory, connection: str) -> None:
        """`connection` is the one that the pane has now; empty if it has none."""
        field = SearchField(placeholder="words that all stand in it", id="history-field")
        super().__init__("History of statements", field)
        self.browser = HistoryBrowser(history, connection, self._draw)
        self._state = SteadyText("", id="history-state")
        self._told = SteadyText("", id="history-told")
        self._text = ValueView("")
        self._here: int | None = None
        """The entry that the cursor goes back to when the list is drawn anew."""

    def compose_box(self) -> ComposeResult:
        with Horizontal(id="history-search"):
            yield Static("Search ", markup=False)
            yield self._field
        yield self._state
        yield self._grid
        yield self._told
        yield self._text

    def on_mount(self) -> None:
        self._grid.show(self._columns, [])
        self._field.focus()
        self._state.update(content(self.browser.state))
        self.start(self.browser.find(), group="history-find")

    @property
    def key_labels(self) -> Mapping[str, str]:
        entry = self.current
        wanted = self.browser.wanted
        return {
            "favourite": "No favourite" if entry and entry.is_favourite else "Favourite",
            "favourites_only": "All" if wanted.favourites else "Favourites only",
            "connection_only": "Every connection" if wanted.connection else "This connection only",
        }

    @property
    def current(self) -> Entry | None:
        """The entry under the cursor."""
        row = self._grid.current if self.is_mounted else None
        entries = self.browser.entries
        return None if row is None or row >= len(entries) else entries[row]

    def show_error(self, error: ServiceError) -> None:
        self._state.update(content(str(error), multiline=True))

    # -- drawing ----------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self._grid.is_attached:
            return
        entries = self.browser.entries
        places = [at for at, each in enumerate(entries) if each.id == self._here]
        self._grid.show(
            self._columns,
            LazyRows(entries, self._row_maker()),
            more=self.browser.more,
            cursor=places[0] if places else 0,
        )
        self._state.update(content(self.browser.state, multiline=True))
        self.refresh_bindings()
        if not entries:
            self._show_text("", "")

    def _row_maker(self) -> Callable[[Entry], list[CellValue]]:
        now, shown = datetime.now().astimezone(), self._shown_columns

        def make(entry: Entry) -> list[CellValue]:
            cells = row_of(entry, now)
            return [cells[at] for at in shown]

        return make

    def _show_text(self, above: str, text: str) -> None:
        self._told.update(content(above, multiline=True))
        if self._text.value != text:
            self._text.show(text, wrap=True)

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        entry = self.current
        self.refresh_bindings()
        if entry is not None:
            self._here = entry.id
            self.start(self._look_at(entry), group="history-look")

    async def _look_at(self, entry: Entry) -> None:
        whole, runs = await self.browser.whole(entry)
        self._show_text(told(whole, runs, datetime.now().astimezone()), whole.text)

    @on(Grid.MoreWanted)
    def _more_wanted(self, event: Grid.MoreWanted) -> None:
        event.stop()
        self.start(self._load_more(), group="history-more")

    @on(Grid.EndWanted)
    def _end_wanted(self, event: Grid.EndWanted) -> None:
        event.stop()
        self.start(self._load_all(), group="history-more")

    async def _load_more(self) -> None:
        added = await self.browser.load_more()
        self._grid.append(LazyRows(added, self._row_maker()), more=self.browser.more)
        self._state.update(content(self.browser.state, multiline=True))

    async def _load_all(self) -> None:
        while self.browser.more:
            await self._load_more()
        self._grid.move_cursor(len(self._grid.rows) - 1)

    # -- keys -------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        possible = super().check_action(action, parameters)
        if not possible:
            return possible
        if action in {"favourite", "delete", "copy", "run_again", "take"}:
            return self.current is not None
        if action == "connection_only":
            return self.browser.has_connection
        return possible

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._here = None
        self.start(self.browser.find(event.value), group="history-find")

    def action_take(self) -> None:
        self._pick(run=False)

    def action_run_again(self) -> None:
        self._pick(run=True)

    def _pick(self, *, run: bool) -> None:
        entry = self.current
        if entry is not None:
            self.start(self._picked(entry, run=run), group="history-pick")

    async def _picked(self, entry: Entry, *, run: bool) -> None:
        if entry.is_cut or (run and entry.secrets):
            instead = "y copies that." if entry.is_cut else "Enter puts it into the editor."
            raise ServiceError(entry.in_the_way, hint=instead)
        whole, _ = await self.browser.whole(entry)
        self.dismiss(PickedStatement(whole, run))

    def action_copy(self) -> None:
        entry = self.current
        if entry is not None:
            self.start(self._copy(entry), group="history-copy")

    async def _copy(self, entry: Entry) -> None:
        whole, _ = await self.browser.whole(entry)
        await copy_text(self.app, whole.text)

    def action_favourite(self) -> None:
        entry = self.current
        if entry is not None:
            self.start(self._favourite(entry), group="history-favourite")

    async def _favourite(self, entry: Entry) -> None:
        if entry.is_favourite:
            await self.browser.keep(entry, favourite=False)
            return
        prompt = f"{wording.brief(entry.text)}\nA name, if you like: it is searched, too."
        name = await self.ask(AskText("Keep as a favourite", prompt))
        if name is not None:
            await self.browser.keep(entry, favourite=True, name=name.strip())

    def action_favourites_only(self) -> None:
        self.start(self.browser.toggle_favourites(), group="history-find")

    def action_connection_only(self) -> None:
        self.start(self.browser.toggle_connection(), group="history-find")

    def action_delete(self) -> None:
        entry = self.current
        if entry is not None:
            self.start(self._delete(entry), group="history-delete")

    async def _delete(self, entry: Entry) -> None:
        question = Confirm(
            "Delete it from the history?",
            f"{wording.brief(entry.text)}\n\nThe statement and what is known of its runs are "
            "deleted here; nothing changes on the server.",
            yes="Delete",
            danger=True,
        )
        if await self.ask(question):
            await self.browser.delete(entry)
