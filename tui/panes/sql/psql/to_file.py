"""`\\g FILE`: a statement whose rows go into a file and not on the screen."""

from __future__ import annotations

import asyncio

from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.running.copy_files import may_replace, path_of
from tui.panes.sql.view import SqlView
from tui.panes.sql.warning import run_warned
from tui.services.placing import look_at
from tui.services.sql import (
    CopyDirection,
    Statement,
    copy_way,
    file_problem,
    with_file,
    with_result_file,
)
from tui.services.sql.psql import PsqlCommand


async def run_into_file(
    view: SqlView, on: QueryRunner, command: PsqlCommand, statement: Statement
) -> bool:
    """Run a statement and write its rows into the file that the command names; False if that is
    there and stays. It is a COPY's own bytes, or else what the ending of the name stands for."""
    path = path_of(command.arguments[0])
    problem = await asyncio.to_thread(file_problem, CopyDirection.TO, path)
    if problem:
        raise command.refused(f"{command.arguments[0]}: {problem}")
    existing = await asyncio.to_thread(look_at, path)
    if existing is not None and not await may_replace(view, path):
        return False
    if copy_way(statement) is CopyDirection.TO:
        ready: Statement = with_file(statement, path, replacing=existing)
    else:
        ready = with_result_file(statement, path, replacing=existing)
    return await run_warned(view, (ready,), on=on)
