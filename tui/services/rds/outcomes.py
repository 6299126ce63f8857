"""How a change ended whose answer was lost, as an instance, cluster or snapshot shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from tui.services.aws import Done, Look, Looker, change
from tui.services.rds.answers import to_cluster, to_cluster_snapshot, to_instance, to_snapshot
from tui.services.rds.models import Cluster, Instance, Snapshot
from tui.services.rds.refusals import explaining

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient

T = TypeVar("T")

CLOCKS = timedelta(minutes=5)
"""How far the clocks of this machine and of AWS may differ: AWS refuses requests beyond that."""

_STOPPED = {"stopping", "stopped"}


class HasStatus(Protocol):
    """An instance, a cluster or a snapshot."""

    @property
    def status(self) -> str: ...


class Protectable(Protocol):
    """An instance or a cluster."""

    @property
    def deletion_protection(self) -> bool | None: ...


S = TypeVar("S", bound=HasStatus)


def carried_out(action: str, send: Callable[[], T], look: Looker[T], *, how_to_look: str) -> T:
    """The answer of a change; RDS's refusals with their next steps. As `change`."""
    with explaining():
        return change(action, send, look, how_to_look=how_to_look)


def instance_now(rds: RDSClient, identifier: str) -> Instance | None:
    """An instance; None if there is none. Raises what the SDK raises, as the three below."""
    try:
        answer = rds.describe_db_instances(DBInstanceIdentifier=identifier)
    except rds.exceptions.DBInstanceNotFoundFault:
        return None
    return next(map(to_instance, answer["DBInstances"]), None)


def cluster_now(rds: RDSClient, identifier: str) -> Cluster | None:
    """A cluster; None if there is none."""
    try:
        answer = rds.describe_db_clusters(DBClusterIdentifier=identifier)
    except rds.exceptions.DBClusterNotFoundFault:
        return None
    return next(map(to_cluster, answer["DBClusters"]), None)


def snapshot_now(rds: RDSClient, name: str) -> Snapshot | None:
    """A snapshot of an instance; None if there is none."""
    try:
        answer = rds.describe_db_snapshots(DBSnapshotIdentifier=name)
    except rds.exceptions.DBSnapshotNotFoundFault:
        return None
    return next(map(to_snapshot, answer["DBSnapshots"]), None)


def cluster_snapshot_now(rds: RDSClient, name: str) -> Snapshot | None:
    """A snapshot of a cluster; None if there is none."""
    try:
        answer = rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)
    except rds.exceptions.DBClusterSnapshotNotFoundFault:
        return None
    return next(map(to_cluster_snapshot, answer["DBClusterSnapshots"]), None)


def stopped(found: S | None) -> Done[S] | Look:
    """Whether an instance or a cluster was stopped; None is one that is gone."""
    if found is None:
        return Look.UNCLEAR
    return Done(found) if found.status in _STOPPED else Look.NOT_DONE


def started(found: S | None) -> Done[S] | Look:
    """Whether an instance or a cluster was started; None is one that is gone."""
    if found is None:
        return Look.UNCLEAR
    return Look.NOT_DONE if found.status in _STOPPED else Done(found)


def unprotected(found: Protectable | None) -> Done[None] | Look:
    """Whether the deletion protection was turned off; what is gone is not protected."""
    return Look.NOT_DONE if found is not None and found.deletion_protection else Done(None)


def deleted(found: HasStatus | None) -> Done[None] | Look:
    """Whether something is gone, or said to be going."""
    return Done(None) if found is None or found.status == "deleting" else Look.NOT_DONE


def is_older(created: datetime | None, began: datetime) -> bool:
    """Whether something was there before the request that began then."""
    return created is not None and created < began - CLOCKS


def taken(found: Snapshot | None, of: str, began: datetime) -> Done[Snapshot] | Look:
    """Whether a snapshot is the one that was asked for; None is none of that name."""
    if found is None or found.instance != of or is_older(found.created, began):
        return Look.NOT_DONE
    return Done(found)
