"""What the application does at its start, without a terminal."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import pytest

from tui import app
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
        self.timers: list[object] = []

    async def _open(self) -> None:
        raise RuntimeError("a defect")

    def _settle(self) -> None:
        raise AssertionError("called by the timer only")

    def set_timer(self, _: float, callback: object) -> None:
        self.timers.append(callback)


async def test_the_rest_is_loaded_after_the_start_whatever_failed() -> None:
    starting = Starting()
    with pytest.raises(RuntimeError):
        await TristoreApp._start(cast("Any", starting))
    assert starting.timers == [starting._settle]


@pytest.mark.parametrize("modules", [("tui.screens.help",), ("tui.no_such_module",)])
async def test_garbage_is_looked_for_once_the_rest_is_loaded(
    modules: tuple[str, ...], collector_off: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "LATER", modules)
    with suppress(ModuleNotFoundError):
        await TristoreApp._load_rest(cast("Any", None))
    assert gc.isenabled()
    assert modules[0] in sys.modules or "no_such" in modules[0]
