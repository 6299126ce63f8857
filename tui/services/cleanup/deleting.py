"""One DeleteObjects call made whole: what S3 asks to repeat is repeated, the rest is told apart."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tui.services.cleanup.counting import Entry
from tui.services.cleanup.removal import pause
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import batch_delete
from tui.services.s3.batch_delete import NO_VERSION

_AGAIN = {
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "503",
}


@dataclass(frozen=True)
class Refusal:
    """One version that was not deleted."""

    entry: Entry
    code: str
    message: str


@dataclass(frozen=True)
class Deleter:
    """How the versions of one bucket are deleted."""

    stores: Stores
    bucket: str
    tunables: Tunables
    stop: asyncio.Event
    bypass_governance: bool = False
    by_version: bool = True
    """False for a bucket that never had versioning: then s3:DeleteObject is enough."""

    async def delete(self, entries: Sequence[Entry]) -> list[Refusal]:
        """Delete at most a batch; gives those that stay. Raises ServiceError if S3 refuses or
        loses the call as a whole."""
        of = {entry.name: entry for entry in entries}
        together, alone = batch_delete.split(of)
        # Single deletes come last and never raise: what they delete is always counted.
        refused = await self._delete_together([of[name] for name in together])
        for name in alone:
            refused += await self._delete_one(of[name])
        return refused

    async def _delete_together(self, entries: Sequence[Entry]) -> list[Refusal]:
        refused: list[Refusal] = []
        for attempt in range(self.tunables.attempts):
            if not entries:
                break
            try:
                answered = await self._delete_batch(entries)
            except ServiceError as error:
                if attempt == 0:
                    raise
                # What an earlier attempt deleted has to be counted.
                return refused + [Refusal(each, error.code, error.cause) for each in entries]
            refused += [each for each in answered if each.code not in _AGAIN]
            again = [each for each in answered if each.code in _AGAIN]
            entries = [each.entry for each in again]
            last_try = attempt == self.tunables.attempts - 1
            if entries and (last_try or await self._back_off(attempt)):
                return refused + again
        return refused

    async def _back_off(self, attempt: int) -> bool:
        span = self.tunables.backoff * 2**attempt
        # Spread, so that parallel calls do not come back all at once.
        return await pause(self.stop, span * random.uniform(0.5, 1.0))  # noqa: S311

    async def _delete_batch(self, entries: Sequence[Entry]) -> list[Refusal]:
        try:
            answer = await self.stores.call(
                "s3",
                "delete_objects",
                f"empty the bucket {self.bucket}",
                Bucket=self.bucket,
                Delete={"Objects": [self._named(entry) for entry in entries], "Quiet": True},
                **self._flags,
            )
        except ServiceError as error:
            if error.kind is ErrorKind.THROTTLED or error.code in _AGAIN:
                return [Refusal(entry, "SlowDown", error.cause) for entry in entries]
            raise
        of = {entry.name: entry for entry in entries}
        return [
            Refusal(of[each.name], each.code, each.message)
            for each in batch_delete.refused(list(of), answer)
        ]

    def _named(self, entry: Entry) -> dict[str, str]:
        if self.by_version or entry.version_id != NO_VERSION:
            return {"Key": entry.key, "VersionId": entry.version_id}
        return {"Key": entry.key}

    @property
    def _flags(self) -> dict[str, object]:
        return {"BypassGovernanceRetention": True} if self.bypass_governance else {}

    async def _delete_one(self, entry: Entry) -> list[Refusal]:
        try:
            await self.stores.call(
                "s3",
                "delete_object",
                f"delete {entry.key} from {self.bucket}",
                Bucket=self.bucket,
                **self._named(entry),
                **self._flags,
            )
        except ServiceError as error:
            if error.code in batch_delete.GONE_ALREADY:
                return []
            return [Refusal(entry, error.code, error.cause)]
        return []
