"""What is copied: an object as it was listed, what HeadObject says of it now, and what of that a
copy takes along. Blocking.

A copy keeps metadata, content headers, tags, storage class, encryption, website redirect and
checksum algorithm. Not ACLs, retention and legal hold, which are about the place.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.data.stored_name import explain_refused_name

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
)
"""What CopyObject takes over by itself, and a copy in parts must be told."""

_PLACED = ("StorageClass", "WebsiteRedirectLocation", "ServerSideEncryption", "BucketKeyEnabled")
"""What is never taken over by itself."""

UNMET = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
"""Codes of a write whose condition was not met."""

NO_CONDITIONS = frozenset({"NotImplemented", "501"})
"""Codes of a server that does not know the condition of a write."""

_MISSING = frozenset({"404", "NoSuchKey", "NotFound"})


@dataclass(frozen=True, slots=True)
class ObjectCopy:
    """One object to copy, and where to."""

    bucket: str
    key: str
    etag: str
    """As listed: another object under this key is not copied."""
    to_bucket: str
    to_key: str
    replaces: str = ""
    """The ETag of what may be overwritten; empty writes only where nothing is."""
    version_id: str = ""
    """A version; empty is the present one."""
    size: int = 0
    """Bytes, as listed."""

    @property
    def source(self) -> dict[str, str]:
        """What CopySource says."""
        version = {"VersionId": self.version_id} if self.version_id else {}
        return {"Bucket": self.bucket, "Key": self.key, **version}


@dataclass(frozen=True)
class CopySource:
    """The source as it is now, and what its copy is told to be."""

    copy: ObjectCopy
    head: Mapping[str, Any]
    """HeadObject's answer."""
    placed: Mapping[str, Any]
    """What the copy is told, because it is never taken over by itself."""

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.head["ContentLength"])

    @property
    def etag(self) -> str:
        """Without quotes; empty if the server gives none."""
        return etag_of(self.head)

    @property
    def condition(self) -> dict[str, str]:
        """Copies only what was looked at."""
        return {"CopySourceIfMatch": self.head["ETag"]} if self.head.get("ETag") else {}

    def is_same(self, stored: Mapping[str, Any]) -> bool:
        """Whether an object, by HeadObject's answer, holds the same bytes and says the same of
        them: ETag or a checksum of the whole, size, content headers and metadata."""
        if int(stored["ContentLength"]) != self.size:
            return False
        if any((stored.get(name) or None) != (self.head.get(name) or None) for name in HEADERS):
            return False
        if self.etag and etag_of(stored) == self.etag:
            return True
        mine = whole_checksums(self.head)
        return any(mine.get(name) == value for name, value in whole_checksums(stored).items())


def read_source(s3: S3Calls, copy: ObjectCopy) -> CopySource:
    """The source, which is what was listed. Raises ServiceError; CHANGED if it is not."""
    request: dict[str, Any] = {**copy.source, "ChecksumMode": "ENABLED"}
    try:
        head: Mapping[str, Any] = s3.call(f"look up {copy.key!r}", head_object, **request)
    except ServiceError as error:
        if error.code == "400" and not error.hint:
            error.hint = "Objects that are encrypted with a key of the customer's are not copied."
        raise
    if copy.etag and etag_of(head) != copy.etag:
        raise source_changed(copy.key, "")
    return CopySource(copy, head, _placed(s3, copy, head))


def _placed(s3: S3Calls, copy: ObjectCopy, head: Mapping[str, Any]) -> dict[str, Any]:
    placed = {name: head[name] for name in _PLACED if head.get(name)}
    same_region = s3.region_of(copy.bucket) == s3.region_of(copy.to_bucket)
    if head.get("SSEKMSKeyId") and same_region:
        # A KMS key works in its own region only; elsewhere the default key of that region does.
        placed["SSEKMSKeyId"] = head["SSEKMSKeyId"]
    sums = [name for name in head if name.startswith("Checksum") and name != "ChecksumType"]
    if sums:
        placed["ChecksumAlgorithm"] = sums[0].removeprefix("Checksum")
    return placed


def whole_checksums(head: Mapping[str, Any]) -> dict[str, str]:
    """The checksums of an object's whole content, by their names."""
    if head.get("ChecksumType", "FULL_OBJECT") != "FULL_OBJECT":
        return {}
    names = [name for name in head if name.startswith("Checksum") and name != "ChecksumType"]
    # A checksum of checksums ends in "-" and the number of parts.
    return {name: str(head[name]) for name in names if "-" not in str(head[name])}


def tags_of(s3: S3Calls, named: Mapping[str, Any]) -> str:
    """The tags of an object (Bucket, Key, VersionId) as a query string. Raises ServiceError."""
    try:
        answer = s3.call(f"read the tags of {named['Key']!r}", _get_tags, **named)
    except ServiceError as error:
        if error.code in NO_CONDITIONS:
            return ""  # the server has no tags
        raise
    tags = sorted((tag["Key"], tag["Value"]) for tag in answer["TagSet"])
    return urlencode(tags, quote_via=quote)


def head_or_none(s3: S3Calls, bucket: str, key: str, **more: Any) -> Mapping[str, Any] | None:
    """HeadObject's answer; None if nothing is there. Raises ServiceError."""
    try:
        answer: Mapping[str, Any] = s3.call(
            f"look up {key!r}", head_object, Bucket=bucket, Key=key, **more
        )
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND or error.code in _MISSING:
            return None
        explain_refused_name(error, key)
        raise
    return answer


def etag_of(head: Mapping[str, Any]) -> str:
    """The ETag in an answer, without quotes; empty if there is none."""
    return str(head.get("ETag", "")).strip('"')


# -- what is said ----------------------------------------------------------------------------


def exists_now(key: str, cause: str) -> ServiceError:
    """The error for a key that holds something, where nothing may be overwritten."""
    return ServiceError(
        f"{key!r} exists already. It was left as it is.", cause=cause, kind=ErrorKind.EXISTS
    )


def source_changed(key: str, cause: str) -> ServiceError:
    """The error for a source that is not any more what was listed."""
    return ServiceError(
        f"{key!r} was changed after it was listed. It was left as it is.",
        cause=cause,
        hint="Press r to see it as it is now.",
        kind=ErrorKind.CHANGED,
    )


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def head_object(client: S3Client) -> Callable[..., Any]:
    return client.head_object


def _get_tags(client: S3Client) -> Callable[..., Any]:
    return client.get_object_tagging
