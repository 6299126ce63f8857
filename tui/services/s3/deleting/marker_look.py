"""What lies over and under delete markers now, before they are removed. Blocking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum

from tui.services.aws import Connection
from tui.services.s3.calls import S3Calls
from tui.services.s3.deleting.batch_delete import NO_VERSION, Name
from tui.services.s3.deleting.version_pages import VersionToken, list_version_page
from tui.services.s3.deleting.versions import ObjectVersion
from tui.services.s3.listing.listing import common_beginning

ONE_BY_ONE = 64
"""Up to this many keys are asked for one by one."""

AT_ONCE = 8

LOOK_PAGES = 100
"""Pages of the listing that are read for more keys. They lie close together as a rule; where they
do not, what has been written since is not known of all of them."""


class MarkerState(Enum):
    """What removing a delete marker does now."""

    HIDES = "hides a version"
    """It is the latest of its key, with a version under it, which will be back."""
    COVERED = "something was written since"
    """Something else is the latest of its key."""
    EMPTY = "no version is left under it"
    DOUBLE = "another delete marker is under it"
    GONE = "nothing of the key is left"


def look_at_markers(
    s3: S3Calls, bucket: str, markers: Sequence[Name], *, at: Connection | None = None
) -> Mapping[Name, MarkerState]:
    """The state of each marker, as far as `LOOK_PAGES` tell it; few keys are asked for one by one.
    Raises ServiceError."""
    rows = _newest_of(s3.on(at), bucket, {each.key for each in markers})
    return {each: _state(each, rows[each.key]) for each in markers if each.key in rows}


def markers_over(
    s3: S3Calls, bucket: str, etags: Mapping[str, str], *, at: Connection | None = None
) -> Mapping[str, str]:
    """Of these keys the version ids of the delete markers that lie right over what has that ETag: a
    delete of which the answer was lost made them. As far as `look_at_markers` looks. Raises
    ServiceError."""
    rows = _newest_of(s3.on(at), bucket, etags)
    return {
        key: newest[0].version_id
        for key, newest in rows.items()
        if len(newest) > 1
        and newest[0].marker
        and newest[0].version_id != NO_VERSION
        and not newest[1].marker
        and newest[1].etag.strip('"') == etags[key]
    }


def _newest_of(s3: S3Calls, bucket: str, keys: Collection[str]) -> dict[str, list[ObjectVersion]]:
    """The two newest versions of each key, or fewer if there are fewer; without the keys that
    `LOOK_PAGES` do not tell."""
    if not keys:
        return {}
    if len(keys) <= ONE_BY_ONE:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tristore-s3-look") as pool:
            found = pool.map(lambda key: _two_newest(s3, bucket, key), keys)
            return dict(zip(keys, found, strict=True))
    rows: dict[str, list[ObjectVersion]] = {key: [] for key in keys}
    prefix = common_beginning(min(rows), max(rows))
    token: VersionToken | None = None
    for _ in range(LOOK_PAGES):
        page = list_version_page(s3, bucket, prefix, token)
        for version in page.versions:
            seen = rows.get(version.key)
            if seen is not None and len(seen) < 2:
                seen.append(version)
        token = page.next_token
        if token is None:
            return rows
    # The key at which the pages end may have more rows.
    return {key: newest for key, newest in rows.items() if token is None or key < token[0]}


def _two_newest(s3: S3Calls, bucket: str, key: str) -> list[ObjectVersion]:
    # The key itself comes before the longer ones that begin with it.
    page = list_version_page(s3, bucket, key, limit=2)
    return [each for each in page.versions if each.key == key]


def _state(marker: Name, rows: Sequence[ObjectVersion]) -> MarkerState:
    """`rows` are the two newest of the key, or fewer if there are fewer."""
    if not rows:
        return MarkerState.GONE
    if rows[0].name != marker:
        return MarkerState.COVERED
    if len(rows) == 1:
        return MarkerState.EMPTY
    return MarkerState.DOUBLE if rows[1].marker else MarkerState.HIDES
