"""The AWS CLI's include and exclude semantics."""

from __future__ import annotations

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.plan import Pattern, compile_patterns, parse_patterns

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
    test = compile_patterns(parse_patterns(line))
    return {name for name in FILES if test(name, f"{ROOT}/{name}")}


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
        ('--exclude "*', "quote is not closed"),
    ],
)
def test_a_line_that_is_not_understood_says_what_and_how(line: str, said: str) -> None:
    with pytest.raises(ServiceError) as raised:
        parse_patterns(line)
    assert said in raised.value.message
    assert '--exclude "*" --include "*.csv"' in raised.value.hint
    assert raised.value.kind is ErrorKind.INVALID
