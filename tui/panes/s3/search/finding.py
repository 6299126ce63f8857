"""A search for names under a prefix: what was found so far, and how far it is. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from tui.services.errors import ServiceError
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object, S3Service
from tui.services.s3.name_pattern import NamePattern

MOST_HITS = 100_000
"""Hits that are kept: about 400 bytes each. Those after them are only counted."""


class Find:
    """Looks at every key under a prefix and keeps the objects whose names match.

    `changed` is called after each page. `hits` only grows.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        pattern: NamePattern,
        changed: Callable[[], None],
        *,
        base: str | None = None,
    ) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.base = prefix[: prefix.rfind("/") + 1] if base is None else base
        """What the names that are compared and shown do not repeat."""
        self.pattern = pattern
        self.hits: list[S3Object] = []
        self.found = 0
        """Hits, also those that are not kept."""
        self.size = 0
        """Bytes of everything found."""
        self.looked_at = 0
        """Keys."""
        self.running = False
        self.stopped = False
        """Whether it was stopped before the end."""
        self.error: ServiceError | None = None
        """What ended it early."""
        self._changed = changed

    async def run(self, s3: S3Service) -> None:
        """Search to the end, until `stop`, or until an error, which is kept."""
        self.running = True
        try:
            async with aclosing(s3.scan(self.bucket, self.prefix)) as pages:
                async for page in pages:
                    found = await asyncio.to_thread(self.pattern.among, page, self.base)
                    self._take(found, len(page))
                    if self.stopped:
                        break
        except ServiceError as error:
            self.error = error
        finally:
            self.running = False
            self._changed()

    def _take(self, found: list[S3Object], looked_at: int) -> None:
        self.looked_at += looked_at
        self.found += len(found)
        self.size += sum(each.size for each in found)
        self.hits += found[: max(MOST_HITS - len(self.hits), 0)]
        self._changed()

    def stop(self) -> None:
        """Look at no page after the one in flight."""
        self.stopped = self.stopped or self.running

    @property
    def state(self) -> str:
        """How much was found in how much, and whether that is all."""
        text = f"{counted(self.found, 'hit')} ({size_text(self.size)}) in "
        text += counted(self.looked_at, "key")
        if len(self.hits) < self.found:
            text += f" · only the first {len(self.hits):,} are kept"
        if self.error is not None:
            return f"{text} so far, then an error: {self.error}"
        if self.running:
            return f"{text} so far{', stopping' if self.stopped else ''}…"
        return f"{text} so far: stopped, there may be more" if self.stopped else text
