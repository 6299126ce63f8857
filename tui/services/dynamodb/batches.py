"""Batch puts: 25 items at a time; what DynamoDB leaves unprocessed is sent again, with a cap."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from typing import Any

from tui.services.account import translating
from tui.services.blocking import BlockingPool
from tui.services.dynamodb import reading, writing
from tui.services.dynamodb.models import BatchProgress, TableInfo
from tui.services.dynamodb.values import Item
from tui.services.dynamodb.wire import item_to_wire
from tui.services.errors import ErrorKind, ServiceError

BATCH_SIZE = 25
"""The most that BatchWriteItem takes (and 16 MB, which 25 items of 400 KB cannot reach)."""

MAX_FRUITLESS_ROUNDS = 8
"""Tries in a row that store nothing before we give up."""

FIRST_WAIT = 0.1
LONGEST_WAIT = 10.0
"""Seconds between two tries; doubled each time, with jitter."""


async def batch_put(
    client: Any, pool: BlockingPool, table: TableInfo, items: Sequence[Item]
) -> AsyncIterator[BatchProgress]:
    """Put items, replacing those that have the same keys; progress after every call.

    Closing the iterator stops after the call in flight. Raises INVALID before anything is sent
    for a bad item or two items with one key; THROTTLED, saying how many are stored, when
    DynamoDB takes no more.
    """
    await pool.run(_check, table, items)
    done = retries = fruitless = 0
    units: float | None = None
    waiting = [{"PutRequest": {"Item": item_to_wire(item)}} for item in items]
    while waiting:
        batch, rest = waiting[:BATCH_SIZE], waiting[BATCH_SIZE:]
        left, cost = await pool.run(_send, client, table.name, batch)
        stored = len(batch) - len(left)
        done += stored
        units = cost if units is None else units + (cost or 0)
        # What was refused goes to the end: other partitions may have room meanwhile.
        waiting = rest + left
        fruitless = 0 if stored else fruitless + 1
        retries += bool(left)
        yield BatchProgress(done, len(items), retries, units)
        if fruitless >= MAX_FRUITLESS_ROUNDS:
            raise ServiceError(
                f"{done:,} of {len(items):,} items were stored; DynamoDB takes no more for now.",
                cause=f"UnprocessedItems in {MAX_FRUITLESS_ROUNDS} answers in a row",
                hint="Raise the table's write capacity or wait, then put the others again.",
                code="UnprocessedItems",
                kind=ErrorKind.THROTTLED,
            )
        if left:
            longest = min(LONGEST_WAIT, FIRST_WAIT * 2**fruitless)
            await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 - only jitter


def _check(table: TableInfo, items: Sequence[Item]) -> None:
    keys: set[tuple[object, ...]] = set()
    for position, item in enumerate(items, start=1):
        try:
            writing.check(item, table)
        except ServiceError as error:
            raise ServiceError(
                f"Item {position} cannot be stored in {table.name!r}.",
                cause=error.cause,
                hint="No item was sent.",
                kind=error.kind,
            ) from error
        key = tuple(item[name] for name in table.key_names)
        if key in keys:
            raise ServiceError(
                f"Item {position} has the same key as one before it.",
                hint="No item was sent.",
                kind=ErrorKind.INVALID,
            )
        keys.add(key)


def _send(client: Any, table: str, batch: list[Any]) -> tuple[list[Any], float | None]:
    try:
        with translating(f"put items into {table!r}"):
            answer = client.batch_write_item(
                RequestItems={table: batch}, ReturnConsumedCapacity="TOTAL"
            )
    except ServiceError as error:
        if error.kind is ErrorKind.THROTTLED:
            return batch, None
        raise
    return answer.get("UnprocessedItems", {}).get(table, []), reading.consumed(answer)
