"""The AWS CLI's patterns: in order, the last match wins; and what leaves a name out is said."""

from __future__ import annotations

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import Pattern, parse_patterns, read_patterns
from tui.services.transfers import patterns as filtering
from tui.services.transfers.patterns import LeftOut, Sieve, compile_patterns

ROOT = "/tmp/foo"
FILES = [
    ".git/config",
    ".git/description",
    "File1.csv",
    "[x]/a.txt",
    "a[1].txt",
    "bar/.git/config",
    "bar/baz.txt",
    "deep/er/file3.csv",
    "file1.csv",
    "file1.csv.bak",
    "file2.csv",
    "line\nbreak.txt",
    "test.txt",
]
EVERYTHING = set(FILES)


def included(line: str) -> set[str]:
    excluding = compile_patterns(parse_patterns(line))
    return {name for name in FILES if excluding(name, f"{ROOT}/{name}") is None}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", EVERYTHING),
        ('--include "*.nothing"', EVERYTHING),
        ('--exclude "*"', set()),
        # The walkthrough's own line; a pattern is about the whole path, so deep/ is not in.
        ('--exclude "*" --include "file*"', {"file1.csv", "file1.csv.bak", "file2.csv"}),
        ('--include "file*" --exclude "*"', set()),
        # From the CLI's reference: "*.txt" reaches into folders, because * crosses /.
        (
            '--exclude "*" --include "*.txt"',
            {"[x]/a.txt", "a[1].txt", "bar/baz.txt", "line\nbreak.txt", "test.txt"},
        ),
        (
            '--exclude "*.txt" --include "bar/*"',
            EVERYTHING - {"[x]/a.txt", "a[1].txt", "line\nbreak.txt", "test.txt"},
        ),
        # From the reference: .git/* is only the one at the top, *.git/* every one.
        ('--exclude ".git/*"', EVERYTHING - {".git/config", ".git/description"}),
        (
            '--exclude "*.git/*"',
            EVERYTHING - {".git/config", ".git/description", "bar/.git/config"},
        ),
        ('--exclude "*" --include "?ile1.csv"', {"File1.csv", "file1.csv"}),
        ('--exclude "*" --include "[!f]ile1.csv"', {"File1.csv"}),
        ('--exclude "*" --include "file[12].csv"', {"file1.csv", "file2.csv"}),
        ('--exclude "*" --include "a[[]1].txt"', {"a[1].txt"}),
        ('--exclude "*" --include "a[1].txt"', set()),
        ('--exclude "*" --include "./test.txt"', set()),
        ('--exclude "*" --include "bar"', set()),
        # An absolute pattern takes the folder's place, as joining paths does in the CLI.
        ('--exclude "*" --include "/tmp/foo/bar/*"', {"bar/.git/config", "bar/baz.txt"}),
        ('--exclude "*" --include "file*" --exclude "*.bak"', {"file1.csv", "file2.csv"}),
    ],
)
def test_filters_apply_in_order_and_the_last_match_wins(line: str, expected: set[str]) -> None:
    assert included(line) == expected


def test_the_line_is_read_as_the_shell_would_hand_it_over() -> None:
    assert parse_patterns('--exclude=* --include \'a b*\' --include "x\\"y"') == (
        Pattern(include=False, glob="*"),
        Pattern(include=True, glob="a b*"),
        Pattern(include=True, glob='x"y'),
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("*.csv", "*.csv"),
        ("--recursive", "--recursive"),
        ("--exclude", "--exclude needs a pattern"),
        ('--exclude "*', "A quote is not closed in the patterns."),
    ],
)
def test_a_line_that_is_not_understood_says_what_and_how(line: str, said: str) -> None:
    with pytest.raises(ServiceError) as raised:
        parse_patterns(line)
    assert said in raised.value.message
    assert '--exclude "*" --include "*.csv"' in raised.value.hint
    assert raised.value.kind is ErrorKind.INVALID


@pytest.mark.parametrize(
    ("line", "so_far", "said"),
    [
        ('--exclude "*" --include "*.c', ["*", "*.c"], "quote is not closed"),
        ("--exclude '*", ["*"], "quote is not closed"),
        ('--exclude "*" --inc', ["*"], "“--inc” is neither"),
        ("--exclude", [], "--exclude needs a pattern"),
        ("--exclude a\\", ["a\\"], "A backslash in the patterns has nothing behind it."),
        ('--exclude "*" --include "x"', ["*", "x"], ""),
    ],
)
def test_a_line_in_the_middle_of_being_typed_is_understood_so_far(
    line: str, so_far: list[str], said: str
) -> None:
    typed = read_patterns(line)
    assert [pattern.glob for pattern in typed.patterns] == so_far
    assert said in (typed.unfinished.message if typed.unfinished is not None else "")
    assert (typed.unfinished is None) is (said == "")


@pytest.mark.parametrize("line", ["x", "--inc ", "--inc *.csv", '--exclude "*" x "y'])
def test_what_no_further_typing_makes_right_is_refused_at_once(line: str) -> None:
    with pytest.raises(ServiceError):
        read_patterns(line)


def test_what_is_left_out_is_counted_for_the_pattern_that_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filtering, "NAMED", 2)
    no_csv, no_a, back, no_x = patterns = parse_patterns(
        '--exclude *.csv --exclude a* --include "ab*" --exclude x/*'
    )
    sieve = Sieve(patterns)
    names = ["a.csv", "b.csv", "ab.csv", "a", "c", "az"]
    assert [name for name in names if sieve.passes(name, f"/{name}", f"in/{name}")] == [
        "ab.csv",
        "c",
    ]
    assert sieve.left_out == LeftOut(
        4, ((no_csv, 1), (no_a, 3), (no_x, 0)), (("in/a.csv", no_a), ("in/b.csv", no_csv))
    )
    assert str(back) == '--include "ab*"'
