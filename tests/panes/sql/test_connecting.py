"""Connections, transactions, read-only mode, a server that goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.driver import NARROW
from tests.panes.sql.conftest import OpenPane, SqlDriver
from tests.postgres import RunElsewhere
from tui.panes.sql import view as sql_view
from tui.services.rds import ConnectInfo
from tui.services.sql import Relations, Rules, Session, from_url


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


END_ALL = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
    "where application_name = 'tristore' and datname = current_database()"
)


async def test_a_server_that_goes_away_is_noticed_while_nothing_is_asked_of_it(
    open_pane: OpenPane, server: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_view, "LOOK_EVERY", 0.05)
    async with open_pane() as driver:
        await driver.run("select n from generate_series(1, 2000) n")
        await driver.sees("500+ rows")
        server(END_ALL)
        await driver.sees("CONNECTION LOST: F5 connects anew", "no longer held on the server")
        await driver.run("select 'anew' as v")
        await driver.sees("anew", "each statement commits")


async def test_an_instance_that_was_deleted_elsewhere_is_not_called_a_lost_connection(
    open_pane: OpenPane, server: RunElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_view, "LOOK_EVERY", 3600)
    async with open_pane() as driver:
        session = driver.runner.session
        assert session is not None
        session.target = replace(session.target, instance="never-was")
        driver.runner._instance_seen = True
        server(END_ALL)
        # The server's word may still be on its way.
        while "never-was was deleted: Ctrl+O connects elsewhere" not in driver.text:
            driver.pane.contents_removed()
            await driver.pilot.pause(0.02)


async def type_url(driver: SqlDriver, url: str) -> None:
    await driver.press("ctrl+o")
    await driver.sees("Connect to")
    await driver.type(url)
    await driver.press("enter")


async def test_a_url_to_a_database_that_is_saved_as_production_is_treated_as_that(
    open_pane: OpenPane, pane_database: str
) -> None:
    async with open_pane(size=NARROW) as driver:
        target = replace(from_url(pane_database)[0], rules=Rules(production=True))
        driver.pane.services.saved_connections.add("the shop", target)
        before = driver.runner
        await type_url(driver, pane_database)
        await driver.sees("There is a connection to this database")
        # The one that is open has taken the mark over by then.
        assert before.session is not None
        assert before.session.manual_commit
        await driver.press("o")
        await driver.until(lambda: len(driver.pane.connections.open) == 2, "the connection")
        await driver.sees("saved as the shop", "PRODUCTION", "manual commit")
        session = driver.runner.session
        assert session is not None
        assert session.manual_commit


async def test_a_url_without_password_asks_for_it_and_never_shows_it(
    open_pane: OpenPane, pane_database: str
) -> None:
    parts = urlsplit(pane_database)
    password = parts.password or ""
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    async with open_pane() as driver:
        before = driver.runner.session
        await type_url(driver, bare)
        await driver.sees("There is a connection to this database")
        await driver.press("o")
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
        assert password not in repr(driver.pane.connections.recent)


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
async def test_a_second_connection_is_opened_beside_a_running_statement(
    open_pane: OpenPane,
    pane_database: str,
    way: Callable[[SqlDriver, str], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def endless(session: Session) -> Relations:
        await asyncio.Event().wait()
        raise AssertionError

    async with open_pane() as driver:
        # What is typed on a new connection does not wait until its tables are listed.
        monkeypatch.setattr(Session, "relations", endless)
        before = driver.runner
        await driver.write("select pg_sleep(60)")
        await driver.press("f5")
        await driver.until(lambda: driver.runner.running, "a running statement")
        await way(driver, pane_database)
        await driver.sees("There is a connection to this database", "Show it")
        await driver.press("o")
        await driver.sees("2 of 2 (1 running) · each statement commits")
        await driver.write("select 'be' || 'side' as v")
        await driver.press("f5")
        await driver.sees("beside")
        assert before.running
        await driver.press("alt+j")
        await driver.sees("1 of 2 · ", "running", "Esc cancels")
        await driver.misses("beside")
        await driver.press("alt+k")
        await driver.sees("Open connections", "idle", "x Close")
        await driver.press("x")
        await driver.sees("A statement is running; closing cancels it.")
        await driver.press("tab", "enter")
        await driver.until(lambda: driver.runner is not before, "its neighbour")
        await driver.press("escape")
        await driver.sees("beside")
        assert driver.pane.connections.open == [driver.runner]


async def test_in_a_small_terminal_the_database_stays_readable(open_pane: OpenPane) -> None:
    async with open_pane(size=(44, 24)) as driver:
        session = driver.runner.session
        assert session is not None
        await driver.sees(f" {session.info.database} of ")


async def test_the_sandbox_is_connected_to_without_asking(open_pane: OpenPane) -> None:
    async with open_pane(location="") as driver:
        await driver.until(lambda: driver.runner.session is not None, "the sandbox's database")
        await driver.sees("tutorial", "members")
