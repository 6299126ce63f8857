"""`\\i` of a file that is too long to be held: looked through first, then run piece by piece."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tui.panes.sql.connecting.open_connections import name_of
from tui.panes.sql.editing.tabs import Tab
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.psql.script import (
    LongFile,
    ScriptRun,
    ScriptSteps,
    Step,
    connects,
    hint_behind_error,
)
from tui.panes.sql.row_edits.asking import may_drop_staged
from tui.panes.sql.run_log import RunLog, RunUnderWay
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.places import may_run_here, moves_to
from tui.panes.sql.view import SqlView
from tui.panes.sql.warning import WarnedWay, ask_way
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.sql import ConnectionLostError, Session, SqlError, Statement
from tui.services.sql.files.script_file import ScriptFile, ScriptStatement, placed
from tui.services.sql.files.script_look import ScriptOutline, look_to_command
from tui.services.sql.files.script_run import ScriptOutcome, ends_all
from tui.services.sql.files.sql_files import read_script

Take = Callable[[QueryRunner, Step], Awaitable[QueryRunner | None]]
"""Takes a step of a command in the file; the connection for what comes next, None for an end."""


async def run_long_file(
    view: SqlView,
    on: QueryRunner,
    step: LongFile,
    *,
    tab: Tab | None,
    take: Take,
    reader: ScriptOutcome | None = None,
) -> QueryRunner | None:
    """Run the statements of a file; the connection for what comes after it, None if it was not run
    to its end. What cannot be done, and whether it may be, comes before anything of it runs. What
    failed in it is told to `reader`, the file that reads it, if there is one."""
    session = on.session
    if session is None:
        return None
    outlines, mark = await _looked_through(on, session, step)
    asked = (Statement(f"\\i {step.path}", 0, 0, "INSERT" if outlines[0].changes else "SELECT"),)
    if tab is not None and not await may_run_here(view, tab, asked, on):
        return None
    moves = tab is not None and await moves_to(tab, on, asked)
    if not await _may_run(view, on, outlines[0]):
        return None
    script = await asyncio.to_thread(ScriptFile, step.path)
    try:
        if script.mark != mark:
            raise ServiceError(
                f"{script.name} has changed since it was looked through; nothing of it was run.",
                kind=ErrorKind.CHANGED,
            )
        if tab is not None and moves:
            view.tabs.settle(tab, name_of(on))
        outcome = ScriptOutcome(goes_on=step.goes_on)
        with _in_history(view, session, step, outcome):
            then = await _run(view, on, step, script, outlines, take, outcome)
        if outcome.failed and reader is not None:
            reader.add_failure(_those_that_failed(script, outcome))
        elif outcome.failed:
            view.show_error(_those_that_failed(script, outcome))
        return then
    finally:
        await asyncio.shield(asyncio.to_thread(script.close))


@contextmanager
def _in_history(
    view: SqlView, session: Session, step: LongFile, outcome: ScriptOutcome
) -> Iterator[None]:
    """Note the file as one: its statements may be millions."""
    history, written = view.services.sql_history, f"\\i {step.path}"
    statement = Statement(written, 0, len(written), "\\")
    under_way = history.begin(statement, session.info.label)
    try:
        yield
    except ServiceError as error:
        history.end(under_way, error)
        raise
    except asyncio.CancelledError:
        history.end(under_way, ServiceError("Cancelled.", kind=ErrorKind.CANCELLED))
        raise
    if outcome.ended is not None:
        history.end(under_way, outcome.ended)
    elif outcome.failed:
        history.end(under_way, SqlError(outcome.result(written).tag, cause=outcome.problem))
    else:
        history.end(under_way, outcome.result(written))


def _those_that_failed(script: ScriptFile, outcome: ScriptOutcome) -> ServiceError:
    done = outcome.failed + outcome.count
    return ServiceError(
        f"{script.name}: {outcome.failed:,} of {counted(done, 'statement')} failed.",
        cause=outcome.problem,
        hint="\\set ON_ERROR_STOP on stops at the first one.",
        kind=ErrorKind.INVALID,
    )


async def _may_run(view: SqlView, on: QueryRunner, outline: ScriptOutline) -> bool:
    """Whether what is dangerous in a part of a file may run on a connection, and staged changes may
    be lost there; it is asked."""
    found = outline.dangers
    if found and on.session is not None and not on.session.read_only:
        # In no transaction of ours: the file may have its own.
        several = [each for each, _ in found] * 2
        if await ask_way(view, several, found, on) is not WarnedWay.PLAINLY:
            return False
    return await may_drop_staged(on, view.ask)


async def _looked_through(
    on: QueryRunner, session: Session, step: LongFile
) -> tuple[list[ScriptOutline], object]:
    """What stands in a file in front of, between and behind the commands that change the
    connection."""
    outlines, stop = [ScriptOutline()], threading.Event()
    steps = _script_steps(session, step)
    script = await asyncio.to_thread(ScriptFile, step.path)
    with on.occupied(f"looking through {script.name}", stop.set), script:
        on.copying = script.progress
        try:
            while True:
                found = await asyncio.to_thread(
                    look_to_command,
                    script,
                    outlines[-1],
                    backslash_escapes=session.backslash_escapes,
                    stopped=stop.is_set,
                )
                if found is None:
                    return outlines, script.mark
                made = await _steps_of(steps, found, step, script, outlines[-1])
                outlines += [ScriptOutline() for each in made if connects(each)]
        finally:
            on.copying = None


def _script_steps(session: Session, step: LongFile) -> ScriptSteps:
    escapes = session.backslash_escapes
    return ScriptSteps(session.info, read_script, escapes, None, goes_on=step.goes_on)


async def _steps_of(
    steps: ScriptSteps,
    found: ScriptStatement,
    step: LongFile,
    script: ScriptFile,
    before: ScriptOutline | ScriptOutcome,
) -> list[Step]:
    """What the commands of a statement come to; their errors have the line of the file."""
    steps.steps.clear()
    steps.follow(before.sent)
    before.sent = None
    try:
        await steps.add((found,), step.path, found.text, step.depth)
    except ServiceError as error:
        raise placed(error, found, script.name) from error
    # Whoever runs them knows no line of this file: it is said here.
    return [
        replace(each, path="", text="")
        if isinstance(each, ScriptRun) and each.path == step.path
        else each
        for each in steps.steps
    ]


async def _run(
    view: SqlView,
    on: QueryRunner,
    step: LongFile,
    script: ScriptFile,
    outlines: Sequence[ScriptOutline],
    take: Take,
    outcome: ScriptOutcome,
) -> QueryRunner | None:
    parts = iter(outlines[1:])
    session = on.session
    assert session is not None, "the file was looked through on it"
    steps = _script_steps(session, step)
    while on.session is not None:
        found, is_done = None, False
        with view.connections.work(on):
            found = await _run_to_command(on, on.session, script, outcome)
            is_done = True
        if not is_done:
            return None  # it is told where the connection is not shown
        if found is None:
            return on
        for each in await _steps_of(steps, found, step, script, outcome):
            try:
                if isinstance(each, LongFile):
                    then = await run_long_file(view, on, each, tab=None, take=take, reader=outcome)
                else:
                    then = await take(on, each)
            except ServiceError as error:
                said = placed(error, found, script.name)
                # What follows must not run on another connection than it is for.
                changes_connection = connects(each) or isinstance(each, LongFile)
                if changes_connection or not outcome.goes_on or ends_all(error):
                    raise said from error
                outcome.add_failure(said)
                break
            if then is None:
                return None
            if isinstance(each, ScriptRun):
                outcome.count += len(each.statements)
            # The file may have said it by itself.
            outcome.goes_on = view.goes_on_after_errors
            if connects(each) and not await _may_run(view, then, next(parts, ScriptOutline())):
                return None
            on = then
    return None


async def _run_to_command(
    on: QueryRunner, session: Session, script: ScriptFile, outcome: ScriptOutcome
) -> ScriptStatement | None:
    on.failed, on.error, on.log = None, None, RunLog()
    under_way, written, stop = RunUnderWay(2), f"\\i {script.path}", threading.Event()
    if not script.count:
        # Later, what the file has set would be gone with the connection.
        await on.reconnect_if_lost(session)
    with on.occupied(f"running {script.name}", stop.set):
        on.copying = script.progress
        try:
            found = await session.run_script(script, outcome)
            if found is not None and stop.is_set():
                cancelled = SqlError("Cancelled between two statements.", kind=ErrorKind.CANCELLED)
                raise placed(cancelled, found, script.name)
        except ServiceError as error:
            if not isinstance(error, ConnectionLostError):
                error.hint = hint_behind_error(error)
            outcome.ended = error
            under_way.add(LoadedResult(outcome.result(written), session))
            on.show_failure(session, error, under_way)
            raise
        finally:
            on.copying = None
    last = outcome.last
    if last is not None and last.columns is not None:
        under_way.add(LoadedResult(last, session))
    summary = LoadedResult(outcome.result(written), session)
    under_way.add(summary)
    under_way.total = len(under_way.results)
    on.log, on.names_are_old = under_way.log(), True
    on.show_instead(under_way.last_with_rows or summary)
    return found
