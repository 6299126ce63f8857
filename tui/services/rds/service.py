"""RDS instances: find, create, wait for, open, connect to, delete."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.services.aws import MARKER, Account, Connection, Pauses, call, pages
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import address, changes, new_instance, reachability, rules, waiting
from tui.services.rds.answers import to_cluster, to_instance, to_snapshot
from tui.services.rds.clusters import Clusters
from tui.services.rds.lifecycle import Lifecycle, watch_snapshot
from tui.services.rds.models import (
    DEFAULT_DATABASE,
    Cluster,
    ConnectInfo,
    Instance,
    InstancesPage,
    Snapshot,
    StatusSeen,
)
from tui.services.rds.new_instance import EngineVersion, NewInstance, Placement
from tui.services.rds.reachability import SubnetAcl, SubnetRoute
from tui.services.rds.security_groups import SecurityGroups

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_rds import RDSClient

PAGE_SIZE = 100
"""Instances, clusters or snapshots in one answer; the API allows 20 to 100."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class RdsService:
    """The DB instances of one account and region, with what belongs to them.

    Every method may raise ServiceError, for the network, for credentials and for permissions.
    `at` is the connection to use: on that one or not at all; without it the present one is used.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("rds", size=8)
        self.lifecycle = Lifecycle(self._pool, lambda: account.connection)
        """Stopping, modifying, snapshots: everything between creation and deletion."""
        self.clusters = Clusters(self._pool, lambda: account.connection)
        """What is changed of a DB cluster as a whole."""
        self.security_groups = SecurityGroups(self._pool, lambda: account.connection)
        """What is let in to the instances."""

    async def list_instances(
        self, *, at: Connection | None = None
    ) -> AsyncGenerator[InstancesPage, None]:
        """Every instance of the region, in AWS's order, page by page."""

        def read() -> Iterator[InstancesPage]:
            rds = self._rds(at)
            for page in pages(
                "list the RDS instances", rds.describe_db_instances, MARKER, MaxRecords=PAGE_SIZE
            ):
                found = tuple(map(to_instance, page.get("DBInstances", ())))
                yield InstancesPage(found, page.get("Marker") or None)

        async for page in self._pool.iterate(read()):
            yield page

    async def list_clusters(
        self, *, at: Connection | None = None
    ) -> AsyncGenerator[tuple[Cluster, ...], None]:
        """Every DB cluster of the region, page by page."""

        def read() -> Iterator[tuple[Cluster, ...]]:
            rds = self._rds(at)
            for page in pages(
                "list the DB clusters", rds.describe_db_clusters, MARKER, MaxRecords=PAGE_SIZE
            ):
                yield tuple(map(to_cluster, page.get("DBClusters", ())))

        async for page in self._pool.iterate(read()):
            yield page

    async def list_snapshots(
        self, *, of: str | None = None, at: Connection | None = None
    ) -> AsyncIterator[tuple[Snapshot, ...]]:
        """The manual snapshots of the region, or of one instance, page by page. Automated ones go
        with their instance."""

        def read() -> Iterator[tuple[Snapshot, ...]]:
            rds = self._rds(at)
            if of is None:
                found = pages(
                    "list the RDS snapshots",
                    rds.describe_db_snapshots,
                    MARKER,
                    SnapshotType="manual",
                    MaxRecords=PAGE_SIZE,
                )
            else:
                found = pages(
                    f"list the snapshots of {of}",
                    rds.describe_db_snapshots,
                    MARKER,
                    DBInstanceIdentifier=of,
                    SnapshotType="manual",
                    MaxRecords=PAGE_SIZE,
                )
            for page in found:
                yield tuple(map(to_snapshot, page.get("DBSnapshots", ())))

        async for page in self._pool.iterate(read()):
            yield page

    async def describe(self, identifier: str, *, at: Connection | None = None) -> Instance:
        """One instance as it is now. NOT_FOUND if there is none of that name."""
        return await self._pool.run(lambda: self._describe(identifier, self._rds(at)))

    def _describe(self, identifier: str, rds: RDSClient) -> Instance:
        answer = call(
            f"look at {identifier}",
            rds.describe_db_instances,
            DBInstanceIdentifier=identifier.lower(),
        )
        if not answer["DBInstances"]:
            raise ServiceError(f"There is no RDS instance {identifier}.", kind=ErrorKind.NOT_FOUND)
        return to_instance(answer["DBInstances"][0])

    async def describe_snapshot(self, name: str, *, at: Connection | None = None) -> Snapshot:
        """One snapshot as it is now. NOT_FOUND if there is none of that name."""

        def ask() -> Snapshot:
            answer = call(
                f"look at the snapshot {name}",
                self._rds(at).describe_db_snapshots,
                DBSnapshotIdentifier=name,
            )
            if not answer["DBSnapshots"]:
                raise ServiceError(f"There is no RDS snapshot {name}.", kind=ErrorKind.NOT_FOUND)
            return to_snapshot(answer["DBSnapshots"][0])

        return await self._pool.run(ask)

    async def engine_versions(self) -> tuple[EngineVersion, ...]:
        """The versions of PostgreSQL that can be created now, newest first."""
        return await self._pool.run(lambda: new_instance.engine_versions(self._rds()))

    async def placement(self) -> Placement:
        """The default VPC and its security groups."""
        return await self._pool.run(lambda: new_instance.placement(self._ec2()))

    async def create_instance(self, new: NewInstance) -> Instance:
        """Ask for a new instance; it is not available yet when this answers.

        INVALID, with nothing sent, if a field breaks a rule of RDS.
        """
        problems = rules.problems(new)
        if problems:
            raise ServiceError(
                "The instance cannot be created like this.",
                cause=" ".join(problems.values()),
                kind=ErrorKind.INVALID,
            )
        at = self._account.connection
        return await self._pool.run(lambda: changes.create(self._rds(at), new))

    @property
    def _pauses(self) -> Pauses:
        return waiting.SANDBOX_PAUSES if self._account.is_sandbox else waiting.AWS_PAUSES

    async def wait_for(
        self,
        identifier: str,
        goal: waiting.Goal = waiting.AVAILABLE,
        *,
        pauses: Pauses | None = None,
    ) -> AsyncIterator[StatusSeen]:
        """Each look at the instance until the goal is reached. Stop by closing or cancelling.

        Goes on looking in the same account and region when the user switches to another.
        See `waiting.watch` for what is outlived and what is raised.
        """
        # One client for all looks.
        rds = await self._pool.run(self._rds, self._account.connection)

        async def describe(name: str) -> Instance:
            return await self._pool.run(self._describe, name, rds)

        looks = waiting.watch(identifier.lower(), describe, pauses or self._pauses, goal=goal)
        async for look in looks:
            yield look

    async def wait_for_snapshot(
        self, name: str, *, of_cluster: bool = False
    ) -> AsyncIterator[Snapshot]:
        """Each look at a snapshot until it is complete."""
        connection = self._account.connection
        look_at = self.clusters.describe_snapshot if of_cluster else self.describe_snapshot

        def describe(name: str) -> Awaitable[Snapshot]:
            return look_at(name, at=connection)

        async for look in watch_snapshot(name, describe, self._pauses):
            yield look

    async def find_endpoint(self, host: str, port: int) -> Instance | None:
        """The instance of this region that answers at an address, or one of the cluster that does;
        None if there is none."""
        async with aclosing(self.list_instances()) as listed:
            async for page in listed:
                for each in page.instances:
                    if reachability.is_endpoint_of(each, host, port):
                        return each
        if not reachability.is_name_of_cluster(host):
            return None
        async with aclosing(self.list_clusters()) as clusters:
            async for found in clusters:
                for cluster in found:
                    if members := reachability.members_behind(cluster, host):
                        return await self.describe(members[0])
        return None

    async def subnet_routes(self, instance: Instance) -> tuple[SubnetRoute, ...]:
        """Where the traffic of the instance's subnets goes; empty if AWS does not say which."""
        vpc, subnets = instance.vpc_id, instance.subnets
        if not vpc or not subnets:
            return ()
        return await self._pool.run(lambda: reachability.read_routes(self._ec2(), vpc, subnets))

    async def subnet_acls(self, instance: Instance) -> tuple[SubnetAcl, ...]:
        """The network ACLs of the instance's subnets; empty if AWS does not say which."""
        vpc, subnets = instance.vpc_id, instance.subnets
        if not vpc or not subnets:
            return ()
        return await self._pool.run(lambda: reachability.read_acls(self._ec2(), vpc, subnets))

    async def my_address(self) -> str:
        """This machine's public address, as AWS sees it. Never asked for in the sandbox."""
        endpoint = self._account.endpoint
        if self._account.is_sandbox or (endpoint and urlsplit(endpoint).hostname in _LOOPBACK):
            raise address.refuse_in_sandbox()
        return await self._pool.run(address.ask_public_address)

    def connect_info(self, instance: Instance, database: str | None = None) -> ConnectInfo:
        """How to connect; nothing is sent. CONFLICT while there is nothing to connect to."""
        if not instance.speaks_postgres:
            raise ServiceError(
                f"{instance.identifier} is {instance.engine}, not PostgreSQL.",
                kind=ErrorKind.CONFLICT,
            )
        if instance.host is None or instance.port is None:
            problem = waiting.refusal(instance.identifier, instance.status)
            raise problem or ServiceError(
                f"{instance.identifier} has no endpoint yet: its status is {instance.status}.",
                hint="Wait until it is available.",
                kind=ErrorKind.CONFLICT,
            )
        return ConnectInfo(
            identifier=instance.identifier,
            host=instance.host,
            port=instance.port,
            database=database or instance.database or DEFAULT_DATABASE,
            user=instance.master_user or DEFAULT_DATABASE,
            iam_possible=bool(instance.iam_auth),
            secret_arn=instance.secret_arn,
            sslmode="prefer" if self._account.endpoint else "require",
        )

    def cluster_connect_info(self, cluster: Cluster, *, reader: bool = False) -> ConnectInfo:
        """How to connect to a cluster, or to its readers. Raises as `connect_info`."""
        host = cluster.reader_host if reader else cluster.host
        if not cluster.speaks_postgres or host is None or cluster.port is None:
            raise ServiceError(
                f"{cluster.identifier} has no endpoint for PostgreSQL: it is {cluster.engine}, and "
                f"its status is {cluster.status}.",
                kind=ErrorKind.CONFLICT,
            )
        return ConnectInfo(
            identifier=cluster.identifier,
            host=host,
            port=cluster.port,
            database=cluster.database or DEFAULT_DATABASE,
            user=cluster.master_user or DEFAULT_DATABASE,
            iam_possible=bool(cluster.iam_auth),
            secret_arn=cluster.secret_arn,
            sslmode="prefer" if self._account.endpoint else "require",
            of_cluster=True,
        )

    async def turn_protection_off(self, identifier: str, *, at: Connection | None = None) -> None:
        """Ask for an instance's deletion protection to be turned off."""
        await self._pool.run(lambda: changes.turn_protection_off(self._rds(at), identifier))

    async def delete(
        self,
        identifier: str,
        *,
        final_snapshot: str | None = None,
        at: Connection | None = None,
    ) -> None:
        """Ask for an instance and its automated backups to be deleted; it is gone some minutes
        later. Without a name no final snapshot is taken."""
        await self._pool.run(lambda: changes.delete(self._rds(at), identifier, final_snapshot))

    async def delete_snapshot(self, name: str, *, at: Connection | None = None) -> None:
        """Ask for a manual snapshot to be deleted."""
        await self._pool.run(lambda: changes.delete_snapshot(self._rds(at), name))

    def _rds(self, at: Connection | None = None) -> RDSClient:
        return (at or self._account.connection).client("rds")

    def _ec2(self, at: Connection | None = None) -> EC2Client:
        return (at or self._account.connection).client("ec2")

    def close(self) -> None:
        """Give up queued calls; never waits."""
        self._pool.close()
