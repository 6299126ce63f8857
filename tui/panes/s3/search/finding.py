"""A search for names under a prefix: what was found so far, and how far it is. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tui.panes.s3.search.scanning import Scanning
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object
from tui.services.s3.search.name_pattern import NamePattern

MOST_HITS = 100_000
"""Hits that are kept: about 400 bytes each. Those after them are only counted."""


class Find(Scanning):
    """Looks at every key under a prefix and keeps the objects whose names match."""

    waits = False

    def __init__(
        self, bucket: str, prefix: str, pattern: NamePattern, changed: Callable[[], None]
    ) -> None:
        super().__init__(bucket, prefix, changed)
        self.pattern = pattern
        self.hits: list[S3Object] = []
        """It only grows."""
        self.found = 0
        """Hits, also those that are not kept."""
        self.size = 0
        """Bytes of everything found."""
        self.looked_at = 0
        """Keys."""

    async def take(self, page: Sequence[S3Object]) -> None:
        found = await asyncio.to_thread(self.pattern.among, page, self.base)
        self.looked_at += len(page)
        self.found += len(found)
        self.size += sum(each.size for each in found)
        self.hits += found[: max(MOST_HITS - len(self.hits), 0)]

    def remove(self, gone: Sequence[S3Object]) -> None:
        """Take out hits that are there no more."""
        keys = {each.key for each in gone}
        self.hits = [each for each in self.hits if each.key not in keys]
        self.found -= len(gone)
        self.size -= sum(each.size for each in gone)

    @property
    def state(self) -> str:
        """How much was found in how much, and whether that is all."""
        text = f"{counted(self.found, 'hit')} ({size_text(self.size)}) in "
        text += counted(self.looked_at, "key")
        if len(self.hits) < self.found:
            text += f" · only the first {len(self.hits):,} are kept"
        return text + self.how_far
