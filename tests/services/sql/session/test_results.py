"""Paging from the server, transactions, notices, tags, the audit."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import RunSql, run_last, state_of
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlError, SqlService, TransactionState, from_url
from tui.services.sql.session.results import PAGE_SIZE
from tui.services.sql.session.sending import KEPT_ROWS


def open_transactions(other: RunElsewhere) -> int:
    """Sessions of ours that hold a transaction open while doing nothing."""
    return int(
        other(
            "select count(*) from pg_stat_activity where application_name = 'tristore' "
            "and datname = current_database() and state like 'idle in transaction%'"
        )[0][0]
    )


async def test_a_million_rows_begin_with_one_page_and_stay_on_the_server(
    run: RunSql, session: Session, other: RunElsewhere
) -> None:
    result = await run("select n, repeat('x', 100) from generate_series(1, 1000000) n")
    assert len(result.rows) == PAGE_SIZE
    assert not result.complete
    assert session.has_more(result)
    # The server's view: a cursor is open, and what was sent last was a bounded FETCH, or that the
    # transaction may wait.
    assert other(
        "select query ~ 'FETCH FORWARD [0-9]{1,3} FROM|SET LOCAL transaction_timeout' "
        "from pg_stat_activity "
        "where application_name = 'tristore' and datname = current_database() "
        "and state = 'idle in transaction'"
    ) == [(True,)]
    page = await session.fetch_more(result)
    assert [row[0] for row in page.rows] == [str(n) for n in range(501, 1001)]


@pytest.mark.parametrize(
    "count", [0, 1, 7, 8, 9, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE]
)
async def test_pages_give_every_row_once_and_know_the_end(
    run: RunSql, session: Session, other: RunElsewhere, count: int
) -> None:
    result = await run(f"select generate_series(1, {count})")
    rows = list(result.rows)
    complete = result.complete
    assert complete == (count <= PAGE_SIZE)
    while not complete:
        page = await session.fetch_more(result)
        rows += page.rows
        complete = page.complete
    assert [row[0] for row in rows] == [str(n) for n in range(1, count + 1)]
    # Its end is sent by then, and nobody waits for the answer.
    async with asyncio.timeout(20):
        while open_transactions(other):
            await asyncio.sleep(0.01)


async def test_a_result_left_alone_stops_holding_a_snapshot(
    service: SqlService, database: str, other: RunElsewhere
) -> None:
    session = await service.connect(*from_url(database), idle_release=0.05)
    released = asyncio.Event()
    result = await run_last(session, "select generate_series(1, 2000)")
    session.on_change = released.set
    await asyncio.wait_for(released.wait(), 10)
    assert open_transactions(other) == 0
    assert not session.has_more(result)
    with pytest.raises(ServiceError) as caught:
        await session.fetch_more(result)
    assert caught.value.kind is ErrorKind.CONFLICT
    session.close()


async def test_another_statement_ends_the_open_result(run: RunSql, session: Session) -> None:
    first = await run("select generate_series(1, 2000)")
    await run("select 1")
    assert not session.has_more(first)


async def test_a_select_that_writes_is_done_whole_before_its_first_row(
    run: RunSql, session: Session, other: RunElsewhere, table: str
) -> None:
    await run(
        f"create table {table} (n int);"
        f"create function f_{table}(n int) returns int language sql volatile as "
        f"$$insert into {table} values (n) returning n$$"
    )
    result = await run(f"select f_{table}(n) from generate_series(1, 1200) n")
    assert not result.complete
    assert other(f"select count(*) from {table}") == [(1200,)]
    page = await session.fetch_more(result)
    assert page.rows[0] == ("501",)
    assert open_transactions(other) == 0


async def test_a_select_that_writes_behind_a_view_is_done_whole_too(
    run: RunSql, other: RunElsewhere, table: str
) -> None:
    await run(f"create sequence {table}; create view v_{table} as select nextval('{table}') n")
    result = await run(f"select n from v_{table}")
    assert result.rows == (("1",),)
    assert other(f"select last_value from {table}") == [(1,)]


async def test_statements_commit_by_themselves(
    run: RunSql, other: RunElsewhere, table: str
) -> None:
    await run(f"create table {table} (n int); insert into {table} values (1), (2), (3)")
    assert other(f"select count(*) from {table}") == [(3,)]


async def test_a_transaction_is_the_users_until_it_ends(
    run: RunSql, session: Session, other: RunElsewhere, table: str
) -> None:
    await run(f"create table {table} (n int); begin; insert into {table} select 1")
    assert state_of(session) is TransactionState.OPEN
    result = await run(f"select * from {table}, generate_series(1, 600)")
    assert not result.complete
    assert other(f"select count(*) from {table}") == [(0,)]
    await session.release()
    assert state_of(session) is TransactionState.OPEN
    await run("commit")
    assert state_of(session) is TransactionState.IDLE
    assert other(f"select count(*) from {table}") == [(1,)]


async def test_a_failed_transaction_says_so_until_it_is_rolled_back(
    run: RunSql, session: Session, table: str
) -> None:
    await run(f"begin; create table {table} (n int)")
    with pytest.raises(SqlError):
        await run("select 1/0")
    assert state_of(session) is TransactionState.FAILED
    with pytest.raises(SqlError) as caught:
        await run("select 1")
    assert "Roll back" in caught.value.hint
    await run("rollback")
    assert state_of(session) is TransactionState.IDLE
    assert (await run(f"select to_regclass('{table}')")).rows == ((None,),)


async def test_row_locks_in_a_transaction_are_taken_for_every_row(
    run: RunSql, other: RunElsewhere, table: str
) -> None:
    await run(f"create table {table} as select n from generate_series(1, 600) n; begin")
    await run(f"select * from {table} for update")
    free = other(f"select count(*) from (select 1 from {table} for update skip locked) s")
    assert free == [(0,)]
    await run("rollback")


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("insert into {t} values (1), (2), (3)", "INSERT 0 3"),
        ("update {t} set n = n where false", "UPDATE 0"),
        ("select 1 into x_{t}", "SELECT 1"),
        ("show server_version", "SHOW"),
        ("explain select 1", "EXPLAIN"),
        ("values (1), (2)", "SELECT 2"),
    ],
)
async def test_the_tag_is_the_servers(run: RunSql, table: str, text: str, tag: str) -> None:
    await run(f"create table {table} (n int)")
    assert (await run(text.format(t=table))).tag == tag


async def test_rows_that_cannot_be_paged_are_kept_up_to_a_limit_that_is_said(
    run: RunSql, table: str
) -> None:
    await run(f"create table {table} (n int)")
    result = await run(
        f"insert into {table} select generate_series(1, {KEPT_ROWS + 5}) returning n"
    )
    assert len(result.rows) == KEPT_ROWS
    assert result.dropped == 5
    assert result.tag == f"INSERT 0 {KEPT_ROWS + 5}"


async def test_notices_belong_to_their_statement(run: RunSql) -> None:
    result = await run("do $$begin raise notice 'hello [/] %', chr(10); end$$")
    assert result.notices == ("NOTICE:  hello [/] \n",) or "hello [/]" in result.notices[0]
    assert (await run("select 1")).notices == ()


async def test_the_audit_names_what_was_done_and_no_values(
    run: RunSql, audit: AuditLog, table: str
) -> None:
    await run(f"create table {table} (secret text); insert into {table} values ('hunter2')")
    await run(f"begin; delete from {table}; rollback; select * from {table}")
    with pytest.raises(SqlError):
        await run(f"insert into {table} values (1, 2)")
    lines = [json.loads(line) for line in audit.path.read_text().splitlines()]
    assert [(line["operation"], line["outcome"]) for line in lines] == [
        ("CREATE TABLE", "ok"),
        ("INSERT", "ok"),
        ("DELETE", "ok"),
        ("ROLLBACK", "ok"),
        ("INSERT", "42601"),
    ]
    assert lines[2]["target"]["Transaction"] == "open"
    assert "hunter2" not in audit.path.read_text()
    assert {line["service"] for line in lines} == {"postgresql"}


async def test_a_page_of_very_long_rows_is_short(run: RunSql, session: Session) -> None:
    result = await run("SELECT n, repeat('x', 1000000) FROM generate_series(1, 40) AS n")
    assert 1 < len(result.rows) < 40
    numbers = [row[0] for row in result.rows]
    page = await session.fetch_more(result)
    assert 1 <= len(page.rows) <= 6
    while True:
        numbers += [row[0] for row in page.rows]
        if page.complete:
            break
        page = await session.fetch_more(result)
    assert numbers == [str(number) for number in range(1, 41)]


async def test_a_row_longer_than_a_page_comes_alone(run: RunSql, session: Session) -> None:
    result = await run(
        "SELECT 0, 'short' UNION ALL SELECT n, repeat('x', 6000000) FROM generate_series(1, 39) n"
    )
    seen = [row[0] for row in result.rows]
    complete = result.complete
    while not complete:
        page = await session.fetch_more(result)
        assert len(page.rows) == 1
        seen += [row[0] for row in page.rows]
        complete = page.complete
    assert seen == [str(number) for number in range(40)]
