"""The rules that need no server: policies, alarm names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tui.services.cleanup.table_alarms import alarms_of, watched
from tui.services.s3.policies import PolicyDenies, read_denies


def policy(**statement: Any) -> str:
    whole = {"Effect": "Deny", "Principal": "*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}
    return json.dumps({"Statement": [whole | statement]})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (policy(Action="s3:DeleteObject"), PolicyDenies(objects=True)),
        (policy(Action=["s3:Delete*"]), PolicyDenies(objects=True, bucket=True)),
        (policy(Action="s3:*", Principal={"AWS": "*"}), PolicyDenies(True, True)),
        (policy(Action="s3:DeleteBucket"), PolicyDenies(bucket=True)),
        (policy(Action="S3:deletebucket"), PolicyDenies(bucket=True)),
        (policy(NotAction="s3:DeleteBucket"), PolicyDenies(objects=True)),
        (policy(Action="s3:PutObject"), PolicyDenies()),
        (policy(Action="s3:DeleteBucket", Effect="Allow"), PolicyDenies()),
        (
            policy(Action="s3:DeleteBucket", Condition={"Bool": {"aws:SecureTransport": "false"}}),
            PolicyDenies(perhaps=("s3:DeleteBucket",)),
        ),
        (
            policy(Action="s3:DeleteObject", Principal={"AWS": "arn:aws:iam::1:user/x"}),
            PolicyDenies(perhaps=("s3:DeleteObject",)),
        ),
        (
            policy(Action="s3:DeleteObject", Resource="arn:aws:s3:::b/keep/*"),
            PolicyDenies(perhaps=("s3:DeleteObject",)),
        ),
        (policy(Action="s3:DeleteBucket", Resource="arn:aws:s3:::other"), PolicyDenies()),
        (policy(Action="s3:DeleteBucket", Resource="arn:aws-cn:s3:::b"), PolicyDenies(bucket=True)),
        ("not json", PolicyDenies()),
        ("[]", PolicyDenies()),
        ("", PolicyDenies()),
    ],
)
def test_a_policy_is_read_without_guessing(document: str, expected: PolicyDenies) -> None:
    assert read_denies(document, "b") == expected


def test_alarms_are_told_apart_by_exact_table_name() -> None:
    alarms = {
        "own": (frozenset({"users"}), False),
        "prefix": (frozenset({"users2"}), False),
        "both": (frozenset({"users", "users2"}), False),
        "other metric too": (frozenset({"users"}), True),
    }

    assert alarms_of(alarms, "users") == (("own",), ("both", "other metric too"))


def metric_query(table: str, account: str | None = None) -> dict[str, Any]:
    dimensions = [{"Name": "TableName", "Value": table}]
    query: dict[str, Any] = {
        "MetricStat": {"Metric": {"Namespace": "AWS/DynamoDB", "Dimensions": dimensions}}
    }
    return query if account is None else query | {"AccountId": account}


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (None, (frozenset({"users"}), False)),
        ("123456789012", (frozenset({"users"}), False)),
        ("210987654321", (frozenset(), True)),
    ],
)
def test_a_table_of_the_same_name_in_another_account_is_another(
    account: str | None, expected: tuple[frozenset[str], bool]
) -> None:
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:slow"
    assert watched({"AlarmArn": arn, "Metrics": [metric_query("users", account)]}) == expected
