"""What DynamoDB demands of items and tables is demanded before anything is sent."""

from dataclasses import replace

import pytest

from tests.services.dynamodb.samples import by_email, everything, table
from tui.services.dynamodb import rules
from tui.services.dynamodb.models import IndexInfo, KeyAttribute, KeyType, NewTable, Throughput
from tui.services.dynamodb.values import (
    AttributeValue,
    BinaryValue,
    Item,
    ListValue,
    MapValue,
    NullValue,
    NumberValue,
    StringSet,
    StringValue,
)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (StringValue(""), 0),
        (StringValue("é"), 2),
        (StringValue("👍"), 4),
        (BinaryValue(b"abc"), 3),
        (NullValue(), 1),
        (NumberValue("0"), 1),
        (NumberValue("7"), 2),
        (NumberValue("-7"), 3),
        (NumberValue("12000"), 2),
        (NumberValue("123"), 3),
        (NumberValue("1" * 38), 20),
        (ListValue(()), 3),
        (MapValue({}), 3),
        (ListValue((StringValue("ab"), NullValue())), 3 + 1 + 2 + 1 + 1),
        (MapValue({"key": StringValue("ab")}), 3 + 1 + 3 + 2),
        (StringSet(("ab", "c")), 3),
    ],
)
def test_sizes_follow_the_rules_of_aws(value: AttributeValue, size: int) -> None:
    assert rules.value_size(value) == size
    assert rules.item_size(Item({"näme": value})) == 5 + size


def test_an_item_of_exactly_400_kb_fits_and_one_byte_more_does_not() -> None:
    room = 400 * 1024 - len("id") - 2 - len("text")
    item: dict[str, AttributeValue] = {"id": NumberValue("1"), "text": StringValue("x" * room)}
    assert rules.findings(Item(item), table()) == ()
    item["text"] = StringValue("x" * (room + 1))
    (finding,) = rules.findings(Item(item), table())
    assert "409,601 bytes" in finding.message


def nested(levels: int) -> AttributeValue:
    value: AttributeValue = StringValue("x")
    for level in range(levels):
        value = ListValue((value,)) if level % 2 else MapValue({"a": value})
    return value


def test_31_lists_or_maps_may_be_nested_and_32_may_not() -> None:
    assert rules.findings(Item({"a": nested(31)}), None) == ()
    (finding,) = rules.findings(Item({"a": nested(32)}), None)
    assert "31 levels" in finding.message


def test_an_empty_list_counts_as_a_level_and_a_set_does_not() -> None:
    innermost: AttributeValue = ListValue(())
    for _ in range(31):
        innermost = ListValue((innermost,))
    assert rules.findings(Item({"a": innermost}), None)
    with_a_set: AttributeValue = StringSet(("x",))
    for _ in range(31):
        with_a_set = ListValue((with_a_set,))
    assert rules.findings(Item({"a": with_a_set}), None) == ()


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ({}, "partition key 'id' (string, S) is missing"),
        ({"id": StringValue("x")}, "sort key 'at' (number, N) is missing"),
        ({"id": NumberValue("1"), "at": NumberValue("1")}, "key of type string (S), not number"),
        ({"id": StringValue(""), "at": NumberValue("1")}, "cannot be an empty string"),
        ({"id": StringValue("x"), "at": NumberValue("")}, "is missing: give the sort key a number"),
        ({"id": StringValue("x" * 2049), "at": NumberValue("1")}, "2,049 bytes"),
        ({"id": StringValue("x"), "at": NullValue()}, "not null (NULL)"),
        (
            {"id": StringValue("x"), "at": NumberValue("1"), "email": NumberValue("1")},
            "(index by-email)",
        ),
        (
            {"id": StringValue("x"), "at": NumberValue("1"), "email": StringValue("")},
            "empty string (index by-email)",
        ),
        ({"id": StringValue("x"), "at": NumberValue("1"), "": NullValue()}, "cannot be empty"),
    ],
)
def test_keys_must_be_there_with_their_types(
    attributes: dict[str, AttributeValue], says: str
) -> None:
    info = table(
        KeyAttribute("id", KeyType.STRING),
        KeyAttribute("at", KeyType.NUMBER),
        indexes=(by_email(),),
    )
    found = rules.findings(Item(attributes), info)
    assert any(says in each.message for each in found)


def index(partition: str, sort: str | None = None) -> IndexInfo:
    return replace(
        by_email(),
        name=f"by-{partition}",
        partition=KeyAttribute(partition, KeyType.STRING),
        sort=None if sort is None else KeyAttribute(sort, KeyType.STRING),
    )


@pytest.mark.parametrize(
    ("name", "limit"), [("city", 2048), ("street", 1024), ("both", 1024), ("id", 1024)]
)
def test_the_keys_of_an_index_have_the_limits_of_keys(name: str, limit: int) -> None:
    """An attribute in several keys has the smallest limit; the table's own key is one of them."""
    info = table(
        KeyAttribute("id", KeyType.STRING),
        indexes=(index("city", "street"), index("both"), index("city", "both"), index("x", "id")),
    )
    item = {"id": StringValue("1"), name: StringValue("x" * limit)}
    assert rules.findings(Item(item), info) == ()
    (finding,) = rules.findings(Item(item | {name: StringValue("x" * (limit + 1))}), info)
    assert finding.path == (name,)
    assert f"{limit + 1:,} bytes; at most {limit:,}" in finding.message


def test_a_name_in_a_map_has_the_limits_of_a_name() -> None:
    for name in ("", "x" * 65_536):
        (finding,) = rules.findings(Item({"a": MapValue({name: NullValue()})}), None)
        assert finding.path == ("a", name)


def test_an_index_key_may_be_missing() -> None:
    assert rules.findings(everything(), table(indexes=(by_email(),))) == ()


@pytest.mark.parametrize("name", ["abc", "a.b-c_D9", "x" * 255])
def test_good_table_names(name: str) -> None:
    assert rules.table_name_problem(name) is None


@pytest.mark.parametrize(
    "name", ["", "ab", "x" * 256, "a b c", "användare", "a/b/c", "[/]", "abc\n", "a\x1b[m"]
)
def test_bad_table_names(name: str) -> None:
    assert rules.table_name_problem(name)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "one", "²", " 1", "1" * 10])
def test_capacity_is_a_whole_number_from_one(text: str) -> None:
    assert rules.capacity_problem(text)


def test_every_broken_rule_of_a_new_table_is_told() -> None:
    bad = NewTable(
        name="a!",
        partition=KeyAttribute("k" * 256, KeyType.NUMBER),
        sort=KeyAttribute("k" * 256, KeyType.STRING),
        throughput=Throughput(0, 1),
    )
    assert len(rules.new_table_problems(bad)) == 5
    good = NewTable("users", KeyAttribute("id", KeyType.NUMBER))
    assert rules.new_table_problems(good) == ()
