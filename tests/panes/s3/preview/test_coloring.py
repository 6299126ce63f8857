"""The colours of source code."""

from __future__ import annotations

import time

import pytest

from tui.panes.s3.preview.coloring import BEFORE, STRETCH, Coloring, language_of, lexer_of
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


@pytest.mark.parametrize(
    "lines",
    [
        [""] * 20_000,
        [" " * 5_000],
        ["x = 1", "y" * 5_000_000, "z = 2"],
        ["/*" * 190] * 100,
        ["\0\x1b[31m" * 50] * 10,
    ],
)
def test_text_that_is_made_to_be_slow_has_no_colours_instead(lines: list[str]) -> None:
    for suffix in (".c", ".py", ".js"):
        coloring = Coloring(lines, suffix)
        began = time.thread_time()
        coloring.find(0, 40)
        assert time.thread_time() - began < 3
        assert not coloring.lacks(0, 40)
