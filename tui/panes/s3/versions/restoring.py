"""Bringing versions back: the plan, which is shown first, and what became of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from tui.panes.s3.change.deleting import SHOWN
from tui.panes.s3.versions.version_list import VersionList
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import Name, ObjectCopy, ObjectVersion, S3Service


@dataclass(frozen=True)
class RestorePlan:
    """What will be done to bring versions back."""

    bucket: str
    markers: tuple[ObjectVersion, ...]
    """Delete markers on top of their keys, to be removed."""
    copies: tuple[tuple[ObjectVersion, ObjectVersion], ...]
    """Versions to be copied on top of their keys, each with what is on top now."""
    left_out: tuple[str, ...]
    """What is not touched, and why."""

    @property
    def lines(self) -> list[str]:
        """What comes back, a line for each, the first ones only."""
        lines = [f"  {each.key}: its delete marker is removed" for each in self.markers]
        lines += [
            f"  {each.key}: the version of {time_of(each)} ({size_text(each.size_bytes)}) is "
            f"copied on top"
            for each, _ in self.copies
        ]
        rest = len(lines) - SHOWN
        return lines[:SHOWN] + ([f"  … and {rest:,} more"] if rest > 0 else [])


def plan_restore(listing: VersionList, rows: Sequence[int]) -> RestorePlan:
    """What restoring these rows means. Raises ServiceError (INVALID) if it means nothing."""
    markers: list[ObjectVersion] = []
    copies: list[tuple[ObjectVersion, ObjectVersion]] = []
    left_out: list[str] = []
    keys: set[str] = set()
    for row in rows:
        version, latest = listing.rows[row], listing.latest_of(row)
        what = f"{version.key}, {time_of(version)}"
        if version.marker and not version.latest:
            left_out.append(f"{what}: something is above this delete marker, so it hides nothing.")
        elif not version.marker and version.latest:
            left_out.append(f"{what}: it is the latest version already.")
        elif version.key in keys:
            left_out.append(f"{what}: another version of this key is restored.")
        else:
            keys.add(version.key)
            if version.marker:
                markers.append(version)
            else:
                copies.append((version, latest))
    if not keys:
        raise ServiceError("Nothing to restore.", cause="\n".join(left_out), kind=ErrorKind.INVALID)
    return RestorePlan(listing.bucket, tuple(markers), tuple(copies), tuple(left_out))


class Restoration:
    """Versions that are being brought back, or were."""

    def __init__(self, plan: RestorePlan) -> None:
        self.stopped = False
        """Whether no other call is to begin."""
        self.done = 0
        """Keys that are back."""
        self._plan = plan
        self._count = len(plan.markers) + len(plan.copies)
        self._failed: list[str] = []
        self._kind = ErrorKind.OTHER

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"restored {self.done:,} of {self._count:,}, {ends}"

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Restore until nothing is left; what fails is part of the `problem`."""
        markers = [each.name for each in self._plan.markers]
        if markers:
            async for _ in self._remove(s3, markers, at):
                yield ()
        for version, latest in self._plan.copies:
            if self.stopped:
                return
            try:
                await s3.copy_object(_copy(self._plan.bucket, version, latest), at=at)
                self.done += 1
            except ServiceError as error:
                self._take(f"{version.key}: {error}", error.kind)
            yield ()

    async def _remove(
        self, s3: S3Service, markers: Sequence[Name], at: Connection
    ) -> AsyncGenerator[None, None]:
        outcomes = s3.remove_markers(self._plan.bucket, markers, at=at)
        try:
            async with aclosing(outcomes):
                async for outcome in outcomes:
                    self.done += len(outcome.deleted)
                    for each in outcome.failed:
                        self._take(f"{each.key}: {each.code} {each.message}", ErrorKind.OTHER)
                    yield
                    if self.stopped:
                        return
        except ServiceError as error:
            self._take(str(error), error.kind)

    def _take(self, failure: str, kind: ErrorKind) -> None:
        self._failed.append(failure)
        self._kind = kind

    @property
    def report(self) -> str:
        """What is back, in a sentence; empty if nothing is."""
        return f"{counted(self.done, 'object is', 'objects are')} restored." if self.done else ""

    @property
    def problem(self) -> ServiceError | None:
        """What is not back, and why; None if everything is."""
        left = self._count - self.done
        if not left:
            return None
        causes = self._failed[:SHOWN]
        if self.stopped:
            causes.append("Stopped with Esc.")
        return ServiceError(
            f"{counted(left, 'object was', 'objects were')} not restored.",
            cause="\n".join(causes),
            hint="Removing a delete marker needs s3:DeleteObjectVersion, a copy "
            "s3:GetObjectVersion and s3:PutObject.",
            kind=self._kind,
        )


def _copy(bucket: str, version: ObjectVersion, latest: ObjectVersion) -> ObjectCopy:
    """The copy, which is made only if the key still holds what was shown as its latest."""
    replaces = "" if latest.marker else latest.etag.strip('"')
    etag = version.etag.strip('"')
    key = version.key
    return ObjectCopy(bucket, key, etag, bucket, key, replaces, version.version_id)


def time_of(version: ObjectVersion) -> str:
    """When it was made, to the second."""
    return f"{version.modified:%Y-%m-%d %H:%M:%S} UTC" if version.modified else "unknown time"
