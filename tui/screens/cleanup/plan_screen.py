"""The plan: what would go, exactly, resource by resource, before anything goes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.screens.cleanup import plan_commands as commands
from tui.screens.cleanup.frame import CleanupFrame
from tui.screens.cleanup.plan_rows import columns, details, row, totals
from tui.services.aws import Connection
from tui.services.bundle import Services
from tui.services.cleanup import CleanupService, Counting, Plan, Resource, Step
from tui.services.errors import ServiceError
from tui.services.quantities import size_text
from tui.widgets import verbs
from tui.widgets.grid import Grid
from tui.widgets.safe_text import content


class PlanScreen(CleanupFrame):
    """Counts first, then shows the plan. Answers what a run of it did."""

    TITLE_HERE = "Cleanup plan"
    HEADING = "Plan"
    COMMANDS_HERE = commands.COMMANDS

    DEFAULT_CSS = """
    PlanScreen {
        & #plan { height: 1fr; min-height: 4; }
        & #plan-details { height: auto; max-height: 50%; padding: 0 1; border-top: solid $panel; }
    }
    """

    def __init__(
        self, services: Services, resources: Sequence[Resource], connection: Connection
    ) -> None:
        super().__init__()
        self.services = services
        self.resources = list(resources)
        self.connection = connection
        self.grid = Grid(id="plan")
        self._line = Static(id="plan-line", classes="line")
        self._details = Static()
        self.plan: Plan | None = None
        self.stop = asyncio.Event()
        self.is_counting = True
        """Whether the plan is being made."""
        self._confirm_when_ready = False

    @property
    def cleanup(self) -> CleanupService:
        return self.services.cleanup

    @property
    def current(self) -> Step | None:
        """The step under the cursor."""
        index = self.grid.current
        return self.plan.steps[index] if self.plan and index is not None else None

    def compose_body(self) -> ComposeResult:
        yield self._line
        yield self.grid
        yield VerticalScroll(self._details, id="plan-details", can_focus=False)

    def on_mount(self) -> None:
        self.show_connection(self.connection)
        self.grid.focus()
        self.start(self._count(), group="plan")

    async def _count(self) -> None:
        self._say("Counting…")
        try:
            async for event in self.cleanup.plan(self.resources, self.stop, at=self.connection):
                if isinstance(event, Counting):
                    self._say_counting(event)
                else:
                    self.show_plan(event.plan)
        except ServiceError:
            self._say("No plan was made.")
            raise
        finally:
            self.is_counting = False
        if self._confirm_when_ready:
            await self.action_command(verbs.GO_ON.id)

    def confirm_when_ready(self) -> None:
        """Ask for the confirmation once the plan is there."""
        self._confirm_when_ready = True
        self.say("The confirmation opens when everything is counted.")

    def stop_counting(self) -> None:
        """End the count early; what is shown then is to be read before anything else."""
        self._confirm_when_ready = False
        self.stop.set()

    def _say(self, text: str) -> None:
        self._line.update(content(text, multiline=True))

    def _say_counting(self, event: Counting) -> None:
        text = f"Counting {event.position} of {event.of}: {event.ref.kind_name} {event.ref.name}"
        if event.count:
            text += f": {event.count:,} versions, {size_text(event.size_bytes)}"
        then = "The confirmation opens then. " if self._confirm_when_ready else ""
        self._say(f"{text}. {then}Esc stops counting.")

    def show_plan(self, plan: Plan) -> None:
        """Show a plan, new or changed; the cursor stays."""
        cursor = self.grid.cursor_row if self.plan else 0
        self.plan = plan
        self.grid.show(columns(self.size.width), [row(step) for step in plan.steps], cursor=cursor)
        lines = [totals(plan) + "."]
        if plan.ready:
            read_only = self.services.account.read_only
            lines.append(
                "Read-only mode: nothing can be deleted."
                if read_only
                else "Ctrl+S or x asks for confirmation; e changes what happens to a resource."
            )
        self._say("\n".join(lines))
        self.refresh_bindings()

    def on_resize(self) -> None:
        if self.plan is not None:
            self.show_plan(self.plan)

    def on_grid_cursor_moved(self) -> None:
        step = self.current
        if step is not None:
            self._details.update(details(step))
        self.refresh_bindings()
