"""What DynamoDB demands of items and of new tables, checked before anything is sent.

Sources: "Naming rules", "Service, account, and table quotas in Amazon DynamoDB" and "DynamoDB item
sizes and formats" in the developer guide. Emulators accept much of what is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tui.services.dynamodb.models import (
    SCHEME,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    TableInfo,
)
from tui.services.dynamodb.values import (
    TYPE_NAMES,
    AttributeValue,
    BinarySet,
    BinaryValue,
    ListValue,
    MapValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
    descriptor,
    number_problem,
    parse_number,
)
from tui.services.errors import ErrorKind, ServiceError

MAX_ITEM_BYTES = 400 * 1024
MAX_DEPTH = 31
"""Lists and maps inside one another. The quotas speak of 32 levels: the value inside the innermost
list or map is the 32nd. DynamoDB refuses 32 lists or maps, even if the innermost is empty."""

MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024
MAX_NAME_BYTES = 65_535
"""Of an attribute that is no key, and of a name in a map; the names of keys are checked when a
table is created."""

Path = tuple[str | int, ...]
"""Names and list positions from the item down to a value."""


@dataclass(frozen=True)
class Finding:
    """One broken rule. An empty path is the item as a whole."""

    path: Path
    message: str


def item_size(item: Mapping[str, AttributeValue]) -> int:
    """Bytes that DynamoDB counts for an item; for numbers AWS itself calls its rule approximate."""
    return sum(_utf8(name) + value_size(value) for name, value in item.items())


def value_size(value: AttributeValue) -> int:
    """Bytes that DynamoDB counts for a value without its name."""
    match value:
        case StringValue(text):
            return _utf8(text)
        case BinaryValue(data):
            return len(data)
        case NumberValue(text):
            return _number_size(text)
        case StringSet(texts):
            return sum(_utf8(text) for text in texts)
        case NumberSet(texts):
            return sum(_number_size(text) for text in texts)
        case BinarySet(members):
            return sum(len(member) for member in members)
        case ListValue(elements):
            return 3 + sum(1 + value_size(element) for element in elements)
        case MapValue(entries):
            return 3 + sum(1 + _utf8(name) + value_size(each) for name, each in entries.items())
    return 1


def findings(item: Mapping[str, AttributeValue], table: TableInfo | None) -> tuple[Finding, ...]:
    """Every broken rule, in the order of the item; empty if the item may be sent.

    Without a table its keys are not checked.
    """
    found: list[Finding] = []
    if table is not None:
        found.extend(_key_findings(item, table))
    for name, value in item.items():
        problem = _name_problem(name)
        if problem:
            found.append(Finding((name,), problem))
        said = {each.path for each in found}
        found.extend(each for each in _value_findings((name,), value, 0) if each.path not in said)
    size = item_size(item)
    if size > MAX_ITEM_BYTES:
        found.append(
            Finding((), f"the item has {size:,} bytes; at most {MAX_ITEM_BYTES:,} (400 KB) fit")
        )
    return tuple(found)


def key_value_problem(attribute: KeyAttribute, value: AttributeValue, max_bytes: int) -> str | None:
    """Why this value cannot be that key attribute of a table or an index, or None."""
    if descriptor(value) != attribute.type.value:
        wanted = TYPE_NAMES[attribute.type.value]
        return (
            f"is a key of type {wanted} ({attribute.type.value}), "
            f"not {TYPE_NAMES[descriptor(value)]} ({descriptor(value)})"
        )
    if attribute.type is KeyType.NUMBER:
        return None
    size = value_size(value)
    if size == 0:
        return f"is missing: a key cannot be an empty {TYPE_NAMES[attribute.type.value]}"
    if size > max_bytes:
        return f"is a key of {size:,} bytes; at most {max_bytes:,} are allowed"
    return None


def _name_problem(name: str) -> str | None:
    """Why an attribute, or a value in a map, cannot be called that, or None."""
    if not name:
        return "needs a name: the name of an attribute cannot be empty"
    size = _utf8(name)
    if size > MAX_NAME_BYTES:
        return f"has a name of {size:,} bytes; at most {MAX_NAME_BYTES:,} are allowed"
    return None


def _key_findings(item: Mapping[str, AttributeValue], table: TableInfo) -> Iterator[Finding]:
    said: set[str] = set()
    for position, attribute in enumerate(table.key):
        role = "sort key" if position else "partition key"
        if attribute.name not in item:
            wanted = TYPE_NAMES[attribute.type.value]
            yield Finding(
                (), f"the {role} {attribute.name!r} ({wanted}, {attribute.type.value}) is missing"
            )
            continue
        if item[attribute.name] == NumberValue(""):
            # Not yet filled in: "not a number" would be true, and of no help.
            problem: str | None = f"is missing: give the {role} a number"
        else:
            problem = key_value_problem(attribute, item[attribute.name], key_limit(position))
        if problem:
            said.add(attribute.name)
            yield Finding((attribute.name,), problem)
    for index in table.indexes:
        for position, key in enumerate((index.partition, index.sort)):
            if key is None or key.name in said or key.name not in item:
                continue
            problem = key_value_problem(key, item[key.name], key_limit(position))
            if problem:
                said.add(key.name)
                yield Finding((key.name,), f"{problem} (index {index.name})")


def key_limit(position: int) -> int:
    """The most bytes that a partition key (position 0) or a sort key (1) may have, in a table and
    in an index alike."""
    return MAX_SORT_KEY_BYTES if position else MAX_PARTITION_KEY_BYTES


def _value_findings(path: Path, value: AttributeValue, depth: int) -> Iterator[Finding]:
    match value:
        case NumberValue(text):
            problem = number_problem(text)
            if problem:
                yield Finding(path, problem)
        case ListValue(elements):
            if depth >= MAX_DEPTH:
                yield Finding(path, f"nested more than {MAX_DEPTH} levels deep")
                return
            for position, element in enumerate(elements):
                yield from _value_findings((*path, position), element, depth + 1)
        case MapValue(entries):
            if depth >= MAX_DEPTH:
                yield Finding(path, f"nested more than {MAX_DEPTH} levels deep")
                return
            for name, entry in entries.items():
                problem = _name_problem(name)
                if problem:
                    yield Finding((*path, name), problem)
                yield from _value_findings((*path, name), entry, depth + 1)
        case StringSet(members) | NumberSet(members) | BinarySet(members):
            yield from _set_findings(path, members, isinstance(value, NumberSet))


def _set_findings(path: Path, members: tuple[object, ...], numeric: bool) -> Iterator[Finding]:
    if not members:
        yield Finding(path, "a set cannot be empty; leave the attribute out instead")
    seen: set[object] = set()
    for position, member in enumerate(members):
        key = member
        if numeric:
            problem = number_problem(str(member))
            if problem:
                yield Finding((*path, position), problem)
                continue
            key = parse_number(str(member))
        if key in seen:
            yield Finding((*path, position), "is in the set twice")
        seen.add(key)


def _number_size(text: str) -> int:
    try:
        number = parse_number(text)
    except ValueError:
        return len(text)
    return (len(number.digits) + 1) // 2 + 1 + (1 if number.negative else 0)


def _utf8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


# -- new tables --------------------------------------------------------------------------

MAX_KEY_NAME_BYTES = 255

_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def table_name_problem(name: str) -> str | None:
    """Why a table cannot be called that, or None."""
    if not name:
        return "a table needs a name"
    wrong = next((each for each in name if not re.fullmatch(r"[a-zA-Z0-9_.-]", each)), None)
    if wrong is not None:
        return f"{wrong!r} is not allowed; use letters a-z, A-Z, digits, and _ . -"
    if not _TABLE_NAME.fullmatch(name):
        return f"must have 3 to 255 characters (has {len(name)})"
    return None


def parse_location(text: str) -> ItemSource | None:
    """The table or index of a location: `dynamodb:table` or `dynamodb:table/index`; None of
    `dynamodb:`, the list of tables.

    The scheme may be left out. Raises ServiceError (INVALID) for a name that no table can have.
    """
    name = text.strip().removeprefix(SCHEME).strip("/")
    if not name:
        return None
    table, slash, index = name.partition("/")
    for part in (table, index) if slash else (table,):
        problem = table_name_problem(part)
        if problem:
            raise ServiceError(
                f"{part!r} cannot be the name of a table or an index.",
                cause=f"The name {problem}." if problem.startswith("must") else f"{problem}.",
                hint="A location is dynamodb:table or dynamodb:table/index.",
                kind=ErrorKind.INVALID,
            )
    return ItemSource(table, index or None)


def key_name_problem(name: str) -> str | None:
    """Why a key attribute cannot be called that, or None."""
    if not name:
        return "a key attribute needs a name"
    size = _utf8(name)
    if size > MAX_KEY_NAME_BYTES:
        return f"has {size} bytes; at most {MAX_KEY_NAME_BYTES} are allowed"
    return None


def capacity_problem(text: str) -> str | None:
    """Why this text is no capacity in units per second, or None."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return "write a whole number, 1 or more"
    return None if int(text) >= 1 else "must be 1 or more"


def new_table_problems(table: NewTable) -> tuple[str, ...]:
    """Every rule that a new table breaks, in sentences; empty if it may be created."""
    problems: list[str] = []
    name = table_name_problem(table.name)
    if name:
        problems.append(f"The table name {name}.")
    keys = [("partition key", table.partition)]
    if table.sort is not None:
        keys.append(("sort key", table.sort))
        if table.sort.name == table.partition.name:
            problems.append("The sort key needs another name than the partition key.")
    for role, attribute in keys:
        problem = key_name_problem(attribute.name)
        if problem:
            problems.append(f"The {role} {problem}.")
    if table.throughput is not None:
        for role, units in (("read", table.throughput.read), ("write", table.throughput.write)):
            problem = capacity_problem(str(units))
            if problem:
                problems.append(f"The {role} capacity {problem}.")
    return tuple(problems)
