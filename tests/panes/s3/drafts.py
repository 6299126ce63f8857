"""Plans in the making without a disk and without S3, for the tests of drafts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tui.panes.s3.transfers.upload_draft import UploadDraft
from tui.services.aws import Connection
from tui.services.transfers import (
    DownloadPlan,
    ExistingObject,
    Leftover,
    LocalBatch,
    LocalFile,
    LocalFolders,
    Problem,
    RemoteObject,
    TransferService,
    UploadPlan,
)
from tui.services.transfers.planning.plan import with_existing

THERE = ExistingObject(5, "etag", None)


def file(relative: str, **more: Any) -> LocalFile:
    return LocalFile(Path("/home/me/in") / relative, "in", relative, 10, 0, **more)


class Planner:
    """Plans without a disk and without S3."""

    def __init__(self, *files: LocalFile, there: Sequence[str] = (), **more: Any) -> None:
        self.files = files
        self.there = there
        self.problems: tuple[Problem, ...] = more.get("problems", ())
        self.empty: tuple[str, ...] = more.get("empty", ())
        self.unchecked: frozenset[str] = more.get("unchecked", frozenset())
        self.objects_found: tuple[RemoteObject, ...] = more.get("objects", ())
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def walk(self, _: Sequence[Path]) -> AsyncIterator[LocalBatch]:
        yield LocalBatch(self.files, self.problems, empty_folders=self.empty)

    async def build(self, plan: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        return plan(*args, **options)

    async def check(self, plan: UploadPlan, _: object = None) -> UploadPlan:
        await self.goes_on.wait()
        return with_existing(plan, dict.fromkeys(self.there, THERE), self.unchecked)

    async def objects(self, *_: Any, **__: Any) -> AsyncIterator[tuple[RemoteObject, ...]]:
        yield self.objects_found


def service(planner: Planner, leftovers: tuple[Leftover, ...] = ()) -> TransferService:
    async def beside(_: DownloadPlan) -> tuple[Leftover, ...]:
        return leftovers

    made = SimpleNamespace(
        planner=planner, leftovers=SimpleNamespace(beside=beside), folders=LocalFolders()
    )
    return cast("TransferService", made)


async def drafted(planner: Planner, folder: str = "") -> UploadDraft:
    """A draft that has found its files and has no plan yet."""
    draft = UploadDraft(service(planner), [Path("in")], "bucket", folder, at=Connection())
    await draft.collect()
    return draft
