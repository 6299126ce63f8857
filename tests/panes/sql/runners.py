"""A `QueryRunner` on a real server, without an application."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tui.config import Settings
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import (
    Row,
    Session,
    TransactionState,
    from_url,
    split,
)

END_ALL = (
    "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
    "where application_name = 'tristore' and datname = current_database()"
)


def services_of(account: Account, audit: AuditLog, state_dir: Path) -> Services:
    return Services(account, Settings(), audit, state_dir=state_dir)


class Changes:
    """Counts the calls of the runner's callback, and keeps what the status line said."""

    def __init__(self, services: Services) -> None:
        self.seen: list[str] = []
        self.runner = QueryRunner(services, self._changed)

    def _changed(self) -> None:
        self.seen.append(self.runner.doing or self.runner.status)


async def connect(runner: QueryRunner, url: str) -> None:
    """Connect and list the tables, as the pane does."""
    await runner.connect(*from_url(url))
    await runner.list_relations()


async def run(runner: QueryRunner, text: str) -> None:
    await runner.run(split(text))


async def fail(runner: QueryRunner, text: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await run(runner, text)
    return caught.value


def rows_of(runner: QueryRunner) -> list[Row]:
    assert isinstance(runner.shown, LoadedResult)
    return list(runner.shown.rows)


def session_of(runner: QueryRunner) -> Session:
    assert runner.session is not None
    return runner.session


def state_of(runner: QueryRunner) -> TransactionState | None:
    """The state now: mypy takes a property that was once asserted for settled."""
    return runner.state


async def sleeping(runner: QueryRunner, server: RunElsewhere) -> asyncio.Task[None]:
    """A statement that runs on the server until it is stopped."""
    task = asyncio.ensure_future(run(runner, "select pg_sleep(60)"))
    async with asyncio.timeout(20):
        while server(
            "select count(*) from pg_stat_activity where wait_event = 'PgSleep' "
            "and datname = current_database()"
        ) == [(0,)]:
            await asyncio.sleep(0.01)
    return task


async def until_lost(runner: QueryRunner) -> None:
    """Look until the server's end is seen; it may be on its way."""
    async with asyncio.timeout(20):
        while state_of(runner) is not TransactionState.LOST:
            runner.look()
            await asyncio.sleep(0.01)
