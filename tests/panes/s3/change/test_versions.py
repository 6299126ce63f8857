"""The versions of an object: shown, restored, deleted."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.services.aws import Account
from tui.services.blocking import Awaited
from tui.services.s3 import ObjectVersion, S3Service
from tui.services.s3.batch_delete import NO_VERSION


async def test_an_old_version_is_restored_on_top_and_another_one_deleted(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    account.connection.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put({"a": b"1", "ab": b""})
    put({"a": b"new"})
    async with browse(f"s3://{bucket}/") as person:
        s3 = person.browser.s3
        await person.press("v")
        await person.sees("3 B  latest", "1 B")
        await person.press("down", "enter")
        await person.sees("copy it on top")
        await person.press("r")
        await person.sees("Restored the version")
        found = await s3.key_versions(bucket, "a")
        assert sorted(each.size_bytes for each in found) == [1, 1, 3]
        assert found[0].latest
        assert found[0].size_bytes == 1
        await person.idle()
        await person.press("v")
        await person.sees("1 B  latest")
        await person.press("enter")
        await person.sees("for good")
        await person.press("x")
        await person.sees("cannot be taken back")
        await person.type("delete")
        await person.press("enter")
        await person.sees("Deleted the version")
        assert len(await s3.key_versions(bucket, "a")) == 2


async def test_restoring_asks_before_it_overwrites_what_has_no_version_id(
    browse: Browse, bucket: str, put: Put, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"a": b"new"})
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    # The sandbox drops older versions when one without an id is written.
    def two(*_: object, **__: object) -> list[ObjectVersion]:
        old = ObjectVersion("a", "v1", 1, marker=False, latest=False, etag="e")
        return [ObjectVersion("a", NO_VERSION, 3, marker=False, latest=True, etag="f"), old]

    monkeypatch.setattr(S3Service, "key_versions", Awaited(two))
    async with browse(f"s3://{bucket}/") as person:
        await person.press("v")
        await person.sees("3 B  latest", "1 B")
        await person.press("down", "enter")
        await person.sees("copy it on top")
        await person.press("r")
        await person.sees("Overwrite the latest version?")
        await person.press("escape")
        await person.misses("Overwrite the latest version?")
        assert (await person.browser.s3.head(bucket, "a")).size == 3
