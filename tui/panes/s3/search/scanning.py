"""One look at every object under a prefix: how far it is, and why it ended early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing

from tui.services.errors import ServiceError
from tui.services.giving_way import keys_first
from tui.services.s3 import S3Object, S3Service


class Scanning:
    """Takes every page under a prefix. `changed` is called after each, and at the end."""

    def __init__(self, bucket: str, prefix: str, changed: Callable[[], None]) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.base = prefix[: prefix.rfind("/") + 1]
        """The folder that the prefix is in: what the names that are shown do not repeat."""
        self.running = False
        self.stopped = False
        """Whether it was stopped before the end."""
        self.error: ServiceError | None = None
        """What ended it early."""
        self._changed = changed

    async def take(self, page: Sequence[S3Object]) -> None:
        """Take a page."""
        raise NotImplementedError

    async def run(self, s3: S3Service) -> None:
        """Scan to the end, until `stop`, or until an error, which is kept."""
        self.running = True
        try:
            async with aclosing(s3.scan(self.bucket, self.prefix)) as pages:
                async for page in pages:
                    await keys_first()
                    await self.take(page)
                    self._changed()
                    if self.stopped:
                        break
        except ServiceError as error:
            self.error = error
        finally:
            self.running = False
            self._changed()

    def tell(self, changed: Callable[[], None]) -> None:
        """Call another function from now on."""
        self._changed = changed

    def stop(self) -> None:
        """Read no page after the one in flight."""
        self.stopped = self.stopped or self.running

    @property
    def how_far(self) -> str:
        """What is said behind the figures; empty if they are those of everything."""
        if self.error is not None:
            return f" so far, then an error: {self.error}"
        if self.running:
            return f" so far{', stopping' if self.stopped else ''}…"
        return " so far: stopped, there may be more" if self.stopped else ""
