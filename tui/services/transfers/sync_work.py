"""What a sync does besides transfers: compare contents, and remove local files."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Listed, S3Service
from tui.services.s3.data_plane import MIB, DataPlane
from tui.services.transfers.exact import is_same
from tui.services.transfers.local_files import look_at, reason_of, resolved
from tui.services.transfers.models import ExistingFile, LocalFile, Problem, RemoteObject
from tui.services.transfers.transport import several

USUAL_PARTS = (8 * MIB, 5 * MIB, 16 * MIB, 64 * MIB, 100 * MIB)
"""Sizes of the parts in which the usual tools upload: an ETag that was made of parts tells the
content only to whom knows their size."""

COMPARED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of local files that were to be removed."""

    removed: int
    problems: tuple[Problem, ...]


class SyncWork:
    """Compares contents and removes files, off the event loop."""

    def __init__(self, s3: S3Service, pool: BlockingPool) -> None:
        self._s3 = s3
        self._pool = pool

    async def compare(
        self,
        pairs: Sequence[tuple[LocalFile, RemoteObject]],
        bucket: str,
        verdicts: dict[str, bool],
        *,
        at: Connection,
        progress: Callable[[int], None],
    ) -> None:
        """Say in `verdicts` of each pair's name whether both sides hold the same; False where
        nothing shows it. Raises ServiceError."""
        if not pairs:
            return
        data = await self._pool.run(self._s3.data_plane, bucket, at)
        done, given_up = 0, False

        async def one(pair: tuple[LocalFile, RemoteObject]) -> None:
            nonlocal done
            file, found = pair
            if given_up:
                return
            same = await self._pool.run(_holds_the_same, data, bucket, file, found)
            verdicts[file.relative] = same
            done += 1
            progress(done)

        def give_up() -> None:
            nonlocal given_up
            given_up = True

        await several(pairs, one, at_once=COMPARED_AT_ONCE, give_up=give_up)

    async def remove(self, folder: Path, files: Sequence[LocalFile]) -> Removal:
        """Remove local files for good, each only if it is still what was seen: a regular file of
        that size and time, reached without a link. Never a folder."""
        return await self._pool.run(remove_files, folder, files)


def _holds_the_same(data: DataPlane, bucket: str, file: LocalFile, found: RemoteObject) -> bool:
    listed = Listed(bucket, found.key, found.size, found.etag)
    try:
        if is_same(data, listed, file.path):
            return True
        return any(is_same(data, listed, file.path, step) for step in _steps(found))
    except OSError:
        return False
    except ServiceError as error:
        if error.kind in {ErrorKind.DENIED, ErrorKind.NOT_FOUND, ErrorKind.CHANGED}:
            return False
        raise


def _steps(found: RemoteObject) -> list[int]:
    """Sizes of parts that fit the number of parts in the ETag."""
    parts = found.etag.strip('"').rpartition("-")[2]
    if "-" not in found.etag or not parts.isdigit():
        return []
    return [step for step in USUAL_PARTS if math.ceil(found.size / step) == int(parts)]


def remove_files(folder: Path, files: Sequence[LocalFile]) -> Removal:
    """As `SyncWork.remove`. Blocking."""
    removed = 0
    problems: list[Problem] = []
    root = resolved(folder)
    for file in files:
        try:
            reason = _kept(folder, root, file)
            if not reason:
                os.unlink(file.path)
                removed += 1
                continue
        except OSError as error:
            reason = reason_of(error)
        problems.append(Problem(str(file.path), reason))
    return Removal(removed, tuple(problems))


def _kept(folder: Path, root: Path, file: LocalFile) -> str:
    """Why a file is not removed, "" if it may be."""
    if not file.path.is_relative_to(folder) or file.leads_to:
        return "it is not in the chosen folder itself"
    if resolved(file.path.parent) != root / file.path.parent.relative_to(folder):
        return "a link leads to it now"
    if file.path.is_symlink() or not file.path.is_file():
        return "it is not a regular file any more"
    if look_at(file.path) != ExistingFile(file.size, file.mtime_ns):
        return "it was changed since it was shown"
    return ""
