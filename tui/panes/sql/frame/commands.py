"""The command that opens a result in Python, or gives a program that does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tui.panes.sql.export.exporting import why_not_again
from tui.panes.sql.export.form import file_name
from tui.panes.sql.frame.opening import FrameWanted, open_session
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.running.commands import RUNNING
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.new_file import NewFile
from tui.services.quantities import counted
from tui.services.sql import Session
from tui.services.sql.frame import frame_columns, reaching, snippet
from tui.services.transfers import new_name
from tui.widgets.application.clipboard import copy_text
from tui.widgets.application.lent_terminal import run_in_terminal
from tui.widgets.application.orderly_app import OrderlyApp
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command
from tui.widgets.dialogs.choose import Choice, Choose
from tui.widgets.dialogs.dialogs import AskText, Confirm

NO_RESULT = "There is no result to open in Python; Enter on a table reads it."

Chosen = Callable[[], Awaitable[None]]


def has_rows(view: SqlView) -> bool:
    """Whether there is a result, and nothing runs."""
    shown = view.runner.shown
    is_result = isinstance(shown, LoadedResult) and shown.result.columns is not None
    return is_result and not view.runner.running


@command(
    verbs.FRAME,
    priority=True,
    asks=True,
    when=has_rows,
    instead=lambda view: RUNNING if view.runner.running else NO_RESULT,
)
async def open_in_python(view: SqlView) -> None:
    """Open the result in IPython (or Python) as the pandas frame `df`, in types that lose nothing,
    or copy or save a program that makes it. The whole result is taken: a statement that only reads
    is run again. The application comes back when Python ends; what runs goes on meanwhile."""
    shown, session = view.runner.shown, view.runner.session
    if not isinstance(shown, LoadedResult) or session is None:
        return
    chosen = await view.ask(
        Choose("This result in Python", _choices(view, shown, session)), follows=True
    )
    if chosen is not None:
        await chosen()


def _choices(view: SqlView, shown: LoadedResult, session: Session) -> list[Choice[Chosen]]:
    why_not = why_not_again(shown, session)
    loaded = counted(len(shown.rows), "loaded row")
    open_loaded = partial(_open, view, session, FrameWanted(shown, again=False))
    choices: list[Choice[Chosen]] = []
    if shown.complete:
        choices.append(Choice(open_loaded, "Python with df", f"the {loaded}: all", "p"))
    else:
        if not why_not:
            open_all = partial(_open, view, session, FrameWanted(shown, again=True))
            choices.append(Choice(open_all, "Python with df", "all rows: it runs again", "p"))
        note = f"the {loaded}: not all"
        choices.append(Choice(open_loaded, "Python with some rows", note, "l"))
    if not why_not:
        copy = partial(_copy_snippet, view, shown, session)
        save = partial(_save_snippet, view, shown, session)
        choices.append(Choice(copy, "Copy a program", "it makes df; no password in it", "c"))
        choices.append(Choice(save, "Save a program…", "to a file", "s"))
    return choices


async def _open(view: SqlView, session: Session, wanted: FrameWanted) -> None:
    app = view.app
    assert isinstance(app, OrderlyApp)

    async def is_wanted(problem: str) -> bool:
        question = Confirm("Make the frame?", problem, yes="Make it")
        return bool(await view.ask(question))

    async def run(line: tuple[str, ...], descriptors: tuple[int, ...]) -> int:
        return await run_in_terminal(app, line, descriptors=descriptors)

    said = "Cancelled: Python was not started."
    with view.connections.work(view.runner, tells_end=False):
        try:
            said = await open_session(view.runner, session, wanted, run=run, is_wanted=is_wanted)
        except ServiceError as error:
            if error.kind is not ErrorKind.CANCELLED:
                raise
    view.say(said)


def _program(view: SqlView, shown: LoadedResult, session: Session) -> str:
    result = shown.result
    client_code = view.services.account.connection.target.client_code
    way = reaching(session.target, session.info, client_code("rds"), client_code("secretsmanager"))
    return snippet(result.statement, frame_columns(result.columns or ()), way)


async def _copy_snippet(view: SqlView, shown: LoadedResult, session: Session) -> None:
    await copy_text(view.app, await asyncio.to_thread(_program, view, shown, session))


async def _save_snippet(view: SqlView, shown: LoadedResult, session: Session) -> None:
    folders = view.services.transfers.folders
    folder = folders.last_download or view.services.settings.download_dir or folders.start
    name = str(folder / f"{file_name(shown)}.py")
    path = await view.ask(AskText("Save the program", "To a new file", value=name))
    if path is None:
        return
    program = await asyncio.to_thread(_program, view, shown, session)
    target = await asyncio.to_thread(write_program, path, program)
    view.notify(f"The program is in {target}.", markup=False)


def write_program(path: str, program: str) -> str:
    """Write a new file; its path. Blocking; ServiceError, EXISTS if there is one already."""
    target, _ = new_name(path.strip())
    with NewFile(target) as file:
        file.stream.write(program.encode("utf-8", "surrogateescape"))
        file.put_in_place()
    return str(target)


FRAME_COMMANDS: tuple[Command[Any], ...] = (open_in_python,)
"""In the order of the help."""
