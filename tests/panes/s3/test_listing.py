"""What is loaded of a location: filtered, ordered and told in words, without a screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tui.panes import arranging
from tui.panes.s3 import rows
from tui.panes.s3.entries import Entry, Order, Prefix, next_order, orders_of, raw_name
from tui.panes.s3.listing import Listing
from tui.services.s3 import ROOT, S3Location, S3Object

HERE = S3Location("bucket", "d/")
START = datetime(2026, 1, 1, tzinfo=UTC)


def entries(count: int, seed: int = 1) -> list[Entry]:
    random = Random(seed)
    found: list[Entry] = [Prefix(f"d/{number:03}/") for number in range(0, count, 10)]
    for number in range(count):
        when = START + timedelta(seconds=random.randrange(count // 2))
        modified = None if number % 7 == 0 else when
        size = random.randrange(count // 2)
        name = random.choice(("STANDARD", "GLACIER", ""))
        found.append(S3Object(f"d/{number:06}.csv", size, modified, name, ""))
    return found


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Listing:
    """A hundred objects and ten folders, arranged one row at a step."""
    monkeypatch.setattr(arranging, "SLICE", 0.0)
    monkeypatch.setattr(arranging, "RUN", 10)
    listing = Listing(HERE)
    listing.add(entries(100), "more")
    return listing


@pytest.mark.parametrize("chunk", [16, 1024])
@pytest.mark.parametrize("order", Order)
def test_every_order_is_that_of_one_sort(
    monkeypatch: pytest.MonkeyPatch, order: Order, chunk: int
) -> None:
    monkeypatch.setattr(arranging, "RUN", 10)
    # With small chunks most entries are columns, else they are objects.
    monkeypatch.setattr(rows, "CHUNK", chunk)
    listing = Listing(HERE)
    listing.add(entries(100), "more")
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
        Order.CLASS: sorted(objects, key=lambda each: each.storage_class),
    }
    top = folders[::-1] if order is Order.NAME_DOWN else folders
    assert list(listing.shown) == [*top, *wanted[order]]
    assert listing.arranged


def test_a_filter_shows_its_first_matches_before_all_rows_were_looked_at(
    listing: Listing,
) -> None:
    listing.needle = "00"
    steps = listing.arranging()
    next(steps)
    first, shown = list(listing.shown), listing.shown
    assert first
    assert not listing.arranged
    assert len(list(steps)) == len(listing.entries) - 1
    assert listing.shown is shown
    assert list(listing.shown) == [each for each in listing.entries if "00" in raw_name(each)]


def test_the_rows_of_another_order_come_when_their_beginning_is_known(listing: Listing) -> None:
    before = listing.shown
    listing.order = Order.SIZE
    changes = 0
    for _ in listing.arranging():
        changes += listing.shown is not before
        if listing.shown is before:
            assert not listing.arranged
    assert changes == len(listing.entries)


@pytest.mark.parametrize("order", [Order.LISTED, Order.SIZE])
@pytest.mark.parametrize("steps_before", [1, 5, 50, 109, 150, 250, 329])
def test_a_page_that_comes_meanwhile_is_taken_in(
    listing: Listing, order: Order, steps_before: int
) -> None:
    listing.order = order
    steps = listing.arranging()
    for _ in range(steps_before):
        next(steps, None)
    late = S3Object("d/late", 10**9, None, "", "")
    was_arranged = listing.arranged
    listing.add([late], None)
    assert was_arranged == (late in listing.shown)
    for _ in steps:
        pass
    assert len(listing.shown) == len(listing.entries)
    objects = [entry for entry in listing.shown if isinstance(entry, S3Object)]
    assert objects[0 if order is Order.SIZE else -1] == late


def test_a_page_goes_to_the_end_as_long_as_the_order_is_that_of_the_server() -> None:
    listing = Listing(HERE, needle="csv")
    listing.add(entries(10), "more")
    shown = listing.shown
    listing.add([S3Object("d/x.CSV", 1, None, "", ""), S3Object("d/x.txt", 1, None, "", "")], None)
    assert listing.shown is shown
    assert [raw_name(each) for each in shown][-2:] == ["d/000009.csv", "d/x.CSV"]
    assert listing.arranged
    listing.order = Order.SIZE
    listing.add([S3Object("d/y.csv", 1, None, "", "")], None)
    assert not listing.arranged


@pytest.mark.parametrize(
    ("column", "orders"),
    [
        (0, [Order.NAME, Order.NAME_DOWN, Order.LISTED]),
        (1, [Order.SIZE, Order.SIZE_UP, Order.LISTED]),
        (2, [Order.MODIFIED, Order.MODIFIED_UP, Order.LISTED]),
        (3, [Order.CLASS, Order.LISTED]),
    ],
)
def test_each_click_gives_the_next_order(column: int, orders: list[Order]) -> None:
    order: Order | None = Order.LISTED
    for expected in orders:
        assert order is not None
        order = next_order(order, column, of_buckets=False)
        assert order is expected


def test_some_columns_order_nothing() -> None:
    assert next_order(Order.LISTED, 1, of_buckets=True) is None
    assert next_order(Order.LISTED, 2, of_buckets=True) is None
    assert next_order(Order.LISTED, 3, of_buckets=True) is Order.MODIFIED


def test_buckets_are_not_offered_an_order_by_size() -> None:
    assert set(orders_of(HERE)) == set(Order)
    assert set(Order) - set(orders_of(ROOT)) == {
        Order.SIZE,
        Order.SIZE_UP,
        Order.CLASS,
    }


def test_marking_all_rows_and_forgetting_lost_marks_take_many_steps(listing: Listing) -> None:
    marking = listing.toggling_all_marks()
    next(marking)
    assert 0 < len(listing.marked) < len(listing.entries)
    assert len(list(marking)) >= 100
    assert listing.marked == {raw_name(each) for each in listing.entries}
    listing.marked |= {"gone", "lost"}
    assert len(list(listing.forgetting_lost_marks())) >= 100
    assert listing.marked == {raw_name(each) for each in listing.entries}
    assert len(list(listing.toggling_all_marks())) >= 200
    assert not listing.marked
