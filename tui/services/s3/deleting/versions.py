"""The versions and delete markers of a bucket: listed, looked at, deleted. Blocking."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Paging
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.calls import S3Calls
from tui.services.s3.deleting import batch_delete
from tui.services.s3.deleting.batch_delete import (
    NO_VERSION,
    Name,
    Refused,
    delete_alone,
    delete_batch,
)
from tui.services.s3.listing.listing import PAGE, every_object

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import (
        DeleteMarkerEntryTypeDef,
        ListObjectVersionsOutputTypeDef,
        ObjectVersionTypeDef,
    )

_VERSIONS: Paging[ListObjectVersionsOutputTypeDef] = Paging(
    {"NextKeyMarker": "KeyMarker", "NextVersionIdMarker": "VersionIdMarker"}
)

_SLOW_DOWN = "SlowDown"

_AGAIN = {
    _SLOW_DOWN,
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "Throttling",
    "503",
}
"""Codes with which S3 asks to send a delete again."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version or delete marker, as a delete names it."""

    key: str
    version_id: str
    """`NO_VERSION` in a bucket that never had versioning."""
    size_bytes: int
    marker: bool
    latest: bool
    modified: datetime | None = None
    etag: str = ""
    storage_class: str = ""
    """"STANDARD", "GLACIER", …; empty of a delete marker, or if the server did not say."""

    @property
    def name(self) -> Name:
        """What a delete names."""
        return Name(self.key, self.version_id)


@dataclass(frozen=True)
class RefusedVersion:
    """One version that was not deleted, and why."""

    version: ObjectVersion
    code: str
    message: str

    @property
    def again(self) -> bool:
        """Whether S3 asks to send the delete again, a little later."""
        return self.code in _AGAIN


@dataclass(frozen=True)
class VersionLock:
    """What locks one version now."""

    mode: str | None
    """"GOVERNANCE", "COMPLIANCE", or None without retention or after it ended."""
    until: datetime | None
    held: bool
    """Whether it is under legal hold."""


def list_versions(
    s3: S3Calls, bucket: str, *, at: Connection, limit: int = PAGE
) -> Iterator[list[ObjectVersion]]:
    """Every version and delete marker, at most `limit` (1 to 1,000) at a time, in the order of
    the keys. Raises ServiceError.

    A directory bucket keeps no versions: its objects are listed, in no order.
    """
    if is_directory_bucket(bucket):
        yield from _objects_as_versions(s3.on(at, owned=True), bucket, limit)
        return
    for answer in s3.on(at, owned=True).pages(
        f"list the versions in {bucket}",
        lambda client: client.list_object_versions,
        _VERSIONS,
        Bucket=bucket,
        MaxKeys=limit,
    ):
        found = [version_of(row) for row in answer.get("Versions", ())]
        yield found + [version_of(row) for row in answer.get("DeleteMarkers", ())]


def _objects_as_versions(s3: S3Calls, bucket: str, limit: int) -> Iterator[list[ObjectVersion]]:
    for page in every_object(s3, bucket, "", MaxKeys=limit):
        yield [
            ObjectVersion(
                each.key,
                NO_VERSION,
                each.size,
                marker=False,
                latest=True,
                modified=each.modified,
                etag=each.etag,
                storage_class=each.storage_class,
            )
            for each in page
        ]


def version_of(row: ObjectVersionTypeDef | DeleteMarkerEntryTypeDef) -> ObjectVersion:
    """The model of a row of a listing; one without a size is a delete marker."""
    said: Any = row
    return ObjectVersion(
        key=row["Key"],
        version_id=row.get("VersionId") or NO_VERSION,
        size_bytes=said.get("Size", 0),
        marker="Size" not in row,
        latest=bool(row.get("IsLatest")),
        modified=row.get("LastModified"),
        etag=said.get("ETag", ""),
        storage_class=sys.intern(said.get("StorageClass", "")),
    )


def read_lock(s3: S3Calls, bucket: str, version: ObjectVersion, *, at: Connection) -> VersionLock:
    """The retention and legal hold of one version. Raises ServiceError."""
    answer = s3.on(at, owned=True).call(
        f"look at {version.key}",
        lambda client: client.head_object,
        Bucket=bucket,
        Key=version.key,
        VersionId=version.version_id,
    )
    until: datetime | None = answer.get("ObjectLockRetainUntilDate")
    if until is not None and until <= datetime.now(UTC):
        until = None
    return VersionLock(
        mode=answer.get("ObjectLockMode") if until is not None else None,
        until=until,
        held=answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


def delete_versions(
    s3: S3Calls,
    bucket: str,
    versions: Sequence[ObjectVersion],
    *,
    at: Connection,
    by_version: bool = True,
    bypass_governance: bool = False,
    owned: bool = True,
) -> list[RefusedVersion]:
    """Delete at most 1,000 versions; gives those that stay. With `owned`, only in a bucket of the
    connection's own account.

    Without `by_version`, what has no version id is named by its key alone: that needs only
    s3:DeleteObject, but where the bucket keeps versions it adds a delete marker. Raises
    ServiceError if S3 refuses or loses the call as a whole.
    """
    s3 = s3.on(at, owned=owned)
    of = {version.name: version for version in versions}
    together, alone = batch_delete.split(of)
    refused: list[RefusedVersion] = []
    if together:
        try:
            answered = delete_batch(
                s3,
                f"delete {len(together)} versions from {bucket}",
                bucket,
                together,
                by_version=by_version,
                bypass_governance=bypass_governance,
            ).refused
        except ServiceError as error:
            if error.kind is not ErrorKind.THROTTLED and error.code not in _AGAIN:
                raise
            answered = tuple(Refused(name, _SLOW_DOWN, error.cause) for name in together)
        refused = [RefusedVersion(of[each.name], each.code, each.message) for each in answered]
    # Single deletes come last and never raise: what was deleted before them is always counted.
    for name in alone:
        try:
            delete_alone(
                s3,
                f"delete {name.key} from {bucket}",
                bucket,
                name,
                by_version=by_version,
                bypass_governance=bypass_governance,
            )
        except ServiceError as error:
            if error.code not in batch_delete.GONE_ALREADY:
                refused.append(RefusedVersion(of[name], error.code, error.cause))
    return refused
