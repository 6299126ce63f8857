"""Which ranges of a download a later run may rely on, and how what arrived is checked."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import threading
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import MIB, before_each, names, plan_download, put
from tests.services.transfers.test_passing_trouble import counting, failing
from tests.services.transfers.test_trouble import broken_bodies
from tui.services.aws import Account, session
from tui.services.placing import create_temporary
from tui.services.s3 import S3Service, StoppedError
from tui.services.s3.data.checksums import Checksum
from tui.services.spare_memory import spare_block
from tui.services.transfers import JobSnapshot, JobState, TransferService, Tuning
from tui.services.transfers.journal.begun import BegunDownload
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.local.direct_file import DirectFile
from tui.services.transfers.local.temporary_file import TemporaryFile
from tui.services.transfers.moving import ranges
from tui.services.transfers.moving.download import NOT_CHECKED

SIZE = 22 * MIB
"""Five ranges."""


@pytest.fixture(autouse=True)
def one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One range at a time, and one attempt: so it is known how far a download came."""
    monkeypatch.setattr(ranges, "RANGES_AT_ONCE", 1)
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)


@pytest.fixture
async def kept(account: Account, tmp_path: Path) -> AsyncIterator[TransferService]:
    tuning = Tuning(5 * MIB, quick=-1, range=5 * MIB)
    journal = tmp_path / "state" / "journal.sqlite"
    service = TransferService(S3Service(account), journal=journal, tuning=tuning, first_delay=0.01)
    yield service
    await service.stop()
    service.close()


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed and written down, in order."""
    seen: list[str] = []
    flush, range_done = TemporaryFile.flush, FileRecord.range_done

    def flushed(sink: TemporaryFile) -> None:
        flush(sink)
        seen.append("flushed")

    def done(record: FileRecord, start: int) -> None:
        seen.append(str(start // (5 * MIB)))
        range_done(record, start)

    monkeypatch.setattr(TemporaryFile, "flush", flushed)
    monkeypatch.setattr(FileRecord, "range_done", done)
    return seen


def put_in_parts(s3: Any, bucket: str, content: bytes, cuts: tuple[int, ...] = (11, 17)) -> None:
    """Store an object without a checksum, cut at so many MiB: where its parts are not alike, its
    ETag tells nothing of its content."""
    upload = s3.create_multipart_upload(Bucket=bucket, Key="x")["UploadId"]
    parts = []
    ends = [cut * MIB for cut in cuts]
    for number, (start, end) in enumerate(pairwise([0, *ends, len(content)]), 1):
        where = {"Bucket": bucket, "Key": "x", "UploadId": upload, "PartNumber": number}
        etag = s3.upload_part(**where, Body=content[start:end])["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(
        Bucket=bucket, Key="x", UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert s3.head_object(Bucket=bucket, Key="x")["ETag"].endswith(f'-{len(parts)}"')


async def broken(
    service: TransferService, s3: Any, bucket: str, folder: Path, after: int = 2
) -> JobSnapshot:
    """A download that is refused after so many ranges."""
    plan = await plan_download(service, bucket, ["x"], [], folder)
    with failing(s3, "GetObject", after, 403, "AccessDenied"):
        ended = await service.queue.wait(await service.start_download(plan))
    assert (ended.state, ended.can_go_on) == (JobState.FAILED, True)
    return ended


async def gone_on(service: TransferService, s3: Any, ended: JobSnapshot) -> int:
    """Go on with a job until all of it is done; gives how many ranges were asked for."""
    with counting(s3, "GetObject") as read:
        service.queue.retry(ended.id)
        ended = await service.queue.wait(ended.id)
    assert ended.state is JobState.DONE, ended.failures
    return len(read)


async def test_ranges_that_nothing_checks_are_written_down_once_they_are_on_the_disk(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path, noted: list[str]
) -> None:
    content = os.urandom(SIZE)
    put_in_parts(s3, bucket, content)
    ended = await broken(kept, s3, bucket, tmp_path / "to")
    assert noted == ["flushed", "0", "1"]
    read = await gone_on(kept, s3, ended)
    assert read == 4, "one of the two is read again"
    results = await kept.queue.results(ended.id)
    assert results[0].message == f"went on after 2 of 5 ranges; {NOT_CHECKED}"
    assert names(tmp_path / "to") == ["x"]
    assert (tmp_path / "to" / "x").read_bytes() == content


async def test_the_disk_is_waited_for_now_and_then_and_not_at_each_range(
    kept: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    noted: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_in_parts(s3, bucket, os.urandom(SIZE))
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "now")
    await kept.queue.wait(await kept.start_download(plan))
    assert noted == [], "it was over before"
    monkeypatch.setattr(ranges, "FLUSHED_EVERY", 0.0)
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "then")
    await kept.queue.wait(await kept.start_download(plan))
    assert noted == ["flushed", "0", "flushed", "1", "flushed", "2", "flushed", "3", "flushed", "4"]


async def test_what_can_be_checked_does_not_wait_for_the_disk(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path, noted: list[str]
) -> None:
    put(s3, bucket, x=os.urandom(SIZE))
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path)
    ended = await kept.queue.wait(await kept.start_download(plan))
    assert ended.state is JobState.DONE
    assert sorted(noted) == ["0", "1", "2", "3", "4"]


async def test_another_object_of_the_same_size_is_not_gone_on_with(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put_in_parts(s3, bucket, os.urandom(SIZE))
    ended = await broken(kept, s3, bucket, tmp_path / "to")
    put_in_parts(s3, bucket, os.urandom(SIZE))
    kept.queue.retry(ended.id)
    ended = await kept.queue.wait(ended.id)
    assert ended.state is JobState.FAILED
    assert "changed" in ended.failures[0].message
    assert names(tmp_path / "to") == []


async def test_ranges_that_were_to_be_checked_are_not_relied_on_when_nothing_checks_them(
    kept: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    noted: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = os.urandom(SIZE)
    put_in_parts(s3, bucket, content)
    whole = base64.b64encode(hashlib.sha256(content).digest()).decode()
    told: list[Checksum | None] = [Checksum("sha256", whole), None]
    monkeypatch.setattr("tui.services.s3.data.data_plane.checksum_in", lambda _: told.pop(0))
    ended = await broken(kept, s3, bucket, tmp_path / "to")
    assert noted == ["0", "1"], "they may not be on the disk"
    read = await gone_on(kept, s3, ended)
    assert read == 5
    assert (tmp_path / "to" / "x").read_bytes() == content


async def test_a_file_that_was_cut_is_not_gone_on_with(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    content = os.urandom(SIZE)
    put_in_parts(s3, bucket, content)
    ended = await broken(kept, s3, bucket, tmp_path / "to")
    (temporary,) = (tmp_path / "to").iterdir()
    os.truncate(temporary, 6 * MIB)
    kept.queue.retry(ended.id)
    ended = await kept.queue.wait(ended.id)
    assert ended.state is JobState.DONE, ended.failures
    assert names(tmp_path / "to") == ["x"]
    assert (tmp_path / "to" / "x").read_bytes() == content


def test_what_an_older_version_wrote_down_may_not_be_on_the_disk() -> None:
    begun = BegunDownload(Path("/to/.tristore-0.part"), 5)
    assert BegunDownload.of(begun.text) == begun
    assert begun.is_flushed
    assert not BegunDownload.of('{"temporary": "2f78", "step": 5}').is_flushed


def sink_in(folder: Path) -> TemporaryFile:
    target = folder / "x"
    return TemporaryFile(target, *create_temporary(target), lambda size: None)


@pytest.mark.parametrize("uses_disk", [True, False])
def test_an_md5_is_made_of_what_the_file_holds(uses_disk: bool, tmp_path: Path) -> None:
    sink, never = sink_in(tmp_path), threading.Event()
    if uses_disk:
        sink.use_disk()
    content = os.urandom(8 * MIB + 1)
    with spare_block() as block:
        for start in (5 * MIB, *range(0, 5 * MIB, MIB), *range(6 * MIB, len(content), MIB)):
            size = min(MIB, len(content) - start)
            block[:size] = content[start : start + size]
            sink.write(block[:size], start)
    sink.hash_to(300_000, never)
    sink.hash_to(100, never)
    others = [threading.Thread(target=sink.hash_to, args=(7 * MIB, never)) for _ in range(3)]
    for each in others:
        each.start()
    assert sink.md5(never) == hashlib.md5(content, usedforsecurity=False).hexdigest()
    for each in others:
        each.join()
    assert sink.temporary.read_bytes() == content
    sink.close()


def test_an_md5_tells_of_what_another_has_written(tmp_path: Path) -> None:
    sink, never = sink_in(tmp_path), threading.Event()
    sink.write(b"stored", 0)
    with sink.temporary.open("r+b") as other:
        other.write(b"broken")
    assert sink.md5(never) == hashlib.md5(b"broken", usedforsecurity=False).hexdigest()
    sink.close()


def test_a_cancelled_download_hashes_no_further(tmp_path: Path) -> None:
    sink, stopped = sink_in(tmp_path), threading.Event()
    sink.write(b"stored", 0)
    stopped.set()
    with pytest.raises(StoppedError):
        sink.md5(stopped)
    sink.close()


async def test_a_large_file_does_not_fill_the_page_cache(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    sink = sink_in(tmp_path)
    direct = DirectFile(sink.temporary, sink.descriptor)
    sink.close()
    if not direct.is_used:
        pytest.skip("this system has no way past it")
    direct.close()
    content = os.urandom(SIZE + 1)
    put(s3, bucket, x=content)
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path)
    ended = await kept.queue.wait(await kept.start_download(plan))
    assert ended.state is JobState.DONE, ended.failures
    descriptor = os.open(tmp_path / "x", os.O_RDONLY)
    # Reads what is in the page cache, and nothing else.
    with pytest.raises(BlockingIOError):
        os.preadv(descriptor, [bytearray(4096)], 0, os.RWF_NOWAIT)
    os.close(descriptor)
    assert (tmp_path / "x").read_bytes() == content


async def test_an_object_that_has_only_an_md5_is_hashed_while_it_arrives(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(SIZE)
    put(s3, bucket, x=content)
    monkeypatch.setattr("tui.services.s3.data.data_plane.checksum_in", lambda headers: None)
    left: list[int] = []
    md5 = TemporaryFile.md5

    def rest(sink: TemporaryFile, stop: Any) -> str:
        left.append(SIZE - sink._read_back)
        return md5(sink, stop)

    monkeypatch.setattr(TemporaryFile, "md5", rest)
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path)
    ended = await kept.queue.wait(await kept.start_download(plan))
    assert ended.state is JobState.DONE, ended.failures
    assert left == [0]
    assert (tmp_path / "x").read_bytes() == content


async def test_what_arrived_with_another_md5_is_thrown_away_on_a_thread(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing: list[threading.Thread] = []
    close = TemporaryFile.close

    def noted(sink: TemporaryFile) -> None:
        closing.append(threading.current_thread())
        close(sink)

    monkeypatch.setattr(TemporaryFile, "close", noted)
    put(s3, bucket, x=os.urandom(SIZE))
    monkeypatch.setattr("tui.services.s3.data.data_plane.checksum_in", lambda headers: None)
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "to")
    with broken_bodies(s3, 1, corrupt=True):
        ended = await kept.queue.wait(await kept.start_download(plan))
    assert "is not what is stored" in ended.failures[0].message
    assert names(tmp_path / "to") == []
    assert closing != [threading.main_thread()], "to remove gigabytes takes long"


async def test_a_folder_that_is_removed_meanwhile_is_said_and_made_again_by_a_retry(
    kept: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    content = os.urandom(SIZE)
    put(s3, bucket, x=content)
    plan = await plan_download(kept, bucket, ["x"], [], tmp_path / "to")
    read: list[int] = []

    def remove(**_: Any) -> None:
        read.append(1)
        if len(read) == 3:
            shutil.rmtree(tmp_path / "to")

    with before_each(s3, "GetObject", remove):
        number = await kept.start_download(plan)
        ended = await kept.queue.wait(number)
    assert "was removed meanwhile" in ended.failures[0].message
    kept.queue.retry(number)
    assert (await kept.queue.wait(number)).state is JobState.DONE
    assert (tmp_path / "to" / "x").read_bytes() == content
