"""What may be done to a DB cluster as it is now, and why not.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-cluster-stop-start.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBCluster.html and
https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/start-stop-aurora-cluster.html
"""

from __future__ import annotations

from tui.services.rds.models import Cluster
from tui.services.rds.states import Action

_STATUSES: dict[Action, frozenset[str]] = {
    Action.START: frozenset({"stopped", "inaccessible-encryption-credentials-recoverable"}),
    Action.STOP: frozenset({"available"}),
    Action.SNAPSHOT: frozenset({"available"}),
}
"""The statuses in which RDS takes each."""

_MODES = {
    "serverless": "is Aurora Serverless v1, which pauses by itself",
    "multimaster": "is a multi-master cluster",
    "parallelquery": "uses parallel query",
    "global": "belongs to a global database",
}
"""Engine modes whose clusters are neither stopped nor started."""


def why_no_stopping(cluster: Cluster) -> str:
    """Why AWS stops and starts no cluster of its kind, a sentence; empty if it does."""
    name = cluster.identifier
    if not cluster.engine.startswith("aurora"):
        return f"{name} is a Multi-AZ DB cluster: AWS stops and starts Aurora clusters only."
    if cluster.engine_mode in _MODES:
        return f"{name} {_MODES[cluster.engine_mode]}: AWS neither stops nor starts it."
    if cluster.global_cluster:
        return (
            f"{name} belongs to the global database {cluster.global_cluster}: AWS neither stops "
            "nor starts it."
        )
    if cluster.replicas_elsewhere:
        return (
            f"{name} has replicas in other regions ({', '.join(cluster.replicas_elsewhere)}): AWS "
            "neither stops nor starts it."
        )
    return ""


def why_not_cluster(action: Action, cluster: Cluster) -> str:
    """Why the action does not apply to the cluster now, a sentence; empty if it does."""
    if action in {Action.START, Action.STOP} and (why := why_no_stopping(cluster)):
        return why
    if cluster.status in _STATUSES[action]:
        return ""
    wanted = " or ".join(sorted(_STATUSES[action]))
    return (
        f"The cluster {cluster.identifier} is {cluster.status or 'in an unknown state'}: it can be "
        f"{action.value} only while it is {wanted}."
    )
