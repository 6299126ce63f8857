"""Which rules let whom in."""

from __future__ import annotations

import ipaddress

import pytest

from tests.services.rds.instances import instance
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, inbound
from tui.services.rds.parse import to_security_group


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
    networks = inbound.to_networks(["203.0.113.7", "203.0.113.7/32", "::/0"])
    assert list(map(str, networks)) == ["203.0.113.7/32", "::/0"]


@pytest.mark.parametrize("sources", [[], ["203.0.113.7/24"], ["[/]"]])
def test_what_is_no_range_is_refused(sources: list[str]) -> None:
    with pytest.raises(ServiceError) as caught:
        inbound.to_networks(sources)
    assert caught.value.kind is ErrorKind.INVALID


def test_the_first_group_of_the_instance_is_taken_unless_one_is_named() -> None:
    two = instance(
        VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-1"}, {"VpcSecurityGroupId": "sg-2"}]
    )
    assert inbound.choose_group(two, None) == "sg-1"
    assert inbound.choose_group(two, "sg-2") == "sg-2"


@pytest.mark.parametrize("group_id", [None, "sg-9"])
def test_a_group_that_is_not_the_instances_is_refused(group_id: str | None) -> None:
    groups = [] if group_id is None else [{"VpcSecurityGroupId": "sg-1"}]
    with pytest.raises(ServiceError):
        inbound.choose_group(instance(VpcSecurityGroups=groups), group_id)


def test_an_instance_without_an_endpoint_has_no_port_to_open() -> None:
    with pytest.raises(ServiceError, match="Wait until it is available"):
        inbound.port_of(instance(status="creating", Endpoint=None))
