"""Every change through the SDK has a line in the audit log: names, never values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tui.services.audit import AuditLog
from tui.services.aws import Account, translating
from tui.services.aws.audit import target_of
from tui.services.errors import ServiceError


def lines(audit: AuditLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit.path.read_text().splitlines()]


def test_a_change_is_audited_with_its_target_and_without_its_value(
    account: Account, audit: AuditLog
) -> None:
    bucket = f"audit-{uuid4().hex[:12]}"
    client = account.connection.client("s3")
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="a/\x1b[31m[/]", Body=b"the-secret-body")
    client.list_objects_v2(Bucket=bucket)
    client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})
    written = lines(audit)
    assert [line["operation"] for line in written] == [
        "CreateBucket",
        "PutObject",
        "DeleteObjects",
    ]
    assert written[1]["target"] == {"Bucket": bucket, "Key": "a/\x1b[31m[/]"}
    assert written[2]["target"]["Keys"] == "2"
    assert all(line["outcome"] == "ok" for line in written)
    assert "the-secret-body" not in audit.path.read_text()


def test_a_password_never_reaches_the_audit_log(account: Account, audit: AuditLog) -> None:
    with pytest.raises(ServiceError), translating("modify it"):
        account.connection.client("rds").modify_db_instance(
            DBInstanceIdentifier="no-such-instance", MasterUserPassword="hunter2hunter2"
        )
    text = audit.path.read_text()
    assert "ModifyDBInstance" in text
    assert "hunter2" not in text


def test_a_refused_change_is_audited_with_its_code(account: Account, audit: AuditLog) -> None:
    with pytest.raises(ServiceError), translating("delete the bucket"):
        account.connection.client("s3").delete_bucket(Bucket=f"missing-{uuid4().hex[:8]}")
    assert lines(audit)[-1]["outcome"] == "NoSuchBucket"


async def test_audit_lines_know_the_account_once_it_is_known(
    account: Account, audit: AuditLog
) -> None:
    await account.identity()
    account.connection.client("s3").create_bucket(Bucket=f"audit-{uuid4().hex[:12]}")
    line = lines(audit)[-1]
    assert line["account"] == "123456789012"
    assert line["region"] == "us-east-1"
    assert line["endpoint"]


TARGETS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "dynamodb",
        {"TableName": "t", "Key": {"id": {"S": "secret"}}, "UpdateExpression": "SET a = :b"},
        {"TableName": "t"},
    ),
    (
        "dynamodb",
        {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "secret"}}}}]},
        {"TableName": "t"},
    ),
    (
        "dynamodb",
        {"RequestItems": {"t": [{"DeleteRequest": {"Key": {"id": {"S": "secret"}}}}]}},
        {"TableName": "t"},
    ),
    ("rds", {"DBSnapshotIdentifier": "snap"}, {"DBSnapshotIdentifier": "snap"}),
    ("s3", {"Bucket": "b", "Key": "k", "Body": b"secret"}, {"Bucket": "b", "Key": "k"}),
    (
        "ec2",
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {"IpProtocol": "tcp", "FromPort": 5432, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
        },
        {"GroupId": "sg-1", "Rules": "tcp 5432 from 0.0.0.0/0"},
    ),
    (
        "application-autoscaling",
        {"ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"},
        {"ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"},
    ),
    ("cloudwatch", {"AlarmNames": ["a", "b"]}, {"AlarmNames": "a, b"}),
]


@pytest.mark.parametrize(("service", "params", "target"), TARGETS)
def test_a_target_is_names_and_never_a_value(
    service: str, params: dict[str, Any], target: dict[str, str]
) -> None:
    assert target_of(service, params) == target


CHANGING = re.compile(
    r"[.\"]((?:abort|authorize|complete|create|delete|deregister|modify|put|revoke|start|transact|"
    r"update|upload)_[a-z_]+)\b"
)
"""How methods of the SDK that change something are named in the services."""


def test_every_call_that_changes_something_names_its_target(account: Account) -> None:
    sources = Path(__file__).parents[3] / "tui" / "services"
    found = {name for path in sources.rglob("*.py") for name in CHANGING.findall(path.read_text())}
    assert {"put_item", "delete_db_snapshot", "create_bucket", "delete_alarms"} <= found
    for service in ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling"):
        client: Any = account.connection.client(service)
        for method in found & set(client.meta.method_to_api_mapping):
            if (service, method) == ("ec2", "delete_snapshot"):
                continue  # that one is our own, of RDS
            operation = client.meta.service_model.operation_model(
                client.meta.method_to_api_mapping[method]
            )
            params: dict[str, Any] = dict.fromkeys(operation.input_shape.members, "x")
            params |= {"Delete": {}, "IpPermissions": [], "SecurityGroupRuleIds": []}
            params |= {"TransactItems": [{"Put": {"TableName": "x"}}], "AlarmNames": ["x"]}
            assert target_of(service, params), (service, method)
