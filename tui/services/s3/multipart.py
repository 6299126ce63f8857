"""An object that is uploaded in parts: nothing of it can be seen before the last step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, settled, translating
from tui.services.errors import ServiceError
from tui.services.s3.body import CountedBody, StoppedError
from tui.services.s3.data_plane import HOW_TO_LOOK, MIB, DataPlane, Write, md5_of

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import (
        CompleteMultipartUploadRequestTypeDef,
        CreateMultipartUploadRequestTypeDef,
    )

MAX_PARTS = 10_000
MAX_PART_BYTES = 5 * 1024**3
"""S3's limits of a multipart upload ("Amazon S3 multipart upload limits")."""

SINGLE_BYTES = 8 * MIB
"""Up to this size an object goes in one request; above, in parts of at least this size."""


def part_bytes(size: int, smallest: int = SINGLE_BYTES) -> int:
    """The size of the parts of an object: whole MiB, so that there are at most 10,000."""
    needed = -(-size // MAX_PARTS)
    return max(smallest, -(-needed // MIB) * MIB)


class MultipartUpload:
    """One multipart upload. Blocking; parts may be sent by several threads at once.

    Every method raises ServiceError; StoppedError when a part's body is stopped.
    """

    def __init__(self, data: DataPlane, write: Write, upload_id: str, parts: int) -> None:
        self._data = data
        self._write = write
        self._upload_id = upload_id
        self._etags = [""] * parts

    @classmethod
    def begin(cls, data: DataPlane, write: Write, parts: int) -> MultipartUpload:
        """Begin the upload of an object in so many parts."""
        request: CreateMultipartUploadRequestTypeDef = {"Bucket": write.bucket, "Key": write.key}
        if write.content_type:
            request["ContentType"] = write.content_type
        with translating(f"begin the upload of {write.key}"):
            created = data.client.create_multipart_upload(**request)
        return cls(data, write, created["UploadId"], parts)

    def send(self, number: int, body: CountedBody) -> None:
        """Send the part of that number, counted from 1."""
        body.seek(0)
        stream: Any = body  # the stubs ask for more methods than the SDK calls
        with translating(f"upload {self._write.key}"):
            try:
                answer = self._data.client.upload_part(
                    Bucket=self._write.bucket,
                    Key=self._write.key,
                    UploadId=self._upload_id,
                    PartNumber=number,
                    Body=stream,
                    ContentLength=len(body),
                )
            except StoppedError:
                if body.failure is not None:
                    raise body.failure from None
                raise
        self._etags[number - 1] = answer["ETag"]

    def complete(self) -> None:
        """Make the object of the parts."""
        request: CompleteMultipartUploadRequestTypeDef = {
            "Bucket": self._write.bucket,
            "Key": self._write.key,
            "UploadId": self._upload_id,
            "MultipartUpload": {
                "Parts": [{"PartNumber": n, "ETag": etag} for n, etag in enumerate(self._etags, 1)]
            },
        }
        if self._write.if_new:
            request["IfNoneMatch"] = "*"
        elif self._write.if_etag:
            request["IfMatch"] = f'"{self._write.if_etag}"'
        with translating(f"complete the upload of {self._write.key}"):
            settled(
                lambda: self._data.client.complete_multipart_upload(**request),
                lambda _: self._look(),
                how_to_look=HOW_TO_LOOK,
            )

    def _look(self) -> Done[object] | Look:
        """Whether the parts have become the object."""
        client = self._data.client
        try:
            client.list_parts(
                Bucket=self._write.bucket,
                Key=self._write.key,
                UploadId=self._upload_id,
                MaxParts=1,
            )
        except client.exceptions.NoSuchUpload:
            seen = self._data.look(self._write, composite_etag(self._etags))
            # The upload has ended, and nobody has aborted it: what is there may well be ours.
            return seen if isinstance(seen, Done) else Look.UNCLEAR
        return Look.NOT_DONE

    def abort(self) -> None:
        """Remove the parts. No part may be in flight any more, or it stays."""
        try:
            with translating(f"abort the upload of {self._write.key}"):
                self._data.client.abort_multipart_upload(
                    Bucket=self._write.bucket, Key=self._write.key, UploadId=self._upload_id
                )
        except ServiceError as error:
            if error.code != "NoSuchUpload":
                raise


def composite_etag(etags: list[str]) -> str:
    """The ETag of an object put together from parts, where each part's is its MD5; "" if not."""
    try:
        digests = b"".join(bytes.fromhex(etag.strip('"')) for etag in etags)
    except ValueError:
        return ""
    return f"{md5_of(digests).hexdigest()}-{len(etags)}"
