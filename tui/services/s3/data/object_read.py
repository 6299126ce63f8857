"""Read an object, or a range of one, and be sure that it is the one that was listed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.giving_way import give_way_to_keys
from tui.services.s3.data.blocks import blocks
from tui.services.s3.data.body import Stop, StoppedError
from tui.services.s3.data.checksums import Checksum
from tui.services.s3.data.conditions import Listed, not_as_listed, unreadable

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

BROKEN_READS = 4
"""How often a range is asked for whose connection breaks while it is read. The SDK does not."""

OnBytes = Callable[[int], None]
"""Is told how far a request has come; a negative number takes back what did not arrive."""

WriteAt = Callable[[bytes | memoryview, int], None]
"""Takes what arrived, and where in the object it lies. The memory is used again after it."""


@dataclass(frozen=True, slots=True)
class SmallObject:
    """An object that was read in one request."""

    data: bytes
    encryption: str
    """How it is encrypted; "" if the answer did not say."""
    checksum: Checksum | None
    """What the answer says that it must have."""


def read(
    client: S3Client,
    listed: Listed,
    start: int,
    end: int,
    write: WriteAt,
    stop: Stop,
    on_bytes: OnBytes,
    *,
    ranged: bool,
) -> str:
    """Fetch the bytes from `start` up to, not including, `end`; gives how the object is encrypted,
    "" if the answer did not say. Blocking.

    Raises ServiceError: CHANGED, NOT_FOUND if it is not any more what was listed; StoppedError.
    """
    once = partial(_read_once, client, listed, start, end, write, stop, on_bytes, ranged)
    for _ in range(BROKEN_READS - 1):
        try:
            return once()
        except ServiceError as error:
            if not _is_broken_read(error):
                raise
    return once()


def _read_once(
    client: S3Client,
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
            answer = client.get_object(**request)
        except client.exceptions.ClientError as error:
            raise unreadable(error, listed.key) from error
        try:
            with contextlib.closing(answer["Body"]) as body:
                for chunk in blocks(body):
                    if stop.is_set():
                        raise StoppedError
                    give_way_to_keys()
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


def _is_broken_read(error: ServiceError) -> bool:
    if error.code in {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}:
        # The SDK has tried these often enough.
        return False
    return error.kind is ErrorKind.NETWORK or error.code == "IncompleteReadError"
