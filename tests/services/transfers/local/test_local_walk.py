"""Walking the disk: everything that can be sent, and a reason for everything else."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.services.transfers.places import tree
from tui.services.transfers import LocalFile, Problem, TransferService
from tui.services.transfers.local.local_walk import walk
from tui.services.transfers.models import WalkPosition


def walked(*paths: Path) -> tuple[list[LocalFile], list[Problem]]:
    files: list[LocalFile] = []
    problems: list[Problem] = []
    for batch in walk(paths):
        files.extend(batch.files)
        problems.extend(batch.problems)
    return files, problems


def test_a_folder_is_walked_in_the_order_of_s3_listings(tmp_path: Path) -> None:
    root = tmp_path / "x"
    for name in ("a/b", "a.txt", "B", "a-", "é", "a0"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"12")
    files, problems = walked(root)
    assert [file.relative for file in files] == ["B", "a-", "a.txt", "a/b", "a0", "é"]
    assert {file.root_name for file in files} == {"x"}
    assert files[0].size == 2
    assert not problems


def test_folders_in_which_there_is_nothing_are_named(tmp_path: Path) -> None:
    tree(tmp_path, x__full__f=b"1", x__0=b"1")
    for name in ("x/a", "x/full/b", "x/full/c/d", "none"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / "x" / "full" / "c" / "pipe")
    (tmp_path / "x" / "link").symlink_to(tmp_path / "none")
    found = [f"{tmp_path}/{name}" for name in ("x/a", "x/full/b", "x/full/c/d", "x/link", "none")]
    paths = (tmp_path / "x", tmp_path / "none")
    (batch,) = walk(paths)
    assert list(batch.empty_folders) == found
    # From the place of any of them on, the others are found.
    for number, place in enumerate(
        (
            WalkPosition(0, "a/"),
            WalkPosition(0, "full/b/"),
            WalkPosition(0, "full/c/d/"),
            WalkPosition(0, "link/"),
        )
    ):
        (rest,) = walk(paths, place)
        assert list(rest.empty_folders) == found[number + 1 :]


def test_a_link_to_nothing_that_is_removed_meanwhile_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree(tmp_path, x__a=b"1", x__c=b"1")
    link = tmp_path / "x" / "b"
    link.symlink_to("nowhere")
    access = os.access

    def look(path: str, mode: int) -> bool:
        # As editors do with the links that they lock files with.
        link.unlink(missing_ok=True)
        return access(path, mode)

    monkeypatch.setattr(os, "access", look)
    files, problems = walked(tmp_path / "x")
    assert [file.relative for file in files] == ["a", "c"]
    assert [problem.reason for problem in problems] == ["no such file or directory"]


def test_the_home_of_somebody_unknown_is_a_problem() -> None:
    files, problems = walked(Path("~no-such-user-here/x"))
    assert not files
    assert "no such user" in problems[0].reason


def test_a_single_file_has_its_name_and_no_folder(tmp_path: Path) -> None:
    tree(tmp_path, test_py=b"print()")
    files, _ = walked(tmp_path / "test.py")
    assert [(file.root_name, file.relative) for file in files] == [("", "test.py")]


def test_what_a_link_leads_to_is_told_of_every_file_behind_it(tmp_path: Path) -> None:
    tree(tmp_path, real__deep__data_txt=b"x", secret=b"y", root__plain=b"z")
    root = tmp_path / "root"
    (root / "folder").symlink_to("../real")
    (root / "file").symlink_to(tmp_path / "secret")
    (tmp_path / "chosen").symlink_to(root)
    real = os.path.realpath(tmp_path)
    expected = {
        "file": f"{real}/secret",
        "folder/deep/data.txt": f"{real}/real/deep/data.txt",
        "plain": "",
    }
    # Chosen by a link's name, or by its own: what is inside is the same.
    for chosen in (root, tmp_path / "chosen"):
        files, _ = walked(chosen)
        assert {file.relative: file.leads_to for file in files} == expected
    files, _ = walked(root / "file")
    assert files[0].leads_to == f"{real}/secret"


def test_what_is_hidden_below_the_chosen_folder_is_known_to_be(tmp_path: Path) -> None:
    for name in (".root/plain", ".root/.env", ".root/.git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    files, _ = walked(tmp_path / ".root")
    hidden = {file.relative: file.is_hidden for file in files}
    assert hidden == {".env": True, ".git/config": True, "plain": False}
    files, _ = walked(tmp_path / ".root" / ".env")
    assert not files[0].is_hidden


def test_links_are_followed_and_a_loop_is_reported(tmp_path: Path) -> None:
    tree(tmp_path, real__data_txt=b"x", root__inner__y=b"y")
    root = tmp_path / "root"
    (root / "link").symlink_to(tmp_path / "real")
    (root / "inner" / "loop").symlink_to(root)
    (root / "gone").symlink_to(tmp_path / "nowhere")
    (root / "self").symlink_to(root / "self")
    files, problems = walked(root)
    assert [file.relative for file in files] == ["inner/y", "link/data.txt"]
    reasons = {Path(problem.name).name: problem.reason for problem in problems}
    assert reasons["loop"] == "a link back to a folder above it"
    assert reasons["gone"] == f"a link to {tmp_path / 'nowhere'}, which is not there"
    assert "symbolic links" in reasons["self"]


def test_special_files_are_reported_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(tmp_path)
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        files, problems = walked(tmp_path)
    assert not files
    assert sorted(Path(problem.name).name for problem in problems) == ["pipe", "socket"]
    assert all("not a regular file" in problem.reason for problem in problems)


def test_what_may_not_be_read_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests may run as root, who may read everything: the system's answers are played.
    tree(tmp_path, secret=b"s", closed__x=b"x", open=b"o")
    scan = os.scandir

    def refusing_scan(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("secret"))
    monkeypatch.setattr(os, "scandir", refusing_scan)
    files, problems = walked(tmp_path)
    assert [file.relative for file in files] == ["open"]
    assert [problem.reason for problem in problems] == ["permission denied"] * 2


def test_names_that_are_not_utf8_are_reported_and_not_guessed(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"fine"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb"):
            pass
    folder = os.path.join(os.fsencode(tmp_path), b"d\xff")
    os.mkdir(folder)
    with open(os.path.join(folder, b"inside"), "wb"):
        pass
    files, problems = walked(tmp_path)
    assert [file.relative for file in files] == ["fine"]
    assert len(problems) == 2
    assert all("not UTF-8" in problem.reason for problem in problems)


def test_a_tree_deeper_than_python_recurses_is_walked(tmp_path: Path) -> None:
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1100):
            os.mkdir("d")
            os.chdir("d")
        Path("end").write_bytes(b"x")
        os.chdir(here)
        files, problems = walked(tmp_path)
    finally:
        os.chdir(here)
        # pytest's own removal of old directories recurses, and would fail on this one.
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)
    assert files[0].relative == "d/" * 1100 + "end"
    assert not problems


async def test_the_walk_is_a_stream_that_can_be_left(
    transfers: TransferService, tmp_path: Path
) -> None:
    for number in range(1200):
        (tmp_path / f"f{number}").touch()
    sizes = []
    async for batch in transfers.planner.walk([tmp_path]):
        sizes.append(len(batch.files))
        if len(sizes) == 2:
            break
    assert sizes == [500, 500]
