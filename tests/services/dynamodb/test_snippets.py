"""What is copied runs elsewhere and says exactly the same."""

import ast
import json
import shlex
from typing import Any

import pytest

from tests.services.dynamodb.samples import everything, from_json, table
from tui.services.account import Target
from tui.services.dynamodb import (
    Query,
    SortCondition,
    SortOperator,
    Source,
    snippets,
)
from tui.services.dynamodb.models import KeyAttribute, KeyType
from tui.services.dynamodb.values import Item, NumberValue, StringValue
from tui.services.dynamodb.wire import item_from_wire

HERE = Target("dev", "eu-west-1", "http://127.0.0.1:5000")
AWS = Target()

ITEMS = [
    everything(),
    Item({"id": NumberValue("1"), "name": StringValue("O'Brien\n$(rm -rf ~) `id` \\ \" ; & |")}),
]


def words(command: str) -> dict[str, str]:
    """The options of a command as a shell hands them over."""
    parts = shlex.split(command.replace("\\\n", " "))
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
    options = words(snippets.cli_put(HERE, table(), item))
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


def test_a_query_is_copied_with_its_values() -> None:
    events = table(KeyAttribute("who", KeyType.STRING), KeyAttribute("at", KeyType.NUMBER), "ev")
    query = Query(
        Source(events.name, "by-'x"),
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
    options = words(snippets.cli_read(AWS, Source("users", "by-email"), None))
    assert options == {"": "scan", "--table-name": "users", "--index-name": "by-email"}
    code = snippets.boto3_read(HERE, Source("users", "by-email"), None)
    assert arguments(code) == {"TableName": "users", "IndexName": "by-email"}
