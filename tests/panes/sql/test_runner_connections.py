"""The connection of the SQL pane without its widgets: lost, gone, left for another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.panes.sql.runners import (
    END_ALL,
    Asked,
    Changes,
    connect,
    fail,
    rows_of,
    run,
    session_of,
    sleeping,
    until_lost,
)
from tests.postgres import RunElsewhere
from tui.panes.sql import wording
from tui.panes.sql.connecting.choosing import SANDBOX_INSTANCE
from tui.panes.sql.connecting.connected import Stake
from tui.panes.sql.results import log_lines
from tui.panes.sql.runner import QueryRunner
from tui.sandbox import SandboxInfo
from tui.services.errors import ServiceError
from tui.services.sql import (
    Relations,
    ServerInfo,
    Session,
    SqlError,
    TimeLimits,
    connection,
)

# -- a server that goes away ----------------------------------------------------------------------


async def test_a_lost_connection_is_said_and_the_next_run_connects_anew(
    runner: QueryRunner, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int)")
    server(END_ALL)
    error = await fail(runner, f"insert into {table} values (1)")
    assert error.message == "The connection to the server is lost."
    assert runner.location[1] == "CONNECTION LOST: F5 connects anew"
    assert server(f"select count(*) from {table}") == [(0,)]
    await run(runner, f"insert into {table} values (1)")
    assert runner.location[1] == "each statement commits · no TLS (local)"
    assert server(f"select count(*) from {table}") == [(1,)]


async def test_a_server_that_goes_away_is_seen_by_a_look_and_its_rows_are_gone(
    runner: QueryRunner, server: RunElsewhere
) -> None:
    await run(runner, "select n from generate_series(1, 2000) n")
    assert runner.status.startswith("500+ rows")
    server(END_ALL)
    await until_lost(runner)
    assert not runner.held
    assert "no longer held on the server: run again to see it" in runner.status
    await run(runner, "select 'anew'")
    assert rows_of(runner) == [("anew",)]


async def test_a_statement_of_a_lost_transaction_does_not_run_by_itself(
    runner: QueryRunner, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int)")
    await run(runner, f"begin; insert into {table} values (1)")
    server(END_ALL)
    await until_lost(runner)
    error = await fail(runner, f"insert into {table} values (2)")
    assert error.message == "The connection to the server is lost."
    assert server(f"select count(*) from {table}") == [(0,)]
    await run(runner, f"insert into {table} values (2)")
    assert server(f"select n from {table}") == [(2,)]


async def test_a_busy_connection_is_not_looked_at(
    runner: QueryRunner, server: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await sleeping(runner, server)
    looked: list[int] = []
    monkeypatch.setattr(connection, "has_hung_up", looked.append)
    runner.look()
    assert not looked
    await runner.cancel()
    with pytest.raises(SqlError):
        await task


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        ("never-was", "never-was was deleted: Ctrl+O connects elsewhere"),
        (SANDBOX_INSTANCE, "CONNECTION LOST: F5 connects anew"),
    ],
)
async def test_an_instance_that_was_deleted_is_not_called_a_lost_connection(
    runner: QueryRunner, server: RunElsewhere, instance: str, said: str
) -> None:
    session = session_of(runner)
    session.target = replace(session.target, instance=instance)
    server(END_ALL)
    await until_lost(runner)
    await runner.look_at_instance()
    assert runner.location[1] == said


# -- going elsewhere ------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_leaves_the_old_connection(runner: QueryRunner) -> None:
    before = runner.session
    with pytest.raises(ServiceError) as caught:
        await connect(runner, "postgresql://u:pw@127.0.0.1:1/x")
    assert "Nothing listens there" in caught.value.message
    assert "Check host and port" in caught.value.hint
    assert runner.session is before
    assert runner.location[1] == "each statement commits · no TLS (local)"
    await run(runner, "select 'old one'")
    assert rows_of(runner) == [("old one",)]


async def test_another_connection_ends_the_one_before_and_what_was_shown_of_it(
    runner: QueryRunner, pane_database: str
) -> None:
    before = session_of(runner)
    await run(runner, "select 1; select 2")
    assert await connect(runner, pane_database)
    assert before.closed
    assert isinstance(runner.shown, Relations)
    assert log_lines(runner.log).plain == ""
    assert [target.label for target, _ in runner.recent] == [before.target.label]


@pytest.mark.parametrize("answer", [True, False])
async def test_leaving_an_open_transaction_is_asked_first(
    runner: QueryRunner, answer: bool
) -> None:
    asked = Asked(answer)
    assert await runner.may_leave(asked)
    assert asked.stakes == []
    await run(runner, "begin")
    assert await runner.may_leave(asked) is answer
    assert asked.stakes == [Stake.TRANSACTION]


@pytest.mark.parametrize("answer", [True, False])
async def test_leaving_a_running_statement_is_asked_first(
    runner: QueryRunner, server: RunElsewhere, pane_database: str, answer: bool
) -> None:
    before = session_of(runner)
    task = await sleeping(runner, server)
    asked = Asked(answer)
    assert await connect(runner, pane_database, asked) is answer
    assert asked.stakes == [Stake.STATEMENT]
    assert (runner.session is not before) is answer
    assert runner.running is not answer
    await runner.cancel()
    with pytest.raises(ServiceError):
        await task


async def test_the_same_connection_made_again_is_used_as_it_was(
    runner: QueryRunner, pane_database: str, sandbox: SandboxInfo
) -> None:
    session_of(runner).manual_commit = True
    session_of(runner).limits = TimeLimits(statement=7)
    await connect(runner, pane_database)
    assert session_of(runner).manual_commit
    assert session_of(runner).limits.statement == 7
    await connect(runner, sandbox.postgres)
    assert not session_of(runner).manual_commit


@pytest.mark.parametrize("answer", [True, False])
async def test_what_is_begun_while_connecting_is_asked_about(
    changes: Changes, pane_database: str, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    runner = changes.runner
    before = session_of(runner)
    service = runner._services.sql
    connect_for_real, may_go_on = service.connect, asyncio.Event()
    made: list[Session] = []

    async def slowly(*args: Any, **kwargs: Any) -> Session:
        await may_go_on.wait()
        made.append(await connect_for_real(*args, **kwargs))
        return made[0]

    monkeypatch.setattr(service, "connect", slowly)
    asked = Asked(answer)
    task = asyncio.ensure_future(connect(runner, pane_database, asked))
    await asyncio.sleep(0)
    assert runner.location[1] == "connecting…"
    await run(runner, "begin")
    may_go_on.set()
    assert await task is answer
    assert asked.stakes == [Stake.TRANSACTION]
    assert (runner.session is before) is not answer
    assert made[0].closed is not answer


async def test_what_the_user_agreed_to_lose_is_not_asked_about_again(
    runner: QueryRunner, pane_database: str
) -> None:
    await run(runner, "begin")
    asked = Asked()
    assert await connect(runner, pane_database, asked, Stake.TRANSACTION)
    assert asked.stakes == []


@pytest.mark.parametrize(
    ("host", "encrypted", "verified", "authority_only", "said"),
    [
        ("db.example.com", True, True, False, "TLS verified"),
        ("db.example.com", True, False, True, "TLS, host name not verified"),
        ("db.example.com", True, False, False, "TLS, server not verified"),
        ("127.0.0.1", True, False, False, "TLS, server not verified"),
        ("db.example.com", False, False, False, "NO TLS"),
        ("127.0.0.1", False, False, False, "no TLS (local)"),
        ("/var/run/postgresql", False, False, False, "local socket"),
    ],
)
async def test_the_location_says_what_protects_the_connection(
    runner: QueryRunner,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    encrypted: bool,
    verified: bool,
    authority_only: bool,
    said: str,
) -> None:
    said = f"each statement commits · {said}"
    server = ServerInfo(
        host, 5432, "d", "me", "16.1", encrypted, verified, authority_only=authority_only
    )
    monkeypatch.setattr(Session, "info", server)
    assert runner.location == (f"me@{host}:5432/d", said)
    assert wording.connection_state(session_of(runner)) == said
