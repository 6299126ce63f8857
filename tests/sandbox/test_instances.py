"""An RDS instance made in the sandbox is a real PostgreSQL, and RDS's rules hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from botocore.exceptions import ClientError

from tui.services.aws import Account

PASSWORD = r"s3cret-%s-'\;"

Wanted = dict[str, Any]


@pytest.fixture
def rds(account: Account) -> Any:
    return account.connection.client("rds")


@pytest.fixture
def create(rds: Any) -> Iterator[Callable[..., str]]:
    """Make an instance with a unique name; removed afterwards."""
    made: list[str] = []

    def create(**wanted: Any) -> str:
        name = f"test-{uuid4().hex[:12]}"
        rds.create_db_instance(**asked(name) | wanted)
        made.append(name)
        return name

    yield create
    for name in made:
        if status(rds, name) not in {None, "deleting"}:
            rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def asked(name: str) -> Wanted:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "MasterUsername": "carol",
        "MasterUserPassword": PASSWORD,
        "AllocatedStorage": 20,
    }


def describe(rds: Any, name: str) -> Any:
    (instance,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return instance


def status(rds: Any, name: str) -> str | None:
    """None when there is no such instance."""
    found = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])
    return next((str(one["DBInstanceStatus"]) for one in found["DBInstances"]), None)


def wait_for(rds: Any, name: str, wanted: str | None) -> None:
    deadline = time.monotonic() + 30
    while (seen := status(rds, name)) != wanted:
        assert seen != "failed"
        assert time.monotonic() < deadline, f"still {seen}, not {wanted}"
        time.sleep(0.05)


def login(rds: Any, name: str, password: str = PASSWORD, database: str = "postgres") -> Any:
    endpoint = describe(rds, name)["Endpoint"]
    connection = psycopg2.connect(
        host=endpoint["Address"],
        port=endpoint["Port"],
        user="carol",
        password=password,
        dbname=database,
    )
    connection.autocommit = True
    return closing(connection)


def ask(connection: Any, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


def test_instance_is_creating_until_its_login_works(
    rds: Any, request: pytest.FixtureRequest
) -> None:
    name = f"test-{uuid4().hex[:12]}"
    first = rds.create_db_instance(**asked(name), DBName="shop")["DBInstance"]
    request.addfinalizer(
        lambda: rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    )
    assert first["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in first
    wait_for(rds, name, "available")
    with login(rds, name, database="shop") as connection:
        assert ask(connection, "SELECT current_user") == [("carol",)]
        ask(connection, "CREATE TABLE t (a int)")
        ask(connection, "CREATE DATABASE another")


def test_master_user_has_the_rights_that_rds_gives(rds: Any, create: Callable[..., str]) -> None:
    name = create()
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        assert ask(
            connection,
            "SELECT rolsuper, rolcreatedb, rolcreaterole, pg_has_role('rds_superuser', 'member')"
            " FROM pg_roles WHERE rolname = current_user",
        ) == [(False, True, True, True)]
        assert ask(
            connection, "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1"
        ) == [("postgres",)]
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(connection, "ALTER SYSTEM SET work_mem = '1GB'")


def test_two_instances_are_two_servers(rds: Any, create: Callable[..., str]) -> None:
    first, second = create(DBName="one"), create(DBName="two")
    for name in (first, second):
        wait_for(rds, name, "available")
    with login(rds, first) as a, login(rds, second) as b:
        query = "SELECT datname FROM pg_database WHERE datname IN ('one', 'two')"
        assert (ask(a, query), ask(b, query)) == ([("one",)], [("two",)])


def test_new_master_password_replaces_the_old_one(rds: Any, create: Callable[..., str]) -> None:
    name = create()
    wait_for(rds, name, "available")
    rds.modify_db_instance(
        DBInstanceIdentifier=name, MasterUserPassword="another-one", ApplyImmediately=True
    )
    wait_for(rds, name, "available")
    with login(rds, name, "another-one") as connection:
        assert ask(connection, "SELECT 1") == [(1,)]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        login(rds, name)


def test_stopped_instance_refuses_and_started_again_has_its_data(
    rds: Any, create: Callable[..., str]
) -> None:
    name = create()
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        ask(connection, "CREATE TABLE kept AS SELECT 42 AS answer")
    rds.stop_db_instance(DBInstanceIdentifier=name)
    wait_for(rds, name, "stopped")
    with pytest.raises(psycopg2.OperationalError):
        login(rds, name)
    rds.start_db_instance(DBInstanceIdentifier=name)
    wait_for(rds, name, "available")
    rebooted = rds.reboot_db_instance(DBInstanceIdentifier=name)["DBInstance"]
    assert rebooted["DBInstanceStatus"] == "rebooting"
    wait_for(rds, name, "available")
    with login(rds, name) as connection:
        assert ask(connection, "SELECT answer FROM kept") == [(42,)]


def test_deleted_instance_is_deleting_and_then_gone(rds: Any, create: Callable[..., str]) -> None:
    name = create()
    wait_for(rds, name, "available")
    port = describe(rds, name)["Endpoint"]["Port"]
    answer = rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert answer["DBInstance"]["DBInstanceStatus"] == "deleting"
    assert status(rds, name) == "deleting"
    with pytest.raises(ClientError) as again:
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert code_of(again) == "InvalidDBInstanceState"
    wait_for(rds, name, None)
    with pytest.raises(psycopg2.OperationalError, match="Connection refused"):
        psycopg2.connect(host="127.0.0.1", port=port, user="carol", password=PASSWORD)


@pytest.mark.parametrize(
    "options",
    [{}, {"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "both"}],
    ids=["neither", "both"],
)
def test_delete_takes_either_a_snapshot_or_none(
    rds: Any, create: Callable[..., str], options: Wanted
) -> None:
    name = create()
    with pytest.raises(ClientError) as caught:
        rds.delete_db_instance(DBInstanceIdentifier=name, **options)
    assert code_of(caught) == "InvalidParameterCombination"
    assert status(rds, name) != "deleting"


def test_deletion_protection_holds_until_it_is_lifted(rds: Any, create: Callable[..., str]) -> None:
    name = create(DeletionProtection=True)
    wait_for(rds, name, "available")
    with pytest.raises(ClientError) as caught:
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert code_of(caught) == "InvalidParameterCombination"
    assert status(rds, name) == "available"
    rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    wait_for(rds, name, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"MasterUserPassword": "short"},
        {"MasterUserPassword": "with/slash-in-it"},
        {"MasterUserPassword": "with@at-in-it"},
        {"MasterUserPassword": "with space in it"},
        {"MasterUserPassword": 'with"quote-in-it'},
        {"MasterUsername": "1st"},
        {"MasterUsername": "rdsadmin"},
        {"MasterUsername": 'a"; DROP ROLE x; --'},
        {"DBName": "no-dashes"},
        {"DBName": "template1"},
        {"DBInstanceClass": "t3.micro"},
        {"AllocatedStorage": 19},
        {"DBInstanceIdentifier": "two--dashes"},
    ],
    ids=lambda wrong: ",".join(f"{key}={value}" for key, value in wrong.items()),
)
def test_what_rds_rejects_is_rejected(rds: Any, wrong: Wanted) -> None:
    name = f"test-{uuid4().hex[:12]}"
    with pytest.raises(ClientError) as caught:
        rds.create_db_instance(**asked(name) | wrong)
    assert code_of(caught) == "InvalidParameterValue"
    assert status(rds, name) is None


def test_engines_without_a_server_stay_in_the_books(rds: Any) -> None:
    name = f"test-{uuid4().hex[:12]}"
    rds.create_db_instance(**asked(name) | {"Engine": "mysql"})
    assert describe(rds, name)["Endpoint"]["Port"] == 3306
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    assert status(rds, name) is None
