"""Versions as a person looks at them: page by page, the newest of a key first."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.services.s3.deleting.test_versions import listing, row
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service


def keep_versions(account: Account, bucket: str) -> None:
    account.connection.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )


async def test_deleted_keys_are_listed_too_and_pages_go_on_within_a_key(
    s3: S3Service, bucket: str, put: Put, account: Account
) -> None:
    keep_versions(account, bucket)
    put({"d/a": b"1", "d/b": b"22", "e": b""})
    put({"d/a": b"333"})
    account.connection.client("s3").delete_object(Bucket=bucket, Key="d/b")

    first = await s3.list_version_page(bucket, "d/", limit=2)
    assert first.next_token is not None
    second = await s3.list_version_page(bucket, "d/", first.next_token, limit=2)
    assert second.next_token is None
    found = [
        (each.key, each.size_bytes, each.marker, each.latest)
        for each in (*first.versions, *second.versions)
    ]
    assert found == [
        ("d/a", 3, False, True),
        ("d/a", 1, False, False),
        ("d/b", 0, True, True),
        ("d/b", 2, False, False),
    ]


async def test_versions_and_markers_are_in_the_order_of_the_answer_not_of_their_times() -> None:
    """The time of an uploaded version is when its upload began, so it may be older than that of
    the version below it."""
    when = "<LastModified>2024-01-01T00:00:00Z</LastModified>"
    latest = row("a", "v3").replace("<IsLatest>", f"{when}<IsLatest>")
    older = [
        row("a", name, kind).replace("true</IsLatest>", "false</IsLatest>")
        for name, kind in (("m2", "DeleteMarker"), ("v1", "Version"), ("m0", "DeleteMarker"))
    ]
    with scripted(listing(latest, *older)) as (s3, _):
        page = await s3.list_version_page("b", "a")

    assert [each.version_id for each in page.versions] == ["v3", "m2", "v1", "m0"]


async def test_a_server_that_orders_nothing_is_ordered_by_time_with_the_latest_first() -> None:
    def dated(name: str, day: int, *, latest: bool = False) -> str:
        when = f"<LastModified>2024-01-0{day}T00:00:00Z</LastModified>"
        return row("a", name).replace("<IsLatest>true", f"{when}<IsLatest>{str(latest).lower()}")

    rows = (dated("v1", 1), dated("v3", 3, latest=True), dated("v2", 2))
    with scripted(listing(*rows)) as (s3, _):
        page = await s3.list_version_page("b", "a")

    assert [each.version_id for each in page.versions] == ["v3", "v2", "v1"]


async def test_of_one_second_the_markers_come_first_where_a_server_lists_them_last() -> None:
    when = "<LastModified>2024-01-01T00:00:00Z</LastModified>"
    rows = [
        row("a", name, kind).replace("<IsLatest>true", f"{when}<IsLatest>{latest}")
        for name, kind, latest in (
            ("v", "Version", "false"),
            ("m2", "DeleteMarker", "true"),
            ("m1", "DeleteMarker", "false"),
        )
    ]
    with scripted(listing(*rows)) as (s3, _):
        page = await s3.list_version_page("b", "a")

    assert [each.version_id for each in page.versions] == ["m2", "m1", "v"]


async def test_a_token_that_leads_to_itself_ends_the_listing() -> None:
    more = "<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
    with scripted(listing(row("a", "v1"), more=more), listing(row("a", "v1"), more=more)) as (
        s3,
        _,
    ):
        first = await s3.list_version_page("b", "")
        second = await s3.list_version_page("b", "", first.next_token)

    assert first.next_token == ("a", "v1")
    assert second.next_token is None


async def test_a_denied_listing_names_the_permission() -> None:
    with scripted(error(403, "AccessDenied")) as (s3, _), pytest.raises(ServiceError) as caught:
        await s3.list_version_page("b", "")

    assert caught.value.kind is ErrorKind.DENIED
    assert "s3:ListBucketVersions" in str(caught.value)


async def test_a_single_key_ends_where_another_key_begins() -> None:
    more = "<NextKeyMarker>ab</NextKeyMarker>"
    with scripted(listing(row("a", "v1"), row("ab", "v2"), more=more)) as (s3, script):
        found = [each.key async for page in s3.key_versions("b", "a") for each in page]

    assert found == ["a"]
    assert len(script.requests) == 1


async def test_an_old_version_is_read_range_by_range(
    s3: S3Service, bucket: str, put: Put, account: Account
) -> None:
    keep_versions(account, bucket)
    put({"a": b"0123456789"})
    put({"a": b"x"})
    page = await s3.list_version_page(bucket, "a")
    old = page.versions[1].version_id

    beginning = await s3.read_head(bucket, "a", 4, version_id=old)
    assert (beginning.data, beginning.size) == (b"0123", 10)
    assert (await s3.read_more(beginning, 3)).data == b"0123456"


async def test_the_newest_version_is_deleted_and_the_one_before_it_is_the_latest(
    s3: S3Service, bucket: str, put: Put, account: Account
) -> None:
    keep_versions(account, bucket)
    put({"a": b"1"})
    put({"a": b"2"})
    newest, _ = (await s3.list_version_page(bucket, "a")).versions

    refused = await s3.delete_versions(bucket, [newest], at=account.connection, owned=False)

    assert refused == []
    assert (await s3.read_head(bucket, "a")).data == b"1"
