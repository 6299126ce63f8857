"""Choose files and folders of this machine by keyboard; folders are read off the loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.transfers import EntryKind, LocalEntry, LocalFolders
from tui.widgets.command_host import CommandHost
from tui.widgets.dialogs import Dialog
from tui.widgets.file_picker import commands
from tui.widgets.file_picker.rows import COLUMNS, row, shown
from tui.widgets.filter_line import FilterLine
from tui.widgets.grid import Grid
from tui.widgets.key_line import KeyLine
from tui.widgets.path_box import PathBox
from tui.widgets.safe_text import content
from tui.widgets.shared_commands import MarkingHost


class FilePicker(Dialog[tuple[Path, ...]], CommandHost):
    """Walks the folders of this machine. `FilesPicker` and `FolderPicker` say what is chosen."""

    TITLE_HERE = "Files"
    KEYS_SHOWN = ""  # its last line says them

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
        yield KeyLine()

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

    def open_file(self, entry: LocalEntry) -> None:
        """Enter on something that is no folder."""

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
        self._state.update(content(self.state()))

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

    def toggle_hidden(self) -> None:
        """Show or leave out names that begin with a dot."""
        self.hidden = not self.hidden
        self.show_entries(self.current.name if self.current else "")

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


class FilesPicker(FilePicker, MarkingHost):
    """Answers the files and folders to send: the marked ones, or the one under the cursor."""

    COMMANDS_HERE = commands.FILES

    def __init__(
        self,
        folders: LocalFolders,
        start: Path,
        *,
        title: str,
        before: FilesPicker | None = None,
    ) -> None:
        """`before` is a picker that answered: its marks, its cursor and its view are kept."""
        super().__init__(folders, start, title=title)
        self.marked: dict[Path, LocalEntry] = {}
        """What is marked, here and in other folders, in the order of marking."""
        if before is not None:
            self.marked = dict(before.marked)
            self.hidden = before.hidden
            self.start_on = before.current.name if before.current is not None else ""

    @property
    def chosen(self) -> tuple[Path, ...]:
        """What Ctrl+S and `u` choose now."""
        if self.marked:
            return tuple(self.marked)
        current = self.current
        return (current.path,) if current is not None and _can_be_sent(current) else ()

    def open_file(self, entry: LocalEntry) -> None:
        if _can_be_sent(entry):
            self.marked[entry.path] = entry
            self.dismiss(tuple(self.marked))

    @property
    def can_mark(self) -> bool:
        return self.current is not None

    def toggle_mark(self) -> None:
        entry = self.current
        if entry is not None and entry.path in self.marked:
            del self.marked[entry.path]
        elif entry is not None and _can_be_sent(entry):
            self.marked[entry.path] = entry
        self.grid.move_cursor(self.grid.cursor_row + 1)
        self.show_marks()

    def toggle_all_marks(self) -> None:
        """Mark every file shown, or none if all are marked. Folders are marked one by one."""
        files = [entry for entry in self.shown if entry.kind is EntryKind.FILE]
        if all(entry.path in self.marked for entry in files):
            for entry in files:
                del self.marked[entry.path]
        else:
            self.marked.update((entry.path, entry) for entry in files)
        self.show_marks()

    def show_marks(self) -> None:
        self.grid.mark_only(
            index for index, entry in enumerate(self.shown) if entry.path in self.marked
        )
        super().show_marks()
        self.refresh_bindings()

    def state(self) -> str:
        if not self.marked:
            return "Space marks, Ctrl+S or u chooses; nothing is marked"
        size = size_text(sum(entry.size or 0 for entry in self.marked.values()))
        folders = sum(entry.is_folder for entry in self.marked.values())
        files = len(self.marked) - folders
        parts = [f"{counted(files, 'file')} ({size})"] if files else []
        if folders:
            # What is in them is counted when they are walked, which may take long.
            parts.append(f"{counted(folders, 'folder')} with all that is in {_them(folders)}")
        elsewhere = sum(path.parent != self.folder for path in self.marked)
        if elsewhere:
            parts.append(f"{elsewhere:,} of them elsewhere")
        return "marked: " + ", ".join(parts)


class FolderPicker(FilePicker):
    """Answers one folder: the one that is open."""

    COMMANDS_HERE = commands.FOLDER
    FILES_MATTER = False

    def state(self) -> str:
        return "Ctrl+S or d chooses the folder that is open"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _can_be_sent(entry: LocalEntry) -> bool:
    return entry.kind in {EntryKind.FILE, EntryKind.FOLDER}
