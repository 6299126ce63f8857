"""What is on screen as commands and code that others can run: AWS CLI and boto3.

Pure text: nothing is sent, and no SDK is imported.

Binary values are base64 in JSON. Version 1 of the AWS CLI takes the base64 text itself for the
bytes, and so does version 2 under `cli_binary_format=raw-in-base64-out`. Version 1 has no form
that takes any bytes. A command with binary values therefore says `--cli-binary-format base64`:
version 2 obeys it, and version 1 stops with an error before it sends anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from tui.services.aws import Target
from tui.services.dynamodb.json_writer import to_json
from tui.services.dynamodb.models import ItemSource, TableInfo
from tui.services.dynamodb.reading import Query, query_request
from tui.services.dynamodb.values import (
    AttributeValue,
    BinarySet,
    BinaryValue,
    Item,
    ListValue,
    MapValue,
    item_from_wire,
    item_to_wire,
)
from tui.services.quoting import printable_json, shell_word

MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""The most bytes that Linux hands to a program in one argument (MAX_ARG_STRLEN in execve(2), less
the zero at the end). The kernel refuses a command with a longer one: "Argument list too long"."""


def needs_cli_2(values: Mapping[str, AttributeValue]) -> bool:
    """Whether a command with these values works in version 2 of the AWS CLI only."""
    return any(map(_holds_binary, values.values()))


def cli_get(target: Target, table: TableInfo, item: Item) -> str:
    """`aws dynamodb get-item` for the item's key."""
    return _cli(
        target,
        "get-item",
        ("--table-name", table.name),
        *_json_options("--key", table.key_of(item)),
        ("--consistent-read",),
    )


def cli_put(target: Target, table: TableInfo, item: Item) -> str:
    """`aws dynamodb put-item` that does not replace an item with the same key."""
    return _cli(
        target,
        "put-item",
        ("--table-name", table.name),
        *_json_options("--item", item),
        ("--condition-expression", "attribute_not_exists(#k)"),
        ("--expression-attribute-names", json.dumps({"#k": table.partition.name})),
    )


def cli_read(target: Target, source: ItemSource, query: Query | None) -> str:
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
        *_json_options("--expression-attribute-values", values),
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


def boto3_read(target: Target, source: ItemSource, query: Query | None) -> str:
    """Python that reads every page of what a view shows."""
    request: dict[str, Any] = {"TableName": source.table}
    if query is not None:
        request = query_request(query)
    elif source.index is not None:
        request["IndexName"] = source.index
    operation = "scan" if query is None else "query"
    return (
        f"{target.client_code('dynamodb')}"
        f'pages = dynamodb.get_paginator("{operation}").paginate(\n{_arguments(request)})\n'
        "for page in pages:\n"
        '    for item in page["Items"]:\n'
        "        print(item)\n"
    )


def _json_options(name: str, values: Mapping[str, AttributeValue]) -> list[tuple[str, ...]]:
    options: list[tuple[str, ...]] = [(name, to_json(values, indent=None))]
    if needs_cli_2(values):
        options.append(("--cli-binary-format", "base64"))
    return options


def _cli(target: Target, operation: str, *options: tuple[str, ...]) -> str:
    """The command; an argument that is too long for Linux is read from standard input instead."""
    lines = [f"aws dynamodb {operation}"]
    document = ""
    for name, *values in (*options, *target.cli_options):
        if values and len(values[0].encode("utf-8", "surrogatepass")) > MAX_ARGUMENT_BYTES:
            # An interactive shell puts its history in the place of `!`, here too.
            json_text = printable_json(values[0]).replace("!", "\\u0021")
            document = f" <<'{_END}'\n{json_text}\n{_END}"
            values = ["file:///dev/stdin"]
        lines.append(" ".join((name, *map(shell_word, values))))
    return " \\\n  ".join(lines) + document


_END = "END_OF_ITEM"
"""Ends a long item. No line of the item can be this: JSON on one line begins with a brace."""


def _holds_binary(value: AttributeValue) -> bool:
    match value:
        case BinaryValue() | BinarySet():
            return True
        case ListValue(elements):
            return any(map(_holds_binary, elements))
        case MapValue(entries):
            return needs_cli_2(entries)
    return False


def _boto3(target: Target, operation: str, request: Mapping[str, Any]) -> str:
    return f"{target.client_code('dynamodb')}answer = dynamodb.{operation}(\n{_arguments(request)})"


def _arguments(request: Mapping[str, Any]) -> str:
    lines = []
    for name, value in request.items():
        text = pformat(value, width=88, sort_dicts=False).replace("\n", "\n" + " " * 4)
        lines.append(f"    {name}={text},\n")
    return "".join(lines)
