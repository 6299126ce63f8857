"""Driving the application without a terminal: keys in, the screen's text out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual._context import visible_screen_stack
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tests.idle_loop import Drawings, draw, wait_for_idle
from tui.app import TristoreApp
from tui.config import Settings
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account, Target
from tui.services.bundle import Services
from tui.widgets.application.orderly_app import OrderlyApp

WIDE = (160, 45)
NARROW = (80, 24)

PATIENCE = 30.0
"""Seconds after which something awaited is said not to have come. Nothing waits this long when
all is well."""

LOOK = 0.01
"""Seconds between two looks at something awaited."""


def screen_text(app: App[Any]) -> str:
    """What stands on the screen now, line by line, without styles."""
    width, height = app.size
    # Without it a dialog would be drawn on nothing, unless it happens to be drawn already.
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips[:height]) if width else ""


class Drawn:
    """The text of the screen, read again only when something was drawn since."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._count = -1
        self._text = ""

    @property
    def text(self) -> str:
        if self._count != Drawings.count:
            self._count = Drawings.count
            self._text = screen_text(self._app)
        return self._text


class Driver:
    """Presses keys and waits for what the screen says."""

    def __init__(self, app: TristoreApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        return screen_text(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self._keys_sent()

    async def _keys_sent(self) -> None:
        """However busy the machine is: what the test does next comes after the keys."""
        end = asyncio.get_running_loop().time() + PATIENCE
        while self._sends_keys() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK)

    def _sends_keys(self) -> bool:
        # Any other application, as some panes have in their tests, hands every key on at once.
        app: App[Any] = self.app
        return isinstance(app, OrderlyApp) and app.is_sending_keys

    async def type(self, text: str) -> None:
        """Type a text as fast as a terminal sends what was typed ahead: no key waits for the
        effect of the one before."""
        for character in text:
            key = _KEY_OF.get(character, character)
            if len(key) == 1 and not key.isalnum():
                key = _character_to_key(key)
            printed = None if character in "\n\t" else character
            self.app.post_message(events.Key(key, printed))
        handed_out = asyncio.Event()
        self.app.call_later(handed_out.set)
        await handed_out.wait()
        await self._keys_sent()
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for a condition; fails with the screen if it does not come."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        await wait_for_idle()
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"did not come: {what or condition}\n{self.text}")
            await asyncio.sleep(LOOK)
            draw(self.app)
        # What follows the drawing (a question takes keys from then on) is done, too.
        await wait_for_idle()

    async def sees(self, *texts: str) -> None:
        """Wait until every text is on the screen."""
        drawn = Drawn(self.app)
        for text in texts:
            await self.until(lambda text=text: text in drawn.text, repr(text))  # type: ignore[misc]  # binds now

    async def misses(self, *texts: str) -> None:
        """Wait until none of the texts is on the screen."""
        drawn = Drawn(self.app)
        for text in texts:
            await self.until(
                lambda text=text: text not in drawn.text,  # type: ignore[misc]  # binds now
                f"no {text!r}",
            )

    async def settled(self) -> None:
        """Wait until the three panes are there."""
        await self.until(
            lambda: all(frame.pane is not None for frame in self.app.workspace.frames), "the panes"
        )

    async def still(self) -> None:
        """Wait until the screen has stopped changing."""
        seen = ""
        calm = 0
        while calm < STILL:
            await self.pilot.pause(0.05)
            calm = calm + 1 if self.text == seen else 0
            seen = self.text


STILL = 8
"""Looks at an unchanged screen after which it is taken for still."""

_KEY_OF = {" ": "space", "\n": "enter", "\t": "tab"}


def sandbox_services(
    sandbox: SandboxInfo, state_dir: Path, *, read_only: bool = False, **target: Any
) -> Services:
    """The services of an account on the sandbox, as the command line wires them."""
    audit = AuditLog(state_dir / "audit.jsonl")
    place = Target(**{"region": sandbox.region, "endpoint_url": sandbox.endpoint_url, **target})
    account = Account(place, read_only=read_only, credentials=sandbox.credentials, audit=audit)
    return Services(account, Settings(), audit, state_dir=state_dir, own_database=sandbox.postgres)


@asynccontextmanager
async def running(
    services: Services,
    *,
    size: tuple[int, int] = WIDE,
    location: str | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Driver]:
    """The whole application on `services`, headless; every toast is really drawn."""

    async def open_services(progress: Callable[[str], None]) -> Services:
        return services

    app = TristoreApp(open_services, settings or Settings(), location)
    app.animation_level = "none"
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.settled()
        yield driver
    services.close()
