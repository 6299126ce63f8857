"""Ordering what is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.panes.s3.order import Order
from tui.widgets import verbs
from tui.widgets.dialogs import Choice, Choose
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.panes.s3.pane import S3Pane

_KEYS = {
    Order.LISTED: "l",
    Order.NAME: "n",
    Order.NAME_DOWN: "N",
    Order.SIZE: "s",
    Order.SIZE_UP: "S",
    Order.MODIFIED: "m",
    Order.MODIFIED_UP: "M",
}
_OF_BUCKETS = (Order.LISTED, Order.NAME, Order.NAME_DOWN, Order.MODIFIED, Order.MODIFIED_UP)


class Sort(OldCommand["S3Pane"]):
    """Order the loaded rows by name, size or time. S3 itself lists by name only, so this orders
    what is loaded, and says so while there is more."""

    verb = verbs.SORT
    asks = True

    async def run(self, host: S3Pane) -> None:
        orders = _OF_BUCKETS if host.location.is_root else tuple(Order)
        partial = "" if host.listing.complete else "Only what is loaded is ordered: there is more."
        order = await host.ask(
            Choose(
                "Order",
                [Choice(each, each.value, key=_KEYS[each]) for each in orders],
                body=partial,
                current=orders.index(host.listing.order) if host.listing.order in orders else 0,
            )
        )
        if order is not None:
            host.listing.order = order
            host.rearrange(to_top=True)
