"""Upload one file so that nothing is overwritten unseen and nothing half-written remains."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass

from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.body import count_only_sending
from tui.services.transfers.local_names import free_names
from tui.services.transfers.models import ConflictPolicy, UploadItem
from tui.services.transfers.parts import put_in_parts
from tui.services.transfers.put import put
from tui.services.transfers.remote import head
from tui.services.transfers.route import Condition, Route
from tui.services.transfers.source import Source

_NO_CONDITIONS = {"NotImplemented", "501"}
"""What a compatible server says that does not know conditional writes."""

_RACES = 3
"""How often a write is tried that met another write to the same key (409)."""

_IF_NEW: Condition = {"IfNoneMatch": "*"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Where a file went."""

    key: str
    size: int


class Uploader:
    """Uploads a file of a job."""

    def __init__(self, route: Route) -> None:
        self._route = route
        count_only_sending(route.client)

    async def upload(self, item: UploadItem, policy: ConflictPolicy) -> Uploaded | None:
        """Send one file; None if the policy skips it.

        Raises StoppedError when cancelled, ServiceError otherwise: EXISTS when the key came into
        being after the plan, CHANGED when the object or the file is not what it was.
        """
        if item.existing is None:
            return await self._send(item, item.key, _IF_NEW)
        if policy is ConflictPolicy.SKIP:
            return None
        if policy is ConflictPolicy.OVERWRITE:
            etag = item.existing.etag
            return await self._send(item, item.key, {"IfMatch": etag} if etag else {})
        return await self._send_beside(item)

    async def _send_beside(self, item: UploadItem) -> Uploaded:
        for key in free_names(item.key):
            if await self._holds(key):
                continue
            try:
                return await self._send(item, key, _IF_NEW)
            except ServiceError as error:
                if error.kind is not ErrorKind.EXISTS:
                    raise
        raise ServiceError(f"No free key was found beside {item.key}.", kind=ErrorKind.EXISTS)

    async def _holds(self, key: str) -> bool:
        try:
            found = await self._route.call(
                f"look up {key}", head, self._route.client, self._route.bucket, key
            )
        except ServiceError as error:
            if error.kind is ErrorKind.DENIED:
                # The conditional write will tell.
                return False
            raise
        return found is not None

    async def _send(self, item: UploadItem, key: str, condition: Condition) -> Uploaded:
        source: Source = await self._route.call(f"read {item.path}", Source.open, item)
        try:
            await self._send_open(source, key, condition)
        except asyncio.CancelledError:
            # The loop is ending, and a thread may still be reading: the descriptor is left to it.
            raise
        except BaseException:
            os.close(source.descriptor)
            raise
        os.close(source.descriptor)
        return Uploaded(key, source.before.size)

    async def _send_open(self, source: Source, key: str, condition: Condition) -> None:
        is_small = source.before.size <= self._route.course.tuning.single
        send = put if is_small else put_in_parts
        for attempt in range(1, _RACES + 1):
            try:
                await send(self._route, source, key, condition)
            except ServiceError as error:
                if error.code in _NO_CONDITIONS and condition:
                    await self._check_by_hand(source.item, key)
                    condition = {}
                elif error.code != "ConditionalRequestConflict" or attempt == _RACES:
                    raise _explained(error, key, condition) from error
                else:
                    await asyncio.sleep(0.1 * attempt)
            else:
                return

    async def _check_by_hand(self, item: UploadItem, key: str) -> None:
        """The nearest thing to a condition where the server has none: look just before."""
        now = await self._route.call(
            f"look up {key}", head, self._route.client, self._route.bucket, key
        )
        seen = item.existing.etag if item.existing is not None and key == item.key else None
        if now is not None and now.etag != seen:
            raise _exists_now(key, "") if seen is None else _changed_since(key, "")


def _explained(error: ServiceError, key: str, condition: Condition) -> ServiceError:
    failed = error.code in {"PreconditionFailed", "412", "ConditionalRequestConflict"}
    if failed and "IfNoneMatch" in condition:
        return _exists_now(key, error.cause)
    if "IfMatch" in condition and (failed or error.code in {"NoSuchKey", "404"}):
        return _changed_since(key, error.cause)
    return error


def _exists_now(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key} exists now: it came into being after you looked. It was left as it is.",
        cause=cause,
        hint="Upload again to see it and choose what to do with it.",
        kind=ErrorKind.EXISTS,
    )


def _changed_since(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key} was changed or deleted after you chose to overwrite it. It was left as it is.",
        cause=cause,
        hint="Upload again to see what is there now.",
        kind=ErrorKind.CHANGED,
    )
