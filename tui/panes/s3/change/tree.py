"""The objects of a tree: those that are named, and all under the prefixes that are named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from itertools import islice

from tui.panes.s3.entries import Entry, Prefix
from tui.panes.s3.rows import Objects
from tui.services.aws import Connection
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object, S3Service
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.transfers.models import START, WalkPosition

AT_A_TIME = 1000
"""Named entries that are taken in one go; between two of them keys are answered."""


class Tree:
    """What entries of one bucket hold, counted by listing it. What comes into being under a prefix
    after the listing has passed is not part of it."""

    def __init__(self, bucket: str, entries: Iterable[Entry]) -> None:
        self.bucket = bucket
        self.prefixes: list[str] = []
        self.objects = Objects()
        self.named = 0
        """How many of the objects were named themselves."""
        self.folders = 0
        """How many of the objects have a key that ends in "/"."""
        self.size = 0
        """Bytes of the `objects`."""
        self.stopped = False
        """Whether no other page is to be read."""
        self._named = iter(entries)
        """Those that were not taken yet."""
        self.last = START
        """Where the listing of the prefixes stands."""
        self.complete = not self._take_named() and not self.prefixes
        """Whether everything is counted."""

    @property
    def keys(self) -> Sequence[str]:
        """Every key, as stored."""
        return self.objects.keys

    @property
    def amount(self) -> str:
        """ "12 objects (3.4 MiB)"; of one that was counted in part "20,000+ objects"."""
        count = counted(len(self.objects), "object")
        if self.last is not START and not self.complete:
            return f"{count.replace(' ', '+ ')} ({size_text(self.size)} and more)"
        return f"{count} ({size_text(self.size)})"

    def _take_named(self) -> bool:
        """Take some of the named entries; whether there may be more."""
        some = list(islice(self._named, AT_A_TIME))
        self.prefixes += [each.prefix for each in some if isinstance(each, Prefix)]
        objects = [each for each in some if isinstance(each, S3Object)]
        self.named += len(objects)
        self._add(objects)
        return len(some) == AT_A_TIME

    def _add(self, objects: Sequence[S3Object]) -> None:
        self.objects.extend(objects)
        self.size += sum(each.size for each in objects)
        self.folders += sum(each.key.endswith("/") for each in objects)

    async def count(
        self,
        s3: S3Service,
        changed: Callable[[], None],
        *,
        at: Connection | None,
        enough: int | None = None,
    ) -> None:
        """List every prefix to its end, until it is `stopped`, or until there are `enough` objects
        of which `last` is the last in the order of listings. Raises ServiceError."""
        if is_directory_bucket(self.bucket):
            # Its listings cannot be gone on with.
            enough = None
        while self._take_named():
            changed()
            if self.stopped:
                return
            await asyncio.sleep(0)
        for number, prefix in enumerate(self.prefixes):
            found = s3.scan(self.bucket, prefix, ordered=enough is not None, at=at)
            async with aclosing(found) as pages:
                async for page in pages:
                    self._add(page)
                    changed()
                    if self.stopped:
                        return
                    if enough is not None and len(self.objects) >= enough:
                        self.last = WalkPosition(number, page[-1].key)
                        return
        self.complete = True
