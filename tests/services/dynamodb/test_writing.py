"""Items put, edited, moved and deleted, on the sandbox."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.services.dynamodb.samples import (
    HOSTILE_TEXTS,
    ID,
    VALUES,
    everything,
    make_table,
    person,
    unique,
)
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.dynamodb import (
    DynamoService,
    ItemConflict,
    ItemSource,
    NewTable,
    TableInfo,
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
    page = await dynamodb.scan_page(ItemSource(users.name))
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
    assert (await service.scan_page(ItemSource(users.name))).items == (item,)
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
