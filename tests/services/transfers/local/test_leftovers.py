"""Unfinished files of killed downloads are found, removed on request, and never sent."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tui.services.aws import Account
from tui.services.put_file import lock
from tui.services.s3 import S3Service
from tui.services.transfers import DownloadItem, DownloadPlan, Leftover, Problem, TransferService
from tui.services.transfers.local import leftovers as finding
from tui.services.transfers.local.leftovers import REMEMBERED, Leftovers, is_unfinished
from tui.services.transfers.local.local_walk import walk

WRITER = """
import pathlib, sys
from tui.services.placing import create_temporary
_, path = create_temporary(pathlib.Path(sys.argv[1]))
path.write_bytes(b"half")
print(path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def leftovers(tmp_path: Path) -> AsyncIterator[Leftovers]:
    leftovers = Leftovers(tmp_path / "state" / "download-folders")
    yield leftovers
    leftovers.close()


def killed_download(target: Path) -> tuple[Path, subprocess.Popen[str]]:
    """A download under way in another process, and the file that it writes."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return Path(process.stdout.readline().rstrip("\n")), process


async def test_what_a_killed_download_left_is_found_and_removed_but_not_what_is_in_use(
    leftovers: Leftovers, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads"
    (folder / "deep").mkdir(parents=True)
    await leftovers.remember(folder)
    part, process = killed_download(folder / "deep" / "x.bin")
    assert await leftovers.anywhere() == ()
    assert await leftovers.remove([Leftover(part, 4)]) == (
        Problem(str(part), "a download writes to it"),
    )
    process.kill()
    process.communicate()
    # As in a later run of the application: the folders are kept on disk.
    later = Leftovers(tmp_path / "state" / "download-folders")
    found = await later.anywhere()
    assert found == (Leftover(part, 4),)
    assert await later.remove(found) == ()
    assert await later.remove(found) == ()
    assert not part.exists()
    later.close()


async def test_nothing_is_a_leftover_while_the_journal_cannot_be_read(
    account: Account, tmp_path: Path
) -> None:
    journal, folder = tmp_path / "state" / "transfers.sqlite", tmp_path / "downloads"
    folder.mkdir()
    part = folder / ".tristore-0123456789abcdef.part"
    part.write_bytes(b"what a newer version goes on with")
    for version, found in ((99, ()), (0, (Leftover(part, part.stat().st_size),))):
        journal.parent.mkdir(exist_ok=True)
        service = TransferService(
            S3Service(account), journal=journal, downloads_record=tmp_path / "folders"
        )
        await service.leftovers.remember(folder)
        with closing(sqlite3.connect(journal)) as newer:
            newer.execute(f"PRAGMA user_version = {version}")
        assert await service.leftovers.anywhere() == found
        await service.stop()
        service.close()


async def test_what_a_download_has_only_just_begun_is_none(
    leftovers: Leftovers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / ".tristore-0123456789abcdef.part"
    part.touch()
    await leftovers.remember(tmp_path)
    descriptor = os.open(part, os.O_RDWR)
    monkeypatch.setattr(finding, "sleep", lambda _: lock(descriptor))
    assert await leftovers.anywhere() == ()
    os.close(descriptor)


async def test_nothing_else_is_taken_for_a_leftover(leftovers: Leftovers, tmp_path: Path) -> None:
    for name in (".tristore-notes.part", ".tristore-0123456789abcdef.part.bak", "x.part"):
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / ".tristore-0123456789abcdef.part").symlink_to(tmp_path / "x.part")
    await leftovers.remember(tmp_path)
    assert await leftovers.anywhere() == ()
    assert is_unfinished(".tristore-0123456789abcdef.part")


async def test_a_plan_names_those_in_the_folders_that_it_writes_into(
    leftovers: Leftovers, tmp_path: Path, account: Account
) -> None:
    for folder in ("", "a/", "other/"):
        path = tmp_path / f"{folder}.tristore-0123456789abcdef.part"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    item = DownloadItem("a/x", 1, "", None, tmp_path / "a" / "x")
    missing = DownloadItem("b/x", 1, "", None, tmp_path / "not there yet" / "x")
    plan = DownloadPlan("bucket", tmp_path, (item, missing), at=account.connection)
    found = await leftovers.beside(plan)
    assert [each.path.parent for each in found] == [tmp_path, tmp_path / "a"]


async def test_the_last_folders_are_kept_each_once(leftovers: Leftovers, tmp_path: Path) -> None:
    part = ".tristore-0123456789abcdef.part"
    for number in [*range(REMEMBERED + 2), 5, 5]:
        folder = tmp_path / f"line\nbreak \udc80 {number}"
        folder.mkdir(exist_ok=True)
        (folder / part).touch()
        await leftovers.remember(folder)
    found = [each.path.parent.name.rpartition(" ")[2] for each in await leftovers.anywhere()]
    assert found == ["5", *(str(n) for n in range(REMEMBERED + 1, 1, -1) if n != 5)]


@pytest.mark.parametrize("chosen", ["", ".tristore-0123456789abcdef.part"])
def test_an_unfinished_download_is_never_uploaded(tmp_path: Path, chosen: str) -> None:
    part = tmp_path / ".tristore-0123456789abcdef.part"
    part.write_bytes(b"half")
    (batch,) = walk([tmp_path / chosen])
    assert batch.files == ()
    assert [each.name for each in batch.problems] == [str(part)]
    assert "unfinished download" in batch.problems[0].reason
