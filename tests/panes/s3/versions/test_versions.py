"""Versions by keys: listed with what is deleted, restored, deleted for good."""

from __future__ import annotations

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.services.aws import Account
from tui.services.s3 import S3Service


async def sizes(s3: S3Service, bucket: str) -> list[int]:
    page = await s3.list_version_page(bucket, "")
    return [each.size_bytes for each in page.versions]


async def test_an_old_version_is_restored_on_top_and_another_one_deleted(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put({"a": b"1", "ab": b""})
    put({"a": b"new"})
    async with browse(f"s3://{bucket}/") as person:
        s3 = person.browser.s3
        await person.press("v")
        await person.sees("2 versions and delete markers", "3 B", "older")
        await person.press("down", "t")
        await person.sees("is copied on top", "retention and a legal hold")
        await person.press("ctrl+s")
        await person.sees("3 versions and delete markers", "1 object is restored")
        assert await sizes(s3, bucket) == [1, 3, 1, 0]
        await person.press("x")
        await person.sees("cannot be taken back")
        await person.type("delete")
        await person.press("enter")
        await person.sees("1 version deleted for good", "2 versions and delete markers")
        await person.press("enter")
        await person.sees("(version ")
        await person.press("escape")
        await person.sees("2 versions and delete markers")


async def test_a_deleted_key_is_seen_from_the_prefix_and_brought_back(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put({"d/gone": b"12345", "other": b""})
    client.delete_object(Bucket=bucket, Key="d/gone")
    async with browse(f"s3://{bucket}/d/") as person:
        s3 = person.browser.s3
        await person.press("v")
        await person.sees("deleted (marker)", "5 B")
        # Not cut, whatever the width.
        marker, version = (await s3.list_version_page(bucket, "d/")).versions
        await person.sees(marker.version_id)
        await person.press("down")
        await person.sees(version.version_id)
        await person.press("backspace")
        await person.sees("3 versions and delete markers", "d/gone", "other")
        await person.press("t")
        await person.sees("its delete marker is removed")
        await person.press("ctrl+s")
        await person.sees("1 object is restored")
        await person.press("escape")
        await person.sees("gone")
        assert (await person.browser.s3.head(bucket, "d/gone")).size == 5


async def test_a_version_is_compared_with_the_one_before_it(
    browse: Browse, bucket: str, put: Put, account: Account
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put({"a": b"one\ntwo\n"})
    put({"a": b"one\n[red]\x1b[31m\n"})
    async with browse(f"s3://{bucket}/") as person:
        await person.press("v")
        await person.sees("2 versions and delete markers")
        await person.press("equals_sign")
        await person.sees("1 line removed, 1 line added.", "1 1   one", "2   - two")
        await person.sees("  2 + [red]\u241b[31m", "UTC, 8 B")
        await person.press("escape")
        await person.sees("2 versions and delete markers")
        await person.press("down", "equals_sign")
        await person.sees("no version before this one")
