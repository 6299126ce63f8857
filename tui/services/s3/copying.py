"""Objects copied on the server's side, and the source deleted after it for a move. Blocking.

What a copy keeps: metadata, content headers, tags, storage class, encryption and checksum
algorithm. Not ACLs, retention and legal hold, which belong to the place.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.data_plane import MIB
from tui.services.s3.multipart import part_bytes

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SINGLE_COPY_BYTES = 5 * 1024**3
"""The largest object that one CopyObject takes; above it is copied in parts."""

SMALLEST_PART = 256 * MIB
PARTS_AT_ONCE = 8

_HEADERS = (
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

_UNMET = {"PreconditionFailed", "412", "ConditionalRequestConflict"}
_NO_CONDITIONS = {"NotImplemented", "501"}
_MISSING = {"404", "NoSuchKey", "NotFound"}


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

    @property
    def source(self) -> dict[str, str]:
        """What CopySource says."""
        version = {"VersionId": self.version_id} if self.version_id else {}
        return {"Bucket": self.bucket, "Key": self.key, **version}


def put_folder(s3: S3Calls, bucket: str, prefix: str, *, at: Connection | None = None) -> None:
    """Store the zero-byte marker of a folder; `prefix` ends in "/".

    Raises ServiceError; EXISTS if the marker is there already.
    """
    s3 = s3.on(at)
    request: dict[str, Any] = {"Bucket": bucket, "Key": prefix, "Body": b""}
    action = f"make the folder {prefix!r}"

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        return Look.NOT_DONE if _head(s3, bucket, prefix) is None else Look.UNCLEAR

    def send(**condition: str) -> None:
        s3.change(action, _put_object, lambda _: None, look, **request, **condition)

    try:
        send(IfNoneMatch="*")
    except ServiceError as error:
        if error.code in _UNMET:
            raise exists_now(prefix, error.cause) from error
        if error.code not in _NO_CONDITIONS:
            raise
        if _head(s3, bucket, prefix) is not None:
            raise exists_now(prefix, "") from error
        send()


def copy_object(s3: S3Calls, copy: ObjectCopy, *, at: Connection | None = None) -> str:
    """Copy one object of any size; gives the ETag of the copy, after a look at it.

    Raises ServiceError: CHANGED if the source is not what was listed, or what was to be
    overwritten is another object by now; EXISTS if something has come into being there.
    """
    s3 = s3.on(at)
    head = _source_head(s3, copy)
    # Not every server knows the conditions on a copy.
    there = _head(s3, copy.to_bucket, copy.to_key)
    if there is not None and _etag(there) != copy.replaces:
        raise _replaced_changed(copy, "") if copy.replaces else exists_now(copy.to_key, "")
    kept = _placed(s3, copy, head)
    size = int(head["ContentLength"])
    try:
        if size <= SINGLE_COPY_BYTES:
            etag = _copy_whole(s3, copy, head, kept)
        else:
            etag = _copy_in_parts(s3, copy, head, kept, size)
    except ServiceError as error:
        if error.code in _UNMET:
            raise _unmet(s3, copy, error) from error
        raise
    stored = _head(s3, copy.to_bucket, copy.to_key)
    if stored is None or int(stored["ContentLength"]) != size or _etag(stored) != etag:
        raise ServiceError(
            f"The copy {copy.to_key!r} is not what was copied: it was changed meanwhile.",
            hint="The source is as it was.",
            kind=ErrorKind.CHANGED,
        )
    return etag


def delete_copied(s3: S3Calls, copy: ObjectCopy, *, at: Connection | None = None) -> None:
    """Delete the source of a copy, if it is still what was copied. Where the bucket keeps
    versions it gets a delete marker. Raises ServiceError; CHANGED if it stays for that reason."""
    s3 = s3.on(at)
    _source_head(s3, copy)
    request: dict[str, Any] = {"Bucket": copy.bucket, "Key": copy.key}
    action = f"delete {copy.key!r}"

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        there = _head(s3, copy.bucket, copy.key)
        return Done(None) if there is None else Look.NOT_DONE

    def send(**condition: str) -> None:
        s3.change(action, _delete_object, lambda _: None, look, **request, **condition)

    try:
        send(**({"IfMatch": f'"{copy.etag}"'} if copy.etag else {}))
    except ServiceError as error:
        if error.code in _UNMET:
            raise _source_changed(copy.key, error.cause) from error
        if error.code not in _NO_CONDITIONS:
            raise
        send()


# -- the copy itself -----------------------------------------------------------------------


def _copy_whole(
    s3: S3Calls, copy: ObjectCopy, head: Mapping[str, Any], kept: Mapping[str, Any]
) -> str:
    request: dict[str, Any] = {
        "Bucket": copy.to_bucket,
        "Key": copy.to_key,
        "CopySource": copy.source,
        "MetadataDirective": "COPY",
        **kept,
        **_source_condition(head),
        **_condition(copy),
    }

    def look(_: Mapping[str, Any]) -> Done[str] | Look:
        stored = _head(s3, copy.to_bucket, copy.to_key)
        if stored is None or (copy.replaces and _etag(stored) == copy.replaces):
            return Look.NOT_DONE
        same = _etag(stored) == _etag(head)
        return Done(_etag(stored)) if same else Look.UNCLEAR

    def read(answer: Mapping[str, Any]) -> str:
        return str(answer["CopyObjectResult"].get("ETag", "")).strip('"')

    return s3.change(f"copy {copy.key!r}", _copy_object, read, look, **request)


def _copy_in_parts(
    s3: S3Calls, copy: ObjectCopy, head: Mapping[str, Any], kept: Mapping[str, Any], size: int
) -> str:
    if head.get("MissingMeta"):
        raise ServiceError(
            f"{copy.key!r} was not copied: it has metadata that no answer can say.",
            hint="It is over 5 GiB, so its metadata cannot be taken over by the server.",
            kind=ErrorKind.INVALID,
        )
    action = f"copy {copy.key!r}"
    place = {"Bucket": copy.to_bucket, "Key": copy.to_key}
    begin: dict[str, Any] = {
        **place,
        **{name: head[name] for name in _HEADERS if head.get(name)},
        **kept,
    }
    tags = _tags(s3, copy) if head.get("TagCount") else ""
    if tags:
        begin["Tagging"] = tags
    upload = str(s3.call(action, _create_upload, **begin)["UploadId"])
    place["UploadId"] = upload
    step = part_bytes(size, SMALLEST_PART)

    def part(number: int) -> dict[str, Any]:
        start = (number - 1) * step
        sent: dict[str, Any] = {
            **place,
            "PartNumber": number,
            "CopySource": copy.source,
            "CopySourceRange": f"bytes={start}-{min(start + step, size) - 1}",
            **_source_condition(head),
        }
        result = s3.call(action, _upload_part_copy, **sent)["CopyPartResult"]
        sums = {name: value for name, value in result.items() if name.startswith("Checksum")}
        return {"PartNumber": number, "ETag": result["ETag"], **sums}

    try:
        with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="tristore-s3-copy") as pool:
            parts = list(pool.map(part, range(1, -(-size // step) + 1)))
        return _complete(s3, copy, place, parts)
    except BaseException as error:
        unknown = isinstance(error, ServiceError) and error.kind is ErrorKind.UNKNOWN
        if not unknown:
            _abort(s3, place)
        raise


def _complete(
    s3: S3Calls, copy: ObjectCopy, place: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]
) -> str:
    def read(answer: Mapping[str, Any]) -> str:
        return str(answer.get("ETag", "")).strip('"')

    return s3.change(
        f"copy {copy.key!r}",
        _complete_upload,
        read,
        lambda _: Look.UNCLEAR,
        **place,
        MultipartUpload={"Parts": parts},
        **_condition(copy),
    )


def _abort(s3: S3Calls, place: Mapping[str, Any]) -> None:
    try:
        s3.call("abort the copy", _abort_upload, **place)
    except ServiceError:
        return  # what made it fail is told; cleanup shows uploads that were left


def _placed(s3: S3Calls, copy: ObjectCopy, head: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: head[name] for name in _PLACED if head.get(name)}
    same_region = s3.region_of(copy.bucket) == s3.region_of(copy.to_bucket)
    if head.get("SSEKMSKeyId") and same_region:
        # A KMS key works in its own region only; elsewhere the default key of that region does.
        kept["SSEKMSKeyId"] = head["SSEKMSKeyId"]
    sums = [name for name in head if name.startswith("Checksum") and name != "ChecksumType"]
    if sums:
        kept["ChecksumAlgorithm"] = sums[0].removeprefix("Checksum")
    return kept


def _condition(copy: ObjectCopy) -> dict[str, str]:
    return {"IfMatch": f'"{copy.replaces}"'} if copy.replaces else {"IfNoneMatch": "*"}


def _source_condition(head: Mapping[str, Any]) -> dict[str, str]:
    return {"CopySourceIfMatch": head["ETag"]} if head.get("ETag") else {}


# -- looking -------------------------------------------------------------------------------


def _source_head(s3: S3Calls, copy: ObjectCopy) -> Mapping[str, Any]:
    """The source as it is now, which is what was listed. Raises ServiceError (CHANGED)."""
    request: dict[str, Any] = {**copy.source, "ChecksumMode": "ENABLED"}
    head: Mapping[str, Any] = s3.call(f"look up {copy.key!r}", _head_object, **request)
    if copy.etag and _etag(head) != copy.etag:
        raise _source_changed(copy.key, "")
    return head


def _head(s3: S3Calls, bucket: str, key: str) -> Mapping[str, Any] | None:
    try:
        answer: Mapping[str, Any] = s3.call(
            f"look up {key!r}", _head_object, Bucket=bucket, Key=key
        )
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND or error.code in _MISSING:
            return None
        raise
    return answer


def _tags(s3: S3Calls, copy: ObjectCopy) -> str:
    answer = s3.call(f"read the tags of {copy.key!r}", _get_tags, **copy.source)
    return urlencode([(tag["Key"], tag["Value"]) for tag in answer["TagSet"]], quote_via=quote)


def _etag(head: Mapping[str, Any]) -> str:
    return str(head.get("ETag", "")).strip('"')


def _unmet(s3: S3Calls, copy: ObjectCopy, error: ServiceError) -> ServiceError:
    """Which of the two conditions was not met."""
    _source_head(s3, copy)
    if not copy.replaces:
        return exists_now(copy.to_key, error.cause)
    return _replaced_changed(copy, error.cause)


def _replaced_changed(copy: ObjectCopy, cause: str) -> ServiceError:
    return ServiceError(
        f"{copy.to_key!r} was changed after you chose to overwrite it. It was left as it is.",
        cause=cause,
        kind=ErrorKind.CHANGED,
    )


def exists_now(key: str, cause: str) -> ServiceError:
    """The error for a key that holds something, where nothing may be overwritten."""
    return ServiceError(
        f"{key!r} exists already. It was left as it is.", cause=cause, kind=ErrorKind.EXISTS
    )


def _source_changed(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key!r} was changed after it was listed. It was left as it is.",
        cause=cause,
        hint="Press r to see it as it is now.",
        kind=ErrorKind.CHANGED,
    )


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _put_object(client: S3Client) -> Callable[..., Any]:
    return client.put_object


def _head_object(client: S3Client) -> Callable[..., Any]:
    return client.head_object


def _get_tags(client: S3Client) -> Callable[..., Any]:
    return client.get_object_tagging


def _copy_object(client: S3Client) -> Callable[..., Any]:
    return client.copy_object


def _delete_object(client: S3Client) -> Callable[..., Any]:
    return client.delete_object


def _create_upload(client: S3Client) -> Callable[..., Any]:
    return client.create_multipart_upload


def _upload_part_copy(client: S3Client) -> Callable[..., Any]:
    return client.upload_part_copy


def _complete_upload(client: S3Client) -> Callable[..., Any]:
    return client.complete_multipart_upload


def _abort_upload(client: S3Client) -> Callable[..., Any]:
    return client.abort_multipart_upload
