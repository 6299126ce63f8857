"""Versions of objects, as objects to download."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tui.services.s3 import ObjectVersion
from tui.services.transfers.models import RemoteObject


def remote_versions(versions: Sequence[ObjectVersion], base: str) -> tuple[RemoteObject, ...]:
    """What to download of these versions; delete markers hold nothing and are left out.

    A version that is chosen alone gets the name of its key. Where several of one key are chosen,
    each has its time in its name, because `a (2).txt` would not say which it is. `base` is as in
    `Planner.objects`.
    """
    chosen = [each for each in versions if not each.marker]
    count = Counter(each.key for each in chosen)
    return tuple(_remote(each, base, alone=count[each.key] == 1) for each in chosen)


def _remote(version: ObjectVersion, base: str, *, alone: bool) -> RemoteObject:
    inside = version.key[len(base) :]
    if not alone:
        folder, slash, name = inside.rpartition("/")
        stem, dot, suffix = name.rpartition(".")
        if not stem:
            stem, dot, suffix = name, "", ""
        when = f"{version.modified:%Y-%m-%d %H%M%S}" if version.modified else "time unknown"
        inside = f"{folder}{slash}{stem} ({when}){dot}{suffix}"
    return RemoteObject(
        version.key,
        inside,
        version.key.rsplit("/", 1)[-1],
        version.size_bytes,
        version.etag.strip('"'),
        version.modified,
        version.version_id,
    )
