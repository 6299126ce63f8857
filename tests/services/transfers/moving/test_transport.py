"""Calls that wait together while S3 asks for fewer requests, and several pieces of work at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import StoppedError
from tui.services.transfers.job_stop import AnyStop, JobStop
from tui.services.transfers.moving.limits import Limits
from tui.services.transfers.moving.transport import TRIES, Throttle, several

NEVER = threading.Event()


@pytest.fixture
async def throttle() -> AsyncIterator[Throttle]:
    pool = BlockingPool("test", size=4)
    yield Throttle(pool, first_delay=0.001)
    pool.close()


def failing(times: int, code: str, kind: ErrorKind) -> tuple[Callable[[], str], list[int]]:
    """What fails so often before it succeeds, and a note of each call."""
    calls: list[int] = []

    def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise ServiceError("No.", code=code, kind=kind)
        return "done"

    return call, calls


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SlowDown", ErrorKind.THROTTLED),
        ("503", ErrorKind.OTHER),
        ("ServiceUnavailable", ErrorKind.OTHER),
        ("InternalError", ErrorKind.OTHER),
    ],
)
async def test_a_call_is_repeated_while_there_are_too_many(
    throttle: Throttle, code: str, kind: ErrorKind
) -> None:
    call, calls = failing(3, code, kind)
    assert await throttle.call(NEVER, "upload x", call) == "done"
    assert len(calls) == 4


async def test_in_the_end_it_is_a_failure(throttle: Throttle) -> None:
    call, calls = failing(99, "SlowDown", ErrorKind.THROTTLED)
    with pytest.raises(ServiceError):
        await throttle.call(NEVER, "upload x", call)
    assert len(calls) == TRIES


@pytest.mark.parametrize("code", ["503", "InternalError", ""])
async def test_what_may_have_been_carried_out_is_never_sent_anew(
    throttle: Throttle, code: str
) -> None:
    call, calls = failing(1, code, ErrorKind.UNKNOWN)
    with pytest.raises(ServiceError):
        await throttle.call(NEVER, "upload x", call)
    assert len(calls) == 1


async def test_another_failure_is_told_at_once(throttle: Throttle) -> None:
    call, calls = failing(1, "AccessDenied", ErrorKind.DENIED)
    with pytest.raises(ServiceError):
        await throttle.call(NEVER, "upload x", call)
    assert len(calls) == 1


async def test_a_failure_of_the_disk_is_told_in_words(throttle: Throttle) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ServiceError) as raised:
        await throttle.call(NEVER, "write /x", full)
    assert raised.value.message == "Could not write /x."
    assert "free some space" in raised.value.hint


async def test_nothing_is_sent_once_it_is_stopped(throttle: Throttle) -> None:
    stop = threading.Event()
    call, calls = failing(0, "", ErrorKind.OTHER)
    stop.set()
    with pytest.raises(StoppedError):
        await throttle.call(AnyStop(NEVER, stop), "upload x", call)
    assert calls == []


async def test_a_failure_after_the_stop_is_the_stop(throttle: Throttle) -> None:
    stop = threading.Event()

    def broken() -> None:
        stop.set()
        raise ServiceError("The connection broke.", kind=ErrorKind.NETWORK)

    with pytest.raises(StoppedError):
        await throttle.call(stop, "upload x", broken)


async def test_several_begin_nothing_after_a_failure_and_wait_for_what_is_in_flight() -> None:
    begun: list[int] = []
    ended: list[int] = []
    given_up = asyncio.Event()

    async def do(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise ServiceError("One failed.")
        await given_up.wait()
        ended.append(number)
        raise StoppedError

    with pytest.raises(ServiceError, match="One failed"):
        await several(range(100), do, at_once=3, give_up=given_up.set)
    assert begun == [0, 1]
    assert ended == [0]


async def test_several_are_at_most_so_many_at_once() -> None:
    under_way = 0
    most = 0

    async def do(_: int) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    await several(range(50), do, at_once=4, give_up=lambda: None)
    assert most == 4


async def test_what_waits_for_its_turn_while_its_transfer_is_paused_does_not_begin(
    throttle: Throttle,
) -> None:
    throttle.limits = Limits(requests=1)
    stop, begun = JobStop(), list[str]()
    first_may_end, first_runs = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def first() -> None:
        loop.call_soon_threadsafe(first_runs.set)
        first_may_end.wait(20)

    running = asyncio.create_task(throttle.call(NEVER, "upload x", first))
    await first_runs.wait()
    waiting = [
        asyncio.create_task(throttle.call(stop, "upload x", begun.append, str(number)))
        for number in range(3)
    ]
    await asyncio.sleep(0)
    stop.paused = True
    first_may_end.set()
    await running
    await throttle.call(NEVER, "upload y", begun.append, "another transfer")
    assert begun == ["another transfer"]
    stop.paused = False
    await asyncio.gather(*waiting)
    assert sorted(begun[1:]) == ["0", "1", "2"]


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_what_waits_for_a_thread_does_not_begin_once_its_transfer_is_paused_or_stopped(
    is_cancelled: bool,
) -> None:
    pool = BlockingPool("test", size=1)
    throttle, stop, begun = Throttle(pool), JobStop(), list[str]()
    may_end = threading.Event()
    first = asyncio.create_task(pool.run(may_end.wait, 20))
    waiting = asyncio.create_task(throttle.call(stop, "upload x", begun.append, "x"))
    await asyncio.sleep(0)
    if is_cancelled:
        stop.set()
    stop.paused = True
    may_end.set()
    await first
    await pool.run(begun.append, "another transfer")
    assert begun == ["another transfer"]
    stop.paused = False
    await asyncio.gather(waiting, return_exceptions=True)
    assert begun[1:] == ([] if is_cancelled else ["x"])
    pool.close()


async def test_what_takes_its_time_on_the_disk_holds_up_no_small_call(throttle: Throttle) -> None:
    may_end = threading.Event()
    flushing = asyncio.create_task(throttle.alone("write /x", lambda: may_end.wait(20)))
    assert await throttle.small(NEVER, "read /y", lambda: "read") == "read"
    assert not flushing.done()
    may_end.set()
    assert await flushing
