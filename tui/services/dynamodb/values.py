"""The ten types of an attribute value, as a tree that loses nothing, and what the SDK makes of it.

Equality is DynamoDB's own: numbers by value, sets and maps whatever their order, everything else
exactly. A string "1" never equals the number 1.

Numbers are decimal text, never a float and never rounded. The rules are those of "Supported data
types and naming rules in DynamoDB": up to 38 significant digits; zero, or a magnitude from 1E-130
to 9.9999999999999999999999999999999999999E+125.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import total_ordering
from typing import Any

MAX_DIGITS = 38
"""Significant digits, leading and trailing zeros not counted."""

MAX_EXPONENT = 125
MIN_EXPONENT = -130
"""Of the first significant digit, in scientific notation."""

_NUMBER = re.compile(r"([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,9}))?", re.ASCII)


@total_ordering
@dataclass(frozen=True)
class ExactNumber:
    """The value of a number without its spelling: 1, 1.0 and 10E-1 are equal.

    `digits` are the significant ones ("" for zero), `exponent` is that of the first digit in
    scientific notation (0 for zero). Ordered by value.
    """

    negative: bool
    digits: str
    exponent: int

    def __lt__(self, other: ExactNumber) -> bool:
        if self.negative != other.negative:
            return self.negative
        # The magnitudes: digits without trailing zeros compare like the fractions they are.
        mine, theirs = self._magnitude(), other._magnitude()
        return theirs < mine if self.negative else mine < theirs

    def _magnitude(self) -> tuple[int, int, str]:
        return (1 if self.digits else 0, self.exponent, self.digits)


def parse_number(text: str) -> ExactNumber:
    """The exact value of a number's text. Raises ValueError, with a sentence, if it is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("is not a number; write it like 12, -3.5 or 1E+20")
    sign, mantissa, exponent = match.groups()
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    significant = digits.lstrip("0")
    if not significant:
        return ExactNumber(False, "", 0)
    first = len(whole) - (len(digits) - len(significant)) - 1
    return ExactNumber(sign == "-", significant.rstrip("0"), first + int(exponent or 0))


def number_problem(text: str) -> str | None:
    """Why DynamoDB would not keep this number exactly, or None if it does."""
    try:
        number = parse_number(text)
    except ValueError as error:
        return str(error)
    if len(number.digits) > MAX_DIGITS:
        return (
            f"has {len(number.digits)} significant digits; DynamoDB keeps at most {MAX_DIGITS} "
            "(store it as a string to keep them all)"
        )
    if number.exponent > MAX_EXPONENT:
        return "is too large; the largest magnitude is 9.99…E+125"
    if number.exponent < MIN_EXPONENT:
        return "is too close to zero; the smallest magnitude is 1E-130"
    return None


def same_number(first: str, second: str) -> bool:
    """Whether two texts are the same number; texts that are no numbers are compared as texts."""
    if first == second:
        return True
    try:
        return parse_number(first) == parse_number(second)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class StringValue:
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class NumberValue:
    """A number as its exact text, the way it goes over the wire."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberValue) and same_number(self.text, other.text)

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
        return parse_number(text)
    except ValueError:
        return text


# -- values <-> the typed dictionaries of the SDK ----------------------------------------


def item_to_wire(item: Mapping[str, AttributeValue]) -> dict[str, Any]:
    return {name: value_to_wire(value) for name, value in item.items()}


def item_from_wire(wire: Mapping[str, Any]) -> Item:
    return Item({name: value_from_wire(value) for name, value in wire.items()})


def value_to_wire(value: AttributeValue) -> dict[str, Any]:
    match value:
        case StringValue(text):
            return {"S": text}
        case NumberValue(text):
            return {"N": text}
        case BinaryValue(data):
            return {"B": data}
        case BoolValue(flag):
            return {"BOOL": flag}
        case NullValue():
            return {"NULL": True}
        case ListValue(elements):
            return {"L": [value_to_wire(element) for element in elements]}
        case MapValue(entries):
            return {"M": item_to_wire(entries)}
        case StringSet(texts):
            return {"SS": list(texts)}
        case NumberSet(texts):
            return {"NS": list(texts)}
        case BinarySet(members):
            return {"BS": list(members)}


def value_from_wire(wire: Mapping[str, Any]) -> AttributeValue:
    """The value of one typed dictionary. Raises ValueError for a type that we do not know."""
    (kind, content), *_ = wire.items()
    match kind:
        case "S":
            return StringValue(content)
        case "N":
            return NumberValue(content)
        case "B":
            return BinaryValue(bytes(content))
        case "BOOL":
            return BoolValue(content)
        case "NULL":
            return NullValue()
        case "L":
            return ListValue(tuple(value_from_wire(element) for element in content))
        case "M":
            return MapValue({name: value_from_wire(value) for name, value in content.items()})
        case "SS":
            return StringSet(tuple(content))
        case "NS":
            return NumberSet(tuple(content))
        case "BS":
            return BinarySet(tuple(bytes(member) for member in content))
    raise ValueError(f"an attribute value of the unknown type {kind}")
