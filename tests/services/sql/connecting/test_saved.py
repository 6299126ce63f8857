"""The file of the saved connections: what it keeps, and what it never holds."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.private_file import locked_beside
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    Rules,
    SecretSource,
    SecretStore,
    from_url,
)
from tui.services.sql.connecting import saved as saved_module
from tui.services.sql.connecting.saved import SavedConnection, SavedConnections, name_problems

PROD = DatabaseTarget(
    "postgres://db.example.com/app",
    {"host": "db.example.com", "dbname": "app", "user": "me", "sslmode": "verify-full"},
    Auth.IAM,
    instance="prod-db",
    rules=Rules(production=True, read_only=True, manual_commit=False),
    tunnel="bastion",
    secret=SecretSource(SecretStore.KEYRING, "me@db.example.com:5432/app"),
)


@pytest.fixture
def store(tmp_path: Path) -> SavedConnections:
    return SavedConnections(tmp_path / "config" / "connections.json")


def text_of(store: SavedConnections) -> str:
    return store.path.read_text()


def written(store: SavedConnections, text: str) -> SavedConnections:
    store.path.parent.mkdir(parents=True, exist_ok=True)
    store.path.write_text(text)
    return store


def entry(store: SavedConnections, name: str) -> SavedConnection:
    found = store.find(name)
    assert found is not None
    return found


def names(store: SavedConnections) -> list[str]:
    return [each.name for each in store.read()]


def refusal(error: pytest.ExceptionInfo[ServiceError]) -> tuple[ErrorKind, str]:
    return error.value.kind, error.value.message


def test_a_target_comes_back_as_it_was_under_its_name(store: SavedConnections) -> None:
    store.add("prod", PROD)
    store.add("plain", DatabaseTarget("x"))
    assert entry(store, "prod").target == replace(PROD, label="prod")
    assert entry(store, "plain").target == DatabaseTarget("plain")
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert not list(store.path.parent.glob("*.tmp"))


def test_without_a_file_there_are_none_and_reading_makes_none(store: SavedConnections) -> None:
    assert store.read() == ()
    assert not store.path.parent.exists()


def test_a_password_is_never_written(store: SavedConnections) -> None:
    target, secrets = from_url("postgresql://me:hunter2@h/d?sslpassword=hunter3")
    assert secrets.reveal() == {"password": "hunter2", "sslpassword": "hunter3"}
    store.add("one", target)
    # Not even one that has strayed into the parameters.
    store.add("two", replace(target, parameters={**target.parameters, **secrets.reveal()}))
    store.replace(entry(store, "two"), "three", target)
    assert "hunter" not in text_of(store)
    assert entry(store, "one").target == replace(target, label="one")


def test_a_password_that_somebody_wrote_there_is_passed_over_said_and_not_repeated(
    store: SavedConnections,
) -> None:
    written(store, '{"connections": {"a": {"parameters": {"host": "h", "password": "hunter2"}}}}')
    found = entry(store, "a")
    assert found.target == DatabaseTarget("a", {"host": "h"})
    assert found.problem == "a: password in the file is passed over; take it out"
    assert "hunter2" not in repr(found)
    store.rename(found, "b")
    store.duplicate(entry(store, "b"))
    assert "hunter2" not in text_of(store)


def test_what_other_versions_wrote_stays(store: SavedConnections) -> None:
    written(
        store,
        '{"version": 7, "connections": {"a": {"colour": "red", "parameters": {"host": "h"}, '
        '"rules": {"production": true, "needs_approval": "of two"}}, "b": {"x": [1]}}}',
    )
    before = entry(store, "a")
    assert before.target is not None
    store.replace(before, "a", replace(before.target, rules=Rules(read_only=True)))
    store.rename(entry(store, "b"), "c")
    assert json.loads(text_of(store)) == {
        "version": 7,
        "connections": {
            "a": {
                "colour": "red",
                "parameters": {"host": "h"},
                "rules": {"needs_approval": "of two", "read_only": True},
            },
            "c": {"x": [1]},
        },
    }


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("{", "line 1"),
        ("[]", "connections"),
        ('{"connections": []}', "connections"),
        ('{"connections": {"a": {}, "a": {}}}', "twice"),
        ("\0\xff", ""),
        ("[" * 100_000, ""),
    ],
)
def test_a_damaged_file_is_said_and_never_written_over(
    store: SavedConnections, text: str, cause: str
) -> None:
    written(store, text)
    before = store.path.read_bytes()
    for act in (store.read, lambda: store.add("b", PROD)):
        with pytest.raises(ServiceError) as caught:
            act()
        assert refusal(caught) == (ErrorKind.INVALID, "The saved connections cannot be read.")
        assert str(store.path) in caught.value.cause
        assert cause in caught.value.cause
    assert store.path.read_bytes() == before


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ('{"rules": {"read_only": "yes"}}', "rules.read_only is not true or false"),
        ('{"rules": true}', "rules is no object"),
        ('{"auth": "magic"}', "auth is none of libpq, password, iam"),
        ('{"parameters": {"port": 5432}}', "parameters.port is not a text"),
        ('{"instance": null}', "instance is not a text"),
        ("5", "is no object"),
        ('{"secret": {"store": "nowhere"}}', "secret.store is none of keyring, secretsmanager"),
        ('{"tunnel": 22}', "tunnel is not a text"),
    ],
)
def test_an_entry_that_cannot_be_read_is_not_used_and_keeps_the_others(
    store: SavedConnections, kept: str, said: str
) -> None:
    written(store, f'{{"connections": {{"bad": {kept}, "good": {{}}}}}}')
    bad, good = store.read()
    assert (bad.target, bad.problem) == (None, f"bad: {said}")
    assert good.target == DatabaseTarget("good")
    store.add("more", PROD)
    assert json.loads(text_of(store))["connections"]["bad"] == json.loads(kept)
    store.delete(bad)
    assert names(store) == ["good", "more"]


@pytest.mark.parametrize(
    "name", ["", "  ", " a", "a\n", "\x1b[2J", "postgresql://h", "-h", "x" * 61]
)
def test_names_that_are_none(store: SavedConnections, name: str) -> None:
    assert name_problems(name)
    with pytest.raises(ServiceError) as caught:
        store.add(name, PROD)
    assert caught.value.kind is ErrorKind.INVALID
    assert not store.path.exists()


def test_names_are_taken_once_in_whatever_letters(store: SavedConnections) -> None:
    store.add("Prod", PROD)
    store.add("other", PROD)
    acts: list[Callable[[], object]] = [
        lambda: store.add("prod", PROD),
        lambda: store.rename(entry(store, "other"), "PROD"),
        lambda: store.replace(entry(store, "other"), "prod", PROD),
    ]
    for act in acts:
        with pytest.raises(ServiceError) as caught:
            act()
        assert refusal(caught)[0] is ErrorKind.CONFLICT
    store.rename(entry(store, "prod"), "prod")
    assert names(store) == ["other", "prod"]


def test_rename_duplicate_and_delete(store: SavedConnections) -> None:
    store.add("a", PROD)
    assert store.duplicate(entry(store, "a")) == "a copy"
    assert store.duplicate(entry(store, "a")) == "a copy 2"
    store.rename(entry(store, "a copy"), "b")
    store.delete(entry(store, "a"))
    assert names(store) == ["a copy 2", "b"]
    assert entry(store, "b").target == replace(PROD, label="b")


def test_an_entry_that_another_application_has_changed_is_not_overwritten(
    store: SavedConnections,
) -> None:
    store.add("a", PROD)
    before = entry(store, "a")
    other = SavedConnections(store.path)
    other.replace(entry(other, "a"), "a", replace(PROD, instance="other"))
    acts: list[Callable[[], object]] = [
        lambda: store.replace(before, "a", PROD),
        lambda: store.rename(before, "b"),
        lambda: store.delete(before),
    ]
    for act in acts:
        with pytest.raises(ServiceError) as caught:
            act()
        assert refusal(caught) == (
            ErrorKind.CONFLICT,
            "'a' was changed meanwhile by another application.",
        )
    assert entry(store, "a").target == replace(PROD, label="a", instance="other")


def _add_many(path: Path, letter: str) -> None:
    store = SavedConnections(path)
    for number in range(20):
        store.add(f"{letter}{number}", PROD)


def test_applications_that_run_at_the_same_time_lose_no_entry(store: SavedConnections) -> None:
    context = multiprocessing.get_context("fork")
    others = [context.Process(target=_add_many, args=(store.path, each)) for each in "ab"]
    for each in others:
        each.start()
    for each in others:
        each.join()
    assert len(names(store)) == 40


def test_a_file_that_is_held_by_another_is_not_waited_for_for_ever(
    store: SavedConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_module, "PATIENCE", 0.0)
    lock = locked_beside(store.path, 0)
    with pytest.raises(ServiceError) as caught:
        store.add("a", PROD)
    os.close(lock)
    assert caught.value.message == "The connection could not be saved."


def test_a_link_to_the_file_stays_a_link(store: SavedConnections, tmp_path: Path) -> None:
    real = written(SavedConnections(tmp_path / "dotfiles" / "c.json"), "{}").path
    store.path.parent.mkdir()
    store.path.symlink_to(real)
    store.add("a", PROD)
    assert store.path.is_symlink()
    assert "db.example.com" in real.read_text()
