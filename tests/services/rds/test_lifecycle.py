"""Stop, reboot, modify, snapshot and restore: carried out on a real server, or lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import psycopg2
import pytest

from tests.faulty import Losing
from tests.services.rds.instances import delete_instance
from tests.services.rds.instances import instance as described
from tests.services.rds.test_changes import instance, service_behind, snapshot
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Instance, NewInstance, RdsService, waiting
from tui.services.rds.lifecycle import Restore
from tui.services.rds.modification import Modification, is_applied, pending_text

PASSWORD = "correct-horse-9"


@pytest.fixture
async def rds(account: Account) -> AsyncIterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


@pytest.fixture(autouse=True)
def two_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 2)


def ask(rds: RdsService, instance: Instance, password: str, statement: str) -> object:
    info = rds.connect_info(instance)
    connection = psycopg2.connect(
        host=info.host, port=info.port, dbname="postgres", user=info.user, password=password
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


async def reach(rds: RdsService, name: str, goal: waiting.Goal) -> Instance:
    last = None
    async for look in rds.wait_for(name, goal):
        last = look.instance or last
    assert last is not None
    return last


async def test_an_instance_lives_from_creation_over_stop_and_snapshot_to_its_copy(
    rds: RdsService, account: Account
) -> None:
    name = f"life-{uuid.uuid4().hex[:10]}"
    copy, kept = f"{name}-copy", f"{name}-snap"
    await rds.create_instance(NewInstance(name, "anna", PASSWORD, backup_days=1))
    try:
        now = await reach(rds, name, waiting.AVAILABLE)
        assert now.backup_days == 1
        ask(rds, now, PASSWORD, "CREATE TABLE t AS SELECT 42 AS n")
        assert (await rds.lifecycle.take_snapshot(name, kept)).status == "creating"
        looks = [look async for look in rds.wait_for_snapshot(kept)]
        assert (looks[-1].status, looks[-1].percent) == ("available", 100)

        assert (await rds.lifecycle.stop(name)).status == "stopping"
        await reach(rds, name, waiting.STOPPED)
        with pytest.raises(psycopg2.OperationalError):
            ask(rds, now, PASSWORD, "SELECT 1")
        await rds.lifecycle.start(name)
        now = await reach(rds, name, waiting.STARTED)
        assert (await rds.lifecycle.reboot(name)).status == "rebooting"
        now = await reach(rds, name, waiting.REBOOTED)
        assert ask(rds, now, PASSWORD, "SELECT n FROM t") == (42,)

        later = Modification(storage_gib=30, public=True, iam_auth=True)
        now = await rds.lifecycle.modify(now, later)
        assert pending_text(now) == "storage in GiB 30, IAM login on"
        assert (now.public, now.storage_gib, now.iam_auth) == (True, 20, False)
        at_once = Modification(password="another-horse-9", deletion_protection=True, now=True)
        await rds.lifecycle.modify(now, at_once)
        goal = waiting.Goal("modified", lambda each: is_applied(at_once, each), "")
        now = await reach(rds, name, goal)
        assert (now.storage_gib, now.pending, now.deletion_protection) == (30, (), True)
        assert now.iam_auth is True
        assert ask(rds, now, "another-horse-9", "SELECT n FROM t") == (42,)

        await rds.lifecycle.restore(Restore(kept, copy, "db.t3.micro"))
        restored = await reach(rds, copy, waiting.AVAILABLE)
        assert (restored.instance_class, restored.deletion_protection) == ("db.t3.micro", False)
        assert ask(rds, restored, PASSWORD, "SELECT n FROM t") == (42,)
        await rds.turn_protection_off(name)
    finally:
        await rds.delete_snapshot(kept)
        delete_instance(account, name)
    delete_instance(account, copy)


async def test_a_managed_password_is_named_and_never_seen(
    rds: RdsService, account: Account, audit: AuditLog
) -> None:
    name = f"life-{uuid.uuid4().hex[:10]}"
    created = await rds.create_instance(NewInstance(name, "anna", managed=True))
    delete_instance(account, name)
    assert created.secret_arn is not None
    assert ":secret:rds!db-" in created.secret_arn


@pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])
async def test_a_stop_whose_answer_was_lost_is_found(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    name = instance(account)
    with service_behind(sandbox, audit, Losing(sandbox, "StopDBInstance", times)) as rds:
        assert (await rds.lifecycle.stop(name)).status == "stopped"


@pytest.mark.parametrize("times", [1, 99], ids=["once", "every time"])
async def test_a_snapshot_whose_answer_was_lost_is_found(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    name = instance(account)
    kept = f"kept-{uuid.uuid4().hex[:10]}"
    with service_behind(sandbox, audit, Losing(sandbox, "CreateDBSnapshot", times)) as rds:
        assert (await rds.lifecycle.take_snapshot(name, kept)).name == kept


async def test_a_snapshot_of_another_instance_is_not_taken_for_ours(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    name, other = instance(account), instance(account)
    kept = snapshot(account, other)
    losing = Losing(sandbox, "CreateDBSnapshot", 1)
    with service_behind(sandbox, audit, losing) as rds, pytest.raises(ServiceError) as caught:
        await rds.lifecycle.take_snapshot(name, kept)
    assert caught.value.kind is ErrorKind.EXISTS


@pytest.mark.parametrize(
    ("change", "kind"),
    [(Modification(storage_gib=40), None), (Modification(password=PASSWORD), ErrorKind.UNKNOWN)],
    ids=["storage", "password"],
)
async def test_of_a_lost_modification_only_the_password_stays_unknown(
    sandbox: SandboxInfo,
    account: Account,
    audit: AuditLog,
    change: Modification,
    kind: ErrorKind | None,
) -> None:
    name = instance(account)
    with service_behind(sandbox, audit, Losing(sandbox, "ModifyDBInstance", 99)) as rds:
        now = await rds.describe(name)
        if kind is None:
            assert (await rds.lifecycle.modify(now, change)).storage_gib == 40
            return
        with pytest.raises(ServiceError) as caught:
            await rds.lifecycle.modify(now, change)
    assert caught.value.kind is kind
    assert "known by its login" in caught.value.hint
    assert PASSWORD not in repr(caught.value) + str(caught.value.__cause__)


async def test_a_reboot_whose_answer_was_lost_is_unknown(
    sandbox: SandboxInfo, account: Account, audit: AuditLog
) -> None:
    name = instance(account)
    losing = Losing(sandbox, "RebootDBInstance", 99)
    with service_behind(sandbox, audit, losing) as rds, pytest.raises(ServiceError) as caught:
        await rds.lifecycle.reboot(name)
    assert caught.value.kind is ErrorKind.UNKNOWN
    assert "pg_postmaster_start_time" in caught.value.hint


@pytest.mark.parametrize("times", [1, 99])
async def test_a_restore_whose_answer_is_lost_is_looked_for_and_not_sent_again(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, times: int
) -> None:
    name = instance(account)
    kept, copy = snapshot(account, name), f"{name}-copy"
    losing = Losing(sandbox, "RestoreDBInstanceFromDBSnapshot", times)
    with service_behind(sandbox, audit, losing) as rds:
        restored = await rds.lifecycle.restore(Restore(kept, copy, "db.t3.micro"))
    assert (restored.identifier, restored.instance_class) == (copy, "db.t3.micro")
    for each in (copy, name):
        delete_instance(account, each)
    account.connection.client("rds").delete_db_snapshot(DBSnapshotIdentifier=kept)


async def test_a_read_only_account_changes_nothing(
    read_only_account: Account, account: Account
) -> None:
    name = instance(account)
    service = RdsService(read_only_account)
    life, now = service.lifecycle, described(name)
    for change in (
        life.stop(name),
        life.reboot(name),
        life.modify(now, Modification(public=True)),
        life.take_snapshot(name, "a-snapshot"),
        life.restore(Restore("a-snapshot", "new-one", "db.t3.micro")),
    ):
        with pytest.raises(ServiceError) as caught:
            await change
        assert caught.value.kind is ErrorKind.READ_ONLY
    service.close()


async def test_nothing_is_sent_for_what_breaks_a_rule(rds: RdsService) -> None:
    now = described("no-such-instance")
    for change in (
        rds.lifecycle.modify(now, Modification(storage_gib=19)),
        rds.lifecycle.modify(now, Modification()),
        rds.lifecycle.take_snapshot("no-such-instance", "[/]"),
        rds.lifecycle.restore(Restore("x", "two--dashes", "db.t3.micro")),
    ):
        with pytest.raises(ServiceError) as caught:
            await change
        assert caught.value.kind is ErrorKind.INVALID


async def test_a_refusal_says_what_to_do(rds: RdsService, account: Account) -> None:
    name = instance(account)
    await rds.lifecycle.stop(name)
    with pytest.raises(ServiceError) as caught:
        await rds.lifecycle.stop(name)
    assert "Wait until its status is available" in caught.value.hint


async def test_the_writer_and_the_readers_of_a_cluster_are_told_apart(
    rds: RdsService, account: Account
) -> None:
    client = account.connection.client("rds")
    cluster = f"c-{uuid.uuid4().hex[:10]}"
    client.create_db_cluster(
        DBClusterIdentifier=cluster,
        Engine="aurora-postgresql",
        MasterUsername="anna",
        MasterUserPassword=PASSWORD,
    )
    members = [f"{cluster}-{number}" for number in (1, 2)]
    for name in members:
        client.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.r7g.large",
            Engine="aurora-postgresql",
            DBClusterIdentifier=cluster,
        )
    found = [each async for page in rds.list_clusters() for each in page]
    (ours,) = [each for each in found if each.identifier == cluster]
    assert sorted(ours.members) == members
    assert len(ours.writers) == 1
    assert set(ours.writers) < set(members)
    for name in members:
        assert (await rds.describe(name)).cluster == cluster
        delete_instance(account, name)
    client.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)


async def test_who_is_let_in_is_read_for_all_instances_at_once(
    rds: RdsService, account: Account
) -> None:
    name = instance(account)
    ours, seeded = await rds.describe(name), await rds.describe("tutorial-db")
    await rds.security_groups.open_postgres(ours, ["198.51.100.77"])
    gone = described("gone", VpcSecurityGroups=[{"VpcSecurityGroupId": "sg-0000000000000dead"}])
    found = await rds.security_groups.let_in([ours, seeded, gone])
    assert {each.source for each in found[name]} == {"198.51.100.77/32"}
    # Of the same group, but about another port.
    assert "198.51.100.77/32" not in {each.source for each in found["tutorial-db"]}
    assert found["gone"] == ()
    for each in found[name]:
        assert await rds.security_groups.remove(each)
    delete_instance(account, name)
