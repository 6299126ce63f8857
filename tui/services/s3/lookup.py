"""Objects in bulk: everything under a prefix, and which of many keys exist.

Blocking iterators, a page of the bucket's listing at a time. They raise ServiceError.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.services.aws import Paging
from tui.services.s3.calls import S3Calls
from tui.services.s3.data_plane import MAX_KEY_BYTES
from tui.services.s3.listing import objects_of
from tui.services.s3.models import S3Object

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

_LAST_CHARACTER = "\U0010ffff"


def list_under(s3: S3Calls, bucket: str, prefix: str) -> Iterator[tuple[S3Object, ...]]:
    """Every object whose key begins with `prefix`, at any depth."""
    token: Paging[ListObjectsV2OutputTypeDef] = Paging(
        {"NextContinuationToken": "ContinuationToken"}
    )
    pages = s3.pages(
        f"list s3://{bucket}/{prefix}",
        lambda client: client.list_objects_v2,
        token,
        Bucket=bucket,
        Prefix=prefix,
        EncodingType="url",
    )
    return map(objects_of, pages)


def list_existing(
    s3: S3Calls, bucket: str, keys: Sequence[str]
) -> Iterator[Mapping[str, S3Object]]:
    """Which of `keys` exist.

    Jumps over what lies between two keys, so that it never asks more often than once per key,
    and asks once per thousand where they lie close together.
    """
    encoded = sorted({key.encode() for key in keys})
    wanted = {key.decode() for key in encoded}
    prefix = _common_beginning(min(wanted), max(wanted)) if wanted else ""
    position, after = 0, b""
    while position < len(encoded):
        before = just_before(encoded[position].decode()).encode()
        if after < before or not _is_utf8(after):
            # A key that is not UTF-8, of which no request can be made, lies before the next one.
            after = before
        answer = s3.call(
            "look up what is already there",
            lambda client: client.list_objects_v2,
            Bucket=bucket,
            Prefix=prefix,
            StartAfter=after.decode(),
            EncodingType="url",
        )
        page = objects_of(answer)
        yield {each.key: each for each in page if each.key in wanted}
        if not answer.get("IsTruncated") or not page:
            return
        after = page[-1].key.encode("utf-8", "surrogateescape")
        position = bisect_right(encoded, after)


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _common_beginning(first: str, last: str) -> str:
    """What all strings sorted between the two begin with."""
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[:same]


def just_before(key: str) -> str:
    """A string that sorts before `key` with next to nothing in between, for StartAfter."""
    stem, last = key[:-1], ord(key[-1])
    if last == 0:
        return stem
    # U+D800 to U+DFFF are not characters.
    previous = chr(0xD7FF if last == 0xE000 else last - 1)
    before = stem + previous + _LAST_CHARACTER
    return before if len(before.encode()) <= MAX_KEY_BYTES else stem
