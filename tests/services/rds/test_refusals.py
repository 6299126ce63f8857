"""What RDS and EC2 answer that the emulation cannot be made to say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.services.rds.instances import description, instance
from tui.services.audit import AuditLog
from tui.services.aws import Account, Pauses, StaticCredentials, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import NewInstance, RdsService

NEW = NewInstance("Demo", "postgres", "correct-horse-9", database="users", public=True)
GROUP = "sg-0123456789abcdef0"


@pytest.fixture
def offline(tmp_path: Path) -> Account:
    """An account whose clients are stubbed: nothing is ever sent."""
    return Account(
        Target(region="eu-west-1"),
        credentials=StaticCredentials("key", "secret"),
        audit=AuditLog(tmp_path / "audit.jsonl"),
    )


@asynccontextmanager
async def service_of(account: Account) -> AsyncIterator[RdsService]:
    service = RdsService(account)
    try:
        yield service
    finally:
        service.close()


@contextmanager
def stubbed(account: Account, client: str = "rds") -> Iterator[Stubber]:
    with Stubber(account.connection.client(client)) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that is throttled is not repeated."""
    monkeypatch.setattr("tui.services.aws.calls.ATTEMPTS", 1)


async def test_what_is_asked_for_is_what_was_shown_and_nothing_costs_more(offline: Account) -> None:
    expected = {
        "DBInstanceIdentifier": "demo",
        "Engine": "postgres",
        "DBInstanceClass": "db.t4g.micro",
        "MasterUsername": "postgres",
        "MasterUserPassword": "correct-horse-9",
        "DBName": "users",
        "AllocatedStorage": 20,
        "StorageType": "gp2",
        "PubliclyAccessible": True,
        "MultiAZ": False,
        "BackupRetentionPeriod": 0,
        "EnablePerformanceInsights": False,
        "AutoMinorVersionUpgrade": False,
        "DeletionProtection": False,
    }
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            answer = {"DBInstance": description(status="creating", Endpoint=None)}
            stub.add_response("create_db_instance", answer, expected)
            created = await service.create_instance(NEW)
    assert created.identifier == "demo"
    assert (created.status, created.host, created.port) == ("creating", None, None)


async def test_what_breaks_a_rule_is_never_sent(offline: Account) -> None:
    bad = NewInstance("a--b", "admin", "pass/word", database="db")
    async with service_of(offline) as service:
        with stubbed(offline), pytest.raises(ServiceError) as caught:
            await service.create_instance(bad)
    assert caught.value.kind is ErrorKind.INVALID
    assert "two hyphens" in caught.value.cause
    assert "pass/word" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        ("DBInstanceAlreadyExists", ErrorKind.EXISTS, "another identifier"),
        ("DBInstanceAlreadyExistsFault", ErrorKind.EXISTS, "another identifier"),
        ("InstanceQuotaExceeded", ErrorKind.OTHER, "higher quota"),
        ("InstanceQuotaExceededFault", ErrorKind.OTHER, "higher quota"),
        ("InsufficientDBInstanceCapacity", ErrorKind.OTHER, "other class"),
        ("InvalidVPCNetworkStateFault", ErrorKind.OTHER, "internet gateway"),
        ("InvalidVPCNetworkState", ErrorKind.OTHER, "internet gateway"),
        ("DBSubnetGroupDoesNotCoverEnoughAZs", ErrorKind.OTHER, "create-default-vpc"),
        ("AccessDenied", ErrorKind.DENIED, "CreateDBInstance"),
        ("Throttling", ErrorKind.THROTTLED, "wait a moment"),
        ("ExpiredToken", ErrorKind.CREDENTIALS, "aws sso login"),
    ],
)
async def test_a_refused_creation_says_what_to_do(
    offline: Account, once: None, code: str, kind: ErrorKind, hint: str
) -> None:
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            stub.add_client_error("create_db_instance", code, "No [/] today", 400)
            with pytest.raises(ServiceError) as caught:
                await service.create_instance(NEW)
    assert caught.value.kind is kind
    assert hint in caught.value.hint
    assert code in caught.value.cause
    assert "correct-horse-9" not in str(caught.value)


async def test_every_page_of_the_listing_is_read(offline: Account) -> None:
    pages: list[dict[str, Any]] = [
        {"DBInstances": [description("one")], "Marker": "opaque=="},
        {"DBInstances": [], "Marker": "more"},
        {"DBInstances": [description("two", Engine="mysql")]},
    ]
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            stub.add_response("describe_db_instances", pages[0], {"MaxRecords": 100})
            for page, token in zip(pages[1:], ["opaque==", "more"], strict=True):
                expected = {"MaxRecords": 100, "Marker": token}
                stub.add_response("describe_db_instances", page, expected)
            found = [each async for page in service.list_instances() for each in page.instances]
    assert [(each.identifier, each.speaks_postgres) for each in found] == [
        ("one", True),
        ("two", False),
    ]


async def test_waiting_outlives_throttling_and_ends_on_storage_full(
    offline: Account, once: None
) -> None:
    seen: list[tuple[str, bool]] = []

    async def wait(service: RdsService) -> None:
        async for look in service.wait_for("Demo", pauses=Pauses(first=0.0)):
            seen.append((look.status, bool(look.trouble)))

    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            creating = {"DBInstances": [description(status="creating", Endpoint=None)]}
            stub.add_response("describe_db_instances", creating)
            stub.add_client_error("describe_db_instances", "Throttling", "Rate exceeded", 400)
            full = {"DBInstances": [description(status="storage-full")]}
            stub.add_response("describe_db_instances", full)
            with pytest.raises(ServiceError) as caught:
                await wait(service)
    assert seen == [("creating", False), ("creating", True), ("storage-full", False)]
    assert "allocate more" in caught.value.hint


async def test_waiting_goes_on_where_it_began_when_the_region_is_switched(
    offline: Account,
) -> None:
    statuses: list[str] = []
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            creating = {"DBInstances": [description(status="creating", Endpoint=None)]}
            stub.add_response("describe_db_instances", creating)
            stub.add_response("describe_db_instances", {"DBInstances": [description()]})
            async for look in service.wait_for("demo", pauses=Pauses(first=0.0)):
                statuses.append(look.status)
                offline.switch(region="us-east-2")
            offline.switch(region="eu-west-1")
    assert statuses == ["creating", "available"]


async def test_a_rule_that_somebody_else_added_meanwhile_is_already_open(offline: Account) -> None:
    async with service_of(offline) as service:
        with stubbed(offline, "ec2") as stub:
            groups = {"SecurityGroups": [{"GroupId": GROUP, "IpPermissions": []}]}
            stub.add_response("describe_security_groups", groups)
            stub.add_client_error(
                "authorize_security_group_ingress", "InvalidPermission.Duplicate", "exists", 400
            )
            opened = await service.security_groups.open_postgres(instance(), ["203.0.113.7"])
    assert (opened.added, opened.already) == ((), ("203.0.113.7/32",))


async def test_a_rule_names_port_range_and_purpose(offline: Account) -> None:
    expected = {
        "GroupId": GROUP,
        "IpPermissions": [
            {
                "IpProtocol": "tcp",
                "FromPort": 6543,
                "ToPort": 6543,
                "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/64", "Description": "office"}],
            }
        ],
    }
    async with service_of(offline) as service:
        with stubbed(offline, "ec2") as stub:
            groups = {"SecurityGroups": [{"GroupId": GROUP, "IpPermissions": []}]}
            stub.add_response("describe_security_groups", groups)
            stub.add_response("authorize_security_group_ingress", {"Return": True}, expected)
            other_port = instance(Endpoint={"Address": "demo.rds.example", "Port": 6543})
            opened = await service.security_groups.open_postgres(
                other_port, ["2001:db8::/64"], description="office"
            )
    assert (opened.port, opened.added) == (6543, ("2001:db8::/64",))


async def test_inbound_rules_that_may_not_be_read_are_an_error_and_not_none(
    offline: Account,
) -> None:
    async with service_of(offline) as service:
        with stubbed(offline, "ec2") as stub:
            stub.add_client_error("describe_security_groups", "UnauthorizedOperation", "no", 403)
            with pytest.raises(ServiceError) as caught:
                await service.security_groups.of(instance())
    assert caught.value.kind is ErrorKind.DENIED
    assert "DescribeSecurityGroups" in caught.value.hint


async def test_versions_come_newest_first_with_the_default_marked(offline: Account) -> None:
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            default = {"DBEngineVersions": [{"EngineVersion": "17.4"}]}
            every = ["16.8-R1", "17.4", "9.6.1", "17.10", "16.8-R2"]
            stub.add_response("describe_db_engine_versions", default)
            stub.add_response(
                "describe_db_engine_versions",
                {"DBEngineVersions": [{"EngineVersion": version} for version in every]},
            )
            versions = await service.engine_versions()
    ordered = ["17.10", "17.4", "16.8-R2", "16.8-R1", "9.6.1"]
    assert [each.version for each in versions] == ordered
    assert [each.version for each in versions if each.is_default] == ["17.4"]


async def test_a_region_without_a_default_vpc_says_so(offline: Account) -> None:
    async with service_of(offline) as service:
        with stubbed(offline, "ec2") as stub:
            stub.add_response("describe_vpcs", {"Vpcs": []})
            placement = await service.placement()
    assert placement.default_vpc is None
    assert placement.security_groups == ()


async def test_a_state_that_does_not_allow_a_change_says_to_wait(offline: Account) -> None:
    async with service_of(offline) as service:
        with stubbed(offline) as stub:
            stub.add_client_error("start_db_instance", "InvalidDBInstanceState", "creating", 400)
            with pytest.raises(ServiceError) as caught:
                await service.lifecycle.start("demo")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "Wait" in caught.value.hint


async def test_read_only_refuses_to_create_before_anything_is_sent() -> None:
    nowhere = Target(region="eu-west-1", endpoint_url="http://127.0.0.1:1")
    account = Account(nowhere, read_only=True, credentials=StaticCredentials("key", "secret"))
    async with service_of(account) as service:
        with pytest.raises(ServiceError) as caught:
            await service.create_instance(NEW)
    assert caught.value.kind is ErrorKind.READ_ONLY


def test_connect_info_is_what_a_client_needs(offline: Account) -> None:
    service = RdsService(offline)
    info = service.connect_info(instance(DBName="users", IAMDatabaseAuthenticationEnabled=True))
    assert (info.host, info.port, info.database) == ("demo.rds.example", 5432, "users")
    assert (info.user, info.iam_possible, info.sslmode) == ("postgres", True, "require")
    assert service.connect_info(instance()).database == "postgres"
    assert service.connect_info(instance(), "other").database == "other"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (instance(status="creating", Endpoint=None), "no endpoint yet"),
        (instance(status="failed", Endpoint=None), "will not become available"),
        (instance(Engine="mysql"), "not PostgreSQL"),
    ],
)
def test_there_is_nothing_to_connect_to_yet_or_ever(
    offline: Account, found: Any, said: str
) -> None:
    with pytest.raises(ServiceError, match=said):
        RdsService(offline).connect_info(found)


def test_unknown_is_none_and_not_no() -> None:
    bare = instance(VpcSecurityGroups=None, AllocatedStorage=None, StorageType=None)
    assert bare.public is None
    assert bare.encrypted is None
    assert bare.deletion_protection is None
    assert bare.storage_gib is None
    assert bare.backup_days is None


def test_the_storage_of_an_aurora_member_belongs_to_its_cluster() -> None:
    member = instance(Engine="aurora-postgresql", AllocatedStorage=1, DBClusterIdentifier="c")
    assert member.storage_gib is None
    assert member.cluster == "c"
    assert member.speaks_postgres
