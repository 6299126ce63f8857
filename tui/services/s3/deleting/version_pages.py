"""Versions and delete markers as a person looks at them: page by page, the newest of a key first.

Blocking; every function raises ServiceError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection
from tui.services.aws.answers import ROWS, reading_body
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.deleting.versions import ObjectVersion, version_of
from tui.services.s3.listing.listing import PAGE

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

_KIND = re.compile(rb"<(Version|DeleteMarker)>")

VersionToken = tuple[str, str]
"""Where the next page begins: behind this version id (empty: all of them) of this key."""


@dataclass(frozen=True)
class VersionPage:
    """One bounded part of the versions and delete markers under a prefix."""

    versions: tuple[ObjectVersion, ...]
    """In the order of the keys; of each key the newest first."""
    next_token: VersionToken | None
    """None on the last page."""


def list_version_page(
    s3: S3Calls,
    bucket: str,
    prefix: str,
    token: VersionToken | None = None,
    *,
    limit: int = PAGE,
    at: Connection | None = None,
) -> VersionPage:
    """At most `limit` (1 to 1,000) versions and delete markers whose keys begin with `prefix`, at
    any depth.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
    """
    s3 = s3.on(at)
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": min(limit, PAGE)}
    if token is not None:
        request["KeyMarker"] = token[0]
        if token[1]:
            request["VersionIdMarker"] = token[1]
    try:
        answer = s3.call(f"list the versions under s3://{bucket}/{prefix}", _list, **request)
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED and not error.hint:
            error.hint = (
                "Listing versions needs the permission s3:ListBucketVersions on the bucket; "
                "s3:ListBucket is not enough."
            )
        raise
    following: VersionToken | None = None
    if answer.get("IsTruncated") and answer.get("NextKeyMarker"):
        following = answer["NextKeyMarker"], answer.get("NextVersionIdMarker") or ""
    # Some servers give the same token for ever.
    return VersionPage(_in_order(answer), following if following != token else None)


def _list(client: S3Client) -> Callable[..., ListObjectVersionsOutputTypeDef]:
    def send(**parameters: Any) -> ListObjectVersionsOutputTypeDef:
        # The SDK puts versions and delete markers into two lists, and so loses their order, which
        # is what says which is newer: the times have seconds, and of a multipart upload it is the
        # time when it began.
        with reading_body(lambda body: (body, _KIND.findall(body))):
            return client.list_object_versions(**parameters)

    return send


def _in_order(answer: ListObjectVersionsOutputTypeDef) -> tuple[ObjectVersion, ...]:
    versions = [version_of(row) for row in answer.get("Versions", ())]
    markers = [version_of(row) for row in answer.get("DeleteMarkers", ())]
    fields: Any = answer
    kinds: Sequence[bytes] = fields.get(ROWS) or ()
    found = [*versions, *markers]
    if len(kinds) == len(found) and kinds.count(b"Version") == len(versions):
        of = {b"Version": iter(versions), b"DeleteMarker": iter(markers)}
        found = [next(of[kind]) for kind in kinds]
    by_key: dict[str, list[ObjectVersion]] = {}
    for each in found:
        by_key.setdefault(each.key, []).append(each)
    return tuple(each for key in sorted(by_key) for each in _newest_first(by_key[key]))


def _newest_first(group: list[ObjectVersion]) -> list[ObjectVersion]:
    """The versions of one key as the server ordered them; by their times only where its order
    cannot be right, because the latest is not the first. Of one second, markers come first then:
    the latest is one, and what was just written is deleted more often than the other way round."""
    if len(group) < 2 or group[0].latest or not any(each.latest for each in group):
        return group
    markers_first = sorted(group, key=lambda each: not each.marker)
    newest = sorted(markers_first, key=lambda each: str(each.modified or ""), reverse=True)
    return sorted(newest, key=lambda each: not each.latest)


def key_versions(
    s3: S3Calls, bucket: str, key: str, *, at: Connection | None = None
) -> Iterator[tuple[ObjectVersion, ...]]:
    """The versions and delete markers of one key, the newest first, page by page."""
    token: VersionToken | None = None
    while True:
        page = list_version_page(s3, bucket, key, token, at=at)
        yield tuple(each for each in page.versions if each.key == key)
        token = page.next_token
        # Other keys that begin so follow after it.
        if token is None or any(each.key != key for each in page.versions):
            return
