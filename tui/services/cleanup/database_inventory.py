"""The region's RDS instances, snapshots, clusters and inbound rules, and its DynamoDB tables."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from tui.services.cleanup.cluster_inventory import (
    DELETION_PROTECTION,
    GIB,
    cluster_resource,
    engine_text,
    not_yet,
    snapshot_resource,
)
from tui.services.cleanup.models import (
    Found,
    InventoryEvent,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Resource,
    ResourceKind,
    reason,
)
from tui.services.cleanup.stores import Stores
from tui.services.dynamodb import TableInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import InboundRule, Instance, SecurityGroup, is_ours

T = TypeVar("T")


def instances(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every RDS instance of the region, cluster members among them."""
    pages = stores.rds.list_instances(at=stores.connection)
    found = (instance async for page in pages for instance in page.instances)
    return _part(ResourceKind.INSTANCE, found, lambda each: instance_resource(each, stores.region))


def clusters(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every Aurora (or Multi-AZ) cluster of the region, by name."""
    pages = stores.rds.list_clusters(at=stores.connection)
    found = (cluster async for page in pages for cluster in page)
    return _part(ResourceKind.CLUSTER, found, lambda each: cluster_resource(each, stores.region))


def snapshots(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every manual snapshot of the region, final ones among them. Automated ones go with their
    instance."""
    pages = stores.rds.list_snapshots(at=stores.connection)
    found = (snapshot async for page in pages for snapshot in page)
    return _part(ResourceKind.SNAPSHOT, found, lambda each: snapshot_resource(each, stores.region))


def cluster_snapshots(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every manual snapshot of a cluster."""
    pages = stores.rds.clusters.list_snapshots(at=stores.connection)
    found = (snapshot async for page in pages for snapshot in page)
    return _part(
        ResourceKind.CLUSTER_SNAPSHOT, found, lambda each: snapshot_resource(each, stores.region)
    )


def inbound_rules(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every rule of the region that was added with this application."""
    pages = stores.rds.security_groups.list_all(at=stores.connection)
    found = ((rule, group) async for page in pages for group in page for rule in group.rules)
    ours = (each async for each in found if is_ours(each[0]))
    return _part(ResourceKind.RULE, ours, lambda each: _rule_resource(*each, stores.region))


async def tables(stores: Stores) -> AsyncIterator[InventoryEvent]:
    """Every DynamoDB table of the region; one that may not be described is still named."""
    try:
        async for names in stores.dynamodb.table_names(at=stores.connection):
            for name in names:
                table = await _table_or_unknown(stores, name)
                if table is not None:
                    yield Found(table)
    except ServiceError as error:
        yield PartUnknown(ResourceKind.TABLE, error)
        return
    yield PartDone(ResourceKind.TABLE)


async def _part(
    kind: ResourceKind, found: AsyncIterator[T], resource: Callable[[T], Resource]
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
        return Resource(ResourceKind.TABLE, name, stores.region, unknown=(reason(error),))
    return table_resource(table, stores.region)


# -- models of the stores -> resources -----------------------------------------------------


def instance_resource(instance: Instance, region: str | None) -> Resource:
    """One instance, with what protects it."""
    about = [engine_text(instance.engine, instance.engine_version), instance.instance_class or ""]
    about += [f"replica of {instance.replica_of}"] if instance.replica_of else []
    about += [f"replicas: {', '.join(instance.replicas)}"] if instance.replicas else []
    about += [f"member of cluster {instance.cluster}"] if instance.cluster else []
    storage = instance.storage_gib
    return Resource(
        kind=ResourceKind.INSTANCE,
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


def _instance_protections(instance: Instance) -> tuple[Protection, ...]:
    found: list[Protection] = []
    if instance.cluster:
        found.append(
            Protection(
                ProtectionKind.CLUSTER,
                f"It is a member of the cluster {instance.cluster}, with which it is deleted.",
                hint=f"Delete the cluster {instance.cluster}; one member alone is deleted by: "
                "aws rds delete-db-instance.",
            )
        )
    if instance.deletion_protection:
        found.append(DELETION_PROTECTION)
    if instance.status == "creating":
        found.append(not_yet("it is still being created"))
    return tuple(found)


def table_resource(table: TableInfo, region: str | None) -> Resource:
    """One table, with what protects it."""
    others = other_regions(table, region)
    protections: list[Protection] = []
    if table.deletion_protection:
        protections.append(DELETION_PROTECTION)
    if table.status in {"CREATING", "UPDATING"}:
        protections.append(not_yet(f"it is {table.status}"))
    return Resource(
        kind=ResourceKind.TABLE,
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
        kind=ResourceKind.RULE,
        name=rule_name(rule),
        region=region,
        about=(f"in the security group {group.name}", rule.description),
        detail=rule,
    )


def rule_name(rule: InboundRule) -> str:
    """ "0.0.0.0/0 tcp 5432 sg-0123": who may connect to what."""
    return f"{rule.source} {rule.ports} {rule.group_id}"
