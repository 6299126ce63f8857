"""Expressions with every name and value aliased, so that no name can be a reserved word."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui.services.dynamodb.values import AttributeValue, Item
from tui.services.dynamodb.wire import value_to_wire

MAX_COMPARED = 140
"""Attributes that one condition compares. An expression may have 300 operators (each comparison
needs its own and one AND) and 4 KB of text ("Expression parameters" in the quotas)."""


class Aliases:
    """Hands out `#n0` for names and `:v0` for values, and only what is used is sent."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        for alias, known in self._names.items():
            if known == attribute:
                return alias
        alias = f"#n{len(self._names)}"
        self._names[alias] = attribute
        return alias

    def value(self, value: AttributeValue) -> str:
        alias = f":v{len(self._values)}"
        self._values[alias] = value_to_wire(value)
        return alias

    def parameters(self) -> dict[str, Any]:
        """The request's parameters; those that would be empty are left out, as AWS demands."""
        parameters: dict[str, Any] = {}
        if self._names:
            parameters["ExpressionAttributeNames"] = self._names
        if self._values:
            parameters["ExpressionAttributeValues"] = self._values
        return parameters


def absent(aliases: Aliases, key_name: str) -> str:
    """The item does not exist."""
    return f"attribute_not_exists({aliases.name(key_name)})"


def unchanged(
    aliases: Aliases, original: Item, names: Iterable[str], added: Iterable[str] = ()
) -> str:
    """Each of these attributes is as it was read, and those to be added are still missing."""
    parts = [f"{aliases.name(name)} = {aliases.value(original[name])}" for name in names]
    parts.extend(absent(aliases, name) for name in added)
    return " AND ".join(parts)


def changes(aliases: Aliases, new: Item, changed: Iterable[str], removed: Iterable[str]) -> str:
    """The update that sets and removes just these attributes."""
    sets = [f"{aliases.name(name)} = {aliases.value(new[name])}" for name in changed]
    removes = [aliases.name(name) for name in removed]
    parts = []
    if sets:
        parts.append("SET " + ", ".join(sets))
    if removes:
        parts.append("REMOVE " + ", ".join(removes))
    return " ".join(parts)
