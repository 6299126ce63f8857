"""An instance to create: what is asked for, and what a region offers for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.services.aws import MARKER, NEXT_TOKEN, call, pages
from tui.services.rds.inbound import SecurityGroup
from tui.services.rds.security_groups import to_security_group

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_rds import RDSClient


@dataclass(frozen=True)
class InstanceClass:
    """A size of machine that the create form offers."""

    name: str
    about: str


FREE_TIER_CLASSES = (
    InstanceClass("db.t4g.micro", "2 vCPU Graviton, 1 GiB"),
    InstanceClass("db.t3.micro", "2 vCPU Intel, 1 GiB"),
)
"""The classes that AWS's free tier names for PostgreSQL (aws.amazon.com/rds/free)."""

CLASSES = (
    *FREE_TIER_CLASSES,
    InstanceClass("db.t4g.small", "2 vCPU Graviton, 2 GiB"),
    InstanceClass("db.t4g.medium", "2 vCPU Graviton, 4 GiB"),
    InstanceClass("db.t4g.large", "2 vCPU Graviton, 8 GiB"),
    InstanceClass("db.m7g.large", "2 vCPU Graviton, 8 GiB"),
    InstanceClass("db.m7g.xlarge", "4 vCPU Graviton, 16 GiB"),
    InstanceClass("db.r7g.large", "2 vCPU Graviton, 16 GiB"),
)
"""Those that the forms offer (aws.amazon.com/rds/instance-types); any other can be typed."""

STORAGE_TYPES = ("gp2", "gp3")

MIN_STORAGE_GIB = 20
MAX_STORAGE_GIB = 65_536
"""General purpose storage of RDS for PostgreSQL (API reference, CreateDBInstance)."""

FREE_TIER_STORAGE_GIB = 20


@dataclass(frozen=True)
class NewInstance:
    """A PostgreSQL instance to create.

    What is not here is fixed, as on the walkthrough's pages: one availability zone; Performance
    Insights, minor version upgrades and storage autoscaling all off.
    """

    identifier: str
    """As typed; AWS stores it in lower case."""
    master_user: str
    password: str = field(default="", repr=False)
    """Empty if it is managed."""
    managed: bool = False
    """Whether RDS makes the password and keeps it in Secrets Manager."""
    database: str = ""
    """The initial database; empty for none beside `postgres`."""
    instance_class: str = FREE_TIER_CLASSES[0].name
    engine_version: str | None = None
    """None takes AWS's default."""
    storage_gib: int = FREE_TIER_STORAGE_GIB
    storage_type: str = STORAGE_TYPES[0]
    public: bool = False
    security_group: str | None = None
    """Id of a VPC security group; None takes the default group of the default VPC."""
    backup_days: int = 0
    """Days that automated backups are kept; 0 is off."""
    deletion_protection: bool = False

    @property
    def stored_identifier(self) -> str:
        """The identifier as AWS keeps it."""
        return self.identifier.lower()


@dataclass(frozen=True)
class EngineVersion:
    """A version of RDS for PostgreSQL that can be created now."""

    version: str
    description: str
    is_default: bool


@dataclass(frozen=True)
class Placement:
    """Where an instance would be put if nothing is chosen."""

    default_vpc: str | None
    """None if the region has no default VPC."""
    security_groups: tuple[SecurityGroup, ...]
    """Those of the default VPC, its default group first."""


def engine_versions(rds: RDSClient) -> tuple[EngineVersion, ...]:
    """The versions of PostgreSQL that can be created now, newest first. Blocking."""
    action, describe = "list the PostgreSQL versions", rds.describe_db_engine_versions
    default = call(action, describe, Engine="postgres", DefaultOnly=True)
    defaults = {entry.get("EngineVersion") for entry in default["DBEngineVersions"]}
    versions = [
        EngineVersion(
            entry["EngineVersion"],
            entry.get("DBEngineVersionDescription", ""),
            entry["EngineVersion"] in defaults,
        )
        for page in pages(action, describe, MARKER, Engine="postgres")
        for entry in page["DBEngineVersions"]
    ]
    return tuple(sorted(versions, key=lambda each: _order(each.version), reverse=True))


def placement(ec2: EC2Client) -> Placement:
    """The default VPC and its security groups. Blocking."""
    action = "look at the default VPC"
    vpcs = call(
        action, ec2.describe_vpcs, Filters=[{"Name": "is-default", "Values": ["true"]}]
    ).get("Vpcs", ())
    if not vpcs:
        return Placement(None, ())
    vpc = vpcs[0]["VpcId"]
    groups = [
        to_security_group(group)
        for page in pages(
            action,
            ec2.describe_security_groups,
            NEXT_TOKEN,
            Filters=[{"Name": "vpc-id", "Values": [vpc]}],
        )
        for group in page["SecurityGroups"]
    ]
    return Placement(vpc, tuple(sorted(groups, key=lambda g: (not g.is_default, g.name))))


def _order(version: str) -> tuple[int, ...]:
    """Versions by number: 17.10 after 17.9, "16.8-R2" after "16.8-R1"."""
    numbers = version.replace("-R", ".").split(".")
    return tuple(int(number) if number.isdigit() else -1 for number in numbers)
