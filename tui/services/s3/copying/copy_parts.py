"""One object copied in parts on the server's side, so that its progress is seen and it can be
stopped. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, Paging
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying.copy_source import HEADERS, CopySource, etag_of, head_or_none, tags_of
from tui.services.s3.data.multipart import composite_etag, part_bytes
from tui.services.s3.data.part_layout import step_of_parts

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListPartsOutputTypeDef

_PARTS: Paging[ListPartsOutputTypeDef] = Paging({"NextPartNumberMarker": "PartNumberMarker"})


class CopyInParts:
    """One multipart upload whose parts are copied. Parts may be copied by several threads at once.

    Every method raises ServiceError.
    """

    def __init__(
        self, s3: S3Calls, source: CopySource, place: Mapping[str, Any], ranges: list[range]
    ) -> None:
        self._s3 = s3
        self._source = source
        self._place = place
        self._parts: list[dict[str, Any]] = [{} for _ in ranges]
        self.ranges = ranges
        """The bytes of each part."""

    @property
    def id(self) -> str:
        return str(self._place["UploadId"])

    @property
    def step(self) -> int:
        """The bytes of every part but the last."""
        return len(self.ranges[0])

    @property
    def missing(self) -> list[int]:
        """The numbers of the parts that were not copied, counted from 1."""
        return [number for number, part in enumerate(self._parts, 1) if not part]

    @property
    def etag(self) -> str:
        """What the copy's ETag will be, once every part is copied; "" where nothing tells it."""
        return composite_etag([part["ETag"] for part in self._parts])

    @classmethod
    def begin(
        cls, s3: S3Calls, source: CopySource, smallest: int, *, checksums: bool = True
    ) -> CopyInParts:
        """Begin the copy. Its parts are those of the source, so that it gets the same ETag, or
        have at least `smallest` bytes. Without `checksums` the copy gets the server's own."""
        copy, head = source.copy, source.head
        if head.get("MissingMeta"):
            raise ServiceError(
                f"{copy.key!r} was not copied: it has metadata that no answer can say.",
                hint="It is large, so its metadata cannot be taken over by the server.",
                kind=ErrorKind.INVALID,
            )
        place = {"Bucket": copy.to_bucket, "Key": copy.to_key}
        request: dict[str, Any] = {
            **place,
            **{name: head[name] for name in HEADERS if head.get(name)},
            **source.placed,
        }
        if not checksums:
            request.pop("ChecksumAlgorithm", None)
        elif head.get("ChecksumType") and source.placed.get("ChecksumAlgorithm", "")[:3] == "CRC":
            request["ChecksumType"] = head["ChecksumType"]
        tags = tags_of(s3, copy.source)
        if tags:
            request["Tagging"] = tags
        step = _own_parts(s3, source) or part_bytes(source.size, smallest)
        upload = s3.call(f"copy {copy.key!r}", create_upload, **request)["UploadId"]
        return cls(s3, source, {**place, "UploadId": str(upload)}, _ranges(source.size, step))

    @classmethod
    def resume(
        cls, s3: S3Calls, source: CopySource, upload_id: str, step: int
    ) -> CopyInParts | None:
        """Go on with a copy of the same object, in parts of so many bytes: what has arrived is not
        `missing`. None if it is gone: completed, or aborted."""
        copy = source.copy
        place = {"Bucket": copy.to_bucket, "Key": copy.to_key, "UploadId": upload_id}
        parts = cls(s3, source, place, _ranges(source.size, step))
        try:
            for page in s3.pages(
                f"list the parts of the copy of {copy.key!r}", _list_parts, _PARTS, **place
            ):
                for row in page.get("Parts", ()):
                    number = row["PartNumber"]
                    fits = number <= len(parts.ranges)
                    if fits and row["Size"] == len(parts.ranges[number - 1]):
                        parts._parts[number - 1] = _told(number, row)
        except ServiceError as error:
            if error.code != "NoSuchUpload":
                raise
            return None
        return parts

    def send(self, number: int) -> None:
        """Copy the part of that number, counted from 1."""
        copy = self._source.copy
        source = {"CopySource": copy.source, **self._source.condition}
        self._parts[number - 1] = copy_part(
            self._s3, f"copy {copy.key!r}", self._place, source, number, self.ranges[number - 1]
        )

    def complete(self, condition: Mapping[str, str]) -> str:
        """Make the object of the parts; gives its ETag."""
        copy = self._source.copy

        def look(_: Mapping[str, Any]) -> Done[str] | Look:
            stored = head_or_none(self._s3, copy.to_bucket, copy.to_key)
            if stored is None:
                return Look.UNCLEAR
            wanted = self.etag
            return Done(wanted) if wanted and etag_of(stored) == wanted else Look.UNCLEAR

        return self._s3.change(
            f"copy {copy.key!r}",
            complete_upload,
            etag_of,
            look,
            **self._place,
            MultipartUpload={"Parts": self._parts},
            **condition,
        )

    def abort(self) -> None:
        """Remove the parts. No part may be in flight any more, or it stays."""
        abort_copy(self._s3, self._place)


def copy_part(
    s3: S3Calls,
    action: str,
    place: Mapping[str, Any],
    source: Mapping[str, Any],
    number: int,
    part: range,
) -> dict[str, Any]:
    """Copy the bytes `part` of `source` as the part of that number of the upload at `place`; gives
    what completing it has to say of the part. Raises ServiceError."""
    request = {
        **place,
        **source,
        "PartNumber": number,
        "CopySourceRange": f"bytes={part.start}-{part.stop - 1}",
    }
    return _told(number, s3.call(action, _upload_part_copy, **request)["CopyPartResult"])


def _told(number: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What completing the upload has to say of a part."""
    sums = {name: value for name, value in answer.items() if name.startswith("Checksum")}
    return {"PartNumber": number, "ETag": answer["ETag"], **sums}


def _ranges(size: int, step: int) -> list[range]:
    return [range(start, min(start + step, size)) for start in range(0, size, step)]


def abort_copy(s3: S3Calls, place: Mapping[str, Any]) -> None:
    """Remove the parts of the upload at `place`, if it is still there. Raises ServiceError."""
    try:
        s3.call("abort the copy", _abort_upload, **place)
    except ServiceError as error:
        if error.code != "NoSuchUpload":
            raise


def needs_no_checksums(error: ServiceError) -> bool:
    """Whether a server refuses a copied part because it has no checksum of it: MinIO computes none,
    but wants one where the upload has an algorithm."""
    return error.code == "InvalidArgument" and "checksum missing" in error.cause


def _own_parts(s3: S3Calls, source: CopySource) -> int:
    """The bytes of each part that the source was put together from; 0 if they are not alike, or
    not known."""
    if "-" not in source.etag:
        return 0
    copy = source.copy
    first = head_or_none(s3, **_named(copy.source), PartNumber=1)
    if first is None or not first.get("PartsCount"):
        return 0
    return step_of_parts(source.size, int(first["ContentLength"]), int(first["PartsCount"]))


def _named(source: Mapping[str, str]) -> dict[str, str]:
    more = {"VersionId": source["VersionId"]} if "VersionId" in source else {}
    return {"bucket": source["Bucket"], "key": source["Key"], **more}


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def create_upload(client: S3Client) -> Callable[..., Any]:
    """The call that begins an upload in parts."""
    return client.create_multipart_upload


def _list_parts(client: S3Client) -> Callable[..., ListPartsOutputTypeDef]:
    return client.list_parts


def _upload_part_copy(client: S3Client) -> Callable[..., Any]:
    return client.upload_part_copy


def complete_upload(client: S3Client) -> Callable[..., Any]:
    """The call that makes an object of the parts."""
    return client.complete_multipart_upload


def _abort_upload(client: S3Client) -> Callable[..., Any]:
    return client.abort_multipart_upload
