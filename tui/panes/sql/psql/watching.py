"""`\\watch`: a statement that is run again and again, until Esc, an error or its limits end it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.panes.sql.warning import run_warned
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import Statement, TransactionState
from tui.services.sql.psql.watch import WatchEvery


async def watch(
    view: SqlView, on: QueryRunner, statement: Statement, wanted: WatchEvery
) -> list[str]:
    """Run a statement every few seconds; what is to be said when it is over, nothing if it was not
    run to the end. A run that takes longer than the time between two is followed by the next one
    at once, and never by two. Raises the error of the run that fails."""
    due = time.monotonic()
    if not await run_warned(view, (statement,), on=on):
        return []
    with on.repeating() as stopped:
        return await _again(view, on, statement, wanted, due, stopped)


async def _again(
    view: SqlView,
    on: QueryRunner,
    statement: Statement,
    wanted: WatchEvery,
    due: float,
    stopped: asyncio.Event,
) -> list[str]:
    session = on.session
    number, at = 1, datetime.now().astimezone()
    while not await _is_over(on, wanted, number):
        due = max(due + wanted.seconds, time.monotonic())
        doing = f"run {number:,} at {at:%H:%M:%S}, every {wanted.seconds:g} s"
        await _wait(on, due, f"{doing} · waiting", stopped)
        if stopped.is_set():
            return [f"Stopped after {counted(number, 'run')}; the last was at {at:%H:%M:%S}."]
        # As it was sent: its parameters are asked for once.
        sent = replace(on.last_statement or statement, is_repeated=True)
        if on.session is not session:
            return []
        try:
            if not await view.run_statements((sent,), on=on, again=f"{doing} · running"):
                return []
        except ServiceError as error:
            if error.kind is ErrorKind.CANCELLED and stopped.is_set():
                continue
            raise
        number, at = number + 1, datetime.now().astimezone()
    return [f"{counted(number, 'run')}; the last was at {at:%H:%M:%S}."]


async def _is_over(on: QueryRunner, wanted: WatchEvery, number: int) -> bool:
    if wanted.times is not None and number >= wanted.times:
        return True
    if on.state is TransactionState.FAILED:
        return True
    shown = on.shown
    if not isinstance(shown, LoadedResult):
        return wanted.least > 0
    before = -1
    while shown.held and before < len(shown.rows) < wanted.least:
        # The first page says nothing of how many there are.
        before = len(shown.rows)
        await on.load_page()
    return len(shown.rows) < wanted.least


async def _wait(on: QueryRunner, due: float, doing: str, stopped: asyncio.Event) -> None:
    """Wait for the next run, or until it is stopped."""
    with on.occupied(doing, stopped.set), suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, due - time.monotonic())):
            await stopped.wait()
