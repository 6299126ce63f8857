"""Commands that show what is known of what the cursor is on."""

from __future__ import annotations

from tui.panes.s3.bucket.commands_bucket import change_access
from tui.panes.s3.details import DetailsDialog, bucket_facts, object_facts, prefix_facts
from tui.panes.s3.entries import Prefix
from tui.panes.s3.view import S3View
from tui.services.s3 import Bucket, S3Location, S3Object
from tui.widgets import verbs
from tui.widgets.command import command


def has_facts(view: S3View) -> bool:
    """Whether there is something to tell of."""
    return view.browser.current is not None or bool(view.browser.bucket)


@command(verbs.INFO, footer=True, asks=True, when=has_facts)
async def info(view: S3View) -> None:
    """Show what S3 knows of the object (exact size, type, metadata, encryption, version) or of the
    bucket (region, versioning, encryption, public access) under the cursor."""
    browser = view.browser
    match browser.current:
        case S3Object(key=key):
            details = await browser.s3.head(browser.bucket, key)
            await view.ask(DetailsDialog(key, object_facts(details)))
        case Prefix(prefix=prefix):
            location = S3Location(browser.bucket, prefix)
            await view.ask(DetailsDialog(str(location), prefix_facts(location)))
        case Bucket(name=name):
            await _show_bucket(view, name)
        case None:
            await _show_bucket(view, browser.bucket)


async def _show_bucket(view: S3View, bucket: str) -> None:
    while bucket:
        details = await view.browser.s3.bucket_details(bucket)
        dialog = DetailsDialog(bucket, bucket_facts(details), changeable=not view.is_read_only)
        next_step = await view.ask(dialog, follows=True)
        if next_step != "access":
            return
        await change_access(view, bucket)
