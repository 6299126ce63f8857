"""Deleting many objects: call by call, with progress, stopped between two calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import DeleteOutcome, FailedKey, Name, S3Service

SHOWN = 8
"""Keys that a report names; the rest are counted."""


DENIED = "AccessDenied"
"""What S3 says of a key in a call that as a whole is allowed."""


class Stoppable(Protocol):
    """Work on many objects that tells how far it is, and ends between two steps if it is told."""

    stopped: bool

    @property
    def state(self) -> str: ...


class ObjectDeletion:
    """Objects of one bucket that are being deleted, or were. A call that was begun is always
    counted."""

    def __init__(self, bucket: str, keys: Sequence[str], etags: Sequence[str] = ()) -> None:
        self.bucket = bucket
        self.stopped = False
        """Whether no other call is to begin."""
        self.made: list[Name] = []
        """The delete markers that can be removed again."""
        self._keys = keys
        self._etags = etags
        """Of each key, as they were shown: what has another one by now stays. Empty: not known."""
        self._deleted = 0
        self._markers = 0
        self._failed: list[FailedKey] = []
        self._error: ServiceError | None = None

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"deleted {self._deleted:,} of {len(self._keys):,}, {ends}"

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Delete until nothing is left to do; gives the keys that are gone after each call. An
        error ends it, and is part of the `problem`."""
        try:
            async with aclosing(self._calls(s3, at)) as outcomes:
                async for outcome in outcomes:
                    self._take(outcome)
                    yield outcome.deleted
                    if self.stopped:
                        return
        except ServiceError as error:
            self._error = error

    def _calls(self, s3: S3Service, at: Connection) -> AsyncGenerator[DeleteOutcome, None]:
        return s3.delete_objects(self.bucket, self._keys, etags=self._etags, at=at)

    def _take(self, outcome: DeleteOutcome) -> None:
        self._deleted += len(outcome.deleted)
        self._markers += outcome.markers
        self.made += outcome.made
        self._failed.extend(outcome.failed)

    @property
    def report(self) -> str:
        """What is gone, in a sentence; empty if nothing is."""
        if not self._deleted:
            return ""
        text = f"{counted(self._deleted, 'object')} deleted from {self.bucket}."
        if self._markers:
            text += (
                f"\n{self._markers:,} got a delete marker; versions with an id of their own stay."
            )
        back = len({each.key for each in self.made})
        if back >= self._deleted:
            return f"{text} U brings them back."
        if back:
            text += f" U brings {back:,} of them back; v shows what versions the others have."
        return text

    @property
    def whole_report(self) -> str:
        """The report and what is not gone: the reload after it may fail and show its own error."""
        left = "" if self.problem is None else f"\n{self.problem.message}"
        return self.report and self.report + left

    @property
    def problem(self) -> ServiceError | None:
        """What is not gone, and why; None if everything is."""
        if self._error is not None and not self._deleted and not self._failed:
            return self._error
        left = len(self._keys) - self._deleted
        if not left:
            return None
        kind = ErrorKind.OTHER if self._error is None else self._error.kind
        sure = "" if kind is not ErrorKind.UNKNOWN else ", or it is not known whether they were"
        return ServiceError(
            f"{counted(left, 'object was', 'objects were')} not deleted{sure}.",
            cause="\n".join(self._causes(left)),
            hint=self._hint,
            code=self._failed[0].code if self._failed else "",
            kind=kind,
        )

    @property
    def _hint(self) -> str:
        said = "What was deleted is gone; what is still listed was not."
        if all(each.code != DENIED for each in self._failed):
            return said
        return f"These credentials need the permission s3:DeleteObject. {said}"

    def _causes(self, left: int) -> list[str]:
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
        return causes
