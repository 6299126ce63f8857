"""The region's DB clusters and their snapshots, with what protects them."""

from __future__ import annotations

from tui.services.cleanup.models import Protection, ProtectionKind, Resource, ResourceKind
from tui.services.rds import Cluster, Snapshot

GIB = 1024**3
"""Bytes of the unit that RDS counts storage in."""

DELETION_PROTECTION = Protection(
    ProtectionKind.DELETION_PROTECTION,
    "Deletion protection is on.",
    lifting="Turn deletion protection off, then delete it",
    goes="Turns deletion protection off.",
)

_DELETABLE = {"", "available", "failed", "deleting"}
"""States of a snapshot in which RDS takes a delete, or does not need one any more."""

_NOT_YET = {"creating", "modifying", "upgrading", "starting", "stopping", "backing-up"}
"""States of a cluster that end by themselves, and in which RDS takes no delete."""


def not_yet(why: str) -> Protection:
    """What a state protects against for now."""
    return Protection(
        ProtectionKind.STATE,
        f"It cannot be deleted now: {why}.",
        hint="Wait until it is ready, then look again.",
    )


def cluster_resource(cluster: Cluster, region: str | None) -> Resource:
    """One cluster, with what protects it."""
    members = f"members: {', '.join(cluster.members)}" if cluster.members else "no members"
    about = [engine_text(cluster.engine, cluster.engine_version), members]
    about += [f"replica of {cluster.replica_of}"] if cluster.replica_of else []
    about += [f"in the global database {cluster.global_cluster}"] if cluster.global_cluster else []
    return Resource(
        kind=ResourceKind.CLUSTER,
        name=cluster.identifier,
        region=region,
        identity=cluster.resource_id,
        created=cluster.created,
        state=cluster.status,
        about=tuple(filter(None, about)),
        protections=_protections(cluster),
        detail=cluster,
    )


def _protections(cluster: Cluster) -> tuple[Protection, ...]:
    """See https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html"""
    found: list[Protection] = []
    if cluster.global_cluster:
        found.append(
            Protection(
                ProtectionKind.CLUSTER,
                f"It belongs to the global database {cluster.global_cluster}.",
                hint="Take it out first: aws rds remove-from-global-cluster.",
            )
        )
    if cluster.replicas and not cluster.is_multi_az:
        found.append(
            Protection(
                ProtectionKind.CLUSTER,
                f"Others replicate it: {', '.join(cluster.replicas)}. RDS deletes its last "
                "instance only after them.",
                hint="Delete them first, or promote them: aws rds promote-read-replica-db-cluster.",
            )
        )
    if cluster.deletion_protection:
        found.append(DELETION_PROTECTION)
    if cluster.status == "stopped":
        found.append(
            Protection(
                ProtectionKind.STATE,
                "It is stopped, and RDS deletes no stopped cluster.",
                hint="Start it first: p on one of its instances, in the RDS list of the SQL pane.",
            )
        )
    elif cluster.status in _NOT_YET:
        found.append(not_yet(f"it is {cluster.status}"))
    return tuple(found)


def snapshot_resource(snapshot: Snapshot, region: str | None) -> Resource:
    """One manual snapshot, of an instance or of a cluster, with what protects it."""
    deletable = snapshot.status.lower() in _DELETABLE
    about = (f"of {snapshot.instance}", engine_text(snapshot.engine, snapshot.engine_version))
    return Resource(
        kind=ResourceKind.CLUSTER_SNAPSHOT if snapshot.of_cluster else ResourceKind.SNAPSHOT,
        name=snapshot.name,
        region=region,
        # RDS gives snapshots no id of their own; one made anew under a name is younger.
        identity=snapshot.created.isoformat() if snapshot.created else None,
        created=snapshot.created,
        state=snapshot.status,
        # At most: RDS bills what the data takes of it.
        size_bytes=snapshot.storage_gib * GIB if snapshot.storage_gib else None,
        about=tuple(filter(None, about)),
        protections=() if deletable else (not_yet(f"it is {snapshot.status}"),),
    )


def engine_text(engine: str, version: str | None) -> str:
    """ "postgres 16.3"; empty if nothing is known."""
    return " ".join(filter(None, (engine, version)))
