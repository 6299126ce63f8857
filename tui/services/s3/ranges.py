"""A part of an object, by a ranged GET that notices another version. Blocking."""

from __future__ import annotations

from collections.abc import Callable

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.objects import Beginning, read_body

BLOCK = 256 * 1024
"""Bytes of one request of a `reader`."""

_KEPT = 16
"""Blocks that a `reader` keeps: 4 MiB."""


def read_range(
    s3: S3Calls, bucket: str, key: str, start: int, length: int, etag: str = ""
) -> bytes:
    """At most `length` bytes of an object from `start` on; fewer only at its end.

    Raises ServiceError; CHANGED if the object no longer has this ETag.
    """
    part = f"bytes={start}-{start + length - 1}"
    action = f"read {key!r}"
    try:
        if etag:
            answer = s3.call(
                action,
                lambda client: client.get_object,
                Bucket=bucket,
                Key=key,
                Range=part,
                IfMatch=f'"{etag}"',
            )
        else:
            answer = s3.call(
                action, lambda client: client.get_object, Bucket=bucket, Key=key, Range=part
            )
    except ServiceError as error:
        if error.code in {"PreconditionFailed", "412"}:
            raise ServiceError(
                "The object was changed while it was read; what was read is its older content.",
                cause=error.cause,
                hint="Open it again to see the new content.",
                kind=ErrorKind.CHANGED,
                code=error.code,
            ) from error
        raise
    if start and not answer.get("ContentRange", ""):
        answer["Body"].close()
        raise ServiceError(
            "The server does not give parts of objects.",
            hint="Download the object to have more than its beginning.",
            kind=ErrorKind.INVALID,
        )
    with translating(action):
        return read_body(answer, length)


def read_more(s3: S3Calls, beginning: Beginning, length: int) -> Beginning:
    """The same beginning with at most `length` bytes more. Raises ServiceError as `read_range`."""
    data = read_range(
        s3, beginning.bucket, beginning.key, len(beginning.data), length, beginning.etag
    )
    return beginning.with_data(beginning.data + data)


def reader(s3: S3Calls, beginning: Beginning) -> Callable[[int, int], bytes]:
    """Reads (offset, size) of the object that `beginning` is of, in blocks, some of them kept.

    What the beginning holds is not asked for again.
    """
    kept: dict[int, bytes] = {}

    def block(number: int) -> bytes:
        if number in kept:
            kept[number] = kept.pop(number)
        else:
            start = number * BLOCK
            kept[number] = read_range(
                s3, beginning.bucket, beginning.key, start, BLOCK, beginning.etag
            )
            while len(kept) > _KEPT:
                kept.pop(next(iter(kept)))
        return kept[number]

    def read_at(offset: int, size: int) -> bytes:
        size = min(size, beginning.size - offset)
        if size <= 0:
            return b""
        if offset + size <= len(beginning.data):
            return beginning.data[offset : offset + size]
        first, last = offset // BLOCK, (offset + size - 1) // BLOCK
        data = b"".join(block(number) for number in range(first, last + 1))
        return data[offset - first * BLOCK : offset - first * BLOCK + size]

    return read_at
