"""Downloading: exactly what is stored, under its own name only when it is whole."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import MIB, before_each, names, plan_download, put
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import (
    ConflictPolicy,
    FileState,
    JobSnapshot,
    JobState,
    TransferService,
)


async def download(
    service: TransferService,
    bucket: str,
    folder: Path,
    keys: list[str],
    prefixes: list[str],
    base: str = "",
    policy: ConflictPolicy = ConflictPolicy.SKIP,
) -> JobSnapshot:
    plan = await plan_download(service, bucket, keys, prefixes, folder, base=base)
    return await service.queue.wait(await service.start_download(plan, policy))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The chosen folder; it does not exist yet."""
    return tmp_path / "chosen" / "folder"


async def test_keys_and_prefixes_arrive_below_the_place_looked_at(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(
        s3,
        bucket,
        **{"in/a.txt": b"a", "in/d/b": b"bb", "in/d/e/c": b"", "in/d/dir/": b"", "no": b""},
    )
    snapshot = await download(transfers, bucket, folder, ["in/a.txt"], ["in/d/"], base="in/")
    assert snapshot.state is JobState.DONE
    assert names(folder) == ["a.txt", "d/b", "d/e/c"]
    assert (folder / "d" / "b").read_bytes() == b"bb"
    assert (folder / "d" / "dir").is_dir()
    assert snapshot.bytes_done == 3


async def test_a_file_gets_the_time_of_its_object(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, x=b"1")
    modified = s3.head_object(Bucket=bucket, Key="x")["LastModified"]
    await download(transfers, bucket, folder, ["x"], [])
    assert (folder / "x").stat().st_mtime == modified.astimezone(UTC).timestamp()


@pytest.mark.parametrize(
    "key", ["[red]x[/]", "a b+c%2F&?#.csv", "😀", "e\u0301", "\x1b[31m", "back\\slash"]
)
async def test_names_arrive_unchanged(
    transfers: TransferService, s3: Any, bucket: str, folder: Path, key: str
) -> None:
    put(s3, bucket, **{key: key.encode()})
    await download(transfers, bucket, folder, [], [""])
    assert (folder / key).read_bytes() == key.encode()


async def test_a_hostile_key_stays_inside_and_says_so(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, **{"x/../../../out": b"1"})
    snapshot = await download(transfers, bucket, folder, [], [""])
    assert snapshot.state is JobState.DONE
    result = (await transfers.queue.results(snapshot.id))[0]
    assert Path(result.destination).is_relative_to(folder)
    assert "would leave its folder" in result.message


async def test_a_large_object_comes_in_ranges_and_arrives_whole(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    content = os.urandom(11 * MIB + 3)
    put(s3, bucket, large=content)
    ranges: list[str] = []
    with before_each(
        s3, "GetObject", lambda params, **_: ranges.append(params["headers"]["Range"])
    ):
        snapshot = await download(transfers, bucket, folder, ["large"], [])
    assert snapshot.state is JobState.DONE, snapshot.failures
    assert len(ranges) == 3
    assert (folder / "large").read_bytes() == content
    assert names(folder) == ["large"]
    assert snapshot.bytes_done == snapshot.bytes_total == len(content)


@pytest.mark.parametrize(
    ("policy", "expected", "state"),
    [
        (ConflictPolicy.SKIP, {"x.txt": b"mine"}, FileState.SKIPPED),
        (ConflictPolicy.OVERWRITE, {"x.txt": b"theirs"}, FileState.DONE),
        (ConflictPolicy.KEEP_BOTH, {"x.txt": b"mine", "x (2).txt": b"theirs"}, FileState.DONE),
    ],
)
async def test_a_conflict_follows_the_policy(
    transfers: TransferService,
    s3: Any,
    bucket: str,
    folder: Path,
    policy: ConflictPolicy,
    expected: dict[str, bytes],
    state: FileState,
) -> None:
    folder.mkdir(parents=True)
    (folder / "x.txt").write_bytes(b"mine")
    put(s3, bucket, **{"x.txt": b"theirs"})
    snapshot = await download(transfers, bucket, folder, ["x.txt"], [], policy=policy)
    assert {name: (folder / name).read_bytes() for name in names(folder)} == expected
    assert (await transfers.queue.results(snapshot.id))[0].state is state


async def test_a_file_that_came_into_being_meanwhile_is_left_alone(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, x=b"theirs")
    plan = await plan_download(transfers, bucket, ["x"], [], folder)
    folder.mkdir(parents=True)
    (folder / "x").write_bytes(b"mine")
    job = await transfers.start_download(plan, ConflictPolicy.OVERWRITE)
    snapshot = await transfers.queue.wait(job)
    assert snapshot.state is JobState.FAILED
    assert "exists now" in snapshot.failures[0].message
    assert (folder / "x").read_bytes() == b"mine"
    assert names(folder) == ["x"]
    assert snapshot.bytes_done == 0


async def test_a_file_changed_after_choosing_to_overwrite_is_left_alone(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, x=b"theirs")
    folder.mkdir(parents=True)
    (folder / "x").write_bytes(b"mine")
    plan = await plan_download(transfers, bucket, ["x"], [], folder)
    (folder / "x").write_bytes(b"mine, and longer")
    job = await transfers.start_download(plan, ConflictPolicy.OVERWRITE)
    snapshot = await transfers.queue.wait(job)
    assert "left as it is" in snapshot.failures[0].message
    assert (folder / "x").read_bytes() == b"mine, and longer"


@pytest.mark.parametrize("large", [False, True])
async def test_an_object_changed_after_the_plan_is_not_downloaded(
    transfers: TransferService, s3: Any, bucket: str, folder: Path, large: bool
) -> None:
    size = 6 * MIB if large else 4
    put(s3, bucket, x=bytes(size))
    plan = await plan_download(transfers, bucket, ["x"], [], folder)
    put(s3, bucket, x=b"1" * size)
    snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert "changed after you looked" in snapshot.failures[0].message
    assert names(folder) == []


async def test_what_is_gone_is_said_to_be_gone(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, x=b"1", y=b"2")
    plan = await plan_download(transfers, bucket, ["x", "y", "never"], [], folder)
    assert [problem.name for problem in plan.problems] == ["never"]
    s3.delete_object(Bucket=bucket, Key="x")
    snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert snapshot.state is JobState.PARTLY_FAILED
    assert "deleted after you looked" in snapshot.failures[0].message
    assert names(folder) == ["y"]


async def test_cancelling_in_the_middle_leaves_no_partial_file(
    transfers: TransferService, s3: Any, bucket: str, folder: Path
) -> None:
    put(s3, bucket, large=bytes(56 * MIB))
    plan = await plan_download(transfers, bucket, ["large"], [], folder)
    seen: list[int] = []

    def cancel(**_: Any) -> None:
        seen.append(1)
        if len(seen) == 3:
            transfers.queue.cancel(job)

    with before_each(s3, "GetObject", cancel):
        job = await transfers.start_download(plan)
        snapshot = await transfers.queue.wait(job)
    assert snapshot.state is JobState.CANCELLED
    assert len(seen) < 12
    assert names(folder) == []
    assert snapshot.bytes_done == 0


async def test_a_link_planted_after_the_plan_leads_nowhere(
    transfers: TransferService, s3: Any, bucket: str, folder: Path, tmp_path: Path
) -> None:
    put(s3, bucket, **{"d/x": b"1"})
    plan = await plan_download(transfers, bucket, [], [""], folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    folder.mkdir(parents=True)
    (folder / "d").symlink_to(outside)
    snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert snapshot.state is JobState.FAILED
    assert "leads out of" in snapshot.failures[0].message
    assert names(outside) == []


async def test_overwriting_a_link_replaces_the_link_and_not_what_it_points_to(
    transfers: TransferService, s3: Any, bucket: str, folder: Path, tmp_path: Path
) -> None:
    put(s3, bucket, x=b"theirs")
    folder.mkdir(parents=True)
    (tmp_path / "precious").write_bytes(b"precious")
    (folder / "x").symlink_to(tmp_path / "precious")
    await download(transfers, bucket, folder, ["x"], [], policy=ConflictPolicy.OVERWRITE)
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert (folder / "x").read_bytes() == b"theirs"
    assert not (folder / "x").is_symlink()


async def test_without_hard_links_nothing_is_overwritten_either(
    transfers: TransferService,
    s3: Any,
    bucket: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    put(s3, bucket, x=b"theirs", y=b"theirs")
    plan = await plan_download(transfers, bucket, ["x", "y"], [], folder)
    folder.mkdir(parents=True)
    (folder / "x").write_bytes(b"mine")
    snapshot = await transfers.queue.wait(await transfers.start_download(plan))
    assert snapshot.state is JobState.PARTLY_FAILED
    assert (folder / "x").read_bytes() == b"mine"
    assert (folder / "y").read_bytes() == b"theirs"
    assert names(folder) == ["x", "y"]


async def test_a_folder_that_cannot_be_written_says_so(
    transfers: TransferService, s3: Any, bucket: str, tmp_path: Path
) -> None:
    put(s3, bucket, x=b"1")
    (tmp_path / "file").write_bytes(b"")
    snapshot = await download(transfers, bucket, tmp_path / "file", ["x"], [])
    assert snapshot.state is JobState.FAILED
    assert "Could not create the folder" in snapshot.failures[0].message


async def test_a_missing_bucket_is_an_error_of_the_plan(
    transfers: TransferService, folder: Path
) -> None:
    with pytest.raises(ServiceError) as raised:
        await plan_download(transfers, "no-such-bucket-here", [], [""], folder)
    assert raised.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("size", [10, 12 * MIB])
async def test_closing_in_the_middle_of_a_hanging_download_leaves_no_file(
    transfers: TransferService, s3: Any, bucket: str, folder: Path, size: int
) -> None:
    put(s3, bucket, x=bytes(size))
    plan = await plan_download(transfers, bucket, ["x"], [], folder)
    begun, goes_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def hang(**_: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        goes_on.wait(30)

    with before_each(s3, "GetObject", hang):
        job = await transfers.start_download(plan)
        await begun.wait()
        assert len(names(folder)) == 1
        await transfers.stop(0.1)
        transfers.close()
        assert names(folder) == []
        goes_on.set()
        assert (await transfers.queue.wait(job)).state is JobState.CANCELLED
    assert names(folder) == []
