"""An object written anew with other properties: a copy onto itself, which keeps all the others.

CopyObject takes over the content, and the tags; whatever else it is not told is lost. Up to 5 GiB
in one call, above that in parts. Blocking.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tui.services.aws import Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quantities import size_text
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying.copy_parts import abort_copy, complete_upload, copy_part, create_upload
from tui.services.s3.data.data_plane import MIB
from tui.services.s3.data.multipart import part_bytes
from tui.services.s3.models import Unknown
from tui.services.s3.properties.models import HEADERS, Acl, Retention, Stored
from tui.services.s3.properties.properties import read_stored
from tui.services.s3.properties.property_changes import (
    SINGLE_COPY_BYTES,
    PlannedChange,
    http_date,
    patched,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SMALLEST_PART = 256 * MIB
PARTS_AT_ONCE = 8

_NO_CONDITIONS = {"NotImplemented", "501"}

_GRANTS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}


class PartsWatch:
    """How far objects that are written anew in parts are, and whether that is to end: no part
    begins then, and those that were copied are removed. Shared by threads."""

    def __init__(self, is_stopped: Callable[[], bool] = lambda: False) -> None:
        self.is_stopped = is_stopped
        self._lock = threading.Lock()
        self._copied: dict[str, tuple[int, int]] = {}
        """Key -> bytes that were copied, and bytes in all; only while it is under way."""

    def began(self, key: str, size: int) -> None:
        """An object is being copied, from its beginning."""
        with self._lock:
            self._copied[key] = 0, size

    def copied(self, key: str, size: int) -> None:
        """So many bytes more were copied."""
        with self._lock:
            done, whole = self._copied[key]
            self._copied[key] = done + size, whole

    def ended(self, key: str) -> None:
        """It is written, or given up."""
        with self._lock:
            self._copied.pop(key, None)

    @property
    def state(self) -> str:
        """How far they are, in words; empty if none is under way."""
        with self._lock:
            under_way = list(self._copied.values())
        done, whole = (sum(each[at] for each in under_way) for at in (0, 1))
        return f"{size_text(done)} of {size_text(whole)} copied" if under_way else ""


def rewrite(
    s3: S3Calls, planned: PlannedChange, stored: Stored, watch: PartsWatch | None = None
) -> None:
    """Write an object anew as planned; `stored` is what it is now. `watch` follows what is copied
    in parts, and can end it (CANCELLED).

    Raises ServiceError; CHANGED if another object is there by now. What the server did not keep is
    an error, too, though it is written then.
    """
    bucket, key = planned.properties.bucket, planned.properties.key
    request = written(planned, stored)
    wanted_headers = patched(stored.headers, planned.change.headers)
    wanted_metadata = patched(stored.metadata, planned.change.metadata)
    place = {"Bucket": bucket, "Key": key}
    quoted = f'"{stored.etag}"'
    source = {"CopySource": dict(place), "CopySourceIfMatch": quoted}

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        now = read_stored(s3, bucket, key)
        if (now.etag, now.version_id, now.modified) == (
            stored.etag,
            stored.version_id,
            stored.modified,
        ):
            return Look.NOT_DONE
        same = now.metadata == wanted_metadata and now.size == stored.size
        return Done(None) if same else Look.UNCLEAR

    action = f"change {key!r}"
    if stored.size > SINGLE_COPY_BYTES:
        begin = {**place, **request}
        tags = _tags_of(planned)
        watch = watch or PartsWatch()
        try:
            _in_parts(s3, action, begin, source, stored, tags, watch)
        except ServiceError as error:
            if "checksum" not in error.cause or not begin.pop("ChecksumAlgorithm", None):
                raise
            # MinIO computes no checksum of a copied part, and then misses it.
            _in_parts(s3, action, begin, source, stored, tags, watch)
    else:
        once: dict[str, Any] = {**place, **request, **source, "MetadataDirective": "REPLACE"}
        if planned.change.tags:
            once |= {"TaggingDirective": "REPLACE", "Tagging": _tags_of(planned)}
        try:
            s3.change(action, _copy_object, lambda _: None, look, **once, IfMatch=quoted)
        except ServiceError as error:
            if error.code not in _NO_CONDITIONS:
                raise
            s3.change(action, _copy_object, lambda _: None, look, **once)
    _check(read_stored(s3, bucket, key), stored, wanted_headers, wanted_metadata, key)


def written(planned: PlannedChange, stored: Stored) -> dict[str, Any]:
    """Everything that the new object is told to be, for CopyObject and CreateMultipartUpload."""
    change, properties = planned.change, planned.properties
    headers: dict[str, Any] = patched(stored.headers, change.headers)
    if "Expires" in headers:
        headers["Expires"] = http_date(headers["Expires"])
    request = {**headers, "Metadata": patched(stored.metadata, change.metadata)}
    storage_class = change.storage_class or stored.storage_class
    if storage_class != "STANDARD" or change.storage_class:
        request["StorageClass"] = storage_class
    encryption = change.encryption or stored.encryption
    if encryption.algorithm:
        request["ServerSideEncryption"] = encryption.algorithm
    if encryption.key:
        request["SSEKMSKeyId"] = encryption.key
    if encryption.bucket_key:
        request["BucketKeyEnabled"] = True
    if stored.checksums:
        request["ChecksumAlgorithm"] = stored.checksums[0][0]
    retention = properties.retention
    if isinstance(retention, Retention) and retention.holds:
        request["ObjectLockMode"] = retention.mode
        request["ObjectLockRetainUntilDate"] = retention.until
    if properties.legal_hold is True:
        request["ObjectLockLegalHoldStatus"] = "ON"
    if isinstance(properties.acl, Acl) and not properties.acl.is_private:
        request |= _grants(properties.acl)
    return request


def _grants(acl: Acl) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for grantee, permission in acl.grants:
        if permission in _GRANTS:
            found.setdefault(_GRANTS[permission], []).append(grantee)
    return {name: ", ".join(grantees) for name, grantees in found.items()}


def _tags_of(planned: PlannedChange) -> str:
    """The tags that the object is to have, as a query string."""
    tags = planned.properties.tags
    if isinstance(tags, Unknown):
        raise ServiceError(
            f"{planned.key!r} was not changed: its tags could not be read, and would be lost.",
            cause=tags.error.cause,
            hint=tags.error.hint,
            kind=tags.error.kind,
        )
    after = patched(tags, planned.change.tags)
    return urlencode(list(after.items()), quote_via=quote)


def _in_parts(
    s3: S3Calls,
    action: str,
    begin: Mapping[str, Any],
    source: Mapping[str, Any],
    stored: Stored,
    tags: str,
    watch: PartsWatch,
) -> None:
    more = {"Tagging": tags} if tags else {}
    if stored.checksum_type and str(begin.get("ChecksumAlgorithm", "")).startswith("CRC"):
        more["ChecksumType"] = stored.checksum_type
    upload = str(s3.call(action, create_upload, **begin, **more)["UploadId"])
    place = {"Bucket": begin["Bucket"], "Key": begin["Key"], "UploadId": upload}
    step = part_bytes(stored.size, SMALLEST_PART)

    def part(number: int) -> dict[str, Any]:
        if watch.is_stopped():
            raise _stopped(key)
        start = (number - 1) * step
        copied = range(start, min(start + step, stored.size))
        made = copy_part(s3, action, place, source, number, copied)
        watch.copied(key, len(copied))
        return made

    key = str(begin["Key"])
    watch.began(key, stored.size)
    try:
        with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="tristore-s3-copy") as pool:
            parts = list(pool.map(part, range(1, -(-stored.size // step) + 1)))
        if watch.is_stopped():
            raise _stopped(key)
        s3.change(
            action,
            complete_upload,
            lambda _: None,
            lambda _: Look.UNCLEAR,
            **place,
            MultipartUpload={"Parts": parts},
            IfMatch=f'"{stored.etag}"',
        )
    except BaseException as error:
        if not (isinstance(error, ServiceError) and error.kind is ErrorKind.UNKNOWN):
            _abort(s3, place)
        raise
    finally:
        watch.ended(key)


def _stopped(key: str) -> ServiceError:
    return ServiceError(
        f"{key!r} was not changed: it was stopped between two parts, which are removed.",
        kind=ErrorKind.CANCELLED,
    )


def _abort(s3: S3Calls, place: Mapping[str, Any]) -> None:
    # What made it fail is told; cleanup shows uploads that were left.
    with contextlib.suppress(ServiceError):
        abort_copy(s3, place)


def _check(
    now: Stored,
    before: Stored,
    headers: Mapping[str, str],
    metadata: Mapping[str, str],
    key: str,
) -> None:
    """Raise ServiceError if what is stored now is not what was written."""
    lost = [HEADERS[name] for name in HEADERS if not _is_same(name, now.headers, headers)]
    if now.metadata != metadata:
        lost.append("Metadata")
    if now.size != before.size:
        raise ServiceError(
            f"{key!r} was changed by somebody else meanwhile.",
            hint="Press r to see it as it is now.",
            kind=ErrorKind.CHANGED,
        )
    if lost:
        raise ServiceError(
            f"{key!r} was written, but the server did not store all of it as it was sent.",
            cause=f"Other than sent: {', '.join(lost)}.",
            hint="Press i to see what is stored.",
        )


def _is_same(name: str, now: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    if name == "ContentType" and name not in wanted:
        return True  # S3 gives an object without one a type of its own
    one, other = now.get(name, ""), wanted.get(name, "")
    return one == other or (name == "Expires" and http_date(one) == http_date(other))


def _copy_object(client: S3Client) -> Callable[..., Any]:
    # Which parameters are sent is known only when it runs, so the stubs cannot check them.
    return client.copy_object
