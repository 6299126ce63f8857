"""Whatever differs in the store looks different in the grid."""

import itertools

import pytest

from tests.hostile import HOSTILE_TEXT
from tests.services.dynamodb.samples import VALUES, table
from tui.panes.dynamodb.cells import PREVIEW, cell_of
from tui.panes.dynamodb.items import ItemList
from tui.panes.dynamodb.location import parse_location
from tui.services.dynamodb import Item, ItemPage, PageToken, Source
from tui.services.dynamodb.values import (
    AttributeValue,
    BinaryValue,
    BoolValue,
    ListValue,
    MapValue,
    NullValue,
    NumberSet,
    NumberValue,
    StringSet,
    StringValue,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.cells import EMPTY_STRING, Absent, plain_text

LOOKALIKES: list[AttributeValue | None] = [
    None,
    NullValue(),
    StringValue(""),
    StringValue("NULL"),
    StringValue("·"),
    StringValue("''"),
    StringValue("null"),
    StringValue("1"),
    NumberValue("1"),
    StringValue('"1"'),
    BoolValue(True),
    StringValue("true"),
    ListValue(()),
    StringValue("[]"),
    MapValue({}),
    StringValue("{}"),
    ListValue((NumberValue("1"),)),
    ListValue((StringValue("1"),)),
    StringSet(("1",)),
    NumberSet(("1",)),
    MapValue({"1": NumberValue("1")}),
    BinaryValue(b"\x01"),
    BinaryValue(b""),
    StringValue("0x01 (1 B)"),
    StringValue(" x"),
    StringValue("x"),
]


def drawn(value: AttributeValue | None) -> str:
    cell = cell_of(value)
    return plain_text(cell) if cell != "" else EMPTY_STRING


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(LOOKALIKES, 2)))
def test_two_different_values_never_look_the_same(
    first: AttributeValue | None, second: AttributeValue | None
) -> None:
    assert drawn(first) != drawn(second)


def test_missing_and_null_are_absent_each_in_its_way() -> None:
    assert cell_of(None) is Absent.MISSING
    assert cell_of(NullValue()) is Absent.NULL


@pytest.mark.parametrize("text", HOSTILE_TEXT)
def test_a_string_keeps_its_characters(text: str) -> None:
    assert text in plain_text(cell_of(StringValue(text)))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_every_type_has_a_cell(value: AttributeValue) -> None:
    assert plain_text(cell_of(value)) or cell_of(value) == ""


def test_a_huge_nested_value_is_not_written_out_for_a_cell() -> None:
    huge = ListValue(tuple(StringValue("x" * 1000) for _ in range(400)))
    assert len(plain_text(cell_of(huge))) < PREVIEW * 3


# -- the view ------------------------------------------------------------------------------


def page(*items: Item, token: bool = False) -> ItemPage:
    return ItemPage(Source("users"), items, len(items), PageToken({}) if token else None, 0.5)


def person(identity: str, **attributes: AttributeValue) -> Item:
    return Item({**attributes, "id": NumberValue(identity)})


def shown(view: ItemList) -> list[str]:
    for _ in view.arrange():
        pass
    view.settle()
    return [str(view.item_at(row)["id"]) for row in range(len(view.shown))]


def test_keys_come_first_then_attributes_as_they_appear() -> None:
    view = ItemList(table(), Source("users"))
    view.add_page(page(person("1", b=NullValue()), token=True))
    view.add_page(page(person("2", a=NullValue(), b=NullValue())))
    assert view.names == ["id", "b", "a"]
    assert view.state == "2 items · 1 RCU"


def test_the_number_of_items_is_only_claimed_when_it_is_known() -> None:
    view = ItemList(table(), Source("users"))
    view.add_page(page(person("1"), token=True))
    assert view.state.startswith("1+ items ")


def test_an_item_that_comes_twice_is_shown_once_as_it_is_now() -> None:
    view = ItemList(table(), Source("users"))
    view.add_page(page(person("1", a=StringValue("old")), token=True))
    view.add_page(page(person("1.0", a=StringValue("new"))))
    assert len(view.items) == 1
    assert view.items[0]["a"] == StringValue("new")


def test_sorting_is_by_exact_value_with_missing_last() -> None:
    view = ItemList(table(), Source("users"))
    texts = ["10", "9", "9007199254740993", "9007199254740992", "-1E+20", "1E-130"]
    people = [person(str(number), n=NumberValue(text)) for number, text in enumerate(texts)]
    view.add_page(page(person("7", n=StringValue("0")), person("6"), *people))
    view.sort = ("n", False)
    expected = [NumberValue(text) for text in ("4", "5", "1", "0", "3", "2", "7", "6")]
    assert shown(view) == [str(each) for each in expected]
    view.sort = ("n", True)
    assert shown(view) == [str(each) for each in (*expected[-2::-1], expected[-1])]


def test_a_filter_looks_at_what_the_cells_show() -> None:
    view = ItemList(table(), Source("users"))
    view.add_page(page(person("1", a=StringValue("Łódź")), person("2", a=NumberValue("33"))))
    view.filter = "łó"
    assert shown(view) == [str(NumberValue("1"))]
    view.filter = "33"
    assert shown(view) == [str(NumberValue("2"))]
    assert view.state.startswith("1 of 2 items")


# -- locations -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("dynamodb:", None),
        ("", None),
        ("dynamodb:users", Source("users")),
        ("dynamodb:users/by-email", Source("users", "by-email")),
        ("dynamodb://users/", Source("users")),
        ("users", Source("users")),
    ],
)
def test_locations(text: str, source: Source | None) -> None:
    assert parse_location(text) == source


@pytest.mark.parametrize("text", ["dynamodb:a b c", "dynamodb:us", "dynamodb:users/[/]", "a/b/c"])
def test_a_location_that_is_none_is_an_error_with_a_hint(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_location(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.hint
