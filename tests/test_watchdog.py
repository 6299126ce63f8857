"""The watchdog sees a callback that holds up the event loop, and nothing else."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.watchdog import watchdog

LIMIT = 0.05


def work(seconds: float) -> None:
    """Use the processor for a while."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


async def test_a_callback_that_works_too_long_is_told_with_its_stack() -> None:
    async def stall() -> None:
        with watchdog(LIMIT):
            await asyncio.sleep(0)
            work(LIMIT * 4)
            await asyncio.sleep(0)

    with pytest.raises(AssertionError, match=r"1 callbacks(.|\n)*in work"):
        await stall()


async def test_waiting_and_work_in_slices_pass() -> None:
    with watchdog(LIMIT) as seen:
        await asyncio.sleep(0)
        time.sleep(LIMIT * 2)  # waits, and uses no processor
        for _ in range(10):
            await asyncio.sleep(0)
            work(LIMIT / 5)
        await asyncio.sleep(0)
    assert seen.callbacks > 10
    assert LIMIT / 10 < seen.busiest < LIMIT


async def test_work_in_a_thread_is_not_the_loops() -> None:
    with watchdog(LIMIT):
        await asyncio.to_thread(work, LIMIT * 3)


async def test_an_exception_of_the_body_is_not_hidden() -> None:
    async def fail() -> None:
        with watchdog(LIMIT):
            await asyncio.sleep(0)
            work(LIMIT * 3)
            raise ValueError("its own")

    with pytest.raises(ValueError, match="its own"):
        await fail()
