"""Copying and moving many objects: a few at once, with progress, stopped between two objects.

It has the outside of `ObjectDeletion`, so that the browser carries out either. The queue of
transfers moves bytes between S3 and this machine; here the server does all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence

from tui.panes.s3.change.deleting import SHOWN
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import ObjectCopy, S3Service

AT_ONCE = 8

_ALL_FAIL = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK, ErrorKind.READ_ONLY, ErrorKind.CONFLICT}
"""Reasons that are not about one object: nothing more is begun."""


class ObjectCopying:
    """Copies that are under way, or were. With `moves` each source is deleted after its copy was
    looked at; a source that changed meanwhile stays."""

    def __init__(self, copies: Sequence[ObjectCopy], *, moves: bool) -> None:
        self.moves = moves
        self.stopped = False
        """Whether no other object is to begin."""
        self._copies = copies
        self._done = 0
        self._failed: list[tuple[ObjectCopy, ServiceError]] = []
        self._kept: list[tuple[ObjectCopy, ServiceError]] = []
        """Copied, but the source is still there."""

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"{self._verb} {self._done:,} of {len(self._copies):,}, {ends}"

    @property
    def _verb(self) -> str:
        return "moved" if self.moves else "copied"

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Copy until nothing is left to do; gives the source keys that are gone at each step."""
        waiting: Iterator[ObjectCopy] = iter(self._copies)
        under_way: set[asyncio.Task[str]] = set()
        try:
            while True:
                while not self.stopped and len(under_way) < AT_ONCE:
                    following = next(waiting, None)
                    if following is None:
                        break
                    under_way.add(asyncio.create_task(self._one(s3, following, at)))
                if not under_way:
                    return
                ended, under_way = await asyncio.wait(
                    under_way, return_when=asyncio.FIRST_COMPLETED
                )
                yield [key for each in ended if (key := each.result())]
        finally:
            for task in under_way:
                task.cancel()

    async def _one(self, s3: S3Service, copy: ObjectCopy, at: Connection) -> str:
        """Copy one object; gives the key of the source if it is gone."""
        try:
            await s3.copy_object(copy, at=at)
        except ServiceError as error:
            self._note(self._failed, copy, error)
            return ""
        if self.moves:
            try:
                await s3.delete_copied(copy, at=at)
            except ServiceError as error:
                self._note(self._kept, copy, error)
                return ""
        self._done += 1
        return copy.key if self.moves else ""

    def _note(
        self,
        where: list[tuple[ObjectCopy, ServiceError]],
        copy: ObjectCopy,
        error: ServiceError,
    ) -> None:
        where.append((copy, error))
        self.stopped = self.stopped or error.kind in _ALL_FAIL

    @property
    def report(self) -> str:
        """What was done, in a sentence; empty if nothing was."""
        return f"{counted(self._done, 'object')} {self._verb}." if self._done else ""

    @property
    def problem(self) -> ServiceError | None:
        """What was not done, and why; None if everything was."""
        told = [*self._failed, *self._kept]
        left = len(self._copies) - self._done
        if not left:
            return None
        causes = [f"{copy.key}: {error}" for copy, error in told[:SHOWN]]
        if len(told) > SHOWN:
            causes.append(f"… and {len(told) - SHOWN:,} more")
        untried = left - len(told)
        if untried:
            causes.append(f"{counted(untried, 'object')} not tried: stopped.")
        kept = ""
        if self._kept:
            kept = f" Of these, {counted(len(self._kept), 'copy', 'copies')} were made, "
            kept += "but the source is still there."
        return ServiceError(
            f"{counted(left, 'object was', 'objects were')} not {self._verb}.{kept}",
            cause="\n".join(causes),
            hint="What is not done is where it was.",
            kind=told[0][1].kind if told else ErrorKind.OTHER,
        )
