"""Alarms on tables and scaling targets of tables, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.services.errors import ServiceError

if TYPE_CHECKING:
    from types_boto3_application_autoscaling.type_defs import ScalableTargetTypeDef
    from types_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricAlarmTypeDef

_TARGET_TRACKING = re.compile(
    r"TargetTracking-table/(?P<table>[A-Za-z0-9_.-]+?)(/index/[A-Za-z0-9_.-]+)?"
    r"-(AlarmHigh|AlarmLow|ProvisionedCapacityHigh|ProvisionedCapacityLow)-[0-9a-f-]{36}"
)
"""The names that DynamoDB's own auto scaling gives to its alarms."""


@dataclass(frozen=True)
class Alarm:
    """One metric alarm as cloudwatch:DescribeAlarms tells it, reduced to what it watches."""

    name: str
    tables: frozenset[str]
    """The DynamoDB tables of this account that its metrics name."""
    watches_more: bool
    """Whether it watches anything else, too."""


@dataclass(frozen=True)
class ScalingTarget:
    """What Application Auto Scaling changes: one capacity of a table or of one of its indexes."""

    resource: str
    """"table/name" or "table/name/index/name"."""
    dimension: str
    """Such as "dynamodb:table:ReadCapacityUnits"."""

    def __str__(self) -> str:
        return f"{self.resource} {self.dimension}"


@dataclass(frozen=True)
class AlarmsDeleted:
    """What one call to delete alarms came to."""

    deleted: tuple[str, ...]
    """Names of those that are gone."""
    refused: Mapping[str, ServiceError]
    """Why others are still there, by name."""


def watching(alarms: Iterable[Alarm], table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the alarms that watch only this table, and of those that watch other things
    too, sorted."""
    own: list[str] = []
    shared: list[str] = []
    for alarm in alarms:
        if table in alarm.tables:
            alone = len(alarm.tables) == 1 and not alarm.watches_more
            (own if alone else shared).append(alarm.name)
    return tuple(sorted(own)), tuple(sorted(shared))


def to_alarm(answer: MetricAlarmTypeDef) -> Alarm:
    """One element of DescribeAlarms' metric alarms."""
    tables: set[str] = set()
    more = False
    for namespace, dimensions, elsewhere in _metrics(answer):
        names = [each["Value"] for each in dimensions if each.get("Name") == "TableName"]
        if namespace == "AWS/DynamoDB" and names and not elsewhere:
            tables.update(names)
        else:
            more = True
    name = answer.get("AlarmName", "")
    tracked = _TARGET_TRACKING.fullmatch(name)
    if tracked and not tables and not more:
        tables.add(tracked["table"])
    return Alarm(name, frozenset(tables), more)


def _metrics(answer: MetricAlarmTypeDef) -> Iterator[tuple[str, Sequence[DimensionTypeDef], bool]]:
    """Namespace, dimensions, and whether it is a metric of another account."""
    own = answer.get("AlarmArn", "").split(":")[4:5]
    if answer.get("MetricName"):
        yield answer.get("Namespace", ""), answer.get("Dimensions") or [], False
    for query in answer.get("Metrics") or ():
        # An entry without MetricStat is an expression over the others.
        stat = query.get("MetricStat")
        metric = stat.get("Metric") if stat else None
        if metric:
            account = query.get("AccountId")
            elsewhere = account is not None and [account] != own
            yield metric.get("Namespace", ""), metric.get("Dimensions") or [], elsewhere


def to_scaling_target(answer: ScalableTargetTypeDef) -> ScalingTarget:
    """One element of DescribeScalableTargets."""
    return ScalingTarget(answer["ResourceId"], answer["ScalableDimension"])
