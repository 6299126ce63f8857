"""Things to clean up, made in the sandbox, and short ways to plan and apply."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui.services.aws import Account
from tui.services.cleanup import (
    Applied,
    ApplyEvent,
    CleanupService,
    Kind,
    Outcome,
    Plan,
    Planned,
    Report,
    Resource,
    Step,
)


def unique(prefix: str = "clean") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def bucket(name: str) -> Resource:
    return Resource(Kind.BUCKET, name, "us-east-1")


def instance(name: str) -> Resource:
    return Resource(Kind.INSTANCE, name, "us-east-1")


def table(name: str) -> Resource:
    return Resource(Kind.TABLE, name, "us-east-1")


@dataclass
class Stage:
    """Makes resources with the SDK itself."""

    account: Account

    def client(self, service: str) -> Any:
        return self.account.client(service)

    @property
    def s3(self) -> Any:
        return self.client("s3")

    def bucket(self, *, versioned: bool = False, lock: bool = False) -> str:
        name = unique()
        self.s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versioned:
            self.s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration={"Status": "Enabled"}
            )
        return name

    def put(self, bucket: str, *keys: str, body: bytes = b"x", **more: Any) -> None:
        for key in keys:
            self.s3.put_object(Bucket=bucket, Key=key, Body=body, **more)

    def versions(self, bucket: str) -> list[tuple[str, str]]:
        answer = self.s3.list_object_versions(Bucket=bucket)
        rows = answer.get("Versions", []) + answer.get("DeleteMarkers", [])
        return [(row["Key"], row["VersionId"]) for row in rows]

    def has_bucket(self, name: str) -> bool:
        return name in [row["Name"] for row in self.s3.list_buckets()["Buckets"]]

    def has_table(self, name: str) -> bool:
        return name in self.client("dynamodb").list_tables()["TableNames"]

    def table(self, **more: Any) -> str:
        name = unique("table")
        self.client("dynamodb").create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
        return name

    def alarm(self, name: str, *tables: str) -> None:
        """An alarm on one table, or a metric-math alarm over several."""

        def metric(table: str) -> dict[str, Any]:
            return {
                "Namespace": "AWS/DynamoDB",
                "MetricName": "ConsumedReadCapacityUnits",
                "Dimensions": [{"Name": "TableName", "Value": table}],
            }

        common = {
            "AlarmName": name,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        if len(tables) == 1:
            common |= {**metric(tables[0]), "Period": 60, "Statistic": "Sum"}
        else:
            common["Metrics"] = [
                {
                    "Id": f"m{number}",
                    "MetricStat": {"Metric": metric(each), "Period": 60, "Stat": "Sum"},
                }
                for number, each in enumerate(tables)
            ]
        self.client("cloudwatch").put_metric_alarm(**common)

    def alarms(self) -> list[str]:
        rows = self.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return [row["AlarmName"] for row in rows]


async def make_plan(
    cleanup: CleanupService, *resources: Resource, stop: asyncio.Event | None = None
) -> Plan:
    async for event in cleanup.plan(resources, stop or asyncio.Event()):
        if isinstance(event, Planned):
            return event.plan
    raise AssertionError("planning ended without a plan")


def with_options(plan: Plan, step: Step, **options: Any) -> Plan:
    return plan.with_options(step.ref, replace(step.options, **options))


def as_if_for_another(plan: Plan) -> Plan:
    """The plan as it would be if it had been made for an earlier resource of the same name."""
    steps = [
        replace(step, resource=replace(step.resource, identity="another")) for step in plan.steps
    ]
    assert all(step.resource.identity for step in plan.steps)
    return replace(plan, steps=tuple(steps))


async def carry_out(
    cleanup: CleanupService, plan: Plan, stop: asyncio.Event | None = None
) -> tuple[Report, list[ApplyEvent]]:
    """Apply as if the user had typed what is asked for."""
    events: list[ApplyEvent] = []
    async for event in cleanup.apply(
        plan, typed=plan.confirmation, override=plan.override, stop=stop or asyncio.Event()
    ):
        events.append(event)
    last = events[-1]
    assert isinstance(last, Applied)
    return last.report, events


async def remove(cleanup: CleanupService, *resources: Resource) -> Sequence[Outcome]:
    report, _ = await carry_out(cleanup, await make_plan(cleanup, *resources))
    return report.outcomes
