"""What an alarm watches, as its description tells it."""

from __future__ import annotations

from typing import Any

import pytest

from tui.services.cloudwatch import Alarm, watching
from tui.services.cloudwatch.models import to_alarm


def test_alarms_are_told_apart_by_exact_table_name() -> None:
    alarms = (
        Alarm("own", frozenset({"users"}), False),
        Alarm("prefix", frozenset({"users2"}), False),
        Alarm("both", frozenset({"users", "users2"}), False),
        Alarm("other metric too", frozenset({"users"}), True),
    )

    assert watching(alarms, "users") == (("own",), ("both", "other metric too"))


def metric_query(table: str, account: str | None = None) -> dict[str, Any]:
    dimensions = [{"Name": "TableName", "Value": table}]
    query: dict[str, Any] = {
        "MetricStat": {"Metric": {"Namespace": "AWS/DynamoDB", "Dimensions": dimensions}}
    }
    return query if account is None else query | {"AccountId": account}


@pytest.mark.parametrize(
    ("account", "tables", "watches_more"),
    [
        (None, {"users"}, False),
        ("123456789012", {"users"}, False),
        ("210987654321", set(), True),
    ],
)
def test_a_table_of_the_same_name_in_another_account_is_another(
    account: str | None, tables: set[str], watches_more: bool
) -> None:
    answer: Any = {
        "AlarmName": "slow",
        "AlarmArn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow",
        "Metrics": [metric_query("users", account)],
    }
    assert to_alarm(answer) == Alarm("slow", frozenset(tables), watches_more)


@pytest.mark.parametrize("place", ["users", "users/index/by-email"])
def test_an_alarm_of_auto_scaling_belongs_to_the_table_in_its_name(place: str) -> None:
    name = f"TargetTracking-table/{place}-AlarmHigh-12345678-1234-1234-1234-123456789abc"
    answer: Any = {"AlarmName": name}
    assert to_alarm(answer).tables == {"users"}
    answer = {"AlarmName": name, "MetricName": "CPU", "Namespace": "AWS/EC2"}
    assert to_alarm(answer) == Alarm(name, frozenset(), True)
