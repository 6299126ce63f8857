"""Creating buckets and reading what is true of them, each part for itself."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    BucketSummary,
    Exposure,
    NewBucket,
    PolicyStatus,
    PublicAccessBlock,
    PublicGrant,
    S3Location,
    S3Service,
    Unknown,
    Versioning,
)
from tui.services.s3.bucket.public_grants import allows_everybody


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
async def test_a_new_bucket_is_in_its_region_and_blocked(
    s3: S3Service, account: Account, region: str
) -> None:
    name = f"new-{uuid4().hex}"
    created = await s3.create_bucket(NewBucket(name, region))
    assert created.problem is None
    assert created.block == PublicAccessBlock.all(True)
    location = account.connection.client("s3").get_bucket_location(Bucket=name)
    # null is how GetBucketLocation spells us-east-1.
    assert location["LocationConstraint"] == (None if region == "us-east-1" else region)
    assert await s3.public_access_block(name) == PublicAccessBlock.all(True)
    assert (await s3.bucket_details(name)).region == region


async def test_a_new_bucket_may_be_left_open_when_asked(s3: S3Service) -> None:
    name = f"new-{uuid4().hex}"
    created = await s3.create_bucket(NewBucket(name, "us-east-1", block_public=False))
    assert created.block == await s3.public_access_block(name) == PublicAccessBlock.all(False)


async def test_a_bad_name_is_refused_before_anything_is_sent() -> None:
    with scripted(Answer()) as (s3, server), pytest.raises(ServiceError) as caught:
        await s3.create_bucket(NewBucket("Bad_Name", "us-east-1"))
    assert caught.value.kind is ErrorKind.INVALID
    assert "'_'" in caught.value.hint
    assert server.requests == []


async def test_a_taken_name_is_refused_and_the_bucket_left_as_it_is(
    s3: S3Service, bucket: str
) -> None:
    await s3.set_public_access_block(bucket, PublicAccessBlock(True, False, True, False))
    with pytest.raises(ServiceError) as caught:
        await s3.create_bucket(NewBucket(bucket, "us-east-1"))
    assert caught.value.kind is ErrorKind.EXISTS
    assert await s3.public_access_block(bucket) == PublicAccessBlock(True, False, True, False)


async def test_a_name_taken_in_another_region_is_refused() -> None:
    with (
        scripted(Answer(301, headers={"x-amz-bucket-region": "eu-west-1"})) as (s3, server),
        pytest.raises(ServiceError) as caught,
    ):
        await s3.create_bucket(NewBucket("taken-name", "us-east-1"))
    assert caught.value.kind is ErrorKind.EXISTS
    assert {request.method for request in server.requests} == {"HEAD"}


async def test_a_bucket_that_could_not_be_blocked_is_said_to_exist() -> None:
    script = (Answer(404), Answer(200), error(403, "AccessDenied"))
    with scripted(*script) as (s3, server):
        created = await s3.create_bucket(NewBucket("half-made", "us-east-1"))
    assert [request.method for request in server.requests] == ["HEAD", "PUT", "PUT"]
    assert created.block is None
    assert created.problem is not None
    assert "was created, but its public access block was not set" in created.problem.message
    assert "s3:PutBucketPublicAccessBlock" in created.problem.hint


async def test_only_us_east_1_goes_without_a_location_constraint() -> None:
    for region, said in (("us-east-1", b""), ("eu-west-1", b"eu-west-1")):
        with scripted(Answer(404), Answer(200)) as (s3, server):
            await s3.create_bucket(NewBucket("some-bucket", region))
        body = server.requests[1].body
        assert (b"LocationConstraint" in body) is (region != "us-east-1")
        assert said in body


async def test_details_of_a_plain_bucket(s3: S3Service, bucket: str) -> None:
    details = await s3.bucket_details(bucket)
    assert details.region == "us-east-1"
    assert details.versioning is Versioning.NEVER
    assert details.exposure.public_access_block is None
    assert details.exposure.policy is PolicyStatus.NO_POLICY
    assert details.encryption is None or details.encryption == "AES256"


@pytest.mark.parametrize(
    ("status", "wanted"),
    [("Enabled", Versioning.ENABLED), ("Suspended", Versioning.SUSPENDED)],
)
async def test_versioning_is_read(
    s3: S3Service, account: Account, bucket: str, status: Any, wanted: Versioning
) -> None:
    account.connection.client("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": status}
    )
    assert await s3.versioning(bucket) is wanted
    assert wanted.keeps_versions


@pytest.mark.parametrize(
    ("principal", "wanted"),
    [("*", PolicyStatus.PUBLIC), ({"AWS": "arn:aws:iam::1:root"}, PolicyStatus.NOT_PUBLIC)],
)
async def test_a_public_policy_is_told_from_a_private_one(
    s3: S3Service, account: Account, bucket: str, principal: object, wanted: PolicyStatus
) -> None:
    _put_policy(account, bucket, principal)
    assert (await s3.bucket_details(bucket)).exposure.policy is wanted


def _put_policy(account: Account, bucket: str, principal: object) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.connection.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


async def test_a_denied_part_hides_no_other_part() -> None:
    versioned = Answer(
        body="<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        headers={"x-amz-bucket-region": "eu-west-1"},
    )
    with scripted(versioned, error(403, "AccessDenied")) as (s3, _):
        details = await s3.bucket_details("bucket")
    assert details.versioning is Versioning.ENABLED
    assert details.region == "eu-west-1"
    assert isinstance(details.exposure.public_access_block, Unknown)
    assert details.exposure.public_access_block.denied
    assert "s3:GetBucketPublicAccessBlock" in str(details.exposure.public_access_block)
    assert isinstance(details.exposure.policy, Unknown)
    assert "access denied" in str(details.exposure.policy)


async def test_a_part_that_failed_is_not_called_denied() -> None:
    versioned = Answer(body="<VersioningConfiguration/>", headers={"x-amz-bucket-region": "x"})
    with scripted(versioned, error(400, "MethodNotAllowed")) as (s3, _):
        details = await s3.bucket_details("bucket")
    assert isinstance(details.exposure.policy, Unknown)
    assert not details.exposure.policy.denied
    assert "MethodNotAllowed" in str(details.exposure.policy)


async def test_a_missing_bucket_has_no_details(s3: S3Service) -> None:
    with pytest.raises(ServiceError) as caught:
        await s3.bucket_details("no-such-bucket-here")
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (PublicAccessBlock.all(True), "on (all four)"),
        (PublicAccessBlock.all(False), "off (all four)"),
        (PublicAccessBlock(True, True, False, False), "does not block new public policies"),
    ],
)
def test_a_block_says_what_it_does_and_does_not(block: PublicAccessBlock, said: str) -> None:
    assert said in str(block)


async def test_read_only_sends_no_change(read_only_account: Account, bucket: str) -> None:
    s3 = S3Service(read_only_account)
    with pytest.raises(ServiceError) as caught:
        await s3.set_public_access_block(bucket, PublicAccessBlock.all(False))
    assert caught.value.kind is ErrorKind.READ_ONLY
    with pytest.raises(ServiceError):
        await s3.create_bucket(NewBucket(f"new-{uuid4().hex}", "us-east-1"))
    assert await s3.public_access_block(bucket) is None
    assert (await s3.list_page(S3Location(bucket))).objects == ()
    s3.close()


@pytest.mark.parametrize(
    ("acl", "wanted"),
    [
        ("private", ()),
        ("public-read", (PublicGrant("anybody on the internet", "READ"),)),
        ("authenticated-read", (PublicGrant("anybody with an AWS account", "READ"),)),
    ],
)
async def test_what_an_acl_gives_to_everybody_is_read(
    s3: S3Service, account: Account, bucket: str, acl: Any, wanted: tuple[PublicGrant, ...]
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_acl(Bucket=bucket, ACL=acl)
    assert (await s3.bucket_details(bucket)).exposure.grants == wanted


async def test_an_acl_that_may_not_be_read_is_unknown() -> None:
    with scripted(error(403, "AccessDenied")) as (s3, _):
        grants = (await s3.bucket_details("bucket")).exposure.grants
    assert isinstance(grants, Unknown)
    assert "s3:GetBucketAcl" in str(grants)


# -- the summary in the list of buckets --------------------------------------------------------


@pytest.mark.parametrize(
    ("principal", "block", "wanted"),
    [
        ("*", None, True),
        ("*", PublicAccessBlock(False, False, False, True), False),
        ({"AWS": "arn:aws:iam::1:root"}, None, False),
    ],
)
async def test_the_summary_says_whether_a_bucket_is_public(
    s3: S3Service,
    account: Account,
    bucket: str,
    principal: object,
    block: PublicAccessBlock | None,
    wanted: bool,
) -> None:
    _put_policy(account, bucket, principal)
    if block is not None:
        await s3.set_public_access_block(bucket, block)
    assert await s3.summarize_bucket(bucket) == BucketSummary("us-east-1", wanted)


async def test_a_public_acl_makes_the_summary_public(
    s3: S3Service, account: Account, bucket: str
) -> None:
    account.connection.client("s3").put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert (await s3.summarize_bucket(bucket)).public is True


@pytest.mark.parametrize("code", ["AccessDenied", "Strange"])
async def test_a_summary_of_which_nothing_may_be_read_is_unknown(code: str) -> None:
    with scripted(error(403, code)) as (s3, _):
        assert await s3.summarize_bucket("bucket") == BucketSummary(None, None)


async def test_a_whole_block_needs_no_other_request() -> None:
    switches = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    body = "".join(f"<{each}>true</{each}>" for each in switches)
    blocked = Answer(
        body=f"<PublicAccessBlockConfiguration>{body}</PublicAccessBlockConfiguration>",
        headers={"x-amz-bucket-region": "eu-west-1"},
    )
    with scripted(blocked) as (s3, server):
        assert await s3.summarize_bucket("bucket") == BucketSummary("eu-west-1", public=False)
    assert len(server.requests) == 1


def _exposure(
    block: PublicAccessBlock | Unknown | None, policy: PolicyStatus | Unknown
) -> Exposure:
    return Exposure(block, policy, ())


_DENIED = Unknown(ServiceError("No.", code="AccessDenied", kind=ErrorKind.DENIED))
_NO_SUCH_THING = Unknown(ServiceError("No.", code="NotImplemented"))


@pytest.mark.parametrize(
    ("exposure", "wanted"),
    [
        (_exposure(None, PolicyStatus.PUBLIC), True),
        (_exposure(_NO_SUCH_THING, PolicyStatus.PUBLIC), True),
        (_exposure(_DENIED, PolicyStatus.PUBLIC), None),
        (_exposure(_DENIED, PolicyStatus.NO_POLICY), False),
        (_exposure(None, _DENIED), None),
        (_exposure(PublicAccessBlock.all(True), _DENIED), False),
        (Exposure(None, _DENIED, (PublicGrant("anybody on the internet", "READ"),)), True),
    ],
)
def test_what_is_not_known_is_neither_public_nor_private(
    exposure: Exposure, wanted: bool | None
) -> None:
    assert exposure.public is wanted


async def test_a_compatible_server_is_not_believed_that_an_open_policy_is_not_public() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "s3:GetObject"}
    versioned = Answer(
        body="<VersioningConfiguration/>", headers={"x-amz-bucket-region": "us-east-1"}
    )
    closed = Answer(body="<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>")
    policy = Answer(body=json.dumps({"Statement": [statement]}))
    unblocked = error(501, "NotImplemented")
    with scripted(versioned, unblocked, closed, policy) as (s3, _):
        details = await s3.bucket_details("bucket")
    assert details.exposure.policy is PolicyStatus.PUBLIC


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        ('{"Statement": {"Effect": "Allow", "Principal": "*"}}', True),
        ('{"Statement": [{"Effect": "Deny", "Principal": "*"}]}', False),
        ('{"Statement": [{"Effect": "Allow", "Principal": "*", "Condition": {"a": 1}}]}', False),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}}]}', True),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "1"}}]}', False),
        ('{"Statement": "x"}', False),
        ("[]", False),
        ("", False),
        ("[" * 100_000, False),
    ],
)
def test_a_policy_opens_to_everybody_only_without_a_condition(policy: str, wanted: bool) -> None:
    assert allows_everybody(policy) is wanted


@pytest.mark.parametrize(("said", "on"), [("Enabled", True), ("Disabled", False)])
async def test_mfa_delete_is_read(said: str, on: bool) -> None:
    body = f"<VersioningConfiguration><MfaDelete>{said}</MfaDelete></VersioningConfiguration>"
    with scripted(Answer(200, body)) as (s3, _):
        assert await s3.mfa_delete("b", at=s3.account.connection) is on
