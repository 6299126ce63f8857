"""Items as text: nothing is lost on the way out and back, and what is wrong has a place."""

import json

import pytest

from tests.services.dynamodb.samples import HOSTILE_TEXTS, VALUES, everything, from_json, table
from tui.services.dynamodb import (
    Notation,
    is_plain,
    read_draft,
    to_json,
    to_plain_json,
)
from tui.services.dynamodb.values import (
    AttributeValue,
    Item,
    ListValue,
    MapValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
    descriptor,
    item_from_wire,
    item_to_wire,
)


def spelled(value: AttributeValue) -> object:
    """Everything about a value, spelling and order included: stricter than equality."""
    if isinstance(value, ListValue):
        return ["L", [spelled(each) for each in value.elements]]
    if isinstance(value, MapValue):
        return ["M", [(name, spelled(each)) for name, each in value.entries.items()]]
    return [descriptor(value), repr(value)]


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("indent", [None, 2])
def test_typed_json_gives_back_exactly_what_went_in(
    value: AttributeValue, indent: int | None
) -> None:
    item = Item({"id": NumberValue("1"), "value": value})
    text = to_json(item, indent=indent)
    json.loads(text)
    draft = read_draft(text, table())
    assert draft.good
    assert draft.item is not None
    assert draft.notation is Notation.TYPED
    assert spelled(draft.item["value"]) == spelled(value)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_the_wire_gives_back_exactly_what_went_in(value: AttributeValue) -> None:
    back = item_from_wire(item_to_wire(Item({"value": value})))
    assert spelled(back["value"]) == spelled(value)


def test_an_item_with_everything_in_it_survives_both_ways() -> None:
    item = everything()
    assert from_json(to_json(item), table()) == item
    assert list(from_json(to_json(item))) == list(item)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_typed_json_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    shown = to_json(Item({text: StringValue(text)}))
    assert all(each.isprintable() or each == "\n" for each in shown)
    assert from_json(shown) == Item({text: StringValue(text)})


def test_plain_json_is_accepted_and_said_to_be_plain() -> None:
    draft = read_draft(
        '{"id": 1, "name": "Andrew", "age": 12345678901234567890.5, "ok": true, "no": null,'
        ' "tags": ["a", 1], "address": {"city": "Kyiv"}}',
        table(),
    )
    assert draft.good
    assert draft.notation is Notation.PLAIN
    assert draft.item is not None
    assert draft.item["age"] == NumberValue("12345678901234567890.5")
    assert draft.item["name"] == StringValue("Andrew")
    assert draft.item["tags"] == ListValue((StringValue("a"), NumberValue("1")))
    assert draft.item["address"] == MapValue({"city": StringValue("Kyiv")})


@pytest.mark.parametrize("text", ['"1"', "1", "1.0", "1E0"])
def test_plain_json_keeps_strings_and_numbers_apart(text: str) -> None:
    item = from_json(f'{{"id": 5, "value": {text}}}')
    assert descriptor(item["value"]) == ("S" if text.startswith('"') else "N")


def test_plain_json_out_keeps_digits_and_comes_back_where_it_can() -> None:
    item = Item(
        {
            "id": NumberValue("12345678901234567890123456789012345678"),
            "list": ListValue((NumberValue("1.10"), MapValue({"a": StringValue("\x1b[31m")}))),
            "empty": ListValue(()),
        }
    )
    assert is_plain(item)
    for indent in (None, 2):
        assert spelled(MapValue(from_json(to_plain_json(item, indent=indent)))) == spelled(
            MapValue(item)
        )
    assert not is_plain(Item({"tags": StringSet(("a",))}))
    assert to_plain_json(Item({"t": NumberSet(("1",))}), indent=None) == '{"t": [1]}'


@pytest.mark.parametrize(
    ("text", "says", "line", "column"),
    [
        ("", "ends where a value", 1, 1),
        ("[1]", "An item is an object", 1, 1),
        ('{"id": {"N": "1"}, "id": {"N": "2"}}', "comes twice", 1, 20),
        ('{\n  "id": {"N": "1"}\n  "name": {"S": "x"}}', "comma is missing", 3, 3),
        ('{"id": {"N": "1"}', "The text ends before the closing }", 1, 18),
        ('{"id": {"N": "1"}} x', "after the end", 1, 20),
        ("{'id': 1}", "double quotes", 1, 2),
        ('{"id": {"N": "1"}, "a": {"Q": "1"}}', "unknown type 'Q'", 1, 26),
        ('{"id": {"N": "1"}, "a": {"BOOL": "true"}}', "not a boolean", 1, 34),
        ('{"id": {"N": "1"}, "a": {"NULL": false}}', "NULL is written", 1, 34),
        ('{"id": {"N": "1"}, "a": "plain"}', "must be typed", 1, 25),
        ('{"id": {"N": "1"}, "a": {"B": "*"}}', "not base64", 1, 31),
        ('{"id": {"N": "1"}, "a": {"SS": ["x", 1]}}', "not a member", 1, 38),
        ('{"id": 1, "a": {"b": {"S": "x"}}}', "looks typed", 1, 22),
        ('{"id": 1, "a": "\\ud800"}', "surrogate", 1, 16),
        ('{"id": 1, "a": "new\nline"}', "control character", 1, 20),
        ('{"id": 01}', "comma is missing", 1, 9),
        ('{"id": NaN}', "value is expected", 1, 8),
        ("[" * 400, "levels deep", 1, 152),
    ],
)
def test_what_is_not_an_item_is_refused_with_its_place(
    text: str, says: str, line: int, column: int
) -> None:
    draft = read_draft(text)
    assert draft.item is None
    (problem,) = draft.problems
    assert says in str(problem)
    assert (problem.line, problem.column) == (line, column)


@pytest.mark.parametrize(
    ("value", "path", "says"),
    [
        ('{"N": "%s"}' % ("1" * 39), "a", "39 significant digits"),
        ('{"N": "1E+126"}', "a", "too large"),
        ('{"N": "one"}', "a", "not a number"),
        ('{"SS": []}', "a", "cannot be empty"),
        ('{"SS": ["x", "y", "x"]}', "a[2]", "twice"),
        ('{"NS": ["1", "1.0"]}', "a[1]", "twice"),
        ('{"NS": ["1", "x"]}', "a[1]", "not a number"),
        ('{"BS": ["YQ==", "YQ=="]}', "a[1]", "twice"),
        ('{"M": {"b c": {"L": [{"S": ""}, {"N": "-"}]}}}', 'a."b c"[1]', "not a number"),
        ('{"M": {"": {"S": "x"}}}', 'a.""', "cannot be empty"),
    ],
)
def test_broken_rules_are_found_at_their_path(value: str, path: str, says: str) -> None:
    draft = read_draft('{"id": {"N": "1"},\n "a": ' + value + "}", table())
    assert draft.item is not None
    assert not draft.good
    (problem,) = draft.problems
    assert problem.path == path
    assert says in problem.message
    assert problem.line == 2
    assert problem.column > 6


def test_every_broken_rule_is_found_at_once() -> None:
    draft = read_draft('{"a": {"SS": []}, "b": {"N": "x"}}', table())
    assert len(draft.problems) == 3


def test_a_python_float_never_comes_near_a_number() -> None:
    text = '{"id": {"N": 0.1000000000000000055511151231257827}}'
    assert from_json(text)["id"] == NumberValue("0.1000000000000000055511151231257827")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": "x', "closing quote of this string is missing"),
        ('{"a": "x\ny"}', "cannot hold a line break"),
        ('{"a": "x\\qy"}', "a backslash is written"),
        ('{"a": "\\u12"}', "four hexadecimal digits are expected"),
    ],
)
def test_what_is_wrong_with_a_string_is_a_whole_sentence(text: str, says: str) -> None:
    (problem,) = read_draft(text).problems
    assert says in problem.message
    assert problem.message.endswith(".")
