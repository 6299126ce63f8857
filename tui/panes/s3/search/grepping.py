"""A search inside objects: which are read, what was found, what was left out. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from tui.panes.s3.entries import Entry, Prefix
from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object, S3Service
from tui.services.s3.search.grep import GrepQuery, Hit
from tui.services.s3.search.name_pattern import NamePattern

AT_ONCE = 8
"""Objects that are read at the same time; each holds a few MiB."""

MOST_HITS = 10_000
"""Hits after which the search ends."""

ASKED_AFTER = 10 * 1024**3
"""Bytes after which it waits until it may read as many more: requests and transfer cost."""


class Grep:
    """Searches inside the objects of entries, several at once. `changed` is called at each step.

    `hits` only grows.
    """

    def __init__(
        self,
        bucket: str,
        entries: Sequence[Entry],
        query: GrepQuery,
        names: NamePattern | None,
        changed: Callable[[], None],
        *,
        base: str = "",
    ) -> None:
        self.bucket, self.query, self.names, self.base = bucket, query, names, base
        self._entries = entries
        self.hits: list[Hit] = []
        self.searched = self.read = self.archived = self.binary = self.slow = 0
        """Objects that were searched, bytes that were read, objects that were left out, lines for
        which the expression took too long."""
        self.problems: list[tuple[str, ServiceError]] = []
        """Objects that could not be searched to the end, and why."""
        self.error: ServiceError | None = None
        """Why the listing ended early."""
        self.running = self.stopped = self.full = False
        self._allowed = ASKED_AFTER
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._changed = changed

    async def run(self, s3: S3Service) -> None:
        """Search to the end, until `stop`, or until there are `MOST_HITS`."""
        self.running = True
        free = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.TaskGroup() as group, aclosing(self._objects(s3)) as objects:
                async for each in objects:
                    await free.acquire()
                    if self._ends:
                        break
                    task = group.create_task(self._search(s3, each))
                    task.add_done_callback(lambda _: free.release())
        finally:
            self.running = False
            self._changed()

    @property
    def _ends(self) -> bool:
        return self.stopped or self.full

    async def _objects(self, s3: S3Service) -> AsyncGenerator[S3Object, None]:
        for entry in self._entries:
            try:
                if isinstance(entry, S3Object):
                    for each in await self._wanted((entry,)):
                        yield each
                elif isinstance(entry, Prefix):
                    async with aclosing(s3.scan(self.bucket, entry.prefix)) as pages:
                        async for page in pages:
                            for each in await self._wanted(page):
                                yield each
                            if self._ends:
                                return
            except ServiceError as error:
                self.error = error

    async def _wanted(self, page: Sequence[S3Object]) -> list[S3Object]:
        """Those of a page that are to be read."""
        found = list(page)
        if self.names is not None:
            # An expression may take a while for a thousand long names.
            found = await asyncio.to_thread(self.names.among, page, self.base)
        readable = [each for each in found if not each.is_archived]
        self.archived += len(found) - len(readable)
        return [each for each in readable if each.size > 0]

    async def _search(self, s3: S3Service, found: S3Object) -> None:
        try:
            async with aclosing(s3.search_object(self.bucket, found, self.query)) as steps:
                async for step in steps:
                    self.read += step.read
                    self.binary += step.is_binary
                    self.slow += step.slow
                    self.hits += step.hits[: max(MOST_HITS - len(self.hits), 0)]
                    self.full = len(self.hits) >= MOST_HITS
                    if self.read >= self._allowed:
                        self._may_read.clear()
                    self._changed()
                    await self._may_read.wait()
                    if self._ends:
                        return
        except ServiceError as error:
            self.problems.append((found.key, error))
        self.searched += 1
        self._changed()

    @property
    def waits(self) -> bool:
        """Whether it waits until it may go on reading."""
        return self.running and not self._may_read.is_set()

    def go_on(self) -> None:
        """Read as much again."""
        self._allowed = self.read + ASKED_AFTER
        self._may_read.set()

    def stop(self) -> None:
        """Read nothing after the parts in flight."""
        self.stopped = self.stopped or self.running
        self._may_read.set()

    @property
    def state(self) -> str:
        """What was found in how much, what was left out, and whether that is all."""
        text = f"{counted(len(self.hits), 'hit')} in {counted(self.searched, 'object')}, "
        text += f"{size_text(self.read)} read"
        for number, what in (
            (self.binary, "binary: skipped"),
            (self.archived, "archived: skipped"),
            (len(self.problems), "failed: i lists them"),
            (self.slow, "lines took too long: not searched"),
        ):
            text += f" · {number:,} {what}" if number else ""
        if self.error is not None:
            text += f" · the listing ended early: {self.error}"
        if self.waits:
            more = size_text(ASKED_AFTER)
            text += f"\nReading costs requests and transfer. Ctrl+S reads {more} more."
        elif self.running:
            text += ", stopping…" if self.stopped else " so far…"
        elif self.full:
            text += f" · ended after {MOST_HITS:,} hits: there may be more"
        elif self.stopped:
            text += " so far: stopped, there may be more"
        return text
