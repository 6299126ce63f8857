"""Paths as people type, paste and drag them: what a text names, and what of it names nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.hostile import HOSTILE_TEXT
from tui.services.transfers.local import typed_paths
from tui.services.transfers.local.typed_paths import find_typed, not_chosen, single


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder whose own name has a meaning for patterns."""
    folder = tmp_path / "in [x]"
    for name in (
        "a.csv",
        "b.csv",
        ".h.csv",
        "a b.txt",
        "c[1].txt",
        "c1.txt",
        "it's.txt",
        "sub/deep/d.csv",
        "é%41",
        "*.log",
        "{sub}.txt",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (folder / "link").symlink_to("nowhere")
    return folder


@pytest.mark.parametrize(
    ("text", "names", "is_one"),
    [
        ("a.csv", ["a.csv"], True),
        ("  'a.csv' ", ["a.csv"], True),
        ("a.csv b.csv a.csv", ["a.csv", "b.csv"], False),
        ("*.csv", ["a.csv", "b.csv"], False),
        ("./*.csv sub", ["a.csv", "b.csv", "sub"], False),
        (".*.csv", [".h.csv"], False),
        ("**/*.csv", ["a.csv", "b.csv", "sub/deep/d.csv"], False),
        ("su?/d[e]ep/*", ["sub/deep/d.csv"], False),
        # Braces are for each that stands in them, as a shell has it; a part is a path or a pattern.
        ("{a,b}.csv", ["a.csv", "b.csv"], False),
        ("{b,s*/d*p/d}.csv", ["b.csv", "sub/deep/d.csv"], False),
        ("'a b'.{txt,t[x]t}", ["a b.txt"], False),
        ("{sub}.txt", ["{sub}.txt"], True),
        # A folder comes with all that is in it.
        ("sub/**", ["sub/deep"], False),
        # Quoted, or escaped as macOS drags names in, or bare, as a file manager copies them.
        ("'a b.txt' b.csv", ["a b.txt", "b.csv"], False),
        ("a\\ b.txt", ["a b.txt"], True),
        ("a b.txt", ["a b.txt"], True),
        ("a b.txt\nb.csv\r\n\n", ["a b.txt", "b.csv"], False),
        ("it's.txt", ["it's.txt"], True),
        ("it\\'s.txt", ["it's.txt"], True),
        # A name that is there is meant, whatever stands in it.
        ("c[1].txt", ["c[1].txt"], True),
        ("*.log", ["*.log"], True),
        ("link", ["link"], True),
        ("sub/../a.csv", ["a.csv"], True),
    ],
)
def test_a_text_names_what_a_shell_or_a_file_manager_would_mean(
    here: Path, text: str, names: list[str], is_one: bool
) -> None:
    found = find_typed(text, here)
    assert [str(path.relative_to(here)) for path in found.paths] == names
    assert found.problems == ()
    assert found.is_one is is_one


@pytest.mark.parametrize("host", ["", "localhost", socket.gethostname()])
def test_a_url_of_this_machine_is_its_file(here: Path, host: str) -> None:
    quoted = str(here).replace(" ", "%20").replace("[", "%5B")
    found = find_typed(f"file://{host}{quoted}/%C3%A9%2541 FILE:{quoted}/a.csv", here)
    assert [path.name for path in found.paths] == ["é%41", "a.csv"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("gone", "no such file or folder"),
        ("'*.csv'", "no such file or folder"),
        ("*.nothing", "nothing fits this pattern"),
        ("{b,gone}.csv", "no such file or folder"),
        ("file://elsewhere/etc/passwd", "a file of another machine (elsewhere)"),
        ("file:///gone", "no such file or folder"),
        ("file://localhost", "no such file or folder"),
        ("~nobody-of-that-name/*", "there is no such user"),
        ("s3://bucket/key", "no such file or folder"),
        ("\0", "no such file or folder"),
    ],
)
def test_what_names_nothing_is_a_problem_beside_what_does(
    here: Path, text: str, reason: str
) -> None:
    found = find_typed(f"{text} b.csv", here)
    assert [path.name for path in found.paths] == ["b.csv"]
    assert reason in found.problems[0].reason
    assert not found.is_one
    assert reason in not_chosen(found.problems)


def test_a_pattern_that_fits_too_many_names_says_what_takes_them(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_paths, "FITTING", 1)
    found = find_typed("*.csv", here)
    assert not found.paths
    assert "choose their folder" in found.problems[0].reason


def test_braces_that_stand_for_nothing_are_told(here: Path) -> None:
    found = find_typed("{,}", here)
    assert (found.paths, [each.reason for each in found.problems]) == ((), ["it names nothing"])


def test_a_pattern_at_any_depth_goes_through_no_link(here: Path) -> None:
    for name in ("up", "back"):
        (here / "sub" / name).symlink_to("..")
    found = find_typed("**/*.csv", here)
    names = [str(path.relative_to(here)) for path in found.paths]
    assert names == ["a.csv", "b.csv", "sub/deep/d.csv"]


def test_home_is_understood_with_patterns(here: Path, private_home: Path) -> None:
    (private_home / "mine[1].txt").touch()
    assert find_typed("~/mine*", here).paths == (private_home / "mine[1].txt",)
    assert single("~/mine[1].txt", here) == private_home / "mine[1].txt"


@pytest.mark.parametrize("text", HOSTILE_TEXT)
def test_hostile_text_names_nothing_where_there_is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "empty").mkdir()
    assert find_typed(text, tmp_path / "empty").paths == ()
