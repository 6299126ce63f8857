"""A DB cluster as a whole: what its members have no setting or verb of their own for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.services.aws import MARKER, Connection, Done, Look, call, pages
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import rules
from tui.services.rds.answers import to_cluster, to_cluster_snapshot
from tui.services.rds.models import Cluster, Snapshot
from tui.services.rds.outcomes import (
    carried_out,
    cluster_now,
    cluster_snapshot_now,
    deleted,
    instance_now,
    started,
    stopped,
    taken,
    unprotected,
)

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient
    from types_boto3_rds.type_defs import ModifyDBClusterMessageTypeDef

_LOOK = "The list of instances (n, i in the SQL pane) names the clusters with their status."


class Clusters:
    """The clusters of one account and region.

    Every method raises ServiceError; UNKNOWN where the answer to a change was lost and no look can
    tell. `at` is the connection to use; without it the present one is, as it is when this is
    called: a call that waits for a thread must not go to where the user has gone meanwhile.
    """

    def __init__(self, pool: BlockingPool, here: Callable[[], Connection]) -> None:
        self._pool = pool
        self._here = here

    async def describe(self, identifier: str, *, at: Connection | None = None) -> Cluster:
        """One cluster as it is now. NOT_FOUND if there is none of that name."""
        then = at or self._here()

        def ask() -> Cluster:
            answer = call(
                f"look at the cluster {identifier}",
                then.client("rds").describe_db_clusters,
                DBClusterIdentifier=identifier,
            )
            if not answer["DBClusters"]:
                raise ServiceError(f"There is no cluster {identifier}.", kind=ErrorKind.NOT_FOUND)
            return to_cluster(answer["DBClusters"][0])

        return await self._pool.run(ask)

    async def list_snapshots(
        self, *, of: str | None = None, at: Connection | None = None
    ) -> AsyncIterator[tuple[Snapshot, ...]]:
        """The manual snapshots of clusters, or of one cluster, page by page."""
        then = at or self._here()

        def read() -> Iterator[tuple[Snapshot, ...]]:
            describe = then.client("rds").describe_db_cluster_snapshots
            if of is None:
                found = pages("list the cluster snapshots", describe, MARKER, SnapshotType="manual")
            else:
                found = pages(
                    f"list the snapshots of the cluster {of}",
                    describe,
                    MARKER,
                    DBClusterIdentifier=of,
                    SnapshotType="manual",
                )
            for page in found:
                yield tuple(map(to_cluster_snapshot, page.get("DBClusterSnapshots", ())))

        async for page in self._pool.iterate(read()):
            yield page

    async def describe_snapshot(self, name: str, *, at: Connection | None = None) -> Snapshot:
        """One snapshot as it is now. NOT_FOUND if there is none of that name."""
        then = at or self._here()

        def ask() -> Snapshot:
            answer = call(
                f"look at the cluster snapshot {name}",
                then.client("rds").describe_db_cluster_snapshots,
                DBClusterSnapshotIdentifier=name,
            )
            if not answer["DBClusterSnapshots"]:
                raise ServiceError(
                    f"There is no cluster snapshot {name}.", kind=ErrorKind.NOT_FOUND
                )
            return to_cluster_snapshot(answer["DBClusterSnapshots"][0])

        return await self._pool.run(ask)

    async def stop(self, identifier: str) -> Cluster:
        """Ask for a cluster to be stopped, with all of its instances. AWS starts it again after 7
        days."""
        at = self._here()
        return await self._pool.run(lambda: _stop(at.client("rds"), identifier))

    async def start(self, identifier: str) -> Cluster:
        """Start a stopped cluster; its instances are billed again."""
        at = self._here()
        return await self._pool.run(lambda: _start(at.client("rds"), identifier))

    async def take_snapshot(self, identifier: str, name: str) -> Snapshot:
        """Ask for a snapshot. INVALID, with nothing sent, if RDS takes no such name."""
        rules.require_snapshot_name(name)
        at = self._here()
        return await self._pool.run(lambda: _take_snapshot(at.client("rds"), identifier, name))

    async def turn_iam_on(self, identifier: str) -> Cluster:
        """Let tokens of IAM log in to the cluster's instances."""
        at = self._here()
        return await self._pool.run(lambda: _turn_iam_on(at.client("rds"), identifier))

    async def turn_protection_off(self, identifier: str, *, at: Connection | None = None) -> None:
        """Ask for a cluster's deletion protection to be turned off."""
        then = at or self._here()
        await self._pool.run(lambda: _turn_protection_off(then.client("rds"), identifier))

    async def delete_snapshot(self, name: str, *, at: Connection | None = None) -> None:
        """Ask for a manual snapshot of a cluster to be deleted."""
        then = at or self._here()
        await self._pool.run(lambda: _delete_snapshot(then.client("rds"), name))

    async def delete_member(
        self, identifier: str, *, of: str, at: Connection | None = None
    ) -> None:
        """Ask for one instance of a cluster to be deleted, if it is still there; the data is the
        cluster's. CHANGED if an instance of that name does not belong to the cluster."""
        then = at or self._here()
        await self._pool.run(lambda: _delete_member(then.client("rds"), identifier, of))

    async def delete(
        self,
        identifier: str,
        *,
        final_snapshot: str | None = None,
        at: Connection | None = None,
    ) -> None:
        """Ask for a cluster without instances (or whose instances are being deleted), and its
        automated backups, to be deleted. Without a name no final snapshot is taken."""
        then = at or self._here()
        await self._pool.run(lambda: _delete(then.client("rds"), identifier, final_snapshot))


def turning_iam_on(identifier: str) -> ModifyDBClusterMessageTypeDef:
    """The parameters of ModifyDBCluster."""
    return {
        "DBClusterIdentifier": identifier,
        "EnableIAMDatabaseAuthentication": True,
        "ApplyImmediately": True,
    }


def _stop(rds: RDSClient, identifier: str) -> Cluster:
    return carried_out(
        f"stop the cluster {identifier}",
        lambda: to_cluster(rds.stop_db_cluster(DBClusterIdentifier=identifier)["DBCluster"]),
        lambda _: stopped(cluster_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _start(rds: RDSClient, identifier: str) -> Cluster:
    return carried_out(
        f"start the cluster {identifier}",
        lambda: to_cluster(rds.start_db_cluster(DBClusterIdentifier=identifier)["DBCluster"]),
        lambda _: started(cluster_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _turn_iam_on(rds: RDSClient, identifier: str) -> Cluster:
    def look(_: object) -> Done[Cluster] | Look:
        found = cluster_now(rds, identifier)
        if found is None:
            return Look.UNCLEAR
        return Done(found) if found.iam_auth else Look.NOT_DONE

    return carried_out(
        f"turn IAM login on for {identifier}",
        lambda: to_cluster(rds.modify_db_cluster(**turning_iam_on(identifier))["DBCluster"]),
        look,
        how_to_look=_LOOK,
    )


def _turn_protection_off(rds: RDSClient, identifier: str) -> None:
    def send() -> None:
        rds.modify_db_cluster(DBClusterIdentifier=identifier, DeletionProtection=False)

    carried_out(
        f"turn the deletion protection of the cluster {identifier} off",
        send,
        lambda _: unprotected(cluster_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _take_snapshot(rds: RDSClient, identifier: str, name: str) -> Snapshot:
    began = datetime.now(UTC)
    return carried_out(
        f"take the snapshot {name}",
        lambda: to_cluster_snapshot(
            rds.create_db_cluster_snapshot(
                DBClusterIdentifier=identifier, DBClusterSnapshotIdentifier=name
            )["DBClusterSnapshot"]
        ),
        lambda _: taken(cluster_snapshot_now(rds, name), identifier, began),
        how_to_look="v on an instance of the cluster lists its snapshots. If it is there it is "
        "billed.",
    )


def _delete_snapshot(rds: RDSClient, name: str) -> None:
    def send() -> None:
        rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)

    carried_out(
        f"delete the cluster snapshot {name}",
        send,
        lambda _: deleted(cluster_snapshot_now(rds, name)),
        how_to_look="The cleanup screen lists the snapshots: refresh it.",
    )


def _delete_member(rds: RDSClient, identifier: str, cluster: str) -> None:
    def send() -> None:
        with suppress(rds.exceptions.DBInstanceNotFoundFault):
            rds.delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=True)

    found = call(f"look at {identifier}", instance_now, rds, identifier)
    if found is None or found.status == "deleting":
        return
    if found.cluster != cluster:
        # It has data of its own, and would go without a final snapshot.
        raise ServiceError(
            f"The instance {identifier} is not one of the cluster {cluster} any more; it was left "
            "alone.",
            hint="Look at it, then make a new plan.",
            kind=ErrorKind.CHANGED,
        )
    carried_out(
        f"delete the instance {identifier}",
        send,
        lambda _: deleted(instance_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _delete(rds: RDSClient, identifier: str, final_snapshot: str | None) -> None:
    def send() -> None:
        if final_snapshot is None:
            rds.delete_db_cluster(
                DBClusterIdentifier=identifier, DeleteAutomatedBackups=True, SkipFinalSnapshot=True
            )
        else:
            rds.delete_db_cluster(
                DBClusterIdentifier=identifier,
                DeleteAutomatedBackups=True,
                SkipFinalSnapshot=False,
                FinalDBSnapshotIdentifier=final_snapshot,
            )

    carried_out(
        f"delete the cluster {identifier}",
        send,
        lambda _: deleted(cluster_now(rds, identifier)),
        how_to_look=_LOOK,
    )
