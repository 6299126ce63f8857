"""The DynamoDB service against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.services.dynamodb.samples import HOSTILE_TEXTS, VALUES, everything, put_all
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.dynamodb import (
    Billing,
    DynamoService,
    ItemConflict,
    KeyAttribute,
    KeyType,
    NewTable,
    Query,
    Recovery,
    SortCondition,
    SortOperator,
    Source,
    TableInfo,
    Throughput,
)
from tui.services.dynamodb.values import (
    AttributeValue,
    BinarySet,
    BinaryValue,
    Item,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
)
from tui.services.errors import ErrorKind, ServiceError

ID = KeyAttribute("id", KeyType.NUMBER)


@pytest.fixture
def dynamodb(account: Account) -> Iterator[DynamoService]:
    service = DynamoService(account)
    yield service
    service.close()


async def make_table(dynamodb: DynamoService, new: NewTable) -> TableInfo:
    states = [info async for info in dynamodb.create_table(new)]
    assert states[-1].status == "ACTIVE"
    return states[-1]


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


@pytest.fixture
async def users(dynamodb: DynamoService) -> TableInfo:
    return await make_table(dynamodb, NewTable(unique("users"), ID))


@pytest.fixture
async def events(dynamodb: DynamoService) -> TableInfo:
    """A table with a sort key."""
    new = NewTable(
        unique("events"), KeyAttribute("who", KeyType.STRING), KeyAttribute("at", KeyType.NUMBER)
    )
    return await make_table(dynamodb, new)


def person(identity: str, **attributes: AttributeValue) -> Item:
    return Item({"id": NumberValue(identity), **attributes})


# -- tables --------------------------------------------------------------------------------


async def test_the_table_of_the_walkthrough_is_created_as_it_was_asked_for(
    dynamodb: DynamoService,
) -> None:
    name = unique("walkthrough")
    await make_table(dynamodb, NewTable(name, ID))
    info = await dynamodb.describe(name, with_recovery=True)
    assert info.partition == ID
    assert info.sort is None
    assert info.billing is Billing.PROVISIONED
    assert info.throughput == Throughput(1, 1)
    assert info.deletion_protection is False
    assert info.table_class == "STANDARD"
    assert info.recovery is Recovery.OFF
    assert info.created is not None
    assert name in await dynamodb.list_tables()


async def test_an_on_demand_table_has_no_capacity_to_show(dynamodb: DynamoService) -> None:
    info = await make_table(
        dynamodb,
        NewTable(unique("demand"), ID, KeyAttribute("b", KeyType.BINARY), throughput=None),
    )
    assert info.billing is Billing.ON_DEMAND
    assert info.throughput is None
    assert info.sort == KeyAttribute("b", KeyType.BINARY)


async def test_all_pages_of_the_list_of_tables_are_read(
    dynamodb: DynamoService, account: Account
) -> None:
    client = account.client("dynamodb")
    prefix = unique("many")
    wanted = {f"{prefix}-{number:03}" for number in range(105)}
    for name in wanted:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        )
    assert wanted <= set(await dynamodb.list_tables())
    for name in wanted:
        client.delete_table(TableName=name)


async def test_a_name_that_is_taken_is_refused(dynamodb: DynamoService, users: TableInfo) -> None:
    with pytest.raises(ServiceError) as caught:
        await make_table(dynamodb, NewTable(users.name, ID))
    assert caught.value.kind is ErrorKind.EXISTS


@pytest.mark.parametrize("name", ["ab", "[/]", "a b", "x" * 256, "naïve", "a\x1b[31m"])
async def test_a_bad_name_is_refused_before_anything_is_sent(
    dynamodb: DynamoService, audit: AuditLog, name: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        await make_table(dynamodb, NewTable(name, ID))
    assert caught.value.kind is ErrorKind.INVALID
    assert not audit.path.exists()


async def test_a_table_that_is_not_there_is_said_to_be_so(dynamodb: DynamoService) -> None:
    for call in (dynamodb.describe("no-such-table"), dynamodb.scan_page(Source("no-such-table"))):
        with pytest.raises(ServiceError) as caught:
            await call
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert caught.value.hint


# -- items ---------------------------------------------------------------------------------


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_every_value_comes_back_exactly_as_it_was_put(
    dynamodb: DynamoService, shared_users: TableInfo, value: AttributeValue
) -> None:
    item = Item({"id": NumberValue(str(uuid4().int % 10**30)), "value": value})
    await dynamodb.put(shared_users, item)
    reading = await dynamodb.get(shared_users, shared_users.key_of(item))
    assert reading.item == item
    assert repr(reading.item["value"]) == repr(value)
    assert reading.consumed is not None


@pytest.fixture
async def shared_users(dynamodb: DynamoService) -> TableInfo:
    """One table for the tests that put items under keys of their own."""
    try:
        return await dynamodb.describe("shared-users")
    except ServiceError:
        return await make_table(dynamodb, NewTable("shared-users", ID))


async def test_the_two_users_of_the_walkthrough(dynamodb: DynamoService, users: TableInfo) -> None:
    andrew = person("1", name=StringValue("Andrew"))
    anna = person("2", email=StringValue("anna@example.com"), age=NumberValue("30"))
    await dynamodb.put(users, andrew)
    receipt = await dynamodb.put(users, anna)
    assert receipt.consumed is not None
    assert (await dynamodb.get(users, person("2"))).item == anna
    assert (await dynamodb.get(users, person("3"))).item is None
    page = await dynamodb.scan_page(Source(users.name))
    assert page.token is None
    assert page.examined == 2
    assert {str(item["id"]) for item in page.items} == {str(andrew["id"]), str(anna["id"])}


async def test_a_put_never_replaces_an_item_unless_told_to(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    await dynamodb.put(users, person("1", name=StringValue("Andrew")))
    other = person("1", name=StringValue("Somebody"))
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.put(users, other)
    assert caught.value.kind is ErrorKind.EXISTS
    assert caught.value.current == person("1", name=StringValue("Andrew"))
    stored = await dynamodb.get(users, other)
    assert stored.item == person("1", name=StringValue("Andrew"))
    await dynamodb.put(users, other, overwrite=True)
    assert (await dynamodb.get(users, other)).item == other


async def test_what_breaks_a_rule_is_not_sent(
    dynamodb: DynamoService, users: TableInfo, audit: AuditLog
) -> None:
    before = audit.path.read_text()
    for bad in (
        Item({"name": StringValue("no key")}),
        Item({"id": StringValue("1")}),
        person("1" * 39),
        person("1", tags=StringSet(())),
        person("1", tags=NumberSet(("1", "1.0"))),
        person("1", text=StringValue("x" * 400 * 1024)),
    ):
        with pytest.raises(ServiceError) as caught:
            await dynamodb.put(users, bad)
        assert caught.value.kind is ErrorKind.INVALID
    assert audit.path.read_text() == before


CHANGED: list[tuple[AttributeValue, AttributeValue]] = [
    (StringValue("1"), NumberValue("1")),
    (NumberValue("9007199254740992"), NumberValue("9007199254740993")),
    (StringValue(""), NullValue()),
    (BinaryValue(b"\x00"), BinaryValue(b"\x01")),
    (ListValue(()), MapValue({})),
    (StringSet(("a", "b")), StringSet(("a",))),
    (NumberSet(("1",)), NumberSet(("2",))),
    (BinarySet((b"a",)), BinarySet((b"b",))),
    (MapValue({"a": ListValue((StringValue("x"),))}), MapValue({"a": ListValue(())})),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
async def test_an_edit_changes_what_was_read(
    dynamodb: DynamoService, users: TableInfo, before: AttributeValue, after: AttributeValue
) -> None:
    original = person("1", value=before, other=StringValue("stays"), gone=NullValue())
    await dynamodb.put(users, original)
    new = person("1", value=after, other=StringValue("stays"), added=NumberValue("1E+125"))
    assert (await dynamodb.edit(users, original, new)).changed
    stored = (await dynamodb.get(users, new)).item
    assert stored == new
    assert repr(stored["value"]) == repr(after)


@pytest.mark.parametrize(("read", "meanwhile"), CHANGED)
async def test_an_edit_of_something_that_changed_meanwhile_is_a_conflict(
    dynamodb: DynamoService, users: TableInfo, read: AttributeValue, meanwhile: AttributeValue
) -> None:
    original = person("1", value=read, name=StringValue("old"))
    current = person("1", value=meanwhile, name=StringValue("old"))
    await dynamodb.put(users, current)
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.edit(users, original, person("1", value=read, name=StringValue("new")))
    assert caught.value.kind is ErrorKind.CHANGED
    assert caught.value.current == current
    assert (await dynamodb.get(users, current)).item == current


async def test_an_attribute_that_somebody_added_survives_an_edit(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    read = person("1", name=StringValue("Andrew"))
    await dynamodb.put(users, person("1", name=StringValue("Andrew"), added=NullValue()))
    await dynamodb.edit(users, read, person("1", name=StringValue("Andreas")))
    stored = (await dynamodb.get(users, read)).item
    assert stored == person("1", name=StringValue("Andreas"), added=NullValue())


async def test_an_attribute_added_by_both_sides_is_a_conflict(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    read = person("1")
    await dynamodb.put(users, person("1", age=NumberValue("30")))
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.edit(users, read, person("1", age=NumberValue("31")))
    assert caught.value.current == person("1", age=NumberValue("30"))


async def test_editing_what_was_deleted_does_not_bring_it_back(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.edit(users, person("1"), person("1", name=StringValue("x")))
    assert caught.value.current is None
    assert (await dynamodb.get(users, person("1"))).item is None


async def test_an_item_of_every_type_with_hostile_names_is_edited_and_deleted(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    original = everything()
    await dynamodb.put(users, original)
    renamed = {text + "!" if text in HOSTILE_TEXTS else text: original[text] for text in original}
    new = Item({**renamed, "digits": NumberValue("2")})
    await dynamodb.edit(users, original, new)
    stored = (await dynamodb.get(users, new)).item
    assert stored == new
    await dynamodb.delete(users, stored)
    assert (await dynamodb.get(users, new)).item is None


async def test_an_item_wider_than_a_condition_is_edited_and_deleted(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    wide = person("1", **{f"a{number}": NumberValue(str(number)) for number in range(300)})
    await dynamodb.put(users, wide)
    new = Item({**wide, "a299": StringValue("changed")})
    await dynamodb.edit(users, wide, new)
    with pytest.raises(ItemConflict):
        await dynamodb.delete(users, wide)
    await dynamodb.delete(users, new)
    assert (await dynamodb.get(users, new)).item is None


async def test_a_changed_key_moves_the_item(dynamodb: DynamoService, users: TableInfo) -> None:
    original = person("1", name=StringValue("Andrew"))
    await dynamodb.put(users, original)
    moved = Item({**original, "id": NumberValue("10")})
    await dynamodb.edit(users, original, moved)
    assert (await dynamodb.get(users, person("1"))).item is None
    assert (await dynamodb.get(users, person("10"))).item == moved


async def test_a_move_never_replaces_the_item_at_the_new_key(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    original, there = person("1", a=NullValue()), person("2", b=NullValue())
    await dynamodb.put(users, original)
    await dynamodb.put(users, there)
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.edit(users, original, Item({**original, "id": NumberValue("2")}))
    assert caught.value.kind is ErrorKind.EXISTS
    assert caught.value.current == there
    assert (await dynamodb.get(users, person("1"))).item == original
    assert (await dynamodb.get(users, person("2"))).item == there


async def test_a_move_of_something_that_changed_meanwhile_is_a_conflict(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    read = person("1", a=StringValue("old"))
    stored = person("1", a=StringValue("old"), b=StringValue("added"))
    await dynamodb.put(users, stored)
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.edit(users, read, Item({**read, "id": NumberValue("2")}))
    assert caught.value.current == stored
    assert (await dynamodb.get(users, person("1"))).item == stored
    assert (await dynamodb.get(users, person("2"))).item is None


async def test_a_delete_needs_the_item_to_be_as_it_was_read(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    stored = person("1", a=StringValue("x"), b=StringValue("added"))
    await dynamodb.put(users, stored)
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.delete(users, person("1", a=StringValue("x")))
    assert caught.value.current == stored
    await dynamodb.delete(users, stored)
    with pytest.raises(ItemConflict) as caught:
        await dynamodb.delete(users, stored)
    assert caught.value.current is None


async def test_writes_are_refused_in_read_only_mode_and_reads_are_not(
    dynamodb: DynamoService, users: TableInfo, read_only_account: Account
) -> None:
    item = person("1", name=StringValue("Andrew"))
    await dynamodb.put(users, item)
    service = DynamoService(read_only_account)
    assert (await service.get(users, person("1"))).item == item
    assert (await service.scan_page(Source(users.name))).items == (item,)
    for write in (
        service.put(users, item, overwrite=True),
        service.edit(users, item, person("1")),
        service.edit(users, item, person("2")),
        service.delete(users, item),
        make_table(service, NewTable(unique("no"), ID)),
    ):
        with pytest.raises(ServiceError) as caught:
            await write
        assert caught.value.kind is ErrorKind.READ_ONLY
    service.close()


async def test_the_audit_has_names_and_no_values(
    dynamodb: DynamoService, users: TableInfo, audit: AuditLog
) -> None:
    await dynamodb.put(users, person("1", secret=StringValue("do not write this down")))
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert [line["operation"] for line in lines] == ["CreateTable", "PutItem"]
    assert lines[-1]["target"] == {"TableName": users.name}
    secret = StringValue("do not write this down")
    await dynamodb.edit(users, person("1", secret=secret), person("2", secret=secret))
    move = json.loads(audit.path.read_text().splitlines()[-1])
    assert move["operation"] == "TransactWriteItems"
    assert move["target"] == {"TableName": users.name}
    assert "do not write" not in audit.path.read_text()


async def test_a_key_that_cannot_be_one_is_refused_before_it_is_sent(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    for key in (Item({"name": StringValue("x")}), Item({"id": StringValue("1")})):
        with pytest.raises(ServiceError) as caught:
            await dynamodb.get(users, key)
        assert caught.value.kind is ErrorKind.INVALID


# -- pages ---------------------------------------------------------------------------------


async def all_items(dynamodb: DynamoService, source: Source, limit: int) -> list[Item]:
    items: list[Item] = []
    token = None
    while True:
        page = await dynamodb.scan_page(source, token, limit)
        assert page.examined <= limit
        items.extend(page.items)
        token = page.token
        if token is None:
            return items


async def test_a_scan_gives_every_item_once_page_by_page(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    await put_all(dynamodb, users, [person(str(number)) for number in range(103)])
    items = await all_items(dynamodb, Source(users.name), 25)
    assert len(items) == 103
    assert {item["id"] for item in items} == {NumberValue(str(number)) for number in range(103)}


async def fill_events(dynamodb: DynamoService, events: TableInfo) -> None:
    items = [
        Item({"who": StringValue(who), "at": NumberValue(str(at)), "n": NullValue()})
        for who in ("anna", "[/]")
        for at in range(1, 31)
    ]
    await put_all(dynamodb, events, items)


def sort(operator: SortOperator, value: str, upper: str | None = None) -> SortCondition:
    end = NumberValue(upper) if upper else None
    return SortCondition("at", operator, NumberValue(value), end)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, list(range(1, 31))),
        (sort(SortOperator.EQUAL, "7"), [7]),
        (sort(SortOperator.LESS, "3"), [1, 2]),
        (sort(SortOperator.LESS_OR_EQUAL, "3"), [1, 2, 3]),
        (sort(SortOperator.GREATER, "28"), [29, 30]),
        (sort(SortOperator.GREATER_OR_EQUAL, "28"), [28, 29, 30]),
        (sort(SortOperator.BETWEEN, "9", "11"), [9, 10, 11]),
        (sort(SortOperator.EQUAL, "99"), []),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
async def test_a_query_gives_its_range_in_order(
    dynamodb: DynamoService,
    events: TableInfo,
    condition: SortCondition | None,
    expected: list[int],
    descending: bool,
) -> None:
    await fill_events(dynamodb, events)
    query = Query(Source(events.name), "who", StringValue("[/]"), condition, descending)
    found: list[Any] = []
    token = None
    while True:
        page = await dynamodb.query_page(query, token, 4)
        found.extend(page.items)
        token = page.token
        if token is None:
            break
    assert all(item["who"] == StringValue("[/]") for item in found)
    numbers = [int(item["at"].text) for item in found]
    assert numbers == (expected[::-1] if descending else expected)


async def test_begins_with_finds_text_that_begins_so(dynamodb: DynamoService) -> None:
    docs = await make_table(
        dynamodb,
        NewTable(
            unique("docs"),
            KeyAttribute("status", KeyType.STRING),
            KeyAttribute("name", KeyType.STRING),
        ),
    )
    for name in ("2024-01", "2024-02", "2025-01"):
        await dynamodb.put(docs, Item({"status": StringValue("ok"), "name": StringValue(name)}))
    query = Query(
        Source(docs.name),
        "status",
        StringValue("ok"),
        SortCondition("name", SortOperator.BEGINS_WITH, StringValue("2024")),
        consistent=True,
    )
    page = await dynamodb.query_page(query)
    assert [item["name"] for item in page.items] == [StringValue("2024-01"), StringValue("2024-02")]


async def test_an_index_is_described_and_read_with_what_it_projects(
    dynamodb: DynamoService, account: Account
) -> None:
    name = unique("indexed")
    account.client("dynamodb").create_table(
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
    info = await dynamodb.describe(name)
    index = info.index("by-email")
    assert index is not None
    assert index.is_global
    assert not index.projection.complete
    assert index.partition == KeyAttribute("email", KeyType.STRING)
    whole = person("1", email=StringValue("a@b"), name=StringValue("Anna"))
    await dynamodb.put(info, whole)
    await dynamodb.put(info, person("2"))
    page = await dynamodb.scan_page(Source(name, "by-email"))
    (through_index,) = page.items
    assert "name" not in through_index
    assert (await dynamodb.get(info, info.key_of(through_index))).item == whole
    with pytest.raises(ItemConflict):
        await dynamodb.delete(info, through_index)
    query = Query(Source(name, "by-email"), "email", StringValue("a@b"))
    assert len((await dynamodb.query_page(query)).items) == 1
