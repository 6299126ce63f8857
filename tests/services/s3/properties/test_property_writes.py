"""Properties that are changed: what is stored afterwards, and that nothing else was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.buckets import Put
from tests.services.s3.properties.test_properties import UNTIL
from tests.services.s3.properties.test_property_changes import properties
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.properties.models import Acl, Encryption, ObjectProperties, Retention, Stored
from tui.services.s3.properties.property_changes import PropertyChange, planned
from tui.services.s3.properties.rewriting import PartsWatch, written

EVERYTHING: dict[str, Any] = {
    "ContentType": "text/x",
    "CacheControl": "no-cache",
    "ContentEncoding": "br",
    "ContentLanguage": "de",
    "Expires": datetime(2030, 1, 1, tzinfo=UTC),
    "Metadata": {"who": "me"},
    "StorageClass": "STANDARD_IA",
    "ServerSideEncryption": "AES256",
    "ChecksumAlgorithm": "SHA256",
    "WebsiteRedirectLocation": "/x",
    "Tagging": "k=v%20%2Bw",
}


async def change(s3: S3Service, bucket: str, key: str, wanted: PropertyChange) -> ObjectProperties:
    """Plan and make a change; what is stored then."""
    before = await s3.properties(bucket, key)
    await s3.change_properties(planned(before, wanted))
    return await s3.properties(bucket, key)


@pytest.mark.parametrize("in_parts", [False, True])
async def test_only_what_was_asked_for_changes(
    s3: S3Service, bucket: str, put: Put, in_parts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_parts:
        monkeypatch.setattr("tui.services.s3.properties.rewriting.SINGLE_COPY_BYTES", 4)
    put({"a [b]": b"12345"}, **EVERYTHING)
    before = await s3.properties(bucket, "a [b]")
    wanted = PropertyChange(
        headers={"ContentType": "text/y", "CacheControl": None}, metadata={"new": "[x]"}
    )
    after = await change(s3, bucket, "a [b]", wanted)
    assert isinstance(before.stored, Stored)
    assert isinstance(after.stored, Stored)
    headers = dict(before.stored.headers, ContentType="text/y")
    del headers["CacheControl"]
    # moto forgets the redirect of an upload in parts.
    headers.pop("WebsiteRedirectLocation", None)
    assert {**after.stored.headers, "WebsiteRedirectLocation": ""} == {
        **headers,
        "WebsiteRedirectLocation": "",
    }
    assert after.stored.metadata == {"who": "me", "new": "[x]"}
    for name in ("storage_class", "encryption", "size"):
        assert getattr(after.stored, name) == getattr(before.stored, name), name
    assert after.tags == before.tags == {"k": "v +w"}
    assert (await s3.read_head(bucket, "a [b]")).data == b"12345"


async def test_a_copy_in_parts_tells_how_far_it_is_and_ends_between_two_parts(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.s3.properties.rewriting.SINGLE_COPY_BYTES", 4)
    monkeypatch.setattr("tui.services.s3.properties.rewriting.SMALLEST_PART", 1)
    monkeypatch.setattr("tui.services.s3.properties.rewriting.PARTS_AT_ONCE", 1)
    put({"a": bytes(3 * 1024**2)})
    before = await s3.properties(bucket, "a")
    seen: list[str] = []

    def is_stopped() -> bool:
        seen.append(watch.state)
        return watch.state.startswith("2.0")

    watch = PartsWatch(is_stopped)
    with pytest.raises(ServiceError, match="stopped between two parts") as told:
        await s3.change_properties(
            planned(before, PropertyChange(metadata={"x": "y"})), watch=watch
        )
    assert told.value.kind is ErrorKind.CANCELLED
    assert seen == [
        "0 B of 3.0 MiB copied",
        "1.0 MiB of 3.0 MiB copied",
        "2.0 MiB of 3.0 MiB copied",
    ]
    assert watch.state == ""
    assert await s3.properties(bucket, "a") == before
    at = s3.account.connection
    assert [each async for page in s3.list_uploads(bucket, at=at) for each in page] == []


async def test_class_encryption_and_tags_change_in_one_copy(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1"}, **EVERYTHING)
    wanted = PropertyChange(
        storage_class="ONEZONE_IA", encryption=Encryption("aws:kms", "k"), tags={"k": None, "n": ""}
    )
    after = await change(s3, bucket, "a", wanted)
    assert isinstance(after.stored, Stored)
    assert after.stored.storage_class == "ONEZONE_IA"
    assert after.stored.encryption.algorithm == "aws:kms"
    assert after.tags == {"n": ""}
    assert after.stored.metadata == {"who": "me"}


async def test_tags_are_changed_without_a_copy(
    account: Account, s3: S3Service, bucket: str, put: Put
) -> None:
    account.connection.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    put({"a": b"1"}, **EVERYTHING)
    before = await s3.properties(bucket, "a")
    after = await change(s3, bucket, "a", PropertyChange(tags={"k": "x", "new": "y"}))
    assert after.tags == {"k": "x", "new": "y"}
    assert after.stored == before.stored
    assert (await change(s3, bucket, "a", PropertyChange(tags={"k": None, "new": None}))).tags == {}


async def test_a_versioned_bucket_keeps_the_version_before(
    account: Account, s3: S3Service, bucket: str, put: Put
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put({"a": b"1"})
    await change(s3, bucket, "a", PropertyChange(metadata={"x": "y"}))
    assert len(client.list_object_versions(Bucket=bucket)["Versions"]) == 2


async def test_what_changed_since_it_was_read_is_left_alone(
    account: Account, s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1"})
    read = await s3.properties(bucket, "a")
    put({"a": b"another"})
    for wanted in (PropertyChange(metadata={"x": "y"}), PropertyChange(tags={"x": "y"})):
        with pytest.raises(ServiceError) as told:
            await s3.change_properties(planned(read, wanted))
        assert told.value.kind is ErrorKind.CHANGED
    read = await s3.properties(bucket, "a")
    client = account.connection.client("s3")
    tags: Any = {"TagSet": [{"Key": "theirs", "Value": "1"}]}
    client.put_object_tagging(Bucket=bucket, Key="a", Tagging=tags)
    with pytest.raises(ServiceError, match="changed after it was read"):
        await s3.change_properties(planned(read, PropertyChange(tags={"x": "y"})))
    after = await s3.properties(bucket, "a")
    assert after.tags == {"theirs": "1"}
    assert after.stored == read.stored


async def test_a_lock_is_set_and_ended(account: Account, s3: S3Service, bucket: str) -> None:
    client = account.connection.client("s3")
    locked = f"{bucket[:40]}-l"
    client.create_bucket(Bucket=locked, ObjectLockEnabledForBucket=True)
    client.put_object(Bucket=locked, Key="a", Body=b"1")
    kept = Retention("GOVERNANCE", UNTIL)
    assert (await change(s3, locked, "a", PropertyChange(retention=kept))).retention == kept
    assert (await change(s3, locked, "a", PropertyChange(legal_hold=True))).legal_hold is True
    assert (await change(s3, locked, "a", PropertyChange(legal_hold=False))).legal_hold is False


async def test_read_only_mode_sends_no_change(
    read_only_account: Account, bucket: str, put: Put
) -> None:
    put({"a": b"1"})
    s3 = S3Service(read_only_account)
    read = await s3.properties(bucket, "a")
    for wanted in (PropertyChange(metadata={"x": "y"}), PropertyChange(tags={"x": "y"})):
        with pytest.raises(ServiceError) as told:
            await s3.change_properties(planned(read, wanted))
        assert told.value.kind is ErrorKind.READ_ONLY
    s3.close()


def test_lock_key_grants_and_checksum_are_written_again() -> None:
    everybody = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    found = properties(
        head={
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "arn:k",
            "BucketKeyEnabled": True,
            "ChecksumCRC32C": "x",
            "StorageClass": "GLACIER_IR",
        },
        retention=Retention("GOVERNANCE", UNTIL),
        legal_hold=True,
        acl=Acl("me", "1", (('id="1"', "FULL_CONTROL"), ('id="2"', "READ"), (everybody, "READ"))),
    )
    assert isinstance(found.stored, Stored)
    assert written(planned(found, PropertyChange(metadata={"a": "b"})), found.stored) == {
        "Metadata": {"a": "b"},
        "StorageClass": "GLACIER_IR",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "arn:k",
        "BucketKeyEnabled": True,
        "ChecksumAlgorithm": "CRC32C",
        "ObjectLockMode": "GOVERNANCE",
        "ObjectLockRetainUntilDate": UNTIL,
        "ObjectLockLegalHoldStatus": "ON",
        "GrantFullControl": 'id="1"',
        "GrantRead": f'id="2", {everybody}',
    }
    ended = replace(found, retention=Retention("GOVERNANCE", datetime(2020, 1, 1, tzinfo=UTC)))
    assert "ObjectLockMode" not in written(
        planned(ended, PropertyChange(metadata={})), found.stored
    )
