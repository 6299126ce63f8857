"""Snapshots, modifications and managed passwords of the sandbox: the servers really follow."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from botocore.exceptions import ClientError

from tests.sandbox.test_instances import (
    PASSWORD,
    ask,
    code_of,
    create,
    describe,
    login,
    rds,
    status,
    wait_for,
)
from tui.services.aws import Account

__all__ = ["create", "rds"]


def snapshot_of(rds: Any, name: str) -> Any:
    (snapshot,) = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"]
    return snapshot


def wait_for_snapshot(rds: Any, name: str) -> Any:
    deadline = time.monotonic() + 30
    while (seen := snapshot_of(rds, name))["Status"] != "available":
        assert seen["Status"] == "creating"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert seen["PercentProgress"] == 100
    return seen


def test_a_restored_snapshot_has_the_data_of_its_moment(
    rds: Any, create: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    name = create(DBName="shop")
    wait_for(rds, name, "available")
    with login(rds, name, database="shop") as connection:
        ask(connection, "CREATE TABLE kept AS SELECT generate_series(1, 20000) AS n")
        rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-snap")
        request.addfinalizer(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier=f"{name}-snap"))
        # The server serves meanwhile; what is written now is in it or not, but never half.
        ask(connection, "INSERT INTO kept SELECT generate_series(20001, 30000)")
        taken = wait_for_snapshot(rds, f"{name}-snap")
        ask(connection, "DROP TABLE kept")
    assert (taken["DBInstanceIdentifier"], taken["SnapshotType"]) == (name, "manual")
    assert status(rds, name) == "available"
    restored = f"{name}-again"
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=restored, DBSnapshotIdentifier=f"{name}-snap"
    )
    request.addfinalizer(
        lambda: rds.delete_db_instance(DBInstanceIdentifier=restored, SkipFinalSnapshot=True)
    )
    wait_for(rds, restored, "available")
    assert describe(rds, restored)["Endpoint"] != describe(rds, name)["Endpoint"]
    with login(rds, restored, database="shop") as connection:
        assert ask(connection, "SELECT count(*), sum(n) FROM kept") in (
            [(20_000, 200_010_000)],
            [(30_000, 450_015_000)],
        )
        ask(connection, "CREATE TABLE more (a int)")


def test_a_final_snapshot_is_complete_before_the_data_goes(
    rds: Any, create: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    name = create()
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        ask(connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    rds.delete_db_instance(DBInstanceIdentifier=name, FinalDBSnapshotIdentifier=f"{name}-last")
    request.addfinalizer(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier=f"{name}-last"))
    assert snapshot_of(rds, f"{name}-last")["DBInstanceIdentifier"] == name
    wait_for(rds, name, None)
    wait_for_snapshot(rds, f"{name}-last")
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-last"
    )
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        assert ask(connection, "SELECT answer FROM kept") == [(42,)]


def test_what_waits_for_the_window_is_pending_until_it_is_applied(
    rds: Any, create: Callable[..., str]
) -> None:
    name = create(BackupRetentionPeriod=0)
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        ((began,),) = ask(connection, "SELECT pg_postmaster_start_time()")
    wanted = {"AllocatedStorage": 21, "DBInstanceClass": "db.t4g.small", "BackupRetentionPeriod": 7}
    rds.modify_db_instance(DBInstanceIdentifier=name, PubliclyAccessible=True, **wanted)
    now = describe(rds, name)
    # Storage grows by ten per cent at least.
    assert now["PendingModifiedValues"] == wanted | {"AllocatedStorage": 22}
    assert (now["AllocatedStorage"], now["DBInstanceClass"]) == (20, "db.t3.micro")
    assert (now["PubliclyAccessible"], now["DBInstanceStatus"]) == (True, "available")
    rds.modify_db_instance(DBInstanceIdentifier=name, ApplyImmediately=True)
    assert status(rds, name) == "modifying"
    wait_for(rds, name, "available")
    now = describe(rds, name)
    assert now.get("PendingModifiedValues", {}) == {}
    assert (now["AllocatedStorage"], now["DBInstanceClass"]) == (22, "db.t4g.small")
    assert now["BackupRetentionPeriod"] == 7
    with login(rds, name) as connection:
        ((again,),) = ask(connection, "SELECT pg_postmaster_start_time()")
    assert again > began
    with pytest.raises(ClientError) as caught:
        rds.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=20)
    assert code_of(caught) == "InvalidParameterCombination"


def managed(account: Account, rds: Any, name: str) -> dict[str, str]:
    arn = describe(rds, name)["MasterUserSecret"]["SecretArn"]
    # Not a client of the application's own.
    import boto3

    target = account.connection.target
    secrets = boto3.client(
        "secretsmanager",
        endpoint_url=account.endpoint,
        region_name=target.region,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
    )
    kept: dict[str, str] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    return kept


def test_a_managed_password_is_in_secrets_manager_and_opens_the_server(
    rds: Any, account: Account, create: Callable[..., str]
) -> None:
    with pytest.raises(ClientError) as caught:
        create(ManageMasterUserPassword=True)
    assert code_of(caught) == "InvalidParameterCombination"
    name = create()
    wait_for(rds, name, "available")
    rds.modify_db_instance(
        DBInstanceIdentifier=name, ManageMasterUserPassword=True, ApplyImmediately=True
    )
    wait_for(rds, name, "available")
    kept = managed(account, rds, name)
    assert kept["username"] == "carol"
    with login(rds, name, kept["password"]) as connection:
        assert ask(connection, "SELECT 1") == [(1,)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        login(rds, name)
    rds.modify_db_instance(
        DBInstanceIdentifier=name, ManageMasterUserPassword=False, MasterUserPassword=PASSWORD
    )
    wait_for(rds, name, "available")
    assert "MasterUserSecret" not in describe(rds, name)
    with login(rds, name) as connection:
        assert ask(connection, "SELECT 1") == [(1,)]


def test_a_stopped_instance_has_no_snapshot_taken(rds: Any, create: Callable[..., str]) -> None:
    name = create()
    wait_for(rds, name, "available")
    rds.stop_db_instance(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-stop")
    wait_for(rds, name, "stopped")
    wait_for_snapshot(rds, f"{name}-stop")
    rds.delete_db_snapshot(DBSnapshotIdentifier=f"{name}-stop")
    with pytest.raises(ClientError) as caught:
        rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-late")
    assert code_of(caught) == "InvalidDBInstanceState"
