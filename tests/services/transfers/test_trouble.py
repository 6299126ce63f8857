"""Overload, broken connections, corruption: what no server here can be made to do, played."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import (
    MIB,
    body,
    keys,
    names,
    plan_download,
    plan_upload,
    put,
    tree,
    unfinished,
)
from tui.services.aws import session
from tui.services.transfers import ConflictPolicy, JobState, TransferService

ERROR = "<Error><Code>{code}</Code><Message>played</Message></Error>"


@pytest.fixture(autouse=True)
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK does not try again by itself, so that the tests need not wait for its backoff."""
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)


@contextmanager
def answering(s3: Any, operation: str, answer: Callable[[Any], Any]) -> Iterator[None]:
    """Answer the operation in the server's place; None lets the server answer."""
    event = f"before-send.s3.{operation}"
    s3.meta.events.register(event, lambda request, **_: answer(request), unique_id=operation)
    try:
        yield
    finally:
        s3.meta.events.unregister(event, unique_id=operation)


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._content


def refusal(url: str, status: int, code: str) -> Any:
    from botocore.awsrequest import AWSResponse, HeadersDict

    headers: Any = HeadersDict()
    return AWSResponse(url, status, headers, _Raw(ERROR.format(code=code).encode()))


async def test_slow_down_is_waited_out_and_nothing_is_lost(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path / "many", **{f"f{number:02}": b"x" for number in range(40)})
    refused: list[str] = []

    def overloaded(request: Any) -> Any:
        if len(refused) < 30:
            refused.append(request.url)
            return refusal(request.url, 503, "SlowDown")
        return None

    with answering(s3, "PutObject", overloaded):
        plan = await plan_upload(transfers, [tmp_path / "many"], bucket, "")
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert len(refused) == 30
    assert len(keys(s3, bucket)) == 40
    assert snapshot.bytes_done == 40


async def test_endless_slow_down_ends_as_a_failure_that_can_be_retried(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    with answering(s3, "PutObject", lambda request: refusal(request.url, 503, "SlowDown")):
        job = await transfers.start_upload(plan)
        snapshot = await transfers.queue.wait(job)
    assert snapshot.state is JobState.FAILED
    assert "SlowDown" in snapshot.failures[0].message
    transfers.queue.retry(job)
    assert (await transfers.queue.wait(job)).state is JobState.DONE


async def test_a_failed_part_aborts_the_upload(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    (tmp_path / "large").write_bytes(bytes(11 * MIB))
    plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "")

    def deny_the_second(request: Any) -> Any:
        second = "partNumber=2" in request.url
        return refusal(request.url, 403, "AccessDenied") if second else None

    with answering(s3, "UploadPart", deny_the_second):
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert "AccessDenied" in snapshot.failures[0].message
    assert snapshot.bytes_done == 0
    assert unfinished(s3, bucket) == []
    assert keys(s3, bucket) == {}


async def test_parts_that_cannot_be_removed_are_said_to_remain(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    (tmp_path / "large").write_bytes(bytes(6 * MIB))
    plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "")

    def deny(request: Any) -> Any:
        return refusal(request.url, 403, "AccessDenied")

    with answering(s3, "UploadPart", deny), answering(s3, "AbortMultipartUpload", deny):
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert "its parts could not be removed" in snapshot.failures[0].message
    assert "F8" in snapshot.failures[0].message
    for upload in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]:
        s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


@pytest.mark.parametrize("there", [False, True])
async def test_a_server_without_conditions_is_looked_at_just_before(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, there: bool
) -> None:
    tree(tmp_path, x=b"mine")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    if there:
        put(s3, bucket, x=b"theirs")

    def knows_no_conditions(request: Any) -> Any:
        conditional = "If-None-Match" in request.headers
        return refusal(request.url, 501, "NotImplemented") if conditional else None

    with answering(s3, "PutObject", knows_no_conditions):
        job = await transfers.start_upload(plan, ConflictPolicy.OVERWRITE)
        snapshot = await transfers.queue.wait(job)
    assert snapshot.state is (JobState.FAILED if there else JobState.DONE)
    assert body(s3, bucket, "x") == (b"theirs" if there else b"mine")


async def test_a_conflicting_write_is_tried_again(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x=b"mine")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    refused: list[int] = []

    def race_once(request: Any) -> Any:
        if refused:
            return None
        refused.append(1)
        return refusal(request.url, 409, "ConditionalRequestConflict")

    with answering(s3, "PutObject", race_once):
        snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.DONE
    assert snapshot.bytes_done == 4


class _Broken:
    """A body that breaks after its first bytes, or gives other bytes than it should."""

    def __init__(self, body: Any, corrupt: bool) -> None:
        self._body = body
        self._corrupt = corrupt

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        from botocore.exceptions import ResponseStreamingError

        for chunk in self._body.iter_chunks(size):
            if self._corrupt:
                yield bytes([chunk[0] ^ 1]) + chunk[1:]
            else:
                yield chunk[:1]
                raise ResponseStreamingError(error="played")

    def close(self) -> None:
        self._body.close()


@contextmanager
def broken_bodies(s3: Any, times: int, *, corrupt: bool = False) -> Iterator[list[int]]:
    broken: list[int] = []

    def replace(parsed: dict[str, Any], **_: Any) -> None:
        if len(broken) < times and "Body" in parsed:
            broken.append(1)
            parsed["Body"] = _Broken(parsed["Body"], corrupt)

    s3.meta.events.register("after-call.s3.GetObject", replace, unique_id="broken")
    try:
        yield broken
    finally:
        s3.meta.events.unregister("after-call.s3.GetObject", unique_id="broken")


@pytest.mark.parametrize("size", [1000, 6 * MIB])
async def test_a_connection_that_breaks_while_reading_is_asked_again(
    transfers: TransferService, s3: Any, bucket: str, tmp_path: Path, size: int
) -> None:
    content = os.urandom(size)
    put(s3, bucket, x=content)
    plan = await plan_download(transfers, bucket, ["x"], [], tmp_path / "to")
    with broken_bodies(s3, 2) as broken:
        snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert len(broken) == 2
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert (tmp_path / "to" / "x").read_bytes() == content
    assert snapshot.bytes_done == size


async def test_what_arrived_wrong_is_thrown_away(
    transfers: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put(s3, bucket, x=b"right")
    plan = await plan_download(transfers, bucket, ["x"], [], tmp_path / "to")
    with broken_bodies(s3, 1, corrupt=True):
        snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert "is not what is stored" in snapshot.failures[0].message
    assert names(tmp_path / "to") == []
    assert snapshot.bytes_done == 0


@pytest.mark.parametrize("size", [10, 6 * MIB])
async def test_a_disk_that_fails_while_reading_fails_its_file_alone(
    transfers: TransferService,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "bad").write_bytes(bytes(size))
    (tmp_path / "good").write_bytes(b"1")
    inode = (tmp_path / "bad").stat().st_ino
    pread = os.pread

    def failing(descriptor: int, length: int, offset: int) -> bytes:
        if os.fstat(descriptor).st_ino == inode:
            raise OSError(errno.EIO, "Input/output error")
        return pread(descriptor, length, offset)

    monkeypatch.setattr(os, "pread", failing)
    plan = await plan_upload(transfers, [tmp_path / "bad", tmp_path / "good"], bucket, "")
    snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.PARTLY_FAILED
    assert "Input/output error" in snapshot.failures[0].message
    assert "defect" not in snapshot.failures[0].message
    assert keys(s3, bucket) == {"good": 1}
    assert unfinished(s3, bucket) == []


async def test_a_disk_that_fails_while_checking_fails_its_file_alone(
    transfers: TransferService,
    s3: Any,
    bucket: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(s3, bucket, x=b"1")

    def failing(*_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "preadv", failing)
    plan = await plan_download(transfers, bucket, ["x"], [], tmp_path / "to")
    snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert "Input/output error" in snapshot.failures[0].message
    assert "defect" not in snapshot.failures[0].message
    assert names(tmp_path / "to") == []
