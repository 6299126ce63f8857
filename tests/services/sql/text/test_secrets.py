"""Secrets in statements that are kept."""

from __future__ import annotations

import pytest

from tests.services.sql.text.test_passwords import TEXTS
from tui.services.sql.text.passwords import NOT_KEPT
from tui.services.sql.text.secrets import without_secrets

HOSTILE = [
    "grant all on *.* to ann identified by 'hunter2'",
    "create user u password/* a /* nested */ comment */'hunter2'",
    "alter role u pasword 'hunter2'",
    "alter role u with encrypted password E'hun\\'ter2 hunter2' valid until '2030-01-01'",
    "alter user u password U&'\\0068unter2 hunter2' uescape '!'",
    "alter user u password $a$it's hunter2$a$",
    "alter user u password 'hun' -- and more\n 'ter2 hunter2'",
    "set my.password = 'hunter2'",
    "set \"my.api_key\" to 'hunter2'",
    "select set_config('my.secret', 'hunter2', false)",
    "select json_build_object('a', 1, 'password', 'hunter2')",
    "select * from sessions where access_token = 'hunter2'",
    "select crypt('hunter2', gen_salt('bf'))",
    "update users set hash = crypt($$hunter2$$, salt)",
    "select pgp_sym_decrypt(data, E'hunter2') from t",
    "select aws_commons.create_aws_credentials('hunter2', 'hunter2', '')",
    "copy t from 's3://b/k' credentials 'aws_secret_access_key=hunter2'",
    "copy t from 's3://b/k' access_key_id 'A' secret_access_key 'hunter2'",
    "insert into users (name, password) values ('ann', 'hunter2'), ('bob', lower('hunter2'))",
    "insert into public.\"Users\" (name, \"Password\", n) values ('ann', 'hunter2', 1)",
    "do $x$ begin execute format('alter user %I password %L', 'u', 'hunter2'); end $x$",
    "select format('alter user %I password %L', 'u', 'hunter2')",
    "select dblink_connect('c', 'host=h password = hunter2')",
    "select dblink_connect_u('c', $$user=u password='hunter2'$$)",
    "create server s foreign data wrapper w options (host 'h', \"password\" 'hunter2')",
    "create subscription s connection 'postgresql://u:hunter2@h/d' publication p",
    "alter system set primary_conninfo = 'host=h user=u password=hunter2'",
]


@pytest.mark.parametrize("text", [*HOSTILE, *(each for each in TEXTS if "hunter2" in each)])
def test_a_secret_is_not_kept(text: str) -> None:
    kept, left_out = without_secrets(text)
    assert "hunter2" not in kept
    assert left_out >= 1
    assert without_secrets(kept)[0] == kept


@pytest.mark.parametrize(
    "text",
    [
        "select 'a', 'b' from users where role = 'admin' and key = 'k'",
        "select * from methods where kind in ('password', 'otp')",
        "select password from users where name = 'x'",
        "alter role u set search_path = 'a', 'b'",
        "alter role u valid until 'infinity'",
        "insert into users (name, role) values ('ann', 'admin')",
        "select format('%s has a key', 'ann')",
        "create user mapping for u server s options (user 'ann')",
        "select hstore('a', 'b')",
        "create table t (password text default '')",
        "grant select on users to u",
    ],
)
def test_what_is_no_secret_is_kept(text: str) -> None:
    assert without_secrets(text) == (text, 0)


def test_the_values_of_other_columns_are_kept() -> None:
    kept, left_out = without_secrets(
        "insert into u (name, password) values ('ann', 'x'), ('bob', 'y')"
    )
    assert kept == (
        f"insert into u (name, password) values ('ann', {NOT_KEPT}), ('bob', {NOT_KEPT})"
    )
    assert left_out == 2


def test_a_backslash_is_read_as_the_server_reads_it() -> None:
    text = r"alter user u password 'it\'s hunter2'"
    assert "hunter2" not in without_secrets(text, backslash_escapes=True)[0]
