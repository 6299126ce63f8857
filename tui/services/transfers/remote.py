"""Look at what S3 holds: what is there before an upload, what is to come with a download.

Blocking: run on a pool. Vendor exceptions leave as ServiceErrors.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.models import ExistingObject

MAX_KEY_BYTES = 1024
"""The longest key that S3 takes, in bytes of UTF-8."""

_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """An object to download."""

    key: str
    inside: str
    """The key's part below the place that the user looked at; the local name is made of it."""
    relative: str
    """The key's part below the chosen prefix (or after the last `/` of a chosen key); the
    patterns are matched against it."""
    size: int
    etag: str | None
    modified: datetime | None


def head(client: Any, bucket: str, key: str) -> ExistingObject | None:
    """What is stored under `key`; None if nothing is.

    Raises ServiceError; DENIED also covers a missing key for those who may not list the bucket.
    """
    with translating("look up what is already there"):
        try:
            answer = client.head_object(Bucket=bucket, Key=key)
        except client.exceptions.ClientError as error:
            if error.response["Error"].get("Code") in {"404", "NoSuchKey", "NotFound"}:
                return None
            raise
    return ExistingObject(answer["ContentLength"], answer.get("ETag"), answer.get("LastModified"))


def list_existing(
    client: Any, bucket: str, keys: Sequence[str]
) -> Iterator[Mapping[str, ExistingObject]]:
    """Which of `keys` exist, page by page of the bucket's listing.

    Jumps over what lies between two keys, so that it never asks more often than once per key,
    and asks once per thousand where they lie close together.
    """
    encoded = sorted({key.encode() for key in keys})
    wanted = {key.decode() for key in encoded}
    prefix = _common_beginning(min(wanted), max(wanted)) if wanted else ""
    position, after = 0, b""
    while position < len(encoded):
        after = max(after, just_before(encoded[position].decode()).encode())
        with translating("look up what is already there"):
            page = client.list_objects_v2(Bucket=bucket, Prefix=prefix, StartAfter=after.decode())
        contents = page.get("Contents", [])
        yield {entry["Key"]: _existing(entry) for entry in contents if entry["Key"] in wanted}
        if not page.get("IsTruncated") or not contents:
            return
        after = contents[-1]["Key"].encode()
        position = bisect_right(encoded, after)


def _common_beginning(first: str, last: str) -> str:
    """What all strings sorted between the two begin with."""
    same = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    return first[:same]


def _existing(entry: Mapping[str, Any]) -> ExistingObject:
    return ExistingObject(entry["Size"], entry.get("ETag"), entry.get("LastModified"))


def just_before(key: str) -> str:
    """A string that sorts before `key` with next to nothing in between, for StartAfter."""
    stem, last = key[:-1], ord(key[-1])
    if last == 0:
        return stem
    # U+D800 to U+DFFF are not characters.
    previous = chr(0xD7FF if last == 0xE000 else last - 1)
    before = stem + previous + _LAST_CHARACTER
    return before if len(before.encode()) <= MAX_KEY_BYTES else stem


def list_under(
    client: Any, bucket: str, prefix: str, base: str
) -> Iterator[tuple[RemoteObject, ...]]:
    """Every object under `prefix`, one page at a time; `base` is a beginning of `prefix`."""
    token: dict[str, str] = {}
    while True:
        with translating(f"list s3://{bucket}/{prefix}"):
            page = client.list_objects_v2(Bucket=bucket, Prefix=prefix, **token)
        yield tuple(
            RemoteObject(
                entry["Key"],
                entry["Key"][len(base) :],
                entry["Key"][len(prefix) :],
                entry["Size"],
                entry.get("ETag"),
                entry.get("LastModified"),
            )
            for entry in page.get("Contents", [])
        )
        if not page.get("IsTruncated"):
            return
        token = {"ContinuationToken": page["NextContinuationToken"]}


def look_up(client: Any, bucket: str, key: str, base: str) -> RemoteObject:
    """One object that the user chose. Raises ServiceError (NOT_FOUND) if it is gone."""
    found = head(client, bucket, key)
    if found is None:
        raise ServiceError(
            "The object is not there any more.",
            hint="Press r to see what is there now.",
            kind=ErrorKind.NOT_FOUND,
        )
    name = key.rsplit("/", 1)[-1]
    return RemoteObject(key, key[len(base) :], name, found.size, found.etag, found.modified)
