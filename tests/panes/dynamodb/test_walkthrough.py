"""The walkthrough's DynamoDB part by keys alone: a table, two users, one of them read back."""

from __future__ import annotations

import pytest

from tests.driver import NARROW, WIDE
from tests.panes.dynamodb.conftest import OpenPane, same
from tests.services.dynamodb.samples import unique
from tui.services.dynamodb import Billing, DynamoService, ItemSource, KeyType


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_table_and_two_users_with_different_attributes(
    open_pane: OpenPane, dynamodb: DynamoService, size: tuple[int, int]
) -> None:
    name = unique("walk")
    async with open_pane("dynamodb:", size=size) as driver:
        await driver.sees("Partition key")
        await driver.press("n")
        await driver.sees("New table", "Table name", "Billed by the request")
        await driver.type(name)
        await driver.press("ctrl+s")
        await driver.sees(f"{name} is active")
        info = await dynamodb.describe(name)
        assert info.partition.name == "id"
        assert info.partition.type is KeyType.NUMBER
        assert info.sort is None
        assert info.throughput is None
        assert info.billing is Billing.ON_DEMAND
        assert info.deletion_protection is False

        pane = driver.pane
        await driver.until(lambda: pane.current_table == name, "the cursor on the new table")
        await driver.press("enter")
        await driver.sees(f"dynamodb:{name}", "The table is empty")

        await driver.press("n")
        await driver.sees('"id": {"N": ""}', "Fill in the key")
        await driver.type("1")
        await driver.press("end")
        await driver.type(',"name":{"S":"Andrew"}')
        await driver.sees("DynamoDB JSON")
        await driver.press("ctrl+s")
        await driver.sees("Andrew", "1 item ")

        await driver.press("n")
        await driver.sees("New item")
        await driver.press("ctrl+a", "delete")
        await driver.type('{"id": 2, "email": "anna@example.com", "age": 30}')
        await driver.sees("plain JSON")
        await driver.press("ctrl+s")
        await driver.sees("anna@example.com", "2 items", "·")

        await driver.press("ctrl+g")
        await driver.sees("Get an item by its key", "id: partition key, number")
        await driver.type("2")
        await driver.press("enter")
        await driver.sees('"age": {"N": "30"}', "read by its key just now")
        await driver.press("escape")
        await driver.sees("by key", "anna@example.com")
        await driver.misses("Andrew")
        await driver.press("backspace")
        await driver.sees("Andrew", "anna@example.com")

    page = await dynamodb.scan_page(ItemSource(name))
    stored = {str(item["id"]): item for item in page.items}
    assert len(stored) == 2
    assert any(same(item, '{"id": 1, "name": "Andrew"}') for item in page.items)
    assert any(
        same(item, '{"id": 2, "email": "anna@example.com", "age": 30}') for item in page.items
    )


async def test_a_bad_table_is_told_while_it_is_typed(open_pane: OpenPane) -> None:
    async with open_pane("dynamodb:") as driver:
        await driver.sees("Partition key")
        await driver.press("n")
        await driver.sees("Table name")
        await driver.type("a/")
        await driver.sees("'/' is not allowed")
        await driver.press("backspace")
        await driver.sees("must have 3 to 255 characters")
        await driver.press("ctrl+s")
        await driver.sees("Table name: must have 3 to 255 characters")
        await driver.press("escape", "escape")
        await driver.misses("Table name")


async def test_a_table_name_that_is_taken_leaves_the_form_with_its_text(
    open_pane: OpenPane,
) -> None:
    async with open_pane("dynamodb:") as driver:
        await driver.sees("Partition key")
        await driver.press("n")
        await driver.sees("Table name")
        await driver.type("members")
        await driver.press("ctrl+s")
        await driver.sees("There is a table 'members'", "Choose another name")
        await driver.sees("New table")
