"""The command that takes the last delete back."""

from __future__ import annotations

from tui.panes.s3.change.commands_delete import refuse_while_at_work, where_text
from tui.panes.s3.change.deleting import SHOWN
from tui.panes.s3.change.undoing import MarkerRemoval
from tui.panes.s3.view import S3View
from tui.services.quantities import counted
from tui.widgets import verbs
from tui.widgets.command import command
from tui.widgets.dialogs import Confirm
from tui.widgets.safe_text import visible


def has_undo(view: S3View) -> bool:
    """Whether the last delete of this pane left delete markers."""
    return view.undoable is not None


@command(
    verbs.UNDO_DELETE,
    asks=True,
    changes=True,
    when=has_undo,
    instead="Only a delete of this session in a bucket whose versioning is enabled can be undone.",
)
async def undo_delete(view: S3View) -> None:
    """Bring back what was last deleted here in a bucket whose versioning is enabled: exactly the
    delete markers that the delete made are removed."""
    refuse_while_at_work(view)
    undoable = view.undoable
    if undoable is None:
        return
    bucket, markers, at = undoable
    names = [f"  {visible(each.key, edges=True)}" for each in markers[:SHOWN]]
    if len(markers) > SHOWN:
        names.append(f"  … and {len(markers) - SHOWN:,} more")
    question = "\n".join(
        [
            f"{counted(len(markers), 'delete marker')} of the bucket {bucket} will be removed.",
            where_text(view, bucket),
            "What was written under a key since then stays on top.",
            "",
            *names,
        ]
    )
    if not await view.ask(Confirm("Undo delete?", question, yes="Bring back")):
        return
    removal = MarkerRemoval(bucket, markers)
    await view.browser.carry_out(removal, removal.run(view.browser.s3, at), bucket)
    view.undoable = (bucket, tuple(removal.left), at) if removal.left else None
    if view.browser.location.bucket == bucket:
        view.reload(problem=removal.problem)
    if removal.report:
        view.say(removal.report)
    if removal.problem is not None:
        raise removal.problem
