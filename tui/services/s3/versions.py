"""The versions and delete markers of a bucket: listed, looked at, deleted. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tui.services.aws import Paging
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import batch_delete
from tui.services.s3.batch_delete import NO_VERSION, Name
from tui.services.s3.calls import S3Calls

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        DeleteMarkerEntryTypeDef,
        DeleteObjectOutputTypeDef,
        DeleteObjectsOutputTypeDef,
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


def list_versions(s3: S3Calls, bucket: str, page: int) -> Iterator[list[ObjectVersion]]:
    """Every version and delete marker, at most `page` (1 to 1,000) at a time, in the order of
    the keys. Raises ServiceError."""
    for answer in s3.pages(
        f"list the versions in {bucket}",
        lambda client: client.list_object_versions,
        _VERSIONS,
        Bucket=bucket,
        MaxKeys=page,
    ):
        found = [
            _version(row, row.get("Size", 0), row.get("ETag", ""))
            for row in answer.get("Versions", ())
        ]
        yield found + [_version(row) for row in answer.get("DeleteMarkers", ())]


def _version(
    row: ObjectVersionTypeDef | DeleteMarkerEntryTypeDef, size: int | None = None, etag: str = ""
) -> ObjectVersion:
    """The model of a row; without a size it is a delete marker."""
    return ObjectVersion(
        key=row["Key"],
        version_id=row.get("VersionId") or NO_VERSION,
        size_bytes=size or 0,
        marker=size is None,
        latest=bool(row.get("IsLatest")),
        modified=row.get("LastModified"),
        etag=etag,
    )


def read_lock(s3: S3Calls, bucket: str, version: ObjectVersion) -> VersionLock:
    """The retention and legal hold of one version. Raises ServiceError."""
    answer = s3.call(
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
    by_version: bool,
    bypass_governance: bool,
) -> list[RefusedVersion]:
    """Delete at most 1,000 versions; gives those that stay.

    Without `by_version`, what has no version id is named by its key alone: that needs only
    s3:DeleteObject, but where the bucket keeps versions it adds a delete marker. Raises
    ServiceError if S3 refuses or loses the call as a whole.
    """
    of = {version.name: version for version in versions}
    together, alone = batch_delete.split(of)

    def named(name: Name) -> dict[str, Any]:
        if by_version or name.version_id != NO_VERSION:
            return {"Key": name.key, "VersionId": name.version_id}
        return {"Key": name.key}

    flags: dict[str, Any] = {"BypassGovernanceRetention": True} if bypass_governance else {}
    refused: list[RefusedVersion] = []
    if together:
        objects = [named(name) for name in together]
        refused = _delete_together(s3, bucket, objects, [of[name] for name in together], flags)
    # Single deletes come last and never raise: what was deleted before them is always counted.
    for name in alone:
        try:
            s3.call(
                f"delete {name.key} from {bucket}",
                _delete_object,
                Bucket=bucket,
                **named(name),
                **flags,
            )
        except ServiceError as error:
            if error.code not in batch_delete.GONE_ALREADY:
                refused.append(RefusedVersion(of[name], error.code, error.cause))
    return refused


def _delete_together(
    s3: S3Calls,
    bucket: str,
    objects: Sequence[dict[str, Any]],
    versions: Sequence[ObjectVersion],
    flags: dict[str, Any],
) -> list[RefusedVersion]:
    try:
        answer = s3.call(
            f"empty the bucket {bucket}",
            _delete_objects,
            Bucket=bucket,
            Delete={"Objects": objects, "Quiet": True},
            **flags,
        )
    except ServiceError as error:
        if error.kind is ErrorKind.THROTTLED or error.code in _AGAIN:
            return [RefusedVersion(version, _SLOW_DOWN, error.cause) for version in versions]
        raise
    of = {version.name: version for version in versions}
    return [
        RefusedVersion(of[each.name], each.code, each.message)
        for each in batch_delete.refused(list(of), answer)
    ]


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _delete_object(client: S3Client) -> Callable[..., DeleteObjectOutputTypeDef]:
    return client.delete_object


def _delete_objects(client: S3Client) -> Callable[..., DeleteObjectsOutputTypeDef]:
    return client.delete_objects
