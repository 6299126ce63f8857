"""SQL files of the user's: read and written as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.new_file import NewFile
from tui.services.sql.files import sql_files
from tui.services.sql.files.sql_files import (
    MAX_BYTES,
    ChangedOnDiskError,
    FileMark,
    NotUtf8Error,
    digest_on_disk,
    other_names,
    read_sql_file,
    write_sql_file,
)


@pytest.mark.parametrize(
    ("data", "text", "encoding", "newline"),
    [
        (b"", "", "utf-8", "\n"),
        ("select 'é🙂'\n".encode(), "select 'é🙂'\n", "utf-8", "\n"),
        (b"a\r\nb\r\n", "a\nb\n", "utf-8", "\r\n"),
        (b"\xef\xbb\xbfselect 1", "select 1", "utf-8-sig", "\n"),
        (b"\xff\xfe" + "é\r\nb\r\n".encode("utf-16-le"), "é\nb\n", "utf-16-le", "\r\n"),
        (b"\xfe\xff" + "é".encode("utf-16-be"), "é", "utf-16-be", "\n"),
    ],
)
def test_a_file_that_is_saved_unchanged_has_the_same_bytes(
    tmp_path: Path, data: bytes, text: str, encoding: str, newline: str
) -> None:
    path = tmp_path / "a.sql"
    path.write_bytes(data)
    file = read_sql_file(str(path))
    assert (file.text, file.mark.encoding, file.mark.newline) == (text, encoding, newline)
    assert not file.mark.has_mixed_ends
    assert write_sql_file(file.text, file.mark, known=True) == file.mark
    assert path.read_bytes() == data


@pytest.mark.parametrize("data", [b"a\r\nb\nc", b"a\rb", b"a\x0cb", "a\u2028b".encode()])
def test_line_ends_that_would_become_others_are_said(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.sql"
    path.write_bytes(data)
    file = read_sql_file(str(path))
    assert file.mark.has_mixed_ends
    # The text is the one that the editor shows.
    assert file.text == "\n".join(data.decode().splitlines())


def test_bytes_that_are_no_utf_8_are_never_guessed(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_bytes(b"select 1;\nselect 'caf\xe9'")
    with pytest.raises(NotUtf8Error, match="not UTF-8") as caught:
        read_sql_file(str(path))
    assert caught.value.cause == "line 2, byte 0xe9"
    file = read_sql_file(str(path), "latin-1")
    assert file.text.endswith("'café'")
    write_sql_file(file.text + " -- à", file.mark, known=True)
    assert path.read_bytes() == b"select 1;\nselect 'caf\xe9' -- \xe0"
    before = path.read_bytes()
    with pytest.raises(ServiceError, match=r"Latin-1 has no '🙂' \(line 3\)"):
        write_sql_file("a\nb\n🙂", read_sql_file(str(path), "latin-1").mark, known=True)
    assert path.read_bytes() == before


def test_a_file_that_was_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_text("old")
    mark = read_sql_file(str(path)).mark
    status = path.stat()
    path.write_text("new")
    # Neither its length nor its time tells.
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(ChangedOnDiskError, match="changed on disk"):
        write_sql_file("mine", mark, known=True)
    assert path.read_text() == "new"
    now = FileMark(str(path), digest=digest_on_disk(str(path)))
    write_sql_file("mine", now, known=True)
    assert path.read_text() == "mine"


def test_a_file_that_changes_while_it_is_saved_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sql"
    path.write_text("old")
    mark = read_sql_file(str(path)).mark
    put = NewFile.put_in_place

    def late(file: NewFile) -> None:
        path.write_text("theirs")
        put(file)

    monkeypatch.setattr(NewFile, "put_in_place", late)
    with pytest.raises(ChangedOnDiskError, match="changed on disk"):
        write_sql_file("mine", mark, known=True)
    assert path.read_text() == "theirs"
    assert set(os.listdir(tmp_path)) == {"a.sql", "home"}


def test_what_took_the_place_of_a_file_is_not_read_whole(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ServiceError, match="not a regular file"):
        digest_on_disk(str(tmp_path / "pipe"))
    (tmp_path / "large").write_bytes(b"x" * (MAX_BYTES + 1))
    assert digest_on_disk(str(tmp_path / "large")) == f"{MAX_BYTES + 1} bytes"
    assert digest_on_disk(str(tmp_path / "none")) == ""


def test_a_new_name_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    mark = write_sql_file("text\n", FileMark(str(path), newline="\r\n"), known=False)
    assert path.read_bytes() == b"text\r\n"
    assert mark.digest == digest_on_disk(str(path))
    with pytest.raises(ChangedOnDiskError, match="there already"):
        write_sql_file("other", FileMark(str(path)), known=False)
    assert path.read_bytes() == b"text\r\n"


def test_a_removed_file_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_text("old")
    mark = read_sql_file(str(path)).mark
    path.unlink()
    write_sql_file("new", mark, known=True)
    assert path.read_text() == "new"


def test_permissions_stay_and_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.sql", tmp_path / "link.sql"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_sql_file("new", read_sql_file(str(link)).mark, known=True)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert target.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in tmp_path.iterdir()} >= {"target.sql", "link.sql"}
    assert not list(tmp_path.glob(".*"))


def test_other_names_of_a_file_keep_the_old_text_and_are_counted(tmp_path: Path) -> None:
    path, other = tmp_path / "a.sql", tmp_path / "b.sql"
    path.write_text("old")
    os.link(path, other)
    assert other_names(str(path)) == 1
    write_sql_file("new", read_sql_file(str(path)).mark, known=True)
    assert (path.read_text(), other.read_text()) == ("new", "old")
    assert other_names(str(path)) == other_names(str(tmp_path / "none")) == 0


def test_a_disk_that_is_full_leaves_the_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sql"
    path.write_text("old")
    mark = read_sql_file(str(path)).mark

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.services.new_file.os.fsync", full)
    with pytest.raises(ServiceError, match="could not be saved") as caught:
        write_sql_file("new", mark, known=True)
    assert "No space left" in caught.value.cause
    assert path.read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_what_is_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nul").write_bytes(b"a\0b")
    (tmp_path / "large").write_bytes(b"x" * 101)
    monkeypatch.setattr(sql_files, "MAX_BYTES", 100)
    for name, said in {
        "pipe": "not a regular file",
        "nul": "NUL",
        "large": "too large for the editor: 101 B",
        "none": "could not be read",
    }.items():
        with pytest.raises(ServiceError, match=said):
            read_sql_file(str(tmp_path / name))
    with pytest.raises(ServiceError) as caught:
        read_sql_file(str(tmp_path / "none"))
    assert caught.value.cause == f"No such file or directory: {tmp_path}/none"
    with pytest.raises(ServiceError, match="not a regular file"):
        write_sql_file("x", FileMark(str(tmp_path / "pipe")), known=True)
