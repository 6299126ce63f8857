"""The bytes of single objects: put, read, and look, one request each.

Blocking: run on a pool. Nothing here repeats a request because S3 asks for fewer of them: whoever
sends many holds all of them back together.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, earlier_try_lost, settled, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.body import CountedBody, Stop, StoppedError, count_only_sending, from_memory
from tui.services.s3.conditions import (
    Listed,
    Write,
    changed_since,
    exists_now,
    not_as_listed,
    unreadable,
)
from tui.services.s3.native import NativeClient, NativePut
from tui.services.s3.objects import details_of

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

    from tui.services.s3.models import ObjectDetails

MIB = 1024 * 1024

NATIVE_BYTES = MIB
"""Up to this size an object goes through the native client, which is several times faster and
tells its progress only at the end."""

READ_BYTES = 256 * 1024
"""Bytes read from a connection between two looks at whether to go on."""

BROKEN_READS = 4
"""How often a range is asked for whose connection breaks while it is read. The SDK does not."""

HOW_TO_LOOK = "Look at the size and the date of the object before you upload the file again."

_MD5 = re.compile("[0-9a-f]{32}")

OnBytes = Callable[[int], None]
"""Is told how far a request has come; a negative number takes back what did not arrive."""

WriteAt = Callable[[bytes, int], None]
"""Takes what arrived, and where in the object it lies."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """A part of an object on its way, and where its bytes go."""

    listed: Listed
    start: int
    end: int
    write: WriteAt
    stop: Stop
    on_bytes: OnBytes

    def take(self, chunks: Iterable[bytes]) -> None:
        """Write what arrives. If it does not all arrive, what was counted is taken back."""
        position = self.start
        try:
            for chunk in chunks:
                if self.stop.is_set():
                    raise StoppedError
                if position + len(chunk) > self.end:
                    raise not_as_listed(self.listed.key)
                self.write(chunk, position)
                position += len(chunk)
                self.on_bytes(len(chunk))
            if position != self.end:
                raise not_as_listed(self.listed.key)
        except BaseException:
            self.on_bytes(self.start - position)
            raise


class DataPlane:
    """One account's way to the bytes; it stays with that account whatever is chosen meanwhile.

    Every method raises ServiceError, and StoppedError once `stop` is set.
    """

    def __init__(
        self, client: S3Client, native: NativeClient | None, *, native_bytes: int = NATIVE_BYTES
    ) -> None:
        self.client = client
        self._native = native
        self._native_bytes = native_bytes
        config: Any = client.meta.config
        self._sends_checksums = config.request_checksum_calculation != "when_required"
        # Where these are off, the server is a compatible one, and its encrypted ETags are its own.
        self._is_compatible = config.response_checksum_validation == "when_required"
        count_only_sending(client)

    def _native_for(self, size: int) -> NativeClient | None:
        """The native client, if an object of this size is for it."""
        native = self._native
        usable = native is not None and native.works and size <= self._native_bytes
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

    def put(self, write: Write, data: bytes, *, stop: Stop, on_bytes: OnBytes) -> None:
        """Store an object in one request, checked by its MD5 on the way."""
        with translating(f"upload {write.key}"):
            self._put(write, data, stop, on_bytes)

    def _put(self, write: Write, data: bytes, stop: Stop, on_bytes: OnBytes) -> None:
        md5 = md5_of(data)
        etag = md5.hexdigest()
        headers = {**write.type_header, **write.condition}
        checked = {**headers, "ContentMD5": base64.b64encode(md5.digest()).decode("ascii")}
        native = self._native_for(len(data))
        sent = NativePut.LEFT
        if native is not None:
            sent = native.put(write.bucket, write.key, data, checked, stop)
        if sent is NativePut.STORED:
            on_bytes(len(data))
            return
        if sent is NativePut.EXISTS and native is not None and self._is_stored(write, etag):
            native.found_stored(write.bucket, write.key)
            on_bytes(len(data))
            return
        if not self._sends_checksums:
            # Where the SDK adds no checksum of its own, the oldest one, which every server knows.
            headers = checked
        body = CountedBody(from_memory(data), len(data), on_bytes=on_bytes, stop=stop)
        # The names of the headers are known only now, so the stubs cannot check them.
        put: Callable[..., object] = self.client.put_object
        repeats = earlier_try_lost() if sent is NativePut.LOST else nullcontext()
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
                    lambda _: self.look(write, etag),
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

    def _is_stored(self, write: Write, etag: str) -> bool:
        try:
            return isinstance(self.look(write, etag), Done)
        except ServiceError:
            return False  # the SDK's own try tells what is wrong

    def refuse_if_changed(self, write: Write) -> None:
        """The nearest thing to a condition where the server has none: look just before.

        Raises ServiceError (EXISTS, CHANGED) where the condition of `write` is not met now.
        """
        now = self.head(write.bucket, write.key)
        if now is not None and now.etag != write.if_etag:
            raise changed_since(write.key) if write.if_etag else exists_now(write.key)

    # -- reading ---------------------------------------------------------------------------

    def read_whole(self, listed: Listed, write: WriteAt, *, stop: Stop, on_bytes: OnBytes) -> str:
        """Fetch an object; gives how it is encrypted, "" if the answer did not say.

        Raises CHANGED, NOT_FOUND if it is not any more what was listed.
        """
        native = None if listed.version_id else self._native_for(listed.size)
        got = native.get(listed.bucket, listed.key, listed.etag, stop) if native else None
        if got is None:
            into = _Reading(listed, 0, listed.size, write, stop, on_bytes)
            return self._read(into, {})
        data, headers = got
        if len(data) != listed.size:
            raise not_as_listed(listed.key)
        write(data, 0)
        on_bytes(len(data))
        return headers.get("x-amz-server-side-encryption", "") or headers.get(
            "x-amz-server-side-encryption-customer-algorithm", ""
        )

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
        into = _Reading(listed, start, end, write, stop, on_bytes)
        return self._read(into, {"Range": f"bytes={start}-{end - 1}"})

    def _read(self, reading: _Reading, part: dict[str, str]) -> str:
        for _ in range(BROKEN_READS - 1):
            try:
                return self._read_once(reading, part)
            except ServiceError as error:
                if not _is_broken_read(error):
                    raise
        return self._read_once(reading, part)

    def _read_once(self, reading: _Reading, part: dict[str, str]) -> str:
        listed = reading.listed
        if listed.etag:
            part = {**part, "IfMatch": f'"{listed.etag}"'}
        if listed.version_id:
            part = {**part, "VersionId": listed.version_id}
        # The names of the headers are known only now, so the stubs cannot check them.
        get: Callable[..., GetObjectOutputTypeDef] = self.client.get_object
        with translating(f"download {listed.key}"):
            try:
                answer = get(Bucket=listed.bucket, Key=listed.key, **part)
            except self.client.exceptions.ClientError as error:
                raise unreadable(error, listed.key) from error
            with contextlib.closing(answer["Body"]) as body:
                reading.take(body.iter_chunks(READ_BYTES))
        encryption: str = answer.get("ServerSideEncryption", "")
        return encryption or answer.get("SSECustomerAlgorithm", "")

    def content_md5(self, etag: str, encryption: str) -> str:
        """The MD5 that the content must have, in hex; "" where the ETag does not say it ("Checking
        object integrity": not with parts, KMS or customer keys).
        """
        opaque = bool(encryption) and (encryption != "AES256" or self._is_compatible)
        return etag if _MD5.fullmatch(etag) and not opaque else ""


def md5_of(data: bytes) -> Any:
    """The MD5 of `data`, as an integrity check and never for security."""
    return hashlib.md5(data, usedforsecurity=False)


def _is_broken_read(error: ServiceError) -> bool:
    if error.code in {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}:
        # The SDK has tried these often enough.
        return False
    return error.kind is ErrorKind.NETWORK or error.code == "IncompleteReadError"
