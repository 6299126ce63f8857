"""What a table leaves behind: its CloudWatch alarms and its scaling targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables

Alarms = Mapping[str, tuple[frozenset[str], bool]]
"""Alarm name -> (the tables that its metrics name, whether it watches anything else)."""

_TARGET_TRACKING = re.compile(
    r"TargetTracking-table/(?P<table>[A-Za-z0-9_.-]+?)(/index/[A-Za-z0-9_.-]+)?"
    r"-(AlarmHigh|AlarmLow|ProvisionedCapacityHigh|ProvisionedCapacityLow)-[0-9a-f-]{36}"
)
"""The names that DynamoDB's own auto scaling gives to its alarms."""

DIMENSIONS = ("ReadCapacityUnits", "WriteCapacityUnits")


async def read_alarms(stores: Stores, tunables: Tunables) -> Alarms:
    """Every metric alarm of the region that names a table. Raises ServiceError."""
    found: dict[str, tuple[frozenset[str], bool]] = {}
    async for page in stores.pages(
        "cloudwatch",
        "describe_alarms",
        "list the CloudWatch alarms",
        tokens={"NextToken": "NextToken"},
        AlarmTypes=["MetricAlarm"],
        MaxRecords=tunables.alarm_page,
    ):
        for alarm in page.get("MetricAlarms", []):
            tables, others = watched(alarm)
            if tables:
                found[str(alarm["AlarmName"])] = (tables, others)
    return found


def alarms_of(alarms: Alarms, table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(those that watch only this table, those that watch other things too), sorted."""
    own = sorted(
        name for name, (tables, others) in alarms.items() if tables == {table} and not others
    )
    shared = sorted(
        name
        for name, (tables, others) in alarms.items()
        if table in tables and (others or len(tables) > 1)
    )
    return tuple(own), tuple(shared)


def watched(alarm: Mapping[str, Any]) -> tuple[frozenset[str], bool]:
    """The tables of this account that a described alarm names, and whether it watches others."""
    tables: set[str] = set()
    others = False
    for namespace, dimensions, elsewhere in _metrics(alarm):
        names = (
            []
            if elsewhere
            else [d.get("Value") for d in dimensions if d.get("Name") == "TableName"]
        )
        if namespace == "AWS/DynamoDB" and names:
            tables.update(str(name) for name in names)
        else:
            others = True
    tracked = _TARGET_TRACKING.fullmatch(str(alarm.get("AlarmName", "")))
    if tracked and not tables and not others:
        tables.add(tracked["table"])
    return frozenset(tables), others


def _metrics(alarm: Mapping[str, Any]) -> Iterator[tuple[str, list[Mapping[str, str]], bool]]:
    """Namespace, dimensions, and whether it is a metric of another account."""
    own = str(alarm.get("AlarmArn", "")).split(":")[4:5]
    if alarm.get("MetricName"):
        yield str(alarm.get("Namespace", "")), alarm.get("Dimensions") or [], False
    for query in alarm.get("Metrics") or ():
        # An entry without MetricStat is an expression over the others.
        metric = (query.get("MetricStat") or {}).get("Metric")
        if metric:
            account = query.get("AccountId")
            elsewhere = account is not None and [str(account)] != own
            yield str(metric.get("Namespace", "")), metric.get("Dimensions") or [], elsewhere


async def read_scaling(
    stores: Stores, table: str, indexes: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """(resource id, dimension) of the scaling targets of a table and its indexes."""
    ids = [f"table/{table}", *(f"table/{table}/index/{index}" for index in indexes)]
    found: list[tuple[str, str]] = []
    async for page in stores.pages(
        "application-autoscaling",
        "describe_scalable_targets",
        f"list the scaling targets of {table}",
        tokens={"NextToken": "NextToken"},
        ServiceNamespace="dynamodb",
        ResourceIds=ids,
    ):
        found += [
            (str(row["ResourceId"]), str(row["ScalableDimension"]))
            for row in page.get("ScalableTargets", [])
            if row["ResourceId"] in ids
        ]
    return tuple(found)
