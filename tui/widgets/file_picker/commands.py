"""The verbs of the file picker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.widgets import verbs
from tui.widgets.dialogs import AskText
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import FilterCommand, GoToCommand, MarkAllCommand, MarkCommand

if TYPE_CHECKING:
    from tui.widgets.file_picker.picker import FilePicker, FilesPicker, FolderPicker


class Open(OldCommand["FilePicker"]):
    """Go into the folder under the cursor; choose the file under the cursor together with what is
    marked."""

    verb = verbs.OPEN

    def available(self, host: FilePicker) -> bool:
        return host.current is not None

    async def run(self, host: FilePicker) -> None:
        entry = host.current
        if entry is None:
            return
        if entry.is_folder:
            host.go(entry.path)
        else:
            host.open_file(entry)


class Up(OldCommand["FilePicker"]):
    """Go to the folder above."""

    verb = verbs.UP
    footer = True

    async def run(self, host: FilePicker) -> None:
        host.go(host.folder.parent, cursor_on=host.folder.name)


class GoTo(GoToCommand["FilePicker"]):
    """Type or paste a path; Tab completes it, `~` is your home folder."""

    footer = True
    label = "Path"


class Filter(FilterCommand["FilePicker"]):
    """Show only names that contain a text, or that fit a pattern such as `*.csv`."""

    footer = True

    def hint(self, host: FilePicker) -> str:
        return "part of a name, or *.csv · Enter keeps it"


class Hidden(OldCommand["FilePicker"]):
    """Show or leave out the names that begin with a dot."""

    verb = verbs.HIDDEN
    footer = True
    label = "Hidden"

    async def run(self, host: FilePicker) -> None:
        host.toggle_hidden()


class Home(OldCommand["FilePicker"]):
    """Go to your home folder."""

    verb = verbs.HOME
    label = "Home"

    async def run(self, host: FilePicker) -> None:
        host.go(await host.folders.resolve("~", host.folder))


class Refresh(OldCommand["FilePicker"]):
    """Read the folder again."""

    verb = verbs.REFRESH

    async def run(self, host: FilePicker) -> None:
        host.go(host.folder, cursor_on=host.current.name if host.current else "")


class Mark(MarkCommand["FilesPicker"]):
    """Mark or unmark the file or folder under the cursor; marks stay when you go elsewhere."""

    footer = True


class MarkAll(MarkAllCommand["FilesPicker"]):
    """Mark every file that is shown here, or unmark all if they are marked."""


class Take(OldCommand["FilesPicker"]):
    """Choose the marked files and folders, or the one under the cursor."""

    verb = verbs.UPLOAD
    label = "Choose"

    def available(self, host: FilesPicker) -> bool:
        return bool(host.chosen)

    async def run(self, host: FilesPicker) -> None:
        host.dismiss(host.chosen)


class SayYes(Take):
    """Choose, with the key that says yes in every dialog."""

    verb = verbs.GO_ON
    footer = True


class TakeFolder(OldCommand["FolderPicker"]):
    """Choose the folder that is open."""

    verb = verbs.DOWNLOAD
    label = "Choose this folder"

    async def run(self, host: FolderPicker) -> None:
        host.dismiss((host.folder,))


class SayYesToFolder(TakeFolder):
    """Choose the folder that is open, with the key that says yes in every dialog."""

    verb = verbs.GO_ON
    footer = True


class NewFolder(OldCommand["FolderPicker"]):
    """Make a folder here and go into it."""

    verb = verbs.NEW
    asks = True
    footer = True
    label = "New folder"

    async def run(self, host: FolderPicker) -> None:
        name = await host.ask(AskText("New folder", f"In {host.folder}", check=_folder_problems))
        if name:
            path = host.folder / name
            await host.folders.create(path)
            host.go(path)


def _folder_problems(name: str) -> list[str]:
    if not name or name in {".", ".."} or "/" in name or "\0" in name:
        return ["A folder's name is not empty, not . or .., and has no / in it."]
    return []


FILES: tuple[Any, ...] = (
    Open, Up, Mark, MarkAll, SayYes, Take, Filter, Hidden, GoTo, Home, Refresh,
)  # fmt: skip
FOLDER: tuple[Any, ...] = (
    Open, Up, SayYesToFolder, TakeFolder, NewFolder, Filter, Hidden, GoTo, Home, Refresh,
)  # fmt: skip
