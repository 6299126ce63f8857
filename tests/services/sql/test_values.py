"""Every value arrives exactly as the server prints it."""

from __future__ import annotations

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.sql import Session

VALUES = [
    ("'infinity'::date", "infinity"),
    ("'-infinity'::timestamptz", "-infinity"),
    ("date '0044-03-15 BC'", "0044-03-15 BC"),
    ("date '25000-01-01'", "25000-01-01"),
    ("time '24:00:00'", "24:00:00"),
    ("interval '1 mon'", "1 mon"),
    ("interval '1 mon -1 day'", "1 mon -1 days"),
    ("'NaN'::numeric", "NaN"),
    ("'-Infinity'::numeric", "-Infinity"),
    ("12345678901234567890123456789012345678901234.5600::numeric",
     "12345678901234567890123456789012345678901234.5600"),
    ("1.10::numeric(5,2)", "1.10"),
    ("'1e-307'::float8", "1e-307"),
    ("'1.7976931348623157e308'::float8", "1.7976931348623157e+308"),
    ("0.1::float4", "0.1"),
    ("9007199254740993::bigint", "9007199254740993"),
    ('\'{"n": 12345678901234567890.10, "z": null}\'::jsonb',
     '{"n": 12345678901234567890.10, "z": null}'),
    ("'{\"b\":1, \"b\":2}'::json", '{"b":1, "b":2}'),
    (r"'\xdeadbeef00'::bytea", r"\xdeadbeef00"),
    ("array[1, null, 3]", "{1,NULL,3}"),
    ("array['NULL', '', 'a,b', null]", '{"NULL","","a,b",NULL}'),
    ("array[[1,2],[3,4]]::int[][]", "{{1,2},{3,4}}"),
    ("'[0:1]={7,8}'::int[]", "[0:1]={7,8}"),
    ("'a'::char(4)", "a   "),
    ("''", ""),
    ("'NULL'", "NULL"),
    ("null", None),
    ("true", "t"),
    ("row(1, null, '')", '(1,,"")'),
    ("int4range(1, 5)", "[1,5)"),
    ("'00000000-0000-0000-0000-000000000001'::uuid", "00000000-0000-0000-0000-000000000001"),
    ("'a b'::tsvector", "'a' 'b'"),
    ("'12.34'::money::numeric", "12.34"),
    ("'192.168.0.1/24'::inet", "192.168.0.1/24"),
    ("E'[/] [red]x\\x1b[31m\\n\\t'", "[/] [red]x\x1b[31m\n\t"),
    ("'🙂 e\u0301 \u00e9'", "🙂 e\u0301 \u00e9"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=[each for each, _ in VALUES])
async def test_value_is_the_servers_text(
    run: RunSql, expression: str, expected: str | None
) -> None:
    result = await run(f"select {expression} as v")
    assert result.rows == ((expected,),)
    assert result.complete


async def test_values_of_a_statement_that_cannot_be_paged_are_exact_too(
    run: RunSql, table: str
) -> None:
    result = await run(
        f"create table {table} (d date, i interval, n numeric);"
        f"insert into {table} values ('infinity', '1 mon', 'NaN') returning *"
    )
    assert result.rows == (("infinity", "1 mon", "NaN"),)
    assert result.tag == "INSERT 0 1"


async def test_columns_keep_repeated_and_empty_names_and_their_types(run: RunSql) -> None:
    result = await run("select 1 as a, 'x'::text as a, 2.5 as \" \", null::pg_lsn as l, null as u")
    assert result.columns is not None
    assert [(each.name, each.type_name, each.numeric) for each in result.columns] == [
        ("a", "integer", True),
        ("a", "text", False),
        (" ", "numeric", True),
        ("l", "pg_lsn", False),
        ("u", "text", False),
    ]
    assert result.rows == (("1", "x", "2.5", None, None),)


async def test_a_type_of_the_users_own_is_named(run: RunSql, table: str) -> None:
    result = await run(f"create type {table} as enum ('sad', 'ok'); select 'ok'::{table} as mood")
    assert result.columns is not None
    assert result.columns[0].type_name == table
    assert result.rows == (("ok",),)


async def test_rows_without_columns_are_counted(run: RunSql) -> None:
    result = await run("select from generate_series(1, 3)")
    assert result.columns == ()
    assert result.rows == ((), (), ())
    assert result.tag == "SELECT 3"


async def test_no_rows_still_have_columns(run: RunSql) -> None:
    result = await run("select 1 as a where false")
    assert result.columns is not None
    assert [each.name for each in result.columns] == ["a"]
    assert result.rows == ()
    assert result.complete
    assert result.tag == "SELECT 0"


async def test_text_stays_whole_after_the_user_sets_another_encoding(
    session: Session, run: RunSql
) -> None:
    await run("set client_encoding = 'LATIN1'")
    result = await run("select '\u0416🙂'")
    assert result.rows == (("\u0416🙂",),)
