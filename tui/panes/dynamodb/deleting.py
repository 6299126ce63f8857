"""Deleting many items: a few at once, with progress, stopped between two of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.panes.dynamodb.items_view import ItemsView
from tui.services.aws import Standpoint
from tui.services.dynamodb import Item, ItemConflict, to_json
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.widgets.dialogs import Message

if TYPE_CHECKING:
    from tui.panes.dynamodb.pane import DynamoPane

AT_ONCE = 4
"""Deletions under way at once; the service's pool has room for reading beside them."""

REDRAW_INTERVAL = 0.25
"""Seconds between two drawings of what is left: each draws every row."""

SHOWN_CONFLICTS = 100
"""Items named in the report; of the others it says how many."""


class Deletion:
    """The items of one view that are being deleted, each only if it is as it was read.

    An item that somebody changed is left, and the others go on; any other error ends it, as does
    `stop`. What was begun is always finished and counted.
    """

    def __init__(
        self, pane: DynamoPane, view: ItemsView, items: Sequence[Item], here: Standpoint
    ) -> None:
        self.pane = pane
        self.view = view
        self.total = len(items)
        self.deleted = 0
        self.conflicts: list[tuple[Item, ItemConflict]] = []
        self.error: ServiceError | None = None
        self.stopped = False
        self._here = here
        self._waiting = list(reversed(items))
        self._gone: list[Item] = []
        """Deleted, and still on the screen."""
        self._drawn = time.monotonic()

    @property
    def state(self) -> str:
        """How far it is, for the location line."""
        ends = "stopping…" if self.stopped else "Esc stops"
        return f"deleted {self.deleted:,} of {self.total:,}, {ends}"

    def stop(self) -> None:
        """Begin no other item."""
        self.stopped = True
        self.pane.show_state()

    async def run(self) -> None:
        """Delete until nothing is left to do. Raises the error, if nothing at all was deleted."""
        self.pane.deletion = self
        self.pane.grid.mark_only()
        self.pane.show_state()
        try:
            await asyncio.gather(*(self._work() for _ in range(min(AT_ONCE, self.total))))
        finally:
            self.pane.deletion = None
            self._draw()
        self._catch_up()
        if self.total == 1 and self.conflicts:
            raise self.conflicts[0][1]
        if self.error is not None and not self.deleted and not self.conflicts:
            raise self.error
        self.pane.say(f"Deleted {counted(self.deleted, 'item')}.")
        if self.deleted < self.total:
            await self.pane.ask(Message("Not everything was deleted", self.report()))

    async def _work(self) -> None:
        while self._waiting and not self.stopped and self.error is None:
            item = self._waiting.pop()
            try:
                receipt = await self.pane.service.delete(self.view.table, item, at=self._here)
            except ItemConflict as conflict:
                self.conflicts.append((item, conflict))
                continue
            except ServiceError as error:
                self.error = error
                return
            self.deleted += 1
            self.view.add_cost(receipt.consumed)
            self._gone.append(item)
            if time.monotonic() - self._drawn >= REDRAW_INTERVAL:
                self._draw()

    def _draw(self) -> None:
        self.view.remove(*self._gone)
        self._gone.clear()
        if self.pane.items is self.view:
            self.pane.draw()
        else:
            self.pane.show_state()
        self._drawn = time.monotonic()

    def _catch_up(self) -> None:
        """A reading of the same table that began meanwhile may show what is gone."""
        now = self.pane.items
        if now is not None and now is not self.view and now.source.table == self.view.table.name:
            self.pane.reload()

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
            key = to_json(self.view.table.key_of(item), indent=None)
            lines.append(f"{key}: {conflict.message}")
        if len(self.conflicts) > SHOWN_CONFLICTS:
            lines.append(f"and {len(self.conflicts) - SHOWN_CONFLICTS:,} more like these")
        return "\n".join(lines)
