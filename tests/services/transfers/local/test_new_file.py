"""A file that somebody else writes is there when it is whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers import NewFile, new_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


def test_a_whole_file_gets_its_name_and_one_that_is_not_leaves_nothing(folder: Path) -> None:
    target = folder / "a.csv"
    with NewFile(target) as file:
        file.stream.write(b"one")
        assert not target.exists()
        file.put_in_place()
    assert target.read_bytes() == b"one"
    with NewFile(folder / "b.csv") as file:
        file.stream.write(b"half")
    assert [each.name for each in folder.iterdir()] == ["a.csv"]


def test_a_file_that_must_have_a_name_gets_another_until_it_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.new_file.create_unnamed", lambda folder: None)
    with NewFile(folder / "a.csv") as file:
        file.stream.write(b"one")
        (other,) = folder.iterdir()
        assert other.name.startswith(".tristore-")
        file.put_in_place()
    assert [each.read_bytes() for each in folder.iterdir()] == [b"one"]
    with NewFile(folder / "b.csv") as file:
        file.stream.write(b"half")
    assert [each.name for each in folder.iterdir()] == ["a.csv"]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="every file has a name here")
def test_a_kill_leaves_nothing_of_a_file_that_is_not_whole(folder: Path) -> None:
    with NewFile(folder / "a.csv") as file:
        file.stream.write(b"one")
        file.stream.flush()
        assert list(folder.iterdir()) == []


def test_what_came_there_meanwhile_is_not_touched(folder: Path) -> None:
    target = folder / "a.csv"
    with NewFile(target) as file:
        file.stream.write(b"ours")
        target.write_bytes(b"theirs")
        with pytest.raises(ServiceError) as caught:
            file.put_in_place()
    assert caught.value.kind is ErrorKind.EXISTS
    assert [each.read_bytes() for each in folder.iterdir()] == [b"theirs"]


def test_a_file_is_replaced_only_while_it_is_what_was_seen(folder: Path) -> None:
    target = folder / "a.csv"
    target.write_bytes(b"old")
    _, seen = new_name(str(target))
    with NewFile(target, replacing=seen) as file:
        file.stream.write(b"new one")
        file.put_in_place()
    assert target.read_bytes() == b"new one"
    with pytest.raises(ServiceError) as caught, NewFile(target, replacing=seen) as file:
        file.put_in_place()
    assert caught.value.kind is ErrorKind.CHANGED
    assert target.read_bytes() == b"new one"


def test_an_error_of_the_disk_names_the_file_and_leaves_none(folder: Path) -> None:
    with pytest.raises(ServiceError) as caught, NewFile(folder / "a.csv"):
        raise OSError(28, "No space left on device")
    assert "a.csv" in caught.value.message
    assert "full" in caught.value.hint
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(("name", "kind"), [("", ErrorKind.INVALID), ("no/a", ErrorKind.NOT_FOUND)])
def test_where_nothing_can_be_written_is_said_before(
    folder: Path, name: str, kind: ErrorKind
) -> None:
    with pytest.raises(ServiceError) as caught:
        new_name(str(folder / name))
    assert caught.value.kind is kind
