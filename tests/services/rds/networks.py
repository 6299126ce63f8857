"""A VPC of a test's own in the emulator, with one subnet and a group of it for RDS."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tui.services.aws import Account


@dataclass
class OwnNetwork:
    """Everything is removed behind the test."""

    ec2: Any
    vpc: str
    subnets: list[str]
    subnet_group: str
    security_group: str

    def add_gateway(self) -> str:
        """Lead the traffic of the whole VPC to the internet; the gateway's id."""
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = self.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.vpc]}])[
            "RouteTables"
        ][0]["RouteTableId"]
        self.ec2.create_route(
            RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
        )
        return str(gateway)

    def cut_off(self, subnet: str) -> str:
        """Give a subnet a route table of its own, which leads nowhere; its id."""
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return str(table)

    def let_in(self, source: str, description: str = "", port: int = 5432) -> None:
        """Add an inbound rule to the security group."""
        entry = {"CidrIp": source, "Description": description}
        permission = {
            "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [entry]
        }  # fmt: skip
        self.ec2.authorize_security_group_ingress(
            GroupId=self.security_group, IpPermissions=[permission]
        )


def own_network(account: Account) -> OwnNetwork:
    """A VPC without a way to the internet."""
    ec2: Any = account.connection.client("ec2")
    rds: Any = account.connection.client("rds")
    name = f"net-{uuid.uuid4().hex[:8]}"
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    zones = [each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=zone)[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate(zones[:2])
    ]
    rds.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=subnets
    )
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    return OwnNetwork(ec2, vpc, subnets, name, group)
