"""The orders that the rows of the S3 pane can have."""

from __future__ import annotations

from enum import Enum


class Order(Enum):
    """How the loaded rows are ordered; the value is what a person calls it."""

    LISTED = "as S3 lists them"
    NAME = "by name"
    NAME_DOWN = "by name, last first"
    SIZE = "largest first"
    SIZE_UP = "smallest first"
    MODIFIED = "newest first"
    MODIFIED_UP = "oldest first"


_BY_COLUMN = {
    0: (Order.NAME, Order.NAME_DOWN),
    1: (Order.SIZE, Order.SIZE_UP),
    2: (Order.MODIFIED, Order.MODIFIED_UP),
}
"""The two orders of a column. The second column of buckets is their region, which orders none."""


def next_order(order: Order, column: int, *, of_buckets: bool) -> Order | None:
    """The order after a click on the title of a column: one way, the other way, as listed. None
    if nothing is ordered by this column."""
    if column not in _BY_COLUMN or (of_buckets and column == 1):
        return None
    first, second = _BY_COLUMN[column]
    return {first: second, second: Order.LISTED}.get(order, first)
