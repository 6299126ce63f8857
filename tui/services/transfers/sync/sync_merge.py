"""The two sides of a sync, merged in the order of S3's listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tui.services.s3.listing.key_range import order_of
from tui.services.transfers.models import LocalFile, RemoteObject

Pair = tuple[LocalFile | None, RemoteObject | None]


def in_order(objects: Sequence[RemoteObject]) -> Sequence[RemoteObject]:
    """The objects in the order of their names' bytes, which some servers do not keep."""
    before = b""
    for each in objects:
        name = order_of(each.inside)
        if name < before:
            return sorted(objects, key=lambda each: order_of(each.inside))
        before = name
    return objects


def merged(files: Iterable[LocalFile], objects: Iterable[RemoteObject]) -> Iterator[Pair]:
    """What has one name on both sides together, the rest alone, in order. Without the prefix
    itself, and without keys that only stand for a folder."""
    left, right = iter(files), (each for each in objects if not _is_folder(each))
    file, found = next(left, None), next(right, None)
    here = order_of(file.relative) if file is not None else b""
    there = order_of(found.inside) if found is not None else b""
    while file is not None or found is not None:
        has_file = file is not None and (found is None or here <= there)
        has_found = found is not None and (file is None or there <= here)
        yield file if has_file else None, found if has_found else None
        if has_file:
            file = next(left, None)
            here = order_of(file.relative) if file is not None else b""
        if has_found:
            found = next(right, None)
            there = order_of(found.inside) if found is not None else b""


def _is_folder(found: RemoteObject) -> bool:
    return not found.inside or (found.inside.endswith("/") and found.size == 0)
