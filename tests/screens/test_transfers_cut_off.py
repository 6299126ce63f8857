"""The transfers screen after a kill: what was cut off, what was left, and a journal that fails."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.driver import running
from tests.services.transfers.places import plan_upload
from tui.screens.transfers import earlier_runs
from tui.services import private_database
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.transfers import ConflictPolicy, CutOff, UploadItem
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.records import ADD_FILE, ADD_JOB
from tui.services.transfers.kept_items import planned_upload


async def test_transfers_of_a_killed_run_are_told_of_dropped_and_gone_on_with(
    services: Services, s3: Any, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    killed = Journal(services.transfer_journal)
    owner, at = killed.owner, services.account.connection
    where = (at.profile, at.region, at.endpoint, "")
    for number in range(2):
        item = UploadItem(tmp_path / "a.txt", f"in/{number}.txt", 1, 1)
        planned = planned_upload(item, ConflictPolicy.SKIP)
        killed.write(
            [
                (ADD_JOB, (f"j{number}", owner, "upload", *where, bucket, b"in/", float(number))),
                (
                    ADD_FILE,
                    (f"j{number}", 0, planned.source, planned.destination, 1, planned.details),
                ),
            ]
        )
    killed.close()
    async with running(services) as driver:
        await driver.sees("2 transfers were cut off (2 files, 2 B to go)")
        driver.app.clear_notifications()  # it says the same, for 15 s
        await driver.press("f9")
        await driver.sees("C goes on, K drops: 2 transfers were cut off")
        await driver.press("K")
        await driver.sees("Drop what was cut off?", f"{bucket}/in/: 1 file, 1 B")
        await driver.press("escape")
        await driver.misses("Drop what was cut off?")
        await driver.press("C")
        await driver.sees("✓ done")
        await driver.misses("C goes on")
        assert (await services.transfers.cut_off.find()) == ()
    assert {each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]} == {
        "in/0.txt",
        "in/1.txt",
    }


async def test_a_journal_that_cannot_be_written_is_told_of(
    services: Services, s3: Any, bucket: str, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a")
    services.transfer_journal.parent.mkdir(parents=True, exist_ok=True)
    services.transfer_journal.write_text("no journal " * 100)
    async with running(services) as driver:
        await driver.sees("The journal of transfers cannot be used")
        driver.app.clear_notifications()  # it says the same, for 15 s
        plan = await plan_upload(services.transfers, [tmp_path / "a.txt"], bucket, "in/")
        await services.transfers.start_upload(plan)
        await driver.press("f9")
        await driver.sees("✓ done", "one that is cut off cannot be gone on with", "move it away")
        services.transfer_journal.unlink()
        plan = await plan_upload(services.transfers, [tmp_path / "a.txt"], bucket, "again/")
        await services.transfers.start_upload(plan)
        await driver.sees("2 transfers, 0 in flight")
        await driver.misses("cannot be gone on with")


async def test_a_journal_that_another_window_holds_is_read_when_it_is_free(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_database, "WAIT", 0.01)
    monkeypatch.setattr(earlier_runs, "LOOK_AGAIN", 0.01)
    killed = Journal(services.transfer_journal)
    row = ("j", killed.owner, "upload", "other", "", "http://gone", "1", "b", b"in/", 0.0)
    # One that is over is to be forgotten, for which the journal is written.
    killed.write([(ADD_JOB, (job, *row[1:])) for job in ("j", "over")])
    killed.write([(ADD_FILE, ("j", 0, b"/a", b"in/a", 1, "{}"))])
    killed.write([("UPDATE jobs SET is_over = 1 WHERE id = ?", ("over",))])
    killed.close()
    with closing(sqlite3.connect(services.transfer_journal, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with running(services) as driver:
            await driver.press("f9")
            await driver.sees("The journal of transfers is held by another window.")
            await driver.misses("C goes on")
            # It is said once: what is said since stays.
            looked, find = 0, services.transfers.cut_off.find

            async def found() -> tuple[CutOff, ...]:
                nonlocal looked
                looked += 1
                return await find()

            monkeypatch.setattr(services.transfers.cut_off, "find", found)
            screen: Any = driver.app.screen
            # The first looks may have been under way together.
            await driver.until(lambda: looked > 2, "some more looks")
            screen.show_error(ServiceError("Something else."))
            await driver.until(lambda: looked > 5, "some more looks")
            await driver.sees("✗ Something else.")
            other.execute("ROLLBACK")
            await driver.sees("C goes on, K drops: 1 transfer was cut off (1 file, 1 B to go)")
            await driver.misses("✗ The journal of transfers is held")


async def test_unfinished_files_of_a_killed_run_are_offered_for_removal(
    services: Services, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    part = folder / ".tristore-0123456789abcdef.part"
    part.write_bytes(b"x" * 2048)
    await services.transfers.leftovers.remember(folder)
    async with running(services) as driver:
        await driver.press("f9")
        await driver.sees("X removes 1 unfinished file of earlier downloads (2.0 KiB)")
        await driver.press("X")
        await driver.sees("Remove unfinished files?", str(part.name))
        await driver.press("escape")
        await driver.misses("Remove unfinished files?")
        assert part.exists()
        await driver.press("X")
        await driver.sees("Remove unfinished files?")
        await driver.press("ctrl+s")
        await driver.sees("Removed 1 unfinished file.")
        await driver.misses("X removes")
    assert not part.exists()
