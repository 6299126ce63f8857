"""Downloading objects and prefixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.s3.commands.upload import follow
from tui.panes.s3.entries import Prefix
from tui.services.s3 import Bucket, S3Object
from tui.widgets import verbs
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane
    from tui.panes.s3.transfers.download_dialog import Source

SHOWN = 5
"""Files that could not be removed and are named."""


class Download(OldCommand["S3Pane"]):
    """Download the marked objects and prefixes, or the one under the cursor, into a folder that
    you choose; shows every name first, never overwrites unasked, never writes elsewhere."""

    verb = verbs.DOWNLOAD
    asks = True
    footer = True

    def available(self, host: S3Pane) -> bool:
        return host.has_targets and (not host.location.is_root or len(host.targets) == 1)

    def instead(self, host: S3Pane) -> str:
        return "Download works on one bucket, or on objects and prefixes inside one (Enter opens)."

    async def run(self, host: S3Pane) -> None:
        from tui.panes.s3.transfers.download_dialog import DownloadDialog
        from tui.panes.s3.transfers.messages import remove_leftovers
        from tui.widgets.file_picker import FolderPicker

        transfers = host.services.transfers
        source = _source(host)
        folders = transfers.folders
        wanted = folders.last_download or host.services.settings.download_dir or folders.start
        start = await folders.nearest(wanted)
        title = f"Download from s3://{source.bucket}/{source.base}: choose a folder"
        decided = None
        while decided is None:
            chosen = await host.ask(FolderPicker(folders, start, title=title), follows=True)
            if not chosen:
                return
            # Esc in the plan leads back to where the folder was chosen.
            folders.last_download = start = chosen[0]
            decided = await host.ask(DownloadDialog(transfers, source, start))
        await remove_leftovers(host, transfers, decided.leftovers)
        job = await transfers.start_download(decided.plan, decided.policy, decided.overrides)
        follow(host, job)


def _source(pane: S3Pane) -> Source:
    from tui.panes.s3.transfers.download_dialog import Source

    targets, at = pane.chosen(), pane.services.transfers.connection
    if isinstance(targets[0], Bucket):
        return Source(targets[0].name, (), ("",), "", at)
    return Source(
        pane.location.bucket,
        tuple(entry.key for entry in targets if isinstance(entry, S3Object)),
        tuple(entry.prefix for entry in targets if isinstance(entry, Prefix)),
        pane.location.folder,
        at,
    )
