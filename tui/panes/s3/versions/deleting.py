"""Deleting versions for good, call by call, with progress."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence

from tui.panes.s3.change.deleting import SHOWN
from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import counted
from tui.services.s3 import ObjectVersion, RefusedVersion, S3Service, VersionLock

BATCH = 1000
"""Versions in one call."""

LOCKS = 3
"""Versions that were refused and whose lock is looked up."""


async def refuse_mfa_delete(s3: S3Service, bucket: str, at: Connection) -> None:
    """Raise ServiceError (INVALID) if no version of the bucket can be deleted from here. Where that
    may not be read, S3 itself will say it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
    """
    try:
        needs_code = await s3.mfa_delete(bucket, at=at)
    except ServiceError:
        return
    if needs_code:
        raise ServiceError(
            f"MFA delete is on in the bucket {bucket}: a version or delete marker goes only with a "
            "code of the root user's device, which cannot be given here.",
            hint="As root: aws s3api delete-object --version-id … --mfa …, or switch it off with "
            "aws s3api put-bucket-versioning --mfa …",
            kind=ErrorKind.INVALID,
        )


class VersionDeletion:
    """Versions and delete markers that are being deleted, or were."""

    def __init__(self, bucket: str, versions: Sequence[ObjectVersion]) -> None:
        self.stopped = False
        """Whether no other call is to begin."""
        self.deleted = 0
        self._bucket = bucket
        self._versions = versions
        self._refused: list[RefusedVersion] = []
        self._locks: list[str] = []
        self._error: ServiceError | None = None

    @property
    def state(self) -> str:
        """How far it is."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"deleted {self.deleted:,} of {len(self._versions):,} versions, {ends}"

    async def run(self, s3: S3Service, at: Connection) -> AsyncGenerator[Sequence[str], None]:
        """Delete until nothing is left to do; an error ends it, and is part of the `problem`."""
        try:
            for start in range(0, len(self._versions), BATCH):
                some = self._versions[start : start + BATCH]
                refused = await s3.delete_versions(self._bucket, some, at=at, owned=False)
                self.deleted += len(some) - len(refused)
                self._refused += refused
                yield ()
                if self.stopped:
                    break
        except ServiceError as error:
            self._error = error
        for each in self._refused[:LOCKS]:
            await self._explain(s3, each.version, at)

    async def _explain(self, s3: S3Service, version: ObjectVersion, at: Connection) -> None:
        """Find out whether a lock keeps a version."""
        if version.marker:
            return
        try:
            lock = await s3.version_lock(self._bucket, version, at=at)
        except ServiceError:
            return  # what refused the delete is told
        said = lock_text(lock)
        if said:
            self._locks.append(f"{version.key}, version {version.version_id}: {said}")

    @property
    def report(self) -> str:
        """What is gone, in a sentence; empty if nothing is."""
        if not self.deleted:
            return ""
        return f"{counted(self.deleted, 'version')} deleted for good from {self._bucket}."

    @property
    def problem(self) -> ServiceError | None:
        """What is not gone, and why; None if everything is."""
        left = len(self._versions) - self.deleted
        if not left:
            return None
        causes = [
            f"{each.version.key}, version {each.version.version_id}: {each.code} {each.message}"
            for each in self._refused[:SHOWN]
        ]
        if self.stopped:
            causes.append("Stopped with Esc.")
        if self._error is not None:
            causes.append(str(self._error))
        kind = ErrorKind.OTHER if self._error is None else self._error.kind
        sure = "" if kind is not ErrorKind.UNKNOWN else ", or it is not known whether they were"
        return ServiceError(
            f"{counted(left, 'version was', 'versions were')} not deleted{sure}.",
            cause="\n".join([*self._locks, *causes]),
            hint="It needs s3:DeleteObjectVersion; object lock, a legal hold or MFA delete keeps "
            "versions, too.",
            kind=kind,
        )


def lock_text(lock: VersionLock) -> str:
    """What keeps a version from being deleted; empty if no lock does."""
    parts = []
    if lock.mode is not None:
        until = f" until {lock.until:%Y-%m-%d %H:%M} UTC" if lock.until else ""
        lifted = (
            "nobody can lift that"
            if lock.mode == "COMPLIANCE"
            else "who may bypass governance can lift it"
        )
        parts.append(f"locked in mode {lock.mode}{until}; {lifted}")
    if lock.held:
        parts.append("under legal hold, which has to be taken off first")
    return "; ".join(parts)
