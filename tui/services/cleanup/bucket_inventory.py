"""The account's buckets: every page, with their regions; those of this region in detail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from tui.services.cleanup.bucket_reading import read_bucket
from tui.services.cleanup.models import (
    Elsewhere,
    Found,
    InventoryEvent,
    Kind,
    PartDone,
    Resource,
    Unknown,
    reason,
)
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.uploads import Upload, uploads, when_begun
from tui.services.errors import ErrorKind, ServiceError


async def buckets(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Each bucket as soon as it is known, and again with its protections once they are read."""
    try:
        async for page in _pages(stores, tunables):
            async for event in _of_page(stores, page, tunables):
                yield event
    except ServiceError as error:
        yield Unknown(Kind.BUCKET, error)
    else:
        yield PartDone(Kind.BUCKET)
    # Where buckets are unknown, so are their uploads: one line says it.
    yield PartDone(Kind.UPLOADS)


async def _pages(stores: Stores, tunables: Tunables) -> AsyncIterator[list[Mapping[str, Any]]]:
    action = "list the buckets"
    token: str | None = None
    while True:
        params: dict[str, object] = {"MaxBuckets": tunables.page}
        if token is not None:
            params["ContinuationToken"] = token
        try:
            answer = await stores.call("s3", "list_buckets", action, **params)
        except ServiceError as error:
            if error.kind is not ErrorKind.INVALID and error.code != "NotImplemented":
                raise
            # Some compatible servers reject the parameters.
            answer = await stores.call("s3", "list_buckets", action)
        found = answer.get("Buckets", [])
        following = answer.get("ContinuationToken")
        if following is None and token is None and len(found) >= tunables.page:
            # Some servers cut the list without saying so; asked plainly they give all of it.
            found = (await stores.call("s3", "list_buckets", action)).get("Buckets", [])
        yield found
        if not following or following == token:
            return
        token = following


async def _of_page(
    stores: Stores, page: list[Mapping[str, Any]], tunables: Tunables
) -> AsyncIterator[InventoryEvent]:
    limit = asyncio.Semaphore(tunables.detail_calls)

    async def detailed(row: Mapping[str, Any]) -> tuple[InventoryEvent, ...]:
        async with limit:
            return await _look_at(stores, row, tunables)

    for row in page:
        if row.get("BucketRegion") == stores.connection.region:
            yield Found(_undetailed(row))
    tasks = [asyncio.create_task(detailed(row)) for row in page]
    try:
        for task in asyncio.as_completed(tasks):
            for event in await task:
                yield event
    finally:
        for pending in tasks:
            pending.cancel()


async def _look_at(
    stores: Stores, row: Mapping[str, Any], tunables: Tunables
) -> tuple[InventoryEvent, ...]:
    name = str(row["Name"])
    region = row.get("BucketRegion")
    why = ""
    if region is None:
        try:
            region = await bucket_region(stores, name)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                return ()
            why = f"region: {reason(error)}"
    if (
        region is not None
        and stores.connection.region is not None
        and region != stores.connection.region
    ):
        return (Elsewhere(name, region),)
    resource = replace(_undetailed(row), region=region)
    left = _uploads_left(stores, resource, tunables)
    try:
        resource, uploads_left = await asyncio.gather(read_bucket(stores, resource), left)
    except ServiceError as error:
        if error.code == "NoSuchBucket":
            # Deleted between the list and the look; a region's listing may be a moment late.
            return ()
        resource = replace(resource, protections=(), unknown=(reason(error),))
        uploads_left = None
    if why:
        resource = replace(resource, unknown=(why, *resource.unknown))
    if isinstance(uploads_left, str):
        resource = replace(resource, unknown=(*resource.unknown, uploads_left))
    if isinstance(uploads_left, Resource):
        return (Found(resource), Found(uploads_left))
    return (Found(resource),)


async def _uploads_left(
    stores: Stores, bucket: Resource, tunables: Tunables
) -> Resource | str | None:
    """The bucket's multipart uploads, as far as their first page tells; None if there are none,
    a few words if that is unknown."""
    try:
        async with aclosing(uploads(stores, bucket.name, tunables.page)) as pages:
            page: list[Upload] = await anext(pages, [])
    except ServiceError as error:
        return f"multipart uploads: {reason(error)}"
    if not page:
        return None
    more = len(page) >= tunables.page
    begun = [upload.begun for upload in page if upload.begun]
    about = [f"of the bucket {bucket.name}"]
    about += [f"begun {when_begun(min(begun), max(begun))}"] if begun else []
    about += [f"{len(page):,} or more"] if more else []
    return Resource(
        kind=Kind.UPLOADS,
        name=bucket.name,
        region=bucket.region,
        created=min(begun, default=None),
        count=None if more else len(page),
        about=tuple(about),
    )


async def bucket_region(stores: Stores, name: str) -> str | None:
    """The bucket's region from the answer's header, also when the answer is a refusal.

    Raises ServiceError if not even that says it.
    """
    try:
        answer = await stores.call("s3", "head_bucket", f"find the region of {name}", Bucket=name)
    except ServiceError as error:
        response = getattr(error.__cause__, "response", None) or {}
        region = _header(response)
        if region is None:
            raise
        return region
    return _header(answer)


def _header(answer: Mapping[str, Any]) -> str | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers.get("x-amz-bucket-region") or answer.get("BucketRegion") or None


def _undetailed(row: Mapping[str, Any]) -> Resource:
    return Resource(
        kind=Kind.BUCKET,
        name=str(row["Name"]),
        region=row.get("BucketRegion"),
        created=row.get("CreationDate"),
        protections=None,
    )
