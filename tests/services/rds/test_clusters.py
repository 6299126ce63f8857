"""DB clusters on the sandbox: stopped, started, snapshotted, deleted; and what AWS forbids."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.faulty import Losing
from tests.services.rds.instances import delete_cluster, make_cluster
from tests.services.rds.test_changes import service_behind
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import Cluster, RdsService
from tui.services.rds.cluster_states import why_not_cluster
from tui.services.rds.states import Action

ARN = "arn:aws:rds:us-east-1:123456789012:cluster:c1"


@pytest.fixture
async def rds(account: Account) -> AsyncIterator[RdsService]:
    service = RdsService(account)
    yield service
    service.close()


def cluster(**changed: Any) -> Cluster:
    plain = Cluster("c1", "aurora-postgresql", "16.4", "available", ("a", "b"), None, None, arn=ARN)
    return replace(plain, **changed)


async def test_a_cluster_is_stopped_with_its_instances_started_and_snapshotted(
    rds: RdsService, account: Account
) -> None:
    name, member = make_cluster(account)
    clusters = rds.clusters
    assert (await clusters.describe(name)).members == (member,)
    await clusters.stop(name)
    stopped = await clusters.describe(name)
    assert stopped.status == (await rds.describe(member)).status == "stopped"
    with pytest.raises(ServiceError) as busy:
        await clusters.take_snapshot(name, f"{name}-early")
    assert busy.value.kind is ErrorKind.CONFLICT
    await clusters.start(name)
    assert (await rds.describe(member)).status == "available"

    kept = await clusters.take_snapshot(name, f"{name}-kept")
    assert (kept.instance, kept.of_cluster) == (name, True)
    listed = [each async for page in clusters.list_snapshots(of=name) for each in page]
    assert [each.name for each in listed] == [kept.name]
    looks = [look async for look in rds.wait_for_snapshot(kept.name, of_cluster=True)]
    assert looks[-1].status == "available"
    await clusters.delete_snapshot(kept.name)
    with pytest.raises(ServiceError) as gone:
        await clusters.describe_snapshot(kept.name)
    assert gone.value.kind is ErrorKind.NOT_FOUND
    delete_cluster(account, name, member)


@pytest.mark.parametrize("operation", ["StopDBCluster", "DeleteDBCluster", "ModifyDBCluster"])
async def test_a_change_whose_answer_is_lost_is_looked_for(
    sandbox: SandboxInfo, account: Account, audit: AuditLog, operation: str
) -> None:
    name, member = make_cluster(account, DeletionProtection=operation == "ModifyDBCluster")
    if operation == "DeleteDBCluster":
        account.connection.client("rds").delete_db_instance(DBInstanceIdentifier=member)
    with service_behind(sandbox, audit, Losing(sandbox, operation, times=1)) as rds:
        if operation == "StopDBCluster":
            assert (await rds.clusters.stop(name)).status == "stopped"
            await rds.clusters.start(name)
        elif operation == "ModifyDBCluster":
            await rds.clusters.turn_protection_off(name)
            assert (await rds.clusters.describe(name)).deletion_protection is False
        else:
            await rds.clusters.delete(name)
    if operation != "DeleteDBCluster":
        delete_cluster(account, name, member)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"engine_mode": "serverless"}, "is Aurora Serverless v1, which pauses by itself"),
        ({"engine_mode": "multimaster"}, "is a multi-master cluster"),
        ({"engine_mode": "parallelquery"}, "uses parallel query"),
        ({"global_cluster": "world"}, "belongs to the global database world"),
        ({"engine": "postgres"}, "AWS stops and starts Aurora clusters only"),
        ({"replicas": (ARN.replace("us-east-1", "eu-west-1"),)}, "replicas in other regions"),
    ],
)
def test_what_aws_neither_stops_nor_starts_is_said(changed: dict[str, Any], said: str) -> None:
    for action in (Action.STOP, Action.START):
        assert said in why_not_cluster(action, cluster(**changed, status="stopped"))
    assert why_not_cluster(Action.SNAPSHOT, cluster(**changed)) == ""


def test_a_cluster_is_stopped_and_snapshotted_while_it_is_available_only() -> None:
    assert why_not_cluster(Action.STOP, cluster()) == ""
    assert why_not_cluster(Action.STOP, cluster(replicas=(ARN,))) == ""
    assert "only while it is available" in why_not_cluster(Action.STOP, cluster(status="stopped"))
    assert why_not_cluster(Action.START, cluster(status="stopped")) == ""
    assert "is stopped" in why_not_cluster(Action.SNAPSHOT, cluster(status="stopped"))


async def test_a_name_that_rds_does_not_take_is_not_sent(rds: RdsService) -> None:
    with pytest.raises(ServiceError) as refused:
        await rds.clusters.take_snapshot("c1", "-no--good-")
    assert refused.value.kind is ErrorKind.INVALID
