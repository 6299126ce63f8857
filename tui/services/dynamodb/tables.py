"""Tables: list, describe, create, delete. Blocking; run on the service's pool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tui.services.aws import (
    TABLE_NAMES,
    Done,
    Look,
    call,
    change,
    pages,
    settled,
    translate,
)
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

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        CreateTableInputTypeDef,
        GlobalSecondaryIndexDescriptionTypeDef,
        KeySchemaElementTypeDef,
        LocalSecondaryIndexDescriptionTypeDef,
        ProjectionOutputTypeDef,
        ProvisionedThroughputDescriptionTypeDef,
        TableDescriptionTypeDef,
    )

LIST_PAGE = 100
"""The most that ListTables gives at once."""

MISSING_HINT = (
    "It was deleted, is still being created, or is in another region: "
    "press r on the list of tables, or R to choose another region."
)


def table_names(dynamodb: DynamoDBClient) -> Iterator[tuple[str, ...]]:
    """The names of all tables of the region, in the service's order, page by page."""
    for page in pages("list the tables", dynamodb.list_tables, TABLE_NAMES, Limit=LIST_PAGE):
        yield tuple(page.get("TableNames", ()))


def describe(dynamodb: DynamoDBClient, table: str) -> TableInfo:
    """One table as it is now. Raises ServiceError, NOT_FOUND if there is none of that name."""

    def ask() -> TableDescriptionTypeDef:
        with finding(dynamodb, table):
            return dynamodb.describe_table(TableName=table)["Table"]

    return table_from_wire(call(f"describe the table {table!r}", ask))


def recovery(dynamodb: DynamoDBClient, table: str) -> Recovery:
    """Whether point-in-time recovery is on; UNKNOWN if we may not ask."""
    try:
        answer = call(
            f"read the backups of {table!r}",
            dynamodb.describe_continuous_backups,
            TableName=table,
        )
    except ServiceError:
        return Recovery.UNKNOWN
    backups = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    status = backups.get("PointInTimeRecoveryStatus", "")
    return {"ENABLED": Recovery.ON, "DISABLED": Recovery.OFF}.get(status, Recovery.UNKNOWN)


def create(dynamodb: DynamoDBClient, new: NewTable) -> TableInfo:
    """Ask for the table; it is not ready before its status is ACTIVE."""
    began = datetime.now(UTC)

    def look(_: object) -> Done[TableInfo] | Look:
        found = _described(dynamodb, new.name)
        if found is None or not _is_as_asked(found, new, began):
            return Look.NOT_DONE
        return Done(found)

    def ask() -> TableInfo:
        try:
            return settled(
                lambda: table_from_wire(dynamodb.create_table(**creation(new))["TableDescription"]),
                look,
                how_to_look="Press r on the list of tables. If it is there, it was created.",
            )
        except dynamodb.exceptions.ResourceInUseException as error:
            raise ServiceError(
                f"There is a table {new.name!r} in this region already.",
                cause=translate(error, "create the table").cause,
                hint="Choose another name.",
                code="ResourceInUseException",
                kind=ErrorKind.EXISTS,
            ) from error

    return call(f"create the table {new.name!r}", ask)


def turn_protection_off(dynamodb: DynamoDBClient, table: str) -> None:
    """Ask for a table's deletion protection to be turned off; it is UPDATING for a moment."""

    def send() -> None:
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)

    def look(_: object) -> Done[None] | Look:
        found = _described(dynamodb, table)
        return Look.NOT_DONE if found is not None and found.deletion_protection else Done(None)

    change(
        f"turn the deletion protection of {table!r} off",
        send,
        look,
        how_to_look="The detail of the table says whether it is protected.",
    )


def delete(dynamodb: DynamoDBClient, table: str) -> None:
    """Ask for a table to be deleted; it is DELETING for a while."""

    def send() -> None:
        dynamodb.delete_table(TableName=table)

    def look(_: object) -> Done[None] | Look:
        found = _described(dynamodb, table)
        return Done(None) if found is None or found.status == "DELETING" else Look.NOT_DONE

    change(f"delete the table {table!r}", send, look, how_to_look="Press r on the list of tables.")


def creation(new: NewTable) -> CreateTableInputTypeDef:
    """The parameters of CreateTable for a valid new table."""
    keys = (new.partition,) if new.sort is None else (new.partition, new.sort)
    request: CreateTableInputTypeDef = {
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
        request["BillingMode"] = "PAY_PER_REQUEST"
    else:
        request["BillingMode"] = "PROVISIONED"
        request["ProvisionedThroughput"] = {
            "ReadCapacityUnits": new.throughput.read,
            "WriteCapacityUnits": new.throughput.write,
        }
    return request


CLOCKS = timedelta(minutes=5)
"""How far the clocks of this machine and of AWS may differ: AWS refuses requests beyond that."""


def _described(dynamodb: DynamoDBClient, table: str) -> TableInfo | None:
    try:
        return table_from_wire(dynamodb.describe_table(TableName=table)["Table"])
    except dynamodb.exceptions.ResourceNotFoundException:
        return None


def _is_as_asked(found: TableInfo, new: NewTable, began: datetime) -> bool:
    """Whether a table is the one that was asked for at `began`."""
    same = (found.partition, found.sort, found.indexes) == (new.partition, new.sort, ())
    older = found.created is not None and found.created < began - CLOCKS
    return same and not older and found.throughput == new.throughput


@contextmanager
def finding(dynamodb: DynamoDBClient, table: str) -> Iterator[None]:
    """Say of a table that is not found that it may never have been there."""
    try:
        yield
    except dynamodb.exceptions.ResourceNotFoundException as error:
        translated = translate(error, f"find the table {table!r}", hint=MISSING_HINT)
        translated.message = f"There is no table {table!r} here."
        raise translated from error


def table_from_wire(wire: TableDescriptionTypeDef) -> TableInfo:
    """The model of a TableDescription. That of a table that is going has few of its fields."""
    types = {
        each["AttributeName"]: KeyType(each["AttributeType"])
        for each in wire.get("AttributeDefinitions", ())
    }
    partition, sort = _keys(wire.get("KeySchema", ()), types)
    billing = Billing(wire.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"))
    local = [
        _index(each, types, is_global=False) for each in wire.get("LocalSecondaryIndexes") or ()
    ]
    others = [_global_index(each, types) for each in wire.get("GlobalSecondaryIndexes") or ()]
    created = wire.get("CreationDateTime")
    replicas = [each.get("RegionName") for each in wire.get("Replicas") or ()]
    provisioned = billing is Billing.PROVISIONED
    return TableInfo(
        name=wire["TableName"],
        status=wire.get("TableStatus", "UNKNOWN"),
        partition=partition,
        sort=sort,
        indexes=(*local, *others),
        billing=billing,
        throughput=_throughput(wire.get("ProvisionedThroughput")) if provisioned else None,
        item_count=wire.get("ItemCount"),
        size_bytes=wire.get("TableSizeBytes"),
        deletion_protection=wire.get("DeletionProtectionEnabled"),
        # DynamoDB leaves the summary out for tables that never had another class.
        table_class=wire.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        created=created if isinstance(created, datetime) else None,
        arn=wire.get("TableArn"),
        table_id=wire.get("TableId"),
        replica_regions=tuple(region for region in replicas if region),
    )


def _index(
    wire: LocalSecondaryIndexDescriptionTypeDef | GlobalSecondaryIndexDescriptionTypeDef,
    types: Mapping[str, KeyType],
    *,
    is_global: bool,
) -> IndexInfo:
    partition, sort = _keys(wire["KeySchema"], types)
    return IndexInfo(
        name=wire["IndexName"],
        is_global=is_global,
        partition=partition,
        sort=sort,
        projection=_projection(wire.get("Projection", {})),
        status=None,
        item_count=wire.get("ItemCount"),
        size_bytes=wire.get("IndexSizeBytes"),
        throughput=None,
    )


def _global_index(
    wire: GlobalSecondaryIndexDescriptionTypeDef, types: Mapping[str, KeyType]
) -> IndexInfo:
    return replace(
        _index(wire, types, is_global=True),
        status=wire.get("IndexStatus"),
        throughput=_throughput(wire.get("ProvisionedThroughput")),
    )


def _projection(wire: ProjectionOutputTypeDef) -> Projection:
    return Projection(
        wire.get("ProjectionType", "KEYS_ONLY"), tuple(wire.get("NonKeyAttributes") or ())
    )


def _keys(
    schema: Sequence[KeySchemaElementTypeDef], types: Mapping[str, KeyType]
) -> tuple[KeyAttribute, KeyAttribute | None]:
    names = {each["KeyType"]: each["AttributeName"] for each in schema}
    if "HASH" not in names:
        return KeyAttribute("", KeyType.STRING), None
    partition = KeyAttribute(names["HASH"], types[names["HASH"]])
    if "RANGE" not in names:
        return partition, None
    return partition, KeyAttribute(names["RANGE"], types[names["RANGE"]])


def _throughput(units: ProvisionedThroughputDescriptionTypeDef | None) -> Throughput | None:
    read, write = (units or {}).get("ReadCapacityUnits"), (units or {}).get("WriteCapacityUnits")
    # On demand is reported as 0/0, which is not a capacity of zero.
    return Throughput(read, write) if read and write else None
