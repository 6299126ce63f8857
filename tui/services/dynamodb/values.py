"""The ten types of an attribute value, as a tree that loses nothing.

Equality is DynamoDB's own: numbers by value, sets and maps whatever their order, everything else
exactly. A string "1" never equals the number 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tui.services.dynamodb import numbers


@dataclass(frozen=True, slots=True)
class StringValue:
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class NumberValue:
    """A number as its exact text, the way it goes over the wire."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberValue) and numbers.same(self.text, other.text)

    def __hash__(self) -> int:
        return hash(_number_key(self.text))


@dataclass(frozen=True, slots=True)
class BinaryValue:
    data: bytes


@dataclass(frozen=True, slots=True)
class BoolValue:
    flag: bool


@dataclass(frozen=True, slots=True)
class NullValue:
    """An attribute that is there and says NULL; not the same as an attribute that is missing."""


@dataclass(frozen=True, slots=True)
class ListValue:
    elements: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class MapValue:
    """Names in the order in which they came; equality does not look at the order."""

    entries: Mapping[str, AttributeValue]


@dataclass(frozen=True, eq=False, slots=True)
class StringSet:
    members: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StringSet) and set(self.members) == set(other.members)

    def __hash__(self) -> int:
        return hash(frozenset(self.members))


@dataclass(frozen=True, eq=False, slots=True)
class NumberSet:
    members: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberSet) and self._keys() == other._keys()

    def __hash__(self) -> int:
        return hash(self._keys())

    def _keys(self) -> frozenset[object]:
        return frozenset(_number_key(text) for text in self.members)


@dataclass(frozen=True, eq=False, slots=True)
class BinarySet:
    members: tuple[bytes, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BinarySet) and set(self.members) == set(other.members)

    def __hash__(self) -> int:
        return hash(frozenset(self.members))


AttributeValue = (
    StringValue
    | NumberValue
    | BinaryValue
    | BoolValue
    | NullValue
    | ListValue
    | MapValue
    | StringSet
    | NumberSet
    | BinarySet
)

TYPE_NAMES: Mapping[str, str] = {
    "S": "string",
    "N": "number",
    "B": "binary",
    "BOOL": "boolean",
    "NULL": "null",
    "M": "map",
    "L": "list",
    "SS": "string set",
    "NS": "number set",
    "BS": "binary set",
}
"""DynamoDB's type descriptors and their names in words."""

_DESCRIPTORS: Mapping[type, str] = {
    StringValue: "S",
    NumberValue: "N",
    BinaryValue: "B",
    BoolValue: "BOOL",
    NullValue: "NULL",
    MapValue: "M",
    ListValue: "L",
    StringSet: "SS",
    NumberSet: "NS",
    BinarySet: "BS",
}


def descriptor(value: AttributeValue) -> str:
    """The type descriptor of a value: one of the keys of `TYPE_NAMES`."""
    return _DESCRIPTORS[type(value)]


class Item(Mapping[str, AttributeValue]):
    """Attributes by name, in the order in which they came. Immutable.

    A name that is not there is a missing attribute, which is not a NULL.
    """

    __slots__ = ("_attributes",)

    def __init__(self, attributes: Mapping[str, AttributeValue]) -> None:
        self._attributes = dict(attributes)

    def __getitem__(self, name: str) -> AttributeValue:
        return self._attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes)

    def __len__(self) -> int:
        return len(self._attributes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and self._attributes == other._attributes

    def __hash__(self) -> int:
        return hash(frozenset(self._attributes))

    def __repr__(self) -> str:
        return f"Item({self._attributes!r})"

    def value(self, name: str) -> AttributeValue | None:
        """An attribute, or None if it is missing; much quicker than `get`."""
        return self._attributes.get(name)

    def only(self, names: tuple[str, ...]) -> Item:
        """The item reduced to the names that it has among these, in their order."""
        return Item({name: self[name] for name in names if name in self})


def _number_key(text: str) -> object:
    try:
        return numbers.parse(text)
    except ValueError:
        return text
