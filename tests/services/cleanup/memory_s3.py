"""An S3 service in memory, for what a real server does slowly or never, and cleanup on it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from tests.services.cleanup.runs import SMALL, bucket, remove
from tui.services.aws import Account, Connection, Identity, Target
from tui.services.cleanup import CleanupService, Outcome, Tunables
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    NO_VERSION,
    BucketProtection,
    MultipartUpload,
    ObjectVersion,
    RefusedVersion,
    Versioning,
    VersionLock,
)

NAME = "the-bucket"
"""The one bucket that there is."""

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)

DENIED = ServiceError(
    "Could not.", cause="AccessDenied", code="AccessDenied", kind=ErrorKind.DENIED
)

SIXTY = [f"k{number:02}" for number in range(60)]

Batch = Sequence[ObjectVersion]


@dataclass
class MemoryS3:
    """One bucket. Every hook may be exchanged at any time."""

    versioned: bool = False
    held: list[ObjectVersion] = field(default_factory=list)
    """What is in the bucket."""
    uploads: list[MultipartUpload] = field(default_factory=list)
    upload_size: int | None = 100
    """Bytes of the parts of each upload; None if they may not be read."""
    protection: BucketProtection = field(default_factory=BucketProtection)
    locks: dict[str, VersionLock] = field(default_factory=dict)
    """By key."""
    gone: bool = False

    lists: Callable[[], list[ObjectVersion]] | None = None
    """What is listed instead of `held`."""
    lies: Callable[[Batch], bool] = lambda batch: False
    """Whether "deleted" is said of a call, and nothing of it is done."""
    refuses: Callable[[ObjectVersion], str] = lambda version: ""
    """The code with which a version is refused; empty for none."""
    doubts: Callable[[ObjectVersion], bool] = lambda version: False
    """Whether the answer leaves it open what became of a version, which is deleted all the same."""
    keeps_uploads: bool = False
    """Whether an abort is answered and nothing is done."""
    fails: dict[str, ServiceError] = field(default_factory=dict)
    """Operation -> the error with which it is refused."""

    calls: list[list[str]] = field(default_factory=list)
    """The keys of each call that deletes."""
    by_version: list[bool] = field(default_factory=list)
    """Whether each call that deletes names the versions."""
    aborted: list[str] = field(default_factory=list)

    def put(self, *keys: str, size: int = 1) -> None:
        """Write objects: new versions where there is versioning, else in place of the old ones."""
        for key in keys:
            moment = BEGUN + timedelta(seconds=next(_SECONDS))
            version_id = f"v{moment.timestamp():.0f}" if self.versioned else NO_VERSION
            if not self.versioned:
                self.held = [each for each in self.held if each.key != key]
            self.held = [replace(e, latest=False) if e.key == key else e for e in self.held]
            self.held.append(ObjectVersion(key, version_id, size, False, True, moment, "etag"))

    def mark_deleted(self, key: str) -> None:
        """Add a delete marker."""
        self.put(key)
        self.held[-1] = replace(self.held[-1], marker=True, size_bytes=0)

    @property
    def keys(self) -> list[str]:
        return sorted(each.key for each in self.held)

    def _answer(self, operation: str) -> None:
        if self.gone:
            raise ServiceError("There is none.", code="NoSuchBucket", kind=ErrorKind.NOT_FOUND)
        if operation in self.fails:
            raise self.fails[operation]

    # -- what cleanup asks of the S3 service -----------------------------------------------

    async def bucket_protection(self, bucket: str, *, at: Connection) -> BucketProtection:
        self._answer("bucket_protection")
        state = Versioning.ENABLED if self.versioned else Versioning.NEVER
        return replace(self.protection, versioning=state)

    async def list_versions(
        self, bucket: str, *, at: Connection, limit: int
    ) -> AsyncIterator[list[ObjectVersion]]:
        self._answer("list_versions")
        listed = self.lists() if self.lists else sorted(self.held, key=lambda each: each.key)
        for start in range(0, max(len(listed), 1), limit):
            yield listed[start : start + limit]

    async def version_lock(
        self, bucket: str, version: ObjectVersion, *, at: Connection
    ) -> VersionLock:
        return self.locks.get(version.key, VersionLock(None, None, held=False))

    async def delete_versions(
        self,
        bucket: str,
        which: Batch,
        *,
        at: Connection,
        by_version: bool = True,
        bypass_governance: bool = False,
    ) -> list[RefusedVersion]:
        self._answer("delete_versions")
        self.calls.append([each.key for each in which])
        self.by_version.append(by_version)
        if self.lies(which):
            return []
        codes = {each.name: self.refuses(each) for each in which}
        stay = [
            RefusedVersion(each, codes[each.name], "said so") for each in which if codes[each.name]
        ]
        goes = {name for name, code in codes.items() if not code}
        self.held = [each for each in self.held if each.name not in goes]
        return stay + [
            RefusedVersion(each, "AccessDenied", "said so") for each in which if self.doubts(each)
        ]

    async def list_uploads(
        self, bucket: str, *, at: Connection, limit: int
    ) -> AsyncIterator[list[MultipartUpload]]:
        self._answer("list_uploads")
        yield list(self.uploads)

    async def upload_bytes(self, bucket: str, upload: MultipartUpload, *, at: Connection) -> int:
        if self.upload_size is None:
            raise DENIED
        return self.upload_size

    async def abort_upload(self, bucket: str, upload: MultipartUpload, *, at: Connection) -> None:
        self._answer("abort_upload")
        self.aborted.append(upload.key)
        if not self.keeps_uploads:
            self.uploads.remove(upload)

    async def delete_bucket(self, bucket: str, *, at: Connection) -> None:
        self._answer("delete_bucket")
        if self.held:
            raise ServiceError("It is full.", code="BucketNotEmpty", kind=ErrorKind.CONFLICT)
        self.gone = True


_SECONDS = itertools.count()


class _Account:
    """An account that nobody has to ask."""

    read_only = False

    async def connect(self) -> Connection:
        return Connection(
            Target(None, "us-east-1"),
            identity=Identity("123456789012", "arn", None),
            endpoints=(("s3", "https://s3.us-east-1.amazonaws.com"),),
        )


@contextmanager
def cleanup_of_memory(s3: MemoryS3, tunables: Tunables = SMALL) -> Iterator[CleanupService]:
    """Cleanup of that one bucket; it has nothing else to ask."""
    nothing: Any = None
    cleanup = CleanupService(
        cast("Account", _Account()),
        s3=cast("Any", s3),
        rds=nothing,
        dynamodb=nothing,
        cloudwatch=nothing,
        tunables=tunables,
    )
    try:
        yield cleanup
    finally:
        cleanup.close()


async def removed(s3: MemoryS3, tunables: Tunables = SMALL) -> Outcome:
    """The outcome of planning and removing the bucket."""
    with cleanup_of_memory(s3, tunables) as cleanup:
        (outcome,) = await remove(cleanup, bucket(NAME))
    return outcome
