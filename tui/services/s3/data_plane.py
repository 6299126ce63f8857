"""The bytes of single objects: put, read, and look, one request each.

Blocking: run on a pool. Nothing here repeats a request because S3 asks for fewer of them: whoever
sends many holds all of them back together.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.services.aws import Done, Look, earlier_try_lost, settled, translate, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.body import CountedBody, Stop, StoppedError, count_only_sending, from_memory
from tui.services.s3.native import NativeClient, NativePut
from tui.services.s3.objects import details_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

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

_NO_CONDITIONS = {"NotImplemented", "501"}
"""What a compatible server says that does not know conditional writes."""

OnBytes = Callable[[int], None]
"""Is told how far a request has come; a negative number takes back what did not arrive."""

WriteAt = Callable[[bytes, int], None]
"""Takes what arrived, and where in the object it lies."""


@dataclass(frozen=True, slots=True)
class Write:
    """Where an object is written, and under which condition."""

    bucket: str
    key: str
    content_type: str = ""
    """Empty leaves it to S3's default."""
    if_new: bool = False
    """Only if the key holds nothing."""
    if_etag: str = ""
    """Only if the key holds the object with this ETag."""
    before: str = ""
    """The ETag of what the key held when the write was planned; empty if unknown, or nothing."""

    @property
    def is_conditional(self) -> bool:
        return self.if_new or bool(self.if_etag)

    @property
    def condition(self) -> dict[str, str]:
        """The SDK's parameters."""
        if self.if_new:
            return {"IfNoneMatch": "*"}
        return {"IfMatch": f'"{self.if_etag}"'} if self.if_etag else {}

    @property
    def type_header(self) -> dict[str, str]:
        """The SDK's parameters."""
        return {"ContentType": self.content_type} if self.content_type else {}


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it was listed: what is read must be it."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str = ""
    """Empty for the latest version."""


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
            raise _changed_since(write.key, "") if write.if_etag else _exists_now(write.key, "")

    # -- reading ---------------------------------------------------------------------------

    def read_whole(self, listed: Listed, write: WriteAt, *, stop: Stop, on_bytes: OnBytes) -> str:
        """Fetch an object; gives how it is encrypted, "" if the answer did not say.

        Raises CHANGED, NOT_FOUND if it is not any more what was listed.
        """
        native = None if listed.version_id else self._native_for(listed.size)
        got = native.get(listed.bucket, listed.key, listed.etag, stop) if native else None
        if got is None:
            return self._read(listed, 0, listed.size, write, stop, on_bytes, ranged=False)
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
        return self._read(listed, start, end, write, stop, on_bytes, ranged=True)

    def _read(
        self,
        listed: Listed,
        start: int,
        end: int,
        write: WriteAt,
        stop: Stop,
        on_bytes: OnBytes,
        *,
        ranged: bool,
    ) -> str:
        once = partial(self._read_once, listed, start, end, write, stop, on_bytes, ranged)
        for _ in range(BROKEN_READS - 1):
            try:
                return once()
            except ServiceError as error:
                if not _is_broken_read(error):
                    raise
        return once()

    def _read_once(
        self,
        listed: Listed,
        start: int,
        end: int,
        write: WriteAt,
        stop: Stop,
        on_bytes: OnBytes,
        ranged: bool,
    ) -> str:
        request: GetObjectRequestTypeDef = {"Bucket": listed.bucket, "Key": listed.key}
        if listed.etag:
            request["IfMatch"] = f'"{listed.etag}"'
        if listed.version_id:
            request["VersionId"] = listed.version_id
        if ranged:
            request["Range"] = f"bytes={start}-{end - 1}"
        position = start
        with translating(f"download {listed.key}"):
            try:
                answer = self.client.get_object(**request)
            except self.client.exceptions.ClientError as error:
                raise _unreadable(error, listed.key) from error
            try:
                with contextlib.closing(answer["Body"]) as body:
                    for chunk in body.iter_chunks(READ_BYTES):
                        if stop.is_set():
                            raise StoppedError
                        if position + len(chunk) > end:
                            raise not_as_listed(listed.key)
                        write(chunk, position)
                        position += len(chunk)
                        on_bytes(len(chunk))
                if position != end:
                    raise not_as_listed(listed.key)
            except BaseException:
                on_bytes(start - position)
                raise
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


# -- what an error means -------------------------------------------------------------------------


def knows_no_conditions(error: ServiceError) -> bool:
    """Whether the server refused a write because it is conditional."""
    return error.code in _NO_CONDITIONS


def met_another_write(error: ServiceError) -> bool:
    """Whether a write met another one to the same key, so that it has to be begun anew."""
    return error.code == "ConditionalRequestConflict"


def refused_write(error: ServiceError, write: Write) -> ServiceError:
    """The error to tell: EXISTS or CHANGED where a condition was not met, else the error itself."""
    failed = error.code in {"PreconditionFailed", "412", "ConditionalRequestConflict"}
    if failed and write.if_new:
        return _exists_now(write.key, error.cause)
    if write.if_etag and (failed or error.code in {"NoSuchKey", "404"}):
        return _changed_since(write.key, error.cause)
    return error


def _exists_now(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key} exists now: it came into being after you looked. It was left as it is.",
        cause=cause,
        hint="Upload again to see it and choose what to do with it.",
        kind=ErrorKind.EXISTS,
    )


def _changed_since(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key} was changed or deleted after you chose to overwrite it. It was left as it is.",
        cause=cause,
        hint="Upload again to see what is there now.",
        kind=ErrorKind.CHANGED,
    )


def not_as_listed(key: str) -> ServiceError:
    """The error for an object that is not any more what was listed (CHANGED)."""
    return ServiceError(
        f"{key} was changed after you looked; nothing was written.",
        hint="Press r in the S3 pane to see it as it is now, then download it again.",
        kind=ErrorKind.CHANGED,
    )


def _unreadable(error: ClientError, key: str) -> ServiceError:
    code = error.response["Error"].get("Code", "")
    if code in {"PreconditionFailed", "412", "InvalidRange", "416"}:
        return not_as_listed(key)
    if code in {"NoSuchKey", "NoSuchVersion", "404"}:
        return ServiceError(
            f"{key} was deleted after you looked.",
            cause=str(error),
            hint="Press r in the S3 pane to see what is there now.",
            code=code,
            kind=ErrorKind.NOT_FOUND,
        )
    hint = ""
    if code == "InvalidObjectState":
        hint = "It is archived: restore it first (t in the S3 pane), then download it."
    return translate(error, f"download {key}", hint=hint)


def _is_broken_read(error: ServiceError) -> bool:
    if error.code in {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}:
        # The SDK has tried these often enough.
        return False
    return error.kind is ErrorKind.NETWORK or error.code == "IncompleteReadError"
