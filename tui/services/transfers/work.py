"""The files of a job as pieces of work, for either direction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from tui.services.transfers.download import Downloader
from tui.services.transfers.job import Work
from tui.services.transfers.models import (
    ConflictPolicy,
    DownloadItem,
    DownloadPlan,
    FileResult,
    FileState,
    UploadItem,
    UploadPlan,
)
from tui.services.transfers.route import Course, Route
from tui.services.transfers.upload import Uploader


@dataclass(frozen=True)
class UploadWork:
    """One file to upload."""

    course: Course
    bucket: str
    item: UploadItem
    policy: ConflictPolicy

    @property
    def source(self) -> str:
        return str(self.item.path)

    @property
    def destination(self) -> str:
        return self.item.key

    @property
    def size(self) -> int:
        return self.item.size

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        uploader = Uploader(Route(self.course, self.bucket, stop, on_bytes))
        sent = await uploader.upload(self.item, self.policy)
        if sent is None:
            return _skipped(self.source, self.item.key, self.size, "the key already exists")
        return FileResult(self.source, sent.key, FileState.DONE, sent.size)


@dataclass(frozen=True)
class DownloadWork:
    """One object to download."""

    course: Course
    plan: DownloadPlan
    item: DownloadItem
    policy: ConflictPolicy

    @property
    def source(self) -> str:
        return self.item.key

    @property
    def destination(self) -> str:
        return str(self.item.target)

    @property
    def size(self) -> int:
        return self.item.size

    async def run(self, stop: threading.Event, on_bytes: Callable[[int], None]) -> FileResult:
        route = Route(self.course, self.plan.bucket, stop, on_bytes)
        downloader = Downloader(route, self.plan.folder)
        got = await downloader.download(self.item, self.policy)
        if got is None:
            return _skipped(self.source, self.destination, self.size, "the file already exists")
        return FileResult(self.source, str(got.path), FileState.DONE, got.size, self.item.renamed)


@dataclass(frozen=True)
class Heap:
    """What a job is to do."""

    work: tuple[Work, ...]
    size: int
    """Bytes of all of it."""


def upload_work(
    plan: UploadPlan, course: Course, policy_of: Callable[[str], ConflictPolicy]
) -> Heap:
    """The plan's files, each with its policy. Blocking for a million of them: call on a pool."""
    work = (UploadWork(course, plan.bucket, item, policy_of(item.key)) for item in plan.items)
    return Heap(tuple(work), plan.bytes)


def download_work(
    plan: DownloadPlan, course: Course, policy_of: Callable[[str], ConflictPolicy]
) -> Heap:
    """The plan's objects, each with its policy. As `upload_work`."""
    work = (DownloadWork(course, plan, item, policy_of(item.key)) for item in plan.items)
    return Heap(tuple(work), plan.bytes)


def _skipped(source: str, destination: str, size: int, why: str) -> FileResult:
    return FileResult(source, destination, FileState.SKIPPED, size, why)
