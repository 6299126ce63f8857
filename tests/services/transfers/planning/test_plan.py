"""What goes where: the AWS CLI's patterns; local names inside the folder, one each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.services.transfers.places import powerless
from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.transfers import DownloadPlan, RemoteObject, parse_patterns
from tui.services.transfers.local import naming
from tui.services.transfers.local.folding import EVERYTHING, Folds
from tui.services.transfers.planning.plan import build_download_plan

WHEN = datetime(2024, 1, 2, tzinfo=UTC)


def found(key: str, size: int = 1) -> RemoteObject:
    return RemoteObject(key, key, key, size, "e", WHEN)


def plan_for(folder: Path, *keys: str, patterns: str = "") -> DownloadPlan:
    objects = [found(key, 0 if key.endswith("/") else 1) for key in keys]
    return build_download_plan(
        objects,
        (),
        bucket="b",
        folder=folder,
        at=Connection(),
        patterns=parse_patterns(patterns),
    )


def targets(plan: DownloadPlan) -> list[str]:
    return [item.target.relative_to(plan.folder).as_posix() for item in plan.items]


@pytest.mark.parametrize(
    ("key", "local"),
    [
        ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"),
        ("/etc/passwd", "%2F/etc/passwd"),
        ("a//b", "a/%2F/b"),
        ("./x", "%2E/x"),
        ("a/..", "a/%2E%2E"),
        ("nul\0byte", "nul%00byte"),
        ("..a/...", "..a/..."),
    ],
)
def test_no_key_leaves_the_folder(tmp_path: Path, key: str, local: str) -> None:
    plan = plan_for(tmp_path, key)
    assert targets(plan) == [local]
    assert plan.items[0].target.resolve().is_relative_to(tmp_path.resolve())
    assert bool(plan.items[0].renamed) is (local != key)


@pytest.mark.parametrize(
    "key",
    ["plain.txt", "%2F", "new\nline", "e\u0301", "\u00e9", "[/]", " lead", "-rf", "back\\slash"],
)
def test_what_can_be_a_name_stays_as_it_is(tmp_path: Path, key: str) -> None:
    plan = plan_for(tmp_path, key)
    assert targets(plan) == [key]
    assert not plan.renamed


def test_a_name_that_is_too_long_is_cut_and_stays_distinct(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, "é" * 200 + "1.csv", "é" * 200 + "2.csv")
    names = targets(plan)
    assert len(set(names)) == 2
    assert all(len(name.encode()) <= 255 and name.endswith(".csv") for name in names)
    assert "too long" in plan.items[0].renamed


def test_two_keys_for_one_local_name_get_one_each(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, "a//b", "a/%2F/b")
    assert targets(plan) == ["a/%2F/b", "a/%2F/b (2)"]
    assert "another key" in plan.items[1].renamed


def test_a_key_that_is_also_a_folder_steps_aside(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, "a", "a/b.txt", "c.d", "c.d/")
    assert targets(plan) == ["a (2)", "a/b.txt", "c (2).d", "c.d"]
    assert plan.items[3].is_folder


def test_keys_that_differ_in_case_collide_only_where_the_disk_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("A.txt", "a.txt", "e\u0301", "\u00e9")
    assert targets(plan_for(tmp_path, *keys)) == list(keys)
    monkeypatch.setattr(naming, "folds_of", lambda _: EVERYTHING)
    assert targets(plan_for(tmp_path, *keys)) == ["A.txt", "a (2).txt", "e\u0301", "\u00e9 (2)"]
    monkeypatch.setattr(naming, "folds_of", lambda _: Folds(forms=True))
    assert targets(plan_for(tmp_path, *keys)) == ["A.txt", "a.txt", "e\u0301", "\u00e9 (2)"]
    monkeypatch.setattr(naming, "folds_of", lambda _: Folds(case=True))
    assert targets(plan_for(tmp_path, *keys)) == ["A.txt", "a (2).txt", "e\u0301", "\u00e9"]


def test_probing_the_disk_leaves_nothing(tmp_path: Path) -> None:
    plan_for(tmp_path / "not" / "yet", "A", "a")
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_a_link_that_leads_out_is_a_problem_and_one_that_stays_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "chosen"
    (folder / "real").mkdir(parents=True)
    (folder / "out").symlink_to(tmp_path)
    (folder / "in").symlink_to(folder / "real")
    plan = plan_for(folder, "out/x", "out/deep/y", "in/z")
    assert targets(plan) == ["in/z"]
    assert [problem.name for problem in plan.problems] == ["out/x", "out/deep/y"]
    assert "leads out of the chosen folder" in plan.problems[0].reason


def test_a_file_where_a_folder_is_needed_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    plan = plan_for(tmp_path, "a/b/c")
    assert not plan.items
    assert "a folder is needed" in plan.problems[0].reason


def test_what_is_already_there_is_seen_even_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"123")
    (tmp_path / "y").symlink_to(tmp_path / "nowhere")
    (tmp_path / "d").mkdir()
    plan = plan_for(tmp_path, "x", "y", "d", "z")
    assert [item.key for item in plan.conflicts] == ["x", "y"]
    assert plan.conflicts[0].existing is not None
    assert plan.conflicts[0].existing.size == 3
    assert targets(plan)[2] == "d (2)"


def test_patterns_choose_among_keys(tmp_path: Path) -> None:
    plan = plan_for(
        tmp_path, "a.csv", "b.txt", "c/d.csv", patterns='--exclude "*" --include "*.csv"'
    )
    assert targets(plan) == ["a.csv", "c/d.csv"]
    assert plan.left_out.count == 1


@pytest.mark.parametrize("below", ["", "locked"])
def test_a_folder_that_may_not_be_looked_into_is_a_problem_and_nothing_worse(
    tmp_path: Path, below: str
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0)
    with powerless():
        # The second key differs by case alone, so that the file system is asked about case, too.
        plan = plan_for(tmp_path if below else locked, f"{below}/x", f"{below}/X", f"{below}/d/")
    locked.chmod(0o700)
    assert not plan.items
    assert len(plan.problems) == 3
    assert all("permission denied" in problem.reason for problem in plan.problems)


def test_a_link_to_itself_is_a_problem_and_nothing_worse(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    plan = plan_for(tmp_path, "loop/x", "y")
    assert targets(plan) == ["y"]
    assert "loop" in plan.problems[0].reason
    assert plan.problems[0].name == "loop/x"


def test_a_chosen_folder_of_nobody_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(ServiceError) as raised:
        plan_for(Path("~no-such-user-here/x"), "y")
    assert "no such user" in str(raised.value)
