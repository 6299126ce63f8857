"""The export of a result, without widgets: which rows, where to, how far it is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tui.panes.sql.export.places import ExportPlace, ObjectPlace, send
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.runner import QueryRunner
from tui.services.bundle import Services
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.sql import Session, TransactionState
from tui.services.sql.export import Exported, ExportOptions, can_run_again, write_rows
from tui.services.transfers import NewFile

TELL_EVERY = 0.25
"""Seconds between two figures of how far it is."""


@dataclass(frozen=True)
class Chosen:
    """What is exported, and where to."""

    shown: LoadedResult
    options: ExportOptions
    place: ExportPlace
    again: bool
    """Whether the statement is run again; else the loaded rows are written."""
    as_shown: bool = False
    """Whether of the loaded rows those that are shown are written, in their order."""


@dataclass(frozen=True)
class ExportDone:
    """What came of an export."""

    exported: Exported
    size: int
    place: ExportPlace
    job: int | None = None
    """The number of the job that sends it to S3."""

    @property
    def said(self) -> str:
        """What is told of it."""
        rows = counted(self.exported.rows, "row")
        where = f"being sent to {self.place.said} (F9)" if self.job else f"in {self.place.said}"
        return " ".join([f"{rows}, {size_text(self.size)}, {where}.", *self.exported.notes])


def why_not_again(shown: LoadedResult, session: Session) -> str:
    """Why the statement of a result is not run again for an export; empty if it can be."""
    if not can_run_again(shown.result):
        return "The statement is not run again: it may change something, or gives no plain rows."
    if session.state is TransactionState.FAILED:
        return "The statement cannot be run again: the transaction is aborted."
    if session.state is TransactionState.LOST:
        return "The statement cannot be run again: the connection is lost."
    return ""


def about_again(session: Session) -> str:
    """What running the statement again means."""
    if session.state is TransactionState.OPEN:
        return (
            "Run again in the open transaction, it sees what that changed, and, at READ COMMITTED, "
            "what others have committed meanwhile."
        )
    return "Run again, read-only, it gives the rows of then, not of the snapshot that is shown."


async def export(runner: QueryRunner, services: Services, chosen: Chosen) -> ExportDone:
    """Write it, and queue it for S3 if it goes there. Whatever happens, there is a whole file or
    none. Raises ServiceError: CANCELLED after Esc."""
    session = runner.session
    if session is None:
        raise ServiceError("There is no connection.", kind=ErrorKind.CONFLICT)
    stopped = threading.Event()
    place = chosen.place
    name = place.said if isinstance(place, ObjectPlace) else place.target.name
    replacing = None if isinstance(place, ObjectPlace) else place.existing
    file = NewFile(place.target, replacing=replacing)
    with runner.occupied(f"exporting {name}", stopped.set) as tell:
        await asyncio.to_thread(file.open)
        telling = asyncio.ensure_future(_tell(file, name, tell))
        try:
            with file.translating():
                exported = await _write(session, chosen, file, stopped.is_set)
            if stopped.is_set():
                raise ServiceError("Cancelled.", kind=ErrorKind.CANCELLED)
            await asyncio.to_thread(file.put_in_place)
            size = file.size
        finally:
            telling.cancel()
            # It goes on when nobody waits for it any more.
            left = asyncio.get_running_loop().run_in_executor(None, file.leave)
            await asyncio.shield(left)
    if isinstance(place, ObjectPlace):
        return ExportDone(exported, size, place, await send(services, place))
    return ExportDone(exported, size, place)


async def _write(
    session: Session, chosen: Chosen, file: NewFile, stopped: Callable[[], bool]
) -> Exported:
    result = chosen.shown.result
    if chosen.again:
        return await session.export(result, chosen.options, file.stream)
    arranged = chosen.shown.arranged if chosen.as_shown else None
    rows = arranged if arranged is not None else chosen.shown.rows.snapshot()
    columns = result.columns or ()
    return await asyncio.to_thread(
        write_rows, rows, columns, chosen.options, file.stream, stopped=stopped
    )


async def _tell(file: NewFile, name: str, tell: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        tell(f"exporting {name}: {size_text(file.size)}")
