"""Everything that S3 says of one object: each part for itself, so that what is denied hides nothing
else. Blocking.

HeadObject says nothing of an object's tags, its ACL and its owner, and of its lock only what may be
read. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown
from tui.services.s3.properties.models import (
    HEADERS,
    OTHER_HEADERS,
    Acl,
    Encryption,
    Lockless,
    ObjectProperties,
    Retention,
    Stored,
    Tags,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

T = TypeVar("T")


_NO_LOCK_HERE = {"ObjectLockConfigurationNotFoundError", "InvalidRequest"}
"""Codes with which a bucket that has no object lock refuses to tell a lock; the second one only if
the message is about that."""

_NOT_LOCKED = {"NoSuchObjectLockConfiguration"}
_NO_TAGS = {"NoSuchTagSet", "NoSuchTagSetError"}
_UNKNOWN_FUNCTION = {"NotImplemented", "501", "MethodNotAllowed", "405"}
_HOPELESS = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK, ErrorKind.NOT_FOUND, ErrorKind.CONFLICT}

PARTS_AT_ONCE = 5


def read_properties(
    s3: S3Calls, bucket: str, key: str, *, at: Connection | None = None
) -> ObjectProperties:
    """Everything that S3 says of an object, read at once.

    Raises ServiceError if the object is not there, or nothing can be asked.
    """
    s3 = s3.on(at)

    def part(read: Callable[[S3Calls, str, str], T]) -> T | Unknown:
        try:
            return read(s3, bucket, key)
        except ServiceError as error:
            if error.kind in _HOPELESS:
                raise
            return Unknown(error)

    with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="tristore-s3-look") as pool:
        # The first call learns where the bucket is.
        stored = part(read_stored)
        tags = pool.submit(part, read_tags)
        retention = pool.submit(part, read_retention)
        hold = pool.submit(part, read_legal_hold)
        acl = pool.submit(part, _acl)
        return ObjectProperties(
            bucket,
            key,
            stored,
            tags.result(),
            retention.result(),
            hold.result(),
            acl.result(),
        )


def read_stored(s3: S3Calls, bucket: str, key: str) -> Stored:
    """What HeadObject says, checksums included where they may be read. Raises ServiceError."""
    return stored_of(head(s3, bucket, key))


def head(s3: S3Calls, bucket: str, key: str) -> Mapping[str, Any]:
    """HeadObject's answer. Raises ServiceError."""
    action = f"read the details of {key!r}"
    request = {"Bucket": bucket, "Key": key}
    answer: Mapping[str, Any]
    try:
        answer = s3.call(action, _head_object, ChecksumMode="ENABLED", **request)
    except ServiceError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
        # The checksum of what a KMS key encrypts needs a permission for that key.
        answer = s3.call(action, _head_object, **request)
    return answer


def stored_of(answer: Mapping[str, Any]) -> Stored:
    """The model of HeadObject's answer."""
    modified: datetime | None = answer.get("LastModified")
    names = [name for name in answer if name.startswith("Checksum") and name != "ChecksumType"]
    return Stored(
        size=int(answer["ContentLength"]),
        modified=modified.astimezone(UTC) if modified else None,
        etag=str(answer.get("ETag", "")).strip('"'),
        version_id=str(answer.get("VersionId", "")),
        storage_class=answer.get("StorageClass") or "STANDARD",
        encryption=_encryption(answer),
        headers={name: text for name in HEADERS if (text := _header(answer, name))},
        metadata=dict(answer.get("Metadata") or {}),
        checksums=tuple((name.removeprefix("Checksum"), str(answer[name])) for name in names),
        checksum_type=str(answer.get("ChecksumType", "")),
        restore=_restore(str(answer.get("Restore", ""))),
        archive_status=str(answer.get("ArchiveStatus", "")),
        other=tuple(
            (label, str(answer[name])) for name, label in OTHER_HEADERS.items() if name in answer
        ),
    )


def _header(answer: Mapping[str, Any], name: str) -> str:
    # The SDK reads the date of `Expires`, and leaves the text beside it.
    value = answer.get(name)
    if name == "Expires":
        value = answer.get("ExpiresString") or value
    return "" if value is None else str(value)


def _encryption(answer: Mapping[str, Any]) -> Encryption:
    if answer.get("SSECustomerAlgorithm"):
        return Encryption(str(answer["SSECustomerAlgorithm"]), customer=True)
    return Encryption(
        str(answer.get("ServerSideEncryption", "")),
        str(answer.get("SSEKMSKeyId", "")),
        bool(answer.get("BucketKeyEnabled")),
    )


def _restore(header: str) -> str:
    """`ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"` in words."""
    if not header:
        return ""
    if 'ongoing-request="true"' in header:
        return "in progress"
    _, _, until = header.partition('expiry-date="')
    return f"until {until.rstrip(chr(34))}" if until else header


def read_tags(s3: S3Calls, bucket: str, key: str) -> Tags:
    """The tags of an object, in the server's order. Raises ServiceError."""
    try:
        answer = s3.call(
            f"read the tags of {key!r}",
            lambda client: client.get_object_tagging,
            Bucket=bucket,
            Key=key,
        )
    except ServiceError as error:
        if error.code in _NO_TAGS:
            return {}
        raise
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def read_retention(s3: S3Calls, bucket: str, key: str) -> Retention | Lockless | None:
    """Until when an object is kept; None if nothing is set. Raises ServiceError."""
    return _locked(
        lambda: _retention_of(
            s3.call(
                f"read the retention of {key!r}",
                lambda client: client.get_object_retention,
                Bucket=bucket,
                Key=key,
            )
        )
    )


def _retention_of(answer: Mapping[str, Any]) -> Retention | None:
    found: Mapping[str, Any] = answer.get("Retention") or {}
    mode, until = found.get("Mode"), found.get("RetainUntilDate")
    return Retention(str(mode), until.astimezone(UTC)) if mode and until else None


def read_legal_hold(s3: S3Calls, bucket: str, key: str) -> bool | Lockless | None:
    """Whether an object has a legal hold; None if none was ever set. Raises ServiceError."""
    return _locked(
        lambda: _hold_of(
            s3.call(
                f"read the legal hold of {key!r}",
                lambda client: client.get_object_legal_hold,
                Bucket=bucket,
                Key=key,
            )
        )
    )


def _hold_of(answer: Mapping[str, Any]) -> bool | None:
    status = (answer.get("LegalHold") or {}).get("Status")
    return status == "ON" if status else None


def _locked(read: Callable[[], T]) -> T | Lockless | None:
    try:
        return read()
    except ServiceError as error:
        if error.code in _NOT_LOCKED:
            return None
        if error.code in _UNKNOWN_FUNCTION:
            return Lockless()
        if error.code in _NO_LOCK_HERE and "lock" in error.cause.lower():
            return Lockless()
        raise


def _acl(s3: S3Calls, bucket: str, key: str) -> Acl:
    try:
        answer: Mapping[str, Any] = s3.call(
            f"read the ACL of {key!r}", lambda client: client.get_object_acl, Bucket=bucket, Key=key
        )
    except ServiceError as error:
        if error.code in _UNKNOWN_FUNCTION:
            return Acl("", "", ())  # the server has no ACLs
        raise
    owner = answer.get("Owner") or {}
    grants: Sequence[Mapping[str, Any]] = answer.get("Grants") or ()
    return Acl(
        owner=str(owner.get("DisplayName") or owner.get("ID") or ""),
        owner_id=str(owner.get("ID") or ""),
        grants=tuple((_grantee(each), str(each.get("Permission", ""))) for each in grants),
    )


def _grantee(grant: Mapping[str, Any]) -> str:
    who = grant.get("Grantee") or {}
    if who.get("URI"):
        return f'uri="{who["URI"]}"'
    if who.get("EmailAddress"):
        return f'emailAddress="{who["EmailAddress"]}"'
    return f'id="{who.get("ID") or ""}"'


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _head_object(client: S3Client) -> Callable[..., Any]:
    return client.head_object
