"""Connections, transactions, read-only mode, a server that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.postgres import RunElsewhere
from tui.panes.sql import connecting
from tui.panes.sql import view as sql_view
from tui.services.rds import ConnectInfo
from tui.services.sql import ServerInfo, Session, connection


async def test_a_transaction_is_shown_and_ended_by_key(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    async with open_pane() as driver:
        await driver.sees("each statement commits")
        await driver.run(f"begin; create table {table} (n int)", key="f6")
        await driver.sees("IN TRANSACTION", "F7 Commit", "Ctrl+B Roll back")
        assert "rolls it back" in driver.pane.busy()
        await driver.press("f7")
        await driver.sees("each statement commits")
    assert server(f"select count(*) from {table}") == [(0,)]


async def test_a_failed_transaction_offers_the_way_out(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run("begin; select 1/0", key="f6")
        await driver.sees("TRANSACTION FAILED", "Ctrl+B rolls it back", "Division by zero.")
        await driver.press("ctrl+b")
        await driver.sees("each statement commits", "ROLLBACK")


async def test_read_only_mode_refuses_and_says_so(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int)")
    async with open_pane(read_only=True) as driver:
        await driver.sees("READ ONLY")
        await driver.run(f"insert into {table} values (1)")
        await driver.sees("Read-only mode: INSERT is not among the statements that only read.")
    assert server(f"select count(*) from {table}") == [(0,)]


async def test_a_lost_connection_is_said_and_f5_connects_anew(
    open_pane: OpenPane, server: RunElsewhere, table: str
) -> None:
    server(f"create table {table} (n int)")
    async with open_pane() as driver:
        server(END_ALL)
        await driver.run(f"insert into {table} values (1)")
        await driver.sees("The connection to the server is lost.", "CONNECTION LOST")
        assert server(f"select count(*) from {table}") == [(0,)]
        await driver.press("f5")
        await driver.sees("INSERT 0 1", "each statement commits")
    assert server(f"select count(*) from {table}") == [(1,)]


END_ALL = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
    "where application_name = 'tristore' and datname = current_database()"
)


@pytest.mark.parametrize("told", [True, False])
async def test_a_server_that_goes_away_is_noticed_while_nothing_is_asked_of_it(
    open_pane: OpenPane, server: RunElsewhere, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_view, "LOOK_EVERY", 3600 if told else 0.05)
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 2000) n")
        await driver.sees("500+ rows")
        server(END_ALL)
        if told:
            # Its word may still be on the way.
            for _ in range(100):
                driver.pane.contents_removed()
                await driver.pilot.pause(0.02)
        await driver.sees("CONNECTION LOST: F5 connects anew", "no longer held on the server")
        await driver.run("select 'anew' as v")
        await driver.sees("anew", "each statement commits")


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        ("never-was", "never-was was deleted: Ctrl+O connects elsewhere"),
        (connecting.SANDBOX_INSTANCE, "CONNECTION LOST: F5 connects anew"),
    ],
)
async def test_an_instance_that_was_deleted_is_not_called_a_lost_connection(
    open_pane: OpenPane, server: RunElsewhere, instance: str, said: str
) -> None:
    async with open_pane() as driver:
        session = driver.runner.session
        assert session is not None
        session.target = replace(session.target, instance=instance)
        server(END_ALL)
        for _ in range(100):
            driver.pane.contents_removed()
            await driver.pilot.pause(0.02)
            if said in driver.text:
                break
        await driver.sees(said)


async def test_a_statement_of_a_lost_transaction_does_not_run_by_itself(
    open_pane: OpenPane, server: RunElsewhere, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_view, "LOOK_EVERY", 0.05)
    server(f"create table {table} (n int)")
    async with open_pane() as driver:
        await driver.run(f"begin; insert into {table} values (1)", key="f6")
        await driver.sees("IN TRANSACTION")
        server(END_ALL)
        await driver.sees("CONNECTION LOST")
        await driver.run(f"insert into {table} values (2)")
        await driver.sees("The connection to the server is lost.", "CONNECTION LOST")
        assert server(f"select count(*) from {table}") == [(0,)]
        await driver.press("f5")
        await driver.sees("INSERT 0 1", "each statement commits")
    assert server(f"select n from {table}") == [(2,)]


async def test_a_busy_connection_is_not_looked_at(
    open_pane: OpenPane, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_pane() as driver:
        await driver.write("select pg_sleep(60)")
        await driver.press("f5")
        await driver.until(lambda: driver.runner.running, "a running statement")
        session = driver.runner.session
        assert session is not None
        looked: list[int] = []
        monkeypatch.setattr(connection, "has_hung_up", looked.append)
        driver.pane.contents_removed()
        assert not looked


@pytest.mark.parametrize(
    ("host", "encrypted", "verified", "said"),
    [
        ("db.example.com", True, True, ""),
        ("db.example.com", True, False, "server not verified"),
        ("db.example.com", False, False, "NOT ENCRYPTED"),
        ("127.0.0.1", False, False, ""),
        ("/var/run/postgresql", False, False, ""),
    ],
)
async def test_the_location_says_what_may_be_listened_to(
    open_pane: OpenPane,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    encrypted: bool,
    verified: bool,
    said: str,
) -> None:
    server = ServerInfo(host, 5432, "d", "me", "16.1", encrypted=encrypted, verified=verified)
    monkeypatch.setattr(Session, "info", server)
    async with open_pane() as driver:
        await driver.sees(f"each statement commits · {said}" if said else "each statement commits")
        assert said or "commits ·" not in driver.text


async def type_url(driver: SqlDriver, url: str) -> None:
    await driver.press("ctrl+o")
    await driver.sees("Connect to")
    await driver.press("u")
    await driver.sees("Leave the password out")
    await driver.type(url)
    await driver.press("enter")


async def test_a_url_without_password_asks_for_it_and_never_shows_it(
    open_pane: OpenPane, pane_database: str
) -> None:
    parts = urlsplit(pane_database)
    password = parts.password or ""
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    async with open_pane() as driver:
        before = driver.runner.session
        await type_url(driver, bare)
        await driver.sees("wants a password")
        await driver.type("wrong")
        await driver.press("enter")
        await driver.sees("did not take the user name")
        assert driver.runner.session is before
        await driver.type(password)
        assert password not in driver.text
        await driver.press("enter")
        await driver.until(lambda: driver.runner.session is not before, "another connection")
        await driver.run("select 'in' as let")
        await driver.sees("in")
        assert password not in driver.text
        assert password not in repr(driver.runner.recent)


async def test_a_server_that_is_not_there_leaves_the_old_connection(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        before = driver.runner.session
        await type_url(driver, "postgresql://u:pw@127.0.0.1:1/x")
        await driver.sees("Nothing listens there", "Check host and port")
        assert driver.runner.session is before
        await driver.run("select 'old one' as v")
        await driver.sees("old one")


async def test_leaving_an_open_transaction_is_asked_first(
    open_pane: OpenPane, pane_database: str
) -> None:
    async with open_pane() as driver:
        await driver.run("begin")
        await driver.sees("IN TRANSACTION")
        before = driver.runner.session
        await type_url(driver, pane_database)
        await driver.sees("Leave the open transaction?", "What it did is undone.")
        await driver.press("enter")
        await driver.misses("Leave the open transaction?")
        assert driver.runner.session is before


async def by_url(driver: SqlDriver, url: str) -> None:
    driver.pane.open(url)


async def by_rds(driver: SqlDriver, url: str) -> None:
    place = urlsplit(url)
    info = ConnectInfo(
        identifier="some-db",
        host=place.hostname or "",
        port=place.port or 0,
        database=place.path.strip("/"),
        user=place.username or "",
        iam_possible=False,
        sslmode="prefer",
    )

    async def connect() -> None:
        await driver.pane.rds.connect(info, place.password)

    driver.pane.start(connect(), group="test")


@pytest.mark.parametrize("way", [by_url, by_rds])
@pytest.mark.parametrize("answer", ["enter", "escape", "leave"])
async def test_leaving_a_running_statement_is_asked_first(
    open_pane: OpenPane,
    server: RunElsewhere,
    pane_database: str,
    way: Callable[[SqlDriver, str], Awaitable[None]],
    answer: str,
) -> None:
    async with open_pane() as driver:
        before = driver.runner.session
        await driver.write("select pg_sleep(60)")
        await driver.press("f5")
        await driver.until(lambda: driver.runner.running, "a running statement")
        await way(driver, pane_database)
        await driver.sees("Leave the running statement?", "A statement is running on")
        await driver.press(*(["tab", "enter"] if answer == "leave" else [answer]))
        await driver.misses("Leave the running statement?")
        if answer == "leave":
            await driver.until(lambda: driver.runner.session is not before, "another session")
            await driver.sees("each statement commits")
        else:
            assert driver.runner.session is before
            assert driver.runner.running


async def test_what_is_begun_while_connecting_is_asked_about(
    open_pane: OpenPane, pane_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_pane() as driver:
        before = driver.runner.session
        service = driver.pane.services.sql
        connect, may_go_on = service.connect, asyncio.Event()

        async def slowly(*args: Any, **kwargs: Any) -> Any:
            await may_go_on.wait()
            return await connect(*args, **kwargs)

        monkeypatch.setattr(service, "connect", slowly)
        driver.pane.open(pane_database)
        await driver.sees("connecting…")
        await driver.run("begin")
        may_go_on.set()
        await driver.sees("Leave the open transaction?")
        await driver.press("enter")
        await driver.sees("IN TRANSACTION")
        assert driver.runner.session is before


async def test_the_sandbox_is_connected_to_without_asking(open_pane: OpenPane) -> None:
    async with open_pane(location="") as driver:
        await driver.until(lambda: driver.runner.session is not None, "the sandbox's database")
        await driver.sees("tutorial", "members")


async def test_notices_and_a_run_of_several_are_listed(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        await driver.run(
            "do $$begin raise notice 'hello [/]'; end$$; select 1; values (2), (3)", key="f6"
        )
        await driver.sees("NOTICE:  hello [/]", "✓ 1/3", "✓ 3/3", "2 rows")


async def test_a_result_that_is_no_longer_held_says_so(open_pane: OpenPane) -> None:
    async with open_pane() as driver:
        session = driver.runner.session
        assert session is not None
        session._idle_release = 0.05
        await driver.run("select n from generate_series(1, 2000) n")
        await driver.sees("500+ rows", "no longer held on the server: run again to see it")
        await driver.press("escape", "G")
        assert len(driver.rows) == 500
        session._idle_release = 60
        await driver.press("r")
        await driver.misses("no longer held")
        assert driver.rows[0] == ("1",)
