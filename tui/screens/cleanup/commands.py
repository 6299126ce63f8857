"""The verbs of the cleanup screen."""

from __future__ import annotations

from pathlib import Path

from tui.screens.cleanup import texts
from tui.screens.cleanup.model import Stage
from tui.screens.cleanup.options import choices
from tui.screens.cleanup.view import CleanupView
from tui.services.cleanup import CleanupPlan, Step, report_text
from tui.services.rds.rules import snapshot_name_problems
from tui.widgets.application.clipboard import copy_text
from tui.widgets.commands import verbs
from tui.widgets.commands.command import command
from tui.widgets.dialogs.dialogs import AskText, Choose, Message, TypedConfirm


def can_go_on(screen: CleanupView) -> bool:
    """Whether there is something to plan, or a plan to confirm."""
    stage, plan = screen.model.stage, screen.model.plan
    if stage is Stage.INVENTORY:
        return (
            bool(screen.model.targets(screen.current_line))
            and screen.model.inventory.connection is not None
        )
    return stage is Stage.COUNTING or (stage is Stage.PLAN and bool(plan and plan.ready))


def has_choices(screen: CleanupView) -> bool:
    """Whether something can be chosen for the resource under the cursor."""
    step = screen.current_step
    return step is not None and bool(choices(step))


def can_open(screen: CleanupView) -> bool:
    """Whether Enter does anything."""
    stage = screen.model.stage
    if stage is Stage.PLAN:
        return has_choices(screen)
    return stage is Stage.REPORT or (stage is Stage.INVENTORY and can_go_on(screen))


@command(
    verbs.DELETE,
    label="Delete…",
    footer=True,
    when=can_go_on,
    asks=lambda screen: screen.model.stage is Stage.PLAN and not screen.is_read_only,
    instead="Nothing is marked that could be removed.",
)
async def delete(screen: CleanupView) -> None:
    """Make the plan for the marked resources, or for the one under the cursor: what would go,
    how many, how large, where. On the plan, ask for the typed confirmation, then do it. While
    the plan is being made, ask as soon as it is ready."""
    if screen.model.stage is Stage.INVENTORY:
        screen.start(_make_plan(screen), group="plan")
    elif screen.is_read_only:
        screen.say("Read-only mode: Delete is refused.", severity="warning")
    elif screen.model.plan is None:
        screen.model.confirm_when_ready = True
        screen.say("The confirmation opens when everything is counted.")
        screen.draw()
    else:
        await _confirm(screen, screen.model.plan)


async def _make_plan(screen: CleanupView) -> None:
    screen.banner.clear()
    await screen.model.make_plan(screen.model.targets(screen.current_line))
    if screen.model.confirm_when_ready:
        await screen.action_command(verbs.GO_ON.id)


async def _confirm(screen: CleanupView, plan: CleanupPlan) -> None:
    yes = plan.verb.capitalize()
    question = texts.question(plan)
    typed = await screen.ask(
        TypedConfirm(f"{yes}?", question, word=plan.confirmation, yes=yes), follows=True
    )
    if typed is None:
        return
    override = None
    if plan.override is not None:
        override = await screen.ask(
            TypedConfirm("That is a lot", plan.override_reason, word=plan.override, yes="Go on")
        )
        if override is None:
            return
    if screen.model.plan is plan:
        screen.banner.clear()
        screen.start(screen.model.run(typed, override), group="run")


@command(verbs.EDIT, label="Options", footer=True, changes=True, asks=True, when=has_choices)
async def options(screen: CleanupView) -> None:
    """Choose what happens to the resource under the cursor: empty or delete a bucket, delete an
    instance with or without a final snapshot, lift a protection."""
    step = screen.current_step
    if step is None:
        return
    picked = await screen.ask(
        Choose(f"What happens to {step.resource.name}", choices(step)),
        follows=lambda picked: picked.ask_name,
    )
    if picked is not None and picked.ask_name:
        await _name_snapshot(screen, step)
    elif picked is not None:
        screen.model.choose(step.ref, picked.options)


async def _name_snapshot(screen: CleanupView, step: Step) -> None:
    name = await screen.ask(
        AskText(
            "Final snapshot",
            f"Name of the final snapshot of {step.resource.name}. It stays, and costs.",
            value=step.options.final_snapshot or "",
            check=snapshot_name_problems,
        )
    )
    if name:
        await screen.model.name_snapshot(step.ref, name)


@command(
    verbs.OPEN,
    when=can_open,
    asks=lambda screen: screen.model.stage is Stage.PLAN,
)
async def open_row(screen: CleanupView) -> None:
    """The plan for what is marked, or for the resource under the cursor; on a plan, its
    options; on a report, back to the inventory."""
    if screen.model.stage is Stage.INVENTORY:
        screen.start(_make_plan(screen), group="plan")
    elif screen.model.stage is Stage.PLAN:
        await screen.action_command(verbs.EDIT.id)
    else:
        _leave_report(screen)


@command(verbs.INFO, footer=True, asks=True, when=lambda screen: screen.current is not None)
async def info(screen: CleanupView) -> None:
    """Everything that is known of the row under the cursor."""
    await screen.ask(Message("Info", screen.text_of(screen.current)))


@command(
    verbs.REFRESH,
    footer=True,
    restart=True,
    when=lambda screen: screen.model.stage in {Stage.INVENTORY, Stage.REPORT},
    instead="Esc goes back to the inventory, which can be read again.",
)
async def read_again(screen: CleanupView) -> None:
    """Read the inventory anew, from a report as well. Marks stay on what is still there."""
    if screen.model.stage is Stage.REPORT:
        _leave_report(screen)
    else:
        screen.reload()


@command(
    verbs.DOWNLOAD,
    label="Save report",
    footer=True,
    asks=True,
    when=lambda screen: screen.model.report is not None,
)
async def save_report(screen: CleanupView) -> None:
    """Save the report to a file of your choice. A file that exists is not overwritten."""
    report = screen.model.report
    if report is None:
        return
    folder = screen.services.state_dir / "reports"
    offered = folder / f"cleanup-{report.ended:%Y%m%d-%H%M%S}.txt"
    answer = await screen.ask(AskText("Save the report", "File", value=str(offered)))
    if answer:
        path = await screen.services.cleanup.save(report, Path(answer))
        screen.say(f"Saved to {path}.")


@command(
    verbs.COPY_AS,
    label="Copy report",
    footer=True,
    when=lambda screen: screen.model.report is not None,
)
async def copy_report(screen: CleanupView) -> None:
    """Copy the whole report."""
    if screen.model.report is not None:
        await copy_text(screen.app, report_text(screen.model.report))


@command(verbs.CANCEL, label="Back", footer=True)
async def back(screen: CleanupView) -> None:
    """Put the error away; stop counting or deleting after the calls under way; from a plan or a
    report back to the inventory, from there to the panes."""
    stage = screen.model.stage
    if screen.banner.has_class("-shown") and stage in {Stage.INVENTORY, Stage.PLAN}:
        screen.banner.clear()
    elif stage is Stage.REPORT:
        _leave_report(screen)
    elif stage is Stage.RUN or (stage is Stage.COUNTING and not screen.model.is_stopping):
        screen.model.stop()
    elif stage is Stage.INVENTORY:
        screen.dismiss(None)
    else:
        screen.model.drop_plan()


def _leave_report(screen: CleanupView) -> None:
    screen.model.leave_report()
    screen.grid.focus()
    screen.reload()
