"""The command that makes a local folder and a prefix the same, in either direction."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.change.commands_delete import (
    typed_twice_if_much,
    what_stays,
    where_text,
)
from tui.panes.s3.change.deleting import SHOWN
from tui.panes.s3.commands_transfer import follow
from tui.panes.s3.entries import Prefix
from tui.panes.s3.view import S3View
from tui.services.quantities import counted, size_text
from tui.services.transfers import SyncKind, SyncPlan
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.text.safe_text import visible

if TYPE_CHECKING:
    from tui.panes.s3.transfers.draft import Decided


@command(
    verbs.SYNC,
    asks=True,
    when=has_bucket,
    instead="Sync needs a bucket or a prefix; there is none here. n creates a bucket.",
)
async def sync(view: S3View) -> None:
    """Make the prefix (the one under the cursor, or else the open one) as a local folder, or the
    folder as the prefix: what is new or changed, by size and time as `aws s3 sync`, or by content.
    Shows each name with the reason first; deletes on the far side only if asked, confirmed by
    typing."""
    from tui.panes.s3.transfers.sync_dialog import SyncDialog
    from tui.widgets.file_picker import FolderPicker

    browser, transfers = view.browser, view.services.transfers
    folders, at, bucket = transfers.folders, transfers.connection, browser.bucket
    prefix = _prefix(view)
    start = await folders.nearest(folders.last_sync or folders.start)
    title = f"Sync s3://{bucket}/{prefix} with a folder: choose it"
    dialog: SyncDialog | None = None
    decided: Decided[SyncPlan] | None = None
    chosen = None
    while decided is None:
        if chosen is None:
            chosen = await view.ask(FolderPicker(folders, start, title=title), follows=True)
        if not chosen:
            return
        folders.last_sync = start = chosen[0]
        dialog = SyncDialog(transfers, bucket, prefix, start, at=at, before=dialog)
        decided = await view.ask(
            dialog, follows=lambda made: made is None or bool(made.plan.deletions.count)
        )
        if decided is None:
            # Esc in the plan leads back to where the folder was chosen.
            dialog.take_fields()
            folders.sync_patterns = dialog.draft.patterns
            chosen = None
        elif decided.plan.deletions.count and not await _is_sure(view, decided.plan):
            # Esc in the question leads back to the plan.
            decided = None
    folders.sync_patterns = ""
    await _carry_out(view, decided.plan)


def _prefix(view: S3View) -> str:
    browser = view.browser
    if browser.location.is_root:
        return ""
    entry = browser.current
    return entry.prefix if isinstance(entry, Prefix) else browser.location.folder


async def _is_sure(view: S3View, plan: SyncPlan) -> bool:
    """Ask by a word, or by two, before anything is deleted."""
    deletions = plan.deletions
    amount = f"{counted(deletions.count, 'object' if plan.extra_objects else 'file')}"
    amount += f", {size_text(deletions.bytes)}"
    lines = [
        f"This sync deletes {amount}, after all else was transferred without a failure.",
        "What is changed by somebody before its turn is left as it is.",
    ]
    if plan.extra_objects:
        folders = await asyncio.to_thread(_folders, plan)
        lines[1:1] = [
            where_text(view, plan.bucket),
            await what_stays(view, plan.bucket, folders, plan.at),
        ]
        place = plan.bucket
        names = [each.key for each in plan.extra_objects[:SHOWN]]
    else:
        place = str(plan.folder)
        lines.insert(1, f"Files of this machine, in {place}: gone for good, without a waste bin.")
        names = [str(each.path) for each in plan.extra_files[:SHOWN]]
    if not any(
        plan.tallies[kind].count for kind in (SyncKind.NEW, SyncKind.CHANGED, SyncKind.SAME)
    ):
        lines.insert(1, "THE SOURCE IS EMPTY: everything on the other side would be deleted.")
    lines += ["", *(f"  {visible(name, edges=True)}" for name in names)]
    if deletions.count > SHOWN:
        lines.append(f"  … and {deletions.count - SHOWN:,} more")
    return await typed_twice_if_much(
        view, deletions.count, deletions.bytes, "\n".join(lines), f"{amount} from {place}"
    )


def _folders(plan: SyncPlan) -> int:
    """Keys that end in "/", among what is deleted. There may be a million."""
    return sum(each.key.endswith("/") for each in plan.extra_objects)


async def _carry_out(view: S3View, plan: SyncPlan) -> None:
    """Transfer, and when all of it has arrived, delete."""
    await view.services.transfers.start_sync(plan)
    follow(view)
