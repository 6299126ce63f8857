"""Read-only mode refuses below every service."""

from __future__ import annotations

from typing import Any

import pytest

from tui.services.aws import Account
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
    client = read_only_account.connection.client(service)
    sent: list[object] = []
    client.meta.events.register("before-send", lambda **_: sent.append(1))
    with pytest.raises(ServiceError) as caught:
        getattr(client, operation)(**params)
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert sent == []


def test_read_only_mode_reads(read_only_account: Account) -> None:
    assert read_only_account.connection.client("s3").list_buckets()["Buckets"]
    assert read_only_account.connection.client("dynamodb").scan(TableName="members")["Items"]


def test_every_operation_of_the_allow_list_exists_and_only_reads(account: Account) -> None:
    import botocore.session

    session = botocore.session.Session()
    verbs = ("Get", "List", "Describe", "Head", "BatchGet", "Query", "Scan")
    obtaining = {"AssumeRole", "AssumeRoleWithWebIdentity", "CreateToken", "CreateOAuth2Token"}
    obtaining.add("CreateSession")  # for a directory bucket
    for service, operations in READ_OPERATIONS.items():
        known = set(session.get_service_model(service).operation_names)
        assert operations <= known, service
        assert all(name.startswith(verbs) or name in obtaining for name in operations)
