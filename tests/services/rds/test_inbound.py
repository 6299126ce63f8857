"""Which rules let whom in; rules that are added and removed again, on the sandbox's EC2 and on one
that lies."""

from __future__ import annotations

import ipaddress
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import ServiceRequest, behind, refusal
from tests.local_server import Answer
from tests.services.rds.instances import HOSTILE, instance
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance, RdsService, inbound, ranges
from tui.services.rds.ranges import ANYWHERE_V4, ANYWHERE_V6
from tui.services.rds.security_groups import revocation, to_security_group


def rule(
    source: str, protocol: str = "tcp", from_port: int | None = 5432, to_port: int | None = 5432
) -> InboundRule:
    return InboundRule("sg-1", protocol, from_port, to_port, source, "")


@pytest.mark.parametrize(
    ("existing", "wanted", "covered"),
    [
        (rule("203.0.113.7/32"), "203.0.113.7/32", True),
        (rule("203.0.113.0/24"), "203.0.113.7/32", True),
        (rule("203.0.113.7/32"), "203.0.113.0/24", False),
        (rule("0.0.0.0/0"), "203.0.113.0/24", True),
        (rule("0.0.0.0/0"), "::/0", False),
        (rule("::/0"), "0.0.0.0/0", False),
        (rule("::/0"), "2001:db8::/64", True),
        (rule("0.0.0.0/0", from_port=22, to_port=22), "203.0.113.7/32", False),
        (rule("0.0.0.0/0", from_port=1, to_port=65535), "203.0.113.7/32", True),
        (rule("0.0.0.0/0", "udp"), "203.0.113.7/32", False),
        (rule("0.0.0.0/0", "-1", None, None), "203.0.113.7/32", True),
        (rule("sg-0123456789abcdef0"), "203.0.113.7/32", False),
        (rule("pl-12345678"), "203.0.113.7/32", False),
    ],
)
def test_a_rule_covers_what_it_lets_in_and_nothing_more(
    existing: InboundRule, wanted: str, covered: bool
) -> None:
    assert inbound.covers(existing, 5432, ipaddress.ip_network(wanted)) is covered


def test_every_kind_of_source_is_read() -> None:
    group = to_security_group(
        {
            "GroupId": "sg-1",
            "GroupName": "default",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 5432,
                    "ToPort": 5432,
                    "IpRanges": [{"CidrIp": "203.0.113.0/24", "Description": "[/] office"}],
                    "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/64"}],
                    "UserIdGroupPairs": [{"GroupId": "sg-2"}],
                    "PrefixListIds": [{"PrefixListId": "pl-3"}],
                },
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]},
            ],
        }
    )
    assert group.is_default
    assert [each.source for each in group.open_to(5432)] == [
        "203.0.113.0/24",
        "2001:db8::/64",
        "sg-2",
        "pl-3",
        "sg-1",
    ]
    assert group.rules[0].description == "[/] office"
    assert [each.source for each in group.open_to(22)] == ["sg-1"]


def test_the_same_range_twice_is_one_range() -> None:
    networks = ranges.to_networks(["203.0.113.7", "203.0.113.7/32", "::/0"])
    assert list(map(str, networks)) == ["203.0.113.7/32", "::/0"]


@pytest.mark.parametrize("sources", [[], ["203.0.113.7/24"], ["[/]"]])
def test_what_is_no_range_is_refused(sources: list[str]) -> None:
    with pytest.raises(ServiceError) as caught:
        ranges.to_networks(sources)
    assert caught.value.kind is ErrorKind.INVALID


def test_the_first_group_of_the_instance_is_taken_unless_one_is_named() -> None:
    two = instance(
        VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-1"}, {"VpcSecurityGroupId": "sg-2"}]
    )
    assert two.group_to_open(None) == "sg-1"
    assert two.group_to_open("sg-2") == "sg-2"


@pytest.mark.parametrize("group_id", [None, "sg-9"])
def test_a_group_that_is_not_the_instances_is_refused(group_id: str | None) -> None:
    groups = [] if group_id is None else [{"VpcSecurityGroupId": "sg-1"}]
    with pytest.raises(ServiceError):
        instance(VpcSecurityGroups=groups).group_to_open(group_id)


def test_an_instance_without_an_endpoint_has_no_port_to_open() -> None:
    with pytest.raises(ServiceError, match="Wait until it is available"):
        instance(status="creating", Endpoint=None).port_to_open()


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.0/24 ", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::/64", "2001:db8::/64"),
        ("::1", "::1/128"),
        ("::/0", "::/0"),
    ],
)
def test_ranges_are_kept_in_the_form_that_ec2_stores(text: str, network: str) -> None:
    assert ranges.range_problem(text) is None
    assert str(ranges.to_network(text)) == network


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "missing"),
        ("203.0.113.7/24", "did you mean 203.0.113.0/24?"),
        ("2001:db8::1/64", "did you mean 2001:db8::/64?"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("10.0.0.0/0.0.0.255", "10.0.0.0/24"),
        ("203.0.113.0/33", "Not an address"),
        ("203.0.113", "Not an address"),
        ("203.0.113.007", "Not an address"),
        ("example.com", "Not an address"),
        *((text, "Not an address") for text in HOSTILE),
    ],
)
def test_ranges_that_are_refused_say_what_would_be_right(text: str, said: str) -> None:
    assert said in (ranges.range_problem(text) or "")
    with pytest.raises(ValueError):
        ranges.to_network(text)


@pytest.fixture
def rds(account: Account) -> Iterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


@pytest.fixture
def one(account: Account) -> Instance:
    """An instance with a security group of its own; only the group is real."""
    ec2 = account.connection.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    name = f"group-{uuid.uuid4().hex[:8]}"
    group = ec2.create_security_group(GroupName=name, Description="test", VpcId=vpc)
    return instance(VpcSecurityGroups=[{"VpcSecurityGroupId": group["GroupId"]}])


async def rules_of(rds: RdsService, one: Instance) -> list[InboundRule]:
    return [rule for group in await rds.security_groups.of(one) for rule in group.rules]


async def test_what_was_opened_to_the_world_is_closed_again(
    rds: RdsService, one: Instance, tmp_path: Path
) -> None:
    await rds.security_groups.open_postgres(one, [ANYWHERE_V4, ANYWHERE_V6, "203.0.113.7"])
    found = await rules_of(rds, one)
    assert all(inbound.is_ours(rule) for rule in found)

    for rule in found:
        if rule.source in {ANYWHERE_V4, ANYWHERE_V6}:
            assert await rds.security_groups.remove(rule)

    assert [rule.source for rule in await rules_of(rds, one)] == ["203.0.113.7/32"]
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    removed = [line for line in lines if line["operation"] == "RevokeSecurityGroupIngress"]
    assert [line["target"]["GroupId"] for line in removed] == [one.security_groups[0]] * 2
    assert "from 0.0.0.0/0" in str(removed[0]["target"])


async def test_a_rule_of_somebody_else_is_told_apart_and_can_be_removed_too(
    rds: RdsService, one: Instance, account: Account
) -> None:
    theirs: Any = {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 6000}
    theirs["IpRanges"] = [{"CidrIp": "198.51.100.0/24", "Description": "office"}]
    account.connection.client("ec2").authorize_security_group_ingress(
        GroupId=one.security_groups[0], IpPermissions=[theirs]
    )
    (rule,) = await rules_of(rds, one)
    assert not inbound.is_ours(rule)

    assert await rds.security_groups.remove(rule)
    assert await rules_of(rds, one) == []


async def test_a_rule_that_is_gone_already_is_said_to_be(rds: RdsService, one: Instance) -> None:
    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")

    assert not await rds.security_groups.remove(rule)


async def test_a_revocation_that_changed_nothing_is_not_believed(
    sandbox: SandboxInfo, audit: AuditLog, rds: RdsService, one: Instance
) -> None:
    await rds.security_groups.open_postgres(one, [ANYWHERE_V4])
    (rule,) = await rules_of(rds, one)

    def lie(request: ServiceRequest) -> Answer | None:
        if not request.asks("RevokeSecurityGroupIngress"):
            return None
        return Answer(
            200,
            "<RevokeSecurityGroupIngressResponse><return>true</return>"
            "</RevokeSecurityGroupIngressResponse>",
        )

    with behind(sandbox, lie, audit) as account:
        service = RdsService(account)
        with pytest.raises(ServiceError, match="is still in"):
            await service.security_groups.remove(rule)
        service.close()


async def test_a_refused_revocation_is_an_error_with_its_permission(
    sandbox: SandboxInfo, audit: AuditLog, one: Instance
) -> None:
    def deny(request: ServiceRequest) -> Answer | None:
        if not request.asks("RevokeSecurityGroupIngress"):
            return None
        return refusal(request, 403, "UnauthorizedOperation")

    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")
    with behind(sandbox, deny, audit) as account:
        service = RdsService(account)
        with pytest.raises(ServiceError) as caught:
            await service.security_groups.remove(rule)
        service.close()
    assert caught.value.kind is ErrorKind.DENIED
    assert "RevokeSecurityGroupIngress" in caught.value.hint


async def test_read_only_removes_nothing(read_only_account: Account, one: Instance) -> None:
    service = RdsService(read_only_account)
    rule = InboundRule(one.security_groups[0], "tcp", 5432, 5432, "203.0.113.7/32", "")
    with pytest.raises(ServiceError) as caught:
        await service.security_groups.remove(rule)
    service.close()
    assert caught.value.kind is ErrorKind.READ_ONLY


@pytest.mark.parametrize(
    ("source", "field", "key"),
    [
        ("203.0.113.0/24", "IpRanges", "CidrIp"),
        ("2001:db8::/64", "Ipv6Ranges", "CidrIpv6"),
        ("sg-0123", "UserIdGroupPairs", "GroupId"),
        ("pl-0123", "PrefixListIds", "PrefixListId"),
    ],
)
def test_a_revocation_names_the_rule_exactly(source: str, field: str, key: str) -> None:
    rule = InboundRule("sg-1", "tcp", 5432, 5433, source, "any")
    ports = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5433}

    assert revocation(rule) == ports | {field: [{key: source}]}


def test_a_rule_for_every_port_is_revoked_without_ports() -> None:
    rule = InboundRule("sg-1", "-1", None, None, "0.0.0.0/0", "")

    assert revocation(rule) == {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
