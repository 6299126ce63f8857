"""One verb, one key."""

from __future__ import annotations

from collections import Counter

from tui.widgets.commands import verbs
from tui.widgets.commands.verbs import Verb, key_names


def test_no_two_verbs_share_a_key() -> None:
    keys = Counter(
        key
        for each in vars(verbs).values()
        if isinstance(each, Verb)
        for key in each.keys.split(",")
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_keys_are_named_as_people_write_them() -> None:
    assert key_names("f5,ctrl+j") == "F5 Ctrl+J"
    assert key_names("alt+up") == "Alt+↑"
    assert key_names("less_than_sign") == "<"
