"""Dates, bytes and plans are those that every other client of the server gets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, run_last
from tui.services.sql import Session, SqlError, SqlService, from_url
from tui.services.sql.copies import as_insert

DATE = "select '2024-02-03'::date, '2024-02-03 04:05'::timestamp"


@pytest.mark.parametrize(
    ("style", "shown"),
    [("German", "03.02.2024"), ("SQL, DMY", "03/02/2024"), ("ISO", "2024-02-03")],
)
async def test_dates_follow_the_server_also_after_connecting_again(
    service: SqlService, other: RunElsewhere, database: str, style: str, shown: str
) -> None:
    name = urlsplit(database).path[1:]
    other(f"alter database {name} set datestyle = '{style}'")
    try:
        session = await service.connect(*from_url(database))
        for again in (False, True):
            if again:
                await session.reconnect()
            result = await run_last(session, DATE)
            assert result.rows[0][0] == shown
            assert str(result.rows[0][1]).startswith(shown)
        session.close()
    finally:
        other(f"alter database {name} reset datestyle")


@pytest.fixture
async def of_bytes(
    service: SqlService, other: RunElsewhere, database: str, table: str
) -> AsyncIterator[Session]:
    """A session in a database of no encoding."""
    other(f"create database {table} encoding 'SQL_ASCII' locale 'C' template template0")
    url = urlunsplit(urlsplit(database)._replace(path=f"/{table}"))
    session = await service.connect(*from_url(url))
    yield session
    session.close()
    other(f"drop database {table} with (force)")


async def test_a_database_of_no_encoding_holds_the_bytes_of_utf_8(of_bytes: Session) -> None:
    result = await run_last(
        of_bytes,
        "create table café (naïve text); insert into café values ('Ж🙂é'), ('plain');"
        'select naïve, octet_length(naïve)::text as "größe" from café',
    )
    assert result.rows == (("Ж🙂é", "8"), ("plain", "5"))
    assert [column.name for column in result.columns or ()] == ["naïve", "größe"]
    assert result.notices == ()
    (relation,) = (await of_bytes.relations()).found
    assert (relation.name, (relation.columns or ())[0].name) == ("café", "naïve")


async def test_bytes_that_are_not_utf_8_stay_what_they_are_and_are_told(of_bytes: Session) -> None:
    result = await run_last(of_bytes, r"select E'\xe9\xff' as v, 'é' as w")
    assert result.rows == (("\udce9\udcff", "é"),)
    assert any("not UTF-8" in notice for notice in result.notices)
    copied = as_insert(result.statement, result.columns or (), result.rows[0])
    await run_last(of_bytes, "create table table_name (v text, w text)")
    await run_last(of_bytes, copied)
    again = await run_last(of_bytes, "select v, w, v = E'\\xe9\\xff' from table_name")
    assert again.rows == (("\udce9\udcff", "é", "t"),)


async def test_an_error_in_a_database_of_no_encoding_is_placed_and_readable(
    of_bytes: Session,
) -> None:
    text = "select 'Ж🙂é', größe"
    with pytest.raises(SqlError) as caught:
        await run_last(of_bytes, text)
    assert caught.value.offset == text.index("größe")
    assert "größe" in caught.value.message
    with pytest.raises(SqlError) as caught:
        await run_last(of_bytes, "do $$begin raise notice 'größer'; raise 'Ж'; end$$")
    assert caught.value.message == "Ж."
    assert "größer" in caught.value.notices[0]


@pytest.mark.parametrize(("begin", "end"), [("", ""), ("begin", "rollback")])
async def test_rows_come_in_the_order_of_the_plan_that_explain_shows(
    run: RunSql, other: RunElsewhere, table: str, begin: str, end: str
) -> None:
    other(
        f"create table {table} as select (n * 7919) % 50000 as n, repeat('x', 50) as t "
        f"from generate_series(1, 50000) n"
    )
    other(f"create index on {table} (n)")
    other(f"analyze {table}")
    query = f"select n::text from {table} where n < 25000"
    if begin:
        await run(begin)
    # Planned for its first rows only, it would come from the index, in order.
    assert (await run(query)).rows == tuple(other(query)[:500])
    if end:
        await run(end)


async def test_a_waiting_cursor_does_not_cost_the_session(run: RunSql, session: Session) -> None:
    await run("set idle_in_transaction_session_timeout = 50000; set transaction_timeout = 50000")
    result = await run("select generate_series(1, 1200)")
    connection = session._connection
    for setting in ("idle_in_transaction_session_timeout", "transaction_timeout"):
        assert connection.value(f"select current_setting('{setting}')") == "0"
    page = await session.fetch_more(result)
    assert page.rows[0] == ("501",)
    await session.release()
    shown = await run("show idle_in_transaction_session_timeout")
    assert shown.rows == (("50s",),)


async def test_the_users_own_transaction_keeps_its_settings(run: RunSql, session: Session) -> None:
    await run("set cursor_tuple_fraction = 0.3; begin")
    await run("select generate_series(1, 1200)")
    shown = await run("show cursor_tuple_fraction")
    assert shown.rows == (("0.3",),)
    timeout = await run("show idle_in_transaction_session_timeout")
    assert timeout.rows == (("0",),)
    with pytest.raises(SqlError) as caught:
        await run("select 1, nonsense")
    assert caught.value.offset == len("select 1, ")
    await run("rollback")
    assert (await run("show cursor_tuple_fraction")).rows == (("0.3",),)
