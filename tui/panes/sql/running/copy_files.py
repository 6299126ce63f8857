"""The file behind COPY … FROM STDIN, COPY … TO STDOUT and psql's \\copy: asked for, then run."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tui.panes.sql import wording
from tui.panes.sql.editing.files import folder_of
from tui.panes.sql.runner import QueryRunner
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.services.placing import ExistingFile, look_at
from tui.services.sql import (
    CopyDirection,
    FileStatement,
    Statement,
    copy_command,
    copy_way,
    file_problem,
    has_rows_behind,
    suggested_name,
    with_file,
)
from tui.widgets.dialogs.dialogs import Confirm
from tui.widgets.dialogs.forms import FormDialog, TextField, Values
from tui.widgets.file_picker import OneFilePicker

_WORTH_A_LOOK = re.compile(r"\bcopy\b.*\b(?:stdin|stdout)\b", re.IGNORECASE | re.DOTALL)


def may_ask_for_file(text: str) -> bool:
    """Whether a COPY that needs a file may stand in a short text."""
    return bool(_WORTH_A_LOOK.search(text))


def needs_file(statement: Statement, *, read_only: bool) -> bool:
    """Whether a file is asked for when it runs. Read-only mode refuses a COPY that reads one."""
    way = copy_way(statement)
    is_refused = way is CopyDirection.FROM and read_only
    return way is not None and not is_refused and not has_rows_behind(statement)


async def with_files(
    view: SqlView, statements: Sequence[Statement], *, on: QueryRunner
) -> Sequence[Statement] | None:
    """The statements, each COPY over the connection with the file that the user named for it; None
    if they did not."""
    session = on.session
    if session is None:
        return statements
    ways = await asyncio.to_thread(_ways, statements)
    chosen: list[Statement] = []
    for statement, way in zip(statements, ways, strict=True):
        if way is None or not needs_file(statement, read_only=session.read_only):
            chosen.append(statement)
            continue
        named = await _ask_path(view, statement, way)
        ready = None if named is None else await _agreed(view, statement, way, *named)
        if ready is None:
            return None
        chosen.append(ready)
    return chosen


async def run_copy_command(
    view: SqlView, text: str, *, on: QueryRunner, data: Statement | None = None
) -> None:
    """Run a whole line of psql's `\\copy …`: from or to the file that it names, from the `data`
    behind it in a script, else from or to one that is asked for.

    ServiceError where it cannot be read or its file cannot be used. It does all that F5 does with a
    COPY: it asks before a file is replaced, shows the progress, and Esc cancels.
    """
    command = copy_command(text)
    statement: Statement = command.statement
    if command.path is not None:
        path = path_of(command.path)
        problem = await asyncio.to_thread(file_problem, command.way, path)
        if problem:
            raise ServiceError(f"{command.path}: {problem}", kind=ErrorKind.INVALID)
        existing = await asyncio.to_thread(look_at, path)
        ready: Statement | None = await _agreed(view, statement, command.way, path, existing)
    else:
        if data is not None and data.data is not None:
            statement = replace(statement, start=data.start, data=data.data)
        chosen = await with_files(view, (statement,), on=on)
        ready = chosen[0] if chosen else None
    if ready is not None:
        await view.run_statements((ready,), on=on, in_editor=False)


def path_of(text: str) -> Path:
    """A path as it was typed, `~` understood."""
    return Path(os.path.abspath(os.path.expanduser(text.strip())))


def _ways(statements: Sequence[Statement]) -> list[CopyDirection | None]:
    return [copy_way(each) for each in statements]


async def _ask_path(
    view: SqlView, statement: Statement, way: CopyDirection
) -> tuple[Path, ExistingFile | None] | None:
    """A path, and what is there."""
    if way is CopyDirection.FROM:
        source = await _ask_source(view, statement)
        return None if source is None else (source, None)
    return await _ask_target(view, statement)


async def _ask_source(view: SqlView, statement: Statement) -> Path | None:
    title = f"Read the rows from a file: {wording.brief(statement.shown)}"
    picker = OneFilePicker(view.services.transfers.folders, folder_of(view), title=title)
    chosen = await view.ask(picker)
    if not chosen:
        return None
    path: Path = chosen[0]
    problem = await asyncio.to_thread(file_problem, CopyDirection.FROM, path)
    if problem:
        raise ServiceError(f"{path.name}: {problem}", kind=ErrorKind.INVALID)
    return path


async def _ask_target(
    view: SqlView, statement: Statement
) -> tuple[Path, ExistingFile | None] | None:
    folder = view.services.settings.download_dir or Path.cwd()

    async def chosen(values: Values) -> tuple[Path, ExistingFile | None]:
        path = path_of(values["path"])
        problem = await asyncio.to_thread(file_problem, CopyDirection.TO, path)
        if problem:
            raise ServiceError(problem, kind=ErrorKind.INVALID)
        return path, await asyncio.to_thread(look_at, path)

    return await view.ask(
        FormDialog(
            "Write the rows to a file",
            [
                TextField(
                    "path",
                    wording.brief(statement.shown),
                    str(folder / suggested_name(statement)),
                    note="Format and encoding are those of the statement: "
                    "WITH (FORMAT csv, HEADER, ENCODING 'UTF8').",
                    check=lambda text: [] if text.strip() else ["Name a file."],
                    wide=True,
                )
            ],
            submit=chosen,
            submit_label="Write",
            only_reads=True,
        ),
        # Only then a question follows; else the COPY runs, and Esc has to stop it.
        follows=lambda named: named is not None and named[1] is not None,
    )


async def _agreed(
    view: SqlView,
    statement: Statement,
    way: CopyDirection,
    path: Path,
    existing: ExistingFile | None,
) -> FileStatement | None:
    if way is CopyDirection.FROM or existing is None:
        return with_file(statement, path)
    if not await may_replace(view, path):
        return None
    return with_file(statement, path, replacing=existing)


async def may_replace(view: SqlView, path: Path) -> bool:
    """Whether a file that is there may be replaced by one with rows; it is asked."""
    question = Confirm(
        f"Replace {path.name}?",
        f"{path} is there already. It is replaced when all rows have come, and stays as it is if "
        "they do not.",
        yes="Replace",
        danger=True,
    )
    return bool(await view.ask(question))
