"""The connection of the SQL pane without its widgets: lost, gone, left for another."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.panes.sql.runners import (
    END_ALL,
    fail,
    rows_of,
    run,
    session_of,
    sleeping,
    until_lost,
)
from tests.postgres import RunElsewhere
from tui.panes.sql import wording
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance
from tui.services.rds.answers import to_instance
from tui.services.sql import Relations, ServerInfo, Session, SqlError
from tui.services.sql.connecting.diagnosis.endpoint import endpoint_of
from tui.services.sql.session import connection

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


LOST = "CONNECTION LOST: F5 connects anew"


def instance_at(host: str, port: int, status: str = "available") -> Instance:
    return to_instance(
        {
            "DBInstanceIdentifier": "never-was",
            "DBInstanceStatus": status,
            "Endpoint": {"Address": host, "Port": port},
        }
    )


@pytest.mark.parametrize(
    ("seen", "last", "said"),
    [
        (True, None, "never-was was deleted: Ctrl+O connects elsewhere"),
        (True, "deleting", "never-was was deleted: Ctrl+O connects elsewhere"),
        (True, "available", LOST),
        # Perhaps it is in another account.
        (False, None, LOST),
    ],
)
async def test_an_instance_that_was_deleted_is_not_called_a_lost_connection(
    runner: QueryRunner,
    server: RunElsewhere,
    monkeypatch: pytest.MonkeyPatch,
    seen: bool,
    last: str | None,
    said: str,
) -> None:
    session = session_of(runner)
    session.target = replace(session.target, instance="never-was")
    endpoint = endpoint_of(session.target, "")
    answers = [instance_at(endpoint.host, endpoint.port)] if seen else []
    if last is not None:
        answers.append(instance_at(endpoint.host, endpoint.port, last))

    async def describe(name: str, *, at: object) -> Instance:
        if not answers:
            raise ServiceError(f"No {name}.", kind=ErrorKind.NOT_FOUND)
        return answers.pop(0)

    monkeypatch.setattr(runner._services.rds, "describe", describe)
    if seen:
        assert await runner.find_instance() is not None
    server(END_ALL)
    await until_lost(runner)
    await runner.look_at_instance()
    assert runner.location[1] == said


async def test_an_instance_that_only_has_the_name_is_not_the_one_behind_the_connection(
    runner: QueryRunner, server: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved connection may be opened under the profile of another account."""
    session = session_of(runner)
    session.target = replace(session.target, instance="never-was")

    async def describe(name: str, *, at: object) -> Instance:
        host = f"{name}.another0account.us-east-1.rds.amazonaws.com"
        return instance_at(host, 5432, "deleting")

    monkeypatch.setattr(runner._services.rds, "describe", describe)
    assert await runner.find_instance() is None
    server(END_ALL)
    await until_lost(runner)
    assert runner.location[1] == LOST


# -- what the location says ------------------------------------------------------------------------


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


async def test_tables_that_come_late_leave_the_result_that_was_asked_for_meanwhile(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(runner)
    relations, asked, go_on = session.relations, asyncio.Event(), asyncio.Event()

    async def late() -> Relations:
        found = await relations()
        asked.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(session, "relations", late)
    listing = asyncio.create_task(runner.list_relations())
    await asked.wait()
    await run(runner, "select 'meanwhile'")
    go_on.set()
    await listing
    assert rows_of(runner) == [("meanwhile",)]
    await runner.list_relations()
    assert isinstance(runner.shown, Relations)


async def test_tables_that_come_after_a_failure_leave_what_is_said_of_it(
    runner: QueryRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(runner)
    relations, asked, go_on = session.relations, asyncio.Event(), asyncio.Event()

    async def late() -> Relations:
        asked.set()
        await go_on.wait()
        return await relations()

    monkeypatch.setattr(session, "relations", late)
    monkeypatch.setattr(runner, "shown", None)
    listing = asyncio.create_task(runner.list_relations())
    await asked.wait()
    await fail(runner, "select 1/0")
    go_on.set()
    await listing
    assert isinstance(runner.shown, Relations)
    assert runner.status == "the statement failed"
