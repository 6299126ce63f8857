"""Whether an address comes to an instance: rules, routes and network ACLs, on the sandbox's EC2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.faulty import ServiceRequest, behind, refusal
from tests.local_server import Answer
from tests.services.rds.instances import delete_instance, instance
from tests.services.rds.networks import OwnNetwork, own_network
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Cluster, InboundRule, Instance, RdsService, SecurityGroup
from tui.services.rds.answers import to_instance
from tui.services.rds.reachability import (
    AclEntry,
    SubnetAcl,
    SubnetRoute,
    admission,
    is_endpoint_of,
    is_name_of_cluster,
    members_behind,
)

MINE = "198.51.100.4"


@pytest.fixture
def rds(account: Account) -> Iterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


@pytest.fixture
def network(account: Account) -> OwnNetwork:
    return own_network(account)


def placed_in(network: OwnNetwork) -> Instance:
    return replace(
        instance(),
        vpc_id=network.vpc,
        subnets=tuple(network.subnets),
        security_groups=(network.security_group,),
    )


def test_the_subnets_of_an_instance_are_read_with_it(
    rds: RdsService, account: Account, network: OwnNetwork
) -> None:
    answer: Any = account.connection.client("rds").create_db_instance(
        DBInstanceIdentifier="in-subnets",
        Engine="mysql",
        DBInstanceClass="db.t3.micro",
        MasterUsername="anna",
        MasterUserPassword="hunter2222",
        AllocatedStorage=20,
        DBSubnetGroupName=network.subnet_group,
    )
    found = to_instance(answer["DBInstance"])
    assert found.vpc_id == network.vpc
    assert sorted(found.subnets) == sorted(network.subnets)
    delete_instance(account, "in-subnets")


async def test_an_instance_is_found_by_its_endpoint(rds: RdsService) -> None:
    seeded = await rds.describe("tutorial-db")
    assert seeded.host is not None
    assert seeded.port is not None
    found = await rds.find_endpoint(seeded.host, seeded.port)
    assert found is not None
    assert found.identifier == "tutorial-db"
    assert await rds.find_endpoint(seeded.host, 1) is None


def test_a_name_is_the_same_endpoint_however_it_is_written() -> None:
    there = instance("demo")
    assert is_endpoint_of(there, "DEMO.rds.example.", 5432)
    assert not is_endpoint_of(there, "demo.rds.example", 5433)
    assert not is_endpoint_of(instance("demo", "creating", Endpoint=None), "", 5432)


def test_behind_the_endpoints_of_a_cluster_are_its_writer_and_its_readers() -> None:
    names = ("shop-1", "shop-2", "shop-3")
    cluster = Cluster(
        "shop", "aurora-postgresql", None, "available", names, None, None,
        host="shop.cluster-abc.us-east-1.rds.example",
        reader_host="shop.cluster-ro-abc.us-east-1.rds.example",
        writers=("shop-2",),
    )  # fmt: skip
    writer, reader = cluster.host or "", cluster.reader_host or ""
    assert is_name_of_cluster(writer)
    assert is_name_of_cluster(reader)
    assert members_behind(cluster, writer.upper() + ".") == ("shop-2",)
    assert members_behind(cluster, reader) == ("shop-1", "shop-3")
    assert members_behind(replace(cluster, members=("shop-2",)), reader) == ("shop-2",)
    assert members_behind(cluster, "other.cluster-abc.us-east-1.rds.example") == ()
    assert not is_name_of_cluster("shop-1.abc.us-east-1.rds.example")


# -- routes ---------------------------------------------------------------------------------------


async def test_a_subnet_without_a_route_out_is_not_open(
    rds: RdsService, network: OwnNetwork
) -> None:
    routes = await rds.subnet_routes(placed_in(network))
    assert [each.subnet for each in routes] == network.subnets
    assert not any(each.is_open or each.gateway for each in routes)
    assert all(each.table.startswith("rtb-") for each in routes)


async def test_the_main_table_counts_where_a_subnet_has_none_of_its_own(
    rds: RdsService, network: OwnNetwork
) -> None:
    gateway = network.add_gateway()
    table = network.cut_off(network.subnets[1])
    with_gateway, without = await rds.subnet_routes(placed_in(network))
    assert with_gateway.gateway == gateway
    assert with_gateway.is_open
    assert (without.table, without.is_open) == (table, False)


async def test_an_instance_of_unknown_place_has_unknown_routes(rds: RdsService) -> None:
    assert await rds.subnet_routes(instance()) == ()
    assert await rds.subnet_acls(instance()) == ()


def test_a_way_out_through_nat_or_a_removed_gateway_is_no_way_in() -> None:
    assert SubnetRoute("s", "t", "igw-1").is_open
    assert not SubnetRoute("s", "t", "nat-1").is_open
    assert not SubnetRoute("s", "t", "igw-1", blackhole=True).is_open


async def test_a_denied_call_names_the_permission(
    sandbox: SandboxInfo, audit: AuditLog, network: OwnNetwork
) -> None:
    def refuse(request: ServiceRequest) -> Answer | None:
        if request.action in {"DescribeRouteTables", "DescribeNetworkAcls"}:
            return refusal(request, 403, "UnauthorizedOperation")
        return None

    with behind(sandbox, refuse, audit) as denied:
        service = RdsService(denied)
        for ask, permission in (
            (service.subnet_routes, "ec2:DescribeRouteTables"),
            (service.subnet_acls, "ec2:DescribeNetworkAcls"),
        ):
            with pytest.raises(ServiceError) as refused:
                await ask(placed_in(network))
            assert refused.value.kind is ErrorKind.DENIED
            assert permission in str(refused.value)
        service.close()


async def test_reading_them_is_no_change(read_only_account: Account, network: OwnNetwork) -> None:
    service = RdsService(read_only_account)
    assert await service.subnet_routes(placed_in(network))
    assert await service.subnet_acls(placed_in(network))
    service.close()


# -- network ACLs ---------------------------------------------------------------------------------


async def test_the_network_acl_that_a_vpc_begins_with_lets_everybody_through(
    rds: RdsService, network: OwnNetwork
) -> None:
    acls = await rds.subnet_acls(placed_in(network))
    assert [each.subnet for each in acls] == network.subnets
    assert [each.refuses(MINE, 5432) for each in acls] == ["", ""]


async def test_a_network_acl_that_denies_an_address_is_named_with_its_rule(
    rds: RdsService, network: OwnNetwork
) -> None:
    (acl, _) = await rds.subnet_acls(placed_in(network))
    network.ec2.create_network_acl_entry(
        NetworkAclId=acl.acl,
        RuleNumber=50,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="198.51.100.0/24",
        PortRange={"From": 5432, "To": 5432},
    )
    (changed, _) = await rds.subnet_acls(placed_in(network))
    said = changed.refuses(MINE, 5432)
    assert said == f"Rule 50 of {acl.acl} does not let {MINE} in to port 5432."
    assert changed.refuses(MINE, 5433) == ""
    assert changed.refuses("203.0.113.9", 5432) == ""


def entry(number: int, *, outward: bool, allows: bool, protocol: str = "-1") -> AclEntry:
    return AclEntry(number, outward, protocol, "0.0.0.0/0", None, None, allows)


def test_a_network_acl_keeps_no_state_so_the_answers_need_a_rule_too() -> None:
    inward = entry(100, outward=False, allows=True)
    assert "answers" in SubnetAcl("s", "acl-1", (inward,)).refuses(MINE, 5432)
    outward = entry(100, outward=True, allows=True)
    assert SubnetAcl("s", "acl-1", (inward, outward)).refuses(MINE, 5432) == ""
    assert SubnetAcl("s", "acl-1", (outward,)).refuses(MINE, 5432).startswith("No rule of acl-1")
    udp = replace(inward, protocol="17")
    assert SubnetAcl("s", "acl-1", (udp, outward)).refuses(MINE, 5432)
    assert SubnetAcl("s", "acl-1", (inward, outward)).refuses("2001:db8::1", 5432)


# -- security groups ------------------------------------------------------------------------------


def group(*sources: str, description: str = "", port: int = 5432) -> SecurityGroup:
    rules = (InboundRule("sg-1", "tcp", port, port, each, description) for each in sources)
    return SecurityGroup("sg-1", "db", "", "vpc-1", tuple(rules))


OURS = "PostgreSQL, opened with Tristore"


@pytest.mark.parametrize(
    ("sources", "address", "admitted"),
    [
        (["198.51.100.4/32"], MINE, True),
        (["198.51.100.0/24"], MINE, True),
        (["0.0.0.0/0"], MINE, True),
        (["0.0.0.0/0"], "", True),
        ([], "", False),
        ([], MINE, False),
        (["203.0.113.7/32"], MINE, False),
        (["203.0.113.7/32"], "", None),
        (["sg-2"], MINE, False),
        (["pl-1"], MINE, None),
        (["::/0"], MINE, False),
        (["::/0"], "2001:db8::1", True),
    ],
)
def test_an_address_is_let_in_not_let_in_or_nobody_knows(
    sources: list[str], address: str, admitted: bool | None
) -> None:
    assert admission([group(*sources)], 5432, address).admitted is admitted


def test_a_rule_for_another_port_lets_nobody_in() -> None:
    assert admission([group("0.0.0.0/0", port=22)], 5432, MINE).admitted is False


def test_a_single_address_that_was_opened_from_here_is_taken_for_a_former_one() -> None:
    found = admission(
        [group("203.0.113.7/32", description=OURS), group("203.0.113.8/32", "10.0.0.0/8")],
        5432,
        MINE,
    )
    assert [each.source for each in found.former] == ["203.0.113.7/32"]
    assert [each.source for each in found.others] == ["203.0.113.8/32", "10.0.0.0/8"]
    # Without an address nobody can say that it is a former one.
    assert not admission([group("203.0.113.7/32", description=OURS)], 5432, "").former
