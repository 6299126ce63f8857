"""On the way to an upload: the picker and the plan."""

from __future__ import annotations

from tests.panes.s3.conftest import Person
from tui.panes.s3.transfers.dialogs import UploadDialog
from tui.widgets.file_picker import FilesPicker


async def pick(person: Person, *keys: str) -> None:
    """Open the picker, press keys in it, and come to the plan."""
    await person.press("u")
    await person.until(lambda: isinstance(person.app.screen, FilesPicker), "the picker")
    await person.sees("choose files", "Modified ")
    await person.misses("reading…")
    for key in keys:
        picker = person.app.screen
        if key == "enter" and isinstance(picker, FilesPicker):
            here = picker.folder
            await person.press("enter")
            await person.until(
                lambda here=here, picker=picker: picker.folder != here,  # type: ignore[misc]  # binds now
                "the folder",
            )
        else:
            await person.press(key)
    await person.press("u")
    await planned(person)


async def planned(person: Person) -> None:
    """Wait until the plan is made and checked."""
    await person.until(lambda: isinstance(person.app.screen, UploadDialog), "the plan")
    await person.until(lambda: dialog(person).draft.ready, "a checked plan")
    await person.pilot.pause()


def dialog(person: Person) -> UploadDialog:
    screen = person.app.screen
    assert isinstance(screen, UploadDialog)
    return screen
