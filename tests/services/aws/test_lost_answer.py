"""A change whose answer is lost: it is looked up, and said to be unknown where that shows nothing.

The requests are carried out at the sandbox; only their answers never arrive.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.faulty import Losing, ServiceRequest, account_behind, refusal
from tests.local_server import Answer, HangUpError
from tests.services.rds.instances import description
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Done, Look, Target, session, settled, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import NewInstance, RdsService
from tui.services.rds.answers import to_instance
from tui.services.s3 import NewBucket, PublicAccessBlock, S3Service


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)


def name(kind: str) -> str:
    return f"lost-{kind}-{uuid4().hex[:10]}"


def outcomes(audit: AuditLog, operation: str) -> list[str]:
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    return [line["outcome"] for line in lines if line["operation"] == operation]


both = pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])


# -- RDS -----------------------------------------------------------------------------------


def new_instance(**fields: Any) -> NewInstance:
    given = {"identifier": name("db"), "master_user": "postgres", "password": "correct-horse-9"}
    return NewInstance(**(given | fields))


@both
async def test_an_instance_that_is_being_created_is_not_called_taken(
    sandbox: SandboxInfo, audit: AuditLog, times: int
) -> None:
    new = new_instance()
    losing = Losing(sandbox, "CreateDBInstance", times)
    with account_behind(sandbox, losing, audit) as (account, opened):
        rds = RdsService(account)
        created = await rds.create_instance(new)
        rds.close()
        assert opened.changes.count("rds:CreateDBInstance") == 2
    assert created.identifier == new.stored_identifier
    assert outcomes(audit, "CreateDBInstance") == ["unknown", "ok"]
    assert new.password not in audit.path.read_text()


async def test_another_instance_that_had_the_name_before_is_not_our_success(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    new = new_instance(storage_gib=20)
    rds = RdsService(account)
    await rds.create_instance(new_instance(identifier=new.identifier, storage_gib=30))
    rds.close()
    losing = Losing(sandbox, "CreateDBInstance", 1)
    with account_behind(sandbox, losing, audit) as (behind, _):
        rds = RdsService(behind)
        with pytest.raises(ServiceError) as caught:
            await rds.create_instance(new)
        rds.close()
    assert caught.value.kind is ErrorKind.EXISTS
    assert "another identifier" in caught.value.hint
    assert outcomes(audit, "CreateDBInstance")[-2:] == ["unknown", "not done"]


async def test_an_instance_that_nobody_can_look_at_is_unknown_and_says_where_to_look(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    losing = Losing(sandbox, "CreateDBInstance")

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.action == "DescribeDBInstances":
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    with account_behind(sandbox, intercept, audit) as (account, _):
        rds = RdsService(account)
        with pytest.raises(ServiceError) as caught:
            await rds.create_instance(new_instance())
        rds.close()
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert "not known" in caught.value.message
    assert "do not create another one" in caught.value.hint
    assert outcomes(audit, "CreateDBInstance") == ["unknown"]


@both
async def test_an_inbound_rule_that_was_added_is_not_called_a_failure(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    ec2 = account.connection.client("ec2")
    group = ec2.create_security_group(GroupName=name("group"), Description="of a test")["GroupId"]
    described = description(VpcSecurityGroups=[{"VpcSecurityGroupId": group, "Status": "active"}])
    losing = Losing(sandbox, "AuthorizeSecurityGroupIngress", times)
    with account_behind(sandbox, losing, audit) as (behind, _):
        rds = RdsService(behind)
        opened = await rds.security_groups.open_postgres(to_instance(described), ["203.0.113.7"])
        rds.close()
    assert losing.lost == min(times, 2)
    assert (opened.added, opened.already) == (("203.0.113.7/32",), ())
    (line, *_) = audit.path.read_text().splitlines()[-1:]
    assert json.loads(line)["outcome"] == "ok"


@both
async def test_an_instance_that_is_starting_was_started(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    new = new_instance()
    rds = RdsService(account)
    await rds.create_instance(new)
    async for _ in rds.wait_for(new.identifier):
        pass
    account.connection.client("rds").stop_db_instance(DBInstanceIdentifier=new.identifier)
    with account_behind(sandbox, Losing(sandbox, "StartDBInstance", times), audit) as (behind, _):
        other = RdsService(behind)
        started = await other.lifecycle.start(new.identifier)
        other.close()
    rds.close()
    assert started.status not in {"stopped", "stopping"}


# -- S3 ------------------------------------------------------------------------------------


@both
async def test_a_bucket_whose_answer_was_lost_is_created(
    sandbox: SandboxInfo, audit: AuditLog, times: int
) -> None:
    bucket = name("bucket")
    with account_behind(sandbox, Losing(sandbox, "PUT", times), audit) as (account, _):
        s3 = S3Service(account)
        created = await s3.create_bucket(NewBucket(bucket, "eu-west-1"))
        assert created.problem is None
        assert await s3.public_access_block(bucket) == PublicAccessBlock.all(True)
        s3.close()
    assert created.name == bucket


async def test_a_bucket_that_was_not_created_is_not_called_unknown(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def lose_unsent(request: ServiceRequest) -> Answer | None:
        if request.method == "PUT":
            raise HangUpError
        return None

    with account_behind(sandbox, lose_unsent, audit) as (account, _):
        s3 = S3Service(account)
        with pytest.raises(ServiceError) as caught:
            await s3.create_bucket(NewBucket(name("bucket"), "eu-west-1"))
        s3.close()
    assert caught.value.kind is ErrorKind.NETWORK
    assert "shows that it was not done" in caught.value.hint
    assert outcomes(audit, "CreateBucket") == ["unknown", "not done"]


@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("keys", [["a", "b/c", "ü"], ["with\x01control"]])
async def test_objects_that_are_gone_are_deleted_though_no_answer_came(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, keys: list[str], versioned: bool
) -> None:
    bucket, client = name("bucket"), account.connection.client("s3")
    client.create_bucket(Bucket=bucket)
    if versioned:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in [*keys, "stays"]:
        client.put_object(Bucket=bucket, Key=key, Body=b"")
    action = "DELETE" if "\x01" in keys[0] else "POST"
    with account_behind(sandbox, Losing(sandbox, action), audit) as (behind, _):
        s3 = S3Service(behind)
        done = [outcome async for outcome in s3.delete_objects(bucket, keys)]
        s3.close()
    assert [key for outcome in done for key in outcome.deleted] == keys
    assert sum(outcome.markers for outcome in done) == (len(keys) if versioned else 0)
    left = client.list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in left] == ["stays"]


async def test_objects_that_are_still_listed_are_told_as_not_deleted(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    bucket, client = name("bucket"), account.connection.client("s3")
    client.create_bucket(Bucket=bucket)
    for key in ["a", "b"]:
        client.put_object(Bucket=bucket, Key=key, Body=b"")

    def lose_unsent(request: ServiceRequest) -> Answer | None:
        if request.is_batch_delete:
            client.delete_object(Bucket=bucket, Key="a")
            raise HangUpError
        return None

    with account_behind(sandbox, lose_unsent, audit) as (behind, _):
        s3 = S3Service(behind)
        (outcome,) = [each async for each in s3.delete_objects(bucket, ["a", "b"])]
        s3.close()
    assert outcome.deleted == ("a",)
    assert [failed.key for failed in outcome.failed] == ["b"]


async def test_a_delete_is_unknown_where_listing_is_denied(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    bucket = name("bucket")
    account.connection.client("s3").create_bucket(Bucket=bucket)
    losing = Losing(sandbox, "POST")

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.method == "GET":
            return refusal(request, 403, "AccessDenied")
        return losing(request)

    with account_behind(sandbox, intercept, audit) as (behind, _):
        s3 = S3Service(behind)
        with pytest.raises(ServiceError) as caught:
            [each async for each in s3.delete_objects(bucket, ["a"])]
        s3.close()
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert "delete 1 objects" in caught.value.message


# -- what all of them stand on --------------------------------------------------------------


def put(account: Account, bucket: str) -> Callable[[], Any]:
    return lambda: account.connection.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda request: refusal(request, 500, "InternalError"), ErrorKind.UNKNOWN),
        (lambda request: refusal(request, 503, "SlowDown"), ErrorKind.THROTTLED),
        (lambda request: refusal(request, 403, "AccessDenied"), ErrorKind.DENIED),
    ],
)
def test_only_an_answer_that_leaves_it_open_makes_a_change_unknown(
    sandbox: SandboxInfo,
    account: Account,
    audit: AuditLog,
    answer: Callable[[ServiceRequest], Answer],
    kind: ErrorKind,
) -> None:
    bucket = name("bucket")
    account.connection.client("s3").create_bucket(Bucket=bucket)
    with (
        account_behind(sandbox, lambda r: answer(r) if r.changes else None, audit) as (behind, _),
        pytest.raises(ServiceError) as caught,
        translating("store it"),
    ):
        put(behind, bucket)()
    assert caught.value.kind is kind


def test_a_request_that_cannot_have_arrived_is_not_looked_up(audit: AuditLog) -> None:
    from tui.services.aws import StaticCredentials

    account = Account(
        Target(region="us-east-1", endpoint_url="http://127.0.0.1:9"),
        credentials=StaticCredentials("key", "secret"),
        audit=audit,
    )
    looked: list[object] = []

    def look(refused: object) -> Look:
        looked.append(refused)
        return Look.UNCLEAR

    with pytest.raises(ServiceError) as caught, translating("store it"):
        settled(put(account, "bucket"), look, how_to_look="")
    account.close()
    assert caught.value.kind is ErrorKind.NETWORK
    assert looked == []
    assert outcomes(audit, "PutObject") == ["EndpointConnectionError"]


def test_a_refusal_that_shows_that_nothing_was_ever_done_is_told_as_it_is(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    """The first answer is lost; the second says that the request breaks a rule."""
    answers = [None, refusal]

    def intercept(request: ServiceRequest) -> Answer | None:
        if not request.changes:
            return None
        if answers.pop(0) is None:
            raise HangUpError
        return refusal(request, 400, "InvalidArgument")

    with (
        account_behind(sandbox, intercept, audit) as (account, _),
        pytest.raises(ServiceError) as caught,
        translating("store it"),
    ):
        put(account, "any-bucket")()
    assert caught.value.kind is ErrorKind.INVALID
    assert outcomes(audit, "PutObject") == ["InvalidArgument"]


def test_reading_is_never_unknown(sandbox: SandboxInfo, audit: AuditLog) -> None:
    def hang_up(request: ServiceRequest) -> Answer | None:
        raise HangUpError

    with (
        account_behind(sandbox, hang_up, audit) as (account, _),
        pytest.raises(ServiceError) as caught,
        translating("list the buckets"),
    ):
        account.connection.client("s3").list_buckets()
    assert caught.value.kind is ErrorKind.NETWORK
    assert not audit.path.exists()


def test_a_delete_that_finds_its_own_success_is_no_failure_in_the_log(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    bucket = name("bucket")
    account.connection.client("s3").create_bucket(Bucket=bucket)
    with (
        account_behind(sandbox, Losing(sandbox, "DELETE", 1), audit) as (behind, _),
        pytest.raises(ServiceError) as caught,
        translating("delete the bucket"),
    ):
        behind.connection.client("s3").delete_bucket(Bucket=bucket)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert outcomes(audit, "DeleteBucket") == ["ok"]


def test_what_a_look_finds_is_given_in_place_of_the_answer(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    bucket = name("bucket")
    account.connection.client("s3").create_bucket(Bucket=bucket)
    with account_behind(sandbox, Losing(sandbox, "PUT"), audit) as (behind, _):
        found = settled(put(behind, bucket), lambda refused: Done("found"), how_to_look="")
    assert found == "found"
    assert outcomes(audit, "PutObject") == ["unknown", "ok"]
