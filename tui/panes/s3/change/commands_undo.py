"""The command that takes deletes back, the newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from tui.panes.s3.change.commands_delete import refuse_while_at_work, where_text
from tui.panes.s3.change.deleting import SHOWN
from tui.panes.s3.change.undoing import MarkerRemoval, undo_question, worth_removing
from tui.panes.s3.view import S3View
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Name
from tui.services.s3.deleting.marker_look import MarkerState
from tui.services.s3.deleting.undo_stack import UndoableDelete
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Confirm


def next_undo(view: S3View) -> UndoableDelete | None:
    """The delete that U takes back now."""
    return view.undo.newest(view.services.account.connection)


def has_undo(view: S3View) -> bool:
    """Whether a delete can be taken back here."""
    return next_undo(view) is not None


@command(
    verbs.UNDO_DELETE,
    asks=True,
    changes=True,
    when=has_undo,
    instead="Nothing to undo here: only deletes that were made here, in buckets whose versioning "
    "is enabled, can be undone. v shows all versions.",
)
async def undo_delete(view: S3View) -> None:
    """Bring back what was deleted here in a bucket whose versioning is enabled: first the last
    delete, then the one before it, after a restart too. Exactly the delete markers that the delete
    made are removed; a key that was written since is left alone."""
    refuse_while_at_work(view)
    undone = next_undo(view)
    if undone is None:
        return
    bucket, at = undone.bucket, view.services.account.connection
    states = await _look(view, undone, at)
    wanted = worth_removing(undone.markers, states)
    if not wanted:
        await asyncio.to_thread(view.undo.leave, undone, ())
        raise ServiceError(
            f"Nothing of the delete of {undone.when:%Y-%m-%d %H:%M} UTC in {bucket} can come back.",
            cause="\n".join(f"{each.key}: {states[each].value}" for each in undone.markers[:SHOWN]),
            hint="It was forgotten; U goes on with the delete before it, if there is one.",
            kind=ErrorKind.NOT_FOUND,
        )
    others = view.undo.count(at) - 1
    question = undo_question(undone, states, where_text(view, bucket), others)
    if not await view.ask(Confirm("Undo delete?", question, yes="Bring back")):
        return
    removal = MarkerRemoval(bucket, wanted)
    await view.browser.carry_out(removal, removal.run(view.browser.s3, at), bucket)
    if view.browser.location.bucket == bucket:
        view.reload(problem=removal.problem)
    if removal.report:
        view.say(removal.report)
    await asyncio.to_thread(view.undo.leave, undone, removal.left)
    if removal.problem is not None:
        raise removal.problem


async def _look(view: S3View, undone: UndoableDelete, at: Connection) -> Mapping[Name, MarkerState]:
    """What lies over and under the markers; empty where that may not be asked. Raises
    ServiceError; a bucket that is gone is forgotten."""
    try:
        return await view.browser.s3.look_at_markers(undone.bucket, undone.markers, at=at)
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED:
            return {}
        if error.code == "NoSuchBucket":
            await asyncio.to_thread(view.undo.leave, undone, ())
        raise
