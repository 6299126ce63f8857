"""The line of the pane that says that the instance behind the connection is open to everybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from textual.widgets import Static

from tui.panes.sql.rds.instance_rows import exposed_line
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance
from tui.widgets.text.safe_text import content

LOOK = 1.0
"""Seconds between two looks at which instance it is; nothing is asked of AWS for it."""

AGAIN = 300.0
"""Seconds after which the rules are read again."""

AT_MOST = 3.0
"""Seconds that lie at least between two readings, however many dialogs are closed."""


class WithInstance(Protocol):
    """A connection, as far as the instance behind it goes."""

    @property
    def own_instance(self) -> str:
        """Its name; empty if it is none of this account and region."""

    async def find_instance(self) -> Instance | None:
        """The instance as it is now; None if it is gone or not known. Never raises."""


class InstanceExposure:
    """When to ask about which instance, and what is known of it. No widget."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.monotonic) -> None:
        self._services = services
        self._clock = clock
        self.text = ""
        self._connection: WithInstance | None = None
        self._instance = ""
        self._asked: float | None = None

    def is_due(self, connection: WithInstance, *, came_back: bool) -> bool:
        """Whether the rules are to be read now. `came_back` says that a dialog was closed, in which
        a rule may have been added or removed."""
        instance = connection.own_instance
        if connection is not self._connection or instance != self._instance:
            self._connection, self._instance = connection, instance
            self.text, self._asked = "", None
        if not instance:
            return False
        if self._asked is None:
            return True
        since = self._clock() - self._asked
        return since > (AT_MOST if came_back else AGAIN)

    async def read(self, connection: WithInstance) -> None:
        """Read the instance and its rules. What may not be read says nothing."""
        name, self._asked = self._instance, self._clock()
        text = ""
        try:
            if instance := await connection.find_instance():
                rules = await self._services.rds.security_groups.let_in([instance])
                text = exposed_line(instance, rules.get(name))
        except ServiceError:
            text = ""
        if connection is self._connection and name == self._instance:
            self.text = text


class ExposedLine(Static):
    """Gone while nothing is open to everybody, or it is not known."""

    DEFAULT_CSS = """
    ExposedLine { display: none; height: auto; padding: 0 1; color: $text-error; }
    ExposedLine.-shown { display: block; }
    """

    def __init__(self, services: Services, shown: Callable[[], WithInstance]) -> None:
        """`shown` gives the connection that is shown."""
        super().__init__(markup=False)
        self.exposure = InstanceExposure(services)
        self._shown = shown
        self._covered = False

    def on_mount(self) -> None:
        self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        covered = len(self.app.screen_stack) > 1
        came_back, self._covered = self._covered and not covered, covered
        if covered:
            return
        shown = self._shown()
        if self.exposure.is_due(shown, came_back=came_back):
            self.run_worker(self._read(shown), group="exposure", exclusive=True)
        self._draw()

    async def _read(self, connection: WithInstance) -> None:
        await self.exposure.read(connection)
        self._draw()

    def _draw(self) -> None:
        text = self.exposure.text
        self.set_class(bool(text), "-shown")
        if text:
            self.update(content(f"{text}: w closes it"))
