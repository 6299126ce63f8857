"""Files of a job that are drawn from the journal: few in memory, and how each ended is kept."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import (
    ConflictPolicy,
    DownloadItem,
    FileResult,
    FileState,
    JobState,
    UploadItem,
)
from tui.services.transfers.job import FILES_AT_ONCE, Job
from tui.services.transfers.journal import recorded_files
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.recorded_files import LOW, WINDOW, RecordedFiles, recorded_unfit
from tui.services.transfers.journal.recorder import Recorder
from tui.services.transfers.journal.records import FileRecord, add_job
from tui.services.transfers.journal.resuming import UnfinishedFile
from tui.services.transfers.kept_items import UnfitFile, planned_download, planned_upload
from tui.services.transfers.route import Direction, Route

ROUTE = Route(Direction.UPLOAD, "b", "")


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder(None)
    yield recorder
    recorder.close()


class Played:
    """Work whose end is told by its key; counts how many are in memory at once."""

    alive: weakref.WeakSet[Played]
    most = 0

    def __init__(self, file: UnfinishedFile, ends: Callable[[str], FileState]) -> None:
        assert isinstance(file.item, UploadItem)
        self.item = file.item
        self.source, self.destination = str(file.item.path), file.item.key
        self.size = file.item.size
        self._ends = ends
        self.alive.add(self)
        type(self).most = max(self.most, len(self.alive))

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        await asyncio.sleep(0)
        state = self._ends(self.destination)
        if state is FileState.FAILED:
            raise ServiceError("No.", kind=ErrorKind.DENIED)
        on_bytes(self.size)
        return FileResult(self.source, self.destination, state, self.size)


async def job_of(recorder: Recorder, count: int, ends: Callable[[str], FileState]) -> Job:
    Played.alive, Played.most = weakref.WeakSet(), 0
    items = (UploadItem(Path(f"/d/\udcff{n:05}"), f"k{n:05}", 1, 1) for n in range(count))
    planned = [planned_upload(item, ConflictPolicy.SKIP) for item in items]
    record = await add_job(recorder, ROUTE, Connection(), lambda: planned)
    assert record is not None

    def make(file: UnfinishedFile, _: FileRecord) -> Played:
        return Played(file, ends)

    files = RecordedFiles(record, ROUTE, make, count=count, size=count)
    return Job(1, ROUTE, files, lambda: None)


async def test_the_files_of_a_large_job_are_never_all_in_memory(recorder: Recorder) -> None:
    count = 6 * WINDOW
    job = await job_of(recorder, count, lambda key: FileState.DONE)
    await job.run()
    assert job.snapshot().files_done == count
    assert Played.most <= WINDOW + LOW + 2 * FILES_AT_ONCE


async def test_a_retry_draws_what_failed_and_every_end_is_told_in_order(
    recorder: Recorder,
) -> None:
    fails = {"k00002", "k01500"}
    run: list[str] = []

    def ends(key: str) -> FileState:
        run.append(key)
        if key in fails:
            return FileState.FAILED
        return FileState.SKIPPED if key == "k00001" else FileState.DONE

    job = await job_of(recorder, 2000, ends)
    await job.run()
    results = await job.results()
    assert job.snapshot().state is JobState.PARTLY_FAILED
    assert [each.destination for each in results] == [f"k{n:05}" for n in range(2000)]
    assert results[0].source == "/d/\udcff00000"
    assert [each.message for each in results if each.state is FileState.FAILED] == ["No."] * 2
    assert results[1].state is FileState.SKIPPED
    fails.clear()
    run.clear()
    job.prepare_retry()
    await job.run()
    assert run == ["k00002", "k01500"]
    assert job.snapshot().state is JobState.DONE
    assert job.snapshot().files_done == 1999


async def test_what_was_cancelled_is_listed_and_done_when_it_is_tried_again(
    recorder: Recorder,
) -> None:
    def ends(key: str) -> FileState:
        if key == "k00100":
            job.cancel()
        return FileState.DONE

    job = await job_of(recorder, 3000, ends)
    await job.run()
    snapshot, results = job.snapshot(), await job.results()
    assert snapshot.state is JobState.CANCELLED
    assert snapshot.files_done < 3000
    states = [each.state for each in results]
    assert states.count(FileState.DONE) == snapshot.files_done
    assert states.count(FileState.CANCELLED) == 3000 - snapshot.files_done
    job.prepare_retry()
    await job.run()
    assert job.snapshot().files_done == 3000


async def test_what_comes_to_the_disk_while_a_retry_begins_is_not_done_again(
    recorder: Recorder, tmp_path: Path
) -> None:
    item = DownloadItem("k", 1, "e", None, tmp_path / "k")
    route = Route(Direction.DOWNLOAD, "b", str(tmp_path))
    planned = [planned_download(item, ConflictPolicy.SKIP)]
    record = await add_job(recorder, route, Connection(), lambda: planned)
    assert record is not None
    result = FileResult("k", str(item.target), FileState.DONE, 1)
    record.ended(0, result, str(item.target), str(tmp_path), str(tmp_path))

    def make(file: UnfinishedFile, _: FileRecord) -> Any:
        return file.number

    files = RecordedFiles(record, route, make, count=1, size=1, is_resumed=True)
    at_once = recorder.at_once

    async def slowly(function: Callable[[Journal], Any]) -> Any:
        answer = await at_once(function)
        await recorder.disk.leave(60)
        return answer

    recorder.at_once = slowly  # type: ignore[method-assign]
    await files.begin(threading.Event(), lambda _: None)
    assert recorder.disk.arrived_of(record.id) == set()
    assert await files.draw() is None


async def test_what_was_left_out_is_known_to_a_later_run_and_listed_with_all(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded_files, "LISTED", 7)
    monkeypatch.setattr(recorded_files, "SHOWN_UNFIT", 2)
    items = (UploadItem(Path(f"/d/{n:02}"), f"k{n:02}", 1, 1) for n in range(20))
    planned = [planned_upload(item, ConflictPolicy.SKIP) for item in items]
    unfit = [UnfitFile(f"/d/pipe{n}".encode(), "a pipe") for n in range(3)]
    record = await add_job(recorder, ROUTE, Connection(), lambda: [*planned, *unfit])
    assert record is not None
    found = await recorder.run(lambda journal: recorded_unfit(journal, record.id, ROUTE.direction))
    assert (found.count, [each.source for each in found.first]) == (3, ["/d/pipe0", "/d/pipe1"])
    assert {each.message for each in found.first} == {"a pipe"}

    def make(file: UnfinishedFile, _: FileRecord) -> Played:
        return Played(file, lambda key: FileState.DONE)

    files = RecordedFiles(record, ROUTE, make, count=20, size=20, left_out=found)
    job = Job(1, ROUTE, files, lambda: None)
    await job.run()
    assert (job.snapshot().files_total, job.snapshot().files_unfit) == (23, 3)
    parts = [part async for part in job.every_result()]
    assert [len(part) for part in parts] == [7, 7, 7, 2]
    assert [each.source for part in parts for each in part][-4:] == [
        "/d/19",
        *(f"/d/pipe{n}" for n in range(3)),
    ]


async def test_notes_that_could_not_be_written_are_written_when_they_can(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Journal.write

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    job = await job_of(recorder, 50, lambda key: FileState.DONE)
    monkeypatch.setattr(Journal, "write", full)
    await job.run()
    await recorder.sync()
    assert "full" in str(recorder.problem)
    monkeypatch.setattr(Journal, "write", write)
    assert len(await job.results()) == 50
    assert recorder.problem is None


def test_a_journal_of_the_version_before_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as old:
        old.executescript(
            """
            CREATE TABLE jobs (id TEXT PRIMARY KEY, owner TEXT);
            CREATE TABLE files (job TEXT, number INTEGER, state TEXT, PRIMARY KEY (job, number));
            INSERT INTO files VALUES ('j', 0, '');
            PRAGMA user_version = 1;
            """
        )
    journal = Journal(path)
    journal.write([("UPDATE files SET message = ? WHERE job = ?", (b"said", "j"))])
    assert journal.read("SELECT state, result, message FROM files") == [("", None, b"said")]
    journal.close()


async def test_a_journal_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    recorder = Recorder(path)
    assert await add_job(recorder, ROUTE, Connection(), lambda: ()) is None
    assert "newer version" in str(recorder.problem)
    recorder.close()
    assert path.read_bytes() == before
