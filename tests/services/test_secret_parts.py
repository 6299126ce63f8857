"""Which parts of a connection are not shown while it is typed."""

from __future__ import annotations

import pytest

from tui.services.secret_parts import secret_parts


def shown(text: str) -> str:
    drawn = list(text)
    for start, end in secret_parts(text):
        drawn[start:end] = "•" * (end - start)
    return "".join(drawn)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://ada:hunter2@db.example:5432/shop", "hunter2"),
        ("postgres://ada:hunter2", "hunter2"),
        ("postgres://ada:12", "12"),
        ("POSTGRESQL://ada:hunter2@h/d", "hunter2"),
        ("  postgresql://ada:p/w?d#x@h/d", "p/w?d#x"),
        ("postgresql://ada:12/34@h/d", "12/34"),
        ("postgresql://ada:a@b:c@h/d", "a@b:c"),
        ("postgresql://:hunter2@h/d", "hunter2"),
        ("postgresql://ada@h/d?sslmode=require&password=hunter2&x=y", "hunter2"),
        ("host=h password=hunter2 dbname=d", "hunter2"),
        ("password = 'two words' host=h", "'two words'"),
        ("password='not closed", "'not closed"),
        ("host=h sslpassword=hunter2", "hunter2"),
        ("PGPASSWORD=hunter2 psql -h h", "hunter2"),
        ("PGUSER=me PGPASSWORD='a b' psql -h h", "'a b'"),
        ("$ psql postgresql://ada:hunter2@h/d", "hunter2"),
        ("psql 'host=h password=hunter2'", "hunter2'"),
    ],
)
def test_a_password_is_hidden_and_nothing_else(text: str, secret: str) -> None:
    assert shown(text) == text.replace(secret, "•" * len(secret))


@pytest.mark.parametrize(
    "length", range(len("postgresql://ada:"), len("postgresql://ada:hunter2@h"))
)
def test_a_password_is_hidden_from_its_first_character(length: int) -> None:
    text = "postgresql://ada:hunter2@h"[:length]
    typed = text.removeprefix("postgresql://ada:").partition("@")[0]
    assert shown(text).startswith("postgresql://ada:" + "•" * len(typed))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop production",
        "postgresql://db.example/shop",
        "postgresql://ada@db.example:5432/shop",
        "postgresql://db.example:5432/shop",
        "postgresql://a:5432,b:5433/shop",
        "postgresql://[2001:db8::1]:5433/shop",
        "host=h passfile=/tmp/x user=me",
        "the password = what",
        "s3://bucket/password=2024/x",
        "select 'postgresql://ada:hunter2@h'",
    ],
)
def test_what_has_no_password_is_shown(text: str) -> None:
    assert shown(text) == text
