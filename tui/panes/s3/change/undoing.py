"""Taking a delete back: the delete markers that it made are removed, and no others."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from tui.panes.s3.change.deleting import SHOWN
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import FailedKey, Name, S3Service


class MarkerRemoval:
    """Delete markers that are being removed, or were."""

    def __init__(self, bucket: str, markers: Sequence[Name]) -> None:
        self.stopped = False
        """Whether no other call is to begin."""
        self.left = list(markers)
        """Those that are not removed."""
        self._bucket = bucket
        self._count = len(markers)
        self._failed: list[FailedKey] = []
        self._error: ServiceError | None = None

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"brought back {self._done:,} of {self._count:,}, {ends}"

    @property
    def _done(self) -> int:
        return self._count - len(self.left)

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Remove until none is left. An error ends it, and is part of the `problem`."""
        try:
            async with aclosing(s3.remove_markers(self._bucket, self.left, at=at)) as outcomes:
                async for outcome in outcomes:
                    gone = set(outcome.deleted)
                    self.left = [each for each in self.left if each.key not in gone]
                    self._failed += outcome.failed
                    yield ()
                    if self.stopped:
                        return
        except ServiceError as error:
            self._error = error

    @property
    def report(self) -> str:
        """What is back, in a sentence; empty if nothing is."""
        return f"{counted(self._done, 'object is', 'objects are')} back." if self._done else ""

    @property
    def problem(self) -> ServiceError | None:
        """What is not back, and why; None if everything is."""
        if not self.left:
            return None
        causes = [f"{each.key}: {each.code} {each.message}" for each in self._failed[:SHOWN]]
        if self._error is not None:
            causes.append(str(self._error))
        return ServiceError(
            f"{counted(len(self.left), 'delete marker was', 'delete markers were')} not removed.",
            cause="\n".join(causes) or "Stopped with Esc.",
            hint="Press U to try again.",
            kind=self._error.kind if self._error else ErrorKind.OTHER,
        )
