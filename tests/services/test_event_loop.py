"""An event loop with a second lane, for what goes on only while no key waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tui.services import giving_way
from tui.services.blocking import BlockingPool, SmallCalls
from tui.services.event_loop import behind_keys, event_loop
from tui.services.giving_way import give_way, key_came, key_drawn, key_waits

Calls = Coroutine[Any, Any, None]


def run(main: Coroutine[object, object, None]) -> None:
    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main)


async def steps(happened: list[str], name: str, count: int = 3) -> None:
    for number in range(count):
        happened.append(f"{name} {number}")
        await asyncio.sleep(0)


def test_what_is_behind_keys_goes_on_when_the_key_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []

    async def main() -> None:
        key_came()
        behind = behind_keys(steps(happened, "behind"))
        await steps(happened, "key")
        key_drawn()
        happened.append("drawn")
        await behind

    run(main())
    assert happened == ["key 0", "key 1", "key 2", "drawn", "behind 0", "behind 1", "behind 2"]


def test_what_a_task_behind_keys_begins_is_behind_them_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []

    async def begin() -> asyncio.Task[None]:
        key_came()
        return asyncio.create_task(steps(happened, "behind"))

    async def main() -> None:
        begun = await behind_keys(begin())
        await steps(happened, "key")
        key_drawn()
        await begun

    run(main())
    assert happened == ["key 0", "key 1", "key 2", "behind 0", "behind 1", "behind 2"]


def test_a_key_that_waits_for_what_is_behind_it_gets_its_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []

    async def main() -> None:
        key_came()
        await behind_keys(steps(happened, "behind"))
        assert key_waits()
        key_drawn()

    run(main())
    assert happened == ["behind 0", "behind 1", "behind 2"]


def test_what_is_behind_keys_may_wait_for_a_thread_that_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 0.01)
    done = threading.Event()

    async def wait_for_thread() -> None:
        await asyncio.to_thread(give_way)
        done.set()

    async def main() -> None:
        behind = behind_keys(wait_for_thread())
        while not done.is_set():
            # A key that draws nothing is held down.
            key_came()
            await asyncio.sleep(0.001)
        await behind

    run(main())


def test_a_key_goes_before_the_rest_of_what_is_ready_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []

    async def note(number: int) -> None:
        happened.append(f"behind {number}")
        if number == 0:
            key_came()
            asyncio.get_running_loop().call_soon_threadsafe(draw)

    def draw() -> None:
        happened.append("drawn")
        key_drawn()

    async def main() -> None:
        await asyncio.gather(*(behind_keys(note(number)) for number in range(5)))

    monkeypatch.setattr("tui.services.event_loop.SLICE", 0.0)
    run(main())
    assert happened == ["behind 0", "drawn", "behind 1", "behind 2", "behind 3", "behind 4"]


def test_a_loop_that_never_rests_lets_what_is_behind_it_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LATEST", 0.01)
    happened: list[str] = []

    async def main() -> None:
        key_came()
        behind = behind_keys(steps(happened, "behind"))
        async with asyncio.timeout(20):
            while not behind.done():
                await asyncio.sleep(0)

    run(main())
    assert happened == ["behind 0", "behind 1", "behind 2"]


async def alone(pool: BlockingPool, happened: list[str]) -> None:
    key_came()
    await pool.run(happened.append, "behind")


async def together(pool: BlockingPool, happened: list[str]) -> None:
    small = SmallCalls(pool)
    await asyncio.gather(small.run(key_came), small.run(happened.append, "behind"))


@pytest.mark.parametrize("begin", [alone, together])
def test_a_call_that_is_behind_keys_begins_when_the_key_is_drawn(
    monkeypatch: pytest.MonkeyPatch, begin: Callable[[BlockingPool, list[str]], Calls]
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []
    pool = BlockingPool("test")

    async def main() -> None:
        behind = behind_keys(begin(pool, happened))
        while not key_waits():
            await asyncio.sleep(0)
        await pool.run(happened.append, "for the key")
        happened.append("drawn")
        key_drawn()
        await behind
        pool.close()

    run(main())
    assert happened == ["for the key", "drawn", "behind"]


def test_a_cancelled_task_behind_keys_takes_no_other_step() -> None:
    happened: list[str] = []

    async def main() -> None:
        behind = behind_keys(steps(happened, "behind"))
        behind.cancel()
        with pytest.raises(asyncio.CancelledError):
            await behind

    run(main())
    assert happened == []


def test_a_defect_behind_keys_reaches_whoever_waits_for_it() -> None:
    async def fail() -> None:
        raise ValueError("broken")

    async def main() -> None:
        with pytest.raises(ValueError, match="broken"):
            await behind_keys(fail())

    run(main())


def test_an_interrupt_behind_keys_leaves_what_clears_up_its_turn() -> None:
    happened: list[str] = []

    async def interrupt() -> None:
        raise KeyboardInterrupt

    async def clear_up() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await steps(happened, "behind")

    async def main() -> None:
        behind_keys(clear_up())
        await asyncio.sleep(0.001)
        await behind_keys(interrupt())

    with asyncio.Runner(loop_factory=event_loop) as runner, pytest.raises(KeyboardInterrupt):
        runner.run(main())
    assert happened == ["behind 0", "behind 1", "behind 2"]


def test_a_loop_of_another_kind_runs_it_like_any_task() -> None:
    happened: list[str] = []
    asyncio.run(_awaited(happened))
    assert happened == ["behind 0", "behind 1", "behind 2"]


async def _awaited(happened: list[str]) -> None:
    await behind_keys(steps(happened, "behind"))
