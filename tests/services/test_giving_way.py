"""Threads that compute wait while the event loop has something to do."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from tui.services import giving_way
from tui.services.event_loop import event_loop
from tui.services.giving_way import (
    computing,
    give_way,
    key_came,
    key_drawn,
    key_waits,
    keys_first,
    turns,
    waiting,
)


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


def test_others_wait_for_a_key_until_it_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)
    happened: list[str] = []

    def compute() -> None:
        give_way()
        happened.append("the thread")

    async def main() -> None:
        thread = threading.Thread(target=compute)
        key_came()
        thread.start()
        # The loop rests in between.
        await asyncio.sleep(0.01)
        happened.append("the key")
        key_drawn()
        while thread.is_alive():
            await asyncio.sleep(0.001)

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())
    assert happened == ["the key", "the thread"]


async def test_the_loop_itself_goes_on_with_long_work_when_a_key_is_drawn() -> None:
    key_came()
    waits = asyncio.create_task(keys_first())
    await asyncio.sleep(0)
    assert not waits.done()
    key_drawn()
    await waits


def test_a_key_that_draws_nothing_ends_no_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 0.01)

    async def main() -> None:
        key_came()
        thread = threading.Thread(target=give_way)
        thread.start()
        while thread.is_alive():
            await asyncio.sleep(0.001)
        await keys_first()

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())


def test_what_was_drawn_before_the_key_was_taken_is_not_taken_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST", 30.0)

    async def main() -> None:
        key_came()
        key_drawn()  # the progress of something
        assert key_waits()
        await asyncio.sleep(0)
        assert key_waits()
        await asyncio.sleep(0.001)  # nothing more is to be done
        assert not key_waits()

    with asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())


def test_a_key_that_is_held_down_and_draws_nothing_leaves_others_half_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr(giving_way, "time", clock)
    waited = 0
    for _ in range(100):
        key_came()
        waited += key_waits()
        clock.now += giving_way.LONGEST / 5
    assert 40 <= waited <= 60
    giving_way.main_loop.ends()


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def test_threads_compute_in_turns_and_others_have_theirs_while_one_waits() -> None:
    happened: list[str] = []
    other_waits, answer = threading.Event(), threading.Event()

    def other() -> None:
        with turns():
            happened.append("the other computes")
            waiting()
            other_waits.set()
            answer.wait()
            computing()
            happened.append("the other goes on")

    with turns():
        thread = threading.Thread(target=other)
        thread.start()
        happened.append("this one computes")
        with turns():
            waiting()
        other_waits.wait()
        computing()
        answer.set()
        happened.append("this one goes on")
    thread.join()
    assert happened == [
        "this one computes",
        "the other computes",
        "this one goes on",
        "the other goes on",
    ]


def test_a_turn_ends_with_the_error_that_ends_it() -> None:
    with pytest.raises(ValueError, match="broken"), turns():
        raise ValueError("broken")
    with turns():
        pass


def test_input_is_looked_for_while_the_loop_is_busy() -> None:
    ours, theirs = socket.socketpair()

    async def main() -> None:
        came = asyncio.Event()
        asyncio.get_running_loop().add_reader(ours, came.set)
        theirs.send(b"key")
        while not came.is_set():
            await asyncio.sleep(0)
        asyncio.get_running_loop().remove_reader(ours)

    with ours, theirs, asyncio.Runner(loop_factory=event_loop) as runner:
        runner.run(main())


def test_a_turn_that_does_not_come_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_TURN", 0.01)
    renewing = threading.Lock()

    def renew() -> None:
        with turns(), renewing:
            waiting()
            sent.set()
            answer.wait()
            computing()

    sent, answer = threading.Event(), threading.Event()
    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    sent.wait()
    with turns():
        answer.set()
        # It needs what the other one has, and the other one needs the turn.
        assert renewing.acquire(timeout=20)
    thread.join()
