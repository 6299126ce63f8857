"""A Python session with a result as `df`, while all that runs goes on."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.sql import Session
from tui.services.sql.export import Exported, ExportOptions, write_rows
from tui.services.sql.frame import FrameFiles, Interpreter, find_interpreter, frame_columns

TELL_EVERY = 0.25
"""Seconds between two figures of how far it is."""

IN_MEMORY = 3
"""How many times the size of its CSV a frame takes while it is made: 2.0 of a million rows with ten
columns of numbers, dates and texts, more with bytea."""

Run = Callable[[tuple[str, ...], tuple[int, ...]], Awaitable[int]]
"""Gives the terminal to a command, which inherits files; its status."""


@dataclass(frozen=True)
class FrameWanted:
    """What is to be a frame."""

    shown: LoadedResult
    again: bool
    """Whether the statement is run again; else the loaded rows are taken."""

    @property
    def note(self) -> str:
        """What has to be said of which rows these are; empty if they are all."""
        if self.again or self.shown.complete:
            return ""
        return f"Only the {counted(len(self.shown.rows), 'row')} that were loaded: there are more."


async def open_session(
    runner: QueryRunner,
    session: Session,
    wanted: FrameWanted,
    *,
    run: Run,
    is_wanted: Callable[[str], Awaitable[bool]],
) -> str:
    """Bring the rows to a Python and let the user work with them there; what is said afterwards.

    `is_wanted` is asked if there may be too little memory. ServiceError if there is no Python with
    pandas, or the rows cannot be had: CANCELLED after Esc.
    """
    stopped = threading.Event()
    with runner.occupied("looking for a Python that has pandas", stopped.set):
        python = await asyncio.to_thread(find_interpreter, os.environ, stopped=stopped.is_set)
    with closing(await asyncio.to_thread(_new_files)) as files:
        exported = await _fill(runner, session, wanted, files)
        columns = frame_columns(wanted.shown.result.columns or (), exported.limits)
        notes = [*filter(None, [wanted.note]), *exported.notes]
        code = await asyncio.to_thread(files.write_program, columns, notes)
        problem = memory_problem(os.fstat(files.rows.fileno()).st_size)
        if problem and not await is_wanted(problem):
            return "No frame was made."
        status = await run(python.command(code), files.descriptors)
    return _said(python, status)


def _new_files() -> FrameFiles:
    try:
        return FrameFiles()
    except OSError as error:
        raise _unwritten(error) from error


def _unwritten(error: OSError) -> ServiceError:
    return ServiceError(
        "The rows could not be written to a file for Python.",
        cause=str(error),
        hint="TMPDIR names the folder for such files.",
    )


def _said(python: Interpreter, status: int) -> str:
    if status < 0:
        return f"{python.name} was ended by signal {-status}."
    return f"Back from {python.name}. Nothing here was changed."


async def _fill(
    runner: QueryRunner, session: Session, wanted: FrameWanted, files: FrameFiles
) -> Exported:
    """Write the rows into the file."""
    stopped = threading.Event()
    options = ExportOptions(header=False, measured=True)
    doing = "bringing the rows to Python"
    result = wanted.shown.result
    with runner.occupied(doing, stopped.set) as tell:
        telling = asyncio.ensure_future(_tell(files, doing, tell))
        try:
            if wanted.again:
                exported = await session.export(result, options, files.rows)
            else:
                rows = wanted.shown.rows.snapshot()
                columns = result.columns or ()
                exported = await asyncio.to_thread(
                    write_rows, rows, columns, options, files.rows, stopped=stopped.is_set
                )
        except OSError as error:
            raise _unwritten(error) from error
        finally:
            telling.cancel()
        if stopped.is_set():
            raise ServiceError("Cancelled.", kind=ErrorKind.CANCELLED)
    return exported


async def _tell(files: FrameFiles, doing: str, tell: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        tell(f"{doing}: {size_text(os.fstat(files.rows.fileno()).st_size)}")


def memory_problem(size: int, free: int | None = None) -> str:
    """What is said of a frame that may not fit into the memory; empty if it does, or if that cannot
    be told. `size` is that of its CSV."""
    free = _free_memory() if free is None else free
    if free is None or size * IN_MEMORY < free // 2:
        return ""
    return (
        f"The rows are {size_text(size)} of text. A frame of them may take "
        f"{size_text(size * IN_MEMORY)} of memory; {size_text(free)} are free."
    )


def _free_memory() -> int | None:
    """Bytes that programs can still have, as Linux tells it; None elsewhere."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = (line.split() for line in lines if line.startswith("MemAvailable:"))
    return next((int(parts[1]) * 1024 for parts in found), None)
