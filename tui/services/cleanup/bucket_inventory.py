"""The account's buckets: every page, with their regions; those of this region in detail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
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
from tui.services.cleanup.scope import Reach
from tui.services.cleanup.tunables import Tunables
from tui.services.errors import ErrorKind, ServiceError


async def buckets(reach: Reach, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Each bucket as soon as it is known, and again with its protections once they are read."""
    try:
        async for page in _pages(reach, tunables):
            async for event in _of_page(reach, page, tunables):
                yield event
    except ServiceError as error:
        yield Unknown(Kind.BUCKET, error)
        return
    yield PartDone(Kind.BUCKET)


async def _pages(reach: Reach, tunables: Tunables) -> AsyncIterator[list[Mapping[str, Any]]]:
    action = "list the buckets"
    token: str | None = None
    while True:
        params: dict[str, object] = {"MaxBuckets": tunables.page}
        if token is not None:
            params["ContinuationToken"] = token
        try:
            answer = await reach.call("s3", "list_buckets", action, **params)
        except ServiceError as error:
            if error.kind is not ErrorKind.INVALID and error.code != "NotImplemented":
                raise
            # Some compatible servers reject the parameters.
            answer = await reach.call("s3", "list_buckets", action)
        found = answer.get("Buckets", [])
        following = answer.get("ContinuationToken")
        if following is None and token is None and len(found) >= tunables.page:
            # Some servers cut the list without saying so; asked plainly they give all of it.
            found = (await reach.call("s3", "list_buckets", action)).get("Buckets", [])
        yield found
        if not following or following == token:
            return
        token = following


async def _of_page(
    reach: Reach, page: list[Mapping[str, Any]], tunables: Tunables
) -> AsyncIterator[InventoryEvent]:
    limit = asyncio.Semaphore(tunables.detail_calls)

    async def detailed(row: Mapping[str, Any]) -> tuple[InventoryEvent, ...]:
        async with limit:
            return await _look_at(reach, row)

    for row in page:
        if row.get("BucketRegion") == reach.scope.region:
            yield Found(_undetailed(row))
    tasks = [asyncio.create_task(detailed(row)) for row in page]
    try:
        for task in asyncio.as_completed(tasks):
            for event in await task:
                yield event
    finally:
        for pending in tasks:
            pending.cancel()


async def _look_at(reach: Reach, row: Mapping[str, Any]) -> tuple[InventoryEvent, ...]:
    name = str(row["Name"])
    region = row.get("BucketRegion")
    why = ""
    if region is None:
        try:
            region = await bucket_region(reach, name)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                return ()
            why = f"region: {reason(error)}"
    if region is not None and reach.scope.region is not None and region != reach.scope.region:
        return (Elsewhere(name, region),)
    resource = replace(_undetailed(row), region=region)
    try:
        resource = await read_bucket(reach, resource)
    except ServiceError as error:
        if error.code == "NoSuchBucket":
            # Deleted between the list and the look; a region's listing may be a moment late.
            return ()
        resource = replace(resource, protections=(), unknown=(reason(error),))
    if why:
        resource = replace(resource, unknown=(why, *resource.unknown))
    return (Found(resource),)


async def bucket_region(reach: Reach, name: str) -> str | None:
    """The bucket's region from the answer's header, also when the answer is a refusal.

    Raises ServiceError if not even that says it.
    """
    try:
        answer = await reach.call("s3", "head_bucket", f"find the region of {name}", Bucket=name)
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
