"""A reset brings everything back to the seed, at the same addresses."""

from __future__ import annotations

import psycopg2
import pytest

from tui.sandbox import Sandbox, SandboxInfo
from tui.services.aws import Account


def members(sandbox: SandboxInfo) -> int:
    connection = psycopg2.connect(sandbox.postgres)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM members")
            row = cursor.fetchone()
    finally:
        connection.close()
    assert row is not None
    return int(row[0])


async def test_reset_undoes_what_was_changed_made_and_deleted_and_cuts_old_connections(
    fresh_sandbox: SandboxInfo, running_sandbox: Sandbox, account: Account
) -> None:
    here = account.connection
    s3, dynamodb, rds = here.client("s3"), here.client("dynamodb"), here.client("rds")
    s3.create_bucket(Bucket="to-be-forgotten")
    s3.delete_object(Bucket="tristore-walkthrough", Key="test.txt")
    dynamodb.delete_table(TableName="members")
    connection = psycopg2.connect(fresh_sandbox.postgres)
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE members")

    await running_sandbox.reset()

    with pytest.raises(psycopg2.OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [
        "tristore-walkthrough",
        "weather-archive",
        "weather-reports",
    ]
    assert s3.list_objects_v2(Bucket="tristore-walkthrough")["KeyCount"] == 4
    assert dynamodb.list_tables()["TableNames"] == ["members", "weather-events"]
    assert len(rds.describe_db_instances()["DBInstances"]) == 1
    assert members(fresh_sandbox) == 5


def test_seeded_instance_comes_back_at_its_address_whatever_became_of_it(
    fresh_sandbox: SandboxInfo, running_sandbox: Sandbox, account: Account
) -> None:
    rds = account.connection.client("rds")
    rds.stop_db_instance(DBInstanceIdentifier="tutorial-db")
    running_sandbox.reset_sync()
    assert members(fresh_sandbox) == 5

    rds.delete_db_instance(DBInstanceIdentifier="tutorial-db", SkipFinalSnapshot=True)
    # At once: the deletion under way must not take the new one with it.
    running_sandbox.reset_sync()
    running_sandbox.reset_sync()
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert instance["DBInstanceStatus"] == "available"
    assert members(fresh_sandbox) == 5

    rds.delete_db_instance(DBInstanceIdentifier="tutorial-db", SkipFinalSnapshot=True)
    waiter = rds.get_waiter("db_instance_deleted")
    waiter.wait(DBInstanceIdentifier="tutorial-db", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    running_sandbox.reset_sync()
    assert members(fresh_sandbox) == 5


def test_what_was_added_is_removed_and_the_seed_stays(
    sandbox: SandboxInfo, running_sandbox: Sandbox, account: Account
) -> None:
    here = account.connection
    s3, dynamodb, rds = here.client("s3"), here.client("dynamodb"), here.client("rds")
    ec2, cloudwatch = here.client("ec2"), here.client("cloudwatch")
    s3.create_bucket(Bucket="to-be-removed")
    s3.put_object(Bucket="to-be-removed", Key="a", Body=b"x")
    dynamodb.create_table(
        TableName="to-be-removed",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    rds.create_db_instance(
        DBInstanceIdentifier="to-be-removed",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="anna",
        MasterUserPassword="correct-horse-9",
        AllocatedStorage=20,
    )
    ec2.create_security_group(GroupName="to-be-removed", Description="x")
    (default,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    ec2.authorize_security_group_ingress(
        GroupId=default["GroupId"],
        IpProtocol="tcp",
        FromPort=5432,
        ToPort=5432,
        CidrIp="192.0.2.1/32",
    )
    cloudwatch.put_metric_alarm(
        AlarmName="to-be-removed",
        Namespace="AWS/DynamoDB",
        MetricName="ConsumedReadCapacityUnits",
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        Period=60,
        Statistic="Sum",
    )

    running_sandbox.remove_added_sync()

    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [
        "tristore-walkthrough",
        "weather-archive",
        "weather-reports",
    ]
    assert s3.list_objects_v2(Bucket="tristore-walkthrough")["KeyCount"] == 4
    assert dynamodb.list_tables()["TableNames"] == ["members", "weather-events"]
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert instance["DBInstanceIdentifier"] == "tutorial-db"
    (group,) = ec2.describe_security_groups()["SecurityGroups"]
    assert group["GroupName"] == "default"
    assert group["IpPermissions"] == default["IpPermissions"]
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    assert members(sandbox) == 5
    s3.create_bucket(Bucket="to-be-removed")  # the name is free again
