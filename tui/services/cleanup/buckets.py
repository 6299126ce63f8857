"""The region's buckets: found, looked at for what protects them, and counted for the plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from tui.services.cleanup.models import (
    Elsewhere,
    Found,
    InventoryEvent,
    PartDone,
    PartUnknown,
    Protection,
    ProtectionKind,
    Resource,
    ResourceKind,
    reason,
)
from tui.services.cleanup.step import BucketCount
from tui.services.cleanup.stores import Stores, Tunables
from tui.services.cleanup.uploads import read_uploads, when_begun
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    Bucket,
    BucketPage,
    BucketProtection,
    MultipartUpload,
    ObjectLock,
    ObjectVersion,
    PolicyDenies,
    Unknown,
    Versioning,
    VersionLock,
)
from tui.services.s3.bucket.names import zone_of

# -- the inventory ---------------------------------------------------------------------------


async def buckets(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Each bucket as soon as it is known, and again with its protections once they are read."""
    try:
        async for page in _pages(stores, tunables):
            async for event in _of_page(stores, page, tunables):
                yield event
    except ServiceError as error:
        yield PartUnknown(ResourceKind.BUCKET, error)
    else:
        async for event in _directory_buckets(stores, tunables):
            yield event
        yield PartDone(ResourceKind.BUCKET)
    # Where buckets are unknown, so are their uploads: one line says it.
    yield PartDone(ResourceKind.UPLOADS)


async def _directory_buckets(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """ListBuckets does not name them."""
    try:
        found = await stores.s3.list_directory_buckets(at=stores.connection)
    except ServiceError as error:
        yield PartUnknown(ResourceKind.BUCKET, error, of="directory buckets")
        return
    async for event in _of_page(stores, BucketPage(found, None), tunables):
        yield event


async def _pages(stores: Stores, tunables: Tunables) -> AsyncIterator[BucketPage]:
    token: str | None = None
    while True:
        page = await stores.s3.list_buckets(token, limit=tunables.page, at=stores.connection)
        yield page
        token = page.next_token
        if token is None:
            return


async def _of_page(
    stores: Stores, page: BucketPage, tunables: Tunables
) -> AsyncIterator[InventoryEvent]:
    limit = asyncio.Semaphore(tunables.detail_calls)

    async def detailed(bucket: Bucket) -> tuple[InventoryEvent, ...]:
        async with limit:
            return await _look_at(stores, bucket, tunables)

    for bucket in page.buckets:
        if bucket.region == stores.connection.region:
            yield Found(_undetailed(bucket))
    tasks = [asyncio.create_task(detailed(bucket)) for bucket in page.buckets]
    try:
        for task in asyncio.as_completed(tasks):
            for event in await task:
                yield event
    finally:
        for pending in tasks:
            pending.cancel()


async def _look_at(
    stores: Stores, bucket: Bucket, tunables: Tunables
) -> tuple[InventoryEvent, ...]:
    """Nothing for a bucket that was deleted between the list and the look; a region's listing may
    be a moment late."""
    region = bucket.region
    unknown: tuple[str, ...] = ()
    if region is None:
        try:
            region = await stores.s3.find_region(bucket.name, at=stores.connection)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                return ()
            unknown = (f"region: {reason(error)}",)
    here = stores.connection.region
    if region is not None and here is not None and region != here:
        return (Elsewhere(bucket.name, region),)
    resource = replace(_undetailed(bucket), region=region)
    left = _uploads_left(stores, resource, tunables)
    uploads: Resource | str | None
    try:
        resource, uploads = await asyncio.gather(read_bucket(stores, resource), left)
    except ServiceError as error:
        if error.code == "NoSuchBucket":
            return ()
        resource = replace(resource, protections=(), unknown=(reason(error),))
        uploads = None
    unknown += resource.unknown
    if isinstance(uploads, str):
        unknown += (uploads,)
    found = Found(replace(resource, unknown=unknown))
    return (found, Found(uploads)) if isinstance(uploads, Resource) else (found,)


async def _uploads_left(
    stores: Stores, bucket: Resource, tunables: Tunables
) -> Resource | str | None:
    """The bucket's multipart uploads, as far as their first page tells; None if there are none,
    a few words if that is unknown."""
    try:
        async with aclosing(
            stores.s3.list_uploads(bucket.name, at=stores.connection, limit=tunables.page)
        ) as pages:
            page: list[MultipartUpload] = await anext(pages, [])
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
        kind=ResourceKind.UPLOADS,
        name=bucket.name,
        region=bucket.region,
        created=min(begun, default=None),
        count=None if more else len(page),
        about=tuple(about),
    )


def _undetailed(bucket: Bucket) -> Resource:
    return Resource(
        kind=ResourceKind.BUCKET,
        name=bucket.name,
        region=bucket.region,
        created=bucket.created,
        protections=None,
    )


# -- what protects one -----------------------------------------------------------------------


async def read_bucket(stores: Stores, resource: Resource) -> Resource:
    """The bucket with its versioning, object lock, MFA delete and policy read.

    Raises ServiceError NOT_FOUND if the bucket is gone; what is denied lands in `unknown`.
    """
    found = await stores.s3.bucket_protection(resource.name, at=stores.connection)
    parts = {
        "versioning": found.versioning,
        "object lock": found.object_lock,
        "policy": found.denies,
    }
    return replace(
        resource,
        detail=found,
        about=(*_zone(resource.name), *_about(found)),
        protections=_protections(found),
        unknown=tuple(
            f"{name}: {reason(part.error)}"
            for name, part in parts.items()
            if isinstance(part, Unknown)
        ),
    )


def _zone(name: str) -> tuple[str, ...]:
    zone = zone_of(name)
    return (f"directory bucket in {zone}",) if zone else ()


def _about(found: BucketProtection) -> tuple[str, ...]:
    about: list[str] = []
    if found.versioning is Versioning.ENABLED:
        about.append("versioned")
    if found.versioning is Versioning.SUSPENDED:
        about.append("versioning suspended")
    if isinstance(found.object_lock, ObjectLock) and found.object_lock.enabled:
        default = found.object_lock.default_retention or "no default retention"
        about.append(f"object lock ({default})")
    if isinstance(found.denies, PolicyDenies) and found.denies.perhaps:
        about.append(f"its policy denies {', '.join(found.denies.perhaps)} to some")
    return tuple(about)


def _protections(bucket: BucketProtection) -> tuple[Protection, ...]:
    found: list[Protection] = []
    if bucket.mfa_delete:
        found.append(
            Protection(
                ProtectionKind.MFA_DELETE,
                "MFA delete is on: versions go only with a code of the root user's device.",
                hint="Switch it off first, as root: aws s3api put-bucket-versioning --mfa …",
            )
        )
    denies = bucket.denies
    if isinstance(denies, PolicyDenies) and (denies.objects or denies.bucket):
        denied = ["deleting its objects"] if denies.objects else []
        denied += ["deleting the bucket"] if denies.bucket else []
        found.append(
            Protection(
                ProtectionKind.POLICY,
                f"The bucket's policy denies {' and '.join(denied)} to everyone.",
                lifting="Try all the same",
                stays="Its policy stays as it is, and what it denies is refused.",
                hint="Change the policy first, for example with aws s3api delete-bucket-policy.",
                only_bucket=not denies.objects,
            )
        )
    return tuple(found)


# -- what one holds --------------------------------------------------------------------------


async def count_bucket(
    stores: Stores, resource: Resource, tunables: Tunables, stop: asyncio.Event
) -> AsyncIterator[BucketCount]:
    """The count so far after every page; the last one is the answer.

    Setting `stop` ends it early with `complete=False`. Raises ServiceError if the versions may
    not be listed.
    """
    detail = resource.detail
    lock = detail.object_lock if isinstance(detail, BucketProtection) else None
    # Where it is unknown, versions may be locked.
    locked = not isinstance(lock, ObjectLock) or lock.enabled
    count = BucketCount()
    looked_at = 0
    async for versions in stores.s3.list_versions(
        resource.name, at=stores.connection, limit=tunables.page
    ):
        count = _add(count, versions)
        if locked:
            candidates = [version for version in versions if not version.marker]
            room = max(tunables.lock_lookups - looked_at, 0)
            looked_at += len(candidates[:room])
            count = await _add_locks(stores, resource.name, candidates[:room], count)
            if len(candidates) > room:
                count = replace(count, locks_known=False)
        yield count
        if stop.is_set() or count.entries >= tunables.count_limit:
            yield replace(count, complete=False, uploads=None, upload_bytes=None)
            return
    yield await _add_uploads(stores, resource.name, tunables, stop, count)


def _add(count: BucketCount, versions: list[ObjectVersion]) -> BucketCount:
    markers = sum(version.marker for version in versions)
    current = sum(version.latest and not version.marker for version in versions)
    return replace(
        count,
        objects=count.objects + current,
        old_versions=count.old_versions + len(versions) - markers - current,
        delete_markers=count.delete_markers + markers,
        size_bytes=count.size_bytes + sum(version.size_bytes for version in versions),
    )


async def _add_uploads(
    stores: Stores, bucket: str, tunables: Tunables, stop: asyncio.Event, count: BucketCount
) -> BucketCount:
    try:
        found = await read_uploads(stores, bucket, tunables, stop)
    except ServiceError as error:
        # For want of permission, or of the operation on a compatible server.
        if error.kind is not ErrorKind.DENIED and error.code != "NotImplemented":
            raise
        return replace(count, uploads=None, upload_bytes=None)
    if not found.complete:
        return replace(count, complete=False, uploads=None, upload_bytes=None)
    return replace(count, uploads=found.all.count, upload_bytes=found.all.size_bytes)


async def _add_locks(
    stores: Stores, bucket: str, versions: list[ObjectVersion], count: BucketCount
) -> BucketCount:
    answers = await asyncio.gather(
        *(stores.s3.version_lock(bucket, version, at=stores.connection) for version in versions),
        return_exceptions=True,
    )
    for version, answer in zip(versions, answers, strict=True):
        if isinstance(answer, ServiceError):
            # One that went meanwhile locks nothing; any other answer leaves it open.
            known = count.locks_known and answer.kind is ErrorKind.NOT_FOUND
            count = replace(count, locks_known=known)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            count = _add_lock(count, version, answer)
    return count


def _add_lock(count: BucketCount, version: ObjectVersion, lock: VersionLock) -> BucketCount:
    if lock.mode == "COMPLIANCE":
        latest = max(filter(None, (count.comply_until, lock.until)), default=None)
        count = replace(count, complying=count.complying + 1, comply_until=latest)
    if lock.mode == "GOVERNANCE":
        count = replace(count, governed=count.governed + 1)
    if lock.held:
        count = replace(count, held=count.held + 1)
    if lock.mode != "COMPLIANCE" and not lock.held:
        return count
    return replace(
        count,
        locked_objects=count.locked_objects + version.latest,
        locked_old_versions=count.locked_old_versions + (not version.latest),
        locked_bytes=count.locked_bytes + version.size_bytes,
    )
