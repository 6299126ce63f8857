"""The S3 pane, as one side of the screen: downloads go into the folder on the other one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from tui.panes.s3.commands_transfer import can_download, source_of, start_decided_download
from tui.panes.s3.pane import S3Pane
from tui.services.bundle import Services
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command


@command(
    verbs.GO_ON,
    label="← Send",
    footer=True,
    asks=True,
    when=can_download,
    instead="Downloads work on one bucket, or on objects and prefixes inside one (Enter opens).",
)
async def send(side: S3Side) -> None:
    """Download what is marked here, or what is under the cursor, into the folder on the other
    side; every name is shown first."""
    from tui.panes.s3.transfers.dialogs import DownloadDialog

    source = await source_of(side)
    dialog = DownloadDialog(side.services.transfers, source, side.folder())
    decided = await side.ask(dialog)
    if decided is not None:
        await start_decided_download(side, decided)


@command(verbs.UPLOAD, asks=True, changes=True)
async def upload(side: S3Side) -> None:
    """Upload what is marked on the side of the local files, or what is under the cursor there."""
    await side.upload(side)


_REPLACED = {
    verbs.UPLOAD.id: upload,
    verbs.DOWNLOAD.id: send.here(verb=verbs.DOWNLOAD, label="Download", footer=False),
}


class S3Side(S3Pane):
    """Browse buckets and objects beside the local files."""

    COMMANDS_HERE = (
        send,
        *(_REPLACED.get(each.verb.id, each) for each in S3Pane.COMMANDS_HERE),
    )

    def __init__(
        self,
        services: Services,
        folder: Callable[[], Path],
        upload: Callable[[S3Side], Awaitable[None]],
    ) -> None:
        """`folder` gives where downloads go; `upload` plans the upload of what is chosen there."""
        super().__init__(services)
        self.folder = folder
        self.upload = upload
