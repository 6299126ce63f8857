"""Files that only their owner may read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.full_disk import FullDisk
from tui.services.private_file import (
    AppendedFile,
    append_private,
    create_private,
    replace_private,
)


@pytest.mark.parametrize(
    "write",
    [
        lambda path: append_private(path, "x"),
        lambda path: AppendedFile(path).write("x"),
        lambda path: create_private(path, "x"),
        lambda path: replace_private(path, b"x"),
    ],
)
def test_nobody_else_may_read_what_is_written(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "state" / "file"
    write(path)
    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_what_is_appended_follows_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append_private(path, "one\n")
    append_private(path, "zw\N{LATIN SMALL LETTER E WITH ACUTE}i \ud800\n")
    assert path.read_text("utf-8") == "one\nzwéi \\ud800\n"


@pytest.mark.parametrize(
    "there", [lambda path: path.write_text("old"), lambda path: path.symlink_to("nowhere")]
)
def test_a_new_file_never_takes_the_place_of_another(
    tmp_path: Path, there: Callable[[Path], object]
) -> None:
    path = tmp_path / "report"
    there(path)
    with pytest.raises(FileExistsError):
        create_private(path, "new")
    assert path.is_symlink() or path.read_text() == "old"


def test_a_file_that_cannot_be_replaced_keeps_what_it_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "buffer"
    replace_private(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_private(path, b"new")
    assert path.read_bytes() == b"old"


def test_an_appended_file_that_is_moved_away_or_removed_is_made_anew(tmp_path: Path) -> None:
    path, away = tmp_path / "log", tmp_path / "away"
    first, second = AppendedFile(path), AppendedFile(path)
    for each in (first, second):
        each.write("before\n")
    path.rename(away)
    for each in (first, second, first):
        each.write("after \ud800\n")
    assert away.read_text("utf-8") == "before\n" * 2
    assert path.read_text("utf-8") == "after \\ud800\n" * 3
    path.unlink()
    second.write("again\n")
    assert path.read_text("utf-8") == "again\n"
    assert path.stat().st_mode & 0o077 == 0


def test_an_appended_file_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    file = AppendedFile(path)
    file.write("one\n")
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        file.write("two\n")
    path.rmdir()
    file.write("two\n")
    assert path.read_text() == "two\n"


def test_what_was_written_in_part_does_not_swallow_the_line_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    file, disk = AppendedFile(path), FullDisk(monkeypatch, room=7)
    file.write("one\n")
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            file.write("second\n")
    disk.room = 100
    file.write("second\n")
    file.write("third\n")
    assert path.read_text().splitlines() == ["one", "sec", "second", "third"]
