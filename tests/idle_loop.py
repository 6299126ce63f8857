"""The pilot waits for the event loop instead of for the processor.

Textual's pilot waits after each key until the process has used no processor time for a while: 40 ms
and more for each key, and longer the busier the machine is. What a key does in the event loop is
done when nothing is left to run there and what changed is drawn. Work on other threads and timers
are not waited for: a test that needs them waits for what they bring.

Drawn is what a test looks at, when it looks (`tests.driver.screen_text`): a key brings three frames
on average, and there is no terminal that they would be sent to.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import textual.app
import textual.pilot
from textual._context import active_app
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

CALM = 3
"""Rounds of the loop with nothing else to run after which it is idle."""

MOST = 1.0
"""Seconds after which the wait ends even if something runs without end."""


class Drawings:
    """The frames of the applications of this process."""

    count = 0
    """How many there were."""
    at_once = False
    """Whether each is drawn when it is due."""


@contextmanager
def every_frame_drawn() -> Iterator[None]:
    """Draw each frame when it is due: where the time that a callback takes is measured, and where a
    test sends keys without waiting."""
    before, Drawings.at_once = Drawings.at_once, True
    try:
        yield
    finally:
        Drawings.at_once = before


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = MOST) -> None:
    """Wait until the event loop has nothing to run and the screen is drawn."""
    loop = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    await _calm(loop, end)
    app = active_app.get(None)
    if app is None:
        return
    while draw(app) and loop.time() < end:
        await _calm(loop, end)


def draw(app: App[Any]) -> bool:
    """Do now what Textual's timers would do some milliseconds later, but for the rendering; whether
    there was anything to do."""
    if app._resize_event is not None:
        app._check_resize()
        return True
    if app.screen_stack and _is_stale(app.screen):
        app.screen._on_timer_update()
        return True
    return False


def _is_stale(screen: Any) -> bool:
    """Whether something on the screen waits to be drawn."""
    return bool(
        screen.is_current
        and not screen.app._batch_count
        and (
            screen._layout_required
            or screen._scroll_required
            or screen._repaint_required
            or screen._recompose_required
            or screen._dirty_widgets
            or screen._callbacks
        )
    )


async def _calm(loop: asyncio.AbstractEventLoop, end: float) -> None:
    ready = cast("deque[Any]", loop._ready)  # type: ignore[attr-defined]
    calm = 0
    while calm < CALM and loop.time() < end:
        await asyncio.sleep(0)
        calm = 0 if ready else calm + 1


_wait_for_screen = Pilot._wait_for_screen
_refresh = Screen._compositor_refresh


async def _wait_for_screen_if_busy(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    """Textual's wait sends a message to each widget of the screen. While all of them wait for
    messages, that is not needed."""
    await wait_for_idle()
    app = pilot.app
    widgets = app.screen.walk_children(with_self=True) if app.screen_stack else []
    if all(each._message_queue.ready_event._waiters for each in (app, *widgets)):
        return not app._exception_event.is_set()
    return await _wait_for_screen(pilot, timeout)


def _refresh_when_idle(screen: Screen[Any]) -> None:
    """A frame is due: count it, and leave its rendering to who looks at the screen."""
    app = screen.app
    if screen is app.screen:
        Drawings.count += 1
        if not Drawings.at_once and not app.is_inline:
            screen._compositor._dirty_regions.clear()
            screen._dirty_widgets.clear()
            app._update_mouse_over(screen)
            return
    _refresh(screen)


def install() -> None:
    """Make every pilot of this process wait so."""
    for module in (textual.app, textual.pilot):
        vars(module)["wait_for_idle"] = wait_for_idle
    Pilot._wait_for_screen = _wait_for_screen_if_busy  # type: ignore[method-assign, assignment]
    Screen._compositor_refresh = _refresh_when_idle  # type: ignore[method-assign, assignment]
