"""What the file picker shows, and which folder its keys are about: the model alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.transfers import LocalEntry, LocalFolders
from tui.widgets.file_picker.browser import FolderBrowser


class SlowFolders(LocalFolders):
    """Gives a folder when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gates: dict[str, asyncio.Event] = {}

    async def read(self, folder: Path) -> tuple[LocalEntry, ...]:
        if folder.name in self.gates:
            await self.gates[folder.name].wait()
        return await super().read(folder)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("one/a.txt", "two/b.txt", "two/.c", "d.csv"):
        path = tmp_path / "place" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "place"


@pytest.fixture
def folders() -> Iterator[SlowFolders]:
    made = SlowFolders()
    yield made
    made.close()


def names(browser: FolderBrowser) -> list[str]:
    return [entry.name for entry in browser.shown]


async def test_a_folder_is_being_read_from_the_key_on(folders: SlowFolders, place: Path) -> None:
    cursor: list[str] = []
    browser = FolderBrowser(folders, place, cursor.append)
    assert browser.is_reading
    await browser.go(place, cursor_on="two")
    assert (names(browser), cursor, browser.is_reading) == (["one", "two", "d.csv"], ["two"], False)
    reading = browser.go(place / "one")
    assert browser.is_reading
    assert browser.folder == place
    await reading
    assert (names(browser), browser.is_reading) == (["a.txt"], False)


async def test_the_folder_asked_for_last_is_shown(folders: SlowFolders, place: Path) -> None:
    folders.gates["one"] = asyncio.Event()
    browser = FolderBrowser(folders, place, lambda name: None)
    first = asyncio.ensure_future(browser.go(place / "one"))
    second = browser.go(place / "two")
    folders.gates["one"].set()
    await first
    assert (browser.folder, browser.is_reading) == (place, True)
    await second
    assert (browser.folder, browser.is_reading) == (place / "two", False)


async def test_one_may_stay_while_a_folder_does_not_answer(
    folders: SlowFolders, place: Path
) -> None:
    folders.gates["one"] = asyncio.Event()
    browser = FolderBrowser(folders, place, lambda name: None)
    await browser.go(place)
    reading = asyncio.ensure_future(browser.go(place / "one"))
    browser.stay()
    assert not browser.is_reading
    folders.gates["one"].set()
    await reading
    assert browser.folder == place


@pytest.mark.parametrize("typed", ["nowhere", "one/nothing", "~nobody-of-that-name/x"])
async def test_what_cannot_be_read_leaves_the_folder_and_its_keys(
    folders: SlowFolders, place: Path, typed: str
) -> None:
    browser = FolderBrowser(folders, place, lambda name: None)
    await browser.go(place)
    with pytest.raises(ServiceError):
        await browser.go_typed(typed)
    assert (browser.folder, browser.is_reading) == (place, False)
    assert names(browser) == ["one", "two", "d.csv"]


async def test_a_file_that_was_typed_is_shown_though_it_is_hidden_or_filtered_out(
    folders: SlowFolders, place: Path
) -> None:
    cursor: list[str] = []
    browser = FolderBrowser(folders, place / "two", cursor.append)
    await browser.go(place / "two")
    browser.filter_by("zz")
    await browser.go_typed(".c")
    assert names(browser) == [".c", "b.txt"]
    assert cursor[-1] == ".c"
