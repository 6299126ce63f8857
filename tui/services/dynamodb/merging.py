"""Two people changed the same item: who changed which attribute, and one's own changes alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tui.services.dynamodb.values import AttributeValue, Item


class ChangedBy(Enum):
    """Who changed an attribute since the item was read."""

    YOU = "you"
    OTHERS = "somebody else"
    BOTH = "both of you"


@dataclass(frozen=True)
class AttributeDifference:
    """An attribute that is stored otherwise than in one's own text. None is a missing attribute."""

    name: str
    by: ChangedBy
    read: AttributeValue | None
    """What the edit began with."""
    yours: AttributeValue | None
    stored: AttributeValue | None


def differences(read: Item | None, yours: Item, stored: Item) -> tuple[AttributeDifference, ...]:
    """Every attribute in which `yours` differs from what is stored, in the order of the stored
    item. `read` is what the edit began with; None for a new item."""
    names = [*stored, *(name for name in yours if name not in stored)]
    return tuple(
        AttributeDifference(
            name,
            _changed_by(read, yours, stored, name),
            None if read is None else read.get(name),
            yours.get(name),
            stored.get(name),
        )
        for name in names
        if yours.get(name) != stored.get(name)
    )


def only_yours(read: Item, yours: Item, stored: Item) -> Item:
    """What is stored, with nothing but the attributes that differ between `read` and `yours`."""
    merged = dict(stored)
    for name in {**read, **yours}:
        value = yours.get(name)
        if value == read.get(name):
            continue
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return Item(merged)


def _changed_by(read: Item | None, yours: Item, stored: Item, name: str) -> ChangedBy:
    before = None if read is None else read.get(name)
    if yours.get(name) == before:
        return ChangedBy.OTHERS
    return ChangedBy.YOU if stored.get(name) == before else ChangedBy.BOTH
