"""A part of an object, by a ranged GET that notices another version. Blocking."""

from __future__ import annotations

from collections.abc import Callable

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.objects import Beginning, get_object, read_body, version_named

BLOCK = 256 * 1024
"""Bytes of one request of a `reader`."""

_KEPT = 16
"""Blocks that a `reader` keeps: 4 MiB."""


def read_range(
    s3: S3Calls,
    bucket: str,
    key: str,
    start: int,
    length: int,
    etag: str = "",
    version_id: str = "",
) -> bytes:
    """At most `length` bytes of an object, or of a version of it, from `start` on; fewer only at
    its end.

    Raises ServiceError; CHANGED if the object no longer has this ETag.
    """
    part = f"bytes={start}-{start + length - 1}"
    action = f"read {key!r}"
    try:
        answer = s3.call(
            action,
            get_object,
            Bucket=bucket,
            Key=key,
            Range=part,
            **({"IfMatch": f'"{etag}"'} if etag else {}),
            **version_named(version_id),
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
    data = _part_of(s3, beginning, len(beginning.data), length)
    return beginning.with_data(beginning.data + data)


def _part_of(s3: S3Calls, beginning: Beginning, start: int, length: int) -> bytes:
    of = beginning
    return read_range(s3, of.bucket, of.key, start, length, of.etag, of.version_id)


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
            kept[number] = _part_of(s3, beginning, start, BLOCK)
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
