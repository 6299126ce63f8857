"""Connections as people paste them."""

from __future__ import annotations

import pytest

from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Auth
from tui.services.sql.connecting.pasted import from_pasted, is_connection

APP = {"host": "h", "user": "me", "dbname": "app"}


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("postgresql://me@h/app", APP),
        ("  postgres://me@h/app\n", APP),
        ("host=h user=me dbname='app'", APP),
        ("psql -h h -U me app", APP),
        ("psql -hh -Ume -d app", APP),
        ("psql --host=h --username me --dbname=app", APP),
        ("psql app me -h h", APP),
        ("psql -d app me --host h", APP),
        ("psql -h h -- app me", APP),
        ("$ psql -h h -U me app", APP),
        ("/usr/lib/postgresql/16/bin/psql -h h -U me app", APP),
        ("PGHOST=h PGUSER='me' psql app", APP),
        ("PGHOST=other psql -h h -U me app", APP),
        ("PGUSER=other psql -h h app me", APP),
        ("psql -XAtqh h -U me -c 'select 1 -- -h x' -v a=b -f file.sql app", APP),
        ("psql -h h \\\n  -U me \\\n app", APP),
        ('psql "host=h user=me dbname=app"', APP),
        ("psql postgresql://me@h/app -p 1", {**APP, "port": "1"}),
        ("psql -p 5433 -w -W -h h -U me app", {**APP, "port": "5433"}),
        ("PGSSLMODE=require psql service=prod", {"sslmode": "require", "service": "prod"}),
        ("psql", {}),
    ],
)
def test_what_is_pasted_is_read(text: str, parameters: dict[str, str]) -> None:
    assert is_connection(text)
    target, secrets = from_pasted(text)
    assert dict(target.parameters) == parameters
    assert not secrets


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@h/app",
        "host=h password=hunter2",
        "PGPASSWORD=hunter2 psql -h h",
        "PGPASSWORD='hunter2' PGUSER=me psql",
        'PGPASSWORD="hunter2" psql -h h',
        "psql postgresql://me:hunter2@h/app",
        'psql "host=h password=hunter2"',
    ],
)
def test_a_password_goes_to_memory_only(text: str) -> None:
    assert is_connection(text)
    target, secrets = from_pasted(text)
    assert secrets.reveal() == {"password": "hunter2"}
    assert target.auth is Auth.PASSWORD
    assert "hunter2" not in repr(target) + repr(secrets)


@pytest.mark.parametrize(
    "text",
    ["", "prod", "psq", "psqlx", "a psql", "my psql server", "select 1", "hosting=1", "s3://b/k"],
)
def test_other_texts_are_none(text: str) -> None:
    assert not is_connection(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2/x@h/app",
        "host=h password='hunter2",
        "psql 'host=h password=hunter2",
        "psql -d 'host=h passwort=hunter2'",
        "PGPASSWORD=hunter2 psql -h",
    ],
)
def test_what_cannot_be_read_is_not_repeated(text: str) -> None:
    assert is_connection(text)
    with pytest.raises(ServiceError) as caught:
        from_pasted(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert "hunter2" not in str(caught.value)
