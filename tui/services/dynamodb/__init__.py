"""DynamoDB: tables and items, exactly as they are stored."""

from tui.services.dynamodb.drafts import Draft, DraftProblem, Notation, read_draft
from tui.services.dynamodb.json_writer import is_plain, to_json, to_plain_json, value_to_json
from tui.services.dynamodb.models import (
    Billing,
    IndexInfo,
    ItemPage,
    ItemReading,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    PageToken,
    Projection,
    Receipt,
    Recovery,
    TableInfo,
    Throughput,
)
from tui.services.dynamodb.reading import Query, SortCondition, SortOperator
from tui.services.dynamodb.service import PAGE_SIZE, DynamoService
from tui.services.dynamodb.values import AttributeValue, Item
from tui.services.dynamodb.writing import ItemConflict

__all__ = [
    "PAGE_SIZE",
    "AttributeValue",
    "Billing",
    "Draft",
    "DraftProblem",
    "DynamoService",
    "IndexInfo",
    "Item",
    "ItemConflict",
    "ItemPage",
    "ItemReading",
    "ItemSource",
    "KeyAttribute",
    "KeyType",
    "NewTable",
    "Notation",
    "PageToken",
    "Projection",
    "Query",
    "Receipt",
    "Recovery",
    "SortCondition",
    "SortOperator",
    "TableInfo",
    "Throughput",
    "is_plain",
    "read_draft",
    "to_json",
    "to_plain_json",
    "value_to_json",
]
