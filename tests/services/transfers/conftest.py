"""A bucket of the test's own, a service on it, and a raw client to see what really happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.services.transfers.places import MIB
from tui.services.aws import Account
from tui.services.s3 import S3Service
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers import TransferService, Tuning


@pytest.fixture
def s3(account: Account) -> Any:
    """The SDK's client on the sandbox."""
    return account.connection.client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"transfers-{uuid4().hex}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for entry in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=entry["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def versioned(s3: Any, bucket: str) -> Iterator[str]:
    """The bucket, with versioning."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    yield bucket
    found = s3.list_object_versions(Bucket=bucket)
    for each in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])


@pytest.fixture
async def transfers(account: Account) -> AsyncIterator[TransferService]:
    """A service that goes in parts above 5 MiB, the least that S3 takes for a part, and otherwise
    through the SDK, whose hooks the tests use."""
    service = TransferService(
        S3Service(account), tuning=Tuning(5 * MIB, quick=-1, range=5 * MIB), first_delay=0.01
    )
    yield service
    await service.stop()
    service.close()


@pytest.fixture
async def kept(account: Account, tmp_path: Path) -> AsyncIterator[TransferService]:
    """With a journal; it copies in parts of 5 MiB."""
    tuning = Tuning(single_copy=5 * MIB, copy_part=5 * MIB)
    path = tmp_path / "journal.sqlite"
    service = TransferService(S3Service(account), journal=path, tuning=tuning, first_delay=0.01)
    yield service
    await service.stop()
    service.close()


@pytest.fixture
def undo(tmp_path: Path) -> UndoStack:
    return UndoStack(tmp_path / "state" / "undo.json")


@pytest.fixture
async def service(
    account: Account, tmp_path: Path, undo: UndoStack
) -> AsyncIterator[TransferService]:
    """With a journal, and what can be taken back with `U`."""
    made = TransferService(
        S3Service(account),
        journal=tmp_path / "state" / "transfers.sqlite",
        tuning=Tuning(quick=-1),
        first_delay=0.01,
        undo=undo,
    )
    yield made
    await made.stop()
    made.close()
