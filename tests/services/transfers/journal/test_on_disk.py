"""What has arrived is done for a later run when it is on the disk, and not before."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import plan_download, put
from tui.services.aws import Account
from tui.services.s3 import S3Service, StoppedError
from tui.services.transfers import JobState, TransferService
from tui.services.transfers.job_states import FileState
from tui.services.transfers.journal import on_disk
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.local.small_files import SmallFile, SmallFiles

FILES = {"p/a": b"1", "p/b": b"22", "p/c": b"333"}


class SlowDisk:
    """A disk that takes what it is given when it is let, or not at all."""

    def __init__(self) -> None:
        self.lets = threading.Event()
        self.fails = False
        self.asked: list[set[str]] = []
        self.dead = ""
        """A folder whose disk does not answer until it lets."""

    def flush(self, folders: Iterable[str]) -> None:
        self.asked.append(set(folders))
        assert (self.dead and self.dead not in folders) or self.lets.wait(30)
        if self.fails:
            raise OSError(errno.EIO, "Input/output error")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    disk = SlowDisk()
    monkeypatch.setattr(on_disk, "flush_to_disk", disk.flush)
    yield disk
    disk.lets.set()


def service(account: Account, journal: Path) -> TransferService:
    return TransferService(S3Service(account), journal=journal, first_delay=0.01)


async def fetch(transfers: TransferService, bucket: str, folder: Path) -> int:
    plan = await plan_download(transfers, bucket, [], ["p/"], folder, base="p/")
    return await transfers.start_download(plan)


def kept(journal: Path) -> tuple[list[str], list[int]]:
    """The states of the files, and whether jobs are over, as another process finds them."""
    other = Journal(journal)
    try:
        states: list[Any] = other.read("SELECT state FROM files ORDER BY number")
        over: list[Any] = other.read("SELECT is_over FROM jobs")
        return [row[0] for row in states], [row[0] for row in over]
    finally:
        other.close()


async def end(transfers: TransferService, journal: Path) -> None:
    """End a run; its jobs are cut off when its lock is gone, too."""
    await transfers.stop(patience=0.01)
    transfers.close()
    while list(journal.parent.glob("*.lock")):
        await asyncio.sleep(0.001)


async def test_nothing_is_done_before_it_is_on_the_disk(
    account: Account, disk: SlowDisk, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **FILES)
    journal = tmp_path / "journal.sqlite"
    transfers = service(account, journal)
    job = await fetch(transfers, bucket, tmp_path / "to")
    assert (await transfers.queue.wait(job)).state is JobState.DONE
    results = await transfers.queue.results(job)
    assert [result.state for result in results] == [FileState.DONE] * 3
    while not disk.asked:
        await asyncio.sleep(0.001)
    assert disk.asked == [{str(tmp_path / "to")}]
    assert kept(journal) == (["arrived"] * 3, [0])
    disk.lets.set()
    while kept(journal) != (["done"] * 3, [1]):
        await asyncio.sleep(0.001)
    await transfers.stop()
    transfers.close()


async def test_a_disk_that_does_not_take_it_is_told_and_the_next_run_looks_again(
    account: Account, disk: SlowDisk, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **FILES)
    journal = tmp_path / "journal.sqlite"
    transfers = service(account, journal)
    disk.fails = True
    disk.lets.set()
    await transfers.queue.wait(await fetch(transfers, bucket, tmp_path / "to"))
    while transfers.journal_problem is None:
        await asyncio.sleep(0.001)
    assert "did not take" in str(transfers.journal_problem)
    await end(transfers, journal)
    assert kept(journal) == (["arrived"] * 3, [0])

    # A power cut takes one of them, and what another one held.
    (tmp_path / "to/a").unlink()
    (tmp_path / "to/b").write_bytes(b"")
    disk.fails = False
    later = service(account, journal)
    (found,) = await later.cut_off.find()
    assert (found.files, found.bytes) == (3, 6)
    assert (found.arrived, found.files_to_go, found.bytes_to_go) == (3, 0, 0)
    ended = await later.queue.wait(number := await later.cut_off.go_on(found))
    assert ended.state is JobState.PARTLY_FAILED
    first, second, third = await later.queue.results(number)
    assert (first.state, first.message) == (FileState.DONE, "")
    assert (tmp_path / "to/a").read_bytes() == b"1"
    assert second.state is FileState.FAILED
    assert "exists now" in second.message
    assert "had arrived before" in third.message
    await later.stop()
    later.close()


async def test_what_is_not_on_the_disk_at_the_end_is_looked_at_by_the_next_run(
    account: Account, disk: SlowDisk, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **FILES)
    journal = tmp_path / "journal.sqlite"
    transfers = service(account, journal)
    await transfers.queue.wait(await fetch(transfers, bucket, tmp_path / "to"))
    await end(transfers, journal)
    assert not disk.lets.is_set()
    later = service(account, journal)
    (found,) = await later.cut_off.find()
    assert (found.arrived, found.files_to_go) == (3, 0)
    ended = await later.queue.wait(await later.cut_off.go_on(found))
    assert (ended.state, ended.files_done, ended.only_source) == (JobState.DONE, 3, "")
    disk.lets.set()
    # What is on its way to the disk is waited for.
    await later.stop()
    later.close()
    assert kept(journal) == (["done"] * 3, [1])


async def test_what_has_arrived_is_not_fetched_again_while_the_disk_is_slow(
    account: Account, disk: SlowDisk, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **FILES)
    transfers = service(account, tmp_path / "journal.sqlite")
    plan = await plan_download(transfers, bucket, [], ["p/"], tmp_path / "to", base="p/")
    s3.delete_object(Bucket=bucket, Key="p/b")
    job = await transfers.start_download(plan)
    assert (await transfers.queue.wait(job)).state is JobState.PARTLY_FAILED
    s3.put_object(Bucket=bucket, Key="p/b", Body=FILES["p/b"])
    transfers.queue.retry(job)
    ended = await transfers.queue.wait(job)
    assert (ended.state, ended.files_done, ended.failures) == (JobState.DONE, 3, ())
    assert not disk.lets.is_set()
    disk.lets.set()
    await transfers.stop()
    assert kept(tmp_path / "journal.sqlite") == (["done"] * 3, [1])
    transfers.close()


async def test_a_disk_that_does_not_answer_holds_up_no_other(disk: SlowDisk) -> None:
    noted: list[tuple[str | int, ...]] = []
    said: list[str] = []
    flushes = on_disk.OnDisk(lambda statement, *row: noted.append(row))
    disk.dead = "/dead/a"
    flushes.arrived("hangs", 1, "/dead/a", "/dead")
    flushes.over("hangs", True, lambda: said.append("hangs"))
    flushes.arrived("ends", 1, "/well/a", "/well")
    flushes.over("ends", True, lambda: said.append("ends"))
    async with asyncio.timeout(10):
        await flushes.flush("ends", threading.Event())
    assert (noted, said) == ([("ends", 1)], ["ends"])
    assert flushes.arrived_of("hangs") == {1}
    disk.lets.set()
    await flushes.leave(30)
    assert said == ["ends", "hangs"]


def test_the_system_takes_it(tmp_path: Path) -> None:
    on_disk.flush_to_disk([str(tmp_path), str(tmp_path / "gone")])
    on_disk.flush_to_disk([str(tmp_path / "gone")])


@pytest.mark.parametrize("said", ["sync: Unknown option f", "sync: invalid option -- 'f'"])
def test_a_sync_that_knows_no_file_system_brings_all_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    program, asked = tmp_path / "sync", tmp_path / "asked"
    program.write_text(
        f'#!/bin/sh\necho "$1" >> {asked}\n[ -z "$1" ] || {{ echo "{said}" >&2; exit 1; }}\n'
    )
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    on_disk.flush_to_disk([str(tmp_path)])
    assert asked.read_text() == "-f\n\n"
    program.write_text("#!/bin/sh\necho 'error syncing: Input/output error' >&2\nexit 1\n")
    with pytest.raises(OSError, match="Input/output"):
        on_disk.flush_to_disk([str(tmp_path)])


async def test_what_waits_for_a_disk_that_does_not_answer_can_be_stopped(
    disk: SlowDisk, tmp_path: Path
) -> None:
    recorder, stop = Recorder(tmp_path / "journal.sqlite"), threading.Event()
    recorder.disk.arrived("job", 1, str(tmp_path), str(tmp_path))
    waits = asyncio.create_task(recorder.disk.flush("job", stop))
    while not disk.asked:
        await asyncio.sleep(0.001)
    assert not waits.done()
    stop.set()
    with pytest.raises(StoppedError):
        async with asyncio.timeout(10):
            await waits
    recorder.close()


async def test_a_job_of_which_something_was_lost_earlier_is_not_over(disk: SlowDisk) -> None:
    noted: list[tuple[str | int, ...]] = []
    said: list[str] = []
    flushes = on_disk.OnDisk(lambda statement, *row: noted.append(row))
    disk.lets.set()
    disk.fails = True
    flushes.arrived("lost", 1, "/", "/")
    await flushes.flush("lost", threading.Event())
    disk.fails = False
    flushes.arrived("lost", 2, "/", "/")
    flushes.arrived("kept", 1, "/", "/")
    for job in ("lost", "kept"):
        flushes.over(job, True, lambda job=job: said.append(job))  # type: ignore[misc]
    await flushes.leave(30)
    assert noted == [("lost", 2), ("kept", 1)]
    assert said == ["kept"]
    # It is tried again, and what was lost is not among that.
    flushes.over("lost", False, lambda: said.append("again"))
    flushes.over("lost", True, lambda: said.append("over"))
    assert said == ["kept", "again"]
    assert flushes.arrived_of("lost") == {1}


async def test_what_the_process_of_a_killed_run_puts_in_place_at_the_last_moment_has_arrived(
    account: Account, tmp_path: Path, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(s3, bucket, **FILES)
    journal = tmp_path / "journal.sqlite"
    transfers = service(account, journal)
    transfers.queue.pause(await fetch(transfers, bucket, tmp_path / "to"), True)
    await transfers.leave()
    await end(transfers, journal)
    put_in_place = SmallFiles.put

    async def after_the_other(files: SmallFiles, file: SmallFile) -> Path:
        file.target.parent.mkdir(exist_ok=True)
        file.target.write_bytes(file.data)
        return await put_in_place(files, file)

    monkeypatch.setattr(SmallFiles, "put", after_the_other)
    later = service(account, journal)
    (found,) = await later.cut_off.find()
    number = await later.cut_off.go_on(found)
    ended = await later.queue.wait(number)
    assert ended.state is JobState.DONE, ended.failures
    assert all("had arrived" in each.message for each in await later.queue.results(number))
    await later.stop()
    later.close()
