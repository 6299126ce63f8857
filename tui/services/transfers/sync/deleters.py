"""What deletes the far side of a sync: objects by the thousand, or files of this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.deleting.batch_delete import fits_xml
from tui.services.s3.deleting.deleting import CHANGED
from tui.services.transfers.kept_items import key_of
from tui.services.transfers.local.removing import LeftError, remove_files
from tui.services.transfers.models import LocalFile


class Fate(Enum):
    """What became of something that was to be deleted. The journal keeps the values."""

    DONE = "done"
    LEFT = "left"
    """It is not what was confirmed any more."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SyncDeletion:
    """Something that is to be deleted."""

    number: int
    name: bytes
    """As in a PlannedDeletion."""
    size: int
    told: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of it."""

    number: int
    fate: Fate
    message: str = ""
    made: str = ""
    """The version ids of the delete markers that hide it, with a space between; empty if there are
    none. More than one is made by a call that was sent again."""


class Deleter(Protocol):
    """Deletes on one side, each only if it still is what was confirmed."""

    thing: str
    """What it deletes, in a word."""

    def delete(
        self, wanted: Sequence[SyncDeletion], *, again: bool
    ) -> AsyncGenerator[Sequence[Deleted], None]:
        """Delete, and tell after each call what became of its part; `again` says that it may have
        been done before, and the answer lost. Raises ServiceError for what is true of all."""
        ...

    def shown(self, name: bytes) -> str:
        """The name, as it is shown."""
        ...


class ObjectDeleter:
    """Deletes objects of one bucket."""

    thing = "object"

    def __init__(self, s3: S3Service, bucket: str, at: Connection) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._at = at

    def shown(self, name: bytes) -> str:
        return key_of(name)

    async def delete(
        self, wanted: Sequence[SyncDeletion], *, again: bool
    ) -> AsyncGenerator[Sequence[Deleted], None]:
        by_key = {key_of(each.name): each for each in wanted}
        if again:
            gone = await self._gone(by_key)
            yield [Deleted(by_key.pop(key).number, Fate.DONE, "", gone[key]) for key in gone]
        etags = [each.told for each in by_key.values()]
        outcomes = self._s3.delete_objects(self._bucket, list(by_key), etags=etags, at=self._at)
        async with aclosing(outcomes):
            async for outcome in outcomes:
                made: dict[str, list[str]] = {}
                for marker in outcome.made:
                    made.setdefault(marker.key, []).append(marker.version_id)
                done = [
                    Deleted(by_key[key].number, Fate.DONE, "", " ".join(made.get(key, ())))
                    for key in outcome.deleted
                ]
                for each in outcome.failed:
                    fate = Fate.LEFT if each.code == CHANGED else Fate.FAILED
                    said = f"{each.code} {each.message}".strip()
                    done.append(Deleted(by_key[each.key].number, fate, said))
                yield done

    async def _gone(self, by_key: dict[str, SyncDeletion]) -> dict[str, str]:
        """Those that are gone already, with the ids of the delete markers that hide them. A second
        delete would put a second marker on each. What may not be asked is deleted once more."""
        told = [key for key in by_key if fits_xml(key)]
        there: set[str] = set()
        try:
            async for page in self._s3.list_existing(self._bucket, told, at=self._at):
                there.update(page)
        except ServiceError as error:
            if error.kind is not ErrorKind.DENIED:
                raise
            return {}
        gone = {key: by_key[key].told for key in told if key not in there}
        try:
            markers = await self._s3.markers_over(self._bucket, gone, at=self._at)
        except ServiceError as error:
            if error.kind is not ErrorKind.DENIED:
                raise
            markers = {}
        return {key: " ".join(markers.get(key, ())) for key in gone}


class FileDeleter:
    """Removes files below one folder of this machine."""

    thing = "file"

    def __init__(self, folder: Path, pool: BlockingPool) -> None:
        self._folder = folder
        self._pool = pool

    def shown(self, name: bytes) -> str:
        return os.fsdecode(name)

    async def delete(
        self,
        wanted: Sequence[SyncDeletion],
        *,
        again: bool,
    ) -> AsyncGenerator[Sequence[Deleted], None]:
        # A file is looked at in any case.
        files = [
            LocalFile(Path(os.fsdecode(each.name)), "", "", each.size, int(each.told))
            for each in wanted
        ]
        said = await self._pool.run(lambda: list(remove_files(self._folder, files)))
        yield [
            Deleted(each.number, _fate(why), str(why))
            for each, why in zip(wanted, said, strict=True)
        ]


def _fate(why: LeftError | str) -> Fate:
    if isinstance(why, LeftError):
        return Fate.LEFT
    return Fate.FAILED if why else Fate.DONE
