"""Commands that show what is known of what the cursor is on."""

from __future__ import annotations

import asyncio

from tui.panes.s3.bucket.commands_bucket import change_access
from tui.panes.s3.details import (
    DetailsDialog,
    bucket_facts,
    payer_facts,
    policy_facts,
    prefix_facts,
)
from tui.panes.s3.entries import Prefix
from tui.panes.s3.properties.facts import property_facts
from tui.panes.s3.view import S3View
from tui.services.errors import ServiceError
from tui.services.s3 import Bucket, Exposure, S3Location, S3Object, S3Service, Unknown
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command


def has_facts(view: S3View) -> bool:
    """Whether there is something to tell of."""
    return view.browser.current is not None or bool(view.browser.bucket)


@command(verbs.INFO, footer=True, asks=True, when=has_facts)
async def info(view: S3View) -> None:
    """Show all that S3 knows of the object under the cursor (exact size, version, checksum, storage
    class, restore, encryption, headers, metadata, tags, lock, owner), or of the bucket (region,
    versioning, encryption, public access)."""
    browser = view.browser
    match browser.current:
        case S3Object(key=key):
            found, exposure = await asyncio.gather(
                browser.s3.properties(browser.bucket, key), _exposure(browser.s3, browser.bucket)
            )
            facts = [
                *property_facts(found),
                *policy_facts(exposure),
                *payer_facts(browser.s3.pays(browser.bucket)),
            ]
            await view.ask(DetailsDialog(key, facts))
        case Prefix(prefix=prefix):
            location = S3Location(browser.bucket, prefix)
            await view.ask(DetailsDialog(str(location), prefix_facts(location)))
        case Bucket(name=name):
            await _show_bucket(view, name)
        case None:
            await _show_bucket(view, browser.bucket)


async def _exposure(s3: S3Service, bucket: str) -> Exposure | Unknown:
    try:
        return await s3.exposure(bucket)
    except ServiceError as error:
        return Unknown(error)


async def _show_bucket(view: S3View, bucket: str) -> None:
    while bucket:
        details = await view.browser.s3.bucket_details(bucket)
        facts = [*bucket_facts(details), *payer_facts(view.browser.s3.pays(bucket))]
        dialog = DetailsDialog(bucket, facts, changeable=not view.is_read_only)
        next_step = await view.ask(dialog, follows=True)
        if next_step != "access":
            return
        await change_access(view, bucket)
