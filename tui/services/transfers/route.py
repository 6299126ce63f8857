"""What every request of a job shares: the bucket and the ways to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.services.aws import Done, Look
from tui.services.transfers.body import Stop
from tui.services.transfers.models import ExistingObject
from tui.services.transfers.native import NativeClient
from tui.services.transfers.pressure import Pressure
from tui.services.transfers.remote import head

MIB = 1024 * 1024

SINGLE_BYTES = 8 * MIB
"""Up to this size a file goes in one request; above, in parts of at least this size."""

NATIVE_BYTES = MIB
"""Up to this size a file goes through the native client, which is several times faster and tells
its progress only at the end."""


HOW_TO_LOOK = "Look at the size and the date of the object before you upload the file again."


@dataclass(frozen=True)
class Tuning:
    """Sizes from which a file goes another way. The defaults are for use; tests make them small."""

    single: int = SINGLE_BYTES
    native: int = NATIVE_BYTES


@dataclass(frozen=True)
class Course:
    """What all files of a job share."""

    client: Any
    """The SDK's S3 client of the account that the job was planned for."""
    native: NativeClient | None
    """The native client beside it; None where it cannot be used."""
    pressure: Pressure
    tuning: Tuning
    unfinished: set[Path]
    """The temporary files of downloads under way, of all jobs."""

    def native_for(self, size: int) -> NativeClient | None:
        """The native client, if a file of this size is for it."""
        native = self.native
        return (
            native if native is not None and native.works and size <= self.tuning.native else None
        )


@dataclass(frozen=True)
class Route:
    """The way of one file."""

    course: Course
    bucket: str
    stop: Stop
    on_bytes: Callable[[int], None]

    @property
    def client(self) -> Any:
        return self.course.client

    async def call(
        self, action: str, function: Callable[..., Any], /, *args: Any, **kw: Any
    ) -> Any:
        """See `Pressure.call`."""
        return await self.course.pressure.call(self.stop, action, function, *args, **kw)

    def look(self, key: str, etag: str, before: ExistingObject | None) -> Done[Any] | Look:
        """Whether a write was carried out whose answer was lost: the key holds exactly what was
        sent. `before` is what it held when the upload was planned. Blocking.
        """
        found = head(self.client, self.bucket, key)
        if found is not None and found.etag == etag:
            return Done(None)
        if found is None or (before is not None and found.etag == before.etag):
            return Look.NOT_DONE
        # The ETag of what KMS encrypts is not made of the content.
        return Look.UNCLEAR


Condition = Mapping[str, str]
"""`IfNoneMatch` or `IfMatch`; empty for an unconditional write."""


def md5_of(data: bytes) -> Any:
    """The MD5 of `data`, as an integrity check and never for security."""
    return hashlib.md5(data, usedforsecurity=False)
