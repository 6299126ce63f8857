"""Commands that go from place to place, and arrange and mark what is there."""

from __future__ import annotations

from tui.panes import rows_commands
from tui.panes.s3.entries import Order, Prefix, orders_of
from tui.panes.s3.view import S3View
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets.commands import shared_commands, verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import Choice, Choose


def on_entry(view: S3View) -> bool:
    """Whether the cursor is on a row."""
    return view.browser.current is not None


def on_object(view: S3View) -> bool:
    """Whether the cursor is on an object."""
    return view.browser.current_object is not None


@command(verbs.OPEN, footer=True, when=on_entry, asks=on_object)
async def open_entry(view: S3View) -> None:
    """Open the bucket or the prefix under the cursor, or preview the object under it: CSV,
    Parquet and Excel as a table, JSON as a tree, a picture, a text, anything else as bytes."""
    browser = view.browser
    match browser.current:
        case Bucket(name=name):
            view.go(S3Location(name))
        case Prefix(prefix=prefix):
            view.go(S3Location(browser.bucket, prefix))
        case S3Object(key=key):
            from tui.panes.s3.preview.dialog import PreviewDialog

            await view.ask(PreviewDialog(browser.s3, browser.bucket, key))


def has_parent(view: S3View) -> bool:
    """Whether there is something above."""
    return view.browser.location.parent is not None


# In a worker, as `open_entry` is: the two happen in the order of their keys.
@command(verbs.UP, footer=True, when=has_parent, instead="This is the top: the list of buckets.")
async def up(view: S3View) -> None:
    """Go up one prefix, from a bucket to the list of buckets; the cursor returns to its row."""
    view.go_up()


go_to = shared_commands.go_to.here(
    """Type a place to go to: s3://bucket/prefix/, a bucket's name, an ARN or a web address. It
    opens without the permission to list all buckets."""
)

refresh = rows_commands.refresh.here(
    """Ask S3 again for what is shown here; after an error, try again, with credentials read anew
    if it was about them."""
)

filter_rows = shared_commands.filter_rows.here(
    """Narrow what is loaded to the names that contain a text, as you type, whatever the case; `*`
    stands for any characters, `?` for one. Where not everything is loaded, Enter asks S3 for the
    names that begin with it.""",
    footer=True,
)

mark = shared_commands.mark.here(
    """Mark or unmark the row under the cursor: delete and download act on what is marked. Marks
    survive filtering and sorting."""
)

mark_all = shared_commands.mark_all.here(
    "Mark every row that is shown, or none if all are marked. Only what is loaded is marked."
)


def has_something_to_end(view: S3View) -> bool:
    """Whether something can be stopped or put away."""
    return view.browser.can_stop or rows_commands.has_something_to_put_away(view)


@command(verbs.CANCEL, when=has_something_to_end)
def cancel(view: S3View) -> None:
    """Stop deleting or copying after what is in flight, or loading after the page. While neither
    is under way, put away what is on top: the error that is shown, or else the filter."""
    if view.browser.can_stop:
        view.browser.stop()
    else:
        rows_commands.put_away_top(view)


PARTIAL = "Only what is loaded is ordered: there is more. G then loads the rest into that order."

_ORDER_KEYS = {
    Order.LISTED: "l",
    Order.NAME: "n",
    Order.NAME_DOWN: "N",
    Order.SIZE: "s",
    Order.SIZE_UP: "S",
    Order.MODIFIED: "m",
    Order.MODIFIED_UP: "M",
    Order.CLASS: "c",
}


@command(verbs.SORT, asks=True)
async def sort(view: S3View) -> None:
    """Order the loaded rows by name, size, time or class. S3 itself lists by name only, so this
    orders what is loaded; it says so while there is more, and G loads the rest."""
    listing = view.browser.listing
    orders = orders_of(listing.location)
    partial = "" if listing.complete else PARTIAL
    order = await view.ask(
        Choose(
            "Order",
            [Choice(each, each.value, key=_ORDER_KEYS[each]) for each in orders],
            body=partial,
            current=orders.index(listing.order) if listing.order in orders else 0,
        )
    )
    if order is not None:
        view.sort(order)
