"""Pages of a listing, as the service gives them. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from tui.panes.s3.entries import Entry, Prefix
from tui.panes.s3.listing import Listing
from tui.panes.s3.rows import Entries
from tui.services.errors import ErrorKind, ServiceError
from tui.services.giving_way import keys_first, turns
from tui.services.s3 import ObjectPage, S3Service


async def take_page(s3: S3Service, listing: Listing) -> None:
    """Add the page after the loaded ones. Raises ServiceError."""
    if listing.location.is_root:
        buckets = await s3.list_buckets(listing.next_token)
        listing.add(buckets.buckets, buckets.next_token)
    else:
        page = await s3.list_page(listing.location, listing.next_token)
        listing.add(_entries(page), page.next_token)


async def pages_left(s3: S3Service, listing: Listing) -> AsyncGenerator[None, None]:
    """Add all pages that are left, one for each step: those of a bucket in parallel ranges. Raises
    ServiceError."""
    token = listing.next_token
    if token is None:
        return
    if listing.location.is_root:
        while listing.next_token:
            await take_page(s3, listing)
            yield
        return
    async with aclosing(s3.list_rest(listing.location, token)) as pages:
        async for page in pages:
            await keys_first()
            listing.add(_entries(page), page.next_token, is_packed=False)
            # Packed by this thread, a page would keep a key waiting.
            await asyncio.to_thread(_pack, listing.entries)
            yield


def _pack(entries: Entries) -> None:
    with turns():
        entries.pack()


def _entries(page: ObjectPage) -> list[Entry]:
    return [*(Prefix(each) for each in page.prefixes), *page.objects]


async def add_directory_buckets(s3: S3Service, listing: Listing) -> None:
    """Add them behind the other buckets, by a request that those did not wait for. Why they did
    not come is only noted: most accounts have none."""
    try:
        listing.add(await s3.list_directory_buckets(), None)
    except ServiceError as error:
        denied = error.kind is ErrorKind.DENIED
        why = "s3express:ListAllMyDirectoryBuckets is denied" if denied else "they did not come"
        listing.note = f"directory buckets unknown: {why}"
