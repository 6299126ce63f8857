"""Read-only mode refuses below every service; the audit log has a line for every change."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tui.services.audit import AuditEntry, AuditLog
from tui.services.aws import Account, translating
from tui.services.aws.audit import target_of
from tui.services.aws.guard import READ_OPERATIONS
from tui.services.errors import ErrorKind, ServiceError

MUTATIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("s3", "create_bucket", {"Bucket": "refused"}),
    ("s3", "put_object", {"Bucket": "refused", "Key": "k", "Body": b""}),
    ("s3", "delete_objects", {"Bucket": "refused", "Delete": {"Objects": [{"Key": "k"}]}}),
    ("s3", "put_public_access_block", {"Bucket": "b1b", "PublicAccessBlockConfiguration": {}}),
    ("dynamodb", "put_item", {"TableName": "users", "Item": {"id": {"N": "1"}}}),
    ("dynamodb", "execute_statement", {"Statement": "DELETE FROM users WHERE id = 1"}),
    ("dynamodb", "delete_table", {"TableName": "users"}),
    ("rds", "delete_db_instance", {"DBInstanceIdentifier": "x", "SkipFinalSnapshot": True}),
    ("ec2", "authorize_security_group_ingress", {"GroupId": "sg-1"}),
    ("cloudwatch", "delete_alarms", {"AlarmNames": ["a"]}),
    ("iam", "create_user", {"UserName": "x"}),
]


@pytest.mark.parametrize(("service", "operation", "params"), MUTATIONS)
def test_read_only_mode_sends_nothing_that_changes(
    read_only_account: Account, service: str, operation: str, params: dict[str, Any]
) -> None:
    client = read_only_account.client(service)
    sent: list[object] = []
    client.meta.events.register("before-send", lambda **_: sent.append(1))
    with pytest.raises(ServiceError) as caught:
        getattr(client, operation)(**params)
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert sent == []


def test_read_only_mode_reads(read_only_account: Account) -> None:
    assert read_only_account.client("s3").list_buckets()["Buckets"]
    assert read_only_account.client("dynamodb").scan(TableName="members")["Items"]


def test_every_operation_of_the_allow_list_exists_and_only_reads(account: Account) -> None:
    import botocore.session

    session = botocore.session.Session()
    verbs = ("Get", "List", "Describe", "Head", "BatchGet", "Query", "Scan")
    obtaining = {"AssumeRole", "AssumeRoleWithWebIdentity", "CreateToken", "CreateOAuth2Token"}
    for service, operations in READ_OPERATIONS.items():
        known = set(session.get_service_model(service).operation_names)
        assert operations <= known, service
        assert all(name.startswith(verbs) or name in obtaining for name in operations)


def lines(audit: AuditLog) -> list[dict[str, Any]]:
    return [json.loads(line) for line in audit.path.read_text().splitlines()]


def test_a_change_is_audited_with_its_target_and_without_its_value(
    account: Account, audit: AuditLog
) -> None:
    bucket = f"audit-{uuid4().hex[:12]}"
    client = account.client("s3")
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
        account.client("rds").modify_db_instance(
            DBInstanceIdentifier="no-such-instance", MasterUserPassword="hunter2hunter2"
        )
    text = audit.path.read_text()
    assert "ModifyDBInstance" in text
    assert "hunter2" not in text


def test_a_refused_change_is_audited_with_its_code(account: Account, audit: AuditLog) -> None:
    with pytest.raises(ServiceError), translating("delete the bucket"):
        account.client("s3").delete_bucket(Bucket=f"missing-{uuid4().hex[:8]}")
    assert lines(audit)[-1]["outcome"] == "NoSuchBucket"


async def test_audit_lines_know_the_account_once_it_is_known(
    account: Account, audit: AuditLog
) -> None:
    await account.identity()
    account.client("s3").create_bucket(Bucket=f"audit-{uuid4().hex[:12]}")
    line = lines(audit)[-1]
    assert line["account"] == "123456789012"
    assert line["region"] == "us-east-1"
    assert line["endpoint"]


ENTRY = AuditEntry("s3", "DeleteObject", {"Key": "\n[/]\x1b"}, "ok")


def test_the_audit_log_is_private_and_one_line_an_entry(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "state" / "audit.jsonl")
    audit.append(ENTRY)
    audit.append(ENTRY)
    assert len(lines(audit)) == 2
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


def test_an_audit_log_that_cannot_be_written_does_not_undo_the_call(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    audit = AuditLog(tmp_path / "file" / "audit.jsonl")
    audit.append(ENTRY)
    assert audit.problem == "1 change is not in it: File exists."


def test_what_could_not_be_recorded_is_written_as_soon_as_it_can_be(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.write_text("in the way")
    audit = AuditLog(folder / "audit.jsonl")
    audit.append(ENTRY)
    audit.append(ENTRY)
    assert audit.problem.startswith("2 changes are not in it")
    folder.unlink()
    audit.append(ENTRY)
    assert audit.problem == ""
    assert len(lines(audit)) == 3


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


SENT = re.compile(
    r"(?:client|\))\.((?:abort|authorize|complete|create|delete|modify|put|revoke|start|"
    r"transact|update|upload)_[a-z_]+)\(|"
    r'"((?:abort|authorize|delete|deregister|modify|put|revoke|update)_[a-z_]+)",'
)
"""How calls that change something are written in the services."""


def test_every_call_that_changes_something_names_its_target(account: Account) -> None:
    sources = Path(__file__).parents[3] / "tui" / "services"
    found = {
        name
        for path in sources.rglob("*.py")
        if "sandbox" not in path.parts
        for match in SENT.findall(path.read_text())
        for name in match
        if name and name != "create_task"
    }
    assert {"put_item", "delete_db_snapshot", "create_bucket", "delete_alarms"} <= found
    for service in ("s3", "rds", "ec2", "dynamodb", "cloudwatch", "application-autoscaling"):
        client = account.client(service)
        for method in found & set(client.meta.method_to_api_mapping):
            operation = client.meta.service_model.operation_model(
                client.meta.method_to_api_mapping[method]
            )
            params: dict[str, Any] = dict.fromkeys(operation.input_shape.members, "x")
            params |= {"Delete": {}, "IpPermissions": [], "SecurityGroupRuleIds": []}
            params |= {"TransactItems": [{"Put": {"TableName": "x"}}], "AlarmNames": ["x"]}
            assert target_of(service, params), (service, method)
