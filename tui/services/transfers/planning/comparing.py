"""Whether local files and objects of one size hold the same: told, and not guessed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Listed, S3Service
from tui.services.s3.data.data_plane import MIB, DataPlane
from tui.services.transfers.local.exact import is_same
from tui.services.transfers.moving.transport import several

USUAL_PARTS = (8 * MIB, 5 * MIB, 16 * MIB, 64 * MIB, 100 * MIB)
"""Sizes of the parts in which the usual tools upload: an ETag that was made of parts tells the
content only to whom knows their size."""

AT_ONCE = 8

_NOT_TOLD = {ErrorKind.DENIED, ErrorKind.NOT_FOUND, ErrorKind.CHANGED, ErrorKind.INVALID}


@dataclass(frozen=True, slots=True)
class Twins:
    """A local file and an object that have one size."""

    name: str
    """What the verdict is kept under."""
    path: Path
    object: Listed


Verdicts = dict[str, bool | None]
"""By name, whether both hold the same; None where nothing tells it."""


class Comparer:
    """Compares contents off the event loop."""

    def __init__(self, s3: S3Service, pool: BlockingPool) -> None:
        self._s3 = s3
        self._pool = pool

    async def compare(
        self,
        twins: Sequence[Twins],
        verdicts: Verdicts,
        *,
        at: Connection,
        progress: Callable[[int], None] = lambda done: None,
    ) -> None:
        """Say in `verdicts` of each, all of one bucket, whether both sides hold the same. Reads
        the local files. Raises ServiceError."""
        if not twins:
            return
        data = await self._pool.run(self._s3.data_plane, twins[0].object.bucket, at)
        done, given_up = 0, False

        async def one(each: Twins) -> None:
            nonlocal done
            if given_up:
                return
            verdicts[each.name] = await self._pool.run(verdict, data, each)
            done += 1
            progress(done)

        def give_up() -> None:
            nonlocal given_up
            given_up = True

        await several(twins, one, at_once=AT_ONCE, give_up=give_up)


def verdict(data: DataPlane, twins: Twins) -> bool | None:
    """Whether both hold the same; None where nothing tells it. Blocking. Raises ServiceError."""
    listed = twins.object
    try:
        steps = (0, *_steps(listed))
        if any(is_same(data, listed, twins.path, step) for step in steps):
            return True
        return False if _is_told(data, listed) else None
    except OSError:
        return None
    except ServiceError as error:
        if error.kind in _NOT_TOLD:
            return None
        raise


def _is_told(data: DataPlane, listed: Listed) -> bool:
    """Whether the object says what its content must be."""
    if data.checksum(listed) is not None:
        return True
    now = data.head(listed.bucket, listed.key)
    # The ETag of what KMS encrypts looks like an MD5, and is none of the content.
    return now is not None and bool(data.content_md5(now.etag, now.encryption))


def _steps(listed: Listed) -> list[int]:
    """Sizes of parts that fit the number of parts in the ETag."""
    parts = listed.etag.rpartition("-")[2]
    if "-" not in listed.etag or not parts.isdigit():
        return []
    return [step for step in USUAL_PARTS if math.ceil(listed.size / step) == int(parts)]
