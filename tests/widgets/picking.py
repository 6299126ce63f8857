"""A person in front of a picker, for the tests of pickers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from textual.app import App

from tests.driver import Driver
from tui.services.transfers import LocalFolders
from tui.widgets.file_picker import FilePicker


class PickerApp(App[None]):
    CSS_PATH = ["../../tui/styles/dialogs.tcss"]

    def __init__(self, picker: FilePicker) -> None:
        super().__init__()
        self.picker = picker
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.picker, self.answers.append)


class Person(Driver):
    """A person in front of the picker."""

    @property
    def picker(self) -> FilePicker:
        return cast("PickerApp", self.app).picker

    @property
    def answers(self) -> list[Any]:
        return cast("PickerApp", self.app).answers

    @property
    def names(self) -> list[str]:
        return [entry.name for entry in self.picker.shown]

    async def calm(self) -> None:
        await self.pilot.pause()
        await self.until(lambda: all(worker.is_finished for worker in self.app.workers), "calm")
        await self.pilot.pause()


@asynccontextmanager
async def picking(kind: type[FilePicker], start: Path) -> AsyncIterator[Person]:
    folders = LocalFolders()
    app = PickerApp(kind(folders, start, title="Upload"))
    async with app.run_test(size=(90, 24), notifications=True) as pilot:
        person = Person(cast("Any", app), pilot)
        await person.calm()
        yield person
    folders.close()


def filled_place(tmp_path: Path) -> Path:
    """python/test.py, csv/file1.csv, csv/file2.csv, test.txt, .hidden."""
    for name in ("python/test.py", "csv/file1.csv", "csv/file2.csv", "test.txt", ".hidden"):
        path = tmp_path / "place" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "place"
