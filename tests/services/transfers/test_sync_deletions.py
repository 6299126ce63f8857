"""What a sync deletes: after all else, exactly what was confirmed, and as it was listed."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import before_each, body, keys, names, plan_sync, put, tree
from tests.services.transfers.syncing import counts, found_cut_off, written
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers import (
    Direction,
    FileState,
    JobState,
    TransferService,
)
from tui.services.transfers.journal import deletions
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.sync import deleters


async def test_an_upload_deletes_in_parts_and_leaves_what_was_changed_since(
    service: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    undo: UndoStack,
) -> None:
    monkeypatch.setattr(deletions, "AT_ONCE", 3)
    folder = tree(tmp_path / "in", a=b"1")
    extras = {f"p/{number}\r\x07": b"x" for number in range(7)}
    put(s3, bucket, **extras, **{"q/stays": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)
    put(s3, bucket, **{"p/5\r\x07": b"changed"})
    job = await service.start_sync(plan)
    last = await service.queue.wait(job)
    assert last.state is JobState.DONE
    assert set(keys(s3, bucket)) == {"p/a", "p/5\r\x07", "q/stays"}
    done = counts(last)
    assert (done.planned, done.done, done.left, done.pending) == (7, 6, 1, 0)
    assert done.parts(is_active=False) == [
        "6 objects deleted",
        "1 not deleted because changed since",
    ]
    # The bucket keeps no versions.
    assert undo.deletes == []
    assert not done.undoable
    results = await service.queue.results(job)
    assert {each.source: each.state for each in results}["p/5\r\x07"] is FileState.SKIPPED
    assert sum(each.destination == "deleted" for each in results) == 6
    assert await service.cut_off.find() == ()


async def test_what_got_delete_markers_can_be_taken_back(
    service: TransferService, s3: Any, versioned: str, tmp_path: Path, undo: UndoStack
) -> None:
    folder = tree(tmp_path / "in")
    folder.mkdir()
    put(s3, versioned, **{"p/one": b"1", "p/two": b"2"})
    plan = await plan_sync(service, folder, versioned, deletes=True)
    # There is nothing to transfer.
    last = await service.queue.wait(await service.start_sync(plan))
    assert last.state is JobState.DONE
    assert keys(s3, versioned) == {}
    assert counts(last).undoable == 2
    [made] = undo.deletes
    assert made.bucket == versioned
    for name in made.markers:
        s3.delete_object(Bucket=versioned, Key=name.key, VersionId=name.version_id)
    assert keys(s3, versioned) == {"p/one": 1, "p/two": 1}


async def test_nothing_is_deleted_before_all_else_has_arrived_and_a_retry_goes_on(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "in", a=b"1", b=b"2")
    put(s3, bucket, **{"p/extra": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)
    (folder / "b").rename(folder / "c")
    job = await service.start_sync(plan)
    last = await service.queue.wait(job)
    assert last.state is JobState.PARTLY_FAILED
    assert counts(last).is_held_back
    assert set(keys(s3, bucket)) == {"p/a", "p/extra"}
    (folder / "c").rename(folder / "b")
    service.queue.retry(job)
    last = await service.queue.wait(job)
    assert last.state is JobState.DONE
    assert set(keys(s3, bucket)) == {"p/a", "p/b"}


async def test_what_the_plan_left_out_is_told_to_the_end_and_holds_back_no_deletion(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "in", a=b"1")
    os.mkfifo(folder / "pipe")
    put(s3, bucket, **{"p/extra": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)
    job = await service.start_sync(plan)
    last = await service.queue.wait(job)
    assert (last.state, last.files_total, last.files_unfit) == (JobState.DONE, 2, 1)
    assert [each.source for each in last.unfit] == [str(folder / "pipe")]
    assert "not a regular file" in last.unfit[0].message
    assert set(keys(s3, bucket)) == {"p/a"}
    every = [each async for part in service.queue.every_result(job) for each in part]
    assert [(each.state, each.destination) for each in every] == [
        (FileState.DONE, "p/a"),
        (FileState.SKIPPED, ""),
        (FileState.DONE, "deleted"),
    ]


async def test_what_is_refused_is_told_and_deleted_by_a_retry(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "in", a=b"1")
    put(s3, bucket, **{"p/extra": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)

    def refuse(**_: Any) -> None:
        raise ServiceError("No.", kind=ErrorKind.DENIED)

    with before_each(s3, "DeleteObjects", refuse):
        job = await service.start_sync(plan)
        last = await service.queue.wait(job)
    assert last.state is JobState.PARTLY_FAILED
    assert [each.message for each in last.failures] == ["No."]
    assert counts(last).parts(is_active=False) == ["1 not deleted yet"]
    service.queue.retry(job)
    assert (await service.queue.wait(job)).state is JobState.DONE
    assert set(keys(s3, bucket)) == {"p/a"}


async def test_a_download_removes_files_and_never_one_that_was_changed(
    service: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "in", old=b"1", changed=b"1", sub__deep=b"1")
    put(s3, bucket, **{"p/new": b"2"})
    plan = await plan_sync(service, folder, bucket, Direction.DOWNLOAD, deletes=True)
    (folder / "changed").write_bytes(b"22")
    last = await service.queue.wait(await service.start_sync(plan))
    assert last.state is JobState.DONE
    assert names(folder) == ["changed", "new"]
    assert counts(last).parts(is_active=False) == [
        "2 files deleted",
        "1 not deleted because changed since",
    ]


async def test_a_cancelled_sync_deletes_no_more_and_is_not_offered_again(
    service: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletions, "AT_ONCE", 2)
    folder = tree(tmp_path / "in", a=b"1")
    put(s3, bucket, **{f"p/{number}": b"x" for number in range(6)})
    plan = await plan_sync(service, folder, bucket, deletes=True)
    jobs: list[int] = []
    with before_each(s3, "DeleteObjects", lambda **_: service.queue.cancel(jobs[0])):
        jobs.append(await service.start_sync(plan))
        last = await service.queue.wait(jobs[0])
    assert last.state is JobState.CANCELLED
    assert counts(last).parts(is_active=False) == ["2 objects deleted", "4 not deleted yet"]
    assert len(keys(s3, bucket)) == 5
    assert await service.cut_off.find() == ()


async def test_a_job_that_was_left_is_offered_with_its_deletions_and_goes_on(
    service: TransferService, account: Account, s3: Any, bucket: str, tmp_path: Path
) -> None:
    folder = tree(tmp_path / "in", a=b"1")
    put(s3, bucket, **{"p/one": b"x", "p/two": b"x"})
    plan = await plan_sync(service, folder, bucket, deletes=True)
    job = await service.start_sync(plan)
    service.queue.pause(job, True)
    await service.leave()
    service.close()
    later = TransferService(S3Service(account), journal=tmp_path / "state" / "transfers.sqlite")
    try:
        [cut] = await found_cut_off(later)
        assert cut.deletions == 2
        put(s3, bucket, **{"p/two": b"written since"})
        last = await later.queue.wait(await later.cut_off.go_on(cut))
        assert last.state is JobState.DONE
        assert (counts(last).done, counts(last).left) == (1, 1)
        assert body(s3, bucket, "p/two") == b"written since"
        assert set(keys(s3, bucket)) == {"p/a", "p/two"}
        assert await later.cut_off.find() == ()
    finally:
        await later.stop()
        later.close()


async def test_what_is_dropped_deletes_no_more_and_what_it_has_deleted_can_be_taken_back(
    service: TransferService,
    account: Account,
    s3: Any,
    versioned: str,
    tmp_path: Path,
    undo: UndoStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deletions, "AT_ONCE", 1)
    journal = tmp_path / "state" / "transfers.sqlite"
    # As one that is killed, it keeps nothing for U.
    killed = TransferService(S3Service(account), journal=journal, first_delay=0.01)
    put(s3, versioned, **{f"p/{number}": b"x" for number in range(3)})
    (tmp_path / "in").mkdir()
    plan = await plan_sync(killed, tmp_path / "in", versioned, deletes=True)
    with before_each(s3, "DeleteObjects", lambda **_: killed.queue.pause(1, True)):
        await killed.start_sync(plan)
        async for (now,) in killed.queue.watch():
            if counts(now).done:
                break
    await killed.leave()
    killed.close()
    [cut] = await found_cut_off(service)
    assert cut.deletions == 2
    await service.cut_off.drop(cut)
    assert await service.cut_off.find() == ()
    [marker] = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    [made] = undo.deletes
    assert [(each.key, each.version_id) for each in made.markers] == [
        (marker["Key"], marker["VersionId"])
    ]
    assert len(keys(s3, versioned)) == 2


async def test_what_another_window_goes_on_with_is_not_touched_by_a_drop(
    service: TransferService, tmp_path: Path, undo: UndoStack
) -> None:
    killed = Journal(tmp_path / "state" / "transfers.sqlite")
    written(killed, "upload", "version")
    killed.close()
    [cut] = await service.cut_off.find()
    with closing(Journal(tmp_path / "state" / "transfers.sqlite")) as other:
        assert other.take(cut.id)
        with pytest.raises(ServiceError, match="Another window"):
            await service.cut_off.drop(cut)
        assert other.read("SELECT made FROM deletions ORDER BY number") == [("version",), ("",)]
        assert undo.deletes == []
    # It is of another account: what `U` could take back there is not forgotten here.
    with pytest.raises(ServiceError, match="belongs to the profile other"):
        await service.cut_off.drop(cut)
    assert await service.cut_off.find() == (cut,)


async def test_a_sync_to_this_machine_is_dropped_whatever_account_is_chosen(
    service: TransferService, tmp_path: Path
) -> None:
    killed = Journal(tmp_path / "state" / "transfers.sqlite")
    written(killed, "download", "")
    killed.close()
    [cut] = await service.cut_off.find()
    await service.cut_off.drop(cut)
    assert await service.cut_off.find() == ()


async def test_after_a_lost_answer_what_is_gone_is_found_with_its_marker(
    account: Account, s3: Any, versioned: str
) -> None:
    put(s3, versioned, one=b"1", two=b"2")
    etags = {
        each: s3.head_object(Bucket=versioned, Key=each)["ETag"].strip('"')
        for each in ("one", "two")
    }
    s3.delete_object(Bucket=versioned, Key="one")
    wanted = [
        deleters.SyncDeletion(number, key.encode(), 1, etag)
        for number, (key, etag) in enumerate(etags.items())
    ]
    at = account.connection
    deleter = deleters.ObjectDeleter(S3Service(account), versioned, at)
    ended = [each async for part in deleter.delete(wanted, again=True) for each in part]
    markers = s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]
    made = {each["Key"]: each["VersionId"] for each in markers}
    assert [(each.number, each.made) for each in ended] == [(0, made["one"]), (1, made["two"])]
    assert len(markers) == 2
