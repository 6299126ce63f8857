"""Cancelling on the server, and closing while something runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import SLEEPING, RunSql, asleep_on_server
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Session,
    SqlError,
    TransactionState,
)
from tui.services.sql.session import connection as connection_module
from tui.services.sql.session.libpq import send_only


@pytest.mark.parametrize("text", ["select pg_sleep(60)", "do $$begin perform pg_sleep(60); end$$"])
async def test_cancel_stops_the_server_and_keeps_the_connection(
    session: Session, run: RunSql, other: RunElsewhere, text: str
) -> None:
    task = asyncio.ensure_future(run(text))
    await asleep_on_server(other)
    assert await session.cancel()
    with pytest.raises(SqlError) as caught:
        await task
    assert caught.value.kind is ErrorKind.CANCELLED
    assert not await session.cancel()
    assert (await run("select 1")).rows == (("1",),)


async def test_cancelling_the_task_cancels_on_the_server(
    session: Session, run: RunSql, other: RunElsewhere
) -> None:
    task = asyncio.ensure_future(run("select pg_sleep(61)"))
    await asleep_on_server(other)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await asyncio.wait_for(run("select 1"), 20)).rows == (("1",),)


async def test_a_statement_timeout_is_not_reported_as_cancelled_by_the_user(run: RunSql) -> None:
    with pytest.raises(SqlError) as caught:
        await run("set statement_timeout = 20; select pg_sleep(60)")
    assert caught.value.kind is not ErrorKind.CANCELLED
    assert "statement timeout" in caught.value.message


async def test_closing_while_a_query_runs_does_not_wait_and_ends_it_on_the_server(
    session: Session, run: RunSql, other: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = asyncio.ensure_future(run("select pg_sleep(62)"))
    await asleep_on_server(other)
    has_returned, connection = threading.Event(), session._connection
    cancel, heard = connection.cancel, list[bool]()

    def cancel_behind_it() -> None:
        heard.append(has_returned.wait(20))
        cancel()

    monkeypatch.setattr(connection, "cancel", cancel_behind_it)
    session.close()
    has_returned.set()
    with pytest.raises(ServiceError):
        await asyncio.wait_for(task, 20)
    assert heard == [True], "it waited for the cancel request"
    # The line was cut: the server ends it a moment later than we see that.
    async with asyncio.timeout(20):
        while other(SLEEPING) != [(0,)]:
            await asyncio.sleep(0.01)


async def test_a_cancel_between_two_steps_leaves_no_transaction_of_ours(
    session: Session, run: RunSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = session._connection
    execute = connection.execute

    def execute_after_the_cancel(text: str, *args: Any, **kwargs: Any) -> Any:
        if text.startswith("FETCH"):
            connection.stop.set()
        return execute(text, *args, **kwargs)

    monkeypatch.setattr(connection, "execute", execute_after_the_cancel)
    with pytest.raises(SqlError) as caught:
        await run("select * from generate_series(1, 3)")
    assert caught.value.kind is ErrorKind.CANCELLED
    monkeypatch.undo()
    assert session.state is TransactionState.IDLE
    assert connection.driver.get_transaction_status() == 0
    assert (await run("select 1")).rows == (("1",),)


async def test_a_cancel_that_reaches_the_end_of_our_transaction_leaves_none(
    session: Session, run: RunSql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused_by_the_server(driver: Any, text: bytes) -> bool:
        # What the server makes of a cancel request that reaches it before it commits.
        session._connection.stop.set()
        return send_only(driver, b"do $$begin raise exception using errcode = '57014'; end$$")

    monkeypatch.setattr(connection_module, "send_only", refused_by_the_server)
    assert (await run("select 1")).rows == (("1",),)
    monkeypatch.undo()
    assert session._connection.driver.get_transaction_status() == 0
    assert (await run("create temp table made (n int)")).tag == "CREATE TABLE"


async def writing_select(run: RunSql, table: str) -> str:
    """A SELECT that writes a row."""
    await run(
        f"create table {table} (n int);"
        f"create function f_{table}() returns int language sql volatile as "
        f"$$insert into {table} values (1) returning n$$"
    )
    return f"select f_{table}()"


async def test_a_cancel_that_comes_as_the_commit_ends_does_not_deny_what_is_committed(
    session: Session,
    run: RunSql,
    other: RunElsewhere,
    table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = await writing_select(run, table)
    connection = session._connection
    commit = connection.end_ours

    def commit_and_cancel() -> None:
        commit()
        connection.stop.set()

    monkeypatch.setattr(connection, "end_ours", commit_and_cancel)
    assert (await run(text)).rows == (("1",),)
    assert other(f"select count(*) from {table}") == [(1,)]


async def test_a_cancel_that_stops_reading_what_is_committed_says_that_it_is(
    session: Session,
    run: RunSql,
    other: RunElsewhere,
    table: str,
    audit: AuditLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = await writing_select(run, table)
    connection = session._connection
    execute = connection.execute

    def stopped_by_the_server(text: str, *args: Any, **kwargs: Any) -> Any:
        if text.startswith("FETCH"):
            # What the server makes of a cancel request that reaches it while it fetches.
            text = "do $$begin raise exception using errcode = '57014'; end$$"
            kwargs["stoppable"] = False
        return execute(text, *args, **kwargs)

    monkeypatch.setattr(connection, "execute", stopped_by_the_server)
    with pytest.raises(SqlError) as caught:
        await run(text)
    monkeypatch.undo()
    assert "committed; its rows were not read" in caught.value.message
    assert caught.value.kind is ErrorKind.CANCELLED
    assert other(f"select count(*) from {table}") == [(1,)]
    assert '"outcome": "ok"' in audit.path.read_text().splitlines()[-1]
    assert (await run("select 1")).rows == (("1",),)


def test_a_server_that_never_answers_a_cancel_freezes_nothing(
    database: str, other: RunElsewhere
) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.services.sql.deaf_server", database],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # The server has not heard of it: its statement would sleep on under the next tests.
    other(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
        "where application_name = 'tristore' and wait_event = 'PgSleep' "
        "and datname = current_database()"
    )
    assert answer.stdout.split() == ["awake", "False", "closed"], answer.stderr
