"""Data becomes display text without being interpreted and without two values looking alike."""

from __future__ import annotations

import pytest

from tests.hostile import HOSTILE_TEXT
from tui.widgets.safe_text import content, pieces, visible


@pytest.mark.parametrize("value", HOSTILE_TEXT)
def test_nothing_that_a_terminal_would_obey_is_left(value: str) -> None:
    assert visible(value).isprintable()


@pytest.mark.parametrize("value", HOSTILE_TEXT)
def test_markup_in_data_stays_text(value: str) -> None:
    assert content(value).plain == visible(value)


def test_printable_text_is_left_exactly_as_it_is() -> None:
    assert visible("[/] $(id) 日本語 é") == "[/] $(id) 日本語 é"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x7f", "␡"),
        ("\x9b", "\\x9b"),
        ("\u202e", "\\u202e"),
        ("\udc80", "\\udc80"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_unprintable_characters_are_made_visible(value: str, shown: str) -> None:
    assert visible(value) == shown


def test_a_made_visible_character_is_told_apart_from_its_picture() -> None:
    assert pieces("\x1b") == [("␛", True)]
    assert pieces("␛") == [("␛", False)]
    assert content("\x1b").spans != content("␛").spans


def test_multiline_keeps_lines_and_widens_tabs() -> None:
    assert visible("a\n\tb\r", multiline=True) == "a\n    b␍"


def test_composed_and_decomposed_letters_stay_different() -> None:
    assert visible("\u00e9") != visible("e\u0301")
