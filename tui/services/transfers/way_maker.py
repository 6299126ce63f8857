"""Makes what carries a job out: how its bytes go, and what is deleted behind them.

All of it is taken when a job begins: a job stays with the account that it was planned for.
"""

from __future__ import annotations

from pathlib import Path

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.deleting.undo_stack import UndoStack
from tui.services.transfers.journal.deletions import Deletions
from tui.services.transfers.journal.records import JobRecord
from tui.services.transfers.local.small_files import SmallFiles
from tui.services.transfers.moving.copying import CopyTransport
from tui.services.transfers.moving.transport import Throttle, Transport, Tuning
from tui.services.transfers.moving.ways import CopyWay, FileWay, TransferWay
from tui.services.transfers.route import Direction, Route
from tui.services.transfers.sync.deleters import FileDeleter, ObjectDeleter


class WayMaker:
    """Makes ways for the jobs of one account. `unfinished` gets the temporary files of downloads,
    `files` puts the small ones in place. `undo` gets what a sync deletes where that can be taken
    back."""

    def __init__(
        self,
        s3: S3Service,
        pool: BlockingPool,
        throttle: Throttle,
        tuning: Tuning,
        unfinished: set[Path],
        files: SmallFiles,
        undo: UndoStack | None,
    ) -> None:
        self._s3 = s3
        self._pool = pool
        self._throttle = throttle
        self._tuning = tuning
        self._unfinished = unfinished
        self._files = files
        self._undo = undo

    async def way(self, route: Route, at: Connection) -> TransferWay:
        """How the files of a job go. Raises ServiceError."""
        s3 = self._s3
        if route.direction.is_within_s3:
            copier = await self._pool.run(s3.copier, at, route.bucket, route.to_bucket)
            data = await self._pool.run(s3.data_plane, route.to_bucket, at)
            copies = CopyTransport(copier, data, self._throttle, self._tuning)
            moves = route.direction is Direction.MOVE
            return CopyWay(copies, route.bucket, route.to_bucket, moves)
        data = await self._pool.run(s3.data_plane, route.bucket, at, quick_bytes=self._tuning.quick)
        transport = Transport(data, self._throttle, self._tuning, self._unfinished, self._files)
        return FileWay(transport, route.bucket, route.place)

    async def kept(self, at: Connection) -> Connection:
        """The connection as it outlives a switch to another account or region: what was confirmed
        is deleted there. Where nobody says whose account it is, that ends when the user leaves."""
        account = self._s3.account
        if account.connection is not at:
            return at
        try:
            return await account.connect()
        except ServiceError:
            return at

    def deletions(self, record: JobRecord, route: Route, at: Connection, count: int) -> Deletions:
        """What deletes what is only on the far side of a sync."""
        if route.direction is Direction.DOWNLOAD:
            return Deletions(record, FileDeleter(Path(route.place), self._pool), count)
        undo = (self._undo, route.bucket, at) if self._undo is not None else None
        return Deletions(record, ObjectDeleter(self._s3, route.bucket, at), count, undo)
