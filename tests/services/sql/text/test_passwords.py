"""What of the editor's text is not written to disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.sql.files.kept_tabs import KeptTab, KeptTabs, TabsOnDisk
from tui.services.sql.text.passwords import NOT_KEPT, without_passwords

SECRET = "hunter2"

TEXTS = [
    "create user u password 'hunter2';",
    "CREATE ROLE u LOGIN ENCRYPTED PASSWORD E'hunter2\\'s' VALID UNTIL 'infinity';",
    "alter user u with\n  password -- mine\n  'hunter2';",
    "alter role u password /* x */ $$hunter2$$; select 1",
    "alter role u password $q$hunter2$q$",
    "alter user u password 'it''s hunter2'; select 2",
    "alter user u password U&'hunter2'",
    "alter user u password 'hunter2",
    "alter user u password '\nhunter'",
    "select 'it; alter user u password 'hunter2'; select 3",
    "create user u identified by 'hunter2'",
    "create user mapping for u server s options (user 'u', password 'hunter2')",
    "alter user mapping for u server s options (set password 'hunter2', add sslpassword 'hunter2')",
    "create subscription s connection 'host=h user=u password=hunter2 dbname=d' publication p",
    "select * from dblink('password=hunter2', 'select 1') as t(n int)",
    "select * from dblink('host=h password=''hunter2 x''', 'select 1') as t(n int)",
    "select * from dblink(E'host=h password=\\'hunter2\\'', 'select 1') as t(n int)",
    "select dblink_connect('postgresql://u:hunter2@h/d')",
    "-- postgres://u:pa/ss@hunter2@h:5432/d",
    "select dblink_connect('postgresql://h/d?user=u&password=hunter2')",
    "-- mysql://u:hunter2@h/d",
    "update users set password = 'hunter2' where id = 1",
    "alter user u password 'hun' -- and more\n 'ter2 hunter2'",
    "select set_config('my.password', 'hunter2', false)",
    "select json_build_object('a', 1, 'password', 'hunter2')",
    "select crypt('hunter2', gen_salt('bf'))",
    "select crypt('hunter2', 'salt')",
    "copy t from 's3://b/k' credentials 'aws_access_key_id=a;aws_secret_access_key=hunter2'",
    "copy t from 's3://b/k' access_key_id 'A' secret_access_key 'hunter2'",
    "select aws_commons.create_aws_credentials('a', 'hunter2', '')",
    'select \'{"password": "hunter2"}\'::jsonb',
    "\\password hunter\nalter user u password 'hunter2'",
]


def only(text: str) -> KeptTabs:
    """A text in the only tab there is."""
    return KeptTabs((KeptTab(1, text),))


@pytest.mark.parametrize("text", TEXTS)
async def test_a_password_is_not_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "editor.sql"
    buffer = TabsOnDisk(path)
    await buffer.load()
    around = f"select 'before';\n{text}\n;select 'after'"
    left_out = await buffer.save(only(around))
    kept = path.read_text()
    if "hunter2" in text:
        assert SECRET not in kept
        assert left_out >= 1
    assert kept.startswith("select 'before';\n")
    assert kept.endswith("\n;select 'after'")
    # What is loaded and kept again stays as it is.
    assert without_passwords(kept)[0] == kept
    buffer.close()


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "select * from methods where kind in ('password', 'otp')",
        "select password from users where password is not null",
        "select * from a join b on a.password = b.password",
        "select a.password=b.password from a, b",
        "update users set password = crypt(:new, gen_salt('bf')) where password = $1",
        "set password_encryption = 'scram-sha-256'",
        "alter user u password null",
        "select 'http://host:80/x@y', 'postgresql://u@h/d'",
        "create table users (password text default '')",
    ],
)
def test_what_is_no_password_is_kept(text: str) -> None:
    assert without_passwords(text) == (text, 0)


def test_a_statement_without_its_password_sets_no_other() -> None:
    kept, count = without_passwords("alter user u password 'hunter2';")
    assert (kept, count) == (f"alter user u password {NOT_KEPT};", 1)


async def test_a_password_kept_by_an_earlier_version_is_taken_out_when_it_is_read(
    tmp_path: Path,
) -> None:
    path = tmp_path / "editor.sql"
    path.write_text("alter user u password 'hunter2'")
    buffer = TabsOnDisk(path)
    assert SECRET not in (await buffer.load()).kept.tabs[0].text
    assert SECRET not in path.read_text()
    buffer.close(only("alter user u password 'hunter2'"))
    assert SECRET not in path.read_text()


@pytest.mark.parametrize(
    "part",
    [
        "a.b.",
        "a://",
        "postgres://u:p",
        "password ",
        "password=",
        "password = x ",
        "password/*",
        "'",
    ],
)
def test_a_long_text_takes_no_time_that_grows_with_its_square(part: str) -> None:
    # With the square it would take a minute.
    text = f"-- password ://\n{part * 20_000}"
    assert without_passwords(text)[0]
