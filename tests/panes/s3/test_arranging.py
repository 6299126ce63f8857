"""Narrowing and ordering in slices: the same result, and the first rows early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tui.panes.s3 import arranging as module
from tui.panes.s3.arranging import ENDED, arranging
from tui.panes.s3.entries import Entry, Prefix, raw_name
from tui.panes.s3.listing import Listing
from tui.panes.s3.order import Order
from tui.services.s3 import S3Location, S3Object

HERE = S3Location("bucket", "d/")
START = datetime(2026, 1, 1, tzinfo=UTC)


def entries(count: int, seed: int = 1) -> list[Entry]:
    random = Random(seed)
    found: list[Entry] = [Prefix(f"d/{number:03}/") for number in range(0, count, 10)]
    for number in range(count):
        when = START + timedelta(seconds=random.randrange(count // 2))
        modified = None if number % 7 == 0 else when
        size = random.randrange(count // 2)
        found.append(S3Object(f"d/{number:06}.csv", size, modified, "STANDARD", ""))
    return found


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Listing:
    monkeypatch.setattr(module, "SLICE", 10)
    listing = Listing(HERE)
    listing.add(entries(100), "more")
    return listing


@pytest.mark.parametrize("order", Order)
def test_every_order_is_that_of_one_sort(listing: Listing, order: Order) -> None:
    listing.order = order
    listing.arrange()
    folders = [entry for entry in listing.entries if isinstance(entry, Prefix)]
    objects = [entry for entry in listing.entries if isinstance(entry, S3Object)]

    def known(entry: S3Object) -> datetime:
        assert entry.modified is not None
        return entry.modified

    dated = [entry for entry in objects if entry.modified is not None]
    undated = [entry for entry in objects if entry.modified is None]
    wanted: dict[Order, list[S3Object]] = {
        Order.LISTED: objects,
        Order.NAME: objects,
        Order.NAME_DOWN: objects[::-1],
        Order.SIZE: sorted(objects, key=lambda each: each.size, reverse=True),
        Order.SIZE_UP: sorted(objects, key=lambda each: each.size),
        Order.MODIFIED: sorted(dated, key=known, reverse=True) + undated,
        Order.MODIFIED_UP: sorted(dated, key=known) + undated,
    }
    top = folders[::-1] if order is Order.NAME_DOWN else folders
    assert listing.shown == [*top, *wanted[order]]
    assert listing.arranged


def test_a_filter_shows_its_first_matches_after_the_first_slice(listing: Listing) -> None:
    listing.needle = "00"
    steps = arranging(listing)
    assert next(steps, ENDED) is None
    first = list(listing.shown)
    assert first
    assert not listing.arranged
    assert len(list(steps)) == len(listing.entries) // 10 - 2
    assert listing.shown[: len(first)] == first
    assert listing.shown == [each for each in listing.entries if "00" in raw_name(each)]


@pytest.mark.parametrize("order", [Order.LISTED, Order.SIZE])
@pytest.mark.parametrize("steps_before", [1, 5, 15])
def test_a_page_that_comes_meanwhile_is_taken_in(
    listing: Listing, order: Order, steps_before: int
) -> None:
    listing.order = order
    steps = arranging(listing)
    for _ in range(steps_before):
        next(steps, ENDED)
    late = S3Object("d/late", 10**9, None, "", "")
    if listing.arranged:
        return
    assert listing.add([late], None) == []
    for _ in steps:
        pass
    assert len(listing.shown) == len(listing.entries)
    objects = [entry for entry in listing.shown if isinstance(entry, S3Object)]
    assert objects[0 if order is Order.SIZE else -1] == late


def test_no_step_looks_at_more_than_a_slice(
    listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = 0
    filter_of = Listing.filter

    def counting(self: Listing) -> object:
        passes = filter_of(self)

        def one(entry: Entry) -> bool:
            nonlocal looked
            looked += 1
            return passes(entry)

        return one

    monkeypatch.setattr(Listing, "filter", counting)
    listing.needle = "9"
    for _ in arranging(listing):
        assert looked <= 10
        looked = 0
