"""A new sandbox holds the walkthrough's sample."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg2

from tui.services.account import Account
from tui.services.sandbox import SandboxInfo

CREATED = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def test_bucket_holds_the_four_objects(account: Account) -> None:
    s3 = account.client("s3")
    contents = s3.list_objects_v2(Bucket="tristore-walkthrough")["Contents"]
    assert [entry["Key"] for entry in contents] == [
        "csv/file1.csv",
        "csv/file2.csv",
        "python/test.py",
        "test.txt",
    ]
    assert all(entry["LastModified"].date() == CREATED.date() for entry in contents)
    (bucket,) = (b for b in s3.list_buckets()["Buckets"] if b["Name"] == "tristore-walkthrough")
    assert bucket["CreationDate"] == CREATED


def test_table_holds_users_with_differing_attributes(account: Account) -> None:
    dynamodb = account.client("dynamodb")
    table = dynamodb.describe_table(TableName="users")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "N"}]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 1
    assert table["CreationDateTime"] == CREATED
    items = dynamodb.scan(TableName="users")["Items"]
    kinds = {kind for item in items for value in item.values() for kind in value}
    assert kinds == {"S", "N", "B", "SS", "NS", "M", "L", "BOOL", "NULL"}


def test_instance_leads_to_the_users_table(account: Account, sandbox: SandboxInfo) -> None:
    (instance,) = account.client("rds").describe_db_instances(DBInstanceIdentifier="tutorial-db")[
        "DBInstances"
    ]
    assert instance["DBInstanceStatus"] == "available"
    assert instance["InstanceCreateTime"] == CREATED
    endpoint = instance["Endpoint"]
    assert f"@{endpoint['Address']}:{endpoint['Port']}/{instance['DBName']}" in sandbox.postgres
    connection = psycopg2.connect(sandbox.postgres)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), current_setting('server_version') FROM users")
            row = cursor.fetchone()
    finally:
        connection.close()
    assert row == (5, instance["EngineVersion"])


def test_identity_is_the_emulators_account(account: Account) -> None:
    assert account.client("sts").get_caller_identity()["Account"] == "123456789012"
