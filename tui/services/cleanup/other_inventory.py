"""The region's RDS instances, Aurora clusters and DynamoDB tables: every page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from tui.services.cleanup.models import (
    Found,
    InstanceDetail,
    InventoryEvent,
    Kind,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Resource,
    TableDetail,
    reason,
)
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.errors import ErrorKind, ServiceError

GIB = 1024**3
"""Bytes of the unit that RDS counts storage in."""


async def instances(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Every RDS instance of the region, cluster members among them."""
    async for event in rds_part(stores, tunables, Kind.INSTANCE, "DBInstances", instance_of):
        yield event


async def clusters(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Every Aurora (or Multi-AZ) cluster of the region, by name."""
    async for event in rds_part(stores, tunables, Kind.CLUSTER, "DBClusters", _cluster_of):
        yield event


_DESCRIBE = {
    "DBInstances": "describe_db_instances",
    "DBClusters": "describe_db_clusters",
    "DBSnapshots": "describe_db_snapshots",
}


async def rds_part(
    stores: Stores,
    tunables: Tunables,
    kind: Kind,
    rows: str,
    model: Callable[[Mapping[str, Any], str | None], Resource],
    **only: Any,
) -> AsyncIterator[InventoryEvent]:
    """One listing of RDS: `rows` is the field of the answer, `model` makes a resource of a row
    and the region, `only` narrows the listing."""
    pages = stores.pages(
        "rds",
        _DESCRIBE[rows],
        f"list the {kind.many}",
        tokens={"Marker": "Marker"},
        MaxRecords=tunables.rds_page,
        **only,
    )

    async def resource(row: Any) -> Resource:
        return model(row, stores.connection.region)

    async for event in _part(kind, pages, rows, resource):
        yield event


async def tables(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Every DynamoDB table of the region; one that may not be described is still named."""
    pages = stores.pages(
        "dynamodb",
        "list_tables",
        "list the DynamoDB tables",
        tokens={"LastEvaluatedTableName": "ExclusiveStartTableName"},
        Limit=tunables.table_page,
    )

    async def resource(name: Any) -> Resource | None:
        return await _table_or_unknown(stores, str(name))

    async for event in _part(Kind.TABLE, pages, "TableNames", resource):
        yield event


async def _part(
    kind: Kind,
    pages: AsyncIterator[dict[str, Any]],
    rows: str,
    resource: Callable[[Any], Awaitable[Resource | None]],
) -> AsyncIterator[InventoryEvent]:
    """What the rows of every page are; one event more says whether these were all."""
    try:
        async for page in pages:
            for row in page.get(rows, []):
                found = await resource(row)
                if found is not None:
                    yield Found(found)
    except ServiceError as error:
        yield PartUnknown(kind, error)
        return
    yield PartDone(kind)


async def _table_or_unknown(stores: Stores, name: str) -> Resource | None:
    try:
        return await read_table(stores, name)
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None
        return Resource(
            kind=Kind.TABLE, name=name, region=stores.connection.region, unknown=(reason(error),)
        )


async def read_instance(stores: Stores, name: str) -> Resource:
    """One instance as it is now. Raises ServiceError, NOT_FOUND if it is gone."""
    answer = await stores.call(
        "rds", "describe_db_instances", f"describe {name}", DBInstanceIdentifier=name
    )
    rows = answer.get("DBInstances", [])
    if not rows:
        raise ServiceError(f"There is no RDS instance {name}.", kind=ErrorKind.NOT_FOUND)
    return instance_of(rows[0], stores.connection.region)


async def read_table(stores: Stores, name: str) -> Resource:
    """One table as it is now. Raises ServiceError, NOT_FOUND if it is gone."""
    answer = await stores.call("dynamodb", "describe_table", f"describe {name}", TableName=name)
    return _table_of(answer["Table"], stores.connection.region)


def instance_of(row: Mapping[str, Any], region: str | None) -> Resource:
    """The model of one row of DescribeDBInstances."""
    storage = row.get("AllocatedStorage")
    detail = InstanceDetail(
        engine=str(row.get("Engine", "")),
        status=str(row.get("DBInstanceStatus", "")),
        deletion_protection=bool(row.get("DeletionProtection")),
        replica_of=row.get("ReadReplicaSourceDBInstanceIdentifier") or None,
        replicas=tuple(row.get("ReadReplicaDBInstanceIdentifiers") or ()),
        cluster=row.get("DBClusterIdentifier") or None,
        storage_gib=storage,
        port=(row.get("Endpoint") or {}).get("Port"),
        security_groups=tuple(
            str(group["VpcSecurityGroupId"]) for group in row.get("VpcSecurityGroups") or ()
        ),
    )
    about = [" ".join(str(row[key]) for key in ("Engine", "EngineVersion") if row.get(key))]
    about += [str(row["DBInstanceClass"])] if row.get("DBInstanceClass") else []
    about += [f"replica of {detail.replica_of}"] if detail.replica_of else []
    about += [f"replicas: {', '.join(detail.replicas)}"] if detail.replicas else []
    about += [f"member of cluster {detail.cluster}"] if detail.cluster else []
    return Resource(
        kind=Kind.INSTANCE,
        name=str(row["DBInstanceIdentifier"]),
        region=region,
        identity=row.get("DbiResourceId"),
        created=row.get("InstanceCreateTime"),
        state=detail.status,
        # Aurora reports 0 or 1 for storage that belongs to the cluster.
        size_bytes=storage * GIB if storage and not detail.cluster else None,
        about=tuple(item for item in about if item),
        protections=_instance_protections(detail),
        detail=detail,
    )


_DELETION_PROTECTION = Protection(
    ProtectionKind.DELETION_PROTECTION,
    "Deletion protection is on.",
    lifting="Turn deletion protection off, then delete it",
    goes="Turns deletion protection off.",
)


def _instance_protections(detail: InstanceDetail) -> tuple[Protection, ...]:
    found: list[Protection] = []
    if detail.cluster:
        found.append(
            Protection(
                ProtectionKind.CLUSTER,
                f"It is a member of the cluster {detail.cluster}, which this screen does not "
                "delete.",
                hint="Delete the members, then the cluster: aws rds delete-db-instance, then "
                "aws rds delete-db-cluster.",
            )
        )
    if detail.deletion_protection:
        found.append(_DELETION_PROTECTION)
    if detail.status == "creating":
        found.append(not_yet("it is still being created"))
    return tuple(found)


def not_yet(why: str) -> Protection:
    """What a state protects against for now."""
    return Protection(
        ProtectionKind.STATE,
        f"It cannot be deleted now: {why}.",
        hint="Wait until it is ready, then look again.",
    )


def _cluster_of(row: Mapping[str, Any], region: str | None) -> Resource:
    members = [str(member["DBInstanceIdentifier"]) for member in row.get("DBClusterMembers", [])]
    about = [" ".join(str(row[key]) for key in ("Engine", "EngineVersion") if row.get(key))]
    about.append(f"members: {', '.join(members)}" if members else "no members")
    return Resource(
        kind=Kind.CLUSTER,
        name=str(row["DBClusterIdentifier"]),
        region=region,
        identity=row.get("DbClusterResourceId"),
        created=row.get("ClusterCreateTime"),
        state=str(row.get("Status", "")),
        about=tuple(item for item in about if item),
        protections=(
            Protection(
                ProtectionKind.CLUSTER,
                "Clusters are named here, not deleted.",
                hint="Delete the members, then the cluster: aws rds delete-db-instance, then "
                "aws rds delete-db-cluster. A stopped cluster must be started first.",
            ),
        ),
    )


def _table_of(row: Mapping[str, Any], region: str | None) -> Resource:
    status = str(row.get("TableStatus", ""))
    created: datetime | None = row.get("CreationDateTime")
    protected = bool(row.get("DeletionProtectionEnabled"))
    others = tuple(
        str(replica["RegionName"])
        for replica in row.get("Replicas") or ()
        if replica.get("RegionName") not in (None, region)
    )
    protections: list[Protection] = []
    if protected:
        protections.append(_DELETION_PROTECTION)
    if status in {"CREATING", "UPDATING"}:
        protections.append(not_yet(f"it is {status}"))
    return Resource(
        kind=Kind.TABLE,
        name=str(row["TableName"]),
        region=region,
        # Compatible servers may leave the id out; a table made anew is also younger.
        identity=row.get("TableId") or (created.isoformat() if created else None),
        created=created,
        state=status,
        count=row.get("ItemCount"),
        size_bytes=row.get("TableSizeBytes"),
        about=(f"global table, also in {', '.join(others)}",) if others else (),
        protections=tuple(protections),
        detail=TableDetail(
            status,
            protected,
            others,
            tuple(str(index["IndexName"]) for index in row.get("GlobalSecondaryIndexes") or ()),
        ),
    )
