"""Every object under a prefix, at any depth, as fast as the server gives them.

A listing is one request after another. Here the range of keys is cut into parts that are listed at
the same time, by threads of its own; which parts, `scan_parts.py` says.

Blocking; raises ServiceError.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection
from tui.services.giving_way import turns, waiting
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.key_range import order_of
from tui.services.s3.listing.list_answer import list_objects, objects_of
from tui.services.s3.listing.pace import RequestPace
from tui.services.s3.listing.scan_parts import Came, Page, ScanPart, ScanParts

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ListObjectsV2OutputTypeDef

THREADS = 16
"""Requests at a time."""

MINIO = "MinIO"
"""What MinIO calls itself. It reads a folder from its beginning for each part of a listing."""


def scan(
    s3: S3Calls, bucket: str, prefix: str, *, ordered: bool = False, at: Connection | None = None
) -> Iterator[Page]:
    """Every object whose key begins with `prefix`, page by page, no key twice.

    With `ordered` in the server's order of keys, else as the pages come. Keys that are added or
    deleted meanwhile may be in it or not. Closing the iterator ends the scan: no more is asked for.
    """
    source = ListingSource(s3.on(at), bucket, prefix)
    for came in scan_from(source, ordered=ordered):
        if came.page:
            yield came.page


def scan_from(source: ListingSource, *, ordered: bool, token: str | None = None) -> Iterator[Came]:
    """The pages of a listing from its beginning, or from where `token` goes on."""
    part = ScanPart("", "", token)
    page = source.ask(part)
    elastic = source.calls.connection.endpoint is None
    pace = RequestPace(THREADS, is_elastic=elastic, is_dear=part.server == MINIO)
    pace.note()
    token = part.token
    yield Came(page, token)
    if token is None:
        return
    if not page or is_directory_bucket(source.bucket) or not _is_in_order(page):
        while part.token is not None:
            yield Came(source.ask(part), part.token)
        return
    parts = ScanParts(page, token, source.prefix, source.cut_at, ordered=ordered)
    work = _Scan(source, parts, pace)
    try:
        yield from work.pages()
    finally:
        work.stop()


@dataclass(frozen=True)
class ListingSource:
    """A listing that can begin behind any key."""

    calls: S3Calls
    bucket: str
    prefix: str

    def ask(self, part: ScanPart) -> Page:
        """The next page of a part; notes the token that asks for the one behind it."""
        request: dict[str, Any] = {"Bucket": self.bucket, "Prefix": self.prefix}
        if part.token is not None:
            request["ContinuationToken"] = part.token
        elif part.after:
            request["StartAfter"] = part.after
        answer = self.answer(**request, EncodingType="url")
        token = answer.get("NextContinuationToken") if answer.get("IsTruncated") else None
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        part.server = headers.get("server", "")
        # Some servers give the same token for ever.
        part.token = token if token and token != part.token else None
        return self.rows(answer)

    def answer(self, **request: Any) -> ListObjectsV2OutputTypeDef:
        """Ask. Raises ServiceError."""
        action = f"list s3://{self.bucket}/{self.prefix}"
        return self.calls.call(action, list_objects, **request)

    def rows(self, answer: ListObjectsV2OutputTypeDef) -> Page:
        """What is in an answer, in the order of its keys."""
        return objects_of(answer)

    def cut_at(self, text: str) -> str:
        """Where a part may begin, at a text or before it."""
        return text


class _Scan:
    """Parts that are listed at the same time by threads of its own."""

    def __init__(self, source: ListingSource, parts: ScanParts, pace: RequestPace) -> None:
        self._source = source
        self._parts = parts
        self._pace = pace
        lock = threading.Lock()
        self._came = threading.Condition(lock)
        """A page came, or a part has ended."""
        self._work = threading.Condition(lock)
        """There is something to list, or nothing any more."""
        self._stopped = False
        self._error: BaseException | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tristore-scan")

    # -- what the one who asked takes ------------------------------------------------------

    def pages(self) -> Iterator[Came]:
        """The pages as they come, or in the order of keys. Raises what a thread raised."""
        for _ in range(THREADS):
            self._threads.submit(self._run).add_done_callback(self._has_ended)
        while True:
            with self._came:
                while (came := self._take()) is None:
                    if self._error is not None:
                        raise self._error
                    if not self._parts:
                        return
                    self._came.wait()
            yield came

    def stop(self) -> None:
        """Ask for nothing more."""
        with self._came:
            self._stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        self._stopped = True
        for each in (self._came, self._work):
            each.notify_all()

    def _take(self) -> Came | None:
        was_full, parts = self._parts.is_full, len(self._parts)
        came = self._parts.take()
        if was_full:
            self._work.notify_all()
        else:
            self._work.notify(parts - len(self._parts))
        return came

    # -- what the threads do ---------------------------------------------------------------

    def _has_ended(self, thread: Future[None]) -> None:
        error = None if thread.cancelled() else thread.exception()
        if error is not None:
            with self._came:
                self._error = self._error or error
                self._stop()

    def _run(self) -> None:
        # The turn goes on from reading a page to asking for the next: each change wakes a thread.
        with turns():
            while (part := self._next_part()) is not None:
                page = self._source.ask(part)
                with self._came:
                    self._pace.note()
                    self._parts.take_in(part, page)
                    self._came.notify()

    def _next_part(self) -> ScanPart | None:
        """The part whose next page is to be asked for; None at the end."""
        with self._work:
            while not self._stopped:
                if self._parts.have_ended:
                    self._work.notify_all()
                    return None
                part = self._parts.next_part(self._pace.allowed)
                more = self._parts.have_more(self._pace.allowed)
                if part is not None:
                    # One thread is woken, and wakes the next: most often there is nothing more.
                    self._work.notify(more)
                    return part
                if more:
                    continue  # what was to be cut could not be
                waiting()
                self._work.wait()
            return None


def _is_in_order(page: Page) -> bool:
    keys = [order_of(each.key) for each in page]
    return all(a < b for a, b in pairwise(keys))
