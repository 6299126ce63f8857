"""Deleting many objects: call by call, with progress, stopped between two calls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from tui.services.aws import Standpoint
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import DeleteOutcome, FailedKey

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

SHOWN = 8
"""Keys that a report names; the rest are counted."""


class Deletion:
    """Objects of one bucket that are being deleted. A call that was begun is always counted."""

    def __init__(self, pane: S3Pane, bucket: str, keys: Sequence[str], here: Standpoint) -> None:
        self.pane = pane
        self.bucket = bucket
        self.stopped = False
        self._keys = keys
        self._here = here
        self._deleted = 0
        self._markers = 0
        self._failed: list[FailedKey] = []
        self._error: ServiceError | None = None

    @property
    def state(self) -> str:
        """How far it is, for the location line."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"deleted {self._deleted:,} of {len(self._keys):,}, {ends}"

    def stop(self) -> None:
        """Begin no other call."""
        self.stopped = True
        self.pane.show_state()

    async def run(self) -> None:
        """Delete until nothing is left to do, and say what went. Raises ServiceError about what
        did not.
        """
        self.pane.deletion = self
        self.pane.show_state()
        try:
            await self._delete()
        finally:
            self.pane.deletion = None
            if self.pane.location.bucket == self.bucket:
                self.pane.reload()
        if self._deleted:
            self.pane.say(self._report())
        self._raise_for_the_rest()

    async def _delete(self) -> None:
        outcomes = self.pane.s3.delete_objects(self.bucket, self._keys, at=self._here)
        try:
            async with aclosing(outcomes):
                async for outcome in outcomes:
                    self._take(outcome)
                    if self.stopped:
                        return
        except ServiceError as error:
            self._error = error

    def _take(self, outcome: DeleteOutcome) -> None:
        self._deleted += len(outcome.deleted)
        self._markers += outcome.markers
        self._failed.extend(outcome.failed)
        if self.pane.location.bucket == self.bucket:
            self.pane.listing.marked -= set(outcome.deleted)
        self.pane.show_state()

    # -- the report ------------------------------------------------------------------------

    def _report(self) -> str:
        text = f"{counted(self._deleted, 'object')} deleted from {self.bucket}."
        if self._markers:
            text += f"\n{self._markers:,} got a delete marker; their versions stay."
        return text

    def _raise_for_the_rest(self) -> None:
        if self._error is not None and not self._deleted and not self._failed:
            raise self._error
        left = len(self._keys) - self._deleted
        if not left:
            return
        refused = [f"{each.key}: {each.code} {each.message}".rstrip() for each in self._failed]
        causes = refused[:SHOWN]
        if len(refused) > SHOWN:
            causes.append(f"… and {len(refused) - SHOWN:,} more")
        if self.stopped:
            causes.append("Stopped with Esc.")
        if self._error is not None:
            causes.append(str(self._error))
        untried = left - len(refused)
        if untried:
            # The call that failed may have been carried out, though its answer was lost.
            what = "not tried" if self._error is None else "not tried, or not known to have gone"
            causes.append(f"{counted(untried, 'object')} {what}.")
        kind = ErrorKind.OTHER if self._error is None else self._error.kind
        sure = "" if kind is not ErrorKind.UNKNOWN else ", or it is not known whether they were"
        raise ServiceError(
            f"{counted(left, 'object was', 'objects were')} not deleted{sure}.",
            cause="\n".join(causes),
            hint="What was deleted is gone; what is still listed was not.",
            code=self._failed[0].code if self._failed else "",
            kind=kind,
        )
