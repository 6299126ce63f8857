"""Targets with one thing changed, and as URLs."""

from __future__ import annotations

import pytest

from tui.services.sql import Auth, Rules, Secrets, from_url
from tui.services.sql.connecting.altered import as_url, moved, with_parameters, with_token

URLS = [
    "postgresql://anna@db.example:6543/shop",
    "postgresql://db.example/shop",
    "postgresql://an%2Fna%40x@db.example/sh%3Fop%20%25",
    "postgresql://anna@[2001:db8::1]:5433/shop?sslmode=verify-full",
    "postgresql:///shop?host=/run/postgresql&port=6543",
    "postgresql://anna@/shop?host=a,b&port=1,2",
    "postgresql:///?service=shop",
    "postgresql://h/d?options=-c%20geqo%3Doff",
    "postgresql://anna@db.example/shop?sslmode=require&tunnel=me%40hop%3A2222",
]


@pytest.mark.parametrize("url", URLS)
def test_a_target_as_a_url_leads_to_the_same_place(url: str) -> None:
    target, _ = from_url(url)
    again, _ = from_url(as_url(target))
    assert (again.parameters, again.tunnel) == (target.parameters, target.tunnel)


def test_a_url_never_holds_the_password() -> None:
    target, secrets = from_url("postgresql://anna:hunter2@db.example/shop")
    assert secrets
    assert "hunter2" not in as_url(target)


def test_the_label_follows_what_it_was_made_of() -> None:
    target, _ = from_url("postgresql://anna@db.example/shop")
    assert with_parameters(target, {"dbname": "other"}).label == "postgres://db.example/other"


def test_a_token_is_sent_encrypted_only() -> None:
    plain, _ = from_url("postgresql://anna@db.example/shop?sslmode=disable")
    assert with_token(plain).parameters["sslmode"] == "require"
    assert with_token(plain).auth is Auth.IAM
    verified, _ = from_url("postgresql://anna@db.example/shop?sslmode=verify-full")
    assert with_token(verified).parameters["sslmode"] == "verify-full"


BEFORE = "postgresql://anna:hunter2@db.example/shop"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("postgresql://anna@db.example/other?sslmode=require", True),
        ("postgresql://anna@elsewhere.example/shop", False),
        ("postgresql://bob@db.example/shop", False),
        ("postgresql://anna@db.example/shop?tunnel=hop", False),
        ("postgresql://anna@db.example:6543/shop", False),
        ("postgresql://anna@db.example/shop?hostaddr=192.0.2.1", False),
    ],
)
def test_a_password_stays_with_the_server_and_the_user_that_it_was_given_for(
    typed: str, kept: bool
) -> None:
    before, known = from_url(BEFORE)
    after, secrets = moved(before, known, *from_url(typed))
    assert bool(secrets) is kept
    typed_target = from_url(typed)[0]
    assert (after.parameters, after.tunnel) == (typed_target.parameters, typed_target.tunnel)


def test_a_password_that_is_typed_takes_the_place_of_the_one_before() -> None:
    before, known = from_url(BEFORE)
    _, secrets = moved(before, known, *from_url("postgresql://anna:other@db.example/shop"))
    assert secrets.reveal()["password"] == "other"


def test_the_marks_of_a_connection_stay_wherever_it_leads() -> None:
    from dataclasses import replace

    before = replace(from_url(BEFORE)[0], rules=Rules(production=True))
    after, _ = moved(before, Secrets(), *from_url("postgresql://elsewhere.example/shop"))
    assert after.rules.production
