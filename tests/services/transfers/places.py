"""Short words for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tui.services.s3 import ObjectCopy
from tui.services.transfers import (
    Direction,
    DownloadPlan,
    LocalFile,
    Pattern,
    Problem,
    RemoteObject,
    SyncPlan,
    TransferService,
    UploadPlan,
    build_download_plan,
    build_sync_plan,
    build_upload_plan,
)

MIB = 1024 * 1024


async def plan_upload(
    service: TransferService,
    paths: Sequence[Path],
    bucket: str,
    prefix: str,
    patterns: Sequence[Pattern] = (),
    *,
    keep_folder_names: bool = True,
) -> UploadPlan:
    """Walk, build and check, as the dialog does."""
    at = service.connection
    files: list[LocalFile] = []
    problems: list[Problem] = []
    async for batch in service.planner.walk(paths):
        files.extend(batch.files)
        problems.extend(batch.problems)
    plan = await service.planner.build(
        build_upload_plan,
        files,
        problems,
        bucket=bucket,
        prefix=prefix,
        at=at,
        patterns=patterns,
        keep_folder_names=keep_folder_names,
    )
    return await service.planner.check(plan)


async def plan_download(
    service: TransferService,
    bucket: str,
    keys: Sequence[str],
    prefixes: Sequence[str],
    folder: Path,
    *,
    base: str = "",
) -> DownloadPlan:
    """Find and build, as the dialog does."""
    at = service.connection
    found: list[RemoteObject] = []
    problems: list[Problem] = []
    async for answer in service.planner.objects(bucket, keys, prefixes, base=base, at=at):
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            found.extend(answer)
    return await service.planner.build(
        build_download_plan, found, problems, bucket=bucket, folder=folder, at=at
    )


async def plan_sync(
    service: TransferService,
    folder: Path,
    bucket: str,
    direction: Direction = Direction.UPLOAD,
    *,
    prefix: str = "p/",
    **more: Any,
) -> SyncPlan:
    """Walk, list and compare, as the dialog does."""
    at = service.connection
    batches = [batch async for batch in service.planner.walk([folder])]
    objects: list[RemoteObject] = []
    async for answer in service.planner.objects(bucket, (), (prefix,), base=prefix, at=at):
        assert not isinstance(answer, Problem)
        objects.extend(answer)
    return build_sync_plan(
        [file for batch in batches for file in batch.files],
        objects,
        [problem for batch in batches for problem in batch.problems],
        direction=direction,
        bucket=bucket,
        prefix=prefix,
        folder=folder,
        at=at,
        **more,
    )


def put(s3: Any, bucket: str, **objects: bytes) -> None:
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)


def keys(s3: Any, bucket: str) -> dict[str, int]:
    """Every key of a small bucket, with its size."""
    page = s3.list_objects_v2(Bucket=bucket)
    assert not page["IsTruncated"]
    return {entry["Key"]: entry["Size"] for entry in page.get("Contents", [])}


def body(s3: Any, bucket: str, key: str) -> bytes:
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def copy_of(s3: Any, bucket: str, key: str, to: str, **more: Any) -> ObjectCopy:
    """The copy of an object within its bucket."""
    head = s3.head_object(Bucket=bucket, Key=key)
    etag, size = head["ETag"].strip('"'), head["ContentLength"]
    return ObjectCopy(bucket, key, etag, bucket, to, size=size, **more)


def unfinished(s3: Any, bucket: str) -> list[str]:
    """The keys of multipart uploads that were left behind."""
    found = s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return [upload["Key"] for upload in found]


def tree(folder: Path, **files: bytes) -> Path:
    """Files under `folder`; in a name `__` stands for `/` and `_` for `.`."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@contextmanager
def powerless() -> Iterator[None]:
    """Without root's power to pass every folder, where tests run as root."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if was == 0:
            os.seteuid(was)


def names(folder: Path) -> list[str]:
    """Every file below `folder`, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@contextmanager
def before_each(s3: Any, operation: str, handler: Any) -> Iterator[None]:
    """Call `handler` whenever the operation is about to be sent."""
    event = f"before-call.s3.{operation}"

    def call(**arguments: Any) -> None:
        # What a handler of this event returns would be taken for the answer.
        handler(**arguments)

    s3.meta.events.register(event, call, unique_id=operation)
    try:
        yield
    finally:
        s3.meta.events.unregister(event, unique_id=operation)
