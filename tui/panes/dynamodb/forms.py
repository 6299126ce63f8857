"""The forms of the pane: a new table, an item by its key, a query."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tui.services.dynamodb import (
    AttributeValue,
    Item,
    ItemSource,
    KeyAttribute,
    KeyType,
    NewTable,
    Query,
    SortCondition,
    SortOperator,
    TableInfo,
    Throughput,
    rules,
)
from tui.services.dynamodb.values import BinaryValue, NumberValue, StringValue, number_problem
from tui.services.quantities import counted
from tui.widgets.dialogs.forms import (
    ChoiceField,
    Field,
    FlagField,
    FormDialog,
    NoteField,
    TextField,
    Values,
)

_TYPES = (("Number", "N"), ("String", "S"), ("Binary", "B"))

TABLE_ITSELF = "-"
"""The choice that is no index: names of indexes have at least three characters."""

_WORDS = {KeyType.NUMBER: "number", KeyType.STRING: "string", KeyType.BINARY: "binary, as base64"}


def new_table_form(submit: Callable[[NewTable], Awaitable[NewTable]]) -> FormDialog[NewTable]:
    """A new table, as the console's first page asks for it. Standard class, no protection."""

    async def send(values: Values) -> NewTable:
        return await submit(new_table_of(values))

    return FormDialog(
        "New table",
        [
            TextField(
                "table",
                "Table name",
                note="3 to 255 of a-z A-Z 0-9 _ . -",
                check=_one(rules.table_name_problem),
                wide=True,
            ),
            TextField(
                "partition",
                "Partition key",
                "id",
                check=_one(rules.key_name_problem),
            ),
            ChoiceField("partition_type", "Type of the partition key", _TYPES, "N"),
            TextField("sort", "Sort key (optional)", note="Leave empty for none."),
            ChoiceField(
                "sort_type",
                "Type of the sort key",
                _TYPES,
                "S",
                when=lambda values: bool(values["sort"]),
            ),
            ChoiceField(
                "billing",
                "Capacity",
                (("On demand", "demand"), ("Provisioned", "provisioned")),
                "demand",
                wide=True,
            ),
            TextField(
                "read",
                "Read units per second",
                "1",
                check=_one(rules.capacity_problem),
                when=_is_provisioned,
            ),
            TextField(
                "write",
                "Write units per second",
                "1",
                check=_one(rules.capacity_problem),
                when=_is_provisioned,
            ),
            NoteField("Table class Standard; deletion protection off."),
        ],
        submit=send,
        check=lambda values: rules.new_table_problems(new_table_of(values)),
        summary=billed,
    )


def _is_provisioned(values: Values) -> bool:
    return values["billing"] == "provisioned"


def billed(values: Values) -> str:
    """What AWS bills for the table of this form."""
    capacity = new_table_of(values).throughput
    if capacity is None:
        return "Billed by the request, and for what it stores: nothing while it is idle and empty."
    units = f"{counted(capacity.read, 'read unit')}, {counted(capacity.write, 'write unit')}"
    return f"Billed by the hour, used or not: {units}; and for what it stores."


def new_table_of(values: Values) -> NewTable:
    """The table that the form describes; capacity that is no number becomes 0, which no rule
    lets pass."""
    sort = values["sort"]
    read, write = (
        int(values[name]) if rules.capacity_problem(values[name]) is None else 0
        for name in ("read", "write")
    )
    return NewTable(
        name=values["table"],
        partition=KeyAttribute(values["partition"], KeyType(values["partition_type"])),
        sort=KeyAttribute(sort, KeyType(values["sort_type"])) if sort else None,
        throughput=Throughput(read, write) if values["billing"] == "provisioned" else None,
    )


def get_form(table: TableInfo, submit: Callable[[Item], Awaitable[Item]]) -> FormDialog[Item]:
    """The key of an item, each attribute with its own type."""

    async def send(values: Values) -> Item:
        key = {each.name: typed(each, values[f"key{n}"]) for n, each in enumerate(table.key)}
        return await submit(Item(key))

    fields = [
        TextField(f"key{n}", _key_label(each, n), check=_one(partial(key_problem, each, n)))
        for n, each in enumerate(table.key)
    ]
    return FormDialog(
        "Get an item by its key", fields, submit=send, submit_label="Get", only_reads=True
    )


def query_form(
    table: TableInfo, source: ItemSource, submit: Callable[[Query], Awaitable[Query]]
) -> FormDialog[Query]:
    """One partition key, and perhaps a range of the sort key, of the table or an index.

    What the table does not have is not asked for.
    """

    async def send(values: Values) -> Query:
        return await submit(query_of(table, values))

    def has_sort_key(values: Values) -> bool:
        return _query_keys(table, values)[1] is not None

    def has_condition(values: Values) -> bool:
        return has_sort_key(values) and values["operator"] != "any"

    fields: list[Field] = []
    label = f"{table.partition.name} ="
    if table.indexes:
        options = [("the table: " + _keys(table.partition, table.sort), TABLE_ITSELF)]
        options += [(f"{i.name}: {_keys(i.partition, i.sort)}", i.name) for i in table.indexes]
        start = source.index or TABLE_ITSELF
        fields.append(ChoiceField("index", "Index", options, start, wide=True))
        label = "Partition key ="
    fields.append(TextField("value", label, wide=True))
    if table.sort is not None or any(index.sort for index in table.indexes):
        operators = [("(any)", "any")] + [(each.value, each.name) for each in SortOperator]
        fields += [
            ChoiceField("operator", "Sort key", operators, "any", when=has_sort_key, wide=True),
            TextField("low", "Sort key value", when=has_condition),
            TextField(
                "high",
                "and",
                when=lambda values: has_condition(values) and values["operator"] == "BETWEEN",
            ),
        ]
    fields.append(FlagField("descending", "Descending"))
    return FormDialog(
        "Query",
        fields,
        submit=send,
        submit_label="Query",
        only_reads=True,
        check=lambda values: query_problems(table, values),
    )


def query_problems(table: TableInfo, values: Values) -> Sequence[str]:
    """What is wrong with the values of a query form."""
    partition, sort = _query_keys(table, values)
    problems = [(partition.name, key_problem(partition, 0, values["value"]))]
    operator = values.get("operator") or "any"
    if operator != "any":
        if sort is None:
            return ["This table or index has no sort key; choose (any)."]
        if operator == "BEGINS_WITH" and sort.type is KeyType.NUMBER:
            return ["begins_with does not work on numbers."]
        problems.append((sort.name, key_problem(sort, 1, values["low"])))
        if operator == "BETWEEN":
            problems.append((sort.name, key_problem(sort, 1, values["high"])))
    return [f"{name} {problem}" for name, problem in problems if problem]


def query_of(table: TableInfo, values: Values) -> Query:
    """The query that a form without problems describes."""
    partition, sort = _query_keys(table, values)
    condition = None
    if (values.get("operator") or "any") != "any" and sort is not None:
        operator = SortOperator[values["operator"]]
        upper = typed(sort, values["high"]) if operator is SortOperator.BETWEEN else None
        condition = SortCondition(sort.name, operator, typed(sort, values["low"]), upper)
    return Query(
        ItemSource(table.name, _index_name(values)),
        partition.name,
        typed(partition, values["value"]),
        condition,
        descending=bool(values["descending"]),
    )


def key_problem(key: KeyAttribute, position: int, text: str) -> str | None:
    """Why this text is no value of that partition key (position 0) or sort key (1), or None."""
    if key.type is KeyType.NUMBER:
        return number_problem(text)
    try:
        return rules.key_value_problem(key, typed(key, text), rules.key_limit(position))
    except ValueError as error:
        return str(error)


def typed(key: KeyAttribute, text: str) -> AttributeValue:
    """The text as a value of the key attribute's type. Raises ValueError for bad base64."""
    if key.type is KeyType.NUMBER:
        return NumberValue(text)
    if key.type is KeyType.STRING:
        return StringValue(text)
    try:
        return BinaryValue(base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise ValueError(f"is not base64: {error}") from error


def _query_keys(table: TableInfo, values: Values) -> tuple[KeyAttribute, KeyAttribute | None]:
    name = _index_name(values)
    index = table.index(name) if name else None
    return (table.partition, table.sort) if index is None else (index.partition, index.sort)


def _index_name(values: Values) -> str | None:
    name = values.get("index", TABLE_ITSELF)
    return None if name == TABLE_ITSELF else name


def _key_label(key: KeyAttribute, position: int) -> str:
    role = "sort key" if position else "partition key"
    return f"{key.name}: {role}, {_WORDS[key.type]}"


def _keys(partition: KeyAttribute, sort: KeyAttribute | None) -> str:
    shown = f"{partition.name} ({partition.type.value})"
    return shown if sort is None else f"{shown}, {sort.name} ({sort.type.value})"


def _one(check: Callable[[str], str | None]) -> Callable[[str], Sequence[str]]:
    """Turns a check that gives one problem or None into one that gives a list."""

    def problems(text: str) -> Sequence[str]:
        problem = check(text)
        return [problem] if problem else []

    return problems
