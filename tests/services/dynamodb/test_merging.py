"""Of two people who changed the same item, each one's changes are told apart."""

from tests.services.dynamodb.samples import from_json
from tui.services.dynamodb.merging import ChangedBy, differences, only_yours

READ = from_json('{"id": 1, "same": 1, "mine": 1, "theirs": 1, "both": 1, "cut": 1, "kept": 1}')
YOURS = from_json('{"id": 1, "same": 1, "mine": 2, "theirs": 1, "both": 2, "kept": 1, "new": 2}')
STORED = from_json('{"id": 1, "same": 1, "mine": 1, "theirs": 3, "both": 3, "cut": 1, "added": 3}')


def test_it_is_told_who_changed_which_attribute() -> None:
    found = {each.name: each.by for each in differences(READ, YOURS, STORED)}
    assert found == {
        "mine": ChangedBy.YOU,
        "theirs": ChangedBy.OTHERS,
        "both": ChangedBy.BOTH,
        "cut": ChangedBy.YOU,
        "added": ChangedBy.OTHERS,
        "kept": ChangedBy.OTHERS,
        "new": ChangedBy.YOU,
    }


def test_what_both_changed_to_the_same_is_no_difference() -> None:
    both = from_json('{"id": 1, "a": 2}')
    assert differences(from_json('{"id": 1, "a": 1}'), both, both) == ()


def test_your_changes_alone_leave_everything_else_as_it_is_stored() -> None:
    assert only_yours(READ, YOURS, STORED) == from_json(
        '{"id": 1, "same": 1, "mine": 2, "theirs": 3, "both": 2, "added": 3, "new": 2}'
    )


def test_a_new_item_differs_from_the_stored_one_in_what_either_has() -> None:
    yours, stored = from_json('{"id": 1, "a": 1, "b": 1}'), from_json('{"id": 1, "a": 2, "c": 2}')
    found = {each.name: each.by for each in differences(None, yours, stored)}
    assert found == {"a": ChangedBy.BOTH, "c": ChangedBy.OTHERS, "b": ChangedBy.YOU}
