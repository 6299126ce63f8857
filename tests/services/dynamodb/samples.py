"""Items and tables that the tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from uuid import uuid4

from tui.services.aws import Account
from tui.services.dynamodb import DynamoService, NewTable, read_draft
from tui.services.dynamodb.models import (
    Billing,
    IndexInfo,
    KeyAttribute,
    KeyType,
    Projection,
    TableInfo,
    Throughput,
)
from tui.services.dynamodb.values import (
    AttributeValue,
    BinarySet,
    BinaryValue,
    BoolValue,
    Item,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
)

DIGITS_38 = "12345678901234567890123456789012345678"

HOSTILE_TEXTS = [
    "[/]",
    "[red]x[/red]",
    "\x1b[31mred\x1b[0m",
    "a//b",
    "line one\nline two\ttab\r",
    "👩‍👩‍👧 family",
    "é e\u0301",
    "\u202egnirts",
    '\'; drop table "users"; --',
    "\\u0041 \\",
    "\x00\x7f\x9b",
    " ",
]

VALUES: dict[str, AttributeValue] = {
    "digits": NumberValue(DIGITS_38),
    "negative": NumberValue("-" + DIGITS_38),
    "huge": NumberValue("1E+125"),
    "tiny": NumberValue("1E-130"),
    "above-2**53": NumberValue("9007199254740993"),
    "zero": NumberValue("0"),
    "empty string": StringValue(""),
    "number-like string": StringValue("1"),
    "binary": BinaryValue(bytes(range(256))),
    "empty binary": BinaryValue(b""),
    "true": BoolValue(True),
    "false": BoolValue(False),
    "null": NullValue(),
    "empty list": ListValue(()),
    "empty map": MapValue({}),
    "string set": StringSet(("a", "b", "é")),
    "number set": NumberSet(("1", "2.5", DIGITS_38)),
    "binary set": BinarySet((b"\x00", b"\xff\xfe")),
    "nested": MapValue(
        {
            "list": ListValue((NumberValue("1"), StringValue("1"), NullValue(), ListValue(()))),
            "map": MapValue({"S": StringValue("a map with a tricky name")}),
            "set": StringSet(("x",)),
        }
    ),
}
VALUES |= {f"hostile {position}": StringValue(text) for position, text in enumerate(HOSTILE_TEXTS)}


def everything(identity: str = "1") -> Item:
    """One item with every type and every hostile name in it."""
    attributes: dict[str, AttributeValue] = {"id": NumberValue(identity), **VALUES}
    attributes |= {text: StringValue(text) for text in HOSTILE_TEXTS}
    return Item(attributes)


ID = KeyAttribute("id", KeyType.NUMBER)


def table(
    partition: KeyAttribute = ID,
    sort: KeyAttribute | None = None,
    name: str = "users",
    indexes: tuple[IndexInfo, ...] = (),
) -> TableInfo:
    return TableInfo(
        name=name,
        status="ACTIVE",
        partition=partition,
        sort=sort,
        indexes=indexes,
        billing=Billing.PROVISIONED,
        throughput=Throughput(1, 1),
        item_count=None,
        size_bytes=None,
        deletion_protection=False,
        table_class="STANDARD",
        created=None,
        arn=None,
    )


def by_email() -> IndexInfo:
    return IndexInfo(
        name="by-email",
        is_global=True,
        partition=KeyAttribute("email", KeyType.STRING),
        sort=None,
        projection=Projection("KEYS_ONLY"),
        status="ACTIVE",
        item_count=None,
        size_bytes=None,
        throughput=None,
    )


def from_json(text: str, table: TableInfo | None = None) -> Item:
    """The item of a typed or plain JSON text that has no mistakes."""
    draft = read_draft(text, table)
    assert draft.item is not None, draft.problems
    assert not draft.problems
    return draft.item


async def put_all(dynamodb: DynamoService, table: TableInfo, items: Iterable[Item]) -> None:
    """Put items, a few at once."""
    await asyncio.gather(*(dynamodb.put(table, item, overwrite=True) for item in items))


ID = KeyAttribute("id", KeyType.NUMBER)


async def make_table(dynamodb: DynamoService, new: NewTable) -> TableInfo:
    states = [info async for info in dynamodb.create_table(new)]
    assert states[-1].status == "ACTIVE"
    return states[-1]


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


def table_with_an_index(account: Account) -> str:
    """Makes a table whose index `by-email` has no attribute but the keys; gives its name."""
    name = unique("indexed")
    account.connection.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "N"},
            {"AttributeName": "email", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-email",
                "KeySchema": [{"AttributeName": "email", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return name


def person(identity: str, **attributes: AttributeValue) -> Item:
    return Item({"id": NumberValue(identity), **attributes})
