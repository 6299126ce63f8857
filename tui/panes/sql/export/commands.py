"""The command that exports a result."""

from __future__ import annotations

from typing import Any

from tui.panes.sql.export.exporting import export
from tui.panes.sql.export.form import export_form
from tui.panes.sql.export.places import ObjectPlace, remove_when_sent
from tui.panes.sql.loaded_result import LoadedResult
from tui.panes.sql.running.commands import RUNNING
from tui.panes.sql.view import SqlView
from tui.services.errors import ErrorKind, ServiceError
from tui.widgets.commands import verbs
from tui.widgets.commands.command import Command, command

NO_RESULT = "There is no result to export; Enter on a table reads it."


def can_export(view: SqlView) -> bool:
    """Whether there is a result, and nothing runs."""
    shown = view.runner.shown
    has_rows = isinstance(shown, LoadedResult) and shown.result.columns is not None
    return view.in_results and has_rows and not view.runner.running


@command(
    verbs.DOWNLOAD,
    label="Export…",
    footer=True,
    asks=True,
    when=can_export,
    instead=lambda view: RUNNING if view.runner.running else NO_RESULT,
)
async def export_result(view: SqlView) -> None:
    """Write the whole result, not only the loaded rows, into a file or an object of S3, as CSV,
    TSV, JSON Lines, Parquet or Excel. A statement that only reads is run again; of any other the
    loaded rows are written."""
    runner = view.runner
    shown, session = runner.shown, runner.session
    if not isinstance(shown, LoadedResult) or session is None:
        return
    chosen = await view.ask(export_form(view.services, shown, session))
    if chosen is None:
        return
    done = None
    with view.connections.work(runner, tells_end=False):
        try:
            done = await export(runner, view.services, chosen)
        except ServiceError as error:
            if error.kind is not ErrorKind.CANCELLED:
                raise
            view.say("The export was cancelled; there is no file.")
    if done is None:
        return
    view.notify(done.said, markup=False, timeout=10)
    if isinstance(done.place, ObjectPlace) and done.job is not None:
        view.start(_follow(view, done.place, done.job), group=f"sql-export-{done.job}")


async def _follow(view: SqlView, place: ObjectPlace, job: int) -> None:
    if await remove_when_sent(view.services, place, job):
        view.notify(f"{place.said} is there.", markup=False, timeout=10)
    else:
        view.notify(
            f"{place.said} was not sent: F9 tells why. The file is kept at {place.private}.",
            markup=False,
            severity="error",
            timeout=15,
        )


EXPORT_COMMANDS: tuple[Command[Any], ...] = (export_result,)
