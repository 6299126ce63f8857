"""On which condition an edited item is sent, and what is said of a conflict."""

from __future__ import annotations

import pytest

from tests.panes.dynamodb.conftest import ANDREW, make_table, same
from tests.services.dynamodb import samples
from tests.services.dynamodb.samples import from_json
from tui.panes.dynamodb.editing import (
    SHOWN_CHARACTERS,
    SHOWN_DIFFERENCES,
    Conflict,
    ItemEdit,
    describe,
    draft_text,
    lost_by_saving,
    marked_text,
    overwritten_by_yours,
    place_of,
    template,
)
from tui.services.dynamodb import (
    DynamoService,
    ItemConflict,
    KeyAttribute,
    KeyType,
    TableInfo,
    read_draft,
)
from tui.services.dynamodb.merging import differences
from tui.services.dynamodb.values import Item, NumberValue, StringValue


async def stored(dynamodb: DynamoService, table: TableInfo, key: str = '{"id": 1}') -> Item | None:
    return (await dynamodb.get(table, from_json(key))).item


def edit_of(dynamodb: DynamoService, table: TableInfo, original: str = "") -> ItemEdit:
    async def save(item: Item, base: Item | None) -> None:
        if base is None:
            await dynamodb.put(table, item)
        else:
            await dynamodb.edit(table, base, item)

    return ItemEdit(table, save, from_json(original) if original else None)


async def conflict_of(edit: ItemEdit, item: Item) -> Conflict:
    """Send an item that must not be stored."""
    with pytest.raises(ItemConflict):
        await edit.send(edit.whole(item))
    assert edit.conflict is not None
    return edit.conflict


# -- what is sent ----------------------------------------------------------------------------


async def test_a_new_item_never_replaces_one_in_silence(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, ANDREW)
    edit, new = edit_of(dynamodb, table), from_json('{"id": 1, "name": "Somebody"}')
    conflict = await conflict_of(edit, new)
    assert same(await stored(dynamodb, table), ANDREW)
    assert conflict.label == "Stored now: 1 attribute differs from your text"
    assert '"name": {"S": "Andrew"}' in conflict.text
    assert conflict.save_over == "Save over it"
    assert not conflict.can_keep_theirs
    attempt = edit.over(new)
    assert attempt.title == "Save over what somebody else stored?"
    assert attempt.lost == "name: Andrew → Somebody"
    assert await edit.send(attempt) == new
    assert await stored(dynamodb, table) == new


async def test_an_edit_is_sent_again_only_after_a_decision(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, ANDREW)
    edit, mine = edit_of(dynamodb, table, ANDREW), from_json('{"id": 1, "name": "Mine"}')
    theirs = from_json('{"id": 1, "name": "Theirs"}')
    await dynamodb.edit(table, from_json(ANDREW), theirs)
    first = await conflict_of(edit, mine)
    assert first.differences == "name: changed by both of you; stored Theirs, yours Mine"
    assert await conflict_of(edit, mine) == first
    assert await stored(dynamodb, table) == theirs
    await edit.send(edit.over(mine))
    assert await stored(dynamodb, table) == mine


async def test_only_ones_own_changes_leave_what_somebody_else_changed(
    dynamodb: DynamoService,
) -> None:
    original = '{"id": 1, "name": "Andrew", "city": "Malmö", "age": 3}'
    table = await make_table(dynamodb, original)
    edit = edit_of(dynamodb, table, original)
    mine = from_json('{"id": 1, "name": "Mine", "city": "Malmö"}')
    theirs = from_json('{"id": 1, "name": "Andrew", "city": "Lund", "age": 3, "new": true}')
    await dynamodb.edit(table, from_json(original), theirs)
    conflict = await conflict_of(edit, mine)
    assert conflict.label.startswith("Stored now: 4 attributes differ")
    assert conflict.can_keep_theirs
    assert {
        "name: changed by you; stored Andrew, yours Mine",
        "city: changed by somebody else, Malmö → Lund",
        "new: changed by somebody else, missing → true",
    } <= set(conflict.differences.splitlines())
    attempt = edit.only_changes(mine)
    assert attempt.title == ""
    await edit.send(attempt)
    assert same(
        await stored(dynamodb, table), '{"id": 1, "name": "Mine", "city": "Lund", "new": true}'
    )


async def test_what_both_changed_is_replaced_only_as_it_was_shown(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, ANDREW)
    edit, mine = edit_of(dynamodb, table, ANDREW), from_json('{"id": 1, "name": "Mine"}')
    theirs = from_json('{"id": 1, "name": "Theirs", "city": "Lund"}')
    await dynamodb.edit(table, from_json(ANDREW), theirs)
    await conflict_of(edit, mine)
    attempt = edit.only_changes(mine)
    assert attempt.title == "Replace what both of you changed?"
    assert attempt.lost == "name: Theirs → Mine"
    # It changes once more before the answer is given: that is another conflict.
    later = from_json('{"id": 1, "name": "Later", "city": "Lund"}')
    await dynamodb.edit(table, theirs, later)
    with pytest.raises(ItemConflict):
        await edit.send(attempt)
    assert await stored(dynamodb, table) == later
    assert edit.conflict is not None
    assert "stored Later, yours Mine" in edit.conflict.differences


async def test_an_item_deleted_meanwhile_can_be_stored_again(dynamodb: DynamoService) -> None:
    table = await make_table(dynamodb, ANDREW)
    edit, mine = edit_of(dynamodb, table, ANDREW), from_json('{"id": 1, "name": "Mine"}')
    await dynamodb.delete(table, from_json(ANDREW))
    conflict = await conflict_of(edit, mine)
    assert (conflict.label, conflict.save_over) == ("Deleted meanwhile", "Store it again")
    attempt = edit.over(mine)
    assert attempt.title == ""
    await edit.send(attempt)
    assert await stored(dynamodb, table) == mine


async def test_a_changed_key_never_moves_an_item_onto_another(dynamodb: DynamoService) -> None:
    anna = '{"id": 2, "name": "Anna"}'
    table = await make_table(dynamodb, ANDREW, anna)
    edit = edit_of(dynamodb, table, ANDREW)
    conflict = await conflict_of(edit, from_json('{"id": 2, "name": "Andrew"}'))
    assert conflict.label == "The item that has this key"
    assert conflict.save_over == ""
    assert not conflict.can_keep_theirs
    assert same(await stored(dynamodb, table, '{"id": 2}'), anna)
    moved = from_json('{"id": 3, "name": "Andrew"}')
    await edit.send(edit.whole(moved))
    assert await stored(dynamodb, table) is None
    assert await stored(dynamodb, table, '{"id": 3}') == moved


# -- what is said ----------------------------------------------------------------------------


@pytest.mark.parametrize("key_type", list(KeyType))
def test_a_new_item_without_its_key_says_so_and_the_cursor_stays_in_the_quotes(
    key_type: KeyType,
) -> None:
    table = samples.table(KeyAttribute("id", key_type))
    text, cursor = template(table)
    draft = read_draft(text, table)
    assert "id is missing" in draft_text(draft)
    assert "and 1 more" not in draft_text(draft)
    problem = draft.problems[0]
    assert place_of(problem, text.splitlines()[problem.line - 1]) == cursor


def test_a_mistake_is_named_with_its_place() -> None:
    text = '{"id": {"N": "1"},\n "tags": {"SS": ["[/]", "[/]"]}}'
    draft = read_draft(text, samples.table())
    assert draft_text(draft) == "line 2, column 25: tags[1] is in the set twice"
    assert place_of(draft.problems[0], text.splitlines()[1]) == (1, 24)


def test_a_good_text_is_told_its_notation_and_size() -> None:
    typed = read_draft('{"id": {"N": "1"}}', samples.table())
    plain = read_draft('{"id": 1}', samples.table())
    assert draft_text(typed).startswith("✓ DynamoDB JSON · ")
    assert draft_text(plain).startswith("✓ plain JSON · ")
    assert draft_text(plain).endswith("bytes of 409,600")


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
