"""What is said of a connection in the chooser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tui.panes.sql.connecting.line_rows import COLUMNS, encryption, row_of, told
from tui.panes.sql.connecting.lines import (
    ConnectionLine,
    LineGroup,
    known_line,
    local_lines,
    saved_line,
    with_marks,
)
from tui.services.sql import Auth, DatabaseTarget, Rules, Secrets, SecretSource, SecretStore
from tui.services.sql.connecting.saved import SavedConnection

APP = DatabaseTarget("app", {"host": "h", "dbname": "app", "user": "me"})


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSERVICEFILE", "PGPASSFILE"):
        monkeypatch.delenv(name, raising=False)


def line_of(target: DatabaseTarget, secrets: Secrets | None = None) -> ConnectionLine:
    line = ConnectionLine(LineGroup.SAVED, target.label, target, secrets or Secrets())
    return local_lines((), [line]).lines[0]


def test_every_line_has_a_cell_for_every_column() -> None:
    assert len(row_of(line_of(APP))) == len(COLUMNS)


@pytest.mark.parametrize(
    ("target", "secrets", "said"),
    [
        (APP, Secrets(), "asked for if wanted"),
        (APP, Secrets({"password": "hunter2"}), "in memory"),
        (replace(APP, auth=Auth.PASSWORD), Secrets(), "asked for"),
        (replace(APP, auth=Auth.IAM), Secrets(), "IAM token"),
        (replace(APP, secret=SecretSource(SecretStore.KEYRING, "x")), Secrets(), "in the keyring"),
        (
            replace(APP, secret=SecretSource(SecretStore.SECRETS_MANAGER, "arn:x")),
            Secrets(),
            "in Secrets Manager",
        ),
    ],
)
def test_where_the_password_comes_from(target: DatabaseTarget, secrets: Secrets, said: str) -> None:
    line = line_of(target, secrets)
    assert line.password == said
    assert "hunter2" not in repr(line) + told(line) + repr(row_of(line))


def test_a_password_of_the_password_file_is_told_by_its_line(private_home: Path) -> None:
    file = private_home / ".pgpass"
    file.write_text("#\nh:5432:app:me:hunter2\n")
    file.chmod(0o600)
    assert line_of(APP).password == "from pgpass, line 2"
    assert "hunter2" not in told(line_of(APP))
    assert line_of(replace(APP, auth=Auth.PASSWORD)).password == "asked for"


def test_a_password_file_that_libpq_passes_over_is_said_once(private_home: Path) -> None:
    file = private_home / ".pgpass"
    file.write_text("h:5432:app:me:hunter2\n")
    file.chmod(0o644)
    line = ConnectionLine(LineGroup.SAVED, "app", APP)
    found = local_lines((), [line, replace(line, name="b")])
    assert found.problems == (f"libpq passes over {file}, which others may read: chmod 600 {file}",)
    assert found.lines[0].password == "asked for if wanted"


def test_variables_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("PGHOST", "elsewhere")
    monkeypatch.setenv("PGUSER", "root")
    found = local_lines(())
    assert [(each.group, each.where, each.password) for each in found.lines] == [
        (LineGroup.ENVIRONMENT, "root@elsewhere", "PGPASSWORD")
    ]
    assert "hunter2" not in repr(found)


def test_services_are_lines_and_a_broken_one_says_its_line(private_home: Path) -> None:
    file = private_home / ".pg_service.conf"
    file.write_text("[good]\nhost=h\nport=1\nuser=u\ndbname=d\npassword=hunter2\n[bad]\nhots=x\n")
    good, bad = (found := local_lines(())).lines
    assert (good.name, good.where, good.password) == ("good", "u@h:1/d", "in the service file")
    assert good.target == DatabaseTarget("service good", {"service": "good"})
    assert (bad.target, bad.can_be_chosen) == (None, False)
    assert told(bad) == f"{file}, line 8 has a keyword that libpq does not know"
    assert found.problems == ()
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"host": "h"}, "if it can be"),
        ({"host": "h", "sslmode": "disable"}, "none"),
        ({"host": "h", "sslmode": "require"}, "not verified"),
        ({"host": "h", "sslmode": "verify-full"}, "verified"),
        ({"host": "h", "sslmode": "odd"}, "odd"),
        ({"host": "/tmp"}, ""),
        ({}, ""),
    ],
)
def test_encryption_is_said_in_words(parameters: dict[str, str], said: str) -> None:
    assert encryption(line_of(DatabaseTarget("x", parameters))) == said


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(), ""),
        (Rules(production=True), "PRODUCTION · manual commit"),
        (Rules(production=True, manual_commit=False), "PRODUCTION"),
        (Rules(production=True, read_only=True), "PRODUCTION · READ ONLY"),
        (Rules(manual_commit=True), "manual commit"),
    ],
)
def test_marks_are_words(rules: Rules, said: str) -> None:
    assert line_of(replace(APP, rules=rules)).marks == said


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (DatabaseTarget("postgres://h/app", {"dbname": "app"}), "app"),
        (DatabaseTarget("postgres://h/"), "postgres://h/"),
        (DatabaseTarget("prod", {"dbname": "app"}), "prod"),
        (DatabaseTarget("prod-db  postgres://h/app"), "prod-db"),
        (DatabaseTarget("postgres://h/app", {"dbname": "app"}, instance="i"), "i"),
    ],
)
def test_a_connection_of_this_run_has_a_short_name(target: DatabaseTarget, name: str) -> None:
    assert known_line(LineGroup.RECENT, target, Secrets()).name == name


def test_words_are_looked_for_in_all_that_is_shown() -> None:
    line = line_of(replace(APP, rules=Rules(production=True)))
    assert line.fits(["prod"])
    assert line.fits(["saved", "me@h"])
    assert not line.fits(["saved", "elsewhere"])


def test_an_entry_that_cannot_be_read_cannot_be_chosen() -> None:
    line = saved_line(SavedConnection("bad", None, "bad: rules is no object"))
    assert not line.can_be_chosen
    assert told(line) == "bad: rules is no object"


def test_a_saved_connection_need_not_be_opened_twice_and_its_marks_are_those_of_now() -> None:
    secrets = Secrets({"password": "hunter2"})
    recent = known_line(LineGroup.RECENT, replace(APP, auth=Auth.PASSWORD), secrets)
    saved = SavedConnection("app", replace(APP, rules=Rules(read_only=True)))
    before, now = local_lines([saved], [recent]).lines
    assert (before.marks, before.secrets) == ("READ ONLY", secrets)
    assert (now.group, now.password, now.secrets) == (LineGroup.SAVED, "in memory", secrets)


@pytest.mark.parametrize("changed", [{"host": "other"}, {"user": "you"}])
def test_a_password_is_not_taken_to_another_server_or_user(changed: dict[str, str]) -> None:
    recent = known_line(LineGroup.RECENT, APP, Secrets({"password": "hunter2"}))
    target = replace(APP, parameters={**APP.parameters, **changed})
    saved = local_lines([SavedConnection("app", target)], [recent]).lines[1]
    assert not saved.secrets


def test_a_token_is_made_anew() -> None:
    recent = known_line(LineGroup.RECENT, APP, Secrets({"password": "hunter2"}))
    saved = local_lines([SavedConnection("app", replace(APP, auth=Auth.IAM))], [recent]).lines[1]
    assert not saved.secrets


def test_neither_a_password_nor_marks_go_to_a_server_that_took_over_a_name() -> None:
    used = replace(APP, rules=Rules(production=True))
    recent = known_line(LineGroup.RECENT, used, Secrets({"password": "hunter2"}))
    for moved in (
        replace(APP, tunnel="hop"),
        replace(APP, parameters={**APP.parameters, "host": "elsewhere"}),
    ):
        lines = local_lines([SavedConnection("app", moved)], [recent]).lines
        assert lines[0].marks.startswith("PRODUCTION")
        assert not lines[1].secrets


def test_a_line_shows_the_marks_that_it_will_get_and_its_target_stays() -> None:
    saved = [SavedConnection("prod", replace(APP, label="prod", rules=Rules(production=True)))]
    typed = known_line(LineGroup.GIVEN, replace(APP, label="postgres://h/app"), Secrets())
    elsewhere = known_line(LineGroup.GIVEN, DatabaseTarget("x", {"host": "else"}), Secrets())
    is_open = known_line(LineGroup.OPEN, APP, Secrets())
    found = with_marks([typed, elsewhere, is_open], saved)
    assert [each.marks for each in found] == ["PRODUCTION · manual commit", "", ""]
    assert [each.target for each in found] == [typed.target, elsewhere.target, is_open.target]


def test_many_lines_read_the_files_as_often_as_few_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    services, passwords = tmp_path / "services", tmp_path / "pgpass"
    services.write_text("".join(f"[s{at}]\nhost=h{at}\n" for at in range(20)))
    passwords.write_text("h7:5432:*:*:hunter2\n*:*:*:*:hunter3\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGPASSFILE", str(passwords))
    read: list[Path] = []
    read_bytes = Path.read_bytes

    def noting(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    saved = [
        SavedConnection(
            f"c{at}",
            DatabaseTarget(
                f"c{at}", {"service": f"s{at}", "dbname": "x"}, rules=Rules(production=at == 7)
            ),
        )
        for at in range(20)
    ]
    lines = [
        known_line(
            LineGroup.GIVEN, DatabaseTarget(f"g{at}", {"host": f"h{at}", "dbname": "x"}), Secrets()
        )
        for at in range(20)
    ]
    found = with_marks(local_lines(saved, lines).lines, saved)
    assert [each.name for each in found[:20] if each.marks] == ["g7"]
    assert found[7].password == "from pgpass, line 1"
    assert found[8].password == "from pgpass, line 2"
    assert sorted(set(read)) == sorted([services, passwords])
    assert len(read) == 3  # the services once for the lines, and once for the marks
