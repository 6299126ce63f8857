"""The bytes of single objects: put, read, and look, one request each.

What is not awaited blocks: run it on a pool. Nothing here repeats a request because S3 asks for
fewer of them: whoever sends many holds all of them back together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, earlier_try_lost, settled, translating
from tui.services.s3.data.body import (
    CountedBody,
    FilePart,
    Stop,
    StoppedError,
    count_only_sending,
    from_memory,
)
from tui.services.s3.data.checksums import Checksum, checksum_in
from tui.services.s3.data.conditions import Listed, Write, not_as_listed, refuse_if_taken
from tui.services.s3.data.content import HOW_TO_LOOK, Content
from tui.services.s3.data.native import NativeClient, NativePut
from tui.services.s3.data.object_read import OnBytes, SmallObject, WriteAt, read
from tui.services.s3.data.part_layout import PartLayout, step_of_parts
from tui.services.s3.data.stored_name import FEW, may_get_another_name, refuse_other_name
from tui.services.s3.listing.list_answer import list_objects, objects_of
from tui.services.s3.objects import details_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef, HeadObjectRequestTypeDef

    from tui.services.s3.models import ObjectDetails, S3Object

MIB = 1024 * 1024

QUICK_BYTES = MIB
"""Up to this size an object goes in one request over HTTP connections of our own, which is several
times faster than the SDK and tells its progress only at the end."""

QUICK_PART_BYTES = 64 * MIB
"""Up to this size a part goes through AWS's native client (awscrt), which holds it in memory."""

_MD5 = re.compile("[0-9a-f]{32}")
_OF_PARTS = re.compile("[0-9a-f]{32}-([0-9]+)")
"""The ETag of an object that was put together from so many parts."""


class DataPlane:
    """One account's way to the bytes; it stays with that account whatever is chosen meanwhile.

    What ends in `_quickly` goes beside the SDK and is awaited: small objects over connections of
    our own, parts of large ones through AWS's native client. All else is the SDK's, and blocks.
    `quick_bytes`: up to this size an object goes beside the SDK; -1: nothing does.

    Every method raises ServiceError, and StoppedError once `stop` is set.
    """

    def __init__(
        self, client: S3Client, native: NativeClient | None, *, quick_bytes: int = QUICK_BYTES
    ) -> None:
        self.client = client
        self._native = native
        self._quick_bytes = quick_bytes
        config: Any = client.meta.config
        self.sends_checksums: bool = config.request_checksum_calculation != "when_required"
        """Whether the SDK adds a checksum of its own to what it sends."""
        # Where these are off, the server is a compatible one, and its encrypted ETags are its own.
        self._is_compatible = config.response_checksum_validation == "when_required"
        count_only_sending(client)

    def _quick_for(self, size: int) -> NativeClient | None:
        """What sends an object of this size beside the SDK; None leaves it to the SDK."""
        native = self._native
        usable = native is not None and native.works and size <= self._quick_bytes
        return native if usable else None

    def head(self, bucket: str, key: str) -> ObjectDetails | None:
        """What is stored under a key; None if nothing is.

        DENIED also covers a missing key for those who may not list the bucket.
        """
        with translating(f"look up {key}"):
            try:
                answer = self.client.head_object(Bucket=bucket, Key=key)
            except self.client.exceptions.ClientError as error:
                if error.response["Error"].get("Code") in {"404", "NoSuchKey", "NotFound"}:
                    return None
                raise
        return details_of(bucket, key, answer)

    # -- writing ---------------------------------------------------------------------------

    async def put_quickly(self, write: Write, content: Content, *, stop: Stop) -> NativePut:
        """Store a small object over connections of our own, where that can be; `put` does the rest.

        Raises ServiceError (READ_ONLY, THROTTLED).
        """
        native = self._quick_for(len(content.data))
        if native is None:
            return NativePut.LEFT
        headers = {**write.settings, **write.condition, "ContentMD5": content.md5}
        return await native.put(write.bucket, write.key, content.data, headers, stop)

    def put(
        self,
        write: Write,
        content: Content,
        *,
        stop: Stop,
        on_bytes: OnBytes,
        after: NativePut = NativePut.LEFT,
    ) -> None:
        """Store an object in one request, checked by its MD5 on the way. `after` is what
        `put_quickly` gave."""
        with translating(f"upload {write.key}"):
            self._put(write, content, stop, on_bytes, after)

    def _put(
        self, write: Write, content: Content, stop: Stop, on_bytes: OnBytes, after: NativePut
    ) -> None:
        data = content.data
        headers = {**write.settings, **write.condition}
        if not self.sends_checksums:
            # Where the SDK adds no checksum of its own, the oldest one, which every server knows.
            headers["ContentMD5"] = content.md5
        body = CountedBody(from_memory(data), len(data), on_bytes=on_bytes, stop=stop)
        # The names of the headers are known only now, so the stubs cannot check them.
        put: Callable[..., object] = self.client.put_object
        repeats = earlier_try_lost() if after is NativePut.LOST else nullcontext()
        try:
            with repeats:
                settled(
                    lambda: put(
                        Bucket=write.bucket,
                        Key=write.key,
                        Body=body,
                        ContentLength=len(data),
                        **headers,
                    ),
                    lambda _: self.look(write, content.etag),
                    how_to_look=HOW_TO_LOOK,
                )
        except BaseException:
            body.withdraw()
            raise

    def look(self, write: Write, etag: str) -> Done[object] | Look:
        """Whether a write was carried out whose answer was lost: the key holds exactly what was
        sent, whose ETag is `etag`.
        """
        found = self.head(write.bucket, write.key)
        if found is not None and found.etag == etag:
            return Done(None)
        if found is None or (write.before and found.etag == write.before):
            return Look.NOT_DONE
        # The ETag of what KMS encrypts is not made of the content.
        return Look.UNCLEAR

    async def put_part_quickly(
        self,
        write: Write,
        part: tuple[str, int],
        body: FilePart,
        headers: Mapping[str, str],
        *,
        summed: bool,
        stop: Stop,
    ) -> Mapping[str, str] | None:
        """Send a part through AWS's native client, `part` being the id of its upload and its
        number, from 1; gives the headers of the answer, in lower case. None leaves it to the SDK.
        `summed`: with its CRC64NVME."""
        native = self._native
        if native is None or not native.works or not self._quick_bytes >= 0:
            return None
        if len(body) > QUICK_PART_BYTES:
            return None
        return await native.put_part(
            write.bucket, write.key, part, body, headers, stop, summed=summed
        )

    def refuse_if_changed(self, write: Write) -> None:
        """The nearest thing to a condition where the server has none: look just before.

        Raises ServiceError (EXISTS, CHANGED) where the condition of `write` is not met now.
        """
        now = self.head(write.bucket, write.key)
        if now is not None:
            refuse_if_taken(write, now.etag)

    def may_rename(self, key: str) -> bool:
        """Whether the server may keep what is stored under this key under another name."""
        return self._is_compatible and may_get_another_name(key)

    def refuse_other_name(self, bucket: str, key: str, *, written: bool = True) -> None:
        """Raise ServiceError if it does so; as `stored_name.refuse_other_name`."""

        def listed(prefix: str) -> tuple[S3Object, ...]:
            with translating(f"look up {prefix}"):
                return objects_of(
                    list_objects(self.client)(
                        Bucket=bucket, Prefix=prefix, MaxKeys=FEW, EncodingType="url"
                    )
                )

        refuse_other_name(listed, bucket, key, written=written)

    # -- reading ---------------------------------------------------------------------------

    async def read_quickly(self, listed: Listed, *, stop: Stop) -> SmallObject | None:
        """Fetch a small object over connections of our own; None leaves it to `read_whole`.

        Raises CHANGED, NOT_FOUND if it is not any more what was listed.
        """
        native = None if listed.version_id else self._quick_for(listed.size)
        got = await native.get(listed.bucket, listed.key, listed.etag, stop) if native else None
        if got is None:
            return None
        data, headers = got
        if len(data) != listed.size:
            raise not_as_listed(listed.key)
        return SmallObject(data, self._encryption_in(headers), checksum_in(headers))

    def _encryption_in(self, headers: Mapping[str, str]) -> str:
        return headers.get("x-amz-server-side-encryption", "") or headers.get(
            "x-amz-server-side-encryption-customer-algorithm", ""
        )

    def read_whole(self, listed: Listed, write: WriteAt, *, stop: Stop, on_bytes: OnBytes) -> str:
        """Fetch an object; gives how it is encrypted, "" if the answer did not say.

        Raises as `read_quickly`.
        """
        return read(self.client, listed, 0, listed.size, write, stop, on_bytes, ranged=False)

    def checksum(self, listed: Listed) -> Checksum | None:
        """The checksum that is kept with an object; None if there is none, or it may not be
        read."""
        answer = self._head({**_named(listed), "ChecksumMode": "ENABLED"})
        return checksum_in(answer["ResponseMetadata"]["HTTPHeaders"]) if answer else None

    def read_range(
        self,
        listed: Listed,
        start: int,
        end: int,
        write: WriteAt,
        *,
        stop: Stop,
        on_bytes: OnBytes,
    ) -> str:
        """Fetch the bytes from `start` up to, not including, `end`. As `read_whole`."""
        return read(self.client, listed, start, end, write, stop, on_bytes, ranged=True)

    def content_md5(self, etag: str, encryption: str) -> str:
        """The MD5 that the content must have, in hex; "" where the ETag does not say it ("Checking
        object integrity": not with parts, KMS or customer keys).
        """
        return etag if _MD5.fullmatch(etag) and not self._is_opaque(encryption) else ""

    def parts_etag(self, etag: str, encryption: str) -> str:
        """The ETag that the parts of an object must have together; "" where it does not tell."""
        return etag if _OF_PARTS.fullmatch(etag) and not self._is_opaque(encryption) else ""

    def part_step(self, listed: Listed) -> int:
        """The bytes of each part that an object was put together from; 0 if it was not, if they
        are not alike, or if it is not known. Raises ServiceError."""
        told = _OF_PARTS.fullmatch(listed.etag)
        if told is None or told[1] == "1":
            return listed.size if told is not None else 0
        answer = self._head({**_named(listed), "PartNumber": 1})
        if answer is None:
            return 0
        return step_of_parts(
            listed.size, answer.get("ContentLength", 0), answer.get("PartsCount", 0)
        )

    def parts_are_alike(self, listed: Listed, step: int, stop: Stop) -> bool:
        """Whether S3 says nothing else of any part than that it has `step` bytes, the last one the
        rest. One request for each, until one is not alike. Raises ServiceError."""
        parts = PartLayout(listed.size, step)
        for number in range(2, parts.count + 1):
            if stop.is_set():
                raise StoppedError
            answer = self._head({**_named(listed), "PartNumber": number})
            if answer is not None and answer["ContentLength"] != parts.of(number)[1]:
                return False
        return True

    def _is_opaque(self, encryption: str) -> bool:
        return bool(encryption) and (encryption != "AES256" or self._is_compatible)

    def _head(self, request: HeadObjectRequestTypeDef) -> HeadObjectOutputTypeDef | None:
        """What is told of an object; None if that is refused: reading it tells what is wrong."""
        with translating(f"look up {request['Key']}"):
            try:
                return self.client.head_object(**request)
            except self.client.exceptions.ClientError:
                return None


def _named(listed: Listed) -> HeadObjectRequestTypeDef:
    named: HeadObjectRequestTypeDef = {"Bucket": listed.bucket, "Key": listed.key}
    if listed.version_id:
        named["VersionId"] = listed.version_id
    return named
