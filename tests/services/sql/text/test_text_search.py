"""Finding and replacing in a text."""

from __future__ import annotations

import threading
import time

import pytest

from tui.services.errors import ServiceError
from tui.services.sql.text import text_search
from tui.services.sql.text.text_search import (
    HitPart,
    Hits,
    TextWanted,
    find,
    replaced,
    replacement_at,
)

TEXT = "select Name from t;\nselect name, 'NAME'\nfrom u"


def found(wanted: TextWanted, text: str = TEXT) -> list[str]:
    return [text[start:end] for start, end in find(text, wanted).spans]


@pytest.mark.parametrize(
    ("wanted", "hits"),
    [
        (TextWanted(""), []),
        (TextWanted("name"), ["Name", "name", "NAME"]),
        (TextWanted("name", is_exact=True), ["name"]),
        (TextWanted("n.me"), []),
        (TextWanted("n.me", is_pattern=True), ["Name", "name", "NAME"]),
        (TextWanted("^select", is_pattern=True), ["select", "select"]),
        (TextWanted("t;\nsel"), ["t;\nsel"]),
        (TextWanted("x*", is_pattern=True), []),
        (TextWanted("straße"), ["Straße"]),
    ],
)
def test_what_is_found(wanted: TextWanted, hits: list[str]) -> None:
    assert found(wanted, TEXT + " Straße") == hits


def test_hits_are_marked_in_their_lines_and_over_several() -> None:
    hits = find("ab\nab ab\nb", TextWanted("b\na"))
    assert hits.spans == [(1, 4)]
    assert hits.marks == {0: [HitPart(1, 2, 0)], 1: [HitPart(0, 1, 0)]}
    assert find("é🙂x\nx", TextWanted("x")).marks == {0: [HitPart(2, 3, 0)], 1: [HitPart(0, 1, 1)]}


def test_the_next_hit_and_the_one_before_go_round() -> None:
    hits = Hits([(2, 4), (6, 8)])
    assert [hits.first_from(at) for at in (0, 2, 3, 6, 7)] == [0, 0, 1, 1, 0]
    assert [hits.last_before(at) for at in (0, 2, 3, 6, 7)] == [1, 1, 0, 0, 1]


def test_more_hits_than_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "MOST", 3)
    hits = find("aaaa", TextWanted("a"))
    assert (len(hits.spans), hits.is_all) == (3, False)
    assert find("aaa", TextWanted("a")).is_all
    # Replacing takes them all.
    assert replaced("aaaa", TextWanted("a"), "b") == ("bbbb", 4)


@pytest.mark.parametrize(
    ("wanted", "replacement", "text", "count"),
    [
        (TextWanted("a"), r"\1", r"\1b\1", 2),
        (TextWanted(r"(a)(b)?", is_pattern=True), r"<\1>", "<a><a>", 2),
        (TextWanted(r"(?P<x>b)", is_pattern=True), r"\g<x>\n", "ab\na", 1),
        (TextWanted("z"), "y", "aba", 0),
        (TextWanted("^", is_pattern=True), "y", "aba", 0),
    ],
)
def test_what_replacing_makes(wanted: TextWanted, replacement: str, text: str, count: int) -> None:
    assert replaced("aba", wanted, replacement) == (text, count)


def test_one_hit_is_replaced_as_it_stands_in_the_whole_text() -> None:
    wanted = TextWanted(r"(?<=a)(b)", is_pattern=True)
    assert replacement_at("ab ab", wanted, (4, 5), r"[\1]") == "[b]"
    with pytest.raises(ServiceError, match="changed meanwhile"):
        replacement_at("ab bb", wanted, (4, 5), "x")


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "(?P<x>", "a{2,1}", "x" * 1_001])
def test_what_is_no_pattern_is_said(pattern: str) -> None:
    with pytest.raises(ServiceError, match="pattern"):
        find(TEXT, TextWanted(pattern, is_pattern=True))
    # As a text it is nothing special.
    assert found(TextWanted(pattern)) == []


@pytest.mark.parametrize("replacement", [r"\2", r"\g<no>", r"\g<"])
def test_what_is_no_replacement_is_said(replacement: str) -> None:
    with pytest.raises(ServiceError, match="no replacement"):
        replaced("ab", TextWanted("(a)", is_pattern=True), replacement)


def test_a_text_does_not_grow_without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_search, "MAX_CHARACTERS", 1_000)
    with pytest.raises(ServiceError, match="too long"):
        replaced("a" * 100, TextWanted("a"), "b" * 100)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*b"])
def test_a_hostile_pattern_ends_and_holds_nobody_up(
    pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_search, "LONGEST", 0.2)
    ended = threading.Event()

    def search() -> None:
        try:
            find("a" * 5_000 + "!", TextWanted(pattern, is_pattern=True))
        except ServiceError:
            pass
        finally:
            ended.set()

    threading.Thread(target=search, daemon=True).start()
    turns = 0
    # Meanwhile this thread runs: the search does not keep the interpreter to itself.
    while not ended.is_set():
        time.sleep(0.001)
        turns += 1
        assert turns < 30_000
