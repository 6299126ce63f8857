"""The second connection, for what is asked of the catalog."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.sql import SqlError, from_url
from tui.services.sql.session import aside
from tui.services.sql.session.aside import Aside
from tui.services.sql.session.connection import ServerConnection
from tui.services.sql.session.opening import open_connection


async def test_a_connection_that_cannot_be_prepared_is_closed_and_the_reason_said(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_PREPARE", ("SET lock_timeout = 'soon'",))
    target, secrets = from_url(database)
    made: list[ServerConnection] = []

    def connect() -> ServerConnection:
        made.append(open_connection(target, secrets, read_only=True))
        return made[-1]

    kept = Aside(connect, BlockingPool("aside-test", 1))
    with pytest.raises(SqlError) as caught:
        await kept.look_up(lambda connection: connection.value("select 1"))
    assert "lock_timeout" in caught.value.cause
    assert not kept.is_open
    assert made[0].driver.closed
    kept.stop()


async def test_it_is_hung_up_after_a_while_and_not_on_the_event_loop(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "RELEASE", 0.0)
    target, secrets = from_url(database)
    closed_by: list[str] = []
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def connect() -> ServerConnection:
        connection = open_connection(target, secrets, read_only=True)
        close = connection.close

        def noting() -> None:
            close()
            closed_by.append(threading.current_thread().name)
            loop.call_soon_threadsafe(done.set)

        monkeypatch.setattr(connection, "close", noting)
        return connection

    kept = Aside(connect, BlockingPool("aside-test", 1))
    assert await kept.look_up(lambda connection: connection.value("select 1")) == "1"
    await asyncio.wait_for(done.wait(), 20)
    assert closed_by[0].startswith("tristore-aside-test")
    kept.stop()
    with pytest.raises(ServiceError):
        await kept.look_up(lambda connection: connection.value("select nonsense"))
    assert not kept.is_open
