"""Tables on the sandbox: created, listed, described."""

from __future__ import annotations

import pytest

from tests.services.dynamodb.samples import (
    ID,
    make_table,
    unique,
)
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.dynamodb import (
    Billing,
    DynamoService,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    Recovery,
    TableInfo,
    Throughput,
)
from tui.services.errors import ErrorKind, ServiceError

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
    dynamodb: DynamoService, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.dynamodb.tables.LIST_PAGE", 2)
    client = account.connection.client("dynamodb")
    prefix = unique("many")
    wanted = {f"{prefix}-{number:03}" for number in range(5)}
    for name in wanted:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        )
    listed = await dynamodb.list_tables()
    assert wanted <= set(listed)
    assert len(listed) == len(set(listed))
    pages = [page async for page in dynamodb.table_names()]
    assert all(len(page) <= 2 for page in pages)
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
    for call in (
        dynamodb.describe("no-such-table"),
        dynamodb.scan_page(ItemSource("no-such-table")),
    ):
        with pytest.raises(ServiceError) as caught:
            await call
        assert caught.value.kind is ErrorKind.NOT_FOUND
        assert caught.value.hint
