"""Uploading by keyboard: a file, several, a folder with patterns, and over what exists."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.widgets import Button, Input, Select

from tests.buckets import Put
from tests.hostile import HOSTILE_TEXT
from tests.panes.s3.conftest import Browse, browsing, services_of
from tests.panes.s3.uploading import dialog, pick, planned
from tui.panes.s3.transfers.dialogs import UploadDialog
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.transfers import Planner, UploadPlan
from tui.widgets.file_picker import FilesPicker

Stored = Callable[[], dict[str, bytes]]


@pytest.fixture
def stored(account: Account, bucket: str) -> Stored:
    """Every object of the bucket, with its content."""

    def look() -> dict[str, bytes]:
        client = account.connection.client("s3")
        entries = client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {
            entry["Key"]: client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            for entry in entries
        }

    return look


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the application is started: the walkthrough's files."""
    folder = tmp_path / "place"
    for name in ("test.txt", "python/test.py", "csv/file1.csv", "csv/file2.csv", "csv/notes.md"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"my {name}")
    monkeypatch.chdir(folder)
    return folder


async def test_a_file_is_uploaded_and_listed(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "G")
        await person.sees(
            "1 file, 11 B", "test.txt", "new", "Ctrl+S Upload Alt+S Save list… Ctrl+T Attributes…"
        )
        await person.press("ctrl+s")
        await person.sees("1 file uploaded.")
        await person.until(lambda: person.here == "test.txt", "the new object in the listing")
    assert stored() == {"test.txt": b"my test.txt"}


async def test_files_that_are_dragged_into_the_terminal_are_planned(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        person.app.post_message(Paste("some text"))
        await person.sees("What was pasted names no files here.")
        person.app.post_message(Paste(f"'{place}/test.txt' file://{place}/csv/notes.md \n"))
        await planned(person)
        await person.sees("2 files, 26 B", "notes.md", "test.txt")
        assert stored() == {}
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.screen, FilesPicker), "the picker")


async def test_a_file_goes_into_a_folder_that_appears_by_itself(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "j", "enter", "g")
        await person.type("python")
        await person.sees("python/test.py")
        await person.press("enter", "enter")
        await person.sees("1 file uploaded.")
        await person.until(lambda: person.here == "python/", "the new folder in the listing")
    assert stored() == {"python/test.py": b"my python/test.py"}


async def test_the_cursor_moves_on_while_what_was_uploaded_is_listed(
    browse: Browse, bucket: str, place: Path, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(dict.fromkeys(("x1", "x2", "x3"), b""))
    async with browse(f"s3://{bucket}/") as person:
        list_page, goes_on = person.browser.s3.list_page, asyncio.Event()

        async def held(*args: Any, **more: Any) -> Any:
            await goes_on.wait()
            return await list_page(*args, **more)

        monkeypatch.setattr(person.browser.s3, "list_page", held)
        await pick(person, "j", "enter", "g")
        await person.type("python")
        await person.press("enter", "enter")
        await person.sees("1 file uploaded.")
        await person.press("j", "j")
        assert person.here == "x3"
        goes_on.set()
        await person.sees("python/")
        await person.loaded()
        assert person.here == "x3"


async def test_several_files_are_uploaded_together(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/in/") as person:
        await pick(person, "enter", "space", "space")
        assert person.app.screen.query_one("#prefix", Input).value == "in/"
        await person.sees("2 files, 32 B")
        await person.press("ctrl+s")
        await person.sees("2 files uploaded.")
    assert sorted(stored()) == ["in/file1.csv", "in/file2.csv"]


async def test_a_folder_is_uploaded_with_patterns(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "space")
        await person.sees("3 files", "csv/notes.md")
        person.app.screen.query_one("#patterns", Input).focus()
        await person.type('--exclude "*" --include "file*"')
        await person.sees("2 files, 32 B", "1 left out by --exclude")
        await person.sees("csv/notes.md", "left out by")
        await person.press("enter")
        await person.sees("2 files uploaded.")
    assert sorted(stored()) == ["csv/file1.csv", "csv/file2.csv"]


async def test_the_names_of_chosen_folders_can_be_left_out(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "space")
        await person.type("flat")
        await person.press("tab", "space")
        await person.sees("flat/file1.csv")
        await person.misses("flat/csv/file1.csv")
        await person.until(lambda: dialog(person).draft.ready)
        await person.press("ctrl+s")
        await person.sees("3 files uploaded.")
    assert sorted(stored()) == ["flat/file1.csv", "flat/file2.csv", "flat/notes.md"]


async def test_a_pattern_that_is_not_understood_says_how_to_write_it(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "G")
        person.app.screen.query_one("#patterns", Input).focus()
        await person.type("*.csv")
        await person.sees("neither --include nor --exclude", "Write them as in the AWS CLI")
        await person.press("enter", "ctrl+s")
        assert isinstance(person.app.screen, UploadDialog)
        assert person.app.screen.query_one("#submit", Button).disabled
    assert stored() == {}


async def test_what_exists_is_left_alone_unless_chosen_otherwise(
    browse: Browse, bucket: str, place: Path, put: Put, stored: Stored
) -> None:
    put({"test.txt": b"theirs"})
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "G")
        await person.sees("1 exists already", "skip", "6 B", "Space in the list changes a row")
        await person.press("ctrl+s")
        await person.sees("0 files uploaded, 1 left as they were.")
    assert stored() == {"test.txt": b"theirs"}


@pytest.mark.parametrize(
    ("policy", "said", "expected"),
    [
        ("overwrite", "OVERWRITE", {"test.txt": b"my test.txt"}),
        ("keep both", "keep both", {"test.txt": b"theirs", "test (2).txt": b"my test.txt"}),
    ],
)
async def test_overwriting_and_keeping_both_are_chosen_before_the_start(
    browse: Browse,
    bucket: str,
    place: Path,
    put: Put,
    stored: Stored,
    policy: str,
    said: str,
    expected: dict[str, bytes],
) -> None:
    put({"test.txt": b"theirs"})
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "G")
        person.app.screen.query_one("#policy", Select).focus()
        await person.press("enter", "down", *(["down"] if policy == "keep both" else []), "enter")
        await person.sees(said)
        if policy == "overwrite":
            await person.sees("Upload, overwrite 1")
        await person.press("ctrl+s")
        await person.sees("1 file uploaded.")
    assert stored() == expected


async def test_one_of_several_conflicts_is_decided_on_its_own(
    browse: Browse, bucket: str, place: Path, put: Put, stored: Stored
) -> None:
    put({"csv/file1.csv": b"theirs", "csv/file2.csv": b"theirs"})
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "space")
        dialog(person).grid.focus()
        await person.press("j", "space")
        await person.sees("OVERWRITE", "Upload, overwrite 1")
        await person.press("ctrl+s")
        await person.sees("2 files uploaded, 1 left as they were.")
    assert stored()["csv/file1.csv"] == b"theirs"
    assert stored()["csv/file2.csv"] == b"my csv/file2.csv"


async def test_escape_leaves_at_every_step_and_sends_nothing(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await person.press("u")
        await person.sees("choose files and folders")
        await person.press("escape")
        await person.misses("choose files and folders")
        await person.idle()
        await pick(person, "G")
        await person.press("escape")
        await person.sees("choose files and folders")
        await person.press("escape")
        await person.idle()
        assert not isinstance(person.app.screen, UploadDialog | FilesPicker)
    assert stored() == {}


async def test_escape_in_the_plan_goes_back_to_the_picker_with_its_marks_and_what_was_typed(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "space", "G", "space")
        await person.type("in")
        await person.until(lambda: dialog(person).draft.folder == "in", "the folder")
        await person.press("escape")
        await person.sees("marked: 1 file (11 B), 1 folder with all that is in it")
        picker = person.app.screen
        assert isinstance(picker, FilesPicker)
        assert [path.name for path in picker.chosen] == ["csv", "test.txt"]
        assert picker.grid.cursor_row == 2
        await person.press("u")
        await person.until(lambda: isinstance(person.app.screen, UploadDialog), "the plan")
        await person.sees("in/csv/file1.csv", "in/test.txt", "[x] keep the names")
        await person.press("escape", "escape")
        await person.idle()
    assert stored() == {}


async def test_a_start_before_the_plan_is_ready_is_kept_and_shown(
    browse: Browse, bucket: str, place: Path, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = asyncio.Event()
    check = Planner.check

    async def later(self: Planner, plan: UploadPlan, *more: Any) -> UploadPlan:
        await held.wait()
        return await check(self, plan, *more)

    monkeypatch.setattr(Planner, "check", later)
    async with browse(f"s3://{bucket}/") as person:
        await person.press("u")
        await person.sees("choose files", "Modified ")
        await person.press("G", "u")
        await person.sees("checking what exists already…")
        await person.press("ctrl+s")
        await person.sees("Starts as soon as the plan is ready")
        held.set()
        await person.sees("1 file uploaded.")
    assert stored() == {"test.txt": b"my test.txt"}


async def test_what_cannot_be_sent_is_said_before_the_start(
    browse: Browse, bucket: str, place: Path, stored: Stored
) -> None:
    (place / "csv" / "gone").symlink_to(place / "nowhere")
    (place / "csv" / "loop").symlink_to(place / "csv")
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "space")
        await person.sees("2 left out, with the reason", "left out: a link to ")
        dialog(person).grid.focus()
        await person.press("enter")
        await person.sees("What happens: left out: a link to")
        await person.press("escape", "alt+s")
        await person.sees("Save the list of the plan", "transfer-plan.csv")
        await person.press("ctrl+s")
        await person.sees("The list is in", "3 files, 47 B")
        await person.press("ctrl+s")
        await person.sees("3 files uploaded, 2 left out.")
    assert len(stored()) == 3
    assert f'{place}/csv/gone,,"left out: a link to ' in (place / "transfer-plan.csv").read_text()


async def test_read_only_mode_says_so_before_anything_is_picked(
    read_only_account: Account, audit: AuditLog, tmp_path: Path, bucket: str, place: Path
) -> None:
    services = services_of(read_only_account, audit, tmp_path)
    async with browsing(services, f"s3://{bucket}/") as person:
        await person.press("u")
        await person.sees("Read-only mode: Upload is refused.")
        assert not isinstance(person.app.screen, FilesPicker)
    services.close()


async def test_progress_is_shown_while_it_runs_and_the_pane_stays_usable(
    browse: Browse, bucket: str, place: Path, account: Account, stored: Stored
) -> None:
    # Large enough for the SDK, whose hooks can hold it.
    (place / "test.txt").write_bytes(bytes(2 * 1024 * 1024))
    release = threading.Event()
    events = account.connection.client("s3").meta.events

    def hold(**_: Any) -> None:
        release.wait(20)

    events.register("before-call.s3.PutObject", hold, unique_id="hold")
    try:
        async with browse(f"s3://{bucket}/") as person:
            await pick(person, "G")
            await person.press("ctrl+s")
            await person.sees("↑ ", "0/1 files", "0 B of 2.0 MiB", "F9")
            await person.press("slash")
            await person.press("escape")
            release.set()
            await person.sees("1 file uploaded.")
            await person.misses("0/1 files")
    finally:
        release.set()
        events.unregister("before-call.s3.PutObject", unique_id="hold")
    assert list(stored()) == ["test.txt"]


async def test_hostile_names_are_planned_safely(browse: Browse, bucket: str, place: Path) -> None:
    for path in sorted(place.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    names = [text for text in HOSTILE_TEXT if "/" not in text and len(text) < 255]
    for name in names:
        (place / name).write_text("x")
    async with browse(f"s3://{bucket}/") as person:
        await person.press("u")
        await person.sees("choose files and folders", f"{len(names)} entries")
        await person.press("full_stop")
        assert "\x1b" not in person.text
        await person.press("asterisk", "u")
        await planned(person)
        plan = dialog(person).draft.plan
        assert plan is not None
        assert sorted(item.key for item in plan.items) == sorted(names)
        assert "\x1b" not in person.text
        dialog(person).grid.move_cursor(len(names))
        await person.pilot.pause()
        assert "\x1b" not in person.text
        await person.press("escape")
        await asyncio.sleep(0)


async def test_attributes_are_set_in_the_plan_and_stored(
    browse: Browse, bucket: str, place: Path, account: Account
) -> None:
    async with browse(f"s3://{bucket}/") as person:
        await pick(person, "G")
        await person.sees("the defaults of the bucket", "Ctrl+T Attributes…")
        await person.press("ctrl+t")
        await person.sees("What every object of this upload gets")
        person.app.screen.query_one("#field-tags", Input).value = "team=[red], y"
        await person.press("ctrl+s")
        await person.sees("'y': write name=value.")
        person.app.screen.query_one("#field-tags", Input).value = "team=red"
        await person.press("ctrl+s")
        await person.sees("tag team=red")
        await person.until(lambda: dialog(person).draft.ready)
        await person.press("ctrl+s")
        await person.sees("1 file uploaded.")
    tags = account.connection.client("s3").get_object_tagging(Bucket=bucket, Key="test.txt")
    assert tags["TagSet"] == [{"Key": "team", "Value": "red"}]
