"""Planning: look at the disk and at the bucket, batch by batch, and change neither."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

from tui.services.aws import Connection
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ObjectDetails, S3Object, S3Service
from tui.services.transfers.local.local_walk import walk
from tui.services.transfers.local.naming import TakenKeys
from tui.services.transfers.models import (
    START,
    DownloadPlan,
    ExistingObject,
    LocalBatch,
    Problem,
    RemoteObject,
    UploadPlan,
    WalkPosition,
)
from tui.services.transfers.more import MoreCopies
from tui.services.transfers.planning.copy_batches import CopyBatch, copy_batch
from tui.services.transfers.planning.existing_keys import ExistingKeys
from tui.services.transfers.planning.plan import with_existing
from tui.services.transfers.route import Route
from tui.services.transfers.sync.sync_plan import SyncPlan

P = ParamSpec("P")
PlanT = TypeVar("PlanT", UploadPlan, DownloadPlan, SyncPlan)

LOOKED_UP_ONE_BY_ONE = 24
"""Up to this many keys are looked up with a HEAD each, in parallel; more are found by listing."""

LOOKED_UP_AT_MOST = 1000
"""How many keys are looked up one by one when listing is denied; the rest stay unchecked."""

HEADS_AT_ONCE = 6
"""HEADs in flight: fewer than the threads of the S3 service, so that the pane can go on."""


class Planner:
    """Makes the plans of uploads and downloads."""

    def __init__(self, s3: S3Service) -> None:
        self._s3 = s3
        self._pool = BlockingPool("transfer-plans", size=8)
        self._heads = asyncio.Semaphore(HEADS_AT_ONCE)

    def close(self) -> None:
        self._pool.close()

    async def build(self, plan: Callable[P, PlanT], /, *args: P.args, **kwargs: P.kwargs) -> PlanT:
        """The plan that `build_upload_plan` or another function makes, built on a thread:
        there may be a million files."""

        def build() -> PlanT:
            made = plan(*args, **kwargs)
            # Asked here what it will be asked on the event loop; it keeps the answers.
            for name in ("bytes", "conflicts", "unchecked", "links", "hidden", "renamed", "items"):
                getattr(made, name, None)
            return made

        return await self._pool.run(build)

    # -- uploads ---------------------------------------------------------------------------

    async def walk(
        self, paths: Sequence[Path], after: WalkPosition = START
    ) -> AsyncGenerator[LocalBatch, None]:
        """The regular files under `paths` behind a place, as they are found, off the loop.

        What cannot be sent comes as a Problem; nothing here is fatal.
        """
        async for batch in self._pool.iterate(walk(paths, after)):
            yield batch

    def existing(self, bucket: str, prefix: str, at: Connection) -> ExistingKeys:
        """What looks up very many keys under a prefix, as they come."""
        return ExistingKeys(self._s3, bucket, prefix, at)

    async def check(
        self, plan: UploadPlan, looked_up: dict[str, ExistingObject | None] | None = None
    ) -> UploadPlan:
        """The plan with what its keys hold now; of those in `looked_up` with what is said there,
        where what is found is kept, too.

        Where that may not be asked, the items stay unchecked. Raises ServiceError for the rest.
        """
        known = looked_up if looked_up is not None else {}
        keys = await self._pool.run(
            lambda: [item.key for item in plan.items if item.key not in known]
        )
        existing: dict[str, ExistingObject] = {}
        unchecked: frozenset[str] = frozenset()
        if len(keys) <= LOOKED_UP_ONE_BY_ONE:
            unchecked = await self._look_up_each(plan, keys, existing)
        else:
            try:
                async for found in self._s3.list_existing(plan.bucket, keys, at=plan.at):
                    existing.update({key: _existing(each) for key, each in found.items()})
            except ServiceError as error:
                if error.kind is not ErrorKind.DENIED:
                    raise
                some, rest = keys[:LOOKED_UP_AT_MOST], keys[LOOKED_UP_AT_MOST:]
                unchecked = await self._look_up_each(plan, some, existing)
                unchecked |= frozenset(rest)
        await self._pool.run(
            lambda: known.update({key: existing.get(key) for key in keys if key not in unchecked})
        )
        return await self.build(with_existing, plan, known, unchecked)

    async def _look_up_each(
        self, plan: UploadPlan, keys: Sequence[str], existing: dict[str, ExistingObject]
    ) -> frozenset[str]:
        """Fill `existing`; gives the keys that may not be asked about."""
        unchecked: set[str] = set()

        async def one(key: str) -> None:
            try:
                found = await self._head(plan.bucket, key, plan.at)
            except ServiceError as error:
                if error.kind is not ErrorKind.DENIED:
                    raise
                unchecked.add(key)
            else:
                if found is not None:
                    existing[key] = _existing(found)

        await asyncio.gather(*(one(key) for key in keys))
        return frozenset(unchecked)

    async def _head(self, bucket: str, key: str, at: Connection) -> ObjectDetails | None:
        """What a key holds; None if nothing. Raises ServiceError."""
        try:
            async with self._heads:
                return await self._s3.head(bucket, key, at=at)
        except ServiceError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise

    # -- downloads -------------------------------------------------------------------------

    async def objects(
        self,
        bucket: str,
        keys: Sequence[str],
        prefixes: Sequence[str],
        *,
        base: str,
        at: Connection,
        after: str = "",
    ) -> AsyncGenerator[tuple[RemoteObject, ...] | Problem, None]:
        """The objects under `keys` and `prefixes`, as they are found. `base` is the prefix that the
        user looked at, with which every key and prefix begins; what follows it makes local names.
        Of a prefix only what is behind the key `after`.

        A key that is gone, may not be read or cannot be said comes as a Problem; a prefix that
        cannot be listed raises ServiceError.
        """
        if len(keys) > LOOKED_UP_ONE_BY_ONE:
            rest = await self._pool.run(set, keys)
            async for found in self._among(bucket, keys, at):
                rest -= found.keys()
                yield tuple(_chosen_remote(each, base) for each in found.values())
            # What no listing shows: a HEAD of each says why.
            chosen = keys
            keys = await self._pool.run(lambda: [key for key in chosen if key in rest])
        for start in range(0, len(keys), 64):
            some = keys[start : start + 64]
            for one in await asyncio.gather(*(self._chosen(bucket, key, base, at) for key in some)):
                yield one
        for prefix in prefixes:
            async for page in self._s3.list_under(bucket, prefix, after=after, at=at):
                fine = [each for each in page if _is_utf8(each.key)]
                yield tuple(_remote(each, base, each.key[len(prefix) :]) for each in fine)
                if len(fine) < len(page):
                    for each in page:
                        if not _is_utf8(each.key):
                            yield Problem(each.key, "its name holds bytes that are not UTF-8")

    # -- copies ----------------------------------------------------------------------------

    async def listed(
        self, bucket: str, prefix: str, *, after: str, at: Connection
    ) -> AsyncGenerator[tuple[S3Object, ...], None]:
        """The objects under a prefix behind the key `after`, page by page. Raises ServiceError."""
        async for page in self._s3.list_under(bucket, prefix, after=after, at=at):
            if page:
                yield page

    async def copies(
        self,
        page: Sequence[S3Object],
        route: Route,
        more: MoreCopies,
        existing: ExistingKeys,
        at: Connection,
        others: TakenKeys | None = None,
    ) -> CopyBatch:
        """What becomes of the objects of a page, as `copy_batch`."""
        return await copy_batch(self._s3, page, route, more, existing, at=at, others=others)

    # -- inside ----------------------------------------------------------------------------

    async def _among(
        self, bucket: str, keys: Sequence[str], at: Connection
    ) -> AsyncGenerator[Mapping[str, S3Object], None]:
        """Those of many keys that a listing shows; none where it is denied. Raises ServiceError."""
        sayable = await self._pool.run(lambda: [key for key in keys if _is_utf8(key)])
        try:
            async for found in self._s3.list_existing(bucket, sayable, at=at):
                if found:
                    yield found
        except ServiceError as error:
            if error.kind is not ErrorKind.DENIED:
                raise

    async def _chosen(
        self, bucket: str, key: str, base: str, at: Connection
    ) -> tuple[RemoteObject, ...] | Problem:
        """One object that the user chose."""
        try:
            found = await self._head(bucket, key, at)
        except ServiceError as error:
            if error.kind is ErrorKind.DENIED:
                return Problem(key, str(error))
            raise
        if found is None:
            gone = "The object is not there any more.\nPress r to see what is there now."
            return Problem(key, gone)
        return (_chosen_remote(found, base),)


def _existing(found: S3Object | ObjectDetails) -> ExistingObject:
    return ExistingObject(found.size, found.etag, found.modified)


def _chosen_remote(found: S3Object | ObjectDetails, base: str) -> RemoteObject:
    return _remote(found, base, found.key.rsplit("/", 1)[-1])


def _remote(found: S3Object | ObjectDetails, base: str, relative: str) -> RemoteObject:
    inside = found.key[len(base) :]
    return RemoteObject(found.key, inside, relative, found.size, found.etag, found.modified)


def _is_utf8(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
