"""A new sandbox holds the walkthrough's sample."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg2

from tui.sandbox import SandboxInfo
from tui.services.aws import Account

CREATED = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


def test_bucket_holds_the_four_objects(account: Account) -> None:
    s3 = account.connection.client("s3")
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


def test_table_holds_items_with_differing_attributes(account: Account) -> None:
    dynamodb = account.connection.client("dynamodb")
    table = dynamodb.describe_table(TableName="members")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "N"}]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 1
    assert table["CreationDateTime"] == CREATED
    items = dynamodb.scan(TableName="members")["Items"]
    kinds = {kind for item in items for value in item.values() for kind in value}
    assert kinds == {"S", "N", "B", "SS", "NS", "M", "L", "BOOL", "NULL"}


def test_instance_leads_to_the_members_table(account: Account, sandbox: SandboxInfo) -> None:
    (instance,) = account.connection.client("rds").describe_db_instances(
        DBInstanceIdentifier="tutorial-db"
    )["DBInstances"]
    assert instance["DBInstanceStatus"] == "available"
    assert instance["InstanceCreateTime"] == CREATED
    endpoint = instance["Endpoint"]
    assert f"@{endpoint['Address']}:{endpoint['Port']}/{instance['DBName']}" in sandbox.postgres
    connection = psycopg2.connect(sandbox.postgres)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), current_setting('server_version') FROM members")
            row = cursor.fetchone()
    finally:
        connection.close()
    assert row == (5, instance["EngineVersion"])


def test_identity_is_the_emulators_account(account: Account) -> None:
    assert account.connection.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_archive_is_worth_looking_at(account: Account) -> None:
    s3 = account.connection.client("s3")
    listed = s3.list_objects_v2(Bucket="weather-archive")
    keys = [entry["Key"] for entry in listed["Contents"]]
    assert len(keys) > 200
    assert {key.rpartition(".")[2] for key in keys} >= {"csv", "json", "jsonl", "gz", "png", "py"}
    assert len({key.partition("/")[0] for key in keys if "/" in key}) > 5
    picture = s3.get_object(Bucket="weather-archive", Key="images/radar-2026-01-14T00.png")
    assert picture["Body"].read(8) == b"\x89PNG\r\n\x1a\n"
    versions = s3.list_object_versions(Bucket="weather-reports")
    assert versions["DeleteMarkers"]
    assert len(versions["Versions"]) > len({each["Key"] for each in versions["Versions"]})


def test_events_can_be_read_by_station_and_by_kind(account: Account) -> None:
    dynamodb = account.connection.client("dynamodb")
    by_kind = dynamodb.query(
        TableName="weather-events",
        IndexName="by-kind",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "storm"}},
    )
    assert by_kind["Count"] > 10
    assert dynamodb.scan(TableName="weather-events", Select="COUNT")["Count"] == 280


def test_readings_belong_to_sensors_of_stations(sandbox: SandboxInfo) -> None:
    connection = psycopg2.connect(sandbox.postgres)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), count(DISTINCT s.station)"
                " FROM weather.readings r JOIN weather.sensors s ON s.id = r.sensor"
            )
            assert cursor.fetchone() == (3600, 20)
            cursor.execute("SELECT count(*) FROM weather.daily WHERE celsius IS NOT NULL")
            (days,) = cursor.fetchone() or (0,)
            assert days > 1000
    finally:
        connection.close()


def test_the_names_of_the_walkthrough_are_free(account: Account, sandbox: SandboxInfo) -> None:
    assert "users" not in account.connection.client("dynamodb").list_tables()["TableNames"]
    connection = psycopg2.connect(sandbox.postgres)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('users')")
            assert cursor.fetchone() == (None,)
    finally:
        connection.close()
