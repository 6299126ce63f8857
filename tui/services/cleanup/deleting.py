"""One DeleteObjects call made whole: what S3 asks to repeat is repeated, the rest is told apart."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tui.services.cleanup.counting import NO_VERSION, Entry
from tui.services.cleanup.scope import Reach
from tui.services.cleanup.tunables import Tunables
from tui.services.cleanup.waiting import pause
from tui.services.errors import ErrorKind, ServiceError

_AGAIN = {
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "503",
}
_GONE = {"NoSuchKey", "NoSuchVersion"}

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can carry, so no DeleteObjects request either
(https://www.w3.org/TR/xml/#charsets); S3 takes them in the URL of a single delete."""


@dataclass(frozen=True)
class Refusal:
    """One version that was not deleted."""

    entry: Entry
    code: str
    message: str


@dataclass(frozen=True)
class Deleter:
    """How the versions of one bucket are deleted."""

    reach: Reach
    bucket: str
    tunables: Tunables
    stop: asyncio.Event
    bypass_governance: bool = False
    by_version: bool = True
    """False for a bucket that never had versioning: then s3:DeleteObject is enough."""

    async def delete(self, entries: Sequence[Entry]) -> list[Refusal]:
        """Delete at most a batch; gives those that stay. Raises ServiceError if S3 refuses or
        loses the call as a whole."""
        alone = [entry for entry in entries if _NOT_IN_XML.search(entry.key)]
        together = [entry for entry in entries if not _NOT_IN_XML.search(entry.key)]
        refused = [refusal for entry in alone for refusal in await self._delete_one(entry)]
        for attempt in range(self.tunables.attempts):
            if not together:
                break
            answered = await self._delete_batch(together)
            refused += [each for each in answered if each.code not in _AGAIN]
            again = [each for each in answered if each.code in _AGAIN]
            together = [each.entry for each in again]
            last_try = attempt == self.tunables.attempts - 1
            if together and (last_try or await self._back_off(attempt)):
                return refused + again
        return refused

    async def _back_off(self, attempt: int) -> bool:
        span = self.tunables.backoff * 2**attempt
        # Spread, so that parallel calls do not come back all at once.
        return await pause(self.stop, span * random.uniform(0.5, 1.0))  # noqa: S311

    async def _delete_batch(self, entries: Sequence[Entry]) -> list[Refusal]:
        try:
            answer = await self.reach.call(
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
        return self._refusals(entries, answer.get("Errors", []))

    def _named(self, entry: Entry) -> dict[str, str]:
        if self.by_version or entry.version_id != NO_VERSION:
            return {"Key": entry.key, "VersionId": entry.version_id}
        return {"Key": entry.key}

    @property
    def _flags(self) -> dict[str, object]:
        return {"BypassGovernanceRetention": True} if self.bypass_governance else {}

    def _refusals(self, entries: Sequence[Entry], errors: list[dict[str, Any]]) -> list[Refusal]:
        exact = {(entry.key, entry.version_id): entry for entry in entries}
        by_key: dict[str, list[Entry]] = {}
        for entry in entries:
            by_key.setdefault(entry.key, []).append(entry)
        refused: dict[tuple[str, str], Refusal] = {}
        for error in errors:
            key, code = str(error.get("Key", "")), str(error.get("Code", ""))
            if code in _GONE:
                continue
            named = exact.get((key, str(error.get("VersionId") or NO_VERSION)))
            # Some servers leave the version out: then every version of the key is in doubt.
            for each in by_key.get(key, []) if named is None else [named]:
                refusal = Refusal(each, code, str(error.get("Message", "")))
                refused[each.key, each.version_id] = refusal
        return list(refused.values())

    async def _delete_one(self, entry: Entry) -> list[Refusal]:
        try:
            await self.reach.call(
                "s3",
                "delete_object",
                f"delete {entry.key} from {self.bucket}",
                Bucket=self.bucket,
                **self._named(entry),
                **self._flags,
            )
        except ServiceError as error:
            if error.code in _GONE:
                return []
            return [Refusal(entry, error.code, error.cause)]
        return []
