"""What lies over and under the delete markers of a delete that is to be taken back."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.services.s3.deleting.test_version_pages import keep_versions
from tests.services.s3.deleting.test_versions import listing, row
from tests.services.s3.scripted import scripted
from tui.services.aws import Account
from tui.services.s3 import Name, S3Service
from tui.services.s3.deleting import marker_look
from tui.services.s3.deleting.marker_look import MarkerState


async def test_the_state_of_each_marker_is_found(
    s3: S3Service, bucket: str, put: Put, account: Account
) -> None:
    keep_versions(account, bucket)
    keys = ["d/back", "d/covered", "d/empty", "d/gone", "d/twice"]
    put({**dict.fromkeys(keys, b"1"), "d/between": b"", "z": b""})
    made: list[Name] = []
    async for outcome in s3.delete_objects(bucket, keys):
        made += outcome.made
    by_key = {each.key: each for each in made}
    put({"d/covered": b"new"})
    client = account.connection.client("s3")
    page = await s3.list_version_page(bucket, "d/")
    for each in page.versions:
        if each.key == "d/gone" or (each.key == "d/empty" and not each.marker):
            client.delete_object(Bucket=bucket, Key=each.key, VersionId=each.version_id)
    second = client.delete_object(Bucket=bucket, Key="d/twice")
    by_key["d/twice"] = Name("d/twice", second["VersionId"])

    states = await s3.look_at_markers(bucket, list(by_key.values()))

    assert {each.key: state for each, state in states.items()} == {
        "d/back": MarkerState.HIDES,
        "d/covered": MarkerState.COVERED,
        "d/empty": MarkerState.EMPTY,
        "d/gone": MarkerState.GONE,
        "d/twice": MarkerState.DOUBLE,
    }


async def test_many_keys_are_looked_at_page_by_page_up_to_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(marker_look, "ONE_BY_ONE", 1)
    monkeypatch.setattr(marker_look, "LOOK_PAGES", 1)
    more = "<NextKeyMarker>a/9</NextKeyMarker><NextVersionIdMarker>m9</NextVersionIdMarker>"
    rows = row("a/1", "m1", "DeleteMarker"), row("a/1", "v1"), row("a/9", "m9", "DeleteMarker")
    with scripted(listing(*rows, more=more)) as (s3, asked):
        states = await s3.look_at_markers("b", [Name("a/1", "m1"), Name("a/9", "m9")])

    assert states == {Name("a/1", "m1"): MarkerState.HIDES}
    assert "prefix=a%2F" in asked.requests[0].path
