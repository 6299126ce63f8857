"""The pools: bounded, in order where that matters, not held up by calls that were given up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing

import pytest

from tui.services import blocking
from tui.services.blocking import SPARE, Awaited, BlockingPool, Iterated, SmallCalls


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


def plus(first: int, second: int, *, more: int = 0) -> tuple[int, str]:
    """The sum, and the thread that made it."""
    return first + second + more, threading.current_thread().name


def down(first: int, closed: list[str]) -> Iterator[int]:
    """Counts down; notes the thread that closes it."""
    try:
        yield from range(first, 0, -1)
    finally:
        closed.append(threading.current_thread().name)


def _wait_for(closed: list[str]) -> None:
    while not closed:
        time.sleep(0.01)


class Numbers:
    """A service whose blocking functions take a number first."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.pool = BlockingPool("numbers", size=2)

    plus = Awaited(plus)
    down = Iterated(down)


def test_a_blocking_function_keeps_its_description_as_a_method() -> None:
    assert Numbers.__dict__["plus"].__doc__ == plus.__doc__


async def test_a_blocking_function_is_awaited_as_a_method_on_the_pool_of_its_service() -> None:
    numbers = Numbers(40)
    total, thread = await numbers.plus(1, more=1)
    assert total == 42
    assert thread.startswith("tristore-numbers")
    numbers.pool.close()


async def test_a_blocking_generator_is_iterated_and_closed_on_the_pool_of_its_service() -> None:
    numbers = Numbers(3)
    closed: list[str] = []
    async with aclosing(numbers.down(closed)) as steps:
        assert [await anext(steps), await anext(steps)] == [3, 2]
        assert closed == []
    await asyncio.wait_for(asyncio.to_thread(_wait_for, closed), 10)
    assert closed[0].startswith("tristore-numbers")
    numbers.pool.close()


# -- small calls -----------------------------------------------------------------------------


class Held:
    """Calls on threads that end when they are let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Event()

    def wait(self, name: str) -> str:
        self.begun.append(name)
        self.go.wait(20)
        return threading.current_thread().name


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.go.set()


async def hold_the_few(small: SmallCalls, held: Held) -> list[asyncio.Task[str]]:
    holding = []
    for number in range(blocking.FEW_THREADS):
        holding.append(asyncio.create_task(small.run(held.wait, "first")))
        while len(held.begun) <= number:
            await asyncio.sleep(0)
    return holding


async def test_small_calls_wait_for_a_few_threads_and_go_on_together(
    monkeypatch: pytest.MonkeyPatch, held: Held
) -> None:
    monkeypatch.setattr(blocking, "SLOW", 3600)
    pool = BlockingPool("test")
    small = SmallCalls(pool)
    holding = await hold_the_few(small, held)
    later = []
    for _ in range(5):
        later.append(asyncio.create_task(small.run(held.wait, "later")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert held.begun == ["first"] * blocking.FEW_THREADS
    held.go.set()
    async with asyncio.timeout(20):
        await asyncio.gather(*holding)
        assert len(set(await asyncio.gather(*later))) == 1
    pool.close()


async def test_small_calls_do_not_wait_for_threads_that_are_slow(held: Held) -> None:
    pool = BlockingPool("test")
    small = SmallCalls(pool)
    holding = await hold_the_few(small, held)
    async with asyncio.timeout(20):
        assert await small.run(lambda: "other") == "other"
    assert not any(each.done() for each in holding)
    held.go.set()
    await asyncio.gather(*holding)
    pool.close()


async def test_small_calls_that_come_one_by_one_go_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocking, "EVERY", 3600)
    pool = BlockingPool("test")
    small = SmallCalls(pool)
    async with asyncio.timeout(20):
        assert await small.run(lambda: "at once") == "at once"
    asked = []
    for number in range(5):
        asked.append(asyncio.create_task(small.run(int, number)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert not small._under_way
    small._next = 0.0
    small._send_later()
    async with asyncio.timeout(20):
        assert await asyncio.gather(*asked) == [0, 1, 2, 3, 4]
    pool.close()
