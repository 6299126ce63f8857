"""Change a DB cluster as a whole: what its members have no setting or verb of their own for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.services.aws import Connection, Done, Look
from tui.services.blocking import BlockingPool
from tui.services.rds.changes import carried_out
from tui.services.rds.models import Cluster, to_cluster

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient
    from types_boto3_rds.type_defs import ModifyDBClusterMessageTypeDef

_LOOK = "The list of instances (n, i in the SQL pane) names the clusters with their status."


class Clusters:
    """The changes of one account's and region's clusters.

    Every method raises ServiceError; UNKNOWN where the answer was lost and no look can tell.
    """

    def __init__(self, pool: BlockingPool, here: Callable[[], Connection]) -> None:
        self._pool = pool
        self._here = here
        """The present connection, read when a change is asked for."""

    async def turn_iam_on(self, identifier: str) -> Cluster:
        """Let tokens of IAM log in to the cluster's instances."""
        at = self._here()
        return await self._pool.run(lambda: _turn_iam_on(at.client("rds"), identifier))


def turning_iam_on(identifier: str) -> ModifyDBClusterMessageTypeDef:
    """The parameters of ModifyDBCluster."""
    return {
        "DBClusterIdentifier": identifier,
        "EnableIAMDatabaseAuthentication": True,
        "ApplyImmediately": True,
    }


def _turn_iam_on(rds: RDSClient, identifier: str) -> Cluster:
    def look(_: object) -> Done[Cluster] | Look:
        found = described(rds, identifier)
        if found is None:
            return Look.UNCLEAR
        return Done(found) if found.iam_auth else Look.NOT_DONE

    return carried_out(
        f"turn IAM login on for {identifier}",
        lambda: to_cluster(rds.modify_db_cluster(**turning_iam_on(identifier))["DBCluster"]),
        look,
        how_to_look=_LOOK,
    )


def described(rds: RDSClient, identifier: str) -> Cluster | None:
    """A cluster as it is now; None if there is none. Raises what the SDK raises."""
    try:
        answer = rds.describe_db_clusters(DBClusterIdentifier=identifier)
    except rds.exceptions.DBClusterNotFoundFault:
        return None
    return to_cluster(answer["DBClusters"][0])
