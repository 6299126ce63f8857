"""The service on the sandbox, and tables to work with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.dynamodb.samples import (
    ID,
    make_table,
    unique,
)
from tui.services.aws import Account
from tui.services.dynamodb import (
    DynamoService,
    KeyAttribute,
    KeyType,
    NewTable,
    TableInfo,
)


@pytest.fixture
def dynamodb(account: Account) -> Iterator[DynamoService]:
    service = DynamoService(account)
    yield service
    service.close()


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
