"""The password file: which line libpq takes, and why it takes none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from tui.services.sql import DatabaseTarget
from tui.services.sql.connecting.password_file import password_file, read_passwords

LINES = r"""# host:port:database:user:password
db.example.com:5432:app:me:hunter2
db.example.com:*:*:me:hunter3
localhost:5432:*:*:hunter4
a\:b:1:d\\d:u:hunter\:5
too:few:parts

*:*:*:last:hunter6
\*:*:*:star:hunter7
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "pgpass"
    path.write_text(LINES)
    path.chmod(0o600)
    return path


def line_for(path: Path, **parameters: str) -> int | None:
    also = {"user": "nobody-else"}
    found = read_passwords(path).line_for(DatabaseTarget("x", parameters), also)
    return None if found is None else found.number


@pytest.mark.parametrize(
    ("parameters", "number"),
    [
        ({"host": "db.example.com", "dbname": "app", "user": "me"}, 2),
        ({"host": "db.example.com", "dbname": "app", "user": "me", "port": "6432"}, 3),
        ({"host": "db.example.com", "user": "you"}, None),
        ({}, 4),
        ({"host": "/var/run/postgresql"}, 4),
        ({"host": "/srv/socket"}, None),
        ({"host": "a:b", "port": "1", "dbname": r"d\d", "user": "u"}, 5),
        ({"host": "db.example.com,other", "port": "5432,1", "dbname": "app", "user": "me"}, 2),
        ({"host": "anywhere", "user": "last"}, 8),
        ({"host": "anywhere", "user": "star"}, None),
    ],
)
def test_the_first_line_that_fits_is_told(
    path: Path, parameters: dict[str, str], number: int | None
) -> None:
    assert line_for(path, **parameters) == number


def test_passwords_are_not_kept(path: Path) -> None:
    assert "hunter" not in repr(read_passwords(path))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_passed_over_and_said(path: Path, mode: int) -> None:
    path.chmod(mode)
    assert read_passwords(path).problem == (
        f"libpq passes over {path}, which others may read: chmod 600 {path}"
    )


def test_no_file_is_no_problem_and_a_folder_is(tmp_path: Path) -> None:
    assert read_passwords(tmp_path / "none").problem == ""
    assert "no plain file" in read_passwords(tmp_path).problem


@pytest.mark.parametrize("data", [b"\0:\xff:::\n", b":" * 9999, b"\\", b"\n\r\n", b"a:b:c:d:\\"])
def test_hostile_files_are_no_reason_to_fail(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    assert read_passwords(path).problem == ""


def test_which_file_it_is(private_home: Path) -> None:
    assert password_file("", {}) == private_home / ".pgpass"
    assert password_file("", {"PGPASSFILE": "/a"}) == Path("/a")
    assert password_file("/b", {"PGPASSFILE": "/a"}) == Path("/b")


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_libpq_agrees(path: Path, database: str, mode: int) -> None:
    place = urlsplit(database)
    keywords = {
        "host": place.hostname or "",
        "port": str(place.port),
        "dbname": place.path.strip("/"),
        "user": place.username or "",
    }
    path.write_text(f"other:1:*:*:x\n*:{place.port}:*:{place.username}:{place.password}\n")
    path.chmod(mode)
    file = read_passwords(path)
    assert line_for(path, **keywords) == 2
    try:
        dsn = " ".join(f"{key}='{value}'" for key, value in keywords.items())
        psycopg2.connect(f"{dsn} passfile='{path}'").close()
        taken = True
    except psycopg2.OperationalError:
        taken = False
    assert taken is not bool(file.problem)
