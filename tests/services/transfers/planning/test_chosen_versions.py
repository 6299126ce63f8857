"""Downloading versions that were chosen: each as it was stored, under a name that says which."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import MIB, names
from tui.services.aws import Account, Connection
from tui.services.s3 import ObjectVersion, S3Service
from tui.services.transfers import (
    ConflictPolicy,
    JobState,
    TransferService,
    Tuning,
    build_download_plan,
)
from tui.services.transfers.planning.chosen_versions import remote_versions

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("tuning", [Tuning(), Tuning(5 * MIB, quick=-1, range=5 * MIB)])
async def test_an_old_version_is_downloaded_whole_and_in_ranges_though_its_key_is_deleted(
    account: Account, s3: Any, versioned: str, tmp_path: Path, tuning: Tuning
) -> None:
    folder = tmp_path / "chosen"
    old = {"d/small.txt": b"old", "d/large": b"o" * (5 * MIB) + b"ld"}
    for key, body in old.items():
        s3.put_object(Bucket=versioned, Key=key, Body=body)
        s3.put_object(Bucket=versioned, Key=key, Body=body[::-1])
        s3.delete_object(Bucket=versioned, Key=key)
    store = S3Service(account)
    service = TransferService(store, tuning=tuning, first_delay=0.01)
    try:
        page = await store.list_version_page(versioned, "d/")
        oldest = [each for each in page.versions if not each.marker][1::2]
        plan = await service.planner.build(
            build_download_plan,
            list(remote_versions(oldest, "d/")),
            [],
            bucket=versioned,
            folder=folder,
            at=service.connection,
        )
        job = await service.queue.wait(await service.start_download(plan, ConflictPolicy.SKIP))
    finally:
        await service.stop()
        service.close()
    assert job.state is JobState.DONE
    assert names(folder) == ["large", "small.txt"]
    for key, body in old.items():
        assert (folder / key.removeprefix("d/")).read_bytes() == body


def version(key: str, number: int, *, marker: bool = False) -> ObjectVersion:
    when = NOON.replace(second=number)
    return ObjectVersion(key, f"v{number}", 1, marker, False, when, '"e"')


def test_several_versions_of_a_key_have_their_times_in_their_names() -> None:
    rows = [
        version("d/a.tar.gz", 1),
        version("d/a.tar.gz", 2),
        version("d/.env", 3),
        version("d/.env", 4),
        version("d/alone.txt", 5),
        version("d/alone.txt", 6, marker=True),
    ]
    found = remote_versions(rows, "d/")
    assert [each.version_id for each in found] == ["v1", "v2", "v3", "v4", "v5"]
    plan = build_download_plan(
        list(found), [], bucket="b", folder=Path("/nowhere"), at=Connection()
    )
    assert [each.target.name for each in plan.items] == [
        "a.tar (2024-01-02 120001).gz",
        "a.tar (2024-01-02 120002).gz",
        ".env (2024-01-02 120003)",
        ".env (2024-01-02 120004)",
        "alone.txt",
    ]


def test_versions_of_the_same_second_get_names_of_their_own() -> None:
    found = remote_versions([version("a", 1), version("a", 1)], "")
    plan = build_download_plan(
        list(found), [], bucket="b", folder=Path("/nowhere"), at=Connection()
    )
    assert len({each.target for each in plan.items}) == 2
