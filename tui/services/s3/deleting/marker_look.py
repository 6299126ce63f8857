"""What lies over and under delete markers now, before they are removed. Blocking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from itertools import dropwhile, takewhile

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


NEWEST = 5
"""Versions of each key that are looked at, the newest: a delete that the SDK sent four times, its
answers being lost, makes four markers over what it hides."""


class MarkerState(Enum):
    """What removing a delete marker does now."""

    HIDES = "hides a version"
    """It is the latest of its key, or only markers of the same delete are over it, with a version
    under them, which will be back."""
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
    own = set(markers)
    return {each: _state(each, rows[each.key], own) for each in markers if each.key in rows}


def markers_over(
    s3: S3Calls, bucket: str, etags: Mapping[str, str], *, at: Connection | None = None
) -> Mapping[str, tuple[str, ...]]:
    """Of these keys the version ids of the delete markers that lie over what has that ETag, and
    nothing else between: a delete of which the answer was lost made them, more than one if it was
    sent again. As far as `look_at_markers` looks. Raises ServiceError."""
    rows = _newest_of(s3.on(at), bucket, etags)
    found: dict[str, tuple[str, ...]] = {}
    for key, newest in rows.items():
        over = tuple(takewhile(lambda each: each.marker, newest))
        under = newest[len(over)] if len(over) < len(newest) else None
        ids = tuple(each.version_id for each in over if each.version_id != NO_VERSION)
        if ids and under is not None and under.etag.strip('"') == etags[key].strip('"'):
            found[key] = ids
    return found


def _newest_of(s3: S3Calls, bucket: str, keys: Collection[str]) -> dict[str, list[ObjectVersion]]:
    """The `NEWEST` versions of each key, or fewer if there are fewer; without the keys that
    `LOOK_PAGES` do not tell."""
    if not keys:
        return {}
    if len(keys) <= ONE_BY_ONE:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tristore-s3-look") as pool:
            found = pool.map(lambda key: _newest(s3, bucket, key), keys)
            return dict(zip(keys, found, strict=True))
    rows: dict[str, list[ObjectVersion]] = {key: [] for key in keys}
    prefix = common_beginning(min(rows), max(rows))
    token: VersionToken | None = None
    for _ in range(LOOK_PAGES):
        page = list_version_page(s3, bucket, prefix, token)
        for version in page.versions:
            seen = rows.get(version.key)
            if seen is not None and len(seen) < NEWEST:
                seen.append(version)
        token = page.next_token
        if token is None:
            return rows
    # The key at which the pages end may have more rows.
    return {key: newest for key, newest in rows.items() if token is None or key < token[0]}


def _newest(s3: S3Calls, bucket: str, key: str) -> list[ObjectVersion]:
    # The key itself comes before the longer ones that begin with it.
    page = list_version_page(s3, bucket, key, limit=NEWEST)
    return [each for each in page.versions if each.key == key]


def _state(marker: Name, rows: Sequence[ObjectVersion], own: Collection[Name]) -> MarkerState:
    """`rows` are the newest of the key; `own` are the markers that are removed together."""
    if not rows:
        return MarkerState.GONE
    under = list(dropwhile(lambda each: each.name in own, rows))
    if marker not in {each.name for each in rows[: len(rows) - len(under)]}:
        return MarkerState.COVERED
    if not under:
        return MarkerState.EMPTY
    return MarkerState.DOUBLE if under[0].marker else MarkerState.HIDES
