"""Multipart uploads: sending one, of which nothing can be seen before the last step, and those
that were left behind. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look, Paging, settled, translating
from tui.services.errors import ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.data.body import CountedBody, FilePart, Stop, StoppedError
from tui.services.s3.data.checksums import ALGORITHM, HEADER, RangeSums, decoded
from tui.services.s3.data.conditions import Write
from tui.services.s3.data.content import HOW_TO_LOOK, md5_of
from tui.services.s3.data.data_plane import MIB, DataPlane
from tui.services.s3.data.part_layout import MAX_PARTS, PartLayout
from tui.services.s3.listing.list_answer import decode_key
from tui.services.s3.listing.listing import PAGE

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import (
        CompletedPartTypeDef,
        CompleteMultipartUploadRequestTypeDef,
        CreateMultipartUploadRequestTypeDef,
        ListMultipartUploadsOutputTypeDef,
        ListPartsOutputTypeDef,
    )

SINGLE_BYTES = 8 * MIB
"""Up to this size an object goes in one request; above, in parts of at least this size."""


_KNOWS_NO_CHECKSUM = {"InvalidRequest", "InvalidArgument", "NotImplemented", "501", "400"}
"""What a compatible server says that does not know the checksum of a whole object."""

SUMMED = ALGORITHM.lower()


def part_bytes(size: int, smallest: int = SINGLE_BYTES) -> int:
    """The size of the parts of an object: whole MiB, so that there are at most 10,000."""
    needed = -(-size // MAX_PARTS)
    return max(smallest, -(-needed // MIB) * MIB)


class UploadInParts:
    """One multipart upload; several parts may be sent at once.

    Each part is checked on its way, and the whole when it is complete, where the server knows how:
    S3 keeps the checksum of the whole object, so that a download can be checked by it.

    Every method raises ServiceError; StoppedError when the work is no longer wanted.
    """

    def __init__(
        self, data: DataPlane, write: Write, upload_id: str, parts: PartLayout, *, summed: bool
    ) -> None:
        self._data = data
        self._write = write
        self._upload_id = upload_id
        self._parts = parts
        self.stored: dict[int, tuple[str, str]] = {}
        """Of an upload that is gone on with: the parts that have arrived, their ETags and their
        checksums, "" where the server tells none."""
        self._etags = [""] * parts.count
        self._part_sums: dict[int, str] = {}
        self._sums = RangeSums(SUMMED) if summed else None
        """None where the server keeps no checksum that is put together from those of the parts."""

    @classmethod
    def begin(cls, data: DataPlane, write: Write, parts: PartLayout) -> UploadInParts:
        """Begin the upload of an object in such parts. Blocking."""
        request: CreateMultipartUploadRequestTypeDef = {
            "Bucket": write.bucket,
            "Key": write.key,
            **write.settings,  # type: ignore[typeddict-item]  # its names are those of the SDK
        }
        summed = request.copy()
        summed["ChecksumAlgorithm"] = ALGORITHM
        summed["ChecksumType"] = "FULL_OBJECT"
        create = data.client.create_multipart_upload
        with translating(f"begin the upload of {write.key}"):
            try:
                created = create(**summed)
            except data.client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") not in _KNOWS_NO_CHECKSUM:
                    raise
                created = create(**request)
        keeps = created.get("ChecksumAlgorithm") == ALGORITHM
        return cls(data, write, created["UploadId"], parts, summed=keeps)

    @classmethod
    def resume(
        cls, data: DataPlane, write: Write, upload_id: str, parts: PartLayout, *, summed: bool
    ) -> UploadInParts | None:
        """Go on with an upload: what has arrived of it is `stored`. None if it is gone: completed,
        or aborted. Blocking."""
        upload = cls(data, write, upload_id, parts, summed=summed)
        pages = data.client.get_paginator("list_parts")
        with translating(f"list the parts of the upload of {write.key}"):
            try:
                for page in pages.paginate(Bucket=write.bucket, Key=write.key, UploadId=upload_id):
                    for row in page.get("Parts", ()):
                        number = row["PartNumber"]
                        if number <= parts.count and row["Size"] == parts.of(number)[1]:
                            summed_as = row.get("ChecksumCRC64NVME", "")
                            upload.stored[number] = row["ETag"], summed_as
            except data.client.exceptions.NoSuchUpload:
                return None
        return upload

    @property
    def id(self) -> str:
        """The UploadId that S3 gave it."""
        return self._upload_id

    @property
    def is_summed(self) -> bool:
        """Whether the checksum of the whole object is put together from those of the parts."""
        return self._sums is not None

    def has(self, number: int, read: Callable[[int, int], bytes]) -> bool:
        """Whether a part that is `stored` has what `read` gives of the local file from that offset,
        so many bytes; then it need not be sent again. Blocking."""
        etag, summed = self.stored.pop(number, ("", ""))
        if not etag:
            return False
        start, length = self._parts.of(number)
        content = read(start, length)
        if len(content) != length:
            return False
        of_file = RangeSums(SUMMED).add(content, 0) if summed or self._sums is not None else 0
        if summed:
            if decoded(summed) != of_file:
                return False
        elif md5_of(content).hexdigest() != etag.strip('"'):
            return False
        self._keep(number, etag, summed)
        if self._sums is not None:
            self._sums.keep(start, length, of_file)
        return True

    @property
    def needs_md5(self) -> bool:
        """Whether a part is checked by its MD5: the server knows nothing newer."""
        return self._sums is None and not self._data.sends_checksums

    async def send_quickly(self, number: int, body: FilePart, md5: str, *, stop: Stop) -> bool:
        """Send the part of that number, counted from 1, through the native client. False leaves it
        to `send`. `md5` is in base64, "" where it is not needed."""
        headers = {"Content-MD5": md5} if md5 else {}
        answer = await self._data.put_part_quickly(
            self._write,
            (self._upload_id, number),
            body,
            headers,
            summed=self._sums is not None,
            stop=stop,
        )
        if answer is None or not answer.get("etag"):
            return False
        self._keep(number, answer["etag"], answer.get(HEADER + SUMMED, ""))
        return True

    def send(self, number: int, body: CountedBody, md5: str = "") -> None:
        """Send the part of that number, counted from 1. Blocking."""
        body.seek(0)
        stream: Any = body  # the stubs ask for more methods than the SDK calls
        checked: dict[str, Any] = {"ContentMD5": md5} if md5 else {}
        if self._sums is not None:
            checked["ChecksumAlgorithm"] = ALGORITHM
        with translating(f"upload {self._write.key}"):
            try:
                answer = self._data.client.upload_part(
                    Bucket=self._write.bucket,
                    Key=self._write.key,
                    UploadId=self._upload_id,
                    PartNumber=number,
                    Body=stream,
                    ContentLength=len(body),
                    **checked,
                )
            except StoppedError:
                if body.failure is not None:
                    raise body.failure from None
                raise
        self._keep(number, answer["ETag"], answer.get("ChecksumCRC64NVME", ""))

    def _keep(self, number: int, etag: str, summed: str) -> None:
        self._etags[number - 1] = etag
        if self._sums is not None and summed:
            self._part_sums[number] = summed
            start, length = self._parts.of(number)
            self._sums.keep(start, length, decoded(summed))

    def complete(self) -> None:
        """Make the object of the parts. Blocking."""
        parts: list[CompletedPartTypeDef] = [
            {"PartNumber": number, "ETag": etag} for number, etag in enumerate(self._etags, 1)
        ]
        for part in parts:
            # Some servers ask for it again.
            if summed := self._part_sums.get(part["PartNumber"]):
                part["ChecksumCRC64NVME"] = summed
        request: CompleteMultipartUploadRequestTypeDef = {
            "Bucket": self._write.bucket,
            "Key": self._write.key,
            "UploadId": self._upload_id,
            "MultipartUpload": {"Parts": parts},
        }
        whole = self._sums.whole(self._parts.size) if self._sums is not None else ""
        if whole:
            request["ChecksumCRC64NVME"] = whole
            request["ChecksumType"] = "FULL_OBJECT"
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


# -- those that were begun and neither completed nor aborted: their parts are billed -------------


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
