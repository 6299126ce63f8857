"""The verbs of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.cleanup.plan_options import choices
from tui.screens.cleanup.plan_rows import question
from tui.services.cleanup import Plan, Step
from tui.services.rds.rules import snapshot_name_problems
from tui.widgets import verbs
from tui.widgets.dialogs import AskText, Choose, TypedConfirm
from tui.widgets.old_command import OldCommand

if TYPE_CHECKING:
    from tui.screens.cleanup.plan_screen import PlanScreen


class Delete(OldCommand["PlanScreen"]):
    """Ask for the typed confirmation, then do what the plan says. While the plan is being made it
    waits for the plan."""

    verb = verbs.DELETE
    label = "Delete…"
    changes = True

    def available(self, host: PlanScreen) -> bool:
        return host.is_counting or (host.plan is not None and bool(host.plan.ready))

    def will_ask(self, host: PlanScreen) -> bool:
        return host.plan is not None

    async def run(self, host: PlanScreen) -> None:
        from tui.screens.cleanup.run_screen import RunScreen

        plan = host.plan
        if plan is None:
            host.confirm_when_ready()
            return
        typed = await confirmation(host, plan)
        if typed is None:
            return
        did = await host.ask(RunScreen(host.services, plan, *typed))
        host.dismiss(did)


class GoOn(Delete):
    """The same as x: ask for the typed confirmation, as soon as the plan is ready."""

    verb = verbs.GO_ON
    footer = True


async def confirmation(host: PlanScreen, plan: Plan) -> tuple[str, str | None] | None:
    """What the user typed: the word, and a second one if the plan is over the cap."""
    yes = plan.verb.capitalize()
    typed = await host.ask(
        TypedConfirm(f"{yes}?", question(plan), word=plan.confirmation, yes=yes), follows=True
    )
    if typed is None or plan.override is None:
        return None if typed is None else (typed, None)
    override = await host.ask(
        TypedConfirm("That is a lot", plan.override_reason, word=plan.override, yes="Go on")
    )
    return None if override is None else (typed, override)


class Edit(OldCommand["PlanScreen"]):
    """Choose what happens to the resource under the cursor: empty or delete a bucket, delete an
    instance with or without a final snapshot, lift a protection."""

    verb = verbs.EDIT
    asks = True
    footer = True
    label = "Options"
    changes = True

    def available(self, host: PlanScreen) -> bool:
        return host.current is not None and bool(choices(host.current))

    async def run(self, host: PlanScreen) -> None:
        step, plan = host.current, host.plan
        if step is None or plan is None:
            return
        picked = await host.ask(
            Choose(f"What happens to {step.resource.name}", choices(step)),
            follows=lambda picked: picked.ask_name,
        )
        if picked is None:
            return
        if picked.ask_name:
            await _name_snapshot(host, plan, step)
        else:
            host.show_plan(plan.with_options(step.ref, picked.options))


async def _name_snapshot(host: PlanScreen, plan: Plan, step: Step) -> None:
    name = await host.ask(
        AskText(
            "Final snapshot",
            f"Name of the final snapshot of {step.resource.name}. It stays, and costs.",
            value=step.options.final_snapshot or "",
            check=snapshot_name_problems,
        )
    )
    if name:
        host.show_plan(await host.cleanup.with_snapshot(plan, step.ref, name))


class Open(Edit):
    """The same as e: choose what happens to the resource under the cursor."""

    verb = verbs.OPEN
    footer = False


class Back(OldCommand["PlanScreen"]):
    """Stop counting; or go back to the inventory, nothing having been deleted."""

    verb = verbs.CANCEL
    footer = True
    label = "Back"

    async def run(self, host: PlanScreen) -> None:
        if host.banner.has_class("-shown") and host.plan is not None:
            host.banner.clear()
        elif host.is_counting and not host.stop.is_set():
            host.stop_counting()
        else:
            host.dismiss(None)


COMMANDS = (GoOn, Delete, Edit, Open, Back)
