"""What the list of buckets says beside their names, read for the rows in view. No widget here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from tui.services.aws import Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import BucketSummary, S3Service

AT_A_TIME = 4
"""Buckets that are read at the same time: few of the service's threads, the others list."""

NOTHING_KNOWN = BucketSummary()

_ENDS_ALL = {ErrorKind.CREDENTIALS, ErrorKind.NETWORK}
"""Errors after which no other bucket is asked for: it would fail in the same way."""


class BucketSummaries:
    """The summaries of buckets, each read once on a connection. `changed` is called at each one."""

    def __init__(self, s3: S3Service, changed: Callable[[], None]) -> None:
        self._s3 = s3
        self._changed = changed
        self._known: dict[str, BucketSummary] = {}
        self._at: Connection | None = None
        """The connection of what is known."""
        self._stale: set[str] = set()
        """Buckets that are shown as they were, and read again when they are in view."""
        self._given_up = False
        """Whether an error came after which none is asked for until `expire`."""
        self.came = 0
        """How many summaries have come: when it is another number, rows look otherwise."""
        self._wanted: list[str] = []
        self._reading: set[str] = set()

    def of(self, bucket: str) -> BucketSummary:
        """What is known of a bucket."""
        return self._known.get(bucket, NOTHING_KNOWN)

    def expire(self, *buckets: str) -> None:
        """Read these buckets anew, or all, when they are in view."""
        self._stale.update(buckets or self._known)
        self._given_up = False

    def want(self, buckets: Iterable[str]) -> Coroutine[Any, Any, None] | None:
        """Read these buckets, those in view, next, and no others that were wanted before. None if
        nothing has to be begun. What was begun earlier is not to be cancelled: it goes on with
        what is wanted now."""
        at = self._s3.account.connection
        if at is not self._at:
            self._at = at
            self._known, self._stale, self._given_up = {}, set(), False
        self._wanted = [
            name
            for name in buckets
            if (name not in self._known or name in self._stale) and name not in self._reading
        ]
        if not self._wanted or self._is_busy or self._given_up:
            return None
        return self._read()

    async def _read(self) -> None:
        await asyncio.gather(*(self._read_wanted() for _ in range(AT_A_TIME)))

    @property
    def _is_busy(self) -> bool:
        return len(self._reading) >= AT_A_TIME

    async def _read_wanted(self) -> None:
        while self._wanted and not self._is_busy and not self._given_up:
            name, at = self._wanted.pop(0), self._at
            self._reading.add(name)
            self._stale.discard(name)
            try:
                summary = await self._s3.summarize_bucket(name)
            except ServiceError as error:
                self._given_up |= error.kind in _ENDS_ALL
                summary = NOTHING_KNOWN
            finally:
                self._reading.discard(name)
            # Another account's bucket may have the same name on another server.
            if at is self._at is self._s3.account.connection:
                self._known[name] = summary
                self.came += 1
                self._changed()
