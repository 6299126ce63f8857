"""Pages of scans and queries, on the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.dynamodb.samples import (
    make_table,
    person,
    put_all,
    table_with_an_index,
    unique,
)
from tui.services.aws import Account
from tui.services.dynamodb import (
    DynamoService,
    ItemConflict,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    Query,
    SortCondition,
    SortOperator,
    TableInfo,
)
from tui.services.dynamodb.values import (
    Item,
    NullValue,
    NumberValue,
    StringValue,
)
from tui.services.errors import ErrorKind, ServiceError


async def test_a_key_that_cannot_be_one_is_refused_before_it_is_sent(
    dynamodb: DynamoService, users: TableInfo
) -> None:
    for key in (Item({"name": StringValue("x")}), Item({"id": StringValue("1")})):
        with pytest.raises(ServiceError) as caught:
            await dynamodb.get(users, key)
        assert caught.value.kind is ErrorKind.INVALID


# -- pages ---------------------------------------------------------------------------------


async def all_items(dynamodb: DynamoService, source: ItemSource, limit: int) -> list[Item]:
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
    items = await all_items(dynamodb, ItemSource(users.name), 25)
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
    query = Query(ItemSource(events.name), "who", StringValue("[/]"), condition, descending)
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
        ItemSource(docs.name),
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
    name = table_with_an_index(account)
    info = await dynamodb.describe(name)
    index = info.index("by-email")
    assert index is not None
    assert index.is_global
    assert not index.projection.complete
    assert index.partition == KeyAttribute("email", KeyType.STRING)
    whole = person("1", email=StringValue("a@b"), name=StringValue("Anna"))
    await dynamodb.put(info, whole)
    await dynamodb.put(info, person("2"))
    page = await dynamodb.scan_page(ItemSource(name, "by-email"))
    (through_index,) = page.items
    assert "name" not in through_index
    assert (await dynamodb.get(info, info.key_of(through_index))).item == whole
    with pytest.raises(ItemConflict):
        await dynamodb.delete(info, through_index)
    query = Query(ItemSource(name, "by-email"), "email", StringValue("a@b"))
    assert len((await dynamodb.query_page(query)).items) == 1
