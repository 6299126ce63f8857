"""The verbs of the inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.cleanup.shelf import describe
from tui.widgets import verbs
from tui.widgets.dialogs import Message
from tui.widgets.old_command import OldCommand
from tui.widgets.old_shared_commands import MarkAllCommand, MarkCommand

if TYPE_CHECKING:
    from tui.screens.cleanup.inventory_screen import CleanupScreen


class Mark(MarkCommand["CleanupScreen"]):
    """Mark or unmark the resource under the cursor. The plan is about what is marked."""

    footer = True


class MarkAll(MarkAllCommand["CleanupScreen"]):
    """Mark everything in this region, or nothing if all is marked."""

    footer = True


async def plan_for_targets(host: CleanupScreen) -> None:
    """Show the plan, and read the inventory anew if something may have been deleted."""
    from tui.screens.cleanup.plan_screen import PlanScreen

    connection = host.shelf.connection
    if connection is None:
        return
    did = await host.ask(PlanScreen(host.services, host.targets, connection))
    if did is not None:
        host.marked.clear()
        host.last_line = did
        host.reload()


class Delete(OldCommand["CleanupScreen"]):
    """Show what removing the marked resources, or the one under the cursor, would do: what, how
    many, how large, where. Nothing is deleted before it is confirmed there."""

    verb = verbs.DELETE
    asks = True
    label = "Plan…"

    def available(self, host: CleanupScreen) -> bool:
        return bool(host.targets)

    async def run(self, host: CleanupScreen) -> None:
        await plan_for_targets(host)


class Open(Delete):
    """The same as x: the plan for what is marked, or for the resource under the cursor."""

    verb = verbs.OPEN
    footer = False


class GoOn(Delete):
    """The same as x: the plan for what is marked, or for the resource under the cursor."""

    verb = verbs.GO_ON
    footer = True


class Info(OldCommand["CleanupScreen"]):
    """Everything that is known of the line under the cursor."""

    verb = verbs.INFO
    asks = True
    footer = True

    def available(self, host: CleanupScreen) -> bool:
        return host.current is not None

    async def run(self, host: CleanupScreen) -> None:
        if host.current is not None:
            await host.ask(Message("Info", describe(host.current)))


class Refresh(OldCommand["CleanupScreen"]):
    """Read the inventory anew. Marks stay on what is still there."""

    verb = verbs.REFRESH
    footer = True
    restart = True

    async def run(self, host: CleanupScreen) -> None:
        host.reload()


class Back(OldCommand["CleanupScreen"]):
    """Go back to the panes."""

    verb = verbs.CANCEL
    footer = True
    label = "Back"

    async def run(self, host: CleanupScreen) -> None:
        host.dismiss(None)


COMMANDS = (Mark, MarkAll, GoOn, Delete, Open, Info, Refresh, Back)
