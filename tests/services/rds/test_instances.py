"""RDS instances of the sandbox: real servers behind them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace

import psycopg2
import pytest

from tests.services.rds.instances import delete_instance
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.quoting import RESERVED
from tui.services.rds import ANYWHERE_V4, Instance, NewInstance, RdsService

PASSWORD = "[red]hor'se\\9%"
"""Legal in RDS, and a trap for whoever quotes or interprets it."""


@pytest.fixture
async def rds(account: Account) -> AsyncIterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


def unique(prefix: str = "t") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


async def available(rds: RdsService, new: NewInstance) -> tuple[Instance, list[str]]:
    """Create and wait; the instance as it was seen last, and every status on the way."""
    created = await rds.create_instance(new)
    statuses = [created.status]
    last = created
    async for look in rds.wait_for(created.identifier):
        statuses.append(look.status)
        last = look.instance or last
    return last, statuses


async def test_a_created_instance_becomes_available_and_takes_the_login_that_was_asked_for(
    rds: RdsService, account: Account
) -> None:
    name = unique("T")
    new = NewInstance(name, "anna", PASSWORD, database="users", public=True)
    instance, statuses = await available(rds, new)
    try:
        assert statuses[0] == "creating"
        assert statuses[-1] == "available"
        assert instance.identifier == name.lower()
        assert (instance.public, instance.deletion_protection) == (True, False)
        assert (instance.backup_days, instance.storage_gib) == (0, 20)
        info = rds.connect_info(instance)
        assert (info.user, info.database) == ("anna", "users")
        connection = psycopg2.connect(
            host=info.host,
            port=info.port,
            dbname=info.database,
            user=info.user,
            password=PASSWORD,
            sslmode=info.sslmode,
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_database()")
            assert cursor.fetchone() == ("anna", "users")
            # The list of reserved words is the server's own.
            cursor.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
            assert {word for (word,) in cursor.fetchall()} <= RESERVED
        connection.close()
        with pytest.raises(ServiceError) as caught:
            await rds.create_instance(new)
        assert caught.value.kind is ErrorKind.EXISTS
        await check_inbound(rds, instance)
    finally:
        status = delete_instance(account, name)
    assert status == "deleting"


async def check_inbound(rds: RdsService, instance: Instance) -> None:
    """Rules added to the instance's group are there, and adding them again changes nothing."""
    third = uuid.uuid4().int % 256
    source = f"198.51.100.{third}"
    opened = await rds.security_groups.open_postgres(instance, [source, "2001:db8:1::/64"])
    assert opened.port == instance.port
    assert f"{source}/32" in opened.added + opened.already
    again = await rds.security_groups.open_postgres(instance, [source, "2001:db8:1::/64"])
    assert again.added == ()
    assert again.already == (f"{source}/32", "2001:db8:1::/64")
    (group,) = await rds.security_groups.of(instance)
    assert instance.port is not None
    found = [rule for rule in group.open_to(instance.port) if rule.source == f"{source}/32"]
    assert [rule.description for rule in found] == ["PostgreSQL, opened with Tristore"]
    assert ANYWHERE_V4 not in {rule.source for rule in group.open_to(instance.port)}


async def test_the_seeded_instance_is_listed_and_described(rds: RdsService) -> None:
    listed = [each async for page in rds.list_instances() for each in page.instances]
    tutorial = next(each for each in listed if each.identifier == "tutorial-db")
    assert tutorial.speaks_postgres
    assert tutorial.available
    assert tutorial == await rds.describe("Tutorial-DB")


async def test_an_instance_that_is_not_there_is_not_found(rds: RdsService) -> None:
    with pytest.raises(ServiceError) as caught:
        await rds.describe(unique())
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_waiting_for_an_instance_that_is_deleted_meanwhile_says_so(
    rds: RdsService, account: Account
) -> None:
    name = unique()
    await rds.create_instance(NewInstance(name, "anna", PASSWORD))

    async def wait() -> None:
        deleted = False
        async for _ in rds.wait_for(name):
            if not deleted:
                deleted = True
                delete_instance(account, name)

    with pytest.raises(ServiceError, match="deleted meanwhile"):
        await wait()


async def test_the_default_vpc_has_its_default_group_first(rds: RdsService) -> None:
    placement = await rds.placement()
    assert placement.default_vpc is not None
    assert placement.security_groups[0].is_default


async def test_a_read_only_account_creates_nothing(read_only_account: Account) -> None:
    service = RdsService(read_only_account)
    name = unique()
    try:
        with pytest.raises(ServiceError) as caught:
            await service.create_instance(NewInstance(name, "anna", PASSWORD))
        assert caught.value.kind is ErrorKind.READ_ONLY
        listed = [each async for page in service.list_instances() for each in page.instances]
        assert name not in {each.identifier for each in listed}
    finally:
        service.close()


async def test_a_cluster_has_an_endpoint_for_its_writer_and_one_for_its_readers(
    rds: RdsService, account: Account
) -> None:
    name = unique("cluster")
    account.connection.client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        DatabaseName="shop",
        MasterUsername="anna",
        MasterUserPassword="long-enough",
        EnableIAMDatabaseAuthentication=True,
    )
    found = [each async for page in rds.list_clusters() for each in page]
    cluster = next(each for each in found if each.identifier == name)
    writer = rds.cluster_connect_info(cluster)
    readers = rds.cluster_connect_info(cluster, reader=True)
    assert (writer.host, readers.host) == (cluster.host, cluster.reader_host)
    assert writer.host != readers.host
    assert (writer.port, writer.database, writer.user) == (5432, "shop", "anna")
    assert writer.iam_possible
    with pytest.raises(ServiceError):
        rds.cluster_connect_info(replace(cluster, reader_host=None), reader=True)
    with pytest.raises(ServiceError):
        rds.cluster_connect_info(replace(cluster, engine="aurora-mysql"))
