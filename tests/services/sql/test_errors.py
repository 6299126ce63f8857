"""Errors of statements: where, why, what next; a server that goes away."""

from __future__ import annotations

import asyncio

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, asleep_on_server, state_of
from tui.services.errors import ErrorKind
from tui.services.sql import (
    ConnectionLostError,
    Session,
    SqlError,
    TransactionState,
)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("select nonsense", "nonsense"),
        ("select '🙂é', nonsense", "nonsense"),
        ("select 1;\n\nselect '🙂';\n  select nonsense", "nonsense"),
        ("selec 1", "selec"),
        ("insert into nowhere values (1)", "nowhere"),
        ("/* é */ select 1 from nowhere", "nowhere"),
    ],
)
async def test_an_error_is_placed_in_the_whole_text(run: RunSql, text: str, marked: str) -> None:
    with pytest.raises(SqlError) as caught:
        await run(text)
    assert caught.value.offset == text.index(marked)


async def test_an_error_at_the_end_is_placed_there(run: RunSql) -> None:
    with pytest.raises(SqlError) as caught:
        await run("select 1;select * from")
    assert caught.value.offset == len("select 1;select * from")
    assert "end of input" in caught.value.message


async def test_an_error_tells_code_detail_and_hint(run: RunSql, table: str) -> None:
    await run(f"create table {table} (id int primary key, age int); insert into {table} values (1)")
    with pytest.raises(SqlError) as caught:
        await run(f"insert into {table} values (1)")
    assert caught.value.code == "23505"
    assert caught.value.kind is ErrorKind.EXISTS
    assert "Key (id)=(1) already exists" in caught.value.cause
    with pytest.raises(SqlError) as caught:
        await run(f"select agee from {table}")
    assert f'"{table}.age"' in caught.value.hint


async def test_an_error_after_the_first_page_leaves_the_session_usable(
    run: RunSql, session: Session
) -> None:
    result = await run("select 1 / (700 - n) from generate_series(1, 2000) n")
    with pytest.raises(SqlError) as caught:
        await session.fetch_more(result)
    assert caught.value.code == "22012"
    assert state_of(session) is TransactionState.IDLE
    assert (await run("select 1")).rows == (("1",),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\\dt", "psql"),
        ("select 1 \\gx", "psql"),
        ("copy t from stdin", "needs a file"),
        ("copy (select 1) to stdout", "needs a file"),
        ("select 1\0; drop table t", "NUL"),
        ("select '\ud800'", "encoding"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_a_reason(
    run: RunSql, text: str, says: str
) -> None:
    with pytest.raises(SqlError) as caught:
        await run(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert says in caught.value.message
    assert (await run("select 1")).rows == (("1",),)


async def backend(run: RunSql) -> str:
    value = (await run("select pg_backend_pid()")).rows[0][0]
    assert value is not None
    return value


async def test_a_killed_backend_is_noticed_and_nothing_is_run_again_by_itself(
    session: Session, run: RunSql, other: RunElsewhere, table: str
) -> None:
    await run(f"create table {table} (n int)")
    other(f"select pg_terminate_backend({await backend(run)}, 5000)")
    with pytest.raises(ConnectionLostError) as caught:
        await run(f"insert into {table} values (1)")
    assert not caught.value.outcome_unknown
    assert "administrator command" in caught.value.cause
    # libpq's guess about an end on purpose is not ours to repeat.
    assert "abnormally" not in str(caught.value)
    assert state_of(session) is TransactionState.LOST
    with pytest.raises(ConnectionLostError):
        await run("select 1")
    await session.reconnect()
    assert state_of(session) is TransactionState.IDLE
    assert (await run(f"select count(*) from {table}")).rows == (("0",),)


async def test_a_connection_that_breaks_during_a_write_says_that_the_outcome_is_unknown(
    session: Session, run: RunSql, other: RunElsewhere
) -> None:

    task = asyncio.ensure_future(run("do $$begin perform pg_sleep(63); end$$"))
    await asleep_on_server(other)
    session._connection.sever()
    with pytest.raises(ConnectionLostError) as caught:
        await task
    assert caught.value.outcome_unknown
    other(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'do %pg_sleep(63)%'"
    )


async def test_relations_and_columns_are_listed_from_a_connection_of_their_own(
    session: Session, run: RunSql, table: str
) -> None:
    await run(f'create table {table} (id int not null, "Na me" varchar(20))')
    await run("begin")
    found = {each.name: each for each in (await session.relations()).found}
    columns = found[table].columns or ()
    assert [(c.name, c.type_name, c.not_null) for c in columns] == [
        ("id", "integer", True),
        ("Na me", "character varying(20)", False),
    ]
    assert state_of(session) is TransactionState.OPEN
