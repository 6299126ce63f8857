"""What is on screen as commands and code that others can run: AWS CLI and boto3.

Pure text: nothing is sent, and no SDK is imported.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from tui.services.account import Target
from tui.services.account.snippets import cli_options, client_code
from tui.services.dynamodb.models import Source, TableInfo
from tui.services.dynamodb.reading import Query, query_request
from tui.services.dynamodb.typed_json import to_json
from tui.services.dynamodb.values import Item
from tui.services.dynamodb.wire import item_from_wire, item_to_wire


def cli_get(target: Target, table: TableInfo, item: Item) -> str:
    """`aws dynamodb get-item` for the item's key."""
    return _cli(
        target,
        "get-item",
        ("--table-name", table.name),
        ("--key", to_json(table.key_of(item), indent=None)),
        ("--consistent-read",),
    )


def cli_put(target: Target, table: TableInfo, item: Item) -> str:
    """`aws dynamodb put-item` that does not replace an item with the same key."""
    return _cli(
        target,
        "put-item",
        ("--table-name", table.name),
        ("--item", to_json(item, indent=None)),
        ("--condition-expression", "attribute_not_exists(#k)"),
        ("--expression-attribute-names", json.dumps({"#k": table.partition.name})),
    )


def cli_read(target: Target, source: Source, query: Query | None) -> str:
    """`aws dynamodb scan` or `query` for what a view shows."""
    options: list[tuple[str, ...]] = [("--table-name", source.table)]
    if source.index is not None:
        options.append(("--index-name", source.index))
    if query is None:
        return _cli(target, "scan", *options)
    request = query_request(query)
    values = item_from_wire(request["ExpressionAttributeValues"])
    options += [
        ("--key-condition-expression", request["KeyConditionExpression"]),
        ("--expression-attribute-names", json.dumps(request["ExpressionAttributeNames"])),
        ("--expression-attribute-values", to_json(values, indent=None)),
    ]
    if query.descending:
        options.append(("--no-scan-index-forward",))
    return _cli(target, "query", *options)


def cli_describe(target: Target, table: str) -> str:
    """`aws dynamodb describe-table`."""
    return _cli(target, "describe-table", ("--table-name", table))


def boto3_get(target: Target, table: TableInfo, item: Item) -> str:
    """Python that reads the item by its key."""
    request = {
        "TableName": table.name,
        "Key": item_to_wire(table.key_of(item)),
        "ConsistentRead": True,
    }
    return _boto3(target, "get_item", request) + '\nitem = answer.get("Item")\n'


def boto3_put(target: Target, table: TableInfo, item: Item) -> str:
    """Python that puts the item and does not replace one with the same key."""
    request = {
        "TableName": table.name,
        "Item": item_to_wire(item),
        "ConditionExpression": "attribute_not_exists(#k)",
        "ExpressionAttributeNames": {"#k": table.partition.name},
    }
    return _boto3(target, "put_item", request) + "\n"


def boto3_read(target: Target, source: Source, query: Query | None) -> str:
    """Python that reads every page of what a view shows."""
    request: dict[str, Any] = {"TableName": source.table}
    if query is not None:
        request = query_request(query)
    elif source.index is not None:
        request["IndexName"] = source.index
    operation = "scan" if query is None else "query"
    return (
        f"{client_code('dynamodb', target)}"
        f'pages = dynamodb.get_paginator("{operation}").paginate(\n{_arguments(request)})\n'
        "for page in pages:\n"
        '    for item in page["Items"]:\n'
        "        print(item)\n"
    )


def _cli(target: Target, operation: str, *options: tuple[str, ...]) -> str:
    lines = [f"aws dynamodb {operation}"]
    all_options = (*options, *cli_options(target))
    lines += [" ".join((option[0], *map(shlex.quote, option[1:]))) for option in all_options]
    return " \\\n  ".join(lines)


def _boto3(target: Target, operation: str, request: Mapping[str, Any]) -> str:
    return (
        f"{client_code('dynamodb', target)}answer = dynamodb.{operation}(\n{_arguments(request)})"
    )


def _arguments(request: Mapping[str, Any]) -> str:
    lines = []
    for name, value in request.items():
        text = pformat(value, width=88, sort_dicts=False).replace("\n", "\n" + " " * 4)
        lines.append(f"    {name}={text},\n")
    return "".join(lines)
