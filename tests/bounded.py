"""A bound for all that a test awaits: what never comes fails the test and names the line that waits
for it, where the whole run would hang.

It is no measure of speed: no test comes near it, however busy the machine is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

BOUND = 300
"""Seconds."""


def bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same test, cancelled at the bound."""

    @wraps(test)
    async def run(*positional: object, **fixtures: object) -> None:
        async with asyncio.timeout(BOUND):
            await test(*positional, **fixtures)

    return run
