"""Download one object so that nothing is overwritten unseen and nothing half-written remains.

A download is written under a temporary name in its folder, checked, and only then given its name.
A cancelled or failed one starts anew when it is retried: parts are not kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.services.aws import translate, translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.body import Stop, StoppedError
from tui.services.transfers.local_files import (
    create_temporary,
    make_folder,
    place,
    place_beside,
    translating_local,
)
from tui.services.transfers.models import ConflictPolicy, DownloadItem
from tui.services.transfers.pressure import AnyStop
from tui.services.transfers.route import MIB, Route
from tui.services.transfers.several import several

RANGES_AT_ONCE = 6
"""Ranges of one object in flight; the pool bounds all objects together."""

READ_BYTES = 256 * 1024
"""Bytes read from a connection between two looks at whether to go on."""

BROKEN_READS = 4
"""How often a range is asked for whose connection breaks while it is read. The SDK does not."""

_MD5 = re.compile(r'"[0-9a-f]{32}"')


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Where an object went."""

    path: Path
    size: int


class Downloader:
    """Downloads the objects of one job, several at a time."""

    def __init__(self, route: Route, folder: Path) -> None:
        self._route = route
        self._folder = folder
        # Where these are off, the server is a compatible one, and its encrypted ETags are its own.
        checks = route.client.meta.config.response_checksum_validation
        self._is_compatible = checks == "when_required"

    async def download(self, item: DownloadItem, policy: ConflictPolicy) -> Downloaded | None:
        """Fetch one object; None if the policy skips it.

        Raises StoppedError when cancelled, ServiceError otherwise: EXISTS when the local name was
        taken after the plan, CHANGED when the object or the local file is not what it was.
        """
        action = f"download {item.key}"
        if item.is_folder:
            await self._route.call(action, make_folder, self._folder, item.target)
            return Downloaded(item.target, 0)
        if item.existing is not None and policy is ConflictPolicy.SKIP:
            return None
        fetch = self._small if item.size <= self._route.course.tuning.single else self._large
        return Downloaded(await fetch(action, item, policy), item.size)

    async def _small(self, action: str, item: DownloadItem, policy: ConflictPolicy) -> Path:
        path: Path = await self._route.call(action, self._small_now, item, policy)
        return path

    def _small_now(self, item: DownloadItem, policy: ConflictPolicy) -> Path:
        sink = self._begin(item)
        try:
            self._read_whole(sink)
            path = self._finish(sink, policy)
        except BaseException:
            self._discard(sink)
            raise
        self._end(sink, path)
        return path

    async def _large(self, action: str, item: DownloadItem, policy: ConflictPolicy) -> Path:
        sink: _Sink = await self._route.call(action, self._begin, item)
        try:
            await self._ranges(sink)
            path: Path = await self._route.call(action, self._finish, sink, policy)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be writing: the descriptor is left to it.
            sink.temporary.unlink(missing_ok=True)
            raise
        except BaseException:
            self._discard(sink)
            raise
        self._end(sink, path)
        return path

    def _end(self, sink: _Sink, path: Path) -> None:
        self._route.course.unfinished.discard(sink.temporary)
        with translating_local(f"write {path}"):
            os.close(sink.descriptor)

    def _discard(self, sink: _Sink) -> None:
        # What made the download fail is worth more than what a full or lost disk says here.
        with contextlib.suppress(OSError):
            os.close(sink.descriptor)
        with contextlib.suppress(OSError):
            sink.temporary.unlink(missing_ok=True)
        self._route.course.unfinished.discard(sink.temporary)
        self._route.on_bytes(-sink.counted)

    def _begin(self, item: DownloadItem) -> _Sink:
        make_folder(self._folder, item.target.parent)
        with translating_local(f"write to {item.target.parent}"):
            sink = _Sink(item, *create_temporary(item.target))
        self._route.course.unfinished.add(sink.temporary)
        return sink

    def _finish(self, sink: _Sink, policy: ConflictPolicy) -> Path:
        item, temporary = sink.item, sink.temporary
        self._verify(sink)
        replaces = item.existing is not None and policy is ConflictPolicy.OVERWRITE
        with translating_local(f"write {item.target}"):
            if item.modified is not None:
                seconds = item.modified.timestamp()
                os.utime(temporary, (seconds, seconds))
            if replaces or item.size > self._route.course.tuning.single:
                # What it replaces must not be lost to a power cut; a large one is worth a moment.
                os.fsync(sink.descriptor)
            if item.existing is not None and not replaces:
                return place_beside(temporary, item.target)
            try:
                place(temporary, item.target, replacing=item.existing)
            except FileExistsError as error:
                raise ServiceError(
                    f"{item.target} exists now: it came into being after you looked. "
                    "It was left as it is.",
                    hint="Download again to see it and choose what to do with it.",
                    kind=ErrorKind.EXISTS,
                ) from error
        return item.target

    # -- the bytes -------------------------------------------------------------------------

    def _read_whole(self, sink: _Sink) -> None:
        item, route = sink.item, self._route
        native = route.course.native_for(item.size)
        got = native.get(route.bucket, item.key, item.etag, route.stop) if native else None
        if got is None:
            self._read_range(sink, None, route.stop)
            return
        data, headers = got
        if len(data) != item.size:
            raise _not_as_listed(item.key)
        sink.encryption = headers.get("x-amz-server-side-encryption", "") or headers.get(
            "x-amz-server-side-encryption-customer-algorithm", ""
        )
        with translating_local(f"write {item.target}"):
            _write_at(sink.descriptor, data, 0)
        self._count(sink, len(data))

    async def _ranges(self, sink: _Sink) -> None:
        size, step = sink.item.size, self._route.course.tuning.single
        given_up = threading.Event()
        stop = AnyStop(self._route.stop, given_up)

        async def fetch(start: int) -> None:
            span = (start, min(start + step, size))
            await self._route.course.pressure.call(
                stop, f"download {sink.item.key}", self._read_range, sink, span, stop
            )

        starts = range(0, size, step)
        await several(starts, fetch, at_once=RANGES_AT_ONCE, give_up=given_up.set)

    def _read_range(self, sink: _Sink, span: tuple[int, int] | None, stop: Stop) -> None:
        """Fetch `span` (start, end), or everything, into its place in the file."""
        start, end = span or (0, sink.item.size)
        for attempt in range(1, BROKEN_READS + 1):
            try:
                with translating(f"download {sink.item.key}"):
                    self._read_once(sink, start, end, stop, ranged=span is not None)
            except ServiceError as error:
                if not _is_broken_read(error) or attempt == BROKEN_READS:
                    raise
            else:
                return

    def _read_once(self, sink: _Sink, start: int, end: int, stop: Stop, *, ranged: bool) -> None:
        item = sink.item
        request: dict[str, str] = {"IfMatch": item.etag} if item.etag else {}
        if ranged:
            request["Range"] = f"bytes={start}-{end - 1}"
        try:
            answer = self._route.client.get_object(
                Bucket=self._route.bucket, Key=item.key, **request
            )
        except self._route.client.exceptions.ClientError as error:
            raise _explained(error, item.key) from error
        sink.encryption = answer.get("ServerSideEncryption", "") or answer.get(
            "SSECustomerAlgorithm", ""
        )
        position = start
        try:
            with contextlib.closing(answer["Body"]) as body:
                for chunk in body.iter_chunks(READ_BYTES):
                    if stop.is_set():
                        raise StoppedError
                    if position + len(chunk) > end:
                        raise _not_as_listed(item.key)
                    with translating_local(f"write {item.target}"):
                        _write_at(sink.descriptor, chunk, position)
                    position += len(chunk)
                    self._count(sink, len(chunk))
            if position != end:
                raise _not_as_listed(item.key)
        except BaseException:
            self._count(sink, start - position)
            raise

    def _count(self, sink: _Sink, size: int) -> None:
        sink.count(size)
        self._route.on_bytes(size)

    def _verify(self, sink: _Sink) -> None:
        """Raise ServiceError unless the file is what was listed: its size, and its MD5 where the
        ETag is one ("Checking object integrity": not with parts, KMS or customer keys).
        """
        item = sink.item
        if os.fstat(sink.descriptor).st_size != item.size:
            raise _not_as_listed(item.key)
        opaque = bool(sink.encryption) and (sink.encryption != "AES256" or self._is_compatible)
        if item.etag is None or not _MD5.fullmatch(item.etag) or opaque:
            return
        digest = hashlib.md5(usedforsecurity=False)
        offset = 0
        while chunk := _read_at(sink.descriptor, MIB, offset, item):
            if self._route.stop.is_set():
                raise StoppedError
            digest.update(chunk)
            offset += len(chunk)
        if f'"{digest.hexdigest()}"' != item.etag:
            raise ServiceError(
                f"What arrived of {item.key} is not what is stored; it was thrown away.",
                cause=f"MD5 {digest.hexdigest()}, expected {item.etag}",
                hint="Retry the failed files.",
            )


class _Sink:
    """The temporary file of one download, and how much of it has been counted."""

    def __init__(self, item: DownloadItem, descriptor: int, temporary: Path) -> None:
        self.item = item
        self.descriptor = descriptor
        self.temporary = temporary
        self.encryption = ""
        """How the object is encrypted, as the answer said; "" if it did not say."""
        self.counted = 0
        self._lock = threading.Lock()

    def count(self, size: int) -> None:
        with self._lock:
            self.counted += size


def _write_at(descriptor: int, data: bytes, position: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, position)
        view, position = view[written:], position + written


def _read_at(descriptor: int, size: int, position: int, item: DownloadItem) -> bytes:
    with translating_local(f"read back {item.target}"):
        return os.pread(descriptor, size, position)


def _is_broken_read(error: ServiceError) -> bool:
    if error.code in {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}:
        # The SDK has tried these often enough.
        return False
    return error.kind is ErrorKind.NETWORK or error.code == "IncompleteReadError"


def _explained(error: Any, key: str) -> ServiceError:
    code = error.response["Error"].get("Code", "")
    if code in {"PreconditionFailed", "412", "InvalidRange", "416"}:
        return _not_as_listed(key)
    if code in {"NoSuchKey", "404"}:
        return ServiceError(
            f"{key} was deleted after you looked.",
            cause=str(error),
            hint="Press r in the S3 pane to see what is there now.",
            code=code,
            kind=ErrorKind.NOT_FOUND,
        )
    hint = ""
    if code == "InvalidObjectState":
        hint = "It is archived: restore it first, then download it."
    return translate(error, f"download {key}", hint=hint)


def _not_as_listed(key: str) -> ServiceError:
    return ServiceError(
        f"{key} was changed after you looked; nothing was written.",
        hint="Press r in the S3 pane to see it as it is now, then download it again.",
        kind=ErrorKind.CHANGED,
    )
