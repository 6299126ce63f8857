"""What a typed pattern matches, and which expressions are refused."""

from __future__ import annotations

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.search import regex
from tui.services.s3.search.name_pattern import NamePattern

NAMES = ["a.csv", "x/a.csv", "x/y/B.CSV", "x/2024/b", "2024/b", "", "/lead", "x\r\n[red].csv", "//"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a.c", ["a.csv", "x/a.csv"]),
        ("*.csv", ["a.csv", "x/a.csv", "x/y/B.CSV", "x\r\n[red].csv"]),
        ("*.CSV", ["x/y/B.CSV"]),
        ("?.csv", ["a.csv"]),
        ("**/a.csv", ["a.csv", "x/a.csv"]),
        ("**/2024/*", ["x/2024/b", "2024/b"]),
        ("x/**/*.csv", ["x/a.csv", "x/y/B.CSV"]),
        ("/^[a-z]/", ["a.csv", "x/a.csv", "x/y/B.CSV", "x/2024/b", "x\r\n[red].csv"]),
        ("/b$/", ["x/2024/b", "2024/b"]),
        ("/b.csv/i", ["x/y/B.CSV"]),
        ("/lead", ["/lead"]),
        ("//", ["//"]),
        ("*[[]red]*", ["x\r\n[red].csv"]),
    ],
)
def test_what_a_pattern_finds(pattern: str, found: list[str]) -> None:
    looks = NamePattern.parse(pattern)
    assert [name for name in NAMES if looks.matches(name)] == found


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "/[/",
        "/(a+)+$/",
        "/(a|ab)*$/",
        "/(?:x*y*)*/",
        r"/(a)\1/",
        "/(.?){40}x/",
        "/.*.*.*.*.*=x/",
        "/.*.*x/",
        r"/(\w+)(.*)=/",
        r"/\w+\s*\w+=/",
        "/" + "a?" * 30 + "a" * 30 + "/",
        "**/" * 5 + "x",
    ],
)
def test_what_is_no_pattern_or_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ServiceError) as refused:
        NamePattern.parse(pattern)
    assert refused.value.kind is ErrorKind.INVALID


@pytest.mark.parametrize(
    "pattern", [r"\w+\s*=", r"\w+\s+\w+=", "id.*name.*x", r"^.*\d+ms", r"\d{3}.*.*x", "[a-z]+-.*x"]
)
def test_an_expression_whose_repeats_are_kept_apart_is_taken(pattern: str) -> None:
    assert NamePattern.parse(f"/{pattern}/").expressions[0].pattern == pattern


def test_a_glob_with_many_stars_answers_for_the_longest_key() -> None:
    assert not NamePattern.parse("*a" * 30 + "b").matches("a" * 1024)


def test_a_name_for_which_the_expression_takes_too_long_ends_the_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(regex, "LONGEST", 0.001)
    pattern = NamePattern.parse("/a.*b.*c.*d/")
    assert pattern.matches("xaxbxcxdx")
    with pytest.raises(ServiceError, match="takes too long for the name 'abcabc"):
        pattern.matches("abc" * 300)
