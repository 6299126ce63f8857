"""The colours of source code."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import pytest

from tui.panes.s3.preview import coloring
from tui.panes.s3.preview.coloring import (
    BEFORE,
    LONGEST_LINE,
    SECONDS,
    STRETCH,
    Coloring,
    language_of,
    lexer_of,
)
from tui.services.s3.preview import plain_name

LANGUAGES = (
    ".py .js .ts .java .c .cpp .go .rs .sql .json .sh .rb .toml .yaml .xml .html .css .tf .ini"
)


@pytest.mark.parametrize("suffix", LANGUAGES.split())
def test_usual_languages_have_a_lexer(suffix: str) -> None:
    lexer = lexer_of(language_of(plain_name(f"a/b/Main{suffix.upper()}.gz").name))
    assert list(lexer.get_tokens_unprocessed("a = 1\n"))


def test_a_text_of_no_language_has_no_colours() -> None:
    assert [language_of(name) for name in ("notes.txt", "data", "", ".py.bak")] == [""] * 4
    assert language_of("makefile") == "makefile"


def test_each_line_knows_its_parts() -> None:
    lines = ["def f(x):  # ü", '    """a', '    b"""', "    return 12"]
    coloring = Coloring(lines, ".py")
    assert coloring.lacks(0, 3)
    coloring.find(0, 3)
    assert not coloring.lacks(0, 3)
    parts = [[(lines[at][a:b], kind) for a, b, kind in coloring.spans(at)] for at in range(4)]
    assert parts[0] == [("def", "keyword"), ("f", "name"), ("# ü", "comment")]
    assert parts[1][-1] == ('"""a', "string")
    assert parts[2][0] == ('    b"""', "string")
    assert parts[3] == [("return", "keyword"), ("12", "number")]


def test_only_a_stretch_around_the_view_is_read() -> None:
    lines = [f"x{number} = {number}" for number in range(100_000)]
    coloring = Coloring(lines, ".py")
    coloring.find(50_000, 50_050)
    assert coloring.spans(50_000)
    assert coloring.spans(50_050)
    assert not coloring.spans(50_000 - BEFORE - 1)
    assert not coloring.spans(50_000 + STRETCH)


SLOW = [
    [""] * 20_000,
    [" " * 5_000],
    ["x = 1", "y" * 5_000_000, "z = 2"],
    ["/*" * 190] * 100,
    ["\0\x1b[31m" * 50] * 10,
]
"""Lines that are made to be slow."""


class Given:
    """A lexer that remembers what it was given, and finds nothing."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]:
        self.texts.append(text)
        return iter(())


@pytest.mark.parametrize("lines", SLOW)
def test_what_would_be_slow_is_not_given_to_the_lexer(
    lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Given()
    monkeypatch.setattr(coloring, "lexer_of", lambda language: given)
    Coloring(lines, ".c").find(0, 40)
    for text in given.texts:
        assert len(text) <= STRETCH + LONGEST_LINE + 1
        assert all(len(line) <= LONGEST_LINE for line in text.split("\n"))
        assert "\n" * 100 not in text
        assert " " * 100 not in text


@pytest.mark.parametrize("lines", SLOW)
def test_text_that_is_made_to_be_slow_comes_to_an_end(lines: list[str]) -> None:
    for suffix in (".c", ".py", ".js"):
        colours = Coloring(lines, suffix)
        colours.find(0, 40)
        assert not colours.lacks(0, 40)


def test_a_lexer_that_comes_to_no_end_is_left_with_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Endless:
        def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]:
            while True:
                yield 0, "Token.Keyword", "if"

    clock = count(0.0, SECONDS / 4)
    monkeypatch.setattr(coloring, "lexer_of", lambda language: Endless())
    monkeypatch.setattr(coloring, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    colours = Coloring(["if x"], ".py")
    colours.find(0, 0)
    assert colours.spans(0)[0] == (0, 2, "keyword")
    assert len(colours.spans(0)) < 8
