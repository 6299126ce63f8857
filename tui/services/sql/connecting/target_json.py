"""A target as plain JSON, and back: all its fields but the label, and never a secret.

The fields are read from the classes themselves, so that one that is added to `DatabaseTarget` is
kept without a word here: texts, numbers, yes or no, enums, mappings of texts, and dataclasses of
those. A field that has its default is left out.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import cast

from tui.services.sql.connecting.targets import SECRET_KEYWORDS, DatabaseTarget

_LABEL = "label"
_PARAMETERS = "parameters"

Json = dict[str, object]


def to_json(target: DatabaseTarget, kept: Mapping[str, object] | None = None) -> Json:
    """The target without its label. What `kept` (the entry as it was) holds that no field is of
    stays, also inside the fields."""
    found = _plain_fields(target, kept or {})
    found.pop(_LABEL, None)
    parameters = {
        key: value for key, value in target.parameters.items() if key not in SECRET_KEYWORDS
    }
    found.pop(_PARAMETERS, None)
    return {_PARAMETERS: parameters, **found} if parameters else found


def from_json(label: str, kept: object) -> DatabaseTarget:
    """The target of an entry. ValueError, with the place, if a field is not what it must be: a mark
    that cannot be read must not be taken for one that is absent."""
    if not isinstance(kept, Mapping):
        raise ValueError("is no object")
    target = _from_mapping(DatabaseTarget, {**kept, _LABEL: label}, "")
    assert isinstance(target, DatabaseTarget)
    return target


def secrets_in(kept: object) -> list[str]:
    """The keywords of an entry that hold a secret, which somebody has written there by hand."""
    parameters = kept.get(_PARAMETERS) if isinstance(kept, Mapping) else None
    return sorted(SECRET_KEYWORDS & set(parameters)) if isinstance(parameters, Mapping) else []


def without_secrets(kept: object) -> object:
    """The same entry without those."""
    secrets = secrets_in(kept)
    if not secrets or not isinstance(kept, Mapping):
        return kept
    parameters = cast("Mapping[str, object]", kept[_PARAMETERS])
    left = {key: value for key, value in parameters.items() if key not in secrets}
    return {**kept, _PARAMETERS: left}


# -- to JSON --------------------------------------------------------------------------------------


def _plain_fields(value: object, kept: Mapping[str, object]) -> Json:
    known = {each.name: each for each in fields(cast("type", value))}
    found = {key: each for key, each in kept.items() if key not in known}
    for name, each in known.items():
        content = getattr(value, name)
        before = kept.get(name)
        nested = before if isinstance(before, Mapping) else {}
        plain = _plain(content, nested)
        if content != _default(each) or (is_dataclass(content) and plain):
            found[name] = plain
    return found


def _plain(value: object, kept: Mapping[str, object]) -> object:
    if is_dataclass(value):
        return _plain_fields(value, kept)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(each, {}) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each, {}) for each in value]
    return value


def _default(each: Field[object]) -> object:
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else MISSING


# -- from JSON ------------------------------------------------------------------------------------


@cache
def _hints(wanted: type) -> Mapping[str, object]:
    return typing.get_type_hints(wanted)


def _from_mapping(wanted: type, kept: Mapping[str, object], place: str) -> object:
    hints = _hints(wanted)
    given = {
        each.name: _value(hints[each.name], kept[each.name], f"{place}{each.name}")
        for each in fields(wanted)
        if each.name in kept
    }
    try:
        return wanted(**given)
    except TypeError as error:
        raise ValueError(f"{place.rstrip('.')} is not complete") from error


def _value(wanted: object, kept: object, place: str) -> object:
    origin, parts = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in {typing.Union, types.UnionType}:
        if kept is None and type(None) in parts:
            return None
        return _value(next(each for each in parts if each is not type(None)), kept, place)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(kept, place)
    if origin is tuple and isinstance(kept, list):
        return tuple(_value(parts[0], each, place) for each in kept)
    if isinstance(wanted, type):
        return _plain_value(wanted, kept, place)
    raise ValueError(f"{place} cannot be read")


def _plain_value(wanted: type, kept: object, place: str) -> object:
    if is_dataclass(wanted):
        if isinstance(kept, Mapping):
            return _from_mapping(wanted, kept, f"{place}.")
        raise ValueError(f"{place} is no object")
    if issubclass(wanted, Enum):
        known = {each.value: each for each in wanted}
        if isinstance(kept, str) and kept in known:
            return known[kept]
        raise ValueError(f"{place} is none of {', '.join(str(each) for each in known if each)}")
    # To Python, yes and no are numbers too.
    if isinstance(kept, wanted) and (wanted is bool or not isinstance(kept, bool)):
        return kept
    words = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
    raise ValueError(f"{place} is not {words.get(wanted, wanted.__name__)}")


def _mapping(kept: object, place: str) -> Mapping[str, str]:
    if not isinstance(kept, Mapping):
        raise ValueError(f"{place} is no object")
    for key, value in kept.items():
        if not isinstance(value, str):
            raise ValueError(f"{place}.{key} is not a text")
    secrets = SECRET_KEYWORDS if place == _PARAMETERS else frozenset()
    return MappingProxyType({key: value for key, value in kept.items() if key not in secrets})
