"""What is said of a conflict, and which lines of the stored item are marked."""

from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.editing import (
    SHOWN_CHARACTERS,
    SHOWN_DIFFERENCES,
    describe,
    lost_by_saving,
    marked_text,
    overwritten_by_yours,
)
from tui.services.dynamodb.merging import differences
from tui.services.dynamodb.values import Item, NumberValue, StringValue


def test_the_lines_of_the_attributes_that_differ_are_marked() -> None:
    item = from_json('{"id": 1, "map": {"a": [1, 2], "b": "x"}, "after": 1, "tags": ["x"]}')
    text, lines = marked_text(item, {"map", "tags"})
    rows = text.splitlines()
    assert rows[min(lines)].startswith('  "map"')
    assert [rows[number] for number in range(len(rows)) if number not in lines] == [
        "{",
        '  "id": {"N": "1"},',
        '  "after": {"N": "1"},',
        "}",
    ]


def test_saving_over_says_what_it_undoes_and_nothing_else() -> None:
    read = from_json('{"id": 1, "mine": 1, "theirs": 1, "both": 1}')
    yours = from_json('{"id": 1, "mine": 2, "theirs": 1, "both": 2}')
    stored = from_json('{"id": 1, "mine": 1, "theirs": 3, "both": 3, "added": ""}')
    found = differences(read, yours, stored)
    assert lost_by_saving(found).splitlines() == [
        "theirs: 3 → 1",
        "both: 3 → 2",
        'added: "" → missing',
    ]
    assert overwritten_by_yours(found) == "both: 3 → 2"


def test_hostile_and_endless_values_stay_on_their_line() -> None:
    stored = Item({"a\nb": StringValue("\x1b[2J\n" + "x" * 1000)})
    (line,) = describe(differences(None, Item({}), stored), new=True).splitlines()
    assert line.isprintable()
    assert len(line) < SHOWN_CHARACTERS + 50


def test_of_very_many_differences_the_first_are_named() -> None:
    stored = Item({f"n{number}": NumberValue("1") for number in range(SHOWN_DIFFERENCES + 7)})
    lines = describe(differences(None, Item({}), stored), new=True).splitlines()
    assert len(lines) == SHOWN_DIFFERENCES + 1
    assert lines[-1] == "and 7 more attributes"
