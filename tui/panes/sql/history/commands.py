"""The command of the history, and what is done with what was picked in it."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.history.dialog import HistoryDialog, PickedStatement
from tui.panes.sql.psql.running import run_chosen
from tui.panes.sql.view import SqlView
from tui.services.errors import ServiceError
from tui.services.sql import split
from tui.services.sql.history import Entry
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.dialogs import Confirm


def _runs_it(answer: PickedStatement) -> bool:
    return answer.run


@command(verbs.HISTORY, asks=True, priority=True)
async def history(view: SqlView) -> None:
    """Search the statements that were run, and favourites: put one into the editor, run it again,
    keep it under a name, copy or delete it. Passwords are not kept."""
    session = view.runner.session
    connection = "" if session is None else session.info.label
    dialog = HistoryDialog(view.services.sql_history, connection)
    picked = await view.ask(dialog, follows=_runs_it)
    if picked is None:
        return
    if picked.run:
        await _run_again(view, picked.entry)
    else:
        view.editor.put_at_cursor(picked.entry.text)
        view.editor.focus()


async def _run_again(view: SqlView, entry: Entry) -> None:
    runner, session = view.runner, view.runner.session
    if session is None or runner.running:
        raise ServiceError(
            "A statement is running." if runner.running else "There is no connection.",
            hint="Esc stops it." if runner.running else "Ctrl+O connects.",
        )
    if entry.connection != session.info.label:
        question = Confirm(
            "Run it on another server?",
            f"It ran on {entry.connection}, and would run on {session.info.label} now.",
            yes="Run it here",
        )
        if not await view.ask(question, follows=True):
            return
    statements = split(entry.text, backslash_escapes=session.backslash_escapes)
    await run_chosen(view, statements, on=runner, in_editor=False)


HISTORY_COMMANDS: tuple[Command[Any], ...] = (history,)
