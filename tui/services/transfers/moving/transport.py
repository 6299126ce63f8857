"""What the files of all jobs share: the pool, the waits when S3 asks for fewer requests, and the
way to the bytes."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from tui.services.aws.calls import asks_for_fewer
from tui.services.blocking import BlockingPool, SmallCalls
from tui.services.errors import ErrorKind, ServiceError
from tui.services.gate import Gate
from tui.services.placing import translating_local
from tui.services.s3 import DataPlane, PausedError, Stop, StoppedError, is_paused
from tui.services.s3.copying.copying import SINGLE_COPY_BYTES, SMALLEST_PART
from tui.services.s3.data.data_plane import MIB, QUICK_BYTES
from tui.services.s3.data.multipart import SINGLE_BYTES
from tui.services.transfers.local.small_files import SmallFiles
from tui.services.transfers.moving.limits import BytePace, Limits

P = ParamSpec("P")
T = TypeVar("T")

RANGE_BYTES = 16 * MIB
"""Bytes of one range: large enough that a request costs little of it."""

FIRST_DELAY = 0.5
"""Seconds without requests after the first SlowDown that the SDK's own retries did not cure."""

LONGEST_DELAY = 20.0

PAUSED_LOOK = 0.5
"""Seconds between two looks at whether a paused transfer goes on: hundreds of requests may wait for
that, and for hours."""

TRIES = 6
"""How often one call is tried before its SlowDown, or its broken connection, is a failure."""


@dataclass(frozen=True)
class Tuning:
    """Sizes from which a file goes another way. The defaults are for use; tests make them small."""

    single: int = SINGLE_BYTES
    """Up to this size a file goes in one request."""
    quick: int = QUICK_BYTES
    """Up to this size it goes beside the SDK, over HTTP connections of our own. -1: nothing does,
    and no part goes through AWS's native client."""
    single_copy: int = SINGLE_COPY_BYTES
    """Up to this size an object is copied in one request."""
    copy_part: int = SMALLEST_PART
    """The least size of the parts in which it is copied above."""
    range: int = RANGE_BYTES
    """So many bytes of a large object are fetched at a time."""


@dataclass(frozen=True)
class Transport:
    """What all files of a job share."""

    data: DataPlane
    """Of the account that the job was planned for."""
    throttle: Throttle
    tuning: Tuning
    unfinished: set[Path]
    """The temporary files of downloads under way, of all jobs."""
    files: SmallFiles


class Throttle:
    """Runs calls on the pool; all of them wait while the service asks for fewer requests, and keep
    to the limits that the user has set.

    Doubles the delay at each refusal and halves it at each success ("Best practices design
    patterns: optimizing Amazon S3 performance": retry 503 with exponential backoff).
    """

    def __init__(self, pool: BlockingPool, *, first_delay: float = FIRST_DELAY) -> None:
        self._pool = pool
        self.calls = SmallCalls(pool)
        """Those that take less than the way to a thread."""
        self._first_delay = first_delay
        self._delay = 0.0
        self._until = 0.0
        self._lock = threading.Lock()
        self._limits = Limits()
        self._gate = Gate()
        self.pace = BytePace()
        """The bytes of whatever goes through the line wait here. What hands its bytes over at once
        (connections of our own, the native client) is not used while it is limited."""

    @property
    def limits(self) -> Limits:
        """What the user allows all transfers together. Set it on the event loop."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._limits = limits
        self.pace.change(limits.rate)
        self._gate.change(limits.at_once)

    def paced(self, on_bytes: Callable[[int], None], stop: Stop) -> Callable[[int], None]:
        """`on_bytes` for a body that a thread sends: what is counted waits for its turn before."""

        def counted(size: int) -> None:
            if size > 0:
                self.pace.wait(size, stop)
            on_bytes(size)

        return counted

    async def call(
        self,
        stop: Stop,
        action: str,
        function: Callable[P, T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Await `function` on the pool; `action` completes "Could not …" for a local file.

        Raises StoppedError once `stop` is set, ServiceError for the rest.
        """

        def begin() -> T:
            # It may have waited long for a thread.
            if stop.is_set():
                raise StoppedError
            if is_paused(stop):
                raise PausedError
            return function(*args, **kwargs)

        async def once() -> T:
            with translating_local(action):
                return await self._pool.run(begin)

        return await self.request(stop, once)

    async def small(
        self,
        stop: Stop,
        action: str,
        function: Callable[P, T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """As `call`, for what is done at once on a local disk: nothing is sent."""
        if stop.is_set():
            raise StoppedError
        with translating_local(action):
            return await self.calls.run(function, *args, **kwargs)

    async def alone(self, action: str, function: Callable[[], T]) -> T:
        """Await what takes its time on a local disk, and is not to be stopped."""
        with translating_local(action):
            return await self._pool.run(function)

    async def request(self, stop: Stop, once: Callable[[], Awaitable[T]]) -> T:
        """Await what `once` gives, as `call` does: for what needs no thread. Where that raises
        PausedError it is awaited again, once the transfer goes on."""
        refusals = 0
        while True:
            await self._wait(stop)
            try:
                async with self._gate:
                    if stop.is_set():
                        raise StoppedError
                    if is_paused(stop):
                        continue
                    answer = await once()
            except PausedError:
                continue
            except ServiceError as error:
                if stop.is_set():
                    raise StoppedError from error
                refusals += 1
                if not _asks_for_fewer(error) or refusals == TRIES:
                    raise
                self._hold_back()
            else:
                self._delay = self._delay / 2 if self._delay > self._first_delay else 0.0
                return answer

    async def _wait(self, stop: Stop) -> None:
        while True:
            if stop.is_set():
                raise StoppedError
            if is_paused(stop):
                await asyncio.sleep(PAUSED_LOOK)
                continue
            left = self._until - time.monotonic()
            if left <= 0:
                return
            await asyncio.sleep(min(left, 0.1))

    def _hold_back(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now >= self._until:
                # Refusals that were in flight together count as one.
                self._delay = min(max(self._delay * 2, self._first_delay), LONGEST_DELAY)
            jitter = random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing
            self._until = max(self._until, now + self._delay * jitter)


def _asks_for_fewer(error: ServiceError) -> bool:
    # S3 says InternalError when it is overloaded, too.
    slow = error.code == "InternalError" and error.kind is not ErrorKind.UNKNOWN
    return slow or asks_for_fewer(error)


async def several(
    work: Iterable[T],
    do: Callable[[T], Awaitable[None]],
    *,
    at_once: int,
    give_up: Callable[[], None],
) -> None:
    """Await `do` for each piece of `work`, at most `at_once` of them at a time.

    After a failure nothing more is begun, `give_up` is called so that what is in flight ends soon,
    and the failure is raised when it has: nothing is left that goes on unseen. A failure that
    says why comes before a StoppedError, which only follows from it.
    """
    waiting = iter(work)

    async def draw() -> T | None:
        return next(waiting, None)

    await drawn(draw, do, at_once=at_once, give_up=give_up)


async def drawn(
    draw: Callable[[], Awaitable[T | None]],
    do: Callable[[T], Awaitable[None]],
    *,
    at_once: int,
    give_up: Callable[[], None],
) -> None:
    """As `several`, for work that `draw` gives piece by piece, until it gives None."""
    failures: list[BaseException] = []

    async def some() -> None:
        try:
            while not failures and (each := await draw()) is not None:
                await do(each)
        except BaseException as failure:
            failures.append(failure)
            give_up()
            raise

    await asyncio.gather(*(some() for _ in range(at_once)), return_exceptions=True)
    failures.sort(key=lambda failure: isinstance(failure, StoppedError))
    if failures:
        raise failures[0]
