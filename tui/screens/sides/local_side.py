"""The folders of this machine, as one side of the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.transfers import LocalEntry, LocalFolders
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.commands.shared_commands import (
    FilteringHost,
    LocationHost,
    MarkingHost,
    filter_rows,
    go_to,
    mark,
    mark_all,
)
from tui.widgets.error_banner import ErrorBanner
from tui.widgets.file_picker.browser import FolderBrowser
from tui.widgets.file_picker.marked import MarkedEntries, can_be_sent
from tui.widgets.file_picker.rows import COLUMNS, row
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.path_box import PathBox

Send = Callable[["LocalSide", Sequence[Path]], Awaitable[None]]
"""Plans the upload of paths."""


def _has_current(side: LocalSide) -> bool:
    return side.current is not None


def _has_chosen(side: LocalSide) -> bool:
    return bool(side.marked) or (side.current is not None and can_be_sent(side.current))


class LocalSide(Vertical, MarkingHost, FilteringHost, LocationHost):
    """One folder: what is in it, what is marked."""

    TITLE_HERE = "Local files"

    BINDINGS = [
        Binding("escape", "back_out", "Put away", show=False),
        Binding("tab", "complete", "Complete", show=False),
    ]

    @command(verbs.GO_ON, label="Send →", footer=True, asks=True, when=_has_chosen)
    async def send(self) -> None:
        """Upload what is marked here, or what is under the cursor, to the prefix on the other
        side; what goes where is shown first."""
        await self._send(self, self.chosen)

    @command(verbs.OPEN, when=_has_current)
    def open_entry(self) -> None:
        """Go into the folder under the cursor."""
        entry = self.current
        if entry is not None and entry.is_folder:
            self.go(entry.path)

    @command(verbs.UP, footer=True)
    def up(self) -> None:
        """Go to the folder above."""
        self.go(self.browser.folder.parent, cursor_on=self.browser.folder.name)

    @command(verbs.HIDDEN, label="Hidden")
    def toggle_hidden(self) -> None:
        """Show or leave out the names that begin with a dot."""
        self.browser.toggle_hidden()
        self.draw(self.current_name)

    @command(verbs.HOME, label="Home")
    def home(self) -> None:
        """Go to your home folder."""
        self._wait_for(self.browser.go_typed("~"), "~")

    @command(verbs.REFRESH)
    def refresh_folder(self) -> None:
        """Read the folder again."""
        self.read_again()

    COMMANDS_HERE = (
        send,
        open_entry,
        up,
        mark.here(
            "Mark or unmark the file or folder under the cursor; marks stay when you go elsewhere.",
            footer=True,
        ),
        mark_all.here("Mark every file that is shown here, or unmark all if they are marked."),
        send.here(verb=verbs.UPLOAD, label="Upload", footer=False),
        filter_rows.here("Show only names that contain a text, or fit a pattern.", footer=True),
        toggle_hidden,
        go_to.here("Type or paste a path; Tab completes it.", footer=True),
        home,
        refresh_folder,
    )

    def __init__(self, folders: LocalFolders, start: Path, send: Send) -> None:
        super().__init__()
        self.path_box = PathBox("~/folder")
        self.grid = Grid()
        self.filter_line = FilterLine()
        self.banner = ErrorBanner()
        self.browser = FolderBrowser(folders, start, self._read)
        self.marked = MarkedEntries()
        """What is marked, here and in other folders."""
        self._send = send
        self._drawn: Sequence[LocalEntry] = ()
        """The entries of the rows."""
        self._goes = False
        """Whether it was another folder that was asked for last."""

    def compose(self) -> ComposeResult:
        yield self.path_box
        yield self.banner
        yield self.grid
        yield self.filter_line

    def on_mount(self) -> None:
        self.go(self.browser.folder)

    # -- what commands ask -----------------------------------------------------------------

    @property
    def is_on_the_way(self) -> bool:
        """Whether another folder is read, which the keys are meant for."""
        return self._goes and self.browser.is_reading and self.browser.was_read

    @property
    def current(self) -> LocalEntry | None:
        """The entry under the cursor; None when there is none."""
        index, drawn = self.grid.current, self._drawn
        return None if index is None or index >= len(drawn) else drawn[index]

    @property
    def current_name(self) -> str:
        return self.current.name if self.current is not None else ""

    @property
    def chosen(self) -> tuple[Path, ...]:
        """What is sent now: the marked files and folders, or the one under the cursor."""
        if self.marked:
            return self.marked.paths
        entry = self.current
        return (entry.path,) if entry is not None and can_be_sent(entry) else ()

    @property
    def can_mark(self) -> bool:
        return self.current is not None

    def toggle_mark(self) -> None:
        entry = self.current
        if entry is not None:
            self.marked.toggle(entry, self.browser.folder)
        self.grid.move_cursor(self.grid.cursor_row + 1)
        self.draw_marks()

    def toggle_all_marks(self) -> None:
        self.marked.toggle_files(self.browser.shown, self.browser.folder)
        self.draw_marks()

    def unmark(self) -> None:
        """Forget the marks: what was marked is on its way."""
        self.marked.clear()
        self.draw_marks()

    def read_again(self) -> None:
        """Read the folder again, unless another one is on its way; the cursor and the filter stay,
        and keys mean what is shown."""
        if not self.is_on_the_way:
            self.go(self.browser.folder)
            self._goes = False

    # -- going places ----------------------------------------------------------------------

    def go(self, folder: Path, *, cursor_on: str = "") -> None:
        """Read a folder and show it; the one before stays until it is read."""
        self._wait_for(self.browser.go(folder, cursor_on=cursor_on), str(folder))

    def _wait_for(self, reading: Coroutine[None, None, None], place: str) -> None:
        self.banner.clear()
        self._goes = True
        self.path_box.show(place, "reading… Esc stops it")
        self.start(self._until_read(reading), group="folder")

    async def _until_read(self, reading: Coroutine[None, None, None]) -> None:
        try:
            await reading
        except ServiceError:
            self.draw(self.current_name)
            if self._goes and self.has_class("-active") and isinstance(self.app, OrderlyApp):
                # It was meant for that folder.
                self.app.drop_typed()
            raise

    def _read(self, cursor_on: str) -> None:
        if self._goes and not self.browser.needle:
            self.filter_line.reset()
        self.draw(cursor_on if self._goes else self.current_name)

    def _is_available(self, command: Command[Any]) -> bool:
        # A click in the footer waits for nothing.
        return super()._is_available(command) and not self.is_on_the_way

    @on(PathBox.Submitted)
    def _typed(self, event: PathBox.Submitted) -> None:
        event.stop()
        self.grid.focus()
        self._wait_for(self.browser.go_typed(event.location), event.location)

    @on(PathBox.GivenUp)
    def _gave_up(self, event: PathBox.GivenUp) -> None:
        event.stop()
        self.grid.focus()

    def on_paste(self, event: events.Paste) -> None:
        """A path that is pasted or dragged here is gone to."""
        event.stop()
        if event.text.strip():
            self._wait_for(self.browser.go_typed(event.text.strip()), event.text.strip())

    # -- drawing ---------------------------------------------------------------------------

    def draw(self, cursor_on: str = "") -> None:
        """Show what the filter leaves, the cursor on a name if it is there."""
        if not self.is_attached:
            return
        self._drawn = self.browser.shown
        rows = LazyRows(self._drawn, partial(row, files_matter=True))
        self.grid.show(COLUMNS, rows, cursor=self.browser.number_of(cursor_on))
        self.draw_marks()

    def draw_marks(self) -> None:
        """Show what is marked, and how much that is."""
        self.grid.mark_only(self.marked.rows(self.browser.shown, self.browser.folder))
        self.path_box.show(str(self.browser.folder), self._state())
        self.refresh_bindings()

    def _state(self) -> str:
        if not self.marked:
            return counted(len(self.browser.shown), "entry", "entries")
        folders, size = self.marked.folders, size_text(self.marked.bytes)
        files = len(self.marked) - folders
        parts = [f"{counted(files, 'file')} ({size})"] if files else []
        parts += [counted(folders, "folder")] if folders else []
        return f"{' and '.join(parts)} marked"

    def show_error(self, error: ServiceError) -> None:
        self.banner.show(error)

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

    # -- keys ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "complete":
            return self.path_box.field.has_focus
        if action == "back_out":
            return self.is_on_the_way or bool(self.browser.needle)
        return super().check_action(action, parameters)

    async def action_complete(self) -> None:
        """Tab: complete the path that is being typed."""
        field = self.path_box.field
        field.value = await self.browser.folders.complete(field.value, self.browser.folder)
        field.cursor_position = len(field.value)

    def action_back_out(self) -> None:
        """Esc ends the reading of a folder first, then it takes the filter away."""
        if self.is_on_the_way:
            self.browser.stay()
            self.workers.cancel_group(self, "folder")
            self.draw(self.current_name)
        else:
            self.filter_line.clear()

    @on(FilterLine.Changed)
    def _narrow(self, event: FilterLine.Changed) -> None:
        event.stop()
        kept = "" if event.text else self.current_name
        self.browser.filter_by(event.text)
        self.draw(kept)

    @on(FilterLine.Left)
    def _narrowed(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()
