"""Multipart uploads that were begun and neither completed nor aborted: their parts are billed.

Blocking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tui.services.aws import Connection, Paging
from tui.services.errors import ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import PAGE, decode_key

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListMultipartUploadsOutputTypeDef, ListPartsOutputTypeDef


@dataclass(frozen=True)
class MultipartUpload:
    """One multipart upload under way, or left behind."""

    key: str
    upload_id: str
    begun: datetime | None
    """None if the server does not say."""


def _decoded(answer: ListMultipartUploadsOutputTypeDef) -> ListMultipartUploadsOutputTypeDef:
    """What the SDK does by itself for every other listing, but not for this one."""
    if answer.get("EncodingType") == "url":
        for row in answer.get("Uploads", ()):
            row["Key"] = decode_key(row["Key"])
        if "NextKeyMarker" in answer:
            answer["NextKeyMarker"] = decode_key(answer["NextKeyMarker"])
    return answer


_UPLOADS = Paging(
    {"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"}, decode=_decoded
)

_PARTS: Paging[ListPartsOutputTypeDef] = Paging({"NextPartNumberMarker": "PartNumberMarker"})


def list_uploads(
    s3: S3Calls, bucket: str, *, at: Connection, limit: int = PAGE
) -> Iterator[list[MultipartUpload]]:
    """Every multipart upload of a bucket that is under way or left behind, at most `limit` (1 to
    1,000) at a time. Raises ServiceError."""
    for answer in s3.on(at, owned=True).pages(
        f"list the multipart uploads in {bucket}",
        lambda client: client.list_multipart_uploads,
        _UPLOADS,
        Bucket=bucket,
        MaxUploads=limit,
        EncodingType="url",
    ):
        yield [
            MultipartUpload(row["Key"], row["UploadId"], row.get("Initiated"))
            for row in answer.get("Uploads", ())
        ]


def upload_bytes(s3: S3Calls, bucket: str, upload: MultipartUpload, *, at: Connection) -> int:
    """The bytes of an upload's parts; 0 if it was completed or aborted meanwhile. Raises
    ServiceError if they may not be listed."""
    size = 0
    try:
        for page in s3.on(at, owned=True).pages(
            f"list the parts of the upload of {upload.key}",
            lambda client: client.list_parts,
            _PARTS,
            Bucket=bucket,
            Key=upload.key,
            UploadId=upload.upload_id,
        ):
            size += sum(part.get("Size", 0) for part in page.get("Parts", ()))
    except ServiceError as error:
        if error.code != "NoSuchUpload":
            raise
        return 0
    return size


def abort_upload(s3: S3Calls, bucket: str, upload: MultipartUpload, *, at: Connection) -> None:
    """Abort one upload; one that is gone already is aborted. Raises ServiceError."""
    try:
        s3.on(at, owned=True).call(
            f"abort the upload of {upload.key}",
            lambda client: client.abort_multipart_upload,
            Bucket=bucket,
            Key=upload.key,
            UploadId=upload.upload_id,
        )
    except ServiceError as error:
        if error.code != "NoSuchUpload":
            raise
