"""Planning: look at the disk and at the bucket, batch by batch, and change neither."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from tui.services.aws import Account, Standpoint
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.download_plan import build_download_plan
from tui.services.transfers.local_walk import walk
from tui.services.transfers.models import (
    DownloadPlan,
    ExistingObject,
    LocalBatch,
    LocalFile,
    Problem,
    UploadPlan,
)
from tui.services.transfers.patterns import Pattern
from tui.services.transfers.remote import (
    RemoteObject,
    head,
    list_existing,
    list_under,
    look_up,
)
from tui.services.transfers.upload_plan import build_upload_plan, with_existing

P = ParamSpec("P")
PlanT = TypeVar("PlanT", UploadPlan, DownloadPlan)

LOOKED_UP_ONE_BY_ONE = 24
"""Up to this many keys are looked up with a HEAD each, in parallel; more are found by listing."""

LOOKED_UP_AT_MOST = 1000
"""How many keys are looked up one by one when listing is denied; the rest stay unchecked."""


class Planner:
    """Plans of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._pool = BlockingPool("transfer-plans", size=8)

    def close(self) -> None:
        self._pool.close()

    async def _client(self, at: Standpoint) -> Any:
        return await self._pool.run(self._account.client, "s3", at=at)

    # -- uploads ---------------------------------------------------------------------------

    async def walk(self, paths: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        """The files under `paths`, as they are found."""
        async for batch in self._pool.iterate(walk(paths)):
            yield batch

    async def build_upload(
        self,
        files: Iterable[LocalFile],
        problems: Sequence[Problem],
        *,
        bucket: str,
        prefix: str,
        at: Standpoint,
        patterns: Sequence[Pattern],
        keep_folder_names: bool,
    ) -> UploadPlan:
        """See `build_upload_plan`; on a thread, because there may be a million files."""
        return await self._pool.run(
            _counted,
            build_upload_plan,
            files,
            problems,
            bucket=bucket,
            prefix=prefix,
            at=at,
            patterns=patterns,
            keep_folder_names=keep_folder_names,
        )

    async def check(self, plan: UploadPlan) -> UploadPlan:
        """The plan with what its keys hold now.

        Where that may not be asked, the items stay unchecked. Raises ServiceError for the rest.
        """
        keys = [item.key for item in plan.items]
        existing: dict[str, ExistingObject] = {}
        unchecked: frozenset[str] = frozenset()
        client = await self._client(plan.at)
        if len(keys) <= LOOKED_UP_ONE_BY_ONE:
            unchecked = await self._heads(client, plan.bucket, keys, existing)
        else:
            try:
                async for found in self._pool.iterate(list_existing(client, plan.bucket, keys)):
                    existing.update(found)
            except ServiceError as error:
                if error.kind is not ErrorKind.DENIED:
                    raise
                some, rest = keys[:LOOKED_UP_AT_MOST], keys[LOOKED_UP_AT_MOST:]
                unchecked = await self._heads(client, plan.bucket, some, existing)
                unchecked |= frozenset(rest)
        return await self._pool.run(_counted, with_existing, plan, existing, unchecked)

    async def _heads(
        self, client: Any, bucket: str, keys: Sequence[str], existing: dict[str, ExistingObject]
    ) -> frozenset[str]:
        """Fill `existing`; gives the keys that may not be asked about."""
        unchecked: set[str] = set()

        async def one(key: str) -> None:
            try:
                found = await self._pool.run(head, client, bucket, key)
            except ServiceError as error:
                if error.kind is not ErrorKind.DENIED:
                    raise
                unchecked.add(key)
            else:
                if found is not None:
                    existing[key] = found

        await asyncio.gather(*(one(key) for key in keys))
        return frozenset(unchecked)

    # -- downloads -------------------------------------------------------------------------

    async def objects(
        self, bucket: str, keys: Sequence[str], prefixes: Sequence[str], base: str, at: Standpoint
    ) -> AsyncIterator[tuple[RemoteObject, ...] | Problem]:
        """The objects under `keys` and `prefixes`, as they are found.

        A key that is gone or may not be read comes as a Problem; a prefix that cannot be listed
        raises ServiceError.
        """
        client = await self._client(at)
        for start in range(0, len(keys), 64):
            found = await asyncio.gather(
                *(
                    self._pool.run(_look_up, client, bucket, key, base)
                    for key in keys[start : start + 64]
                )
            )
            for one in found:
                yield one
        for prefix in prefixes:
            pages: Iterator[tuple[RemoteObject, ...]] = list_under(client, bucket, prefix, base)
            async for page in self._pool.iterate(pages):
                yield page

    async def build_download(
        self,
        objects: Iterable[RemoteObject],
        problems: Sequence[Problem],
        *,
        bucket: str,
        folder: Path,
        at: Standpoint,
        patterns: Sequence[Pattern],
    ) -> DownloadPlan:
        """See `build_download_plan`; on a thread, because it looks at the disk."""
        return await self._pool.run(
            _counted,
            build_download_plan,
            objects,
            problems,
            bucket=bucket,
            folder=folder,
            at=at,
            patterns=patterns,
        )


def _counted(make: Callable[P, PlanT], *args: P.args, **kwargs: P.kwargs) -> PlanT:
    """A plan that was asked here, off the loop, what it will be asked on it."""
    plan = make(*args, **kwargs)
    for name in ("bytes", "conflicts", "unchecked", "links", "hidden", "renamed"):
        getattr(plan, name, None)
    return plan


def _look_up(client: Any, bucket: str, key: str, base: str) -> tuple[RemoteObject, ...] | Problem:
    try:
        return (look_up(client, bucket, key, base),)
    except ServiceError as error:
        if error.kind in {ErrorKind.DENIED, ErrorKind.NOT_FOUND}:
            return Problem(key, str(error))
        raise
