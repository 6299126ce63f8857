"""Several workers on one heap of work; when one fails, all end before the failure is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from tui.services.transfers.body import StoppedError

T = TypeVar("T")


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
    failures: list[BaseException] = []

    async def some() -> None:
        try:
            for each in waiting:
                await do(each)
                if failures:
                    return
        except BaseException as failure:
            failures.append(failure)
            give_up()
            raise

    await asyncio.gather(*(some() for _ in range(at_once)), return_exceptions=True)
    failures.sort(key=lambda failure: isinstance(failure, StoppedError))
    if failures:
        raise failures[0]
