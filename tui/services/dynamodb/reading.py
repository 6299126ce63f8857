"""Reading items: pages of a scan or a query, and one by its key. Blocking; run on the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tui.services.aws import call
from tui.services.dynamodb import rules
from tui.services.dynamodb.json_writer import show_path
from tui.services.dynamodb.models import ItemPage, ItemReading, ItemSource, PageToken, TableInfo
from tui.services.dynamodb.tables import finding
from tui.services.dynamodb.values import (
    AttributeValue,
    Item,
    item_from_wire,
    item_to_wire,
    value_to_wire,
)
from tui.services.errors import ErrorKind, ServiceError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_dynamodb.type_defs import (
        GetItemOutputTypeDef,
        QueryOutputTypeDef,
        ScanOutputTypeDef,
    )


class SortOperator(Enum):
    """What a query may ask of the sort key; the value is what people write."""

    EQUAL = "="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    BETWEEN = "BETWEEN"
    BEGINS_WITH = "begins_with"


@dataclass(frozen=True)
class SortCondition:
    name: str
    operator: SortOperator
    value: AttributeValue
    upper: AttributeValue | None = None
    """The upper end of BETWEEN, included; None for every other operator."""


@dataclass(frozen=True)
class Query:
    """All items with one partition key, and perhaps a range of sort keys."""

    source: ItemSource
    name: str
    """Of the partition key of the table or of the index."""
    value: AttributeValue
    sort: SortCondition | None = None
    descending: bool = False
    consistent: bool = False
    """Not possible on a global index."""

    @property
    def values(self) -> Item:
        """The values that the query asks for, by what each of them is."""
        found = {"partition": self.value}
        if self.sort is not None:
            found["sort"] = self.sort.value
            if self.sort.upper is not None:
                found["upper"] = self.sort.upper
        return Item(found)


class Aliases:
    """Hands out `#n0` for names, so that none can be a reserved word, and `:v0` for values. Only
    what is used is sent."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        for alias, known in self._names.items():
            if known == attribute:
                return alias
        alias = f"#n{len(self._names)}"
        self._names[alias] = attribute
        return alias

    def value(self, value: AttributeValue) -> str:
        alias = f":v{len(self._values)}"
        self._values[alias] = value_to_wire(value)
        return alias

    def parameters(self) -> dict[str, Any]:
        """The request's parameters; those that would be empty are left out, as AWS demands."""
        parameters: dict[str, Any] = {}
        if self._names:
            parameters["ExpressionAttributeNames"] = self._names
        if self._values:
            parameters["ExpressionAttributeValues"] = self._values
        return parameters


def scan_page(
    dynamodb: DynamoDBClient, source: ItemSource, token: PageToken | None, limit: int
) -> ItemPage:
    request = _page_request(source, token, limit)

    def ask() -> ScanOutputTypeDef:
        with finding(dynamodb, source.table):
            return dynamodb.scan(**request)

    return _page(source, call(f"read items of {source.location}", ask))


def query_page(
    dynamodb: DynamoDBClient, query: Query, token: PageToken | None, limit: int
) -> ItemPage:
    request = query_request(query) | _page_request(query.source, token, limit)

    def ask() -> QueryOutputTypeDef:
        with finding(dynamodb, query.source.table):
            return dynamodb.query(**request)

    return _page(query.source, call(f"query {query.source.location}", ask))


def query_request(query: Query) -> dict[str, Any]:
    """The parameters of a query, without those of its pages."""
    aliases = Aliases()
    condition = f"{aliases.name(query.name)} = {aliases.value(query.value)}"
    if query.sort is not None:
        condition += " AND " + _sort_condition(aliases, query.sort)
    request: dict[str, Any] = {
        "TableName": query.source.table,
        "KeyConditionExpression": condition,
        "ScanIndexForward": not query.descending,
        **aliases.parameters(),
    }
    if query.source.index is not None:
        request["IndexName"] = query.source.index
    if query.consistent:
        request["ConsistentRead"] = True
    return request


def get(dynamodb: DynamoDBClient, table: TableInfo, key: Item) -> ItemReading:
    """The whole item with that key as it is now: a strongly consistent read.

    Of `key` only the table's key attributes are looked at; INVALID if one is missing or wrong.
    """
    key = table.key_of(key)
    broken = rules.findings(key, table)
    if broken:
        raise ServiceError(
            f"This is not a key of {table.name!r}.",
            cause="\n".join(f"{show_path(each.path)} {each.message}".strip() for each in broken),
            kind=ErrorKind.INVALID,
        )

    def ask() -> GetItemOutputTypeDef:
        with finding(dynamodb, table.name):
            return dynamodb.get_item(
                TableName=table.name,
                Key=item_to_wire(key),
                ConsistentRead=True,
                ReturnConsumedCapacity="TOTAL",
            )

    answer = call(f"read an item of {table.name!r}", ask)
    wire = answer.get("Item")
    return ItemReading(item_from_wire(wire) if wire else None, consumed(answer))


def consumed(answer: Mapping[str, Any]) -> float | None:
    """The capacity units of an answer, summed over its tables; None if it does not say."""
    reported = answer.get("ConsumedCapacity")
    entries = reported if isinstance(reported, list) else [reported]
    units = [each["CapacityUnits"] for each in entries if each and "CapacityUnits" in each]
    return sum(units) if units else None


def _sort_condition(aliases: Aliases, sort: SortCondition) -> str:
    name, value = aliases.name(sort.name), aliases.value(sort.value)
    if sort.operator is SortOperator.BETWEEN:
        if sort.upper is None:
            raise ValueError("BETWEEN needs an upper end")
        return f"{name} BETWEEN {value} AND {aliases.value(sort.upper)}"
    if sort.operator is SortOperator.BEGINS_WITH:
        return f"begins_with({name}, {value})"
    return f"{name} {sort.operator.value} {value}"


def _page_request(source: ItemSource, token: PageToken | None, limit: int) -> dict[str, Any]:
    request: dict[str, Any] = {
        "TableName": source.table,
        "Limit": limit,
        "ReturnConsumedCapacity": "TOTAL",
    }
    if source.index is not None:
        request["IndexName"] = source.index
    if token is not None:
        request["ExclusiveStartKey"] = token.value
    return request


def _page(source: ItemSource, answer: ScanOutputTypeDef | QueryOutputTypeDef) -> ItemPage:
    items = tuple(item_from_wire(wire) for wire in answer.get("Items", []))
    last = answer.get("LastEvaluatedKey")
    return ItemPage(
        source=source,
        items=items,
        examined=answer.get("ScannedCount", len(items)),
        token=PageToken(last) if last else None,
        consumed=consumed(answer),
    )
