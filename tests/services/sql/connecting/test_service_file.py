"""The connection service files, as libpq reads them."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg2
import pytest

from tui.services.sql.connecting.service_file import Service, parse, read_services

FILE = Path("/etc/pg_service.conf")


def only(text: str) -> Service:
    found = parse(text, FILE)
    assert len(found.services) == 1
    return found.services[0]


def test_services_are_read_with_their_places() -> None:
    found = parse("# c\n\n[a]\nhost=h\n  dbname = x\n[b c]\r\nport=1\r\n", FILE)
    assert [(each.name, each.line) for each in found.services] == [("a", 3), ("b c", 6)]
    # The space is part of the keyword to libpq, too.
    assert found.services[0].problem == f"{FILE}, line 5 has a keyword that libpq does not know"
    assert found.services[1].parameters == {"port": "1"}
    assert not found.problems


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("host", "is no keyword=value"),
        ("hots=h", "has a keyword that libpq does not know"),
        ("service=b", "names a service inside a service"),
        ("ldap://h/x", "asks an LDAP server, which is not read here"),
        ("options=" + "x" * 1024, "is longer than 1023 bytes"),
    ],
)
def test_a_broken_service_is_said_with_its_line_and_leaves_the_others(line: str, said: str) -> None:
    bad, good = parse(f"[a]\nhost=h\n{line}\nport=1\n[b]\nhost=i", FILE).services
    assert bad.problem == f"{FILE}, line 3 {said}"
    assert (good.problem, good.parameters) == ("", {"host": "i"})


def test_lines_of_no_service_are_said() -> None:
    found = parse("host=h\n[a\nport=1\n[]\n[b]\n", FILE)
    assert [each.name for each in found.services] == ["b"]
    assert found.problems == (
        f"{FILE}, line 1 stands in front of the first [service].",
        f"{FILE}, line 2: this is no [name] of a service.",
        f"{FILE}, line 3 stands in front of the first [service].",
        f"{FILE}, line 4: this is no [name] of a service.",
    )


def test_the_first_counts_of_services_and_of_keywords() -> None:
    service = only("[a]\nhost=1\nhost=2\n[a]\nhost=3")
    assert service.parameters == {"host": "1"}


def test_a_password_is_known_to_be_there_and_nothing_more() -> None:
    service = only("[a]\nhost=h\npassword=hunter2\n")
    assert service.has_password
    assert "hunter2" not in repr(service)
    torn = only("[a]\npassword\n=hunter2\nhunter2=x")
    assert "hunter2" not in repr(torn)


@pytest.mark.parametrize("data", [b"\xff\xfe[\0]\n[a]\n\0=\xff", b"[" * 5000, b"=\n=\n", b"\n" * 9])
def test_hostile_files_are_no_reason_to_fail(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "s.conf"
    file.write_bytes(data)
    assert read_services({"PGSERVICEFILE": str(file)}) is not None


def test_the_users_file_goes_before_the_systems(tmp_path: Path, private_home: Path) -> None:
    (private_home / ".pg_service.conf").write_text("[a]\nhost=own\n")
    (tmp_path / "pg_service.conf").write_text("[a]\nhost=system\n[b]\nhost=system\n")
    found = read_services({"PGSYSCONFDIR": str(tmp_path)})
    assert [(each.name, each.parameters["host"]) for each in found.services] == [
        ("a", "own"),
        ("b", "system"),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_left_to_libpq(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = read_services({"PGSERVICEFILE": str(pipe)})
    assert found.problems == (f"{pipe} is no plain file; its services are not listed.",)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    found = read_services({"PGSERVICEFILE": str(tmp_path)})
    assert "directory" in found.problems[0]
    found = read_services({"PGSERVICEFILE": str(tmp_path / "none")})
    assert found.problems == (f"PGSERVICEFILE names {tmp_path / 'none'}, which is not there.",)
    assert read_services({}).problems == ()


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("[a]\nhost=127.0.0.1\nport=1\n", True),
        ("[a]\nhost=127.0.0.1\nhots=1\n", False),
        ("[a]\nhost=127.0.0.1\nservice=a\n", False),
        ("[a]\nhost\n", False),
        ("[a] what follows\nhost=127.0.0.1\nport=1\n", True),
        ("[a]\n host=127.0.0.1 \n\tport=1\n", True),
        ("[a]\nhost =127.0.0.1\n", False),
    ],
)
def test_libpq_agrees(
    text: str, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.conf"
    file.write_text(text)
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    with pytest.raises(psycopg2.OperationalError) as caught:
        psycopg2.connect(service="a")
    # A service that is read leads to a port where nothing listens.
    assert ("refused" in str(caught.value)) is good
    assert (not only(text).problem) is good
