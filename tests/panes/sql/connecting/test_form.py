"""The form of a connection: what it shows of a target, and what it makes of what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from tui.panes.sql.connecting.form import fields_of, problems_of, target_of
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import NO_SECRET, Auth, DatabaseTarget, Rules, SecretSource, SecretStore
from tui.widgets.dialogs.forms import ChoiceField, FlagField, NoteField, TextField

PROD = DatabaseTarget(
    "prod",
    {
        "host": "db.example.com",
        "port": "6432",
        "dbname": "app",
        "user": "me",
        "sslmode": "verify-full",
        "sslrootcert": "system",
        "options": "-c search_path=app",
        "application_name": r"it's a \ name",
        "connect_timeout": "5",
        "passfile": "",
    },
    Auth.IAM,
    instance="prod-db",
    rules=Rules(production=True, manual_commit=False),
)


def values_of(target: DatabaseTarget, **typed: str) -> dict[str, str]:
    """What stands in the fields that apply, as the dialog gives it."""
    entered: dict[str, str] = {}
    fields = [each for each in fields_of(target, target.label) if not isinstance(each, NoteField)]
    for each in fields:
        entered[each.name] = (
            ("yes" if each.value else "") if isinstance(each, FlagField) else each.value
        )
    entered |= typed
    return {
        each.name: entered[each.name] if each.when is None or each.when(entered) else ""
        for each in fields
    }


def made(target: DatabaseTarget, **typed: str) -> DatabaseTarget:
    return target_of(target, values_of(target, **typed))


def parameters(target: DatabaseTarget) -> Mapping[str, str]:
    return dict(target.parameters)


def test_what_is_not_touched_comes_back_as_it_was() -> None:
    back = made(PROD)
    assert parameters(back) == parameters(PROD)
    assert replace(back, parameters=PROD.parameters) == PROD
    assert parameters(made(DatabaseTarget("x"))) == {}


def test_where_a_password_is_kept_is_chosen_and_comes_back() -> None:
    server = {"host": "db.example", "user": "ada"}
    kept = made(DatabaseTarget("x"), **server, auth="keyring")
    assert kept.secret == SecretSource(SecretStore.KEYRING, "ada@db.example:5432")
    assert kept.auth is Auth.PASSWORD
    assert made(kept) == kept
    assert made(kept, host="other").secret.name == "ada@other:5432"
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"
    managed = made(kept, auth="secretsmanager", secret=f" {arn} ")
    assert managed.secret == SecretSource(SecretStore.SECRETS_MANAGER, arn)
    assert made(managed) == managed
    for way in (Auth.LIBPQ, Auth.PASSWORD, Auth.IAM):
        assert made(managed, auth=way.value) == replace(managed, auth=way, secret=NO_SECRET)


def test_the_keyring_wants_a_host_and_a_user() -> None:
    values = values_of(DatabaseTarget("x"), auth="keyring")
    assert [each.split(": ")[1] for each in problems_of(values)] == [
        "name the host.",
        "name the user.",
    ]
    assert problems_of(values_of(DatabaseTarget("x"), auth="secretsmanager")) == []


def test_what_is_typed_is_taken() -> None:
    back = made(
        DatabaseTarget("x"),
        name="mine",
        host=" h ",
        port="5433",
        tunnel=" me@bastion ",
        auth="password",
        production="yes",
        manual_commit="yes",
        others="target_session_attrs=read-write service=s",
    )
    assert (back.label, back.auth) == ("mine", Auth.PASSWORD)
    assert back.tunnel == "me@bastion"
    assert back.rules == Rules(production=True, manual_commit=True)
    assert parameters(back) == {
        "host": "h",
        "port": "5433",
        "target_session_attrs": "read-write",
        "service": "s",
    }


def test_another_host_is_another_instance() -> None:
    assert made(PROD, dbname="other").instance == "prod-db"
    assert made(PROD, host="elsewhere.example.com").instance == ""


def test_a_certificate_has_no_meaning_without_verification() -> None:
    assert "sslrootcert" not in made(PROD, sslmode="disable").parameters


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    back = made(PROD, sslrootcert="~/root.crt")
    assert back.parameters["sslrootcert"] == str(tmp_path / "root.crt")


def test_a_read_only_connection_has_no_manual_commit() -> None:
    assert made(PROD, read_only="yes").rules == Rules(production=True, read_only=True)


@pytest.mark.parametrize("others", ["password=hunter2", "sslpassword=hunter2 connect_timeout=3"])
def test_a_password_among_the_other_keywords_is_refused_and_not_repeated(others: str) -> None:
    with pytest.raises(ServiceError) as caught:
        made(PROD, others=others)
    assert caught.value.kind is ErrorKind.INVALID
    assert "hunter2" not in f"{caught.value} {caught.value.cause} {caught.value.hint}"


def test_a_keyword_that_libpq_does_not_know_is_said() -> None:
    with pytest.raises(ServiceError) as caught:
        made(PROD, others="hots=a")
    assert "does not know" in caught.value.message


@pytest.mark.parametrize(
    ("typed", "problems"),
    [
        ({}, 0),
        ({"host": ""}, 1),
        ({"host": "", "user": ""}, 2),
        ({"host": "", "user": "", "auth": "libpq"}, 0),
    ],
)
def test_a_token_needs_a_host_and_a_user(typed: dict[str, str], problems: int) -> None:
    assert len(problems_of(values_of(PROD, **typed))) == problems


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("host", "/var/run/postgresql", True),
        ("host", "postgresql://me:hunter2@db.example/app", False),
        ("dbname", "app", True),
        ("dbname", "host=db.example password=hunter2", False),
        ("port", "", True),
        ("port", "5432,5433", True),
        ("port", "0", False),
        ("port", "70000", False),
        ("port", "54 32", False),
        ("sslrootcert", "system", True),
        ("sslrootcert", "/nowhere/at/all", False),
        ("sslrootcert", "~nobody-of-this-name/x", False),
        ("sslrootcert", "a\0b", False),
        ("name", "", False),
        ("tunnel", "", True),
        ("tunnel", "me@bastion:2222", True),
        ("tunnel", "-oProxyCommand=x", False),
    ],
)
def test_single_fields_are_checked(name: str, value: str, good: bool) -> None:
    field = next(each for each in fields_of(PROD, "prod") if each.name == name)
    assert isinstance(field, TextField)
    assert field.check is not None
    assert (not field.check(value)) is good


def test_an_unknown_sslmode_is_shown_as_it_is() -> None:
    target = DatabaseTarget("x", {"sslmode": "odd"})
    field = next(each for each in fields_of(target, "x") if each.name == "sslmode")
    assert isinstance(field, ChoiceField)
    assert field.value == "odd"
    assert "odd" in [value for _, value in field.options]
