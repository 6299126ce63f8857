"""Whatever differs in the store looks different in the grid."""

import itertools

import pytest

from tests.hostile import HOSTILE_TEXT
from tests.services.dynamodb.samples import VALUES
from tui.panes.dynamodb.cells import PREVIEW, cell_of
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
from tui.widgets.grid.cells import Absent, drawn_text, plain_text

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
    return plain_text(cell) if cell != "" else drawn_text("")


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
