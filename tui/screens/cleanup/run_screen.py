"""The run: progress of each resource, Esc to stop, then the report."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.screens.cleanup import run_commands as commands
from tui.screens.cleanup.frame import CleanupFrame
from tui.screens.cleanup.run_rows import COLUMNS, ended, running, waiting
from tui.services.bundle import Services
from tui.services.cleanup import (
    Applied,
    ApplyEvent,
    CleanupService,
    Plan,
    Report,
    StepProgress,
    report_text,
)
from tui.services.errors import ServiceError
from tui.services.quantities import counted
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content


class RunScreen(CleanupFrame):
    """Applies a confirmed plan. There is no way back while it runs, only to stop it."""

    TITLE_HERE = "Cleanup run"
    HEADING = "Deleting"
    COMMANDS_HERE = commands.COMMANDS

    DEFAULT_CSS = """
    RunScreen {
        & #run { height: 1fr; }
        & #report { display: none; height: 3fr; padding: 0 1; border-top: solid $panel; }
        &.-done #report { display: block; }
        &.-done #run { height: auto; max-height: 1fr; min-height: 3; }
    }
    """

    def __init__(
        self, services: Services, plan: Plan, typed: str, override: str | None = None
    ) -> None:
        """`typed` and `override` are what the user typed, which the service checks again."""
        super().__init__()
        self.services = services
        self.plan = plan
        self.typed = typed
        self.override = override
        self.stop = asyncio.Event()
        self.grid = Grid(id="run")
        self._line = Static(id="run-line", classes="line")
        self._report = Static()
        self._report_box = VerticalScroll(self._report, id="report")
        self.report: Report | None = None
        self.over = False
        """Whether the run has ended, with a report or with an error."""
        self.summary = ""
        """What was done and what remains, once it is over."""
        self._index = {step.ref: index for index, step in enumerate(plan.steps)}
        self._ended = 0

    @property
    def cleanup(self) -> CleanupService:
        return self.services.cleanup

    def compose_body(self) -> ComposeResult:
        yield self._line
        yield self.grid
        yield self._report_box

    def on_mount(self) -> None:
        self.show_connection(self.plan.connection)
        self.grid.show(COLUMNS, [waiting(step) for step in self.plan.steps])
        self.grid.focus()
        self._say()
        self.start(self._run(), group="run")

    def busy(self) -> list[str]:
        if self.over:
            return []
        return ["Cleanup is deleting; quitting stops it between two calls."]

    async def _run(self) -> None:
        try:
            async for event in self.cleanup.apply(
                self.plan, typed=self.typed, override=self.override, stop=self.stop
            ):
                self._take(event)
        except ServiceError:
            self._finish("Nothing was deleted.")
            raise
        finally:
            # Whatever happened, there is a way back.
            if not self.over:
                self._finish("The run ended early. The inventory shows what is left.")

    def _take(self, event: ApplyEvent) -> None:
        if isinstance(event, Applied):
            self.report = event.report
            self._finish(_summary(event.report))
            remains = [each for outcome in event.report.outcomes for each in outcome.remains]
            self.summary = " ".join(["Last run:", _summary(event.report), *_left(remains)])
            self._report.update(content(report_text(event.report), multiline=True))
            self.add_class("-done")
            self._report_box.focus()
            return
        if isinstance(event, StepProgress):
            self.grid.update_row(self._index[event.ref], running(event))
        else:
            self._ended += 1
            outcome = event.outcome
            self.grid.update_row(self._index[outcome.ref], ended(outcome))
        self._say()

    def _say(self) -> None:
        stopping = "Stopping after the calls under way…" if self.stop.is_set() else "Esc stops."
        text = f"{self._ended} of {len(self.plan.steps)} done. {stopping}"
        self._line.update(content(text))

    def _finish(self, text: str) -> None:
        self.over = True
        self.HEADING = "Report"
        self.show_connection(self.plan.connection)
        self._line.update(content(text))
        self.refresh_bindings()

    def ask_to_stop(self) -> None:
        """End after the calls under way."""
        self.stop.set()
        self._say()
        self.refresh_bindings()


def _left(remains: list[str]) -> list[str]:
    if not remains:
        return []
    more = f" and {len(remains) - 2:,} more" if len(remains) > 2 else ""
    return ["Remains: " + " ".join(remains[:2]) + more]


def _summary(report: Report) -> str:
    results: dict[str, int] = {}
    for outcome in report.outcomes:
        results[outcome.result.value] = results.get(outcome.result.value, 0) + 1
    parts = ", ".join(f"{number} {word}" for word, number in results.items())
    stopped = "Stopped. " if report.stopped else ""
    return f"{stopped}{counted(len(report.outcomes), 'resource')}: {parts}."
