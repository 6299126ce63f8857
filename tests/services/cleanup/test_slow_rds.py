"""RDS as it is: deletions that take their time, replicas, states that refuse."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from tests.faulty import ServiceRequest
from tests.local_server import Answer
from tests.services.cleanup.runs import (
    SMALL,
    carry_out,
    cleanup_behind,
    did_all,
    instance,
    make_plan,
    with_options,
)
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.cleanup import CleanupService, Options, StepProgress, StepResult


@dataclass
class SlowRds:
    """Instances that are "deleting" for a few looks; keeps the order of deletions."""

    looks: int = 2
    """Looks at a deleting instance until it is gone."""
    extra: dict[str, str] = field(default_factory=dict)
    """Instance -> more of its XML."""
    status: dict[str, str] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def __call__(self, request: ServiceRequest) -> Answer | None:
        body = request.body.decode("latin-1")
        if "Action=DescribeDBInstances" in body:
            return self._describe(_parameter(body, "DBInstanceIdentifier"))
        if "Action=DeleteDBInstance" in body:
            name = _parameter(body, "DBInstanceIdentifier")
            if self.status[name] == "modifying":
                return _error("InvalidDBInstanceState")
            self.bodies.append(body)
            self.deleted.append(name)
            self.status[name] = "deleting"
            return _result("DeleteDBInstance", "")
        return None

    def _describe(self, name: str) -> Answer:
        status = self.status.get(name)
        if status is None:
            return _error("DBInstanceNotFound", 404)
        if status == "deleting":
            self.looks -= 1
            if self.looks < 0:
                self.looks = 2
                del self.status[name]
        row = (
            f"<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier>"
            f"<DBInstanceStatus>{status}</DBInstanceStatus><DbiResourceId>db-{name}</DbiResourceId>"
            f"<Engine>postgres</Engine>{self.extra.get(name, '')}</DBInstance>"
        )
        return _result("DescribeDBInstances", f"<DBInstances>{row}</DBInstances>")


def _parameter(body: str, name: str) -> str:
    found = re.search(rf"(?:^|&){name}=([^&]*)", body)
    return found[1] if found else ""


def _result(action: str, inner: str) -> Answer:
    return Answer(
        200,
        f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>",
    )


def _error(code: str, status: int = 400) -> Answer:
    error = f"<Error><Code>{code}</Code><Message>said so</Message></Error>"
    return Answer(status, f"<ErrorResponse>{error}</ErrorResponse>")


@pytest.fixture
def rds() -> SlowRds:
    return SlowRds(status={"one": "available"})


@pytest.fixture
def cleanup(sandbox: SandboxInfo, audit: AuditLog, rds: SlowRds) -> Iterator[CleanupService]:
    with cleanup_behind(sandbox, audit, rds) as service:
        yield service


async def test_waits_until_it_is_gone_and_says_for_how_long(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    plan = await make_plan(cleanup, instance("one"))
    plan = with_options(plan, plan.steps[0], final_snapshot=None)

    report, events = await carry_out(cleanup, plan)

    phases = [event.phase for event in events if isinstance(event, StepProgress)]
    assert "deleting, 0 s" in phases
    assert report.outcomes[0].result is StepResult.DELETED
    assert report.outcomes[0].did[-1].startswith("It was gone after ")
    assert "SkipFinalSnapshot=true" in rds.bodies[0]
    assert "DeleteAutomatedBackups=true" in rds.bodies[0]
    assert "FinalDBSnapshotIdentifier" not in rds.bodies[0]


async def test_a_final_snapshot_is_asked_for_by_name_and_never_skipped(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    plan = await make_plan(cleanup, instance("one"))
    plan = with_options(plan, plan.steps[0], final_snapshot="keep-me")

    await carry_out(cleanup, plan)

    assert "SkipFinalSnapshot=false" in rds.bodies[0]
    assert "FinalDBSnapshotIdentifier=keep-me" in rds.bodies[0]


async def test_a_stop_ends_the_waiting_and_says_that_rds_goes_on(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    rds.looks = 1000
    plan = await make_plan(cleanup, instance("one"))
    stop = asyncio.Event()
    report = None
    async for event in cleanup.apply(plan, typed="one", stop=stop):
        if isinstance(event, StepProgress) and event.phase.startswith("deleting"):
            stop.set()
        report = getattr(event, "report", report)

    assert report is not None
    assert report.outcomes[0].result is StepResult.UNDER_WAY
    assert report.outcomes[0].problem == "Waiting was stopped; RDS goes on deleting."


async def test_patience_ends(cleanup: CleanupService, rds: SlowRds) -> None:
    rds.looks = 1000
    cleanup.tunables = replace(SMALL, poll=0.01, patience=0.03)
    report, _ = await carry_out(cleanup, await make_plan(cleanup, instance("one")))

    assert report.outcomes[0].result is StepResult.UNDER_WAY
    assert "still says deleting" in report.outcomes[0].problem


async def test_replicas_skip_the_snapshot_and_go_before_their_source(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    rds.status = {"one": "available", "copy": "available"}
    source = "<ReadReplicaSourceDBInstanceIdentifier>one</ReadReplicaSourceDBInstanceIdentifier>"
    rds.extra = {"copy": source}
    plan = await make_plan(cleanup, instance("one"), instance("copy"))
    copy = plan.steps[1]
    assert copy.options == Options(final_snapshot=None)
    asked = with_options(plan, copy, final_snapshot="a-name")
    assert asked.steps[1].blocked == ("It is a replica: RDS takes no final snapshot of it.",)

    report, _ = await carry_out(cleanup, plan)

    assert rds.deleted == ["copy", "one"]
    assert did_all(report)


async def test_a_state_that_refuses_is_told_with_what_to_do(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    rds.status = {"one": "modifying"}
    report, _ = await carry_out(cleanup, await make_plan(cleanup, instance("one")))

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.FAILED
    assert "InvalidDBInstanceState" in outcome.cause
    assert "Wait until it is available" in outcome.hint


async def test_one_that_is_being_deleted_already_is_waited_for(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    plan = await make_plan(cleanup, instance("one"))
    rds.status = {"one": "deleting"}

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.DELETED
    assert rds.deleted == []


async def test_one_that_is_still_being_created_is_left_alone(
    cleanup: CleanupService, rds: SlowRds
) -> None:
    rds.status = {"one": "creating"}
    plan = await make_plan(cleanup, instance("one"))

    assert plan.steps[0].blocked == ("It cannot be deleted now: it is still being created.",)
