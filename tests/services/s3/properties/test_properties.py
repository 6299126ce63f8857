"""Everything that S3 says of one object, and what is said of the parts that may not be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.keys import HOSTILE
from tests.services.s3.scripted import error, scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service, Unknown
from tui.services.s3.properties.models import Acl, Encryption, Lockless, Retention, Stored
from tui.services.s3.properties.properties import stored_of

UNTIL = datetime(2100, 1, 2, 3, 4, 5, tzinfo=UTC)


def stored(**more: object) -> Stored:
    """What HeadObject says of an object with these headers."""
    return stored_of({"ContentLength": 5, "ETag": '"e"', **more})


async def test_all_that_was_stored_is_told(s3: S3Service, bucket: str, put: Put) -> None:
    key = HOSTILE[0]
    put(
        {key: b"12345"},
        ContentType="text/x",
        CacheControl="no-cache",
        ContentDisposition='attachment; filename="a.txt"',
        Expires=datetime(2030, 1, 1, tzinfo=UTC),
        Metadata={"who": "[red]me"},
        StorageClass="STANDARD_IA",
        ServerSideEncryption="AES256",
        ChecksumAlgorithm="SHA256",
        Tagging="k=v%20%2Bw&empty=",
    )
    found = await s3.properties(bucket, key)
    assert isinstance(found.stored, Stored)
    assert found.stored.headers == {
        "ContentType": "text/x",
        "CacheControl": "no-cache",
        "ContentDisposition": 'attachment; filename="a.txt"',
        "Expires": "Tue, 01 Jan 2030 00:00:00 GMT",
    }
    assert found.stored.metadata == {"who": "[red]me"}
    assert found.stored.storage_class == "STANDARD_IA"
    assert found.stored.encryption == Encryption("AES256")
    assert [name for name, _ in found.stored.checksums] == ["SHA256"]
    assert found.tags == {"k": "v +w", "empty": ""}
    assert isinstance(found.acl, Acl)
    assert found.acl.is_private
    assert found.retention == Lockless()


async def test_an_object_that_is_not_there_is_said(s3: S3Service, bucket: str) -> None:
    with pytest.raises(ServiceError) as told:
        await s3.properties(bucket, "missing")
    assert told.value.kind is ErrorKind.NOT_FOUND


async def test_what_is_denied_hides_nothing_else_and_names_its_permission() -> None:
    head = Answer(headers={"ETag": '"e"', "x-amz-meta-a": "b"})
    with scripted(head, error(403, "AccessDenied")) as (s3, _):
        found = await s3.properties("bucket", "a")
    assert isinstance(found.stored, Stored)
    assert found.stored.metadata == {"a": "b"}
    for part, permission in (
        (found.tags, "s3:GetObjectTagging"),
        (found.retention, "s3:GetObjectRetention"),
        (found.legal_hold, "s3:GetObjectLegalHold"),
        (found.acl, "s3:GetObjectAcl"),
    ):
        assert isinstance(part, Unknown)
        assert permission in str(part)


async def test_what_headobject_refuses_is_unknown_and_the_tags_are_told() -> None:
    tags = Answer(
        body="<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    )
    with scripted(error(403, "AccessDenied"), error(403, "AccessDenied"), tags) as (s3, _):
        found = await s3.properties("bucket", "a")
    assert isinstance(found.stored, Unknown)
    assert "s3:GetObject" in str(found.stored)
    assert found.tags == {"k": "v"}


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("NoSuchObjectLockConfiguration", "", None),
        ("ObjectLockConfigurationNotFoundError", "no lock", Lockless()),
        ("InvalidRequest", "Bucket is missing Object Lock Configuration", Lockless()),
    ],
)
async def test_no_lock_is_not_the_same_as_not_locked(code: str, message: str, told: object) -> None:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    with scripted(Answer(headers={"ETag": '"e"'}), Answer(400, body)) as (s3, _):
        found = await s3.properties("bucket", "a")
    assert found.retention == told
    assert found.legal_hold == told


def test_the_state_of_a_restore_is_told() -> None:
    assert stored(Restore='ongoing-request="true"').restore == "in progress"
    done = stored(Restore='ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"')
    assert done.restore == "until Fri, 21 Dec 2012 00:00:00 GMT"
    assert stored().restore == ""


def test_a_customers_key_is_not_called_one_of_kms() -> None:
    assert "customer" in str(stored(SSECustomerAlgorithm="AES256").encryption)
    kms = stored(ServerSideEncryption="aws:kms", SSEKMSKeyId="arn:k", BucketKeyEnabled=True)
    assert str(kms.encryption) == "aws:kms (key arn:k), bucket key"


def test_a_retention_that_ended_says_so() -> None:
    assert str(Retention("GOVERNANCE", UNTIL)) == "GOVERNANCE until 2100-01-02 03:04:05 UTC"
    past = Retention("GOVERNANCE", datetime.now(UTC) - timedelta(days=1))
    assert str(past).endswith("(ended)")
