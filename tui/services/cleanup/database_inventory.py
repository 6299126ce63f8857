"""The region's RDS instances, snapshots, clusters and inbound rules, and its DynamoDB tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from tui.services.cleanup.models import (
    Found,
    InventoryEvent,
    Kind,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Resource,
    reason,
)
from tui.services.cleanup.stores import Stores
from tui.services.dynamodb import TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Cluster, InboundRule, Instance, SecurityGroup, Snapshot, is_ours

T = TypeVar("T")

GIB = 1024**3
"""Bytes of the unit that RDS counts storage in."""


def instances(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every RDS instance of the region, cluster members among them."""
    pages = stores.rds.list_instances(at=stores.connection)
    found = (instance async for page in pages for instance in page.instances)
    return _part(Kind.INSTANCE, found, lambda each: instance_resource(each, stores.region))


def clusters(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every Aurora (or Multi-AZ) cluster of the region, by name."""
    pages = stores.rds.list_clusters(at=stores.connection)
    found = (cluster async for page in pages for cluster in page)
    return _part(Kind.CLUSTER, found, lambda each: _cluster_resource(each, stores.region))


def snapshots(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every manual snapshot of the region, final ones among them. Automated ones go with their
    instance."""
    pages = stores.rds.list_snapshots(at=stores.connection)
    found = (snapshot async for page in pages for snapshot in page)
    return _part(Kind.SNAPSHOT, found, lambda each: snapshot_resource(each, stores.region))


def inbound_rules(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every rule of the region that was added with this application."""
    pages = stores.rds.list_security_groups(at=stores.connection)
    found = ((rule, group) async for page in pages for group in page for rule in group.rules)
    ours = (each async for each in found if is_ours(each[0]))
    return _part(Kind.RULE, ours, lambda each: _rule_resource(*each, stores.region))


async def tables(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every DynamoDB table of the region; one that may not be described is still named."""
    try:
        async for names in stores.dynamodb.table_names(at=stores.connection):
            for name in names:
                table = await _table_or_unknown(stores, name)
                if table is not None:
                    yield Found(table)
    except ServiceError as error:
        yield PartUnknown(Kind.TABLE, error)
        return
    yield PartDone(Kind.TABLE)


async def _part(
    kind: Kind, found: AsyncIterator[T], resource: Callable[[T], Resource]
) -> AsyncIterator[InventoryEvent]:
    """A resource for each that is found; one event more says whether these were all."""
    try:
        async for each in found:
            yield Found(resource(each))
    except ServiceError as error:
        yield PartUnknown(kind, error)
        return
    yield PartDone(kind)


async def _table_or_unknown(stores: Stores, name: str) -> Resource | None:
    try:
        table = await stores.dynamodb.describe(name, at=stores.connection)
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None
        return Resource(Kind.TABLE, name, stores.region, unknown=(reason(error),))
    return table_resource(table, stores.region)


# -- models of the stores -> resources -----------------------------------------------------


def instance_resource(instance: Instance, region: str | None) -> Resource:
    """One instance, with what protects it."""
    about = [_engine(instance.engine, instance.engine_version), instance.instance_class or ""]
    about += [f"replica of {instance.replica_of}"] if instance.replica_of else []
    about += [f"replicas: {', '.join(instance.replicas)}"] if instance.replicas else []
    about += [f"member of cluster {instance.cluster}"] if instance.cluster else []
    storage = instance.storage_gib
    return Resource(
        kind=Kind.INSTANCE,
        name=instance.identifier,
        region=region,
        identity=instance.resource_id,
        created=instance.created,
        state=instance.status,
        # The storage of a member belongs to its cluster.
        size_bytes=storage * GIB if storage and not instance.cluster else None,
        about=tuple(filter(None, about)),
        protections=_instance_protections(instance),
        detail=instance,
    )


_DELETION_PROTECTION = Protection(
    ProtectionKind.DELETION_PROTECTION,
    "Deletion protection is on.",
    lifting="Turn deletion protection off, then delete it",
    goes="Turns deletion protection off.",
)


def _instance_protections(instance: Instance) -> tuple[Protection, ...]:
    found: list[Protection] = []
    if instance.cluster:
        found.append(
            Protection(
                ProtectionKind.CLUSTER,
                f"It is a member of the cluster {instance.cluster}, which this screen does not "
                "delete.",
                hint="Delete the members, then the cluster: aws rds delete-db-instance, then "
                "aws rds delete-db-cluster.",
            )
        )
    if instance.deletion_protection:
        found.append(_DELETION_PROTECTION)
    if instance.status == "creating":
        found.append(_not_yet("it is still being created"))
    return tuple(found)


def _not_yet(why: str) -> Protection:
    """What a state protects against for now."""
    return Protection(
        ProtectionKind.STATE,
        f"It cannot be deleted now: {why}.",
        hint="Wait until it is ready, then look again.",
    )


def _cluster_resource(cluster: Cluster, region: str | None) -> Resource:
    members = f"members: {', '.join(cluster.members)}" if cluster.members else "no members"
    return Resource(
        kind=Kind.CLUSTER,
        name=cluster.identifier,
        region=region,
        identity=cluster.resource_id,
        created=cluster.created,
        state=cluster.status,
        about=tuple(filter(None, (_engine(cluster.engine, cluster.engine_version), members))),
        protections=(
            Protection(
                ProtectionKind.CLUSTER,
                "Clusters are named here, not deleted.",
                hint="Delete the members, then the cluster: aws rds delete-db-instance, then "
                "aws rds delete-db-cluster. A stopped cluster must be started first.",
            ),
        ),
    )


_DELETABLE = {"", "available", "failed", "deleting"}
"""States of a snapshot in which RDS takes a delete, or does not need one any more."""


def snapshot_resource(snapshot: Snapshot, region: str | None) -> Resource:
    """One manual snapshot, with what protects it."""
    deletable = snapshot.status.lower() in _DELETABLE
    about = (f"of {snapshot.instance}", _engine(snapshot.engine, snapshot.engine_version))
    return Resource(
        kind=Kind.SNAPSHOT,
        name=snapshot.name,
        region=region,
        # RDS gives snapshots no id of their own; one made anew under a name is younger.
        identity=snapshot.created.isoformat() if snapshot.created else None,
        created=snapshot.created,
        state=snapshot.status,
        # At most: RDS bills what the data takes of it.
        size_bytes=snapshot.storage_gib * GIB if snapshot.storage_gib else None,
        about=tuple(filter(None, about)),
        protections=() if deletable else (_not_yet(f"it is {snapshot.status}"),),
    )


def table_resource(table: TableInfo, region: str | None) -> Resource:
    """One table, with what protects it."""
    others = other_regions(table, region)
    protections: list[Protection] = []
    if table.deletion_protection:
        protections.append(_DELETION_PROTECTION)
    if table.status in {"CREATING", "UPDATING"}:
        protections.append(_not_yet(f"it is {table.status}"))
    return Resource(
        kind=Kind.TABLE,
        name=table.name,
        region=region,
        # Compatible servers may leave the id out; a table made anew is also younger.
        identity=table.table_id or (table.created.isoformat() if table.created else None),
        created=table.created,
        state=table.status,
        count=table.item_count,
        size_bytes=table.size_bytes,
        about=(f"global table, also in {', '.join(others)}",) if others else (),
        protections=tuple(protections),
        detail=table,
    )


def other_regions(table: TableInfo, region: str | None) -> tuple[str, ...]:
    """Where a global table has replicas, beside this region."""
    return tuple(each for each in table.replica_regions if each != region)


def _rule_resource(rule: InboundRule, group: SecurityGroup, region: str | None) -> Resource:
    return Resource(
        kind=Kind.RULE,
        name=rule_name(rule),
        region=region,
        about=(f"in the security group {group.name}", rule.description),
        detail=rule,
    )


def rule_name(rule: InboundRule) -> str:
    """ "0.0.0.0/0 tcp 5432 sg-0123": who may connect to what."""
    return f"{rule.source} {rule.ports} {rule.group_id}"


def _engine(engine: str, version: str | None) -> str:
    """ "postgres 16.3"; empty if nothing is known."""
    return " ".join(filter(None, (engine, version)))
