"""Data becomes display text without being interpreted and without two values looking alike."""

from __future__ import annotations

import unicodedata

import pytest

from tests.hostile import HOSTILE_TEXT
from tui.widgets.text.safe_text import content, pieces, visible


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


SAME_TO_THE_EYE = (
    ("\u00e9", "e\u0301"),
    ("\u00c5", "A\u030a", "\u212b"),
    ("\ud55c", "\u1112\u1161\u11ab"),
    ("q\u0323\u0307", "q\u0307\u0323"),
    ("\u0915\u093c", "\u0958"),
    ("a", "a\ufe00", "a\u034f", "a\u3164", "a\u200b", "a\U000e0100", "\u0301a"),
    (" ", "\xa0", "\u2003", "\u2800", "  "),
    ("name", "name ", " name", "name  ", "name\xa0", "name" + " " * 9, "name" + " " * 10),
)


@pytest.mark.parametrize("texts", SAME_TO_THE_EYE)
def test_two_texts_never_look_the_same(texts: tuple[str, ...]) -> None:
    drawn = [visible(text, edges=True) for text in texts]
    # What a terminal may compose again is the same to the eye; so are blanks at the end.
    seen = {unicodedata.normalize("NFC", text).rstrip() for text in drawn}
    assert len(seen) == len(texts)
    assert all(text.isprintable() for text in drawn)


def test_only_what_is_not_composed_is_marked() -> None:
    assert pieces("e\u0301") == [("e", False), ("\u25cc\u0301", True)]
    # At the beginning it would be drawn onto what stands before the text.
    assert pieces("\u0301a") == [("\u25cc\u0301", True), ("a", False)]
    assert pieces("\u0940a") == [("\\u0940", True), ("a", False)]
    assert pieces("\u00e9 x\u030c \u0e17\u0e35\u0e48 \u2764\ufe0f") == [
        ("\u00e9 x\u030c \u0e17\u0e35\u0e48 \u2764\ufe0f", False)
    ]


def test_blanks_at_the_ends_are_drawn_only_where_that_is_asked_for() -> None:
    assert visible(" a b ") == " a b "
    assert pieces(" a b  ", edges=True) == [("␠", True), ("a b", False), ("␠␠", True)]
    assert visible("a" + " " * 40, edges=True) == "a␠×40"
    assert visible("   ", edges=True) == "␠␠␠"


def test_lines_of_a_long_text_are_kept() -> None:
    text = "one\n\n\ttwo\x1b\ne\u0301\n"
    assert visible(text, multiline=True) == "one\n\n    two␛\ne\u25cc\u0301\n"
