"""The objects of a tree: those that are named, and all under the prefixes that are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing

from tui.panes.s3.entries import Entry, Prefix
from tui.services.aws import Connection
from tui.services.quantities import counted, size_text
from tui.services.s3 import S3Object, S3Service


class Tree:
    """What entries of one bucket hold, counted by listing it. What comes into being under a prefix
    after the listing has passed is not part of it."""

    def __init__(self, bucket: str, entries: Sequence[Entry]) -> None:
        self.bucket = bucket
        self.prefixes = tuple(each.prefix for each in entries if isinstance(each, Prefix))
        self.objects = [each for each in entries if isinstance(each, S3Object)]
        self.named = len(self.objects)
        """How many of them were named themselves."""
        self.size = sum(each.size for each in self.objects)
        """Bytes of the `objects`."""
        self.complete = not self.prefixes
        """Whether everything is counted."""
        self.stopped = False
        """Whether no other page is to be read."""

    @property
    def keys(self) -> list[str]:
        """Every key, as stored."""
        return [each.key for each in self.objects]

    @property
    def etags(self) -> dict[str, str]:
        """The ETag of every key, as it was listed; empty where the server gives none."""
        return {each.key: each.etag for each in self.objects}

    @property
    def amount(self) -> str:
        """ "12 objects (3.4 MiB)"."""
        return f"{counted(len(self.objects), 'object')} ({size_text(self.size)})"

    async def count(
        self, s3: S3Service, changed: Callable[[], None], *, at: Connection | None
    ) -> None:
        """List every prefix to its end, or until it is `stopped`. Raises ServiceError."""
        for prefix in self.prefixes:
            async with aclosing(s3.scan(self.bucket, prefix, at=at)) as pages:
                async for page in pages:
                    self.objects += page
                    self.size += sum(each.size for each in page)
                    changed()
                    if self.stopped:
                        return
        self.complete = True
