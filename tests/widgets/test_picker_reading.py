"""What is typed while a picker reads a folder is meant for that folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

from textual.events import Key

from tests.widgets.picking import Person, PickerApp, filled_place
from tui.services.transfers import LocalEntry, LocalFolders
from tui.services.transfers.local.typed_paths import TypedPaths
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.file_picker import FilePicker, FilesPicker, FolderPicker


class GatedFolders(LocalFolders):
    """Gives no folder while its gate is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self, folder: Path) -> tuple[LocalEntry, ...]:
        await self.gate.wait()
        return await super().read(folder)

    async def find(self, text: str, here: Path) -> tuple[TypedPaths, tuple[LocalEntry, ...]]:
        await self.gate.wait()
        return await super().find(text, here)


class QueueingApp(OrderlyApp):
    """As the application: keys wait for a screen that is not ready for them."""

    CSS_PATH = PickerApp.CSS_PATH

    def __init__(self, picker: FilePicker, faults: Path) -> None:
        super().__init__(faults)
        self.picker = picker
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.picker, self.answers.append)


async def test_keys_wait_for_the_folder_that_is_being_read(tmp_path: Path) -> None:
    place, folders = filled_place(tmp_path), GatedFolders()
    app = QueueingApp(FolderPicker(folders, place, title="Download"), place / "faults.log")
    async with app.run_test(size=(90, 24)) as pilot:
        person = Person(cast("Any", app), pilot)
        await person.sees("csv/")
        folders.gate.clear()
        for key in ("enter", "ctrl+s"):
            app.post_message(Key(key, None))
        await person.sees("reading… Esc stops it")
        assert app.answers == []
        folders.gate.set()
        await person.until(lambda: bool(app.answers), "the answer")
        assert app.answers == [(place / "csv",)]
    folders.close()


async def test_keys_behind_a_choice_that_was_typed_are_not_for_the_picker(tmp_path: Path) -> None:
    place, folders = filled_place(tmp_path), GatedFolders()
    app = QueueingApp(FilesPicker(folders, place, title="Upload"), place / "faults.log")
    async with app.run_test(size=(90, 24)) as pilot:
        person = Person(cast("Any", app), pilot)
        await person.sees("csv/")
        await person.press("colon", *"csv")
        folders.gate.clear()
        app.post_message(Key("ctrl+s", None))
        app.post_message(Key("x", "x"))
        await pilot.pause()
        assert app.picker.path_box.field.value == "csv"
        folders.gate.set()
        await person.until(lambda: bool(app.answers), "the answer")
        assert app.answers == [(place / "csv",)]
    folders.close()


async def test_escape_stops_reading_and_drops_what_was_typed_for_that_folder(
    tmp_path: Path,
) -> None:
    place, folders = filled_place(tmp_path), GatedFolders()
    app = QueueingApp(FolderPicker(folders, place, title="Download"), place / "faults.log")
    async with app.run_test(size=(90, 24)) as pilot:
        person = Person(cast("Any", app), pilot)
        await person.sees("csv/")
        folders.gate.clear()
        for key in ("enter", "ctrl+s", "escape"):
            app.post_message(Key(key, None))
        await person.until(lambda: not app.picker.browser.is_reading, "stopped")
        await person.sees("entries")
        assert (app.picker.folder, app.answers) == (place, [])
    folders.close()
