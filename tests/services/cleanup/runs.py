"""The cleanup service with small numbers, and short ways to plan and apply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import (
    ApplyEvent,
    CleanupPlan,
    CleanupService,
    Outcome,
    PlanApplied,
    Planned,
    Report,
    Resource,
    ResourceKind,
    Step,
    StepResult,
    Tunables,
)
from tui.services.cloudwatch import CloudWatchService
from tui.services.dynamodb import DynamoService
from tui.services.rds import RdsService
from tui.services.s3 import S3Service

SMALL = Tunables(
    page=40,
    batch=25,
    backoff=0.01,
    lock_lookups=50,
    poll=0.02,
)


@contextmanager
def cleanup_of(account: Account, tunables: Tunables = SMALL) -> Iterator[CleanupService]:
    """The service of one account, with the stores' services that it needs."""
    s3, rds = S3Service(account), RdsService(account)
    dynamodb, cloudwatch = DynamoService(account), CloudWatchService(account)
    cleanup = CleanupService(
        account, s3=s3, rds=rds, dynamodb=dynamodb, cloudwatch=cloudwatch, tunables=tunables
    )
    try:
        yield cleanup
    finally:
        for service in (cleanup, s3, rds, dynamodb, cloudwatch):
            service.close()


@contextmanager
def cleanup_behind(
    sandbox: SandboxInfo, audit: AuditLog, intercept: Callable[[ServiceRequest], Answer | None]
) -> Iterator[CleanupService]:
    """As `cleanup_of`; `intercept` may answer in place of the sandbox."""
    with behind(sandbox, intercept, audit) as account, cleanup_of(account) as cleanup:
        yield cleanup


def bucket(name: str) -> Resource:
    return Resource(ResourceKind.BUCKET, name, "us-east-1")


def instance(name: str) -> Resource:
    return Resource(ResourceKind.INSTANCE, name, "us-east-1")


def table(name: str) -> Resource:
    return Resource(ResourceKind.TABLE, name, "us-east-1")


async def make_plan(
    cleanup: CleanupService, *resources: Resource, stop: asyncio.Event | None = None
) -> CleanupPlan:
    async for event in cleanup.plan(resources, stop or asyncio.Event()):
        if isinstance(event, Planned):
            return event.plan
    raise AssertionError("planning ended without a plan")


def with_options(plan: CleanupPlan, step: Step, **options: Any) -> CleanupPlan:
    return plan.with_options(step.ref, replace(step.options, **options))


def as_if_for_another(plan: CleanupPlan) -> CleanupPlan:
    """The plan as it would be if it had been made for an earlier resource of the same name."""
    steps = [
        replace(step, resource=replace(step.resource, identity="another")) for step in plan.steps
    ]
    assert all(step.resource.identity for step in plan.steps)
    return replace(plan, steps=tuple(steps))


async def carry_out(
    cleanup: CleanupService, plan: CleanupPlan, stop: asyncio.Event | None = None
) -> tuple[Report, list[ApplyEvent]]:
    """Apply as if the user had typed what is asked for."""
    events: list[ApplyEvent] = []
    async for event in cleanup.apply(
        plan, typed=plan.confirmation, override=plan.override, stop=stop or asyncio.Event()
    ):
        events.append(event)
    last = events[-1]
    assert isinstance(last, PlanApplied)
    return last.report, events


def did_all(report: Report) -> bool:
    """Whether everything that was planned was done."""
    good = {StepResult.DELETED, StepResult.EMPTIED, StepResult.GONE}
    return all(outcome.result in good for outcome in report.outcomes)


async def remove(cleanup: CleanupService, *resources: Resource) -> Sequence[Outcome]:
    report, _ = await carry_out(cleanup, await make_plan(cleanup, *resources))
    return report.outcomes
