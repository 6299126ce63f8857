"""Commands that upload and download."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.panes.s3.bucket.commands_bucket import has_bucket
from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.transfers.messages import TransferLine, ended_text
from tui.panes.s3.view import S3View
from tui.services.s3 import Bucket
from tui.services.transfers import JobSnapshot, JobState
from tui.services.transfers.more import MoreObjects
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command

if TYPE_CHECKING:
    from tui.panes.s3.transfers.download_draft import DownloadSource
    from tui.panes.s3.transfers.draft import Decided
    from tui.services.transfers import DownloadPlan


@command(
    verbs.UPLOAD,
    footer=True,
    asks=True,
    changes=True,
    when=has_bucket,
    instead="Upload needs a bucket; there is none here. n creates one.",
)
async def upload(view: S3View) -> None:
    """Upload files and folders that you pick into this prefix, or into a folder that appears by
    itself; shows what goes where first, and never overwrites unasked."""
    await upload_paths(view, ())


async def upload_paths(view: S3View, paths: Sequence[Path]) -> None:
    """Upload these paths, or those that are picked if there are none; what goes where is shown
    first."""
    from tui.panes.s3.transfers.dialogs import UploadDialog
    from tui.widgets.file_picker import FilesPicker

    browser, transfers = view.browser, view.services.transfers
    transfers.refuse_if_read_only()
    bucket, at = browser.bucket, transfers.connection
    prefix = "" if browser.location.is_root else browser.location.folder
    wanted = paths[0].parent if paths else transfers.folders.last_upload
    start = await transfers.folders.nearest(wanted)
    title = f"Upload to s3://{bucket}/{prefix}: choose files and folders"
    picker = FilesPicker(transfers.folders, start, title=title)
    dialog: UploadDialog | None = None
    decided = None
    while decided is None:
        paths = (dialog is None and paths) or await view.ask(picker, follows=True) or ()
        if not paths:
            return
        transfers.folders.last_upload = paths[0].parent
        dialog = UploadDialog(transfers, paths, bucket, prefix, at=at, before=dialog)
        decided = await view.ask(dialog)
        # Esc in the plan leads back to where the files were chosen.
        picker = FilesPicker(transfers.folders, picker.folder, title=title, before=picker)
    await transfers.start_upload(decided.plan, decided.policy, decided.overrides, more=decided.more)
    follow(view)


async def upload_pasted(view: S3View, text: str) -> None:
    """Upload the files and folders whose paths were pasted or dragged into the pane."""
    found, entries = await view.services.transfers.folders.find(text, Path("/"))
    if not has_bucket(view):
        view.hint(str(upload.instead))
    elif not entries or found.problems:
        view.hint("What was pasted names no files here. Paths are uploaded; Ctrl+L takes a place.")
    else:
        await upload_paths(view, found.paths)


def can_download(view: S3View) -> bool:
    """Whether there is something to download: one bucket, or what is inside one."""
    browser = view.browser
    one = not browser.location.is_root or len(browser.listing.marked) <= 1
    return browser.has_targets and one


@command(
    verbs.DOWNLOAD,
    footer=True,
    asks=True,
    when=can_download,
    instead="Download works on one bucket, or on objects and prefixes inside one (Enter opens).",
)
async def download(view: S3View) -> None:
    """Download the marked objects and prefixes, or the one under the cursor, into a folder that
    you choose; shows every name first, never overwrites unasked, never writes elsewhere."""
    await download_from(view, await source_of(view))


async def download_from(view: S3View, source: DownloadSource, *, follows: bool = False) -> bool:
    """Ask where to, show every name, and carry out the download; whether it was begun. `follows`
    says whether another dialog comes after it."""
    from tui.panes.s3.transfers.dialogs import DownloadDialog
    from tui.widgets.file_picker import FolderPicker

    transfers = view.services.transfers
    folders = transfers.folders
    wanted = folders.last_download or view.services.settings.download_dir or folders.start
    start = await folders.nearest(wanted)
    title = f"Download from s3://{source.bucket}/{source.base}: choose a folder"
    decided = None
    while decided is None:
        chosen = await view.ask(FolderPicker(folders, start, title=title), follows=True)
        if not chosen:
            return False
        # Esc in the plan leads back to where the folder was chosen.
        folders.last_download = start = chosen[0]
        decided = await view.ask(DownloadDialog(transfers, source, start), follows=follows)
    await start_decided_download(view, decided)
    return True


async def start_decided_download(view: S3View, decided: Decided[DownloadPlan]) -> None:
    """Start a download that was agreed to, and show how far it is."""
    from tui.panes.s3.transfers.messages import remove_leftovers

    transfers = view.services.transfers
    await remove_leftovers(view, transfers, decided.leftovers)
    more = decided.more if isinstance(decided.more, MoreObjects) else None
    await transfers.start_download(decided.plan, decided.policy, decided.overrides, more=more)
    follow(view)


async def source_of(view: S3View) -> DownloadSource:
    from tui.panes.s3.transfers.download_draft import DownloadSource

    browser, at = view.browser, view.services.transfers.connection
    place, targets = browser.location, await browser.targets()
    if isinstance(targets[0], Bucket):
        return DownloadSource(targets[0].name, (), ("",), "", at)
    # On a thread: there may be a million.
    keys, prefixes = await asyncio.to_thread(_keys_and_prefixes, targets)
    return DownloadSource(place.bucket, keys, prefixes, place.folder, at)


def _keys_and_prefixes(targets: Sequence[Entry]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    keys: list[str] = []
    prefixes: list[str] = []
    for entry in targets:
        (prefixes if isinstance(entry, Prefix) else keys).append(raw_name(entry))
    return tuple(keys), tuple(prefixes)


def follow(view: S3View) -> None:
    """Show the transfers in the pane, and how each ends; a bucket that one changed is listed
    anew."""
    problem = view.services.transfers.journal_problem
    if problem is not None:
        reason = "\n".join(filter(None, (problem.cause, problem.hint)))
        told = f"This transfer cannot be gone on with after a crash: {reason}"
        view.say(told, severity="warning")
    if view.query(TransferLine):
        return

    def ended(last: JobSnapshot) -> None:
        is_whole = last.deletions is None or last.deletions.is_whole
        is_done = last.state is JobState.DONE and is_whole
        severity = "information" if is_done else "warning"
        view.say(ended_text(last), severity=severity)
        if last.changes(view.browser.location.bucket):
            view.reload()

    view.mount(TransferLine(view.services.transfers, ended))
