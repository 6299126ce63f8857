"""Choose files and folders of this machine by keyboard; folders are read off the loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.services.transfers import EntryKind, LocalEntry, LocalFolders
from tui.widgets import verbs
from tui.widgets.command import command
from tui.widgets.dialogs import Dialog
from tui.widgets.file_picker.rows import COLUMNS, row, shown
from tui.widgets.filter_line import FilterLine
from tui.widgets.grid import Grid
from tui.widgets.path_box import PathBox
from tui.widgets.safe_text import content
from tui.widgets.shared_commands import (
    FilteringHost,
    LocationHost,
    filter_rows,
    go_to,
)


class FilePicker(Dialog[tuple[Path, ...]], FilteringHost, LocationHost):
    """Walks the folders of this machine. `FilesPicker` and `FolderPicker` say what is chosen."""

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
        self._problem = Static("", classes="problem", markup=False)
        self._state = Static("", id="picker-state")
        self.folders = folders
        self.folder = start
        self.entries: Sequence[LocalEntry] = ()
        self.shown: list[LocalEntry] = []
        self.hidden = False
        self._is_read = False
        """Whether the first folder was read, or could not be."""
        self.needle = ""
        self.start_on = ""
        """The name that the cursor stands on at first."""

    def compose_box(self) -> ComposeResult:
        yield self.path_box
        yield self.grid
        yield self._problem
        yield self.filter_line
        yield self._state

    def on_mount(self) -> None:
        self.query_one(".dialog").add_class("dialog-large")
        self.grid.focus()
        self.go(self.folder, cursor_on=self.start_on)

    @property
    def is_filled(self) -> bool:
        return self._is_read

    # -- what commands ask -----------------------------------------------------------------

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
    async def open_entry(self) -> None:
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
    async def up(self) -> None:
        """Go to the folder above."""
        self.go(self.folder.parent, cursor_on=self.folder.name)

    @command(verbs.HIDDEN, label="Hidden", footer=True)
    async def toggle_hidden(self) -> None:
        """Show or leave out the names that begin with a dot."""
        self.hidden = not self.hidden
        self.show_entries(self.current.name if self.current else "")

    @command(verbs.HOME, label="Home")
    async def home(self) -> None:
        """Go to your home folder."""
        self.go(await self.folders.resolve("~", self.folder))

    @command(verbs.REFRESH)
    async def read_again(self) -> None:
        """Read the folder again."""
        self.go(self.folder, cursor_on=self.current.name if self.current else "")

    MOVING = (
        filter_rows.here(
            "Show only names that contain a text, or that fit a pattern such as `*.csv`.",
            footer=True,
        ),
        toggle_hidden,
        go_to.here(
            "Type or paste a path; Tab completes it, `~` is your home folder.",
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
        self._problem.update("")
        self.path_box.show(str(folder), "reading…")
        self.start(self._read(folder, cursor_on), group="folder")

    async def _read(self, folder: Path, cursor_on: str) -> None:
        try:
            entries = await self.folders.read(folder)
        except ServiceError:
            self._is_read = True
            self.path_box.show(str(self.folder))
            raise
        if folder != self.folder:
            self._show_all()
        self.folder, self.entries = folder, entries
        self.show_entries(cursor_on)
        self._is_read = True

    def show_entries(self, cursor_on: str = "") -> None:
        """Draw what the filter leaves, the cursor on a name if it is there."""
        self.shown = shown(self.entries, self.needle, hidden=self.hidden)
        names = [entry.name for entry in self.shown]
        self.grid.show(
            COLUMNS,
            [row(entry, files_matter=self.FILES_MATTER) for entry in self.shown],
            cursor=names.index(cursor_on) if cursor_on in names else 0,
        )
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
        left_out = len(self.entries) - len(self.shown)
        text = counted(len(self.shown), "entry", "entries")
        return f"{text}, {left_out:,} hidden or filtered out" if left_out else text

    def show_error(self, error: ServiceError) -> None:
        self._problem.update(content(str(error), multiline=True))

    @on(PathBox.Submitted)
    def _typed(self, event: PathBox.Submitted) -> None:
        event.stop()
        self.grid.focus()
        self.start(self._go_typed(event.location), group="folder")

    async def _go_typed(self, typed: str) -> None:
        path = await self.folders.resolve(typed, self.folder)
        if await self.folders.kind(path) is EntryKind.FOLDER:
            await self._read(path, "")
        else:
            if path.name.startswith("."):
                self.hidden = True
            self._show_all()
            await self._read(path.parent, path.name)

    def _show_all(self) -> None:
        self.needle = ""
        self.filter_line.reset()

    @on(PathBox.GivenUp)
    def _gave_up(self, event: PathBox.GivenUp) -> None:
        event.stop()
        self.grid.focus()

    @on(Grid.CursorMoved)
    def _moved(self, event: Grid.CursorMoved) -> None:
        event.stop()
        self.show_marks()
        self.refresh_bindings()

    @on(Grid.Opened)
    async def _double_clicked(self, event: Grid.Opened) -> None:
        event.stop()
        await self.action_command("open")

    # -- keys ------------------------------------------------------------------------------

    def action_leave_step(self) -> None:
        """Esc: away with the filter first, then with the picker."""
        if self.needle:
            self.filter_line.clear()
        else:
            self.dismiss(None)

    async def action_complete(self) -> None:
        """Tab: complete the path that is being typed, or go to the next widget."""
        field = self.path_box.field
        if self.focused is field:
            field.value = await self.folders.complete(field.value, self.folder)
            field.cursor_position = len(field.value)
        else:
            self.focus_next()

    @on(FilterLine.Changed)
    def _narrow(self, event: FilterLine.Changed) -> None:
        event.stop()
        kept = "" if event.text or self.current is None else self.current.name
        self.needle = event.text
        self.show_entries(kept)

    @on(FilterLine.Left)
    def _narrowed(self, event: FilterLine.Left) -> None:
        event.stop()
        self.grid.focus()
