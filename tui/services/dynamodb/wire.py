"""Attribute values <-> the dictionaries of the low-level client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui.services.dynamodb.values import (
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
