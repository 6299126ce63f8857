"""Uploading: every byte arrives, nothing is overwritten unseen, nothing half-written remains."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.services.transfers.places import (
    MIB,
    before_each,
    body,
    keys,
    plan_upload,
    put,
    tree,
    unfinished,
)
from tui.services.audit import AuditLog
from tui.services.transfers import (
    ConflictPolicy,
    FileState,
    JobSnapshot,
    JobState,
    TransferService,
)
from tui.services.transfers.local.content_types import content_type

HOSTILE = [
    "[red]x[/]",
    "tab\there",
    "\x1b[31mred",
    "quo\"te's",
    "ünï-NFC-\u00e9",
    "NFD-e\u0301",
    "😀.txt",
    "a b+c%2F&?#.csv",
    "~",
    "-rf",
    "back\\slash",
    "line\nend",
]


async def upload(
    service: TransferService,
    paths: list[Path],
    bucket: str,
    prefix: str = "",
    policy: ConflictPolicy = ConflictPolicy.SKIP,
) -> JobSnapshot:
    plan = await plan_upload(service, paths, bucket, prefix)
    return await service.queue.wait(await service.start_upload(plan, policy))


@pytest.mark.parametrize("name", HOSTILE)
async def test_names_reach_s3_unchanged(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, name: str
) -> None:
    folder = tmp_path / "in"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(name.encode())
    snapshot = await upload(transfers, [folder], bucket, "p//")
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert keys(s3, bucket) == {f"p//in/{name}": len(name.encode())}
    assert body(s3, bucket, f"p//in/{name}") == name.encode()


async def test_an_empty_file_arrives_and_an_empty_folder_does_not(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path / "d", empty=b"")
    (tmp_path / "d" / "nothing").mkdir()
    snapshot = await upload(transfers, [tmp_path / "d"], bucket)
    assert keys(s3, bucket) == {"d/empty": 0}
    assert (snapshot.files_done, snapshot.bytes_done, snapshot.bytes_total) == (1, 0, 0)


async def test_a_large_file_goes_in_parts_and_arrives_whole(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    content = os.urandom(12 * MIB + 17)
    (tmp_path / "large.bin").write_bytes(content)
    snapshot = await upload(transfers, [tmp_path / "large.bin"], bucket)
    assert snapshot.state is JobState.DONE
    assert snapshot.bytes_done == snapshot.bytes_total == len(content)
    answer = s3.head_object(Bucket=bucket, Key="large.bin")
    assert answer["ETag"].endswith('-3"')
    assert hashlib.sha256(body(s3, bucket, "large.bin")).digest() == (
        hashlib.sha256(content).digest()
    )
    assert unfinished(s3, bucket) == []


async def test_the_type_is_guessed_from_the_name(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, file1_csv=b"a,b", thing=b"?")
    await upload(transfers, [tmp_path / "file1.csv", tmp_path / "thing"], bucket)
    assert s3.head_object(Bucket=bucket, Key="file1.csv")["ContentType"] == "text/csv"
    assert s3.head_object(Bucket=bucket, Key="thing")["ContentType"] == "binary/octet-stream"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.csv.gz", "application/gzip"),
        ("a.PARQUET", "application/vnd.apache.parquet"),
        ("a.js", "text/javascript"),
        ("a.webp", "image/webp"),
        ("a.log", "text/plain"),
        ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a#b?c.html", "text/html"),
        ("data:,x.csv", "text/csv"),
        ("noextension", ""),
        ("log", ""),
    ],
)
def test_types_of_odd_names(name: str, expected: str) -> None:
    assert content_type(name) == expected


@pytest.mark.parametrize(
    ("policy", "expected", "state"),
    [
        (ConflictPolicy.SKIP, {"x.txt": b"old"}, FileState.SKIPPED),
        (ConflictPolicy.OVERWRITE, {"x.txt": b"new!"}, FileState.DONE),
        (ConflictPolicy.KEEP_BOTH, {"x.txt": b"old", "x (2).txt": b"new!"}, FileState.DONE),
    ],
)
async def test_a_conflict_follows_the_policy(
    transfers: TransferService,
    tmp_path: Path,
    s3: Any,
    bucket: str,
    policy: ConflictPolicy,
    expected: dict[str, bytes],
    state: FileState,
) -> None:
    tree(tmp_path, x_txt=b"new!")
    put(s3, bucket, **{"x.txt": b"old"})
    snapshot = await upload(transfers, [tmp_path / "x.txt"], bucket, "", policy)
    assert {key: body(s3, bucket, key) for key in keys(s3, bucket)} == expected
    assert (await transfers.queue.results(snapshot.id))[0].state is state


async def test_a_policy_can_differ_for_one_key(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"new", b=b"new")
    put(s3, bucket, a=b"old", b=b"old")
    plan = await plan_upload(transfers, [tmp_path / "a", tmp_path / "b"], bucket, "")
    job = await transfers.start_upload(plan, ConflictPolicy.SKIP, {"b": ConflictPolicy.OVERWRITE})
    await transfers.queue.wait(job)
    assert body(s3, bucket, "a") == b"old"
    assert body(s3, bucket, "b") == b"new"


async def test_keeping_both_takes_the_next_free_name(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, x_txt=b"new")
    put(s3, bucket, **{"d.e/x.txt": b"1", "d.e/x (2).txt": b"2"})
    await upload(transfers, [tmp_path / "x.txt"], bucket, "d.e/", ConflictPolicy.KEEP_BOTH)
    assert body(s3, bucket, "d.e/x (3).txt") == b"new"


@pytest.mark.parametrize("size", [10, 6 * MIB])
async def test_a_key_that_came_into_being_meanwhile_is_left_alone(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, size: int
) -> None:
    (tmp_path / "x").write_bytes(bytes(size))
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    put(s3, bucket, x=b"somebody else's")
    snapshot = await transfers.queue.wait(
        await transfers.start_upload(plan, ConflictPolicy.OVERWRITE)
    )
    assert snapshot.state is JobState.FAILED
    assert "exists now" in snapshot.failures[0].message
    assert snapshot.bytes_done == 0
    assert body(s3, bucket, "x") == b"somebody else's"
    assert unfinished(s3, bucket) == []


@pytest.mark.parametrize("change", ["written", "deleted"])
async def test_what_is_overwritten_must_still_be_what_was_seen(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, change: str
) -> None:
    tree(tmp_path, x=b"mine")
    put(s3, bucket, x=b"seen")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    if change == "written":
        put(s3, bucket, x=b"newer")
    else:
        s3.delete_object(Bucket=bucket, Key="x")
    snapshot = await transfers.queue.wait(
        await transfers.start_upload(plan, ConflictPolicy.OVERWRITE)
    )
    assert snapshot.state is JobState.FAILED
    assert "changed or deleted" in snapshot.failures[0].message
    assert keys(s3, bucket) == ({"x": 5} if change == "written" else {})


async def test_a_large_file_changed_meanwhile_is_reported_and_not_stored(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    source = tmp_path / "log"
    source.write_bytes(bytes(11 * MIB))
    touched: list[int] = []

    def grow(**_: Any) -> None:
        if not touched:
            touched.append(1)
            with source.open("ab") as stream:
                stream.write(b"one more line")

    with before_each(s3, "UploadPart", grow):
        snapshot = await upload(transfers, [source], bucket)
    assert snapshot.state is JobState.FAILED
    assert "changed while it was being uploaded" in snapshot.failures[0].message
    assert snapshot.bytes_done == 0
    assert keys(s3, bucket) == {}
    assert unfinished(s3, bucket) == []
    # It can be tried again, with the size that it has now.
    transfers.queue.retry(snapshot.id)
    again = await transfers.queue.wait(snapshot.id)
    assert again.state is JobState.DONE
    assert again.bytes_done == again.bytes_total == 11 * MIB + 13


async def test_a_file_that_vanishes_meanwhile_is_said_to_be_gone(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    source = tmp_path / "log"
    source.write_bytes(bytes(11 * MIB))

    def vanish(**_: Any) -> None:
        source.unlink(missing_ok=True)

    with before_each(s3, "UploadPart", vanish):
        snapshot = await upload(transfers, [source], bucket)
    assert "is gone" in snapshot.failures[0].message
    assert keys(s3, bucket) == {}
    assert unfinished(s3, bucket) == []


async def test_a_file_cut_short_meanwhile_does_not_hang(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    source = tmp_path / "log"
    source.write_bytes(bytes(11 * MIB))

    def cut(**_: Any) -> None:
        os.truncate(source, 100)

    with before_each(s3, "CreateMultipartUpload", cut):
        snapshot = await upload(transfers, [source], bucket)
    assert "changed while it was being uploaded" in snapshot.failures[0].message
    assert unfinished(s3, bucket) == []


async def test_a_file_that_vanished_fails_alone(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path, a=b"1", b=b"2")
    plan = await plan_upload(transfers, [tmp_path / "a", tmp_path / "b"], bucket, "")
    (tmp_path / "a").unlink()
    snapshot = await transfers.queue.wait(await transfers.start_upload(plan))
    assert snapshot.state is JobState.PARTLY_FAILED
    assert keys(s3, bucket) == {"b": 1}
    assert "No such file" in snapshot.failures[0].message


async def test_cancelling_in_the_middle_leaves_no_parts_behind(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(56 * MIB)
    plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "")
    seen: list[int] = []

    def cancel(**_: Any) -> None:
        seen.append(1)
        if len(seen) == 3:
            transfers.queue.cancel(job)

    with before_each(s3, "UploadPart", cancel):
        job = await transfers.start_upload(plan)
        snapshot = await transfers.queue.wait(job)
    assert snapshot.state is JobState.CANCELLED
    assert len(seen) < 12
    assert snapshot.bytes_done == 0
    assert keys(s3, bucket) == {}
    assert unfinished(s3, bucket) == []


async def test_cancelling_many_files_keeps_what_is_done_and_retry_does_the_rest(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    tree(tmp_path / "many", **{f"f{number:02}": b"x" for number in range(60)})
    plan = await plan_upload(transfers, [tmp_path / "many"], bucket, "", keep_folder_names=False)
    seen: list[int] = []

    def cancel(**_: Any) -> None:
        seen.append(1)
        if len(seen) == 20:
            transfers.queue.cancel(job)

    with before_each(s3, "PutObject", cancel):
        job = await transfers.start_upload(plan)
        snapshot = await transfers.queue.wait(job)
    assert snapshot.state is JobState.CANCELLED
    assert 0 < snapshot.files_done < 60
    assert len(keys(s3, bucket)) == snapshot.files_done
    transfers.queue.retry(job)
    again = await transfers.queue.wait(job)
    assert again.state is JobState.DONE
    assert len(keys(s3, bucket)) == again.files_done == 60


async def test_every_write_is_in_the_audit_log(
    transfers: TransferService, tmp_path: Path, audit: AuditLog, bucket: str
) -> None:
    tree(tmp_path, x=b"1")
    await upload(transfers, [tmp_path / "x"], bucket, "d/")
    entries = [json.loads(line) for line in audit.path.read_text().splitlines()]
    wrote = [entry for entry in entries if entry["operation"] == "PutObject"]
    assert [(entry["target"], entry["outcome"]) for entry in wrote] == [
        ({"Bucket": bucket, "Key": "d/x"}, "ok")
    ]


async def test_parts_leave_no_file_open(
    transfers: TransferService, tmp_path: Path, bucket: str
) -> None:
    (tmp_path / "large").write_bytes(bytes(11 * MIB))
    before = psutil.Process().num_fds()
    for _ in range(3):
        plan = await plan_upload(transfers, [tmp_path / "large"], bucket, "")
        await transfers.queue.wait(await transfers.start_upload(plan, ConflictPolicy.OVERWRITE))
    # Connections of the SDK's pool come and go, by fewer than one for each of the nine parts.
    assert psutil.Process().num_fds() < before + 9
