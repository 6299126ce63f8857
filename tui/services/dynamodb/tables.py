"""Tables: list, describe, create. Blocking; run on the service's pool."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.services.aws import Done, Look, settled, translate, translating
from tui.services.dynamodb.models import (
    Billing,
    IndexInfo,
    KeyAttribute,
    KeyType,
    NewTable,
    Projection,
    Recovery,
    TableInfo,
    Throughput,
)
from tui.services.errors import ErrorKind, ServiceError

LIST_PAGE = 100
"""The most that ListTables gives at once."""

MISSING_HINT = (
    "It was deleted, is still being created, or is in another region: "
    "press r on the list of tables, or R to choose another region."
)


def list_tables(client: Any) -> tuple[str, ...]:
    """The names of all tables of the region, every page, in the service's order."""
    names: list[str] = []
    start: dict[str, str] = {}
    with translating("list the tables"):
        while True:
            answer = client.list_tables(Limit=LIST_PAGE, **start)
            names.extend(answer.get("TableNames", []))
            last = answer.get("LastEvaluatedTableName")
            if not last:
                return tuple(names)
            start = {"ExclusiveStartTableName": last}


def describe(client: Any, table: str) -> TableInfo:
    with translating(f"describe the table {table!r}", hint=""):
        try:
            answer = client.describe_table(TableName=table)
        except client.exceptions.ResourceNotFoundException as error:
            raise no_such_table(table, error) from error
    return table_from_wire(answer["Table"])


def recovery(client: Any, table: str) -> Recovery:
    """Whether point-in-time recovery is on; UNKNOWN if we may not ask."""
    try:
        with translating(f"read the backups of {table!r}"):
            answer = client.describe_continuous_backups(TableName=table)
    except ServiceError:
        return Recovery.UNKNOWN
    backups = answer.get("ContinuousBackupsDescription", {})
    status = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    return {"ENABLED": Recovery.ON, "DISABLED": Recovery.OFF}.get(status, Recovery.UNKNOWN)


def create(client: Any, new: NewTable) -> TableInfo:
    """Ask for the table; it is not ready before its status is ACTIVE."""
    began = datetime.now(UTC)
    keys = (new.partition,) if new.sort is None else (new.partition, new.sort)
    request: dict[str, Any] = {
        "TableName": new.name,
        "AttributeDefinitions": [
            {"AttributeName": key.name, "AttributeType": key.type.value} for key in keys
        ],
        "KeySchema": [
            {"AttributeName": key.name, "KeyType": "RANGE" if position else "HASH"}
            for position, key in enumerate(keys)
        ],
        "TableClass": "STANDARD",
        "DeletionProtectionEnabled": False,
    }
    if new.throughput is None:
        request["BillingMode"] = Billing.ON_DEMAND.value
    else:
        request["BillingMode"] = Billing.PROVISIONED.value
        request["ProvisionedThroughput"] = {
            "ReadCapacityUnits": new.throughput.read,
            "WriteCapacityUnits": new.throughput.write,
        }
    with translating(f"create the table {new.name!r}"):
        try:
            answer = settled(
                lambda: client.create_table(**request),
                lambda _: _was_created(client, new, began),
                how_to_look="Press r on the list of tables. If it is there, it was created.",
            )
        except client.exceptions.ResourceInUseException as error:
            raise ServiceError(
                f"There is a table {new.name!r} in this region already.",
                cause=translate(error, "create the table").cause,
                hint="Choose another name.",
                code="ResourceInUseException",
                kind=ErrorKind.EXISTS,
            ) from error
    return table_from_wire(answer["TableDescription"])


CLOCKS = timedelta(minutes=5)
"""How far the clocks of this machine and of AWS may differ: AWS refuses requests beyond that."""


def _was_created(client: Any, new: NewTable, began: datetime) -> Done[Any] | Look:
    """Whether the table that is there now is the one that was asked for."""
    try:
        answer = client.describe_table(TableName=new.name)
    except client.exceptions.ResourceNotFoundException:
        return Look.NOT_DONE
    found = table_from_wire(answer["Table"])
    same = (found.partition, found.sort, found.indexes) == (new.partition, new.sort, ())
    older = found.created is not None and found.created < began - CLOCKS
    if not same or older or found.throughput != new.throughput:
        return Look.NOT_DONE
    return Done({"TableDescription": answer["Table"]})


def no_such_table(table: str, error: Exception) -> ServiceError:
    """The error for a table that cannot be found: it may never have been there."""
    translated = translate(error, f"find the table {table!r}", hint=MISSING_HINT)
    translated.message = f"There is no table {table!r} here."
    return translated


def table_from_wire(wire: Mapping[str, Any]) -> TableInfo:
    """The model of a TableDescription."""
    types = {
        each["AttributeName"]: KeyType(each["AttributeType"])
        for each in wire.get("AttributeDefinitions", [])
    }
    partition, sort = _keys(wire["KeySchema"], types)
    billing = wire.get("BillingModeSummary", {}).get("BillingMode", Billing.PROVISIONED.value)
    local = wire.get("LocalSecondaryIndexes") or []
    remote = wire.get("GlobalSecondaryIndexes") or []
    created = wire.get("CreationDateTime")
    return TableInfo(
        name=wire["TableName"],
        status=wire.get("TableStatus", "UNKNOWN"),
        partition=partition,
        sort=sort,
        indexes=tuple(
            [_index(each, types, is_global=False) for each in local]
            + [_index(each, types, is_global=True) for each in remote]
        ),
        billing=Billing(billing),
        throughput=_throughput(wire) if billing == Billing.PROVISIONED.value else None,
        item_count=wire.get("ItemCount"),
        size_bytes=wire.get("TableSizeBytes"),
        deletion_protection=wire.get("DeletionProtectionEnabled"),
        # DynamoDB leaves the summary out for tables that never had another class.
        table_class=wire.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        created=created if isinstance(created, datetime) else None,
        arn=wire.get("TableArn"),
    )


def _index(wire: Mapping[str, Any], types: Mapping[str, KeyType], *, is_global: bool) -> IndexInfo:
    partition, sort = _keys(wire["KeySchema"], types)
    projection = wire.get("Projection", {})
    return IndexInfo(
        name=wire["IndexName"],
        is_global=is_global,
        partition=partition,
        sort=sort,
        projection=Projection(
            projection.get("ProjectionType", "KEYS_ONLY"),
            tuple(projection.get("NonKeyAttributes") or ()),
        ),
        status=wire.get("IndexStatus") if is_global else None,
        item_count=wire.get("ItemCount"),
        size_bytes=wire.get("IndexSizeBytes"),
        throughput=_throughput(wire) if is_global else None,
    )


def _keys(
    schema: list[Mapping[str, str]], types: Mapping[str, KeyType]
) -> tuple[KeyAttribute, KeyAttribute | None]:
    names = {each["KeyType"]: each["AttributeName"] for each in schema}
    partition = KeyAttribute(names["HASH"], types[names["HASH"]])
    if "RANGE" not in names:
        return partition, None
    return partition, KeyAttribute(names["RANGE"], types[names["RANGE"]])


def _throughput(wire: Mapping[str, Any]) -> Throughput | None:
    units = wire.get("ProvisionedThroughput") or {}
    read, write = units.get("ReadCapacityUnits"), units.get("WriteCapacityUnits")
    # On demand is reported as 0/0, which is not a capacity of zero.
    return Throughput(read, write) if read and write else None
