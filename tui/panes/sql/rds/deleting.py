"""Delete an instance or a snapshot: what goes and what stays is shown, and the name is typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

from tui.panes.sql.rds.known import InstanceWatch, KnownInstances
from tui.services.bundle import Services
from tui.services.cleanup import CleanupPlan, PlanApplied, Planned, Step, StepProgress
from tui.services.cleanup.cluster_inventory import cluster_resource, snapshot_resource
from tui.services.cleanup.database_inventory import instance_resource
from tui.services.cleanup.models import Resource, ResourceKind
from tui.services.cleanup.plan import suggested_snapshot
from tui.services.cleanup.report import Outcome, StepResult, outcome_lines
from tui.services.cleanup.sentences import what_goes, what_stays
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance, Snapshot, StatusSeen
from tui.services.rds.rules import snapshot_name_problems
from tui.services.rds.waiting import Goal
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.dialogs.dialogs import AskText, Choice, Choose, TypedConfirm

GONE = Goal(
    "gone", lambda _: False, "At AWS a deletion usually takes 5 to 10 minutes.", removes=True
)

_WITH, _WITHOUT = "with", "without"


async def delete_instance(
    host: CommandHost, services: Services, known: KnownInstances, instance: Instance
) -> InstanceWatch | None:
    """Plan, ask and begin the deletion of an instance, or of the cluster that it is a member of;
    what follows it, None if it is kept."""
    region = services.account.target.region
    resource = instance_resource(instance, region)
    if instance.cluster:
        resource = cluster_resource(await services.rds.clusters.describe(instance.cluster), region)
    plan = await _plan(services, resource)
    plan = _unprotected(plan)
    step = plan.steps[0]
    if step.gone or step.unreadable:
        raise ServiceError(f"{resource.name}: {' '.join(step.blocked)}")
    blocked = [each for each in step.protections if each.kind not in step.options.lifted]
    if blocked:
        raise ServiceError(blocked[0].what, hint=blocked[0].hint, kind=ErrorKind.CONFLICT)
    chosen = await _choose_snapshot(host, services, plan, instance)
    return None if chosen is None else await _confirm(host, services, known, chosen)


async def delete_snapshot(
    host: CommandHost, services: Services, known: KnownInstances, snapshot: Snapshot
) -> InstanceWatch | None:
    """The same for a manual snapshot, of an instance or a cluster."""
    resource = snapshot_resource(snapshot, services.account.target.region)
    plan = await _plan(services, resource)
    step = plan.steps[0]
    if not step.ready:
        raise ServiceError(f"{snapshot.name}: {' '.join(step.blocked)}")
    return await _confirm(host, services, known, plan)


async def _plan(services: Services, resource: Resource) -> CleanupPlan:
    async for event in services.cleanup.plan([resource], asyncio.Event()):
        if isinstance(event, Planned):
            return event.plan
    raise ServiceError("What would be deleted is not known.")


def _unprotected(plan: CleanupPlan) -> CleanupPlan:
    """The plan that lifts what can be lifted; the question says so."""
    step = plan.steps[0]
    liftable = frozenset(each.kind for each in step.protections if each.liftable)
    return plan.with_options(step.ref, replace(step.options, lifted=liftable))


async def _choose_snapshot(
    host: CommandHost, services: Services, plan: CleanupPlan, instance: Instance
) -> CleanupPlan | None:
    """The plan with the choice of a final snapshot; None if it was left."""
    step = plan.steps[0]
    without = plan.with_options(step.ref, replace(step.options, final_snapshot=None))
    of_cluster = step.resource.kind is ResourceKind.CLUSTER
    if instance.must_skip_snapshot and not of_cluster:
        return without
    of = step.resource.name
    name = suggested_snapshot(of, datetime.now(UTC))
    facts = [*what_goes(without.steps[0])[:-1], *what_stays(without.steps[0])]
    way = await host.ask(
        Choose(
            f"Delete {'the whole cluster ' if of_cluster else ''}{of}",
            [
                Choice(_WITH, "With a final snapshot…", "it stays, and is billed", "s"),
                Choice(_WITHOUT, "Without one", "the data cannot be brought back", "n"),
            ],
            body="\n".join(facts),
        ),
        follows=True,
    )
    if way is None or way == _WITHOUT:
        return None if way is None else without
    why = ""
    while True:
        asked = await host.ask(
            AskText(
                "Final snapshot",
                f"{why}Name of the final snapshot of {of}. It stays, and costs.",
                value=name,
                check=snapshot_name_problems,
            ),
            follows=True,
        )
        if not asked:
            return None
        name = asked
        chosen = await services.cleanup.with_snapshot(plan, step.ref, name)
        if chosen.steps[0].ready:
            return chosen
        why = " ".join(chosen.steps[0].blocked) + "\n"


async def _confirm(
    host: CommandHost, services: Services, known: KnownInstances, plan: CleanupPlan
) -> InstanceWatch | None:
    step = plan.steps[0]
    typed = await host.ask(
        TypedConfirm(f"Delete {step.resource.name}?", question(plan, step), word=plan.confirmation)
    )
    if typed is None:
        return None

    def looks(watch: InstanceWatch) -> AsyncIterator[StatusSeen]:
        return _deleting(services, plan, typed, watch)

    name = step.resource.name
    is_snapshot = step.resource.kind in {ResourceKind.SNAPSHOT, ResourceKind.CLUSTER_SNAPSHOT}
    return known.follow(followed_as(name) if is_snapshot else name, GONE, looks, acts=True)


def followed_as(snapshot: str) -> str:
    """The name under which a snapshot is followed: an instance may have the same one."""
    return f"Snapshot {snapshot}"


def question(plan: CleanupPlan, step: Step) -> str:
    """What goes, what stays, and where, for the last question before it."""
    lines = [f"− {each}" for each in what_goes(step)] + [f"= {each}" for each in what_stays(step)]
    return "\n".join([*lines, "", f"In {plan.connection.sentence}. This cannot be undone."])


async def _deleting(
    services: Services, plan: CleanupPlan, typed: str, watch: InstanceWatch
) -> AsyncIterator[StatusSeen]:
    name = plan.steps[0].resource.name
    outcome: Outcome | None = None
    async for event in services.cleanup.apply(plan, typed=typed, stop=asyncio.Event()):
        if isinstance(event, StepProgress):
            # How long it takes is shown beside it.
            phase = event.phase.partition(",")[0]
            yield StatusSeen(name, phase, event.seconds, None)
        elif isinstance(event, PlanApplied):
            outcome = event.report.outcomes[0]
    if outcome is None:
        raise ServiceError(f"How the deletion of {name} ended is unknown.", kind=ErrorKind.UNKNOWN)
    watch.report = "\n".join(outcome_lines(outcome))
    if outcome.result not in {StepResult.GONE, StepResult.DELETED}:
        raise ServiceError(outcome.problem or watch.report, cause=outcome.cause, hint=outcome.hint)
