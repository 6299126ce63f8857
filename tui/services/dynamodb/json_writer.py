"""Items as JSON text: DynamoDB's typed notation, and plain JSON where it is enough.

Typed JSON (`{"id": {"N": "1"}}`) holds every type. Plain JSON (`{"id": 1}`) says the same of
strings, numbers, booleans, null, lists and maps. It has no sets and no binary.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

from tui.services.dynamodb.rules import Path
from tui.services.dynamodb.values import (
    AttributeValue,
    BinarySet,
    BinaryValue,
    BoolValue,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
    descriptor,
)


def to_json(item: Mapping[str, AttributeValue], *, indent: int | None = 2) -> str:
    """An item in typed JSON; reading it back gives the same item.

    With `indent`, one attribute to a line: only maps and lists are spread over several.
    """
    parts = [f"{_dump(name)}: {_typed(value, indent, 1)}" for name, value in item.items()]
    return _bracket("{", parts, "}", indent, 0)


def value_to_json(value: AttributeValue, *, indent: int | None = 2) -> str:
    """One value in typed JSON: `{"N": "1"}`."""
    return _typed(value, indent, 0)


def to_plain_json(item: Mapping[str, AttributeValue], *, indent: int | None = 2) -> str:
    """An item in plain JSON, numbers with all their digits.

    Sets become arrays and binary becomes base64 text, so these do not come back as they were;
    `is_plain` says whether the item has none.
    """
    return _plain(MapValue(dict(item)), indent, 0)


def is_plain(value: AttributeValue | Mapping[str, AttributeValue]) -> bool:
    """Whether plain JSON says everything about the value."""
    if isinstance(value, BinaryValue | StringSet | NumberSet | BinarySet):
        return False
    if isinstance(value, ListValue):
        return all(is_plain(element) for element in value.elements)
    if isinstance(value, MapValue):
        return all(is_plain(entry) for entry in value.entries.values())
    if isinstance(value, Mapping):
        return all(is_plain(entry) for entry in value.values())
    return True


def _typed(value: AttributeValue, indent: int | None, level: int) -> str:
    match value:
        case MapValue(entries):
            parts = [
                f"{_dump(name)}: {_typed(each, indent, level + 1)}"
                for name, each in entries.items()
            ]
            content = _bracket("{", parts, "}", indent, level)
        case ListValue(elements):
            parts = [_typed(each, indent, level + 1) for each in elements]
            content = _bracket("[", parts, "]", indent, level)
        case StringValue(text) | NumberValue(text):
            content = _dump(text)
        case BinaryValue(data):
            content = _dump(_base64(data))
        case BoolValue(flag):
            content = "true" if flag else "false"
        case NullValue():
            content = "true"
        case StringSet(members) | NumberSet(members):
            content = _bracket("[", [_dump(each) for each in members], "]", None, 0)
        case BinarySet(blobs):
            content = _bracket("[", [_dump(_base64(each)) for each in blobs], "]", None, 0)
    return f'{{"{descriptor(value)}": {content}}}'


def _plain(value: AttributeValue, indent: int | None, level: int) -> str:
    """Numbers are written as their own text, which `json.dumps` cannot be made to do."""
    match value:
        case NumberValue(text):
            return text
        case ListValue(elements):
            parts = [_plain(element, indent, level + 1) for element in elements]
            return _bracket("[", parts, "]", indent, level)
        case MapValue(entries):
            parts = [
                f"{_dump(name)}: {_plain(entry, indent, level + 1)}"
                for name, entry in entries.items()
            ]
            return _bracket("{", parts, "}", indent, level)
        case NumberSet(members):
            return _bracket("[", list(members), "]", indent, level)
        case StringSet(members):
            return _bracket("[", [_dump(each) for each in members], "]", indent, level)
        case BinarySet(blobs):
            texts = [_dump(_base64(blob)) for blob in blobs]
            return _bracket("[", texts, "]", indent, level)
        case StringValue(text):
            return _dump(text)
        case BinaryValue(data):
            return _dump(_base64(data))
        case BoolValue(flag):
            return "true" if flag else "false"
        case NullValue():
            return "null"


def _bracket(opening: str, parts: list[str], closing: str, indent: int | None, level: int) -> str:
    if not parts:
        return opening + closing
    if indent is None:
        return opening + ", ".join(parts) + closing
    margin = "\n" + " " * (indent * (level + 1))
    return opening + margin + ("," + margin).join(parts) + "\n" + " " * (indent * level) + closing


def _dump(text: str) -> str:
    """A JSON string with letters of every script as they are, and escapes for the characters
    that a screen would obey or hide."""
    dumped = json.dumps(text, ensure_ascii=False)
    if dumped.isprintable():
        return dumped
    return "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in dumped)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def show_path(path: Path) -> str:
    """`name.inner[0]`; a name that would be misread is quoted as in JSON."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        else:
            name = step if step.isidentifier() else _dump(step)
            shown += f".{name}" if shown else name
    return shown
