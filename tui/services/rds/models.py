"""What the RDS service is asked for and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

DEFAULT_DATABASE = "postgres"
"""The database that every PostgreSQL server has, whatever else was asked for."""


@dataclass(frozen=True)
class Instance:
    """One DB instance as rds:DescribeDBInstances tells it. None is "AWS did not say"."""

    identifier: str
    """As stored: lower case."""
    engine: str
    """"postgres", "aurora-postgresql", "mysql", …"""
    engine_version: str | None
    status: str
    """AWS's own word: "creating", "available", "storage-full", …"""
    host: str | None
    """None until the instance has an endpoint."""
    port: int | None
    """None until the instance has an endpoint."""
    master_user: str | None
    database: str | None
    """The initial database; None if none was asked for (there is still `postgres`)."""
    instance_class: str | None
    storage_gib: int | None
    """Allocated storage; None for Aurora, whose volume belongs to the cluster."""
    storage_type: str | None
    encrypted: bool | None
    public: bool | None
    """Whether its name resolves to a public address from outside the VPC."""
    deletion_protection: bool | None
    security_groups: tuple[str, ...]
    """Ids of its VPC security groups."""
    iam_auth: bool | None
    """Whether it lets IAM tokens log in."""
    cluster: str | None
    """The DB cluster that it is a member of; None if it stands alone."""
    replica_of: str | None
    vpc_id: str | None
    availability_zone: str | None
    backup_days: int | None
    """Days that automated backups are kept; 0 is off."""
    created: datetime | None
    """Aware; None while it is being created."""
    arn: str | None

    @property
    def speaks_postgres(self) -> bool:
        """Whether the SQL pane can talk to it."""
        return self.engine.startswith(("postgres", "aurora-postgresql"))

    @property
    def available(self) -> bool:
        """Whether it takes connections, as far as its status says."""
        return self.host is not None and self.status in SERVING_STATUSES


SERVING_STATUSES = frozenset(
    {
        "available",
        "backing-up",
        "configuring-enhanced-monitoring",
        "configuring-iam-database-auth",
        "configuring-log-exports",
        "maintenance",
        "modifying",
        "storage-config-upgrade",
        "storage-initialization",
        "storage-optimization",
    }
)
"""Statuses in which the database goes on serving (RDS User Guide, "Viewing DB instance status")."""


@dataclass(frozen=True)
class InstancesPage:
    """One bounded answer of the instance listing."""

    instances: tuple[Instance, ...]
    token: str | None
    """Opaque; None on the last page."""


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

STORAGE_TYPES = ("gp2", "gp3")

MIN_STORAGE_GIB = 20
MAX_STORAGE_GIB = 65_536
"""General purpose storage of RDS for PostgreSQL (API reference, CreateDBInstance)."""

FREE_TIER_STORAGE_GIB = 20


@dataclass(frozen=True)
class NewInstance:
    """A PostgreSQL instance to create.

    What is not here is fixed, as on the walkthrough's pages: one availability zone; automated
    backups, Performance Insights, minor version upgrades, storage autoscaling and deletion
    protection all off.
    """

    identifier: str
    """As typed; AWS stores it in lower case."""
    master_user: str
    password: str = field(repr=False)
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
class StatusSeen:
    """What one look at a waited-for instance showed."""

    identifier: str
    status: str
    """The status seen last; empty if none has been seen yet."""
    elapsed: float
    """Seconds since the waiting began."""
    instance: Instance | None
    """None if this look failed."""
    trouble: str = ""
    """Why this look failed, if waiting goes on regardless."""


@dataclass(frozen=True)
class InboundRule:
    """One source that one security group lets in."""

    group_id: str
    protocol: str
    """"tcp", "udp", …; "-1" is every protocol."""
    from_port: int | None
    """None is every port."""
    to_port: int | None
    source: str
    """A CIDR range, a security group's id, or a prefix list's id."""
    description: str

    @property
    def ports(self) -> str:
        """ "tcp 5432", "tcp 5000-6000", "every port"."""
        if self.protocol == "-1":
            return "every port"
        if self.from_port is None or self.from_port == self.to_port:
            return f"{self.protocol} {'every port' if self.to_port is None else self.to_port}"
        return f"{self.protocol} {self.from_port}-{self.to_port}"

    def covers_port(self, port: int) -> bool:
        """Whether TCP connections to this port fall under the rule."""
        if self.protocol == "-1":
            return True
        if self.protocol not in {"tcp", "6"}:
            return False
        if self.from_port is None or self.to_port is None:
            return True
        return self.from_port <= port <= self.to_port


@dataclass(frozen=True)
class SecurityGroup:
    """A VPC security group with what it lets in."""

    group_id: str
    name: str
    description: str
    vpc_id: str | None
    rules: tuple[InboundRule, ...]

    @property
    def is_default(self) -> bool:
        """Whether it is its VPC's default group, which other resources use too."""
        return self.name == "default"

    def open_to(self, port: int) -> tuple[InboundRule, ...]:
        """The rules that let something in to a TCP port."""
        return tuple(rule for rule in self.rules if rule.covers_port(port))


@dataclass(frozen=True)
class Opened:
    """What opening a port came to."""

    group_id: str
    port: int
    added: tuple[str, ...]
    """CIDR ranges that have a new rule."""
    already: tuple[str, ...]
    """CIDR ranges that a rule let in before."""


@dataclass(frozen=True)
class Placement:
    """Where an instance would be put if nothing is chosen."""

    default_vpc: str | None
    """None if the region has no default VPC."""
    security_groups: tuple[SecurityGroup, ...]
    """Those of the default VPC, its default group first."""


@dataclass(frozen=True)
class ConnectInfo:
    """What a PostgreSQL client needs, except the secret."""

    identifier: str
    host: str
    port: int
    database: str
    user: str
    iam_possible: bool
    """Whether an IAM token can be used in place of a password."""
    sslmode: str
    """libpq's sslmode that is sure to work: "require" at AWS, "prefer" elsewhere."""
