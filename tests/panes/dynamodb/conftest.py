"""The application on the sandbox, standing in the DynamoDB pane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.driver import Driver, sandbox_services
from tests.services.dynamodb.samples import from_json, put_all
from tui.panes.dynamodb.pane import DynamoPane
from tui.sandbox import SandboxInfo
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.dynamodb import (
    DynamoService,
    Item,
    KeyAttribute,
    KeyType,
    NewTable,
    TableInfo,
)


@pytest.fixture
def services(sandbox: SandboxInfo, tmp_path: Path) -> Services:
    return sandbox_services(sandbox, tmp_path)


@pytest.fixture
def dynamodb(account: Account) -> Iterator[DynamoService]:
    """Somebody else at work in the same account."""
    service = DynamoService(account)
    yield service
    service.close()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:10]}"


async def make_table(
    dynamodb: DynamoService,
    *texts: str,
    partition: KeyAttribute | None = None,
    sort: KeyAttribute | None = None,
) -> TableInfo:
    """A table with the items of these JSON texts; its key is the number `id` unless told."""
    key = partition or KeyAttribute("id", KeyType.NUMBER)
    new = NewTable(unique("t"), key, sort, throughput=None)
    info = [each async for each in dynamodb.create_table(new)][-1]
    await fill(dynamodb, info, [from_json(text) for text in texts])
    return info


async def fill(dynamodb: DynamoService, table: TableInfo, items: list[Item]) -> None:
    await put_all(dynamodb, table, items)


def pane_of(driver: Driver) -> DynamoPane:
    pane = driver.app.workspace.frame("dynamodb").pane
    assert isinstance(pane, DynamoPane)
    return pane


def same(first: Mapping[str, object] | None, text: str) -> bool:
    """Whether an item is the one of a JSON text."""
    return first == from_json(text)
