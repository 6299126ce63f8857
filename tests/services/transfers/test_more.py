"""What a transfer finds while it runs: it begins before all is known, and nothing is left out."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import before_each, keys, names, plan_upload, put, tree
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.properties.upload_attributes import UploadAttributes
from tui.services.transfers import (
    ConflictPolicy,
    DownloadPlan,
    FileState,
    JobState,
    TransferService,
    UploadPlan,
    build_download_plan,
    build_upload_plan,
    parse_patterns,
)
from tui.services.transfers.feeding import more_of
from tui.services.transfers.local import local_walk
from tui.services.transfers.local.local_walk import walk
from tui.services.transfers.models import WalkPosition
from tui.services.transfers.more import MoreFiles, MoreObjects
from tui.services.transfers.route import Direction

ENDED = {JobState.DONE}


@pytest.fixture
async def kept(account: Account, tmp_path: Path) -> AsyncIterator[TransferService]:
    """A service with a journal."""
    service = TransferService(S3Service(account), journal=tmp_path / "state" / "journal.sqlite")
    yield service
    await service.stop()
    service.close()


def filled(folder: Path) -> list[str]:
    """Forty files in folders whose names are sorted otherwise by S3 than by the disk."""
    made = []
    for number in range(40):
        name = f"{('a', 'a-b', 'a.c', 'b')[number % 4]}/{number:02}.txt"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        made.append(name)
    return sorted(made, key=str.encode)


def begun_upload(
    service: TransferService, folder: Path, bucket: str, **options: Any
) -> tuple[UploadPlan, MoreFiles]:
    """The plan of the first files, and where the rest is."""
    first = next(iter(walk([folder])))
    more = MoreFiles((folder,), "in/", True, after=first.last, **options)
    plan = build_upload_plan(
        first.files,
        first.problems,
        bucket=bucket,
        prefix="in/",
        at=service.connection,
        patterns=more.patterns,
        follows_links=more.follows_links,
    )
    return plan, more


def test_a_walk_goes_on_behind_any_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_walk, "BATCH", 1)
    folder = tmp_path / "in"
    filled(folder)
    os.mkfifo(folder / "a" / "pipe")
    (folder / "a-link").symlink_to("nowhere")
    (tmp_path / "alone").write_text("x")
    paths = [tmp_path / "alone", folder, tmp_path / "gone", folder / "b"]
    whole = list(walk(paths))
    assert len(whole) == 1 + 42 + 1 + 10
    for number in random.Random(4).sample(range(len(whole)), 20):
        assert list(walk(paths, whole[number].last)) == whole[number + 1 :], whole[number]


def test_where_to_look_on_is_kept_to_the_byte(tmp_path: Path) -> None:
    patterns = parse_patterns('--exclude "*" --include "é*"')
    place = WalkPosition(1, "a/\udcff/")
    files = MoreFiles(
        (Path("/x/\udcff"), tmp_path),
        "p/",
        False,
        patterns,
        after=place,
        attributes=UploadAttributes("STANDARD_IA", tags=(("a", "b"),)),
        follows_links=False,
    )
    assert more_of(files.text, Direction.UPLOAD) == files
    policy = ConflictPolicy.KEEP_BOTH
    objects = MoreObjects(("p/", "q/"), "", patterns, policy, WalkPosition(0, "p/é"))
    assert more_of(objects.text, Direction.DOWNLOAD) == objects


async def test_what_the_plan_left_out_is_still_told_when_the_transfer_has_ended(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path / "data", a=b"1", b=b"2")
    pipe = tmp_path / "data" / "pipe"
    os.mkfifo(pipe)
    plan = await plan_upload(kept, [tmp_path / "data"], bucket, "")
    (tmp_path / "data" / "b").unlink()
    job = await kept.start_upload(plan)
    ended = await kept.queue.wait(job)
    assert (ended.files_failed, ended.files_unfit) == (1, 1)
    tree(tmp_path / "data", b=b"2")
    kept.queue.retry(job)
    ended = await kept.queue.wait(job)
    assert (ended.state, ended.files_total) == (JobState.DONE, 3)
    assert (ended.files_done, ended.files_skipped, ended.files_unfit) == (2, 1, 1)
    assert [each.source for each in ended.unfit] == [str(pipe)]
    last = (await kept.queue.results(job))[-1]
    assert (last.source, last.state) == (str(pipe), FileState.SKIPPED)
    assert "not a regular file" in last.message
    assert sorted(keys(s3, bucket)) == ["data/a", "data/b"]


async def test_an_upload_begins_with_the_first_files_and_finds_the_rest(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_walk, "BATCH", 7)
    made = filled(tmp_path / "data")
    os.mkfifo(tmp_path / "data" / "b" / "pipe")
    (tmp_path / "data" / "b" / "link").symlink_to(tmp_path / "data" / "a" / "00.txt")
    put(s3, bucket, **{"in/data/b/35.txt": b"there before"})
    patterns = parse_patterns('--exclude "*1.txt"')
    attributes = UploadAttributes(metadata=(("set", "late"),))
    plan, more = begun_upload(
        *(kept, tmp_path / "data", bucket),
        patterns=patterns,
        attributes=attributes,
        follows_links=False,
    )
    job = await kept.start_upload(plan, more=more)
    assert kept.queue.job(job).looking
    ended = await kept.queue.wait(job)
    sent = [name for name in made if not name.endswith("1.txt")]
    assert (ended.state, ended.looking) == (JobState.DONE, False)
    assert (ended.files_total, ended.files_skipped) == (len(sent) + 2, 3)
    unfit = {Path(each.source).name: each.message for each in ended.unfit}
    assert unfit == {
        "link": "a link, which is not followed, or below one",
        "pipe": "not a regular file (a device, a pipe or a socket)",
    }
    assert sorted(keys(s3, bucket)) == sorted(f"in/data/{name}" for name in sent)
    assert keys(s3, bucket)["in/data/b/35.txt"] == len(b"there before")
    last = s3.head_object(Bucket=bucket, Key=sorted(keys(s3, bucket))[-1])
    assert last["Metadata"] == {"set": "late"}
    results = await kept.queue.results(job)
    skipped = {each.message for each in results if each.state is FileState.SKIPPED}
    assert skipped == {"the key already exists", *unfit.values()}


async def test_what_exists_further_on_is_overwritten_only_where_that_was_chosen(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_walk, "BATCH", 7)
    filled(tmp_path / "data")
    put(s3, bucket, **{"in/data/b/35.txt": b"there before"})
    plan, more = begun_upload(kept, tmp_path / "data", bucket)
    await kept.queue.wait(await kept.start_upload(plan, ConflictPolicy.OVERWRITE, more=more))
    assert keys(s3, bucket)["in/data/b/35.txt"] == len(b"b/35.txt")


async def test_files_of_two_folders_for_one_key_are_sent_once_and_told(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    for folder in ("x", "y"):
        filled(tmp_path / folder / "data")
    paths = (tmp_path / "x" / "data", tmp_path / "y" / "data")
    plan = build_upload_plan((), (), bucket=bucket, prefix="in/", at=kept.connection)
    job = await kept.start_upload(
        plan, ConflictPolicy.OVERWRITE, more=MoreFiles(paths, "in/", True)
    )
    ended = await kept.queue.wait(job)
    assert (ended.files_done, ended.files_skipped) == (40, 40)
    assert "same key" in ended.unfit[0].message
    assert len(keys(s3, bucket)) == 40


async def test_a_look_that_fails_is_told_and_goes_on_with_a_retry(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_walk, "BATCH", 7)
    filled(tmp_path / "data")
    plan, more = begun_upload(kept, tmp_path / "data", bucket)

    def broken(**_: Any) -> None:
        raise ServiceError("No line.", kind=ErrorKind.OTHER)

    with before_each(s3, "ListObjectsV2", broken):
        ended = await kept.queue.wait(await kept.start_upload(plan, more=more))
    assert (ended.state, ended.files_done) == (JobState.PARTLY_FAILED, 7)
    assert "No line." in ended.failures[0].message
    assert ended.state.can_retry
    kept.queue.retry(ended.id)
    ended = await kept.queue.wait(ended.id)
    assert (ended.state, ended.files_done) == (JobState.DONE, 40)
    assert len(keys(s3, bucket)) == 40


async def test_a_look_that_was_cut_off_goes_on_in_a_later_run(
    account: Account,
    kept: TransferService,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_walk, "BATCH", 7)
    filled(tmp_path / "data")
    plan, more = begun_upload(kept, tmp_path / "data", bucket)
    begun, leaves = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def look(**_: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        leaves.wait(30)

    with before_each(s3, "ListObjectsV2", look):
        await kept.start_upload(plan, more=more)
        await begun.wait()
        leaving = asyncio.create_task(kept.leave())
        recorder = kept._recorder
        assert recorder is not None
        while not recorder.is_kept:  # from then on it stops
            await asyncio.sleep(0)
        leaves.set()
        await leaving
    kept.close()
    later = TransferService(S3Service(account), journal=tmp_path / "state" / "journal.sqlite")
    # The one that was closed lets go of the journal on a thread of its own.
    async with asyncio.timeout(20):
        while not (found := await later.cut_off.find()):
            await asyncio.sleep(0.01)
    (job,) = found
    assert job.more
    ended = await later.queue.wait(await later.cut_off.go_on(job))
    assert ended.state is JobState.DONE
    assert len(keys(s3, bucket)) == 40
    assert await later.cut_off.find() == ()
    later.close()


def begun_download(
    service: TransferService, bucket: str, folder: Path
) -> tuple[DownloadPlan, MoreObjects]:
    plan = build_download_plan((), (), bucket=bucket, folder=folder, at=service.connection)
    return plan, MoreObjects(("p/", "q/"), "")


async def test_a_download_finds_its_objects_while_it_runs_and_each_gets_its_name(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **{"p/a": b"1", "p/a/b": b"2", "p/a/c": b"3", "p/../x": b"4", "q/z": b"5"})
    folder = tmp_path / "to"
    (folder / "q").mkdir(parents=True)
    (folder / "q" / "z").write_bytes(b"mine")
    plan, more = begun_download(kept, bucket, folder)
    ended = await kept.queue.wait(await kept.start_download(plan, more=more))
    assert ended.state is JobState.DONE
    assert ended.files_skipped == 1
    assert names(folder) == ["p/%2E%2E/x", "p/a", "p/a (2)/b", "p/a (2)/c", "q/z"]
    assert (folder / "q" / "z").read_bytes() == b"mine"


async def test_a_download_goes_on_behind_the_last_key_that_was_written_down(
    kept: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    put(s3, bucket, **{"p/a": b"1", "p/b": b"2", "q/z": b"5"})
    plan, more = begun_download(kept, bucket, tmp_path / "to")
    behind = MoreObjects(more.prefixes, more.base, after=WalkPosition(0, "p/a"))
    await kept.queue.wait(await kept.start_download(plan, more=behind))
    assert names(tmp_path / "to") == ["p/b", "q/z"]
