"""Rows as JSON, CSV and INSERT."""

from __future__ import annotations

import json

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.quoting import quote_literal
from tui.services.sql import split
from tui.services.sql.copies import Form, as_insert, as_json, rows_as, source_table

ROW = (
    "select 9007199254740993::bigint as n, 'NaN'::numeric as nan, true as b, "
    "null as none, '' as empty, E'a\"b\\n[/]🙂' as t, '{\"x\": 1.10}'::jsonb as j, "
    "1.50::numeric as d"
)


async def test_json_keeps_digits_types_and_absence(run: RunSql) -> None:
    result = await run(ROW)
    text = as_json(result.columns or (), result.rows[0])
    assert '"n": 9007199254740993' in text
    assert '"d": 1.50' in text
    assert '"j": {"x": 1.10}' in text
    assert json.loads(text) | {"j": 0, "d": 0} == {
        "n": 9007199254740993,
        "nan": "NaN",
        "b": True,
        "none": None,
        "empty": "",
        "t": 'a"b\n[/]🙂',
        "j": 0,
        "d": 0,
    }


async def test_json_of_repeated_names_loses_none(run: RunSql) -> None:
    result = await run("select 1 as a, 2 as a")
    assert as_json(result.columns or (), result.rows[0]) == '[["a", 1], ["a", 2]]'


async def test_csv_and_insert_are_read_back_the_same(run: RunSql, table: str) -> None:
    result = await run(
        f'create table {table} (n int, t text, e text, z text, "W x" text);'
        f"insert into {table} values (1, E'a\"b,\\n\\\\ ''c''', '', null, ' pad ');"
        f"table {table}"
    )
    columns, row = result.columns or (), result.rows[0]
    csv = rows_as(Form.CSV, result.statement, columns, [row], most=10_000)
    assert csv.split("\n", 1)[1].startswith('1,"a""b,\n')
    assert csv.endswith('"",," pad "\n')
    again = await run(
        f"{as_insert(result.statement, columns, row)} select count(*), count(distinct t) "
        f"from {table} where e = '' and z is null"
    )
    assert again.rows == (("2", "1"),)


async def test_an_insert_with_control_characters_is_safe_to_paste(run: RunSql, table: str) -> None:
    name, value = 'W"\x15\u202e', "it's \x15\\! touch x\r\x9b\u2028"
    quoted = name.replace('"', '""')
    result = await run(
        f'create table {table} ("{quoted}" text);'
        f'insert into {table} ("{quoted}") values ({quote_literal(value)}); table {table}'
    )
    insert = as_insert(result.statement, result.columns or (), result.rows[0])
    assert insert.isprintable()
    again = await run(f'{insert} select count(*), min("{quoted}") from {table}')
    assert again.rows == (("2", value),)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("select * from users u join other o using (id)", "users"),
        ('select * from "My S" . "t.x" where 1 = 1', '"My S"."t.x"'),
        ("table a.b", "a.b"),
        ('table "a\x15""b"', 'U&"a\\0015""b"'),
        ('table U&"a\\0015\x15"', 'U&"a\\0015\\0015"'),
        ("table Bed\x85", 'U&"bed\\0085"'),
        ("insert into t values (1) returning *", "t"),
        ("select 1", ""),
        ("select (select 1 from inner_one) from outer_one", "outer_one"),
    ],
)
def test_the_source_table_is_the_first_that_is_read(text: str, table: str) -> None:
    (statement,) = split(text)
    assert source_table(statement) == table
