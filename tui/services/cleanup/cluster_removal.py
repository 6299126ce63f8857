"""Delete DB clusters, each with its instances."""

from __future__ import annotations

from tui.services.cleanup.cluster_inventory import cluster_resource
from tui.services.cleanup.database_removal import final_snapshot, snapshots_left
from tui.services.cleanup.deletion import ResourceDeletion
from tui.services.cleanup.models import Resource
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome, StepResult
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.rds import Cluster


async def remove_cluster(removal: Removal) -> Outcome:
    """Raises ServiceError for every error that is no outcome of this step."""
    ended = await _ClusterDeletion(removal).run()
    if isinstance(ended, Outcome):
        return ended
    if ended is not StepResult.GONE:
        name = removal.step.options.final_snapshot
        if name is not None:
            removal.remains.append(await final_snapshot(removal, name))
        snapshots_left(removal)
    return removal.ended(ended)


class _ClusterDeletion(ResourceDeletion):
    SERVICE = "RDS"
    NOUN = "cluster"
    BUSY_HINT = "Wait until it is available (or start it), then make a new plan."

    async def read(self) -> Resource:
        clusters = self.stores.rds.clusters
        cluster = await clusters.describe(self.removal.name, at=self.stores.connection)
        return cluster_resource(cluster, self.stores.region)

    async def turn_protection_off(self) -> None:
        clusters = self.stores.rds.clusters
        await clusters.turn_protection_off(self.removal.name, at=self.stores.connection)

    async def delete(self) -> str:
        """The members first: RDS deletes a cluster only when all of its instances are going.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html
        """
        stores, removal = self.stores, self.removal
        cluster = await stores.rds.clusters.describe(removal.name, at=stores.connection)
        planned = removal.step.resource.detail
        known = planned.members if isinstance(planned, Cluster) else ()
        added = [name for name in cluster.members if name not in known]
        if added:
            raise ServiceError(
                f"It has instances that it had not when the plan was made: {', '.join(added)}.",
                hint="Nothing of it was deleted. Look at it, then make a new plan.",
                kind=ErrorKind.CHANGED,
            )
        # RDS deletes those of a Multi-AZ DB cluster with it, and none of them alone.
        if cluster.members and not cluster.is_multi_az:
            await self._refuse_taken_name()
            await self._delete_members(cluster)
        await stores.rds.clusters.delete(
            removal.name,
            final_snapshot=removal.step.options.final_snapshot,
            at=stores.connection,
        )
        return "Asked RDS to delete the cluster and its automated backups."

    async def _refuse_taken_name(self) -> None:
        """EXISTS if the final snapshot has the name of one that is there: RDS would refuse it only
        when the instances are gone."""
        name = self.removal.step.options.final_snapshot
        if name is None:
            return
        try:
            await self.stores.rds.clusters.describe_snapshot(name, at=self.stores.connection)
        except ServiceError:
            return  # not found, or not permitted to look
        raise ServiceError(
            f"A snapshot named {name} exists already.",
            hint="No instance of it was deleted. Make a new plan, with another name.",
            kind=ErrorKind.EXISTS,
        )

    async def _delete_members(self, cluster: Cluster) -> None:
        """Ask for all of them to be deleted; what was asked for is told also after an error."""
        stores, removal = self.stores, self.removal
        # The writer last: RDS would make another one of a reader.
        names = sorted(cluster.members, key=lambda name: name in cluster.writers)
        asked: list[str] = []
        try:
            for number, name in enumerate(names):
                removal.progress("deleting its instances", number, len(names))
                await stores.rds.clusters.delete_member(
                    name, of=cluster.identifier, at=stores.connection
                )
                asked.append(name)
        finally:
            if asked:
                number_of = counted(len(asked), "instance")
                removal.did.append(f"Asked RDS to delete {number_of} of it: {', '.join(asked)}.")
