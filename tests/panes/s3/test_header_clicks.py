"""A click on the title of a column sorts by it: one way, the other way, as listed."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.panes.s3.conftest import Browse
from tui.panes.s3.entries import raw_name
from tui.panes.s3.order import Order, next_order
from tui.widgets.grid import Grid


@pytest.mark.parametrize(
    ("column", "orders"),
    [
        (0, [Order.NAME, Order.NAME_DOWN, Order.LISTED]),
        (1, [Order.SIZE, Order.SIZE_UP, Order.LISTED]),
        (2, [Order.MODIFIED, Order.MODIFIED_UP, Order.LISTED]),
    ],
)
def test_each_click_gives_the_next_order(column: int, orders: list[Order]) -> None:
    order: Order | None = Order.LISTED
    for expected in orders:
        assert order is not None
        order = next_order(order, column, of_buckets=False)
        assert order is expected


def test_some_columns_order_nothing() -> None:
    assert next_order(Order.LISTED, 3, of_buckets=False) is None
    assert next_order(Order.LISTED, 1, of_buckets=True) is None


async def test_a_click_on_the_title_sorts(browse: Browse, bucket: str, put: Put) -> None:
    put({"a": b"", "b": b"12345", "c": b"1"})
    async with browse(f"s3://{bucket}/") as browser:
        await browser.sees("5 B")
        left = browser.text.splitlines()[1].index("Size")
        assert "Name" in browser.text.splitlines()[1]
        await browser.pilot.click(Grid, offset=(left, 0))
        await browser.sees("largest first")
        assert [raw_name(each) for each in browser.pane.listing.shown] == ["b", "c", "a"]
        await browser.pilot.click(Grid, offset=(browser.pane.grid.size.width - 2, 0))
        await browser.sees("Nothing is sorted by this column")
