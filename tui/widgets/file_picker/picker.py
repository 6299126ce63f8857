"""Choose files and folders of this machine by keyboard; folders are read off the loop."""

from __future__ import annotations

import contextlib
from collections.abc import Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding

from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.transfers import EntryKind, LocalEntry, LocalFolders
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.commands.shared_commands import (
    FilteringHost,
    LocationHost,
    filter_rows,
    go_to,
)
from tui.widgets.dialogs.dialogs import Dialog
from tui.widgets.file_picker.browser import FolderBrowser
from tui.widgets.file_picker.rows import COLUMNS, row
from tui.widgets.grid.cells import LazyRows
from tui.widgets.grid.filter_line import FilterLine
from tui.widgets.grid.grid import Grid
from tui.widgets.path_box import PathBox
from tui.widgets.text.safe_text import content
from tui.widgets.text.steady_text import SteadyText


class FilePicker(Dialog[tuple[Path, ...]], FilteringHost, LocationHost):
    """Walks the folders of this machine. `FilesPicker` and `FolderPicker` say what is chosen."""

    BOX_CLASSES = "dialog-large"

    TITLE_HERE = "Files"

    DEFAULT_CSS = """
    FilePicker {
        & .dialog { padding: 0; }
        & #picker-state { height: 1; padding: 0 1; color: $text-muted; }
        & .problem { padding: 0 1; max-height: 4; }
    }
    """

    BINDINGS = [
        Binding("escape", "leave_step", "Back", id="picker.leave"),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    FILES_MATTER = True

    def __init__(self, folders: LocalFolders, start: Path, *, title: str) -> None:
        super().__init__(title)
        self.path_box = PathBox("~/folder")
        self.grid = Grid()
        self.filter_line = FilterLine()
        self._problem = SteadyText("", classes="problem", markup=False)
        self._state = SteadyText("", id="picker-state")
        self.browser = FolderBrowser(folders, start, self._read)
        self._looks_up = False
        """Whether what was typed is looked up, to be chosen."""
        self.start_on = ""
        """The name that the cursor stands on at first."""

    def compose_box(self) -> ComposeResult:
        yield self.path_box
        yield self.grid
        yield self._problem
        yield self.filter_line
        yield self._state

    def on_mount(self) -> None:
        self.grid.focus()
        self.go(self.folder, cursor_on=self.start_on)

    @property
    def takes_keys(self) -> bool:
        # What is typed while a folder is read is meant for what is in it; while what was typed is
        # looked up to be chosen, for what comes behind the picker.
        return super().takes_keys and not self.browser.is_reading and not self._looks_up

    # -- what commands ask -----------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """The folder that is shown."""
        return self.browser.folder

    @property
    def shown(self) -> list[LocalEntry]:
        """The entries that the filter leaves."""
        return self.browser.shown

    @property
    def current(self) -> LocalEntry | None:
        """The entry under the cursor; None when there is none."""
        index = self.grid.current
        return None if index is None or index >= len(self.shown) else self.shown[index]

    @property
    def filter_hint(self) -> str:
        return "part of a name, or *.csv · Enter keeps it"

    def open_file(self, entry: LocalEntry) -> None:
        """Enter on something that is no folder."""

    # -- commands --------------------------------------------------------------------------

    @command(verbs.OPEN, when=lambda picker: picker.current is not None)
    def open_entry(self) -> None:
        """Go into the folder under the cursor; choose the file under the cursor together with what
        is marked."""
        entry = self.current
        if entry is None:
            return
        if entry.is_folder:
            self.go(entry.path)
        else:
            self.open_file(entry)

    @command(verbs.UP, footer=True)
    def up(self) -> None:
        """Go to the folder above."""
        self.go(self.folder.parent, cursor_on=self.folder.name)

    @command(verbs.HIDDEN, label="Hidden", footer=True)
    def toggle_hidden(self) -> None:
        """Show or leave out the names that begin with a dot."""
        kept = self.current.name if self.current else ""
        self.browser.toggle_hidden()
        self.show_entries(kept)

    @command(verbs.HOME, label="Home")
    def home(self) -> None:
        """Go to your home folder."""
        self._wait_for(self.browser.go_typed("~"), "~")

    @command(verbs.REFRESH)
    def read_again(self) -> None:
        """Read the folder again."""
        self.go(self.folder, cursor_on=self.current.name if self.current else "")

    MOVING = (
        filter_rows.here(
            "Show only names that contain a text, or that fit a pattern such as `*.csv`.",
            footer=True,
        ),
        toggle_hidden,
        go_to.here(
            "Type or paste a path; Tab completes it, `~` is your home folder. To upload, several "
            "too, quoted where they have blanks, and patterns (`~/data/*.csv`): they are marked.",
            label="Path",
            footer=True,
        ),
        home,
        read_again,
    )
    """The commands that every picker has after its own."""

    # -- going places ----------------------------------------------------------------------

    def go(self, folder: Path, *, cursor_on: str = "") -> None:
        """Read a folder and show it; the one before stays until it is read."""
        self._wait_for(self.browser.go(folder, cursor_on=cursor_on), str(folder))

    def _wait_for(self, reading: Coroutine[None, None, None], place: str) -> None:
        self._problem.update("")
        self.path_box.show(place, "reading… Esc stops it")
        self.start(self._until_read(reading), group="folder")

    async def _until_read(self, reading: Coroutine[None, None, None]) -> None:
        try:
            await reading
        except ServiceError:
            self.stay_here()
            raise

    def stay_here(self) -> None:
        """Show what was shown before: the folder that was asked for cannot be read."""
        self.show_entries(self.current.name if self.current else "")
        if isinstance(self.app, OrderlyApp):
            # It was meant for that folder.
            self.app.drop_typed()

    def _read(self, cursor_on: str) -> None:
        if not self.browser.needle:
            self.filter_line.reset()
        self.show_entries(cursor_on)

    def _is_available(self, command: Command[Any]) -> bool:
        # A click in the footer waits for nothing.
        return super()._is_available(command) and not self.browser.is_reading

    def show_entries(self, cursor_on: str = "") -> None:
        """Draw what the filter leaves, the cursor on a name if it is there."""
        rows = LazyRows(self.shown, partial(row, files_matter=self.FILES_MATTER))
        self.grid.show(COLUMNS, rows, cursor=self.browser.number_of(cursor_on))
        self.show_marks()
        self.path_box.show(str(self.folder), self._count())
        self.refresh_bindings()

    def show_marks(self) -> None:
        """Draw the marks and say what is chosen."""
        state = self.state()
        self._state.update(content(state))
        self._state.display = bool(state)

    def state(self) -> str:
        """What would be chosen now, in words."""
        return ""

    def _count(self) -> str:
        left_out = len(self.browser.entries) - len(self.shown)
        text = counted(len(self.shown), "entry", "entries")
        return f"{text}, {left_out:,} hidden or filtered out" if left_out else text

    def show_error(self, error: ServiceError) -> None:
        self.show_problem(str(error))

    def show_problem(self, text: str) -> None:
        """Say what went wrong; "" for nothing."""
        self._problem.update(content(text, multiline=True))

    @on(PathBox.Submitted)
    def _typed(self, event: PathBox.Submitted) -> None:
        event.stop()
        self.grid.focus()
        self.take_typed(event.location)

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted or dragged into the terminal is meant as paths, wherever the focus is."""
        event.stop()
        if event.text.strip():
            self.grid.focus()
            self.take_pasted(event.text)

    def take_typed(self, text: str) -> None:
        """Go where a text says that was typed as a path."""
        self._wait_for(self.browser.go_typed(text), text)

    @contextlib.contextmanager
    def looking_up(self) -> Iterator[None]:
        """Let keys wait while what was typed is looked up."""
        self._looks_up = True
        try:
            yield
        finally:
            self._looks_up = False

    async def choose_typed(self, text: str, kind: EntryKind) -> None:
        """Choose what a text says that was typed as a path; if it is none of that kind, go there,
        as Enter does."""
        with self.looking_up(), contextlib.suppress(ServiceError):
            path = await self.browser.folders.resolve(text, self.folder)
            if await self.browser.folders.kind(path) is kind:
                self.dismiss((path,))
                return
        self.grid.focus()
        self.take_typed(text)

    def take_pasted(self, text: str) -> None:
        """Go where a text says that was pasted."""
        self.take_typed(text.strip())

    @on(PathBox.GivenUp)
    def _gave_up(self, event: PathBox.GivenUp) -> None:
        event.stop()
        self.grid.focus()

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

    # -- keys ------------------------------------------------------------------------------

    def action_leave_step(self) -> None:
        """Esc ends the reading of a folder, else the filter, else the picker."""
        if self.browser.is_reading and self.browser.was_read:
            self.browser.stay()
            self.workers.cancel_group(self, "folder")
            self.show_entries(self.current.name if self.current else "")
        elif self.browser.needle:
            self.filter_line.clear()
        else:
            self.dismiss(None)

    async def action_complete(self) -> None:
        """Tab: complete the path that is being typed, or go to the next widget."""
        field = self.path_box.field
        if self.focused is field:
            field.value = await self.browser.folders.complete(field.value, self.folder)
            field.cursor_position = len(field.value)
        else:
            self.focus_next()

    @on(FilterLine.Changed)
    def _narrow(self, event: FilterLine.Changed) -> None:
        event.stop()
        kept = "" if event.text or self.current is None else self.current.name
        self.browser.filter_by(event.text)
        self.show_entries(kept)

    @on(FilterLine.Left)
    def _narrowed(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()
