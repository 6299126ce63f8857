"""Back off together when S3 says SlowDown, and stop together when the user does."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tui.services.aws import translating
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.transfers.body import Stop, StoppedError
from tui.services.transfers.local_files import translating_local

P = ParamSpec("P")
T = TypeVar("T")

FIRST_DELAY = 0.5
"""Seconds without requests after the first SlowDown that the SDK's own retries did not cure."""

LONGEST_DELAY = 20.0

PATIENCE = 6
"""How often one call is tried before its SlowDown, or its broken connection, is a failure."""

_SLOW_CODES = {"503", "ServiceUnavailable", "InternalError"}


class AnyStop:
    """Set when any of several is set."""

    def __init__(self, *stops: Stop) -> None:
        self._stops = stops

    def is_set(self) -> bool:
        return any(stop.is_set() for stop in self._stops)


class Pressure:
    """Runs calls on the pool, all of them held back together while the service is overloaded.

    Double the delay at each refusal, half it at each success ("Best practices design patterns:
    optimizing Amazon S3 performance": retry 503 with exponential backoff).
    """

    def __init__(self, pool: BlockingPool, *, first_delay: float = FIRST_DELAY) -> None:
        self._pool = pool
        self._first_delay = first_delay
        self._delay = 0.0
        self._until = 0.0
        self._lock = threading.Lock()

    async def call(
        self,
        stop: Stop,
        action: str,
        function: Callable[P, T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Await `function` on the pool; `action` completes "Could not …".

        Raises StoppedError once `stop` is set, ServiceError for the rest.
        """
        for attempt in range(1, PATIENCE + 1):
            await self._wait(stop)
            try:
                with translating(action), translating_local(action):
                    answer = await self._pool.run(function, *args, **kwargs)
            except ServiceError as error:
                if stop.is_set():
                    raise StoppedError from error
                if not self._is_slow(error) or attempt == PATIENCE:
                    raise
                self._hold_back()
            else:
                self._delay = self._delay / 2 if self._delay > self._first_delay else 0.0
                return answer
        raise AssertionError("the last attempt returns or raises")

    async def _wait(self, stop: Stop) -> None:
        while True:
            if stop.is_set():
                raise StoppedError
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

    @staticmethod
    def _is_slow(error: ServiceError) -> bool:
        return error.kind is ErrorKind.THROTTLED or error.code in _SLOW_CODES
