"""The colours of source code, and the process that finds them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tui.panes.s3.preview import lexing
from tui.panes.s3.preview.coloring import BEFORE, LONGEST_LINE, STRETCH, Coloring
from tui.panes.s3.preview.lexing import SECONDS, Part, language_of, lexer_of, parts_of
from tui.panes.s3.preview.lexing_process import MOST_KILLED, LexingProcess
from tui.services.s3.preview.preview import plain_name

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
    coloring = Coloring(lines, ".py", parts_of)
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
    coloring = Coloring(lines, ".py", parts_of)
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


@pytest.mark.parametrize("lines", SLOW)
def test_what_would_be_slow_is_not_read(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    class Noting:
        def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, object, str]]:
            given.append(text)
            return iter(())

    monkeypatch.setattr(lexing, "lexer_of", lambda language: Noting())
    coloring = Coloring(lines, ".c", parts_of)
    coloring.find(0, 40)
    assert not coloring.lacks(0, 40)
    for text in given:
        assert len(text) <= STRETCH + LONGEST_LINE + 1
        assert all(len(line) <= LONGEST_LINE for line in text.split("\n"))
        assert "\n" * 100 not in text
        assert " " * 100 not in text


@pytest.mark.parametrize("lines", SLOW)
def test_text_that_is_made_to_be_slow_comes_to_an_end(lines: list[str]) -> None:
    for suffix in (".c", ".py", ".js"):
        colours = Coloring(lines, suffix, parts_of)
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
    monkeypatch.setattr(lexing, "lexer_of", lambda language: Endless())
    monkeypatch.setattr(lexing, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    parts = parts_of(".py", ["if x"])
    assert parts[0] == (0, 0, 2, "keyword")
    assert len(parts) < 8


# -- the process ---------------------------------------------------------------------------

HOSTILE = "import re; re.match('(a+)+$', 'a' * 64 + 'b')"
"""Holds the lock of the interpreter for years."""


@contextmanager
def process(*program: str, limit: float = 60.0) -> Iterator[LexingProcess]:
    made = LexingProcess(program, limit) if program else LexingProcess(limit=limit)
    try:
        yield made
    finally:
        made.close()


def test_a_process_of_its_own_finds_the_same() -> None:
    lines, other = ["def f(x):  # ü\ud800", "    return 'ä'"], ['{"a": 1}']
    with process() as made:
        for read in (made.read, parts_of):
            # The time that a stretch may take begins before its lexer is loaded, which takes all
            # of it where much else runs.
            read(".py", lines)
            read(".json", other)
        first: Sequence[Part] = made.read(".py", lines)
        assert first == parts_of(".py", lines)
        assert made.read(".json", other) == parts_of(".json", other)
        assert made.pid is not None
        pid = made.pid
    assert not psutil.pid_exists(pid)
    assert made.read(".py", lines) == []


def test_a_stretch_that_takes_too_long_has_no_colours_and_its_process_ends(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    program = f"open({str(starts)!r}, 'a').write('x'); {HOSTILE}"
    with process(sys.executable, "-c", program, limit=0.5) as made:
        for _ in range(MOST_KILLED + 2):
            assert made.read(".py", ["x"]) == []
            assert made.pid is None
    assert not starts.exists() or len(starts.read_text()) <= MOST_KILLED


def test_a_process_that_does_not_run_leaves_the_text_plain() -> None:
    with process("/nowhere/to/be/found") as missing, process(sys.executable, "-c", "") as ending:
        assert missing.read(".py", ["x"]) == []
        assert ending.read(".py", ["x"]) == []


def test_the_process_ends_by_itself_if_nobody_is_left_to_kill_it() -> None:
    hostile = (
        "import re, signal; from tui.panes.s3.preview import lexing; lexing.MOST_SECONDS = 0.1; "
        "lexing.parts_of = lambda *_: re.match('(a+)+$', 'a' * 64 + 'b'); lexing.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hostile], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as child:
        assert child.stdin is not None
        lexing.send(child.stdin, [".py", ["x"]])
        assert child.wait(60) < 0
