"""Several connections of the SQL pane, without its widgets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.panes.sql.runners import (
    END_ALL,
    rows_of,
    run,
    services_of,
    session_of,
    sleeping,
)
from tests.postgres import RunElsewhere, elsewhere, own_database
from tui.panes.sql.connecting import open_connections
from tui.panes.sql.connecting.open_connections import OpenConnections, name_of
from tui.panes.sql.connecting.open_connections_dialog import row_of
from tui.panes.sql.connecting.taking_marks import take_marks
from tui.panes.sql.runner import QueryRunner
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Relations, Rules, TimeLimits, TransactionState, from_url, split
from tui.services.sql.connecting.saved import SavedConnections
from tui.widgets.grid.cells import Absent, Cell


class Opened:
    """Connections whose sentences are kept."""

    def __init__(self, account: Account, audit: AuditLog, state_dir: Path) -> None:
        self.services = services_of(account, audit, state_dir)
        self.told: list[str] = []
        self.drawn: list[QueryRunner] = []
        self.all = OpenConnections(
            self.services, self._changed, lambda text, _: self.told.append(text)
        )

    def _changed(self) -> None:
        self.drawn.append(self.all.shown)

    async def connect(self, url: str) -> QueryRunner:
        runner = await self.all.connect(*from_url(url))
        await runner.list_relations()
        return runner

    async def work(self, runner: QueryRunner, text: str) -> bool:
        """Run a text as the pane does; whether it ended well."""
        with self.all.work(runner):
            await runner.run(split(text))
            return True
        return False


@pytest.fixture
async def opened(account: Account, audit: AuditLog, tmp_path: Path) -> AsyncIterator[Opened]:
    made = Opened(account, audit, tmp_path)
    yield made
    made.all.close()
    made.services.close()


@pytest.fixture(scope="module")
def other_database(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of a second empty database."""
    with own_database(sandbox.postgres) as url:
        yield url


async def test_a_connection_is_opened_beside_the_others_and_keeps_what_is_its_own(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    await run(first, "begin; select 'of the first'")
    session_of(first).manual_commit = True
    second = await opened.connect(other_database)
    assert opened.all.shown is second
    assert isinstance(second.shown, Relations)
    assert (second.state, session_of(second).manual_commit) == (TransactionState.IDLE, False)
    await run(second, "select current_database()")
    assert rows_of(second) == [(session_of(second).info.database,)]
    opened.all.show(first)
    assert rows_of(first) == [("of the first",)]
    assert (first.state, session_of(first).manual_commit) == (TransactionState.OPEN, True)
    assert session_of(first).info.database != session_of(second).info.database
    assert [target.label for target, _ in opened.all.recent] == [
        session_of(each).target.label for each in (second, first)
    ]


async def test_a_statement_goes_on_where_it_is_not_seen_and_its_end_is_told_and_marked(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    at_work = asyncio.ensure_future(opened.work(first, "select 7 from pg_sleep(0.2)"))
    await asyncio.sleep(0)
    assert opened.all.location[1].startswith("2 of 2 (1 running) · ")
    assert await opened.work(second, "select 'meanwhile'")
    assert await at_work
    assert [text.rpartition(" · ")[0] for text in opened.told] == [
        f"{name_of(first)}: SELECT 1 · 1 row"
    ]
    assert opened.all.location[1].startswith("2 of 2 (1 ended) · ")
    assert rows_of(second) == [("meanwhile",)]
    opened.all.show(first)
    assert opened.all.location[1].startswith("1 of 2 · ")
    assert rows_of(first) == [("7",)]


async def test_an_error_of_another_connection_is_kept_for_it_and_not_raised_here(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    assert not await opened.work(first, "select 1/0")
    assert opened.told == [f"{name_of(first)}: Division by zero."]
    assert (opened.all.mark(first), second.error) == ("failed", None)
    assert first.error is not None
    assert first.error.message == "Division by zero."
    with pytest.raises(ServiceError):
        await opened.work(second, "select 1/0")


async def test_a_lost_connection_that_is_not_shown_is_told_once(
    opened: Opened, pane_database: str, other_database: str, server: RunElsewhere
) -> None:
    first = await opened.connect(pane_database)
    await opened.connect(other_database)
    server(END_ALL)
    async with asyncio.timeout(20):
        while not opened.told:
            opened.all.look()
            await asyncio.sleep(0.01)
    opened.all.look()
    assert opened.told == [f"{name_of(first)}: the connection is lost."]
    assert opened.all.location[1].startswith("2 of 2 (1 lost) · each statement commits")


async def test_what_is_at_stake_is_asked_of_all_of_them_together(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    await run(first, "begin; select 1")
    assert opened.all.at_stake() == [
        "A transaction of 1 statement is open; quitting rolls it back."
    ]
    second = await opened.connect(other_database)
    await run(second, "begin; select 1; select 2")
    assert opened.all.at_stake() == [
        f"{name_of(first)}: A transaction of 1 statement is open; quitting rolls it back.",
        f"{name_of(second)}: A transaction of 2 statements is open; quitting rolls it back.",
    ]


async def test_a_closed_connection_leaves_its_neighbour_and_says_nothing_any_more(
    opened: Opened, pane_database: str, other_database: str, server: RunElsewhere
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    at_work = asyncio.ensure_future(opened.work(first, "select pg_sleep(60)"))
    with elsewhere(pane_database) as look:
        async with asyncio.timeout(20):
            while look(
                "select count(*) from pg_stat_activity where wait_event = 'PgSleep' "
                "and datname = current_database()"
            ) == [(0,)]:
                await asyncio.sleep(0.01)
    line = row_of(first, 1, opened.all, is_wide=True)
    assert isinstance(line[4], Cell)
    assert line[4].text.startswith("running ")
    await run(second, "begin")
    line = row_of(second, 2, opened.all, is_wide=False)
    assert (line[0], line[-1]) == ("▸2", Absent.BLANK)
    assert isinstance(line[3], Cell)
    assert line[3].text.startswith("open transaction, ")
    opened.all.close_one(first)
    assert not await at_work
    assert (opened.all.shown, opened.all.open, opened.told) == (second, [second], [])
    opened.all.close_one(second)
    assert opened.all.location[0] == "not connected"
    assert opened.all.shown.session is None


async def test_more_than_the_most_are_refused_and_a_failed_one_leaves_what_is_shown(
    opened: Opened, pane_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opened.connect(pane_database)
    with pytest.raises(ServiceError) as caught:
        await opened.connect("postgresql://u:pw@127.0.0.1:1/x")
    assert "Nothing listens there" in caught.value.message
    assert (opened.all.shown, opened.all.open) == (first, [first])
    monkeypatch.setattr(open_connections, "MOST_OPEN", 2)
    await opened.connect(pane_database)
    with pytest.raises(ServiceError) as caught:
        await opened.connect(pane_database)
    assert caught.value.kind is ErrorKind.CONFLICT
    assert caught.value.message == "2 connections are open, and more are not opened."


async def test_the_next_and_the_one_before_go_round_and_the_like_is_found(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    opened.all.step(1)
    assert opened.all.shown is first
    opened.all.step(-1)
    assert opened.all.shown is second
    target, _ = from_url(pane_database)
    assert await opened.all.like(target) is first
    elsewhere_target, _ = from_url(pane_database + "_not")
    assert await opened.all.like(elsewhere_target) is None


async def test_a_connection_of_the_same_name_that_leads_elsewhere_is_another(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    target, secrets = from_url(pane_database)
    first = await opened.all.connect(replace(target, label="shop"), secrets)
    moved = replace(from_url(other_database)[0], label="shop")
    assert await opened.all.like(moved) is None
    assert await opened.all.like(replace(target, label="another name")) is first
    assert await opened.all.like(replace(target, rules=Rules(production=True))) is None
    assert opened.all.made_for(moved) is None
    assert opened.all.made_for(replace(target, label="shop")) is first


async def test_the_same_connection_made_again_is_used_as_it_was(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    session = session_of(await opened.connect(pane_database))
    session.manual_commit, session.limits = True, TimeLimits(statement=7)
    again = session_of(await opened.connect(pane_database))
    assert (again.manual_commit, again.limits.statement) == (True, 7)
    other = session_of(await opened.connect(other_database))
    assert (other.manual_commit, other.limits.statement) == (False, None)


async def test_a_change_of_another_connection_draws_the_one_that_is_shown(
    opened: Opened, pane_database: str, other_database: str, server: RunElsewhere
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    opened.drawn.clear()
    task = await sleeping(first, server)
    await first.cancel()
    with pytest.raises(ServiceError):
        await task
    assert set(opened.drawn) == {second}


async def test_a_connection_that_is_on_its_way_can_be_given_up(opened: Opened) -> None:
    before = opened.all.shown
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://me@127.0.0.1:{silent.getsockname()[1]}/db"
        connecting = asyncio.create_task(opened.connect(url))
        near, _ = await asyncio.to_thread(silent.accept)
        was_connecting = opened.all.is_connecting
        opened.all.give_up()
        with pytest.raises(ServiceError) as caught:
            await connecting
        near.close()
    assert caught.value.kind is ErrorKind.CANCELLED
    assert "was given up" in caught.value.message
    assert (was_connecting, opened.all.is_connecting) == (True, False)
    assert opened.all.shown is before


async def test_a_transaction_that_stays_open_where_one_comes_from_is_told_of(
    opened: Opened, pane_database: str, other_database: str
) -> None:
    first = await opened.connect(pane_database)
    second = await opened.connect(other_database)
    assert opened.told == []
    opened.all.show(first)
    await run(first, "begin")
    opened.all.step(1)
    assert opened.told == [f"{name_of(first)}: its transaction stays open. Alt+K lists it."]
    opened.all.show(first)
    assert len(opened.told) == 1, "none is open on the second"
    assert second.state is TransactionState.IDLE


async def test_an_open_connection_takes_the_marks_that_are_saved_for_its_database(
    opened: Opened, pane_database: str, tmp_path: Path
) -> None:
    runner = await opened.connect(pane_database)
    target, _ = from_url(pane_database)
    store = SavedConnections(tmp_path / "connections.json")
    store.add("plain", target)
    assert take_marks(opened.all.open, list(store.read())) == []
    await run(runner, "create table kept_marks (n int)")
    store.add("prod", replace(target, rules=Rules(production=True, read_only=True)))
    (said,) = take_marks(opened.all.open, list(store.read()))
    assert said.endswith("is treated as it is saved from now on: PRODUCTION · READ ONLY.")
    assert "PRODUCTION" in runner.location[1]
    with pytest.raises(ServiceError) as refused:
        await run(runner, "drop table kept_marks")
    assert refused.value.kind is ErrorKind.READ_ONLY
    # By the server, too, and also after it was connected anew.
    await session_of(runner).reconnect()
    await run(runner, "show transaction_read_only")
    assert rows_of(runner) == [("on",)]
    assert take_marks(opened.all.open, list(store.read())) == [], "it is said once"
    # It is not made less careful behind one's back.
    assert take_marks(opened.all.open, []) == []
    assert session_of(runner).read_only
