"""Choosing files and folders by keyboard."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste

from tests.hostile import HOSTILE_TEXT
from tests.widgets.picking import filled_place, picking
from tui.services.transfers import LocalFolders
from tui.widgets.file_picker import FilePicker, FilesPicker, FolderPicker, OneFilePicker


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return filled_place(tmp_path)


async def test_folders_come_first_and_hidden_names_on_request(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        assert person.names == ["csv", "python", "test.txt"]
        assert "1 hidden" in person.text
        await person.press("G", "full_stop")
        assert person.names == ["csv", "python", ".hidden", "test.txt"]
        assert person.picker.current is not None
        assert person.picker.current.name == "test.txt"


async def test_a_file_is_chosen_with_enter(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        await person.press("j", "enter")
        await person.calm()
        assert person.names == ["test.py"]
        await person.press("enter")
        await person.calm()
        assert person.answers == [(place / "python" / "test.py",)]


async def test_going_up_puts_the_cursor_on_where_one_came_from(place: Path) -> None:
    async with picking(FilesPicker, place / "python") as person:
        await person.press("backspace")
        await person.calm()
        assert person.picker.folder == place
        assert person.picker.current is not None
        assert person.picker.current.name == "python"


async def test_marks_stay_across_folders_and_are_counted(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        await person.press("space")
        await person.press("G", "space")
        await person.press("g", "enter")
        await person.calm()
        await person.press("space")
        await person.sees("marked: 2 files", "1 folder", "2 of them elsewhere")
        await person.press("u")
        await person.calm()
        assert person.answers == [(place / "csv", place / "test.txt", place / "csv" / "file1.csv")]


async def test_a_marked_folder_is_not_said_to_hold_no_files(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        assert person.picker.shown[0].is_folder
        await person.press("space")
        await person.sees("marked: 1 folder with all that is in it")
        await person.misses("0 files")


async def test_all_files_are_marked_and_unmarked_with_one_key(place: Path) -> None:
    async with picking(FilesPicker, place / "csv") as person:
        await person.press("asterisk")
        await person.sees("marked: 2 files")
        await person.press("asterisk")
        await person.sees("nothing is marked")


@pytest.mark.parametrize(
    ("needle", "left"), [("EST", ["test.txt"]), ("*.txt", ["test.txt"]), ("zz", [])]
)
async def test_the_filter_narrows_and_escape_widens_again(
    place: Path, needle: str, left: list[str]
) -> None:
    async with picking(FilesPicker, place) as person:
        await person.press("slash")
        for character in needle:
            await person.press({"*": "asterisk", ".": "full_stop"}.get(character, character))
        assert person.names == left
        await person.press("escape")
        assert person.names == ["csv", "python", "test.txt"]
        await person.press("escape")
        await person.calm()
        assert person.answers == [None]


async def test_a_typed_path_is_completed_and_leads_to_the_file(place: Path) -> None:
    async with picking(FilesPicker, Path("/")) as person:
        await person.press("colon")
        person.picker.path_box.query_one("Input").value = str(place / "py")  # type: ignore[attr-defined]  # an Input
        await person.press("end", "tab")
        await person.calm()
        await person.press("tab")
        await person.calm()
        await person.press("enter")
        await person.calm()
        assert person.picker.folder == place / "python"
        assert person.picker.current is not None
        assert person.picker.current.name == "test.py"


async def test_several_paths_and_patterns_are_marked_and_what_names_nothing_is_said(
    place: Path,
) -> None:
    async with picking(FilesPicker, place) as person:
        person.app.post_message(Paste(f"file://{place}/test.txt"))
        await person.sees("marked: 1 file (8 B)")
        await person.press("colon")
        person.picker.path_box.query_one("Input").value = "csv/*.csv python nowhere"  # type: ignore[attr-defined]  # an Input
        await person.press("enter")
        await person.sees("marked: 3 files", "1 folder", "2 of them elsewhere")
        await person.sees("Not chosen: nowhere: no such file or folder.")
        assert person.picker.folder == place
        await person.press("colon")
        person.app.post_message(Paste(f"{place}/.hidden\n{place}/test.txt\n"))
        await person.sees("marked: 4 files")
        await person.misses("Not chosen")
        await person.press("ctrl+s")
        await person.calm()
        (answer,) = person.answers
        assert [path.name for path in answer] == [
            *("test.txt", "file1.csv", "file2.csv", "python", ".hidden")
        ]


async def test_home_is_understood(place: Path, private_home: Path) -> None:
    (private_home / "mine.txt").touch()
    async with picking(FilesPicker, place) as person:
        await person.press("tilde")
        await person.calm()
        assert person.picker.folder == private_home
        assert person.names == ["mine.txt"]


async def test_a_path_that_is_not_there_says_so_and_stays(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        await person.press("colon", *"nowhere", "enter")
        await person.sees("Could not open")
        # The path is added to what is typed over: the folder itself stays.
        assert person.picker.folder == place


async def test_a_folder_that_may_not_be_read_says_so_and_stays(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refusing(path: Any) -> Any:
        if str(path).endswith("csv"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    async with picking(FilesPicker, place) as person:
        await person.press("enter")
        await person.sees("Permission denied", "test.txt")
        assert person.picker.folder == place


async def test_what_cannot_be_sent_cannot_be_marked(place: Path) -> None:
    os.mkfifo(place / "zpipe")
    (place / "zgone").symlink_to(place / "nowhere")
    async with picking(FilesPicker, place) as person:
        await person.sees("zpipe (not a regular file)", "zgone (cannot be read)")
        await person.press("G", "space", "k", "space")
        await person.sees("nothing is marked")
        await person.press("enter")
        await person.calm()
        assert person.answers == []


async def test_a_folder_is_chosen_and_can_be_made(place: Path) -> None:
    async with picking(FolderPicker, place) as person:
        await person.press("n")
        await person.until(lambda: person.app.screen is not person.picker)
        await person.type("fresh")
        await person.press("enter")
        await person.until(lambda: person.picker.folder.name == "fresh")
        assert (place / "fresh").is_dir()
        # One that is typed as a path is offered to be made, with what is missing above it.
        await person.press("colon")
        await person.type("a/b")
        await person.press("enter")
        await person.sees("There is no folder", "What is missing below", "Make")
        await person.press("escape")
        await person.until(lambda: person.app.screen is person.picker)
        assert not (place / "fresh" / "a").exists()
        await person.press("colon")
        await person.type("a/b")
        await person.press("enter")
        await person.sees("There is no folder")
        await person.press("tab", "enter")
        await person.until(lambda: person.picker.folder.name == "b")
        await person.press("d")
        await person.calm()
        assert person.answers == [(place / "fresh" / "a" / "b",)]


@pytest.mark.parametrize(
    "name", [text for text in HOSTILE_TEXT if "/" not in text and len(text) < 255]
)
async def test_hostile_names_are_shown_safely_and_chosen_unchanged(
    tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / name).touch()
    async with picking(FilesPicker, folder) as person:
        await person.press("full_stop")
        assert "\x1b" not in person.text
        await person.press("enter")
        await person.calm()
        assert person.answers == [(folder / name,)]


async def test_a_name_that_is_not_utf8_does_not_break_the_screen(tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    with open(os.path.join(os.fsencode(folder), b"caf\xe9"), "wb"):
        pass
    async with picking(FilesPicker, folder) as person:
        await person.sees("caf\\udce9")


async def test_a_folder_of_many_files_is_shown_and_walked_through(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3000):
        (folder / f"f{number:04}").touch()
    async with picking(FilesPicker, folder) as person:
        await person.sees("3,000 entries")
        await person.press("G")
        await person.sees("f2999")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("pla", "place/"), ("place/c", "place/csv/"), ("place/csv/f", "place/csv/file"), ("no", "no")],
)
async def test_completion_goes_as_far_as_the_names_leave_no_choice(
    place: Path, typed: str, completed: str
) -> None:
    folders = LocalFolders()
    assert await folders.complete(typed, place.parent) == completed
    folders.close()


async def test_the_key_that_says_yes_everywhere_chooses(place: Path) -> None:
    async with picking(FilesPicker, place) as person:
        await person.sees("nothing is marked", "Ctrl+S ")
        await person.press("G", "space", "ctrl+s")
        await person.calm()
        assert person.answers == [(place / "test.txt",)]
    async with picking(FolderPicker, place) as person:
        await person.sees("Ctrl+S Choose this folder")
        await person.press("ctrl+s")
        await person.calm()
        assert person.answers == [(place,)]


@pytest.mark.parametrize(
    ("kind", "typed", "chosen"),
    [
        (FilesPicker, "csv/*2.csv python", ["csv/file2.csv", "python"]),
        (FilesPicker, "csv", ["csv"]),
        (FolderPicker, "python/", ["python"]),
        (OneFilePicker, "csv/file1.csv", ["csv/file1.csv"]),
    ],
)
async def test_what_is_being_typed_is_chosen_and_not_what_is_under_the_cursor(
    place: Path, kind: type[FilePicker], typed: str, chosen: list[str]
) -> None:
    async with picking(kind, place) as person:
        await person.press("G", "colon", *"nowhere", "ctrl+s")
        can_be_made = kind is FolderPicker
        await person.sees("There is no folder" if can_be_made else "o such file or")
        if can_be_made:
            await person.press("escape")
            await person.until(lambda: person.app.screen is person.picker)
        assert person.answers == []
        await person.calm()
        await person.press("colon") if not person.picker.path_box.typed else None
        person.picker.path_box.field.value = typed
        await person.press("ctrl+s")
        await person.until(lambda: bool(person.answers))
        assert person.answers == [tuple(place / name for name in chosen)]
