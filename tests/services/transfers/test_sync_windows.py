"""What a sync deletes while others hold the journal, the disk is full, or the account is left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import before_each, keys, plan_sync, put, tree
from tests.services.transfers.syncing import counts, found_cut_off, written
from tui.services import private_database
from tui.services.aws import Account
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers import JobState, SyncPlan, TransferService
from tui.services.transfers.journal import deletions
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.sync.deletion_counts import WAITS


@contextmanager
def another_window(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection to the journal."""
    path = tmp_path / "state" / "transfers.sqlite"
    path.parent.mkdir(exist_ok=True)
    opened = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    with closing(opened) as window:
        yield window


@contextmanager
def holding(window: sqlite3.Connection, s3: Any) -> Iterator[None]:
    """Let the other window hold the journal from the first delete on."""

    def hold(**_: Any) -> None:
        if not window.in_transaction:
            window.execute("BEGIN IMMEDIATE")

    with before_each(s3, "DeleteObjects", hold):
        yield


async def plan_of_five(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> SyncPlan:
    """A sync that deletes five objects, two at once, and waits for nobody long."""
    monkeypatch.setattr(private_database, "WAIT", 0.01)
    monkeypatch.setattr(deletions, "AT_ONCE", 2)
    (tmp_path / "in").mkdir()
    put(s3, bucket, **{f"p/{number}": b"x" for number in range(5)})
    return await plan_sync(service, tmp_path / "in", bucket, deletes=True)


async def test_another_window_that_holds_the_journal_is_waited_for(
    service: TransferService,
    s3: Any,
    versioned: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undo: UndoStack,
) -> None:
    plan = await plan_of_five(service, s3, versioned, tmp_path, monkeypatch)
    with another_window(tmp_path) as window:
        with holding(window, s3):
            job = await service.start_sync(plan)
            async for (now,) in service.queue.watch():
                if counts(now).waits:
                    break
        assert now.state is JobState.RUNNING
        assert counts(now).parts(is_active=True) == ["2 of 5 objects deleted", WAITS]
        window.execute("COMMIT")
        last = await service.queue.wait(job)
    assert last.state is JobState.DONE
    done = counts(last)
    assert (done.done, done.undoable, done.waits) == (5, 5, False)
    assert service.journal_problem is None
    assert keys(s3, versioned) == {}
    assert [len(each.markers) for each in undo.deletes] == [5]


async def test_one_that_is_cancelled_while_it_waits_for_another_window_keeps_what_it_did(
    service: TransferService,
    s3: Any,
    versioned: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undo: UndoStack,
) -> None:
    plan = await plan_of_five(service, s3, versioned, tmp_path, monkeypatch)
    with another_window(tmp_path) as window:
        with holding(window, s3):
            job = await service.start_sync(plan)
            async for (now,) in service.queue.watch():
                if counts(now).waits:
                    service.queue.cancel(job)
                    break
            last = await service.queue.wait(job)
        assert last.state is JobState.CANCELLED
        assert counts(last).parts(is_active=False) == ["2 objects deleted", "3 not deleted yet"]
        assert counts(last).undo_text == "U brings them back."
        [made] = undo.deletes
        assert [each.key for each in made.markers] == ["p/0", "p/1"]
        window.execute("COMMIT")
    service.queue.retry(job)
    last = await service.queue.wait(job)
    assert (last.state, counts(last).done) == (JobState.DONE, 5)
    markers = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    made_by_us = {(each.key, each.version_id) for every in undo.deletes for each in every.markers}
    assert len(markers) == 5
    assert made_by_us == {(each["Key"], each["VersionId"]) for each in markers}


async def test_while_the_journal_cannot_be_written_nothing_is_deleted_and_a_retry_goes_on(
    service: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Journal.write
    folder = tree(tmp_path / "in", a=b"1", b=b"2")
    put(s3, bucket, **{"p/extra": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    job = await service.start_sync(plan)
    monkeypatch.setattr(Journal, "write", full)
    last = await service.queue.wait(job)
    assert set(keys(s3, bucket)) == {"p/a", "p/b", "p/extra"}
    assert last.state is JobState.PARTLY_FAILED
    assert counts(last).parts(is_active=False) == ["1 not deleted yet"]
    [failure] = last.failures
    assert failure.message.startswith("Nothing more is deleted: ")
    assert "database or disk is full" in failure.message
    assert "Free some space" in failure.message
    assert "Then r" in failure.message
    service.queue.retry(job)
    last = await service.queue.wait(job)
    [failure] = last.failures
    assert "database or disk is full" in failure.message
    monkeypatch.setattr(Journal, "write", write)
    service.queue.retry(job)
    last = await service.queue.wait(job)
    assert (last.state, last.files_done, counts(last).done) == (JobState.DONE, 2, 1)
    assert set(keys(s3, bucket)) == {"p/a", "p/b"}


async def test_deletions_go_on_where_they_were_confirmed_when_the_region_is_left(
    service: TransferService,
    account: Account,
    s3: Any,
    versioned: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undo: UndoStack,
) -> None:
    monkeypatch.setattr(deletions, "AT_ONCE", 2)
    (tmp_path / "in").mkdir()
    put(s3, versioned, **{f"p/{number}": b"x" for number in range(5)})
    plan = await plan_sync(service, tmp_path / "in", versioned, deletes=True)
    with before_each(s3, "DeleteObjects", lambda **_: account.switch(region="eu-west-1")):
        last = await service.queue.wait(await service.start_sync(plan))
    assert account.target.region == "eu-west-1"
    assert (last.state, last.failures) == (JobState.DONE, ())
    assert (counts(last).done, counts(last).undoable) == (5, 5)
    assert keys(s3, versioned) == {}
    assert undo.newest(account.connection) is not None


async def test_what_another_window_did_of_a_cut_off_transfer_is_not_counted_again(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path, account: Account
) -> None:
    path = tmp_path / "state" / "transfers.sqlite"
    folder = tree(tmp_path / "in", a=b"1", b=b"2")
    put(s3, bucket, **{"p/one": b"x", "p/two": b"x"})
    killed = TransferService(S3Service(account), journal=path)
    plan = await plan_sync(killed, folder, bucket, deletes=True)
    killed.queue.pause(await killed.start_sync(plan), True)
    await killed.leave()
    killed.close()
    [cut] = await found_cut_off(service)
    assert (cut.files, cut.deletions) == (2, 2)
    with closing(Journal(path)) as other:
        assert other.take(cut.id)
        other.write([("UPDATE files SET state = 'done' WHERE number = 0", ())])
        other.write([("UPDATE deletions SET state = 'done' WHERE number = 0", ())])
        with pytest.raises(ServiceError, match="Another window"):
            await service.cut_off.go_on(cut)
    last = await service.queue.wait(await service.cut_off.go_on(cut))
    assert (last.state, last.files_total, last.files_done) == (JobState.DONE, 1, 1)
    assert (counts(last).planned, counts(last).done) == (1, 1)


async def test_a_cut_off_transfer_that_another_window_has_ended_is_not_begun_again(
    service: TransferService, tmp_path: Path, account: Account
) -> None:
    killed = Journal(tmp_path / "state" / "transfers.sqlite")
    written(killed, "download", "")
    killed.write([("UPDATE jobs SET account = ''", ())])
    killed.close()
    [cut] = await service.cut_off.find()
    at = await account.connect()
    here = replace(cut, endpoint=at.endpoint or "", profile=at.profile)
    with closing(Journal(tmp_path / "state" / "transfers.sqlite")) as other:
        other.write([("UPDATE deletions SET state = 'done'", ())])
    with pytest.raises(ServiceError, match="nothing of it is left"):
        await service.cut_off.go_on(here)
    assert await service.cut_off.find() == ()
