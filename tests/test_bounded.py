"""No test waits without end."""

from __future__ import annotations

import asyncio

import pytest

from tests import bounded as bound


async def test_what_never_comes_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bound, "BOUND", 0.01)

    @bound.bounded
    async def waits(event: asyncio.Event) -> None:
        await event.wait()

    with pytest.raises(TimeoutError):
        await waits(event=asyncio.Event())


async def test_this_test_has_the_bound(request: pytest.FixtureRequest) -> None:
    assert request.function.__wrapped__.__name__ == request.function.__name__
