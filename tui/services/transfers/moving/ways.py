"""How the files of a job go, whichever way it is: what makes the work of one, and what clears away
what was begun of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tui.services.s3 import ObjectCopy
from tui.services.transfers.job_files import FileWork
from tui.services.transfers.job_stop import JobStop
from tui.services.transfers.journal.begun import BegunCopy, BegunUpload
from tui.services.transfers.journal.records import FileRecord
from tui.services.transfers.journal.resuming import Begun, UnfinishedFile
from tui.services.transfers.local.local_files import remove_unlocked
from tui.services.transfers.models import CopyItem, DownloadItem, UploadItem
from tui.services.transfers.moving.copying import Copying, CopyTransport
from tui.services.transfers.moving.download import Download
from tui.services.transfers.moving.transport import Transport
from tui.services.transfers.moving.upload import Upload
from tui.services.transfers.moving.upload_parts import clear_upload


class TransferWay(Protocol):
    """The way of one job."""

    def make(self, file: UnfinishedFile, record: FileRecord) -> FileWork:
        """The work of a file that the journal keeps."""
        ...

    async def clear(self, begun: Begun) -> None:
        """Remove what was begun, in S3 or here. Raises ServiceError."""
        ...


@dataclass(frozen=True)
class FileWay:
    """Between this machine and S3."""

    transport: Transport
    bucket: str
    place: str
    """The folder of a download."""

    def make(self, file: UnfinishedFile, record: FileRecord) -> FileWork:
        if isinstance(file.item, UploadItem):
            return Upload(self.transport, self.bucket, file.item, file.policy, record)
        if isinstance(file.item, DownloadItem):
            folder = Path(self.place)
            return Download(self.transport, self.bucket, folder, file.item, file.policy, record)
        raise TypeError("A copy does not go this way.")

    async def clear(self, begun: Begun) -> None:
        if begun.upload is not None:
            await _abort(self.transport, self.bucket, begun.upload)
        await remove_temporary(begun)


@dataclass(frozen=True)
class CopyWay:
    """Within S3."""

    transport: CopyTransport
    bucket: str
    to_bucket: str
    moves: bool

    def make(self, file: UnfinishedFile, record: FileRecord) -> FileWork:
        item = file.item
        if not isinstance(item, CopyItem):
            raise TypeError("Only copies go this way.")
        copy = ObjectCopy(
            self.bucket,
            item.key,
            item.etag,
            self.to_bucket,
            item.to_key,
            item.replaces,
            item.version_id,
            item.size,
        )
        return Copying(self.transport, copy, self.moves, record, item.found, item.left)

    async def clear(self, begun: Begun) -> None:
        if begun.copy is not None and begun.copy.step:
            await _abort(self.transport, self.to_bucket, begun.copy)


async def remove_temporary(begun: Begun) -> None:
    """Remove the file that a download was written to. Raises ServiceError."""
    if begun.download is not None:
        await asyncio.to_thread(remove_unlocked, begun.download.temporary)


async def _abort(
    transport: Transport | CopyTransport, bucket: str, begun: BegunUpload | BegunCopy
) -> None:
    await transport.throttle.call(
        JobStop(),
        f"abort the upload of {begun.key}",
        lambda: clear_upload(transport.data, bucket, begun),
    )
