"""What is chosen in a picker: files and folders to send, one file, or one folder."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path

from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.transfers import EntryKind, LocalEntry, LocalFolders, Problem
from tui.services.transfers.local.typed_paths import not_chosen
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.commands.shared_commands import (
    MarkingHost,
    mark,
    mark_all,
)
from tui.widgets.dialogs.dialogs import AskText, Confirm
from tui.widgets.file_picker.marked import MarkedEntries, can_be_sent
from tui.widgets.file_picker.picker import FilePicker
from tui.widgets.file_picker.rows import NOTES
from tui.widgets.text.safe_text import visible


class FilesPicker(FilePicker, MarkingHost):
    """Answers the files and folders to send: the marked ones, or the one under the cursor."""

    @command(verbs.UPLOAD, label="Choose", when=lambda picker: picker.can_choose)
    async def choose(self) -> None:
        """Choose the marked files and folders and those that are being typed, or the one under the
        cursor."""
        if typed := self.path_box.typed:
            with self.looking_up():
                is_found = await self._find(typed, goes=False)
            if not is_found:
                # It is to be put right, or done without.
                return
        self.dismiss(self.chosen)

    COMMANDS_HERE = (
        FilePicker.open_entry,
        FilePicker.up,
        mark.here(
            "Mark or unmark the file or folder under the cursor; marks stay when you go elsewhere.",
            footer=True,
        ),
        mark_all.here("Mark every file that is shown here, or unmark all if they are marked."),
        choose.here(
            "Choose, with the key that says yes in every dialog.",
            verb=verbs.GO_ON,
            footer=True,
        ),
        choose,
        *FilePicker.MOVING,
    )

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
        self.path_box.field.takes_lines = True
        self.marked: MarkedEntries = before.marked if before is not None else MarkedEntries()
        """What is marked, here and in other folders."""
        if before is not None:
            self.browser.hidden = before.browser.hidden
            self.start_on = before.current.name if before.current is not None else ""

    @property
    def can_choose(self) -> bool:
        """Whether there is something to choose, or something is typed that may be."""
        is_on_one = self.current is not None and can_be_sent(self.current)
        return bool(self.marked) or is_on_one or bool(self.path_box.typed)

    @property
    def chosen(self) -> tuple[Path, ...]:
        """What Ctrl+S and `u` choose now."""
        if self.marked:
            return self.marked.paths
        current = self.current
        return (current.path,) if current is not None and can_be_sent(current) else ()

    def open_file(self, entry: LocalEntry) -> None:
        if can_be_sent(entry):
            self.marked.add([entry], self.folder)
            self.dismiss(self.marked.paths)

    # -- typed and pasted ------------------------------------------------------------------

    def take_typed(self, text: str) -> None:
        """One path is gone to; several, and what patterns stand for, are marked."""
        self.start(self._take(text, goes=True), group="typed")

    def take_pasted(self, text: str) -> None:
        """Mark what was pasted or dragged here."""
        self.start(self._take(text, goes=False), group="typed")

    async def _take(self, text: str, *, goes: bool) -> None:
        await self._find(text, goes=goes)

    async def _find(self, text: str, *, goes: bool) -> bool:
        """Whether all of the text was found, and marked if it is not gone to."""
        found, entries = await self.browser.folders.find(text, self.folder)
        if goes and found.is_one:
            super().take_typed(text)
            return True
        problems = list(found.problems)
        for entry in entries:
            if can_be_sent(entry):
                self.marked.add([entry], entry.path.parent)
            else:
                problems.append(Problem(str(entry.path), NOTES[entry.kind]))
        self.show_marks()
        self.show_problem(not_chosen(problems) if problems else "")
        return not problems

    @property
    def can_mark(self) -> bool:
        return self.current is not None

    def toggle_mark(self) -> None:
        entry = self.current
        if entry is not None:
            self.marked.toggle(entry, self.folder)
        self.grid.move_cursor(self.grid.cursor_row + 1)
        self.show_marks()

    def toggle_all_marks(self) -> None:
        """Mark every file shown, or none if all are marked. Folders are marked one by one."""
        self.marked.toggle_files(self.shown, self.folder)
        self.show_marks()

    def show_marks(self) -> None:
        self.grid.mark_only(self.marked.rows(self.shown, self.folder))
        super().show_marks()
        self.refresh_bindings()

    def state(self) -> str:
        if not self.marked:
            return "nothing is marked"
        size, folders = size_text(self.marked.bytes), self.marked.folders
        files = len(self.marked) - folders
        parts = [f"{counted(files, 'file')} ({size})"] if files else []
        if folders:
            # What is in them is counted when they are walked, which may take long.
            parts.append(f"{counted(folders, 'folder')} with all that is in {_them(folders)}")
        elsewhere = len(self.marked) - len(self.marked.names_in(self.folder))
        if elsewhere:
            parts.append(f"{elsewhere:,} of them elsewhere")
        return "marked: " + ", ".join(parts)


class OneFilePicker(FilePicker):
    """Answers one file: the one under the cursor."""

    @command(verbs.GO_ON, label="Choose", footer=True, when=lambda picker: picker.can_choose)
    async def choose(self) -> None:
        """Choose the file that is typed or under the cursor, with the key that says yes in every
        dialog."""
        if typed := self.path_box.typed:
            await self.choose_typed(typed, EntryKind.FILE)
        elif self.current is not None:
            self.open_file(self.current)

    COMMANDS_HERE = (
        FilePicker.open_entry.here("Go into the folder, or choose the file, under the cursor."),
        FilePicker.up,
        choose,
        *FilePicker.MOVING,
    )

    @property
    def can_choose(self) -> bool:
        """Whether the cursor is on a file, or something is typed that may be one."""
        is_on_file = self.current is not None and self.current.kind is EntryKind.FILE
        return is_on_file or bool(self.path_box.typed)

    def open_file(self, entry: LocalEntry) -> None:
        if entry.kind is EntryKind.FILE:
            self.dismiss((entry.path,))


class FolderPicker(FilePicker):
    """Answers one folder: the one that is open."""

    FILES_MATTER = False

    @command(verbs.DOWNLOAD, label="Choose this folder")
    async def choose(self) -> None:
        """Choose the folder that is open, or the one that is being typed."""
        if typed := self.path_box.typed:
            await self.choose_typed(typed, EntryKind.FOLDER)
        else:
            self.dismiss((self.folder,))

    @command(verbs.NEW, label="New folder", footer=True, asks=True)
    async def new_folder(self) -> None:
        """Make a folder here and go into it."""
        name = await self.ask(AskText("New folder", f"In {self.folder}", check=_folder_problems))
        if name:
            path = self.folder / name
            await self.browser.folders.create(path)
            self.go(path)

    def take_typed(self, text: str) -> None:
        """Go where a text says; a folder that is not there can be made."""
        self._wait_for(self._go_or_make(self.browser.go_typed(text), text), text)

    async def _go_or_make(self, reading: Coroutine[None, None, None], text: str) -> None:
        try:
            await reading
        except ServiceError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
        else:
            return
        self.stay_here()
        folders = self.browser.folders
        path = await folders.resolve(text, self.folder)
        above = await folders.nearest(path)
        body = f"There is no folder {visible(str(path), edges=True)}."
        if above != path.parent:
            body += f"\nWhat is missing below {visible(str(above), edges=True)} is made with it."
        if await self.ask(Confirm("Make this folder?", body, yes="Make")):
            await folders.create(path)
            await self.browser.go(path)

    COMMANDS_HERE = (
        FilePicker.open_entry,
        FilePicker.up,
        choose.here(
            "Choose the folder that is open or typed, with the key that says yes in every dialog.",
            verb=verbs.GO_ON,
            footer=True,
        ),
        choose,
        new_folder,
        *FilePicker.MOVING,
    )


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _folder_problems(name: str) -> list[str]:
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        return ["A folder's name is not empty, not . or .., and has no / in it."]
    return []
