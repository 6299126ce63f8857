"""Narrowing and ordering what is loaded, in slices: 200,000 entries at once would stop the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from itertools import islice
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.order import Order
from tui.services.s3 import Bucket, S3Object

if TYPE_CHECKING:
    from tui.panes.s3.listing import Listing

SLICE = 4000
"""Entries of a step: some milliseconds of work."""

ENDED = object()
"""Not None: what `next(steps, ENDED)` gives when nothing follows."""

_Keyed = tuple[Any, Entry]
_key_of = itemgetter(0)


def arranging(listing: Listing) -> Iterator[None]:
    """Narrow and order the entries of a listing anew, a slice for each step.

    `listing.shown` becomes another list as soon as its beginning is known, and then grows at its
    end. Pages that come meanwhile are taken in. The listing is `arranged` at the end.
    """
    listing.arranged = False
    while not listing.arranged:
        steps = _narrowing(listing) if listing.order is Order.LISTED else _ordering(listing)
        yield from steps


def _slices(listing: Listing) -> Iterator[tuple[list[Entry], bool]]:
    """What passes the filter, slice by slice, and whether the slice is the last one for now."""
    passes, at = listing.filter(), 0
    while True:
        part = listing.entries[at : at + SLICE]
        at += len(part)
        is_last = at >= len(listing.entries)
        yield [entry for entry in part if passes(entry)], is_last
        if at >= len(listing.entries):
            return


def _narrowing(listing: Listing) -> Iterator[None]:
    listing.shown = []
    for passed, is_last in _slices(listing):
        listing.shown += passed
        if not is_last:
            yield
    listing.arranged = True


def _ordering(listing: Listing) -> Iterator[None]:
    """Sorts each slice, then merges them. To sort all at once would hold up the interpreter."""
    order = listing.order
    key, downwards = _KEYS[order], order in _DOWNWARDS
    folders: list[Entry] = []
    runs: list[list[_Keyed]] = []
    collected = 0
    for passed, is_last in _slices(listing):
        collected = len(listing.entries)
        folders += [entry for entry in passed if isinstance(entry, Prefix)]
        run = [(key(entry), entry) for entry in passed if not isinstance(entry, Prefix)]
        runs.append(sorted(run, key=_key_of, reverse=downwards))
        if not is_last:
            yield
    # A prefix has neither size nor time: folders stay on top, in the order of their names.
    listing.shown = sorted(folders, key=raw_name, reverse=order is Order.NAME_DOWN)
    merged = merge(*runs, key=_key_of, reverse=downwards)
    while part := list(islice(merged, SLICE)):
        listing.shown += [entry for _, entry in part]
        if len(part) == SLICE:
            yield
    listing.arranged = collected == len(listing.entries)


def _size(entry: Entry) -> int:
    return entry.size if isinstance(entry, S3Object) else 0


def _moment(entry: Entry, unknown: float) -> float:
    when = entry.created if isinstance(entry, Bucket) else getattr(entry, "modified", None)
    return unknown if when is None else float(when.timestamp())


_KEYS: dict[Order, Callable[[Entry], Any]] = {
    Order.NAME: raw_name,
    Order.NAME_DOWN: raw_name,
    Order.SIZE: _size,
    Order.SIZE_UP: _size,
    # What has no known date comes last in both directions.
    Order.MODIFIED: lambda entry: _moment(entry, -inf),
    Order.MODIFIED_UP: lambda entry: _moment(entry, inf),
}
_DOWNWARDS = {Order.NAME_DOWN, Order.SIZE, Order.MODIFIED}
