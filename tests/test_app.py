"""What the application does at its start, without a terminal."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from tui.app import TristoreApp


@pytest.fixture
def collector_off() -> Iterator[None]:
    """As the command line leaves it."""
    gc.disable()
    yield
    gc.enable()


class Starting:
    """What the start needs of the application; opening the services fails."""

    is_headless = False

    def __init__(self) -> None:
        self.timers: list[Callable[[], object]] = []

    async def _open(self) -> None:
        raise RuntimeError("a defect")

    def set_timer(self, _: float, callback: Callable[[], object]) -> None:
        self.timers.append(callback)


async def test_garbage_is_looked_for_again_whatever_failed(collector_off: None) -> None:
    starting = Starting()
    with pytest.raises(RuntimeError):
        await TristoreApp._start(cast("Any", starting))
    assert not gc.isenabled()
    for callback in starting.timers:
        callback()
    assert gc.isenabled()
