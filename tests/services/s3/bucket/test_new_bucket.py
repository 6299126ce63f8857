"""A new bucket has all that was asked for, or says which part it has not."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account, Connection, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    AWS_KEY,
    NewBucket,
    PublicAccessBlock,
    S3Service,
    parse_tags,
    tag_problems,
)


async def test_versioning_encryption_and_tags_are_set(s3: S3Service, account: Account) -> None:
    name = f"new-{uuid4().hex}"
    tags = {"team": "data", "cost centre": "4=2"}
    new = NewBucket(name, "eu-west-1", versioning=True, kms_key="alias/mine", tags=tags)
    created = await s3.create_bucket(new)
    assert created.problem is None
    client = account.connection.client("s3", region="eu-west-1")
    assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert {
        each["Key"]: each["Value"] for each in client.get_bucket_tagging(Bucket=name)["TagSet"]
    } == tags
    (rule,) = client.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": "alias/mine",
    }
    assert rule["BucketKeyEnabled"] is True


async def test_a_bucket_is_made_where_it_was_asked_for_or_not_at_all() -> None:
    with scripted(Answer(404), Answer(200)) as (s3, server):
        elsewhere = Connection(Target("another", "eu-west-1"))
        with pytest.raises(ServiceError) as caught:
            await s3.create_bucket(NewBucket("some-bucket", "us-east-1"), at=elsewhere)
        assert caught.value.kind is ErrorKind.CONFLICT
        assert not server.requests


async def test_a_lock_is_asked_for_when_the_bucket_is_made(s3: S3Service, account: Account) -> None:
    name = f"new-{uuid4().hex}"
    await s3.create_bucket(NewBucket(name, "us-east-1", lock=True, versioning=True))
    answer = account.connection.client("s3").get_object_lock_configuration(Bucket=name)
    assert answer["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


async def test_the_key_that_aws_manages_is_not_named() -> None:
    with scripted(Answer(404), *[Answer(200)] * 3) as (s3, server):
        await s3.create_bucket(NewBucket("some-bucket", "us-east-1", kms_key=AWS_KEY))
    body = server.requests[-1].body
    assert b"aws:kms" in body
    assert b"KMSMasterKeyID" not in body


async def test_a_part_that_is_denied_hides_no_other() -> None:
    script = (Answer(404), Answer(200), Answer(200), error(403, "AccessDenied"), Answer(200))
    with scripted(*script) as (s3, server):
        created = await s3.create_bucket(
            NewBucket("half-made", "us-east-1", versioning=True, tags={"a": "b"})
        )
    assert created.block == PublicAccessBlock.all(True)
    assert created.problem is not None
    assert "was created, but its versioning was not set" in created.problem.message
    assert "s3:PutBucketVersioning" in created.problem.hint
    assert "tagging" in server.requests[-1].path


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", {}),
        ("a=1, b = two words ,c", {"a": "1", "b": "two words", "c": ""}),
        ("key=a=b", {"key": "a=b"}),
    ],
)
def test_tags_are_typed_in_one_line(text: str, tags: dict[str, str]) -> None:
    assert parse_tags(text) == tags
    assert tag_problems(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("=x", "needs a key"),
        ("AWS:x=1", "reserved by AWS"),
        ("a=" + "x" * 257, "a value 256"),
        (",".join(f"k{n}=1" for n in range(51)), "At most 50"),
    ],
)
def test_tags_that_s3_refuses_are_refused_while_they_are_typed(text: str, said: str) -> None:
    assert any(said in each for each in tag_problems(text))


async def test_a_server_without_a_public_access_block_is_said_to_have_none() -> None:
    script = (Answer(404), Answer(200), error(400, "MalformedXML"))
    with scripted(*script) as (s3, _):
        created = await s3.create_bucket(NewBucket("made", "us-east-1"))
    assert created.problem is None
    assert "no public access block" in created.note
    assert created.block is None
    with scripted(*script) as (s3, _):
        assert not (await s3.create_bucket(NewBucket("open", "us-east-1", block_public=False))).note
    with scripted(*script, error(403, "AccessDenied")) as (s3, _):
        created = await s3.create_bucket(NewBucket("made", "us-east-1", tags={"a": "b"}))
    assert "no public access block" in created.note
    assert created.problem is not None
    assert created.problem.message == "The bucket made was created, but its tags were not set."
