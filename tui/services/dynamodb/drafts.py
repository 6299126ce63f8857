"""A text that is meant to be an item: typed or plain JSON, read with the place of every problem.

Plain JSON is accepted where it says the same as typed JSON: strings, numbers, booleans, null,
lists and maps.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from enum import Enum

from tui.services.dynamodb import json_reader, rules
from tui.services.dynamodb.json_reader import (
    JsonArray,
    JsonLiteral,
    JsonNode,
    JsonNumber,
    JsonObject,
    JsonString,
)
from tui.services.dynamodb.json_writer import show_path
from tui.services.dynamodb.models import TableInfo
from tui.services.dynamodb.rules import Path
from tui.services.dynamodb.values import (
    TYPE_NAMES,
    AttributeValue,
    BinarySet,
    BinaryValue,
    BoolValue,
    Item,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
)


class Notation(Enum):
    TYPED = "DynamoDB JSON"
    PLAIN = "plain JSON"


@dataclass(frozen=True)
class DraftProblem:
    """What is wrong with a text, and where."""

    message: str
    path: str
    """Like `address.lines[0]`; empty for the whole."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}"
        return f"{place}: {self.path} {self.message}" if self.path else f"{place}: {self.message}"


@dataclass(frozen=True)
class Draft:
    """A text that is meant to be an item."""

    item: Item | None
    """None if the text is no item at all; an item with problems must not be sent."""
    notation: Notation | None
    problems: tuple[DraftProblem, ...]
    size: int | None
    """Bytes as DynamoDB counts them."""

    @property
    def good(self) -> bool:
        return self.item is not None and not self.problems


def read_draft(text: str, table: TableInfo | None = None) -> Draft:
    """Read a text as an item and check it against DynamoDB's rules and the table's keys.

    Never raises: what is wrong is in `problems`, each with path and place.
    """
    try:
        root = json_reader.read(text)
        notation = Notation.TYPED if is_typed(root) else Notation.PLAIN
        reading = convert(root, typed=notation is Notation.TYPED)
    except json_reader.JsonError as problem:
        return Draft(None, None, (_problem(text, problem.message, (), problem.offset),), None)
    except NodeError as problem:
        return Draft(
            None, None, (_problem(text, problem.message, problem.path, problem.offset),), None
        )
    item = Item(reading.attributes)
    problems = tuple(
        _problem(text, finding.message, finding.path, reading.place(finding.path))
        for finding in rules.findings(item, table)
    )
    return Draft(item, notation, problems, rules.item_size(item))


def _problem(text: str, message: str, path: Path, offset: int) -> DraftProblem:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return DraftProblem(message, show_path(path), line, column)


_CONTENT: dict[str, type | tuple[type, ...]] = {
    "S": JsonString,
    "N": (JsonString, JsonNumber),
    "B": JsonString,
    "BOOL": JsonLiteral,
    "NULL": JsonLiteral,
    "M": JsonObject,
    "L": JsonArray,
    "SS": JsonArray,
    "NS": JsonArray,
    "BS": JsonArray,
}
"""What may stand after each type descriptor."""


class NodeError(ValueError):
    """A node that cannot be an attribute value."""

    def __init__(self, message: str, path: Path, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.offset = offset


@dataclass
class Conversion:
    """The attributes of a text, and where the value at each path stood."""

    attributes: dict[str, AttributeValue] = field(default_factory=dict)
    offsets: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Path) -> int:
        """The offset of the value at that path, or of the nearest value around it."""
        while path not in self.offsets and path:
            path = path[:-1]
        return self.offsets.get(path, 0)


def is_typed(root: JsonNode) -> bool:
    """Whether the text means to be typed JSON: one attribute surely is, or all seem to be.

    An attribute that then is not typed is pointed at, rather than taken for a map.
    """
    if not isinstance(root, JsonObject) or not root.entries:
        return False
    nodes = [node for _, node in root.entries]
    return any(map(_looks_typed, nodes)) or all(map(_seems_typed, nodes))


def convert(root: JsonNode, *, typed: bool) -> Conversion:
    """The attributes of an object. Raises NodeError where a value is not as the notation says.

    In plain notation a value that looks typed is refused: which of the two was meant cannot be
    told.
    """
    if not isinstance(root, JsonObject):
        raise NodeError("An item is an object: { … }.", (), root.offset)
    conversion = Conversion()
    conversion.offsets[()] = root.offset
    read = conversion_of(conversion, typed)
    for name, node in root.entries:
        conversion.attributes[name.text] = read(node, (name.text,))
    return conversion


def conversion_of(conversion: Conversion, typed: bool) -> _Converter:
    return _TypedConverter(conversion) if typed else _PlainConverter(conversion)


class _Converter:
    def __init__(self, conversion: Conversion) -> None:
        self.offsets = conversion.offsets

    def __call__(self, node: JsonNode, path: Path) -> AttributeValue:
        self.offsets[path] = node.offset
        return self.value(node, path)

    def value(self, node: JsonNode, path: Path) -> AttributeValue:
        raise NotImplementedError

    def elements(self, array: JsonArray, path: Path) -> ListValue:
        return ListValue(
            tuple(self(each, (*path, position)) for position, each in enumerate(array.elements))
        )

    def entries(self, node: JsonObject, path: Path) -> MapValue:
        return MapValue({name.text: self(each, (*path, name.text)) for name, each in node.entries})


class _PlainConverter(_Converter):
    def value(self, node: JsonNode, path: Path) -> AttributeValue:
        match node:
            case JsonString():
                return StringValue(node.text)
            case JsonNumber():
                return NumberValue(node.text)
            case JsonLiteral():
                return NullValue() if node.value is None else BoolValue(node.value)
            case JsonArray():
                return self.elements(node, path)
            case JsonObject():
                if _looks_typed(node):
                    raise NodeError(
                        "looks typed while the item is plain; write the whole item in DynamoDB "
                        'JSON (a map is {"M": {…}})',
                        path,
                        node.offset,
                    )
                return self.entries(node, path)


class _TypedConverter(_Converter):
    def value(self, node: JsonNode, path: Path) -> AttributeValue:
        kind, content = self._unwrap(node, path)
        match content:
            case JsonString():
                return self._from_string(kind, content, path)
            case JsonNumber():
                return NumberValue(content.text)
            case JsonLiteral():
                return self._from_literal(kind, content, path)
            case JsonObject():
                return self.entries(content, path)
            case JsonArray():
                return self._from_array(kind, content, path)

    def _unwrap(self, node: JsonNode, path: Path) -> tuple[str, JsonNode]:
        if not isinstance(node, JsonObject) or len(node.entries) != 1:
            raise NodeError(
                'must be typed, like {"S": "text"}, as other attributes are', path, node.offset
            )
        name, content = node.entries[0]
        expected = _CONTENT.get(name.text)
        if expected is None:
            raise NodeError(
                f"has the unknown type {name.text!r}; the types are {', '.join(TYPE_NAMES)}",
                path,
                name.offset,
            )
        if not isinstance(content, expected):
            raise NodeError(
                f"is not a {TYPE_NAMES[name.text]}: {_EXAMPLES[name.text]}", path, content.offset
            )
        return name.text, content

    def _from_string(self, kind: str, content: JsonString, path: Path) -> AttributeValue:
        if kind == "S":
            return StringValue(content.text)
        if kind == "N":
            return NumberValue(content.text)
        return BinaryValue(_binary(content, path))

    def _from_literal(self, kind: str, content: JsonLiteral, path: Path) -> AttributeValue:
        if kind == "NULL":
            if content.value is not True:
                raise NodeError('NULL is written {"NULL": true}', path, content.offset)
            return NullValue()
        if content.value is None:
            raise NodeError("a boolean is true or false", path, content.offset)
        return BoolValue(content.value)

    def _from_array(self, kind: str, content: JsonArray, path: Path) -> AttributeValue:
        if kind == "L":
            return self.elements(content, path)
        for position, each in enumerate(content.elements):
            self.offsets[(*path, position)] = each.offset
        if kind == "SS":
            return StringSet(tuple(node.text for node in _members(content, path, JsonString)))
        if kind == "NS":
            wanted = (JsonString, JsonNumber)
            return NumberSet(tuple(node.text for node in _members(content, path, *wanted)))
        return BinarySet(tuple(_binary(node, path) for node in _members(content, path, JsonString)))


_EXAMPLES = {
    "S": '{"S": "text"}',
    "N": '{"N": "12.5"}',
    "B": '{"B": "YmFzZTY0"}',
    "BOOL": '{"BOOL": true}',
    "NULL": '{"NULL": true}',
    "M": '{"M": {"name": {"S": "text"}}}',
    "L": '{"L": [{"S": "text"}]}',
    "SS": '{"SS": ["a", "b"]}',
    "NS": '{"NS": ["1", "2"]}',
    "BS": '{"BS": ["YQ==", "Yg=="]}',
}


def _looks_typed(node: JsonNode) -> bool:
    if not isinstance(node, JsonObject) or len(node.entries) != 1:
        return False
    name, content = node.entries[0]
    expected = _CONTENT.get(name.text)
    return expected is not None and isinstance(content, expected)


def _seems_typed(node: JsonNode) -> bool:
    return (
        isinstance(node, JsonObject)
        and len(node.entries) == 1
        and node.entries[0][0].text in TYPE_NAMES
    )


def _members(
    array: JsonArray, path: Path, *kinds: type[JsonString] | type[JsonNumber]
) -> tuple[JsonString | JsonNumber, ...]:
    members: list[JsonString | JsonNumber] = []
    for position, each in enumerate(array.elements):
        if not isinstance(each, JsonString | JsonNumber) or not isinstance(each, kinds):
            raise NodeError("is not a member of such a set", (*path, position), each.offset)
        members.append(each)
    return tuple(members)


def _binary(node: JsonString | JsonNumber, path: Path) -> bytes:
    try:
        return base64.b64decode(node.text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NodeError(f"is not base64: {error}", path, node.offset) from error
