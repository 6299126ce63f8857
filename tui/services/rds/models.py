"""What the RDS service is asked for and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tui.services.errors import ErrorKind, ServiceError

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
    """The source's identifier (or ARN, for another region); None if it is not a replica."""
    vpc_id: str | None
    availability_zone: str | None
    backup_days: int | None
    """Days that automated backups are kept; 0 is off."""
    created: datetime | None
    """Aware; None while it is being created."""
    arn: str | None
    resource_id: str | None = None
    """RDS's own id: one made anew under the same name has another."""
    replicas: tuple[str, ...] = ()
    """Identifiers of its read replicas."""
    subnet_group: str | None = None
    """The name of its DB subnet group, which says in which VPC it is; None if AWS did not say."""
    subnets: tuple[str, ...] = ()
    """Ids of the subnets of its subnet group, in any of which it may be."""
    pending: tuple[tuple[str, str], ...] = ()
    """What waits for the maintenance window or is being changed now, as (parameter of
    ModifyDBInstance, new value); a password has an empty value."""
    secret_arn: str | None = None
    """Where Secrets Manager keeps the master password; None if it does not."""
    maintenance_window: str | None = None
    """In UTC: "wed:06:38-wed:07:08"."""

    @property
    def speaks_postgres(self) -> bool:
        """Whether the SQL pane can talk to it."""
        return self.engine.startswith(("postgres", "aurora-postgresql"))

    @property
    def must_skip_snapshot(self) -> bool:
        """Whether RDS refuses a final snapshot: replicas and failed instances.

        https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
        """
        return self.replica_of is not None or self.status in {
            "failed",
            "incompatible-restore",
            "incompatible-network",
        }

    @property
    def available(self) -> bool:
        """Whether it takes connections, as far as its status says."""
        return self.host is not None and self.status in SERVING_STATUSES

    def port_to_open(self) -> int:
        """Its own port. Raises ServiceError(CONFLICT) while it has no endpoint."""
        if self.port is None:
            raise ServiceError(
                f"{self.identifier} has no port yet: its status is {self.status}.",
                hint="Wait until it is available.",
                kind=ErrorKind.CONFLICT,
            )
        return self.port

    def group_to_open(self, group_id: str | None) -> str:
        """The security group that gets a rule: the one named, or its first.

        Raises ServiceError if it has none, or not the one named.
        """
        if not self.security_groups:
            raise ServiceError(
                f"{self.identifier} has no VPC security group.",
                hint="Give it one in the console (Modify, Connectivity).",
                kind=ErrorKind.CONFLICT,
            )
        if group_id is None:
            return self.security_groups[0]
        if group_id not in self.security_groups:
            raise ServiceError(
                f"{group_id} is not a security group of {self.identifier}.",
                kind=ErrorKind.INVALID,
            )
        return group_id


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
    of_cluster: bool = False
    """Whether the identifier is that of a cluster and not of an instance."""
    secret_arn: str | None = None
    """The secret in Secrets Manager that holds the user's password, if RDS manages it there."""


@dataclass(frozen=True)
class Cluster:
    """One Aurora or Multi-AZ DB cluster as rds:DescribeDBClusters tells it."""

    identifier: str
    engine: str
    engine_version: str | None
    status: str
    members: tuple[str, ...]
    """Identifiers of its instances."""
    created: datetime | None
    resource_id: str | None
    host: str | None = None
    """The writer's endpoint; None until it has one."""
    reader_host: str | None = None
    """The endpoint that spreads over its readers; None if it has none."""
    port: int | None = None
    master_user: str | None = None
    database: str | None = None
    """The initial database; None if none was asked for (there is still `postgres`)."""
    iam_auth: bool | None = None
    """Whether it lets IAM tokens log in."""
    secret_arn: str | None = None
    """The secret that RDS keeps the master password in; None if it keeps none."""

    @property
    def speaks_postgres(self) -> bool:
        """Whether the SQL pane can talk to it."""
        return self.engine.startswith(("postgres", "aurora-postgresql"))

    writers: tuple[str, ...] = ()
    """Those of its members that take writes."""
    engine_mode: str | None = None
    """"provisioned", "serverless" (v1), "multimaster", "global", "parallelquery"."""
    deletion_protection: bool | None = None
    global_cluster: str | None = None
    """The global database that it belongs to."""
    replica_of: str | None = None
    """The source that it replicates; None if it is none's replica."""
    replicas: tuple[str, ...] = ()
    """ARNs or identifiers of its replicas."""
    arn: str | None = None

    @property
    def is_multi_az(self) -> bool:
        """Whether it is a Multi-AZ DB cluster, whose instances are RDS's own to make and delete:
        not Aurora, and not Neptune or DocumentDB, which RDS lists, too."""
        return self.engine in {"postgres", "mysql"}

    @property
    def replicas_elsewhere(self) -> tuple[str, ...]:
        """Those of its replicas that are in another region."""
        here = (self.arn or "").split(":")[3:4]
        parts = [(each, each.split(":")) for each in self.replicas]
        return tuple(each for each, of in parts if len(of) > 5 and here and of[3:4] != here)


@dataclass(frozen=True)
class Snapshot:
    """One DB snapshot as rds:DescribeDBSnapshots tells it."""

    name: str
    instance: str | None
    """The identifier of the instance that it was taken of, which may be gone."""
    engine: str
    engine_version: str | None
    status: str
    """AWS's own word: "creating", "available", "failed", …; empty if it did not say."""
    storage_gib: int | None
    """Allocated storage of the instance: RDS bills at most that, what the data takes of it."""
    created: datetime | None
    percent: int | None = None
    """How much of it has been taken; None if AWS did not say."""
    of_cluster: bool = False
    """Whether it is one of a DB cluster, and `instance` the cluster's identifier."""
