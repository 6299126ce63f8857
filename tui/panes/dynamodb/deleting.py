"""Deleting many items: a few at once, with progress, stopped between two of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from tui.services.dynamodb import Item, ItemConflict, Receipt, TableInfo, to_json
from tui.services.errors import ServiceError
from tui.services.quantities import counted

AT_ONCE = 4
"""Deletions under way at once; the service's pool has room for reading beside them."""

TELL_INTERVAL = 0.25
"""Seconds between two calls of `tell`: each of them draws every row."""

SHOWN_CONFLICTS = 100
"""Items named in the report; of the others it says how many."""


class ItemDeletion:
    """Items of one table that are being deleted, each only if it is as it was read.

    An item that somebody changed is left, and the others go on; any other error ends it, as does
    `stop`. What was begun is always finished and counted.
    """

    def __init__(
        self,
        table: TableInfo,
        items: Sequence[Item],
        delete: Callable[[Item], Awaitable[Receipt]],
        tell: Callable[[Sequence[Item]], None],
    ) -> None:
        """`tell` is called now and then, and at the end, with the items that are gone since."""
        self.table = table
        self.total = len(items)
        self.deleted = 0
        self.consumed: float | None = None
        """Write capacity units; None if the service did not say."""
        self.conflicts: list[tuple[Item, ItemConflict]] = []
        self.error: ServiceError | None = None
        self.stopped = False
        self._delete = delete
        self._tell = tell
        self._waiting = list(reversed(items))
        self._gone: list[Item] = []
        """Deleted, and not told yet."""
        self._told_at = time.monotonic()

    @property
    def state(self) -> str:
        """How far it is, for the location line."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"deleted {self.deleted:,} of {self.total:,}, {ends}"

    def stop(self) -> None:
        """Begin no other item."""
        self.stopped = True

    async def run(self) -> None:
        """Delete until nothing is left to do. Raises nothing: see `error` and `conflicts`."""
        try:
            await asyncio.gather(*(self._work() for _ in range(min(AT_ONCE, self.total))))
        finally:
            self._tell_gone()

    async def _work(self) -> None:
        while self._waiting and not self.stopped and self.error is None:
            item = self._waiting.pop()
            try:
                receipt = await self._delete(item)
            except ItemConflict as conflict:
                self.conflicts.append((item, conflict))
                continue
            except ServiceError as error:
                self.error = error
                return
            self.deleted += 1
            if receipt.consumed is not None:
                self.consumed = (self.consumed or 0) + receipt.consumed
            self._gone.append(item)
            if time.monotonic() - self._told_at >= TELL_INTERVAL:
                self._tell_gone()

    def _tell_gone(self) -> None:
        gone, self._gone = self._gone, []
        self._tell(gone)
        self._told_at = time.monotonic()

    def raise_if_nothing_went(self) -> None:
        """Raise the error or the conflict of the only item, if nothing at all was deleted."""
        if self.total == 1 and self.conflicts:
            raise self.conflicts[0][1]
        if self.error is not None and not self.deleted and not self.conflicts:
            raise self.error

    def report(self) -> str:
        """What went, what did not, and why."""
        lines = [f"Deleted: {self.deleted:,} of {counted(self.total, 'item')}."]
        if self.stopped:
            lines.append("Stopped with Esc.")
        if self.error is not None:
            lines += ["", str(self.error)]
        if self._waiting:
            lines.append(f"Not tried: {counted(len(self._waiting), 'item')}.")
        if self.conflicts:
            lines.append("")
        for item, conflict in self.conflicts[:SHOWN_CONFLICTS]:
            key = to_json(self.table.key_of(item), indent=None)
            lines.append(f"{key}: {conflict.message}")
        if len(self.conflicts) > SHOWN_CONFLICTS:
            lines.append(f"and {len(self.conflicts) - SHOWN_CONFLICTS:,} more like these")
        return "\n".join(lines)
