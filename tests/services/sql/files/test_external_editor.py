"""A text in the user's own editor."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tui.services.errors import ServiceError
from tui.services.sql.files.external_editor import EditedFile, editor_command


@pytest.fixture(autouse=True)
def private_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with two editors."""
    for name in ("ed1", "vi"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    return str(tmp_path)


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"VISUAL": "ed1 --wait 'a b'", "EDITOR": "vi"}, ("ed1", "--wait", "a b")),
        ({"VISUAL": " ", "EDITOR": "ed1"}, ("ed1",)),
        ({}, ("vi",)),
    ],
)
def test_which_editor_it_is(
    path: str, environment: dict[str, str], command: tuple[str, ...]
) -> None:
    assert editor_command({**environment, "PATH": path}) == command


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"EDITOR": "none --x"}, r"The editor none was not found \(\$EDITOR\)"),
        ({"VISUAL": "ed1 'open"}, "cannot be read as a command"),
        ({"PATH": "/nowhere"}, "neither VISUAL nor EDITOR is set"),
    ],
)
def test_an_editor_that_is_missing_is_said(
    path: str, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(ServiceError, match=said) as caught:
        editor_command({"PATH": path, **environment})
    assert "EDITOR=nano" in caught.value.hint


@pytest.mark.parametrize(
    ("before", "left", "taken"),
    [
        ("select 1", "select 1", None),
        ("select 1", "select 1\n", None),
        ("select 1", "select 2\n", "select 2"),
        ("select 1\n", "select 2\n", "select 2\n"),
        ("select 1\n", "select 1", "select 1"),
        ("a\nb", "a\r\nc\r\n", "a\nc"),
        ("é\ud800", "🙂", "🙂"),
        ("select 1", "", ""),
    ],
)
def test_what_comes_back(before: str, left: str, taken: str | None) -> None:
    file = EditedFile.made(before)
    assert file.path.suffix == ".sql"
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    file.path.write_bytes(left.encode())
    (file.path.parent / "statement.sql~").write_text("left behind")
    assert file.taken(["ed"], 0) == taken
    assert not file.path.parent.exists()


def test_a_file_that_the_editor_removed_changes_nothing() -> None:
    file = EditedFile.made("select 1")
    file.path.unlink()
    assert file.taken(["ed"], 0) is None


@pytest.mark.parametrize(
    ("left", "status", "said", "stays"),
    [
        (b"select 1", 1, "ended with status 1", False),
        (b"select 2", 1, "ended with status 1", True),
        (b"select 2", -9, "ended by signal 9", True),
        (b"caf\xe9", 0, "could not be read", True),
        (b"a\0b", 0, "NUL", True),
    ],
)
def test_an_editor_that_fails_loses_nothing(
    left: bytes, status: int, said: str, stays: bool
) -> None:
    file = EditedFile.made("select 1")
    file.path.write_bytes(left)
    with pytest.raises(ServiceError, match=said) as caught:
        file.taken(["ed"], status)
    assert file.path.exists() is stays
    assert (str(file.path) in caught.value.hint) is stays


@pytest.mark.parametrize(("left", "stays"), [("select 1\n", False), ("select 2", True)])
def test_only_a_text_that_is_nowhere_else_stays_when_the_application_ends(
    left: str, stays: bool
) -> None:
    file = EditedFile.made("select 1")
    file.path.write_text(left)
    file.given_up()
    assert file.path.exists() is stays
