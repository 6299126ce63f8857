"""Values and names of any kind in changes of rows."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import run_last
from tests.services.sql.row_edits.rows import read
from tui.services.sql import Session, SqlService, from_url
from tui.services.sql.row_edits.changes import DeleteRow, UpdateRow

VALUES = [
    ("smallint", "-32768"), ("bigint", "9223372036854775807"), ("numeric", "1.000"),
    ("numeric", "NaN"), ("real", "0.1"), ("double precision", "-0"),
    ("double precision", "2.2250738585072014e-308"), ("money", "$1,234.50"), ("boolean", "t"),
    ("text", "%s % %% \\ \\x41 'q' \"d\" \t\r\n\u2028 𝄞 :name $1"), ("varchar(5)", "  a  "),
    ("char(5)", "a    "), ('"char"', "a"), ("name", "Größe"), ("bytea", "\\x00ff"),
    ("date", "0044-03-15 BC"), ("date", "infinity"), ("timestamp", "99999-01-01 00:00:00"),
    ("timestamptz", "2024-10-27 02:30:00+00"), ("time", "24:00:00"), ("timetz", "24:00:00+14"),
    ("interval", "24:00:00"), ("interval", "1 mon -1 days"), ("json", '{"a":  1, "a": 2}'),
    ("jsonb", '{"a": 1.10}'),
    ("uuid", "00000000-0000-0000-0000-0000000000ff"),
    ("inet", "10.0.0.1"), ("cidr", "10.0.0.0/8"), ("macaddr", "08:00:2b:01:02:03"),
    ("point", "(1,2)"), ("box", "(2,2),(1,1)"), ("circle", "<(1,2),3>"), ("path", "[(1,1),(2,2)]"),
    ("polygon", "((0,0),(1,1),(1,0))"), ("line", "{1,2,3}"), ("lseg", "[(0,0),(1,1)]"),
    ("bit(3)", "101"), ("varbit", ""), ("int[]", "{1,NULL,3}"),
    ("text[]", '{"",NULL,"NULL","a,b"}'),
    ("int4range", "[1,5)"), ("tsvector", "'a':1 'b'"), ("tsquery", "'a' & 'b'"), ("xid", "7"),
    ("pg_lsn", "0/16B3748"), ("oid", "4294967295"), ("regclass", "pg_class"),
]  # fmt: skip
"""Types, and values as the server prints them."""


async def test_values_of_every_type_go_there_and_back_and_are_compared_exactly(
    session: Session, other: RunElsewhere, table: str
) -> None:
    columns = ", ".join(f"c{number} {type_}" for number, (type_, _) in enumerate(VALUES))
    other(f"create table {table} (id int primary key, {columns})")
    other(f"insert into {table} (id) values (1)")
    rows = await read(session, f"select * from {table}")
    values = {number: value for number, (_, value) in enumerate(VALUES, 2)}
    applied = await rows.apply([UpdateRow(rows[0], values)])
    assert applied.rows[0] == ("1", *(value for _, value in VALUES))
    # Each of them stands in the condition of the next change.
    again = await read(session, f"select * from {table}")
    assert again[0] == applied.rows[0]
    assert (await again.apply([DeleteRow(again[0])])).rows == (again[0],)


@pytest.mark.parametrize(
    ("type_", "shown", "becomes"),
    [
        ("double precision", "0", "-0"),
        ("interval", "1 day", "24:00:00"),
        ("json", "{}", "{ }"),
        ("jsonb", '{"a": 1.0}', '{"a": 1.00}'),
        ("box", "(1,1),(0,0)", "(3,3),(2,2)"),
        ("point", "(1,2)", "(1,3)"),
        ("text", "a", "a "),
        ("inet", "10.0.0.1", "10.0.0.1/8"),
        ("double precision[]", "{0}", "{-0}"),
        ("int", None, "0"),
        ("text", "", None),
        ("xid", "7", "8"),
    ],
)
async def test_a_row_with_another_value_is_not_taken_for_the_one_shown(
    session: Session, other: RunElsewhere, table: str, type_: str, shown: str, becomes: str
) -> None:
    def literal(value: str | None) -> str:
        return "null" if value is None else f"'{value}'"

    other(f"create table {table} (id int primary key, v {type_}, w int)")
    other(f"insert into {table} values (1, {literal(shown)}, 0)")
    rows = await read(session, f"select * from {table}")
    other(f"update {table} set v = {literal(becomes)}")
    error = await rows.refused([UpdateRow(rows[0], {3: "5"})])
    assert error.conflict
    assert error.now == ("1", becomes, "0")
    assert "v now" in error.cause


async def test_names_may_be_anything(session: Session, other: RunElsewhere, table: str) -> None:
    schema, name = f'S."{table}', "tab\nle'; drop -- %s"
    quoted = f'"S.""{table}"."{name}"'
    first, second = 'a"b', "SELECT"
    other(f'create schema "S.""{table}"')
    other(
        f'create table {quoted} ("a""b" text, "{second}" text, "%(x)s" text, '
        f'primary key ("{second}", "a""b"))'
    )
    other(f"insert into {quoted} values ('x', 'y', 'z')")
    rows = await read(session, f"select * from {quoted}")
    found = await session.editable_table(rows.result)
    assert (found.schema, found.name, found.key) == (schema, name, (2, 1))
    assert found.column(1).name == first
    await rows.apply([UpdateRow(rows[0], {1: "%s", 3: "ü"})])
    assert other(f"select * from {quoted}") == [("%s", "y", "ü")]
    other(f'drop schema "S.""{table}" cascade')


async def test_bytes_of_no_encoding_go_there_and_back(
    service: SqlService, other: RunElsewhere, database: str, table: str
) -> None:
    other(f"create database {table} encoding 'SQL_ASCII' locale 'C' template template0")
    url = urlunsplit(urlsplit(database)._replace(path=f"/{table}"))
    session = await service.connect(*from_url(url))
    made = "create table t (k text primary key, v text, j json); insert into t values "
    rows = await read(session, made + r"(E'\xff', E'\xc3\xfe', '{}') returning *")
    assert rows[0][:2] == ("\udcff", "\udcc3\udcfe")
    applied = await rows.apply([UpdateRow(rows[0], {1: "é\udc80", 3: "[1]"})])
    session.close()
    other(f"drop database {table} with (force)")
    assert applied.rows == (("é\udc80", "\udcc3\udcfe", "[1]"),)


@pytest.mark.parametrize("setting", ["extra_float_digits = -15", "datestyle = 'German'"])
async def test_values_are_compared_as_this_session_prints_them(
    session: Session, other: RunElsewhere, table: str, setting: str
) -> None:
    other(f"create table {table} (id int primary key, f float, d date, t timestamptz, r real[])")
    other(f"insert into {table} values (1, 1/3.0, '2024-02-03', now(), '{{0.1,0.3}}')")
    rows = await read(session, f"set {setting}; table {table}")
    await rows.apply([UpdateRow(rows[0], {2: "2"})])


async def test_a_backslash_means_itself_whatever_the_server_thinks(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (id int primary key, name text)")
    other(f"insert into {table} values (1, 'Ada')")
    await run_last(session, "set standard_conforming_strings = off")
    rows = await read(session, f"select * from {table} order by id")
    value = "\\' or 1=1; -- "
    await rows.apply([UpdateRow(rows[0], {2: value})])
    assert other(f"select name from {table} where id = 1") == [(value,)]
