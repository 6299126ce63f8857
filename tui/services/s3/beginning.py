"""The beginning of an object: enough for a preview, however large the object is."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import Any

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.clients import BucketClients

LIMIT = 256 * 1024
"""Bytes that a preview asks for."""

_GZIP = b"\x1f\x8b\x08"
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")


@dataclass(frozen=True)
class Beginning:
    """The first bytes of one object."""

    bucket: str
    key: str
    data: bytes
    """As stored."""
    size: int
    """Bytes of the whole object."""
    content_type: str
    """Empty if the object has none."""

    @property
    def truncated(self) -> bool:
        """Whether the object goes on after `data`."""
        return len(self.data) < self.size

    @property
    def is_gzip(self) -> bool:
        """Whether the bytes are gzip's, whatever the name says."""
        return self.data.startswith(_GZIP)


def read_beginning(clients: BucketClients, bucket: str, key: str, limit: int) -> Beginning:
    """The first `limit` bytes of an object, by a ranged GET.

    Raises ServiceError; CONFLICT for an object that is archived and not restored.
    """
    part = f"bytes=0-{limit - 1}"
    try:
        answer = clients.call(f"read {key!r}", "get_object", bucket, Key=key, Range=part)
    except ServiceError as error:
        if error.code in {"InvalidRange", "416"}:
            # An empty object has no first byte to ask for.
            return Beginning(bucket, key, b"", 0, "")
        if error.code == "InvalidObjectState":
            error.hint = (
                "The object is archived (i shows its storage class): it has to be restored "
                "before it can be read."
            )
        raise
    with translating(f"read {key!r}"):
        data = _read(answer["Body"], limit)
    total = _TOTAL.fullmatch(answer.get("ContentRange", ""))
    # Without a Content-Range the server did not heed the range and sends everything.
    size = int(total[1]) if total else int(answer["ContentLength"])
    return Beginning(bucket, key, data, size, answer.get("ContentType", ""))


def _read(body: Any, limit: int) -> bytes:
    from urllib3.exceptions import HTTPError

    try:
        return bytes(body.read(limit))
    except HTTPError as error:
        raise ServiceError(
            "The connection broke while the object was read.",
            cause=str(error),
            hint="Press r to try again.",
            kind=ErrorKind.NETWORK,
        ) from error
    finally:
        body.close()


@dataclass(frozen=True)
class Unpacked:
    """What gzip data contains, as far as it goes."""

    data: bytes
    truncated: bool
    """Whether there is more, after the bytes at hand or after `limit`."""
    problem: str = ""
    """Why it stops early, if the data is damaged."""


def gunzip(data: bytes, *, more: bool, limit: int = 4 * LIMIT) -> Unpacked:
    """Unpack at most `limit` bytes of gzip data, member after member.

    `more` says that `data` is only the beginning of a longer file.
    """
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest.startswith(_GZIP) or (rest and not parts):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        try:
            part = unpacker.decompress(rest, limit - size)
        except zlib.error as error:
            return Unpacked(b"".join(parts), True, f"damaged gzip data: {error}")
        parts.append(part)
        size += len(part)
        if not unpacker.eof:
            cut = size >= limit or more
            problem = "" if cut else "the gzip data ends too early"
            return Unpacked(b"".join(parts), True, problem)
        rest = unpacker.unused_data
        if size >= limit and rest:
            return Unpacked(b"".join(parts), True)
    problem = f"{len(rest)} bytes after the gzip data are not shown" if rest.strip(b"\0") else ""
    return Unpacked(b"".join(parts), more, problem)
