"""The marks of saved connections on whatever leads to the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tui.services.sql import DatabaseTarget, Rules, SecretSource, SecretStore, from_url
from tui.services.sql.connecting.marks import marked
from tui.services.sql.connecting.places import place_of
from tui.services.sql.connecting.saved import SavedConnection

PRODUCTION = Rules(production=True)


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "services"
    file.write_text("[shop]\nhost=db.example\nport=5432\ndbname=shop\n")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    return file


def saved(url: str, rules: Rules = PRODUCTION, name: str = "prod") -> SavedConnection:
    return SavedConnection(name, replace(from_url(url)[0], label=name, rules=rules))


@pytest.mark.parametrize(
    ("kept", "typed", "taken"),
    [
        ("postgresql://a@db.example/shop", "postgresql://b:pw@DB.example.:5432/shop", True),
        ("postgresql://a@db.example", "postgresql://b@db.example/a", True),
        ("postgresql://db.example", "postgresql://b@db.example/any", True),
        ("postgresql://db.example/shop", "postgresql:///?service=shop", True),
        ("postgresql:///?service=shop", "postgresql://db.example/shop", True),
        ("postgresql://db.example/shop", "postgresql://other,db.example/shop", True),
        ("postgresql://db.example/shop", "postgresql://db.example/shop?tunnel=me%40hop", True),
        ("postgresql://db.example/shop?hostaddr=10.0.0.1", "postgresql://10.0.0.1/shop", True),
        ("postgresql://localhost/shop", "postgresql://127.0.0.1/shop", True),
        ("postgresql://localhost/shop", "postgresql:///shop?host=/run/postgresql", True),
        ("postgresql://localhost/shop", "postgresql://localhost/shop?tunnel=hop", False),
        ("postgresql://db.example/shop", "postgresql://db.example/other", False),
        ("postgresql://db.example/shop", "postgresql://db.example:5433/shop", False),
        ("postgresql://db.example/shop", "postgresql://elsewhere.example/shop", False),
    ],
)
def test_what_leads_to_a_saved_place_takes_its_marks(kept: str, typed: str, taken: bool) -> None:
    target, _ = from_url(typed)
    found, names = marked(target, [saved(kept)])
    assert (found.rules.production, names) == (taken, ["prod"] if taken else [])
    assert replace(found, rules=target.rules) == target


def test_the_marks_of_several_are_joined_and_those_without_any_are_not_named() -> None:
    target, _ = from_url("postgresql://db.example/shop")
    url = "postgresql://db.example/shop"
    found, names = marked(
        target,
        [
            saved(url),
            saved(url, Rules(), "plain"),
            saved(url, Rules(read_only=True, manual_commit=True), "read"),
        ],
    )
    assert found.rules == Rules(production=True, read_only=True, manual_commit=True)
    assert names == ["prod", "read"]


def test_a_saved_connection_keeps_its_own_marks_beside_another_to_the_same_place() -> None:
    url = "postgresql://db.example/shop"
    own = saved(url, Rules(), "own")
    assert own.target is not None
    both = [saved(url, Rules(read_only=True), "a reader"), own]
    assert marked(own.target, both) == (own.target, [])
    # Not where it was before its saved one was moved.
    before = replace(from_url("postgresql://db.example/shop")[0], label="own")
    moved = saved("postgresql://elsewhere.example/shop", Rules(), "own")
    assert marked(before, [both[0], moved])[1] == ["a reader"]


def test_a_place_is_what_libpq_makes_of_it(no_variables: Path) -> None:
    named, service = from_url("postgresql://db.example/shop")[0], DatabaseTarget("s", {})
    assert place_of(named) == place_of(replace(service, parameters={"service": "shop"}))
    assert place_of(service, {"PGHOST": "db.example", "PGDATABASE": "shop"}) == place_of(named)
    assert place_of(named) != place_of(replace(named, tunnel="hop"))
    no_variables.write_text("[shop]\nhost=elsewhere.example\ndbname=shop\n")
    assert place_of(named) != place_of(replace(service, parameters={"service": "shop"}))


def test_a_place_that_a_secret_says_is_that_of_the_secret() -> None:
    def of(name: str) -> DatabaseTarget:
        return DatabaseTarget("", {}, secret=SecretSource(SecretStore.SECRETS_MANAGER, name))

    assert place_of(of("one")) == place_of(of("one"))
    assert place_of(of("one")) != place_of(of("two"))
    kept = SavedConnection("prod", replace(of("one"), label="prod", rules=PRODUCTION))
    assert marked(of("one"), [kept])[1] == ["prod"]
    assert marked(of("two"), [kept])[1] == []
    # Without a host libpq goes to this machine; the secret leads elsewhere.
    assert marked(from_url("postgresql://localhost/any")[0], [kept])[1] == []
