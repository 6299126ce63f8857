"""The journal where it is shared, damaged, of another version, or about another account."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.services.transfers.places import (
    before_each,
    keys,
    plan_upload,
    powerless,
    tree,
    unfinished,
)
from tui.services import private_database
from tui.services.aws import Account, Connection, Identity, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service, StoppedError
from tui.services.transfers import ConflictPolicy, CutOff, JobState, TransferService, UploadItem
from tui.services.transfers.journal import journal as journal_module
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.journal_problem import JournalHeldError
from tui.services.transfers.journal.recorder import BATCH, Recorder
from tui.services.transfers.journal.records import ADD_FILE, ADD_JOB, add_job
from tui.services.transfers.journal.resuming import cut_off
from tui.services.transfers.kept_items import planned_upload
from tui.services.transfers.route import Direction, Route


def damaged(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + os.urandom(4096))


def no_journal(path: Path) -> None:
    path.write_text("notes of somebody else's " * 50)


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (damaged, "damaged: move it away"),
        (no_journal, "damaged: move it away"),
        (newer, "newer version"),
        (a_folder, "Is a directory"),
    ],
)
async def test_a_journal_that_cannot_be_used_is_told_of_and_transfers_run_on(
    account: Account,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    make: Callable[[Path], None],
    said: str,
) -> None:
    path = tmp_path / "journal.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    service = TransferService(S3Service(account), journal=path)
    with pytest.raises(ServiceError) as raised:
        await service.cut_off.find()
    assert said in str(raised.value)
    assert str(path) in raised.value.cause
    tree(tmp_path, x=b"1")
    plan = await plan_upload(service, [tmp_path / "x"], bucket, "")
    ended = await service.queue.wait(await service.start_upload(plan))
    assert (ended.state, ended.in_journal) == (JobState.DONE, False)
    assert said in str(service.journal_problem)
    assert keys(s3, bucket) == {"x": 1}
    await service.stop()
    service.close()
    assert before == (path.read_bytes() if path.is_file() else b"")


async def test_a_journal_in_a_folder_that_may_not_be_written_is_told_of(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    recorder = Recorder(tmp_path / "no" / "journal.sqlite")
    (tmp_path / "no").mkdir(mode=0o555)
    with powerless():
        assert (
            await add_job(recorder, Route(Direction.UPLOAD, "b", ""), Connection(), lambda: ())
            is None
        )
    recorder.close()
    assert "Check the permissions" in str(recorder.problem)


def written(journal: Journal, job: str, bucket: str = "b", begun: str = "") -> None:
    """Write down an upload of one file, as a process does that has begun it."""
    item = planned_upload(UploadItem(Path("/x"), "x", 1, 1), ConflictPolicy.SKIP)
    where = ("default", "us-east-1", "", "")
    file = (job, 0, item.source, item.destination, 1, item.details)
    journal.write(
        [
            (ADD_JOB, (job, journal.owner, "upload", *where, bucket, b"", 1.0)),
            (ADD_FILE, file),
            ("UPDATE files SET begun = ? WHERE job = ?", (begun, job)),
        ]
    )


def filled(journal: Journal, path: Path) -> int:
    """Write down a job of many files; gives the size of the journal."""
    written(journal, "j1")
    files = [(ADD_FILE, ("j1", n, b"x" * 500, b"y" * 500, 1, "{}")) for n in range(1, 3000)]
    journal.write(files)
    return path.stat().st_size + path.with_name(f"{path.name}-wal").stat().st_size


@pytest.mark.parametrize("could_not_shrink_before", [False, True])
def test_a_journal_shrinks_when_its_jobs_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, could_not_shrink_before: bool
) -> None:
    monkeypatch.setattr(journal_module, "FORGOTTEN_AT_ONCE", 700)
    path = tmp_path / "journal.sqlite"
    if could_not_shrink_before:
        with closing(sqlite3.connect(path)) as old:
            old.executescript("CREATE TABLE x (y); DROP TABLE x;")
    journal = Journal(path)
    before = filled(journal, path)
    journal.forget(["j1"])
    assert journal.read("SELECT count(*) FROM files") == [(0,)]
    with closing(sqlite3.connect(path, isolation_level=None)) as window:
        window.execute("BEGIN IMMEDIATE")
        assert not journal.shrink(), "it must not wait for another window"
        window.execute("COMMIT")
    while journal.shrink():
        pass
    after = path.stat().st_size + path.with_name(f"{path.name}-wal").stat().st_size
    journal.close()
    assert before > 3_000_000
    assert after < 1_100_000


def test_two_windows_share_the_journal_and_leave_each_other_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    first, second, third = Journal(path), Journal(path), Journal(path)
    written(first, "j1")
    written(second, "j2")
    assert cut_off(first) == cut_off(second) == ()
    assert not second.take("j1")
    first.close()
    assert [job.id for job in cut_off(second)] == ["j1"]
    assert second.take("j1")
    assert not third.take("j1")
    assert cut_off(third) == ()
    second.close()
    assert [job.id for job in cut_off(third)] == ["j1", "j2"]
    third.close()


def of(**changed: Any) -> CutOff:
    job = CutOff(
        "j", Direction.UPLOAD, "dev", "us-east-1", "", "111", "b", "", datetime.now(UTC), 1, 1
    )
    return replace(job, **changed)


def at(account: str = "", profile: str = "dev", endpoint: str | None = None) -> Connection:
    identity = Identity(account, "arn", None) if account else None
    return Connection(Target(endpoint_url=endpoint), profile=profile, identity=identity)


@pytest.mark.parametrize(
    ("job", "here"),
    [
        (of(), at("111")),
        (of(), at("111", profile="another name for it")),
        (of(), at()),  # a server that does not say whose it is
        (of(account=""), at("111")),
        (of(endpoint="http://x"), at("111", endpoint="http://x")),
    ],
)
def test_a_transfer_goes_on_where_it_was_begun(job: CutOff, here: Connection) -> None:
    job.refuse_elsewhere(here)


@pytest.mark.parametrize(
    ("job", "here", "said"),
    [
        (of(), at("222"), "belongs to the profile dev (account 111), region us-east-1, on AWS"),
        (of(account=""), at("111", profile="prod"), "belongs to the profile dev, region us-east-1"),
        (of(), at("111", endpoint="http://x"), "on AWS"),
        (of(endpoint="http://x"), at("111"), "on the endpoint http://x"),
        (of(endpoint="http://x"), at("111", endpoint="http://y"), "on the endpoint http://x"),
    ],
)
def test_a_transfer_of_another_account_or_endpoint_is_refused(
    job: CutOff, here: Connection, said: str
) -> None:
    with pytest.raises(ServiceError) as raised:
        job.refuse_elsewhere(here)
    assert raised.value.kind is ErrorKind.CONFLICT
    assert said in raised.value.message
    assert "Switch there" in raised.value.hint


async def test_what_could_not_be_dropped_is_offered_again(
    account: Account, tmp_path: Path, s3: Any, bucket: str
) -> None:
    upload = s3.create_multipart_upload(Bucket=bucket, Key="x")["UploadId"]
    stamp = {"device": 1, "inode": 1, "size": 1, "mtime_ns": 1}
    begun = {"upload_id": upload, "key": "x", "step": 1, "summed": False, "begun": 1.0}
    path = tmp_path / "journal.sqlite"
    killed = Journal(path)
    written(killed, "j", bucket, json.dumps({**begun, "stamp": stamp}))
    endpoint = account.connection.endpoint
    killed.write([("UPDATE jobs SET endpoint = ?", (endpoint,))])
    killed.close()
    service = TransferService(S3Service(account), journal=path)
    (job,) = await service.cut_off.find()

    def denied(**_: Any) -> None:
        raise ServiceError("No.", kind=ErrorKind.DENIED)

    held = (await account.connect()).client("s3")
    with before_each(held, "AbortMultipartUpload", denied), pytest.raises(ServiceError):
        await service.cut_off.drop(job)
    assert [each.id for each in await service.cut_off.find()] == ["j"]
    await service.cut_off.drop(job)
    assert await service.cut_off.find() == ()
    assert unfinished(s3, bucket) == []
    service.close()


def test_a_newer_version_that_comes_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as older:
        written(older, "j1")
        with closing(sqlite3.connect(path)) as newer_window:
            version = journal_module.VERSION + 1
            newer_window.execute(f"PRAGMA user_version = {version}")
            newer_window.execute("UPDATE jobs SET owner = 'gone', is_over = 1")
            newer_window.commit()
        for change in (
            lambda: older.write([("DELETE FROM jobs", ())]),
            lambda: older.take("j1"),
            lambda: older.cut_off(),
        ):
            with pytest.raises(sqlite3.DatabaseError, match="newer version"):
                change()
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("SELECT owner, is_over FROM jobs").fetchall() == [("gone", 1)]
        assert kept.execute("SELECT count(*) FROM files").fetchone() == (1,)
        assert kept.execute("PRAGMA user_version").fetchone() == (version,)


async def test_tables_of_an_older_version_that_its_window_holds_are_told_of_and_changed_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_database, "WAIT", 0.01)
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as made:
        written(made, "j1")
    with closing(sqlite3.connect(path, isolation_level=None)) as older:
        older.executescript("DROP TABLE deletions; PRAGMA user_version = 4; BEGIN IMMEDIATE")
        recorder = Recorder(path)
        with pytest.raises(JournalHeldError) as raised:
            await recorder.run(cut_off)
        assert "held by another window" in str(raised.value)
        # What begins now does not wait: it runs without the journal, which is said.
        assert (
            await add_job(recorder, Route(Direction.UPLOAD, "b", ""), Connection(), tuple) is None
        )
        assert "transfers run without it" in str(recorder.problem)
        assert "locked" in str(recorder.problem)
        assert older.execute("PRAGMA user_version").fetchone() == (4,)
        older.execute("COMMIT")
        [job] = await recorder.run(cut_off)
        assert (job.id, job.files) == ("j1", 1)
        assert older.execute("PRAGMA user_version").fetchone() == (journal_module.VERSION,)
        recorder.close()


def end_while_something_is_noted(path: Path) -> None:
    recorder = Recorder(path)
    under_way: list[asyncio.Task[None]] = []

    async def ended_by_the_loop() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(BATCH):
                recorder.note("UPDATE files SET state = 'done' WHERE job = 'j1'")

    async def main() -> None:
        under_way.append(asyncio.create_task(ended_by_the_loop()))
        await asyncio.sleep(0)

    asyncio.run(main())
    recorder.close()
    recorder._pool._executor.shutdown()


def test_what_is_noted_while_the_event_loop_ends_is_written_and_leaves_no_task(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as made:
        written(made, "j1")
    end_while_something_is_noted(path)
    gc.collect()
    assert "was destroyed" not in caplog.text
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("SELECT state FROM files").fetchall() == [("done",)]


async def test_a_job_waits_until_another_one_has_written_what_both_have_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_database, "WAIT", 0.01)
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as made:
        written(made, "j1")
    recorder, one_waits, other_waits = Recorder(path), asyncio.Event(), asyncio.Event()
    with closing(sqlite3.connect(path, isolation_level=None)) as window:
        window.execute("BEGIN IMMEDIATE")
        recorder.note("UPDATE files SET state = 'done' WHERE job = 'j1'")
        one = asyncio.create_task(recorder.all_written(Event(), lambda _: one_waits.set()))
        await recorder.sync()
        async with asyncio.timeout(30):
            await one_waits.wait()
        other = asyncio.create_task(recorder.all_written(Event(), lambda _: other_waits.set()))
        async with asyncio.timeout(30):
            await other_waits.wait()
        assert not other.done()
        stopped = Event()
        stopped.set()
        with pytest.raises(StoppedError):
            await recorder.all_written(stopped, lambda _: None)
        window.execute("COMMIT")
    await other
    state = await recorder.at_once(lambda journal: journal.read("SELECT state FROM files", ()))
    assert state == [("done",)]
    await one
    recorder.close()
