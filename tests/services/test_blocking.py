"""The pools: bounded, in order where that matters, not held up by calls that were given up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tui.services.blocking import SPARE, BlockingPool


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """Set when the test ends: whatever hangs on it goes."""
    event = threading.Event()
    yield event
    event.set()


async def give_up(task: asyncio.Task[bool]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def begun(pool: BlockingPool, released: threading.Event) -> asyncio.Task[bool]:
    """A call that hangs, once its thread is in it."""
    started = threading.Event()

    def hang() -> bool:
        started.set()
        return released.wait()

    task = asyncio.create_task(pool.run(hang))
    assert await asyncio.to_thread(started.wait, 10)
    return task


async def test_calls_that_were_given_up_do_not_hold_up_later_ones(
    released: threading.Event,
) -> None:
    pool = BlockingPool("test", 2)
    for _ in range(2 * SPARE):
        await give_up(await begun(pool, released))
    assert await asyncio.wait_for(pool.run(lambda: "came"), 10) == "came"
    pool.close()


async def test_no_more_calls_are_awaited_at_a_time_than_the_pool_is_large(
    released: threading.Event,
) -> None:
    pool = BlockingPool("test", 2)
    hanging = [await begun(pool, released) for _ in range(2)]
    third = asyncio.create_task(pool.run(lambda: True))
    await asyncio.sleep(0)
    assert not third.done()
    await give_up(hanging[0])
    assert await asyncio.wait_for(third, 10)
    hanging[1].cancel()
    pool.close()


async def test_a_pool_of_one_keeps_the_order_also_of_what_was_given_up() -> None:
    pool = BlockingPool("test", 1)
    gate = threading.Event()
    done: list[str] = []
    started = threading.Event()

    def first() -> bool:
        started.set()
        gate.wait(10)
        done.append("first")
        return True

    task = asyncio.create_task(pool.run(first))
    assert await asyncio.to_thread(started.wait, 10)
    await give_up(task)
    second = asyncio.create_task(pool.run(done.append, "second"))
    await asyncio.sleep(0)
    gate.set()
    await second
    assert done == ["first", "second"]
    pool.close()
