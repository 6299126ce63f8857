"""Connecting again where a connection was lost, explained where that is refused."""

from __future__ import annotations

from collections.abc import Awaitable

from tui.panes.sql.connecting import choosing
from tui.panes.sql.connecting.refused.explaining import explain
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.services.errors import ServiceError
from tui.services.sql import ConnectError


async def explaining(view: SqlView, runner: QueryRunner, work: Awaitable[None]) -> None:
    """Do what runs something on a connection. If it was lost and is not made anew, that is
    explained, in a worker of its own: what is typed meanwhile waits for no dialog."""
    try:
        await work
    except ConnectError as error:
        view.start(connect_again(view, runner, error), group="sql-connect")


async def connect_again(view: SqlView, runner: QueryRunner, error: ServiceError) -> None:
    """Explain why a lost connection was not made anew, and make it, or another, as the user
    chooses. What was to be run is not run by itself. Raises the error if the user leaves it."""
    known, session = runner.known, runner.session
    if known is None or session is None:
        raise error
    while True:
        target, secrets = await explain(view, known, error)
        if (target, secrets) != known:
            await choosing.connect(view, target, secrets)
            return
        try:
            await session.reconnect()
        except ServiceError as refused:
            error = refused
        else:
            view.clear_error()
            view.draw()
            view.say("Connected again. Nothing was run; F5 runs it.")
            return
