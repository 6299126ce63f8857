"""Statements with a file of this machine behind them: a COPY that reads or writes one, and a
statement whose result goes into one."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field, fields
from pathlib import Path

from tui.services.placing import ExistingFile
from tui.services.sql.export.options import Format
from tui.services.sql.text.copy_text import CopyDirection
from tui.services.sql.text.script_data import CopyProgress
from tui.services.sql.text.statements import Statement


@dataclass(frozen=True)
class FileStatement(Statement):
    """A COPY, or psql's \\copy, with the file that it reads or writes. Made by `with_file`."""

    path: Path = Path()
    replacing: ExistingFile | None = None
    """What has the name, and may be replaced while it is still that."""
    progress: CopyProgress = field(default_factory=CopyProgress, compare=False)


def with_file(
    statement: Statement, path: Path, *, replacing: ExistingFile | None = None
) -> FileStatement:
    """The same COPY, which takes its rows from `path` or puts them there when it is run."""
    return FileStatement(
        statement.text,
        statement.start,
        statement.end,
        statement.keyword,
        statement.backslash_escapes,
        statement.written,
        statement.values,
        path=path,
        replacing=replacing,
    )


@dataclass(frozen=True)
class ResultFileStatement(Statement):
    """A statement whose rows go into a file: psql's `\\g FILE`. Made by `with_result_file`."""

    path: Path = Path()
    format: Format = Format.ALIGNED
    replacing: ExistingFile | None = None
    """What has the name, and may be replaced while it is still that."""
    progress: CopyProgress = field(default_factory=CopyProgress, compare=False)


def with_result_file(
    statement: Statement, path: Path, *, replacing: ExistingFile | None = None
) -> ResultFileStatement:
    """The same statement, whose rows go into `path` when it is run: in the form that the ending of
    the name stands for, else as psql prints a table."""
    same = {each.name: getattr(statement, each.name) for each in fields(Statement)}
    return ResultFileStatement(**same, path=path, format=Format.of(path.name), replacing=replacing)


def progress_of(statement: Statement) -> CopyProgress | None:
    """How far it has come, if it has a file or data behind it."""
    if isinstance(statement, FileStatement | ResultFileStatement):
        return statement.progress
    return None if statement.data is None else statement.data.progress


def has_rows_behind(statement: Statement) -> bool:
    """Whether it is a COPY over the connection that can be run: with a file, or with data."""
    return isinstance(statement, FileStatement) or statement.data is not None


def file_problem(way: CopyDirection, path: Path) -> str:
    """Why no COPY can go from or to this file, as a sentence; "" if nothing is seen. Blocking."""
    try:
        found = path.stat()
    except FileNotFoundError:
        if way is CopyDirection.FROM:
            return "There is no such file."
        return "" if path.parent.is_dir() else "There is no such folder."
    except (OSError, ValueError) as error:
        return f"It cannot be looked at: {getattr(error, 'strerror', '') or error}."
    if stat.S_ISDIR(found.st_mode):
        return "This is a folder: name a file in it."
    if not stat.S_ISREG(found.st_mode):
        return "This is not a regular file."
    return ""
