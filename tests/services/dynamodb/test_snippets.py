"""What is copied runs elsewhere and says exactly the same."""

import ast
import json
import os
import shutil
import subprocess
from typing import Any
from uuid import uuid4

import pytest

from tests.services.dynamodb.samples import everything, from_json, table
from tests.shell import words_of
from tui.sandbox import SandboxInfo
from tui.services.aws import Account, Target
from tui.services.dynamodb import (
    DynamoService,
    ItemSource,
    NewTable,
    Query,
    SortCondition,
    SortOperator,
    snippets,
)
from tui.services.dynamodb.models import KeyAttribute, KeyType
from tui.services.dynamodb.values import (
    BinarySet,
    BinaryValue,
    Item,
    ListValue,
    MapValue,
    NumberValue,
    StringValue,
    item_from_wire,
)

HERE = Target("dev", "eu-west-1", "http://127.0.0.1:5000")
AWS = Target()

ITEMS = [
    everything(),
    Item({"id": NumberValue("1"), "name": StringValue("O'Brien\n$(rm -rf ~) `id` \\ \" ; & |")}),
    Item({"id": NumberValue("1"), "name": StringValue("a\x15touch X\r\x7f\x9b\u202e")}),
]


def words(command: str) -> dict[str, str]:
    """The options of a command as a shell hands them over."""
    parts = words_of(command)
    assert parts[:2] == ["aws", "dynamodb"]
    options: dict[str, str] = {"": parts[2]}
    for part in parts[3:]:
        if part.startswith("--"):
            options[part] = ""
            last = part
        else:
            options[last] += part
    return options


def arguments(code: str) -> dict[str, Any]:
    """The keyword arguments of the last call in Python code, as it would be made."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    (call,) = (each for each in calls if any(word.arg == "TableName" for word in each.keywords))
    return {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}


@pytest.mark.parametrize("item", ITEMS)
def test_a_shell_gets_exactly_the_item(item: Item) -> None:
    command = snippets.cli_put(HERE, table(), item)
    assert command.replace("\n", "").isprintable()
    options = words(command)
    assert options[""] == "put-item"
    assert from_json(options["--item"]) == item
    assert options["--profile"] == "dev"
    assert options["--region"] == "eu-west-1"
    assert options["--endpoint-url"] == "http://127.0.0.1:5000"
    assert "attribute_not_exists" in options["--condition-expression"]


@pytest.mark.parametrize("item", ITEMS)
def test_get_names_only_the_key(item: Item) -> None:
    options = words(snippets.cli_get(AWS, table(), item))
    assert from_json(options["--key"]) == Item({"id": item["id"]})
    assert "--profile" not in options
    assert "--region" not in options
    assert "--endpoint-url" not in options


@pytest.mark.parametrize("item", ITEMS)
def test_python_gets_exactly_the_item(item: Item) -> None:
    assert item_from_wire(arguments(snippets.boto3_put(HERE, table(), item))["Item"]) == item
    key = arguments(snippets.boto3_get(HERE, table(), item))["Key"]
    assert item_from_wire(key) == Item({"id": item["id"]})


BYTES = b"\x00\xff raw"
WITH_BINARY = [
    Item({"id": NumberValue("1"), "b": BinaryValue(BYTES)}),
    Item({"id": NumberValue("1"), "b": BinarySet((b"\x00", BYTES))}),
    Item({"id": NumberValue("1"), "b": ListValue((MapValue({"in": BinaryValue(BYTES)}),))}),
]


@pytest.mark.parametrize("item", WITH_BINARY)
def test_a_command_with_binary_values_says_how_they_are_written(item: Item) -> None:
    assert words(snippets.cli_put(AWS, table(), item))["--cli-binary-format"] == "base64"
    assert "--cli-binary-format" not in words(snippets.cli_get(AWS, table(), item))
    keyed = table(KeyAttribute("b", KeyType.BINARY))
    key = Item({"b": BinaryValue(BYTES)})
    assert words(snippets.cli_get(AWS, keyed, key))["--cli-binary-format"] == "base64"
    query = Query(ItemSource("users"), "b", BinaryValue(BYTES))
    assert "--cli-binary-format base64" in snippets.cli_read(AWS, query.source, query)


def test_a_command_without_binary_values_runs_in_both_versions_of_the_cli() -> None:
    item = Item({"id": NumberValue("1"), "b": StringValue("text")})
    assert "--cli-binary-format" not in snippets.cli_put(AWS, table(), item)


def test_an_argument_that_is_too_long_for_linux_is_read_from_standard_input() -> None:
    room = snippets.MAX_ARGUMENT_BYTES - len('{"id": {"N": "1"}, "t": {"S": ""}}')
    fits = Item({"id": NumberValue("1"), "t": StringValue("x" * room)})
    assert "<<" not in snippets.cli_put(AWS, table(), fits)
    longer = Item({"id": NumberValue("1"), "t": StringValue("!\x9b\u202e" + "x" * room)})
    command, body, end = snippets.cli_put(AWS, table(), longer).rsplit("\n", 2)
    assert command.endswith(f"<<'{end}'")
    assert words(command.rpartition(" <<")[0])["--item"] == "file:///dev/stdin"
    assert "!" not in body
    assert from_json(body) == longer
    assert body.isprintable()


# -- the real AWS CLI ------------------------------------------------------------------------------

needs_the_cli = pytest.mark.skipif(
    not (shutil.which("aws") and shutil.which("bash")), reason="no AWS CLI on this machine"
)


def run_in_bash(command: str, sandbox: SandboxInfo) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": sandbox.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": sandbox.region,
    }
    return subprocess.run(
        ["bash"], input=command, env=environment, capture_output=True, text=True, timeout=60
    )


@needs_the_cli
async def test_the_cli_stores_the_bytes_or_nothing(sandbox: SandboxInfo, account: Account) -> None:
    """Version 2 stores exactly the item. Version 1 would store other bytes; it must refuse."""
    here = Target(region=sandbox.region, endpoint_url=sandbox.endpoint_url)
    dynamodb = DynamoService(account)
    new = NewTable(f"t-{uuid4().hex[:8]}", KeyAttribute("id", KeyType.NUMBER), throughput=None)
    info = [each async for each in dynamodb.create_table(new)][-1]
    for item in WITH_BINARY:
        done = run_in_bash(snippets.cli_put(here, info, item), sandbox)
        stored = (await dynamodb.get(info, item)).item
        assert stored == (item if done.returncode == 0 else None), done.stderr
        if done.returncode:
            assert "--cli-binary-format" in done.stderr
    dynamodb.close()


@needs_the_cli
async def test_the_cli_stores_what_is_longer_than_an_argument(
    sandbox: SandboxInfo, account: Account
) -> None:
    here = Target(region=sandbox.region, endpoint_url=sandbox.endpoint_url)
    dynamodb = DynamoService(account)
    new = NewTable(f"t-{uuid4().hex[:8]}", KeyAttribute("id", KeyType.NUMBER), throughput=None)
    info = [each async for each in dynamodb.create_table(new)][-1]
    item = Item({"id": NumberValue("1"), "t": StringValue("!x'\"\\é\n" * 20_000)})
    done = run_in_bash(snippets.cli_put(here, info, item), sandbox)
    assert done.returncode == 0, done.stderr
    assert (await dynamodb.get(info, item)).item == item
    dynamodb.close()


def test_a_query_is_copied_with_its_values() -> None:
    events = table(KeyAttribute("who", KeyType.STRING), KeyAttribute("at", KeyType.NUMBER), "ev")
    query = Query(
        ItemSource(events.name, "by-'x"),
        "who",
        StringValue("it's"),
        SortCondition("at", SortOperator.BETWEEN, NumberValue("1"), NumberValue("2")),
        descending=True,
    )
    options = words(snippets.cli_read(AWS, query.source, query))
    assert options[""] == "query"
    assert options["--index-name"] == "by-'x"
    assert json.loads(options["--expression-attribute-values"]) == {
        ":v0": {"S": "it's"},
        ":v1": {"N": "1"},
        ":v2": {"N": "2"},
    }
    assert "BETWEEN :v1 AND :v2" in options["--key-condition-expression"]
    assert "--no-scan-index-forward" in options
    code = arguments(snippets.boto3_read(AWS, query.source, query))
    assert code["ExpressionAttributeValues"][":v0"] == {"S": "it's"}
    assert code["ScanIndexForward"] is False


def test_a_scan_is_copied_with_its_index() -> None:
    options = words(snippets.cli_read(AWS, ItemSource("users", "by-email"), None))
    assert options == {"": "scan", "--table-name": "users", "--index-name": "by-email"}
    code = snippets.boto3_read(HERE, ItemSource("users", "by-email"), None)
    assert arguments(code) == {"TableName": "users", "IndexName": "by-email"}
