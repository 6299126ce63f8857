"""Threads that compute wait while the event loop has something to do."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from tui.services import giving_way
from tui.services.giving_way import event_loop, give_way


def test_a_thread_goes_on_when_the_loop_has_nothing_more_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []
    asked, went_on = threading.Event(), threading.Event()

    def compute() -> None:
        asked.set()
        give_way()
        happened.append("the thread")
        went_on.set()

    async def main() -> None:
        thread = threading.Thread(target=compute)
        thread.start()
        asked.wait()
        for _ in range(5):
            await asyncio.sleep(0)
            happened.append("the loop")
        while not went_on.is_set():
            await asyncio.sleep(0.001)
        thread.join()

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())
    assert happened == ["the loop"] * 5 + ["the thread"]


def test_a_loop_that_never_rests_does_not_end_all_other_work() -> None:
    went_on = threading.Event()

    def compute() -> None:
        give_way()
        went_on.set()

    async def main() -> None:
        thread = threading.Thread(target=compute)
        thread.start()
        while not went_on.is_set():
            await asyncio.sleep(0)
        thread.join()

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())


def test_nobody_waits_for_a_loop_that_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)

    async def main() -> None:
        await asyncio.sleep(0)

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())
    began = time.monotonic()
    give_way()
    assert time.monotonic() - began < giving_way.LONGEST
