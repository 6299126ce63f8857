"""The whole inventory as one stream: three services read at once, none hiding another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tui.services.cleanup.buckets import buckets
from tui.services.cleanup.database_inventory import (
    clusters,
    inbound_rules,
    instances,
    snapshots,
    tables,
)
from tui.services.cleanup.models import InventoryEvent
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables


async def inventory(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Events of all kinds as they come; ends when every part is done or unknown."""
    events: asyncio.Queue[InventoryEvent | None] = asyncio.Queue()
    parts = [part(stores) for part in (instances, snapshots, clusters, tables, inbound_rules)]
    parts.append(buckets(stores, tunables))

    async def forward(part: AsyncIterator[InventoryEvent]) -> None:
        try:
            async for event in part:
                events.put_nowait(event)
        finally:
            events.put_nowait(None)

    tasks = [asyncio.create_task(forward(part)) for part in parts]
    try:
        running = len(tasks)
        while running:
            event = await events.get()
            if event is None:
                running -= 1
            else:
                yield event
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
