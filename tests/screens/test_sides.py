"""Local files beside S3: what is marked on one side goes to the other, and both show it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual import events

from tests.driver import NARROW, Driver, running
from tests.screens.screen_app import showing
from tui.panes.s3.change.deleting import ObjectDeletion
from tui.panes.s3.transfers.dialogs import DownloadDialog, UploadDialog
from tui.screens.sides import SidesScreen
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.s3 import ROOT, S3Location
from tui.services.transfers import LocalEntry


@pytest.fixture
def bucket(s3: Any, bucket: str) -> str:
    """With one object."""
    s3.put_object(Bucket=bucket, Key="p/theirs.txt", Body=b"theirs")
    return bucket


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the application is started."""
    folder = tmp_path / "place"
    (folder / "sub").mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    (folder / "sub" / "deep.txt").write_text("deep")
    monkeypatch.chdir(folder)
    return folder


async def planned(driver: Driver, dialog: type[Any]) -> None:
    await driver.until(lambda: isinstance(driver.app.screen, dialog), "the plan")
    screen: Any = driver.app.screen
    await driver.until(lambda: screen.draft.ready, "a checked plan")
    await driver.pilot.pause()


async def test_what_is_marked_on_one_side_goes_to_the_other_and_both_show_it(
    services: Services, bucket: str, place: Path
) -> None:
    screen = SidesScreen(services, S3Location(bucket, "p/"))
    async with showing(screen, services) as driver:
        await driver.sees("Local files Tab", "mine.txt", "theirs.txt", "Ctrl+S Send →")
        await driver.press("asterisk")
        await driver.sees("1 file (4 B) marked")
        await driver.press("ctrl+s")
        await planned(driver, UploadDialog)
        await driver.sees("p/mine.txt")
        await driver.press("ctrl+s")
        await driver.sees("1 file uploaded.", "2 items", "entries")
        assert len(screen.local.marked) == 0
        await driver.press("tab", "G", "ctrl+s")
        await planned(driver, DownloadDialog)
        # The rest of the path may stand in the next line.
        await driver.sees(str(place)[:40], "theirs.txt")
        await driver.press("ctrl+s")
        await driver.sees("1 file downloaded.")
        await driver.until(
            lambda: "theirs.txt" in [entry.name for entry in screen.local.browser.shown],
            "the new file among the local ones",
        )
    assert (place / "theirs.txt").read_text() == "theirs"


async def test_in_a_narrow_terminal_one_side_is_seen_at_a_time(
    services: Services, bucket: str, place: Path
) -> None:
    screen = SidesScreen(services, ROOT)
    async with showing(screen, services, size=NARROW) as driver:
        await driver.sees("mine.txt")
        await driver.misses("Pub.")
        await driver.press("tab")
        await driver.sees("Pub.")
        await driver.misses("mine.txt")
        # Over the list of buckets there is one under the cursor; over none there is nothing to do.
        await driver.press("shift+tab", "G", "colon")
        await driver.type("sub")
        await driver.press("tab", "enter")
        await driver.sees("deep.txt")
        await driver.press("slash", "z", "enter")
        await driver.misses("deep.txt")
        await driver.press("escape")
        await driver.sees("deep.txt")


async def test_keys_wait_for_the_folder_that_is_read_on_the_local_side(
    services: Services, bucket: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, goes_on = SidesScreen(services, S3Location(bucket, "p/")), asyncio.Event()
    folders = services.transfers.folders
    read = folders.read

    async def slowly(folder: Path) -> tuple[LocalEntry, ...]:
        await goes_on.wait()
        return await read(folder)

    async with showing(screen, services) as driver:
        await driver.sees("mine.txt", "theirs.txt")
        monkeypatch.setattr(folders, "read", slowly)
        driver.app.post_message(events.Key("enter", None))
        await driver.sees("reading… Esc stops it")
        await driver.press("escape")
        await driver.sees("2 entries")
        # Reading the same folder again holds up nothing.
        screen.local.read_again()
        await driver.press("asterisk")
        await driver.sees("1 file (4 B) marked")
        await driver.press("asterisk")
        for key in ("enter", "asterisk"):
            driver.app.post_message(events.Key(key, "*" if key == "asterisk" else None))
        await driver.sees("reading…")
        goes_on.set()
        await driver.sees("deep.txt", "1 file (4 B) marked")
        assert screen.local.chosen == (place / "sub" / "deep.txt",)


async def test_a_folder_that_is_read_again_by_itself_is_in_nobodys_way(
    services: Services, bucket: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen, goes_on = SidesScreen(services, S3Location(bucket, "p/")), asyncio.Event()
    local, folders = screen.local, services.transfers.folders
    read, refused = folders.read, iter([False, False, True])

    async def slowly(folder: Path) -> tuple[LocalEntry, ...]:
        await goes_on.wait()
        if next(refused):
            raise ServiceError("It cannot be read.")
        return await read(folder)

    async with showing(screen, services) as driver:
        await driver.sees("mine.txt", "theirs.txt")
        (place / "a.txt").write_text("new")
        monkeypatch.setattr(folders, "read", slowly)
        # The cursor and the line that a filter is typed into stay.
        local.read_again()
        await driver.press("G", "slash")
        goes_on.set()
        await driver.sees("3 entries")
        assert local.current_name == "mine.txt"
        assert local.filter_line.field.has_focus
        await driver.press("escape", "g", "g")
        # A folder that is on its way is not given up, nor what is typed for it.
        goes_on.clear()
        for key in ("enter", "asterisk"):
            driver.app.post_message(events.Key(key, "*" if key == "asterisk" else None))
        await driver.sees("reading… Esc stops it")
        local.read_again()
        assert local.is_on_the_way
        assert local.commands_now() == []
        goes_on.set()
        await driver.sees("deep.txt", "1 file (4 B) marked")
        await driver.press("asterisk")
        # What was typed for a folder that cannot be read does nothing in this one.
        goes_on.clear()
        for key in ("backspace", "asterisk"):
            driver.app.post_message(events.Key(key, "*" if key == "asterisk" else None))
        await driver.sees("reading… Esc stops it")
        goes_on.set()
        await driver.sees("It cannot be read.", "What you typed was dropped.")
        assert len(local.marked) == 0


async def test_what_the_s3_side_deletes_is_not_cut_off_by_leaving(
    services: Services, bucket: str, place: Path
) -> None:
    screen = SidesScreen(services, S3Location(bucket, "p/"))
    async with showing(screen, services) as driver:
        await driver.sees("theirs.txt", "mine.txt")
        screen.s3.browser.work = ObjectDeletion(bucket, ["p/theirs.txt"])
        await driver.press("escape")
        await driver.sees("The S3 side is changing something")
        assert driver.app.screen is screen
        screen.s3.browser.work = None
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen is not screen, "the end")


async def test_the_key_opens_it_where_the_pane_stands_and_leads_back_there(
    services: Services, bucket: str, place: Path
) -> None:
    async with running(services, location=f"s3://{bucket}/p/") as driver:
        await driver.sees("theirs.txt")
        await driver.press("L")
        await driver.until(lambda: isinstance(driver.app.screen, SidesScreen), "both sides")
        await driver.sees("mine.txt", "theirs.txt")
        screen = driver.app.screen
        assert isinstance(screen, SidesScreen)
        await driver.press("tab", "backspace")
        await driver.until(lambda: str(screen.location) == f"s3://{bucket}/", "the bucket")
        await driver.press("escape")
        await driver.until(lambda: driver.app.screen is driver.app.workspace, "the panes")
        pane = driver.app.workspace.frame("s3").pane
        await driver.until(
            lambda: str(pane.browser.location) == f"s3://{bucket}/", "the same place"
        )


async def test_a_narrow_footer_says_first_what_is_sent(
    services: Services, bucket: str, place: Path
) -> None:
    screen = SidesScreen(services, S3Location(bucket, "p/"))
    async with showing(screen, services, size=(80, 24)) as driver:
        await driver.sees("mine.txt", "Ctrl+S Send →")
        await driver.press("tab")
        await driver.sees("Ctrl+S ← Send")
