"""What no emulator says: throttling, empty pages, lost answers, CREATING."""

from typing import Any

import pytest

from tests.local_server import Answer
from tests.services.dynamodb.samples import table
from tests.services.dynamodb.scripted_server import LOST, answer, refusal, scripted
from tui.services.aws import Pauses
from tui.services.dynamodb import DynamoService, ItemConflict, ItemSource, NewTable, service
from tui.services.dynamodb.models import KeyAttribute, KeyType, Recovery
from tui.services.dynamodb.values import AttributeValue, Item, NumberValue, StringValue
from tui.services.errors import ErrorKind, ServiceError

ANDREW = Item({"id": NumberValue("1"), "name": StringValue("Andrew")})
ANDREW_WIRE = {"id": {"N": "1"}, "name": {"S": "Andrew"}}


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOKS", Pauses(first=0.001))


async def test_an_empty_page_with_a_token_is_not_the_end() -> None:
    last = {"id": {"N": "7"}}
    empty = answer({"Items": [], "Count": 0, "ScannedCount": 100, "LastEvaluatedKey": last})
    full = answer({"Items": [ANDREW_WIRE], "Count": 1, "ScannedCount": 60})
    with scripted(empty, full) as script:
        dynamodb = DynamoService(script.account())
        first = await dynamodb.scan_page(ItemSource("users"))
        assert first.items == ()
        assert first.examined == 100
        assert first.token is not None
        second = await dynamodb.scan_page(ItemSource("users"), first.token)
        dynamodb.close()
    assert second.items == (ANDREW,)
    assert second.token is None
    assert script.requests[1][1]["ExclusiveStartKey"] == last


async def test_throttling_is_told_after_the_last_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    monkeypatch.setattr("tui.services.aws.calls.ATTEMPTS", 1)
    with scripted(refusal("ProvisionedThroughputExceededException", "slow down")) as script:
        dynamodb = DynamoService(script.account())
        with pytest.raises(ServiceError) as caught:
            await dynamodb.scan_page(ItemSource("users"))
        dynamodb.close()
    assert caught.value.kind is ErrorKind.THROTTLED
    assert "slow down" in caught.value.cause
    assert caught.value.hint


def description(status: str, **more: Any) -> dict[str, Any]:
    return {
        "TableName": "users",
        "TableStatus": status,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
        **more,
    }


async def test_a_new_table_is_followed_until_it_is_active() -> None:
    with scripted(
        answer({"TableDescription": description("CREATING")}),
        refusal("ResourceNotFoundException", "not yet"),
        answer({"Table": description("CREATING")}),
        answer({"Table": description("ACTIVE")}),
    ) as script:
        dynamodb = DynamoService(script.account())
        new = NewTable("users", KeyAttribute("id", KeyType.NUMBER))
        states = [info.status async for info in dynamodb.create_table(new)]
        dynamodb.close()
    assert states == ["CREATING", "CREATING", "CREATING", "ACTIVE"]


async def test_following_a_new_table_stops_when_it_is_cancelled() -> None:
    with scripted(answer({"TableDescription": description("CREATING")})) as script:
        dynamodb = DynamoService(script.account())
        new = NewTable("users", KeyAttribute("id", KeyType.NUMBER))
        async for info in dynamodb.create_table(new):
            assert info.status == "CREATING"
            break
        dynamodb.close()
    assert script.operations == ["CreateTable"]


async def test_what_a_table_does_not_say_is_unknown() -> None:
    with scripted(
        answer({"Table": description("ACTIVE")}), refusal("AccessDeniedException", "no")
    ) as script:
        dynamodb = DynamoService(script.account())
        info = await dynamodb.describe("users", with_recovery=True)
        dynamodb.close()
    assert info.item_count is None
    assert info.size_bytes is None
    assert info.deletion_protection is None
    assert info.throughput is None
    assert info.created is None
    assert info.recovery is Recovery.UNKNOWN


async def test_a_table_that_is_going_may_no_longer_tell_its_key() -> None:
    with scripted(answer({"Table": {"TableName": "users", "TableStatus": "DELETING"}})) as script:
        dynamodb = DynamoService(script.account())
        info = await dynamodb.describe("users")
        dynamodb.close()
    assert info.status == "DELETING"
    assert info.key == ()
    assert info.key_names == ()


async def test_the_regions_and_the_id_of_a_table_are_told() -> None:
    replicas = [{"RegionName": "eu-west-1"}, {"RegionName": "us-east-1"}]
    more = {"TableId": "a-b-c", "Replicas": replicas}
    with scripted(answer({"Table": description("ACTIVE", **more)})) as script:
        dynamodb = DynamoService(script.account())
        info = await dynamodb.describe("users")
        dynamodb.close()
    assert info.table_id == "a-b-c"
    assert info.replica_regions == ("eu-west-1", "us-east-1")


def condition_failed(**more: Any) -> Answer:
    return refusal("ConditionalCheckFailedException", "The conditional request failed", **more)


async def test_a_put_whose_answer_was_lost_is_not_called_a_conflict() -> None:
    with scripted(LOST, condition_failed(Item=ANDREW_WIRE)) as script:
        dynamodb = DynamoService(script.account())
        receipt = await dynamodb.put(table(), ANDREW)
        dynamodb.close()
    assert receipt.changed
    assert script.operations == ["PutItem", "PutItem"]


async def test_a_lost_answer_does_not_hide_what_somebody_else_stored() -> None:
    other = {"id": {"N": "1"}, "name": {"S": "Anna"}}
    with scripted(LOST, condition_failed(Item=other)) as script:
        dynamodb = DynamoService(script.account())
        with pytest.raises(ItemConflict) as caught:
            await dynamodb.put(table(), ANDREW)
        dynamodb.close()
    assert caught.value.kind is ErrorKind.EXISTS
    assert caught.value.current is not None
    assert caught.value.current["name"] == StringValue("Anna")


async def test_an_identical_item_that_was_there_before_is_still_a_refusal() -> None:
    with scripted(condition_failed(Item=ANDREW_WIRE)) as script:
        dynamodb = DynamoService(script.account())
        with pytest.raises(ItemConflict):
            await dynamodb.put(table(), ANDREW)
        dynamodb.close()


async def test_a_delete_whose_answer_was_lost_counts_as_done() -> None:
    with scripted(answer({"Item": ANDREW_WIRE}), LOST, condition_failed(), answer({})) as script:
        dynamodb = DynamoService(script.account())
        receipt = await dynamodb.delete(table(), ANDREW)
        dynamodb.close()
    assert receipt.changed
    assert script.operations == ["GetItem", "DeleteItem", "DeleteItem", "GetItem"]


async def test_a_busy_transaction_says_try_again() -> None:
    with scripted(
        answer({"Item": ANDREW_WIRE}),
        refusal(
            "TransactionCanceledException",
            "cancelled",
            CancellationReasons=[{"Code": "None"}, {"Code": "TransactionConflict"}],
        ),
    ) as script:
        dynamodb = DynamoService(script.account())
        with pytest.raises(ServiceError) as caught:
            await dynamodb.edit(table(), ANDREW, Item({**ANDREW, "id": NumberValue("2")}))
        dynamodb.close()
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "try again" in caught.value.hint


async def test_the_request_of_an_edit_compares_everything_and_sends_what_differs() -> None:
    original: dict[str, AttributeValue] = {
        "id": NumberValue("1"),
        "name": StringValue("Andrew"),
        "status": StringValue("old"),
        "gone": StringValue(""),
    }
    new = Item(
        {
            "id": NumberValue("1.0"),
            "name": StringValue("Andrew"),
            "status": StringValue("new"),
            "size": NumberValue("3"),
        }
    )
    with scripted(answer({})) as script:
        dynamodb = DynamoService(script.account())
        await dynamodb.edit(table(), Item(original), new)
        dynamodb.close()
    ((operation, body),) = script.requests
    assert operation == "UpdateItem"
    names, values = body["ExpressionAttributeNames"], body["ExpressionAttributeValues"]
    alias = {name: key for key, name in names.items()}
    assert sorted(names.values()) == ["gone", "id", "name", "size", "status"]
    condition = body["ConditionExpression"]
    assert condition.count(" = ") == 4
    assert f"attribute_not_exists({alias['size']})" in condition
    update = body["UpdateExpression"]
    assert update.startswith("SET ")
    assert update.endswith(f"REMOVE {alias['gone']}")
    assert alias["name"] not in update
    assert {"S": "old"} in values.values()
    assert {"S": "new"} in values.values()


async def test_an_edit_that_changes_nothing_sends_nothing() -> None:
    with scripted() as script:
        dynamodb = DynamoService(script.account())
        receipt = await dynamodb.edit(table(), ANDREW, Item({**ANDREW, "id": NumberValue("1.0")}))
        dynamodb.close()
    assert not receipt.changed
    assert script.requests == []


async def test_an_item_too_wide_for_a_condition_is_read_and_compared_first() -> None:
    wide: dict[str, AttributeValue] = {"id": NumberValue("1")}
    wide |= {f"a{number}": StringValue("x") for number in range(400)}
    wire = {"id": {"N": "1"}} | {f"a{number}": {"S": "x"} for number in range(400)}
    new = Item({**wide, "a399": StringValue("y")})
    with scripted(answer({"Item": wire}), answer({})) as script:
        dynamodb = DynamoService(script.account())
        await dynamodb.edit(table(), Item(wide), new)
        dynamodb.close()
    assert script.operations == ["GetItem", "UpdateItem"]
    body = script.requests[1][1]
    assert sorted(body["ExpressionAttributeNames"].values()) == ["a399", "id"]
    with scripted(answer({"Item": wire | {"a7": {"S": "changed"}}})) as script:
        dynamodb = DynamoService(script.account())
        with pytest.raises(ItemConflict):
            await dynamodb.edit(table(), Item(wide), new)
        dynamodb.close()
    assert script.operations == ["GetItem"]
