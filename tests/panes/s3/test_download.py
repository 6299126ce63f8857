"""Downloading by keyboard: an object, several, a prefix; into a chosen folder and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from tests.buckets import Put
from tests.panes.s3.conftest import Browse, Person, browsing, services_of
from tui.config import Settings
from tui.panes.s3.transfers.dialogs import DownloadDialog
from tui.services.audit import AuditLog
from tui.services.aws import TRY_AGAIN, Account
from tui.services.blocking import Iterated
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.s3 import S3Object, S3Service
from tui.services.transfers.planning.comparing import Comparer
from tui.widgets.file_picker import FolderPicker


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the application is started, which is offered first."""
    started = tmp_path / "started-here"
    started.mkdir()
    monkeypatch.chdir(started)
    return started


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def choose(person: Person, *keys: str) -> None:
    """Open the folder picker, press keys in it, and come to the plan."""
    await person.press("d")
    await person.until(lambda: isinstance(person.app.screen, FolderPicker), "the picker")
    await person.sees("Modified")
    await person.misses("reading…")
    await person.press(*keys, "d")
    await person.until(lambda: isinstance(person.app.screen, DownloadDialog), "the plan")
    await person.until(lambda: dialog(person).draft.ready, "a ready plan")
    await person.pilot.pause()


def dialog(person: Person) -> DownloadDialog:
    screen = person.app.screen
    assert isinstance(screen, DownloadDialog)
    return screen


async def test_the_object_under_the_cursor_is_downloaded(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"a.txt": b"one", "b.txt": b"two"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("j")
        await choose(person)
        await person.sees("Into folder", "1 file, 3 B", "b.txt", "new")
        await person.press("enter")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"b.txt": b"two"}


async def test_an_object_is_downloaded_under_another_name(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"a.txt": b"one"})
    async with browse(f"s3://{bucket}/") as person:
        await choose(person)
        await person.sees("As", "a.txt")
        await person.press("shift+tab", "end", "2")
        await person.sees("a.txt2 ")
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"a.txt2": b"one"}


async def test_marked_objects_and_prefixes_are_downloaded_together(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"in/csv/file1.csv": b"1", "in/csv/deep/x": b"2", "in/a.txt": b"3", "in/b.txt": b"4"})
    async with browse(f"s3://{bucket}/in/") as person:
        await person.press("space", "space")
        await choose(person)
        await person.press("ctrl+s")
        await person.sees("3 files downloaded.")
    assert files(folder) == {"csv/file1.csv": b"1", "csv/deep/x": b"2", "a.txt": b"3"}


async def test_what_could_not_be_listed_is_listed_again_with_the_key_that_says_yes(
    browse: Browse, bucket: str, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"a/1": b"1", "b/2": b"2"})

    under: Iterated[Any, Any, Any] = S3Service.__dict__["list_under"]
    refused = iter([False, True])

    def listed(self: S3Service, *args: Any, **more: Any) -> Any:
        if next(refused, False):
            raise ServiceError("Could not list b/.", hint=f"Check the network, {TRY_AGAIN}.")
        return under.__get__(self)(*args, **more)

    async with browse(f"s3://{bucket}/") as person:
        await person.press("space", "space")
        monkeypatch.setattr(S3Service, "list_under", listed)
        await person.press("d")
        await person.until(lambda: isinstance(person.app.screen, FolderPicker), "the picker")
        await person.press("d")
        await person.sees("There is no plan to start:", "then press Ctrl+S to try again")
        await person.press("ctrl+s")
        # What was found before it failed is not found twice.
        await person.sees("2 files, 2 B", "a/1", "b/2")
        await person.misses("Could not list")
        await person.press("ctrl+s")
        await person.sees("2 files downloaded.")
    assert files(folder) == {"a/1": b"1", "b/2": b"2"}


async def test_a_comparison_that_fails_does_not_name_the_key_that_starts(
    browse: Browse, bucket: str, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"a.txt": b"1"})
    (folder / "a.txt").write_bytes(b"2")

    async def compare(*_: Any, **__: Any) -> None:
        raise ServiceError("Could not compare.", hint=f"Check the network, {TRY_AGAIN}.")

    async with browse(f"s3://{bucket}/") as person:
        monkeypatch.setattr(Comparer, "compare", compare)
        await choose(person)
        await person.sees("Could not compare.", "Check the network.")
        await person.misses("to try again")


async def test_patterns_choose_what_is_downloaded(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"csv/file1.csv": b"1", "csv/notes.md": b"2"})
    async with browse(f"s3://{bucket}/") as person:
        await choose(person)
        assert person.app.focused is person.app.screen.query_one("#patterns", Input)
        await person.type('--exclude "*.md"')
        await person.sees("1 file, 1 B", "1 left out by --exclude")
        await person.press("enter")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"csv/file1.csv": b"1"}


async def test_a_new_folder_is_made_for_it(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"x": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("d")
        await person.until(lambda: isinstance(person.app.screen, FolderPicker))
        picker: Any = person.app.screen
        await person.press("n")
        await person.until(lambda: person.app.screen is not picker)
        await person.type("fresh")
        await person.press("enter")
        await person.until(lambda: picker.folder == folder / "fresh")
        await person.press("d")
        await person.until(lambda: isinstance(person.app.screen, DownloadDialog))
        await person.until(lambda: dialog(person).draft.ready)
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"fresh/x": b"1"}


async def test_a_file_that_exists_is_left_alone_unless_chosen_otherwise(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"x.txt": b"theirs"})
    (folder / "x.txt").write_bytes(b"mine")
    async with browse(f"s3://{bucket}/") as person:
        await choose(person)
        await person.sees("1 exists already", "skip")
        dialog(person).grid.focus()
        await person.press("space", "space")
        await person.sees("keep both")
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"x.txt": b"mine", "x (2).txt": b"theirs"}


async def test_a_key_that_would_leave_the_folder_is_renamed_and_says_so(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"d/../../evil": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await choose(person)
        await person.sees("1 gets another name here", "renamed:", "%2E%2E")
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"d/%2E%2E/%2E%2E/evil": b"1"}
    assert not (folder.parent / "evil").exists()


async def test_a_whole_bucket_is_downloaded_from_the_list_of_buckets(
    browse: Browse, bucket: str, put: Put, folder: Path
) -> None:
    put({"a/b": b"1"})
    async with browse() as person:
        names = [entry.name for entry in person.browser.listing.shown]  # type: ignore[union-attr]  # buckets
        person.pane.grid.move_cursor(names.index(bucket))
        await choose(person)
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    assert files(folder) == {"a/b": b"1"}


async def test_the_folder_of_the_settings_is_offered_rather_than_where_it_was_started(
    account: Account, audit: AuditLog, tmp_path: Path, bucket: str, put: Put, folder: Path
) -> None:
    put({"x": b"1"})
    chosen = tmp_path / "data"
    chosen.mkdir()
    services = Services(account, Settings(download_dir=chosen), audit, state_dir=tmp_path)
    async with browsing(services, f"s3://{bucket}/") as person:
        await choose(person)
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    services.close()
    assert files(chosen) == {"x": b"1"}
    assert files(folder) == {}


async def test_read_only_mode_downloads(
    read_only_account: Account, audit: AuditLog, tmp_path: Path, bucket: str, put: Put, folder: Path
) -> None:
    put({"x": b"1"})
    services = services_of(read_only_account, audit, tmp_path)
    async with browsing(services, f"s3://{bucket}/") as person:
        await choose(person)
        await person.press("ctrl+s")
        await person.sees("1 file downloaded.")
    services.close()
    assert files(folder) == {"x": b"1"}


async def test_what_cannot_be_listed_is_not_looked_for_without_end(
    browse: Browse, bucket: str, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> Iterator[tuple[S3Object, ...]]:
        yield ()
        raise ServiceError("Could not list it.", hint="Ask for s3:ListBucket.")

    monkeypatch.setattr(S3Service, "list_under", Iterated(denied))
    put({"d/x": b"1"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("d")
        await person.until(lambda: isinstance(person.app.screen, FolderPicker), "the picker")
        await person.sees("Modified")
        await person.misses("reading…")
        await person.press("d")
        await person.sees("There is no plan to start", "Could not list it.", "s3:ListBucket")
        await person.misses("looking…")
    assert files(folder) == {}
