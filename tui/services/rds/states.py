"""What may be done to an instance as it is now, and why not.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html,
USER_StartInstance.html, USER_RebootInstance.html, Overview.DBInstance.Modifying.html and
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
"""

from __future__ import annotations

from enum import Enum

from tui.services.rds.models import Instance


class Action(Enum):
    """A thing to do; the value completes "cannot be …"."""

    START = "started"
    STOP = "stopped"
    REBOOT = "rebooted"
    MODIFY = "modified"
    SNAPSHOT = "snapshotted"


_STATUSES: dict[Action, frozenset[str]] = {
    Action.START: frozenset({"stopped", "inaccessible-encryption-credentials-recoverable"}),
    Action.STOP: frozenset({"available"}),
    Action.REBOOT: frozenset({"available", "storage-optimization", "incompatible-parameters"}),
    Action.MODIFY: frozenset(
        {"available", "storage-full", "storage-optimization", "incompatible-parameters"}
    ),
    Action.SNAPSHOT: frozenset({"available", "storage-optimization"}),
}
"""The statuses in which RDS takes each."""


def why_not(action: Action, instance: Instance) -> str:
    """Why the action does not apply to the instance now, a sentence; empty if it does."""
    name, cluster = instance.identifier, instance.cluster
    if cluster and action in {Action.START, Action.STOP}:
        verb = "start" if action is Action.START else "stop"
        return (
            f"{name} is a member of the cluster {cluster}: only the whole cluster can be "
            f"{action.value} (aws rds {verb}-db-cluster)."
        )
    if cluster and action is Action.SNAPSHOT:
        return (
            f"{name} is a member of the cluster {cluster}: snapshots are taken of the cluster "
            "(aws rds create-db-cluster-snapshot)."
        )
    if action is Action.STOP and instance.replica_of:
        return f"{name} is a replica of {instance.replica_of}: RDS stops no replica."
    if action is Action.STOP and instance.replicas:
        return f"{name} has replicas ({', '.join(instance.replicas)}): RDS does not stop it."
    if instance.status in _STATUSES[action]:
        return ""
    wanted = " or ".join(sorted(_STATUSES[action]))
    if action is Action.SNAPSHOT:
        return f"{name} is {instance.status}: a snapshot is taken only while it is {wanted}."
    already = {Action.START: "available", Action.STOP: "stopped"}.get(action)
    if instance.status == already:
        return f"{name} is {instance.status} already."
    if instance.status == "stopped":
        return f"{name} is stopped: p starts it first."
    return f"{name} is {instance.status}: it can be {action.value} only while it is {wanted}."
