"""DB clusters on the sandbox: they go with their instances, and their snapshots by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faulty import ServiceRequest, refusal
from tests.local_server import Answer
from tests.services.cleanup.runs import carry_out, cleanup_behind, instance, make_plan, remove
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.cleanup import CleanupService, ProtectionKind, Resource, ResourceKind, StepResult
from tui.services.cleanup.sentences import what_goes, what_stays
from tui.services.errors import ErrorKind, ServiceError


def create(sdk: Sdk, members: int = 2, engine: str = "aurora-postgresql", **more: object) -> str:
    """A cluster with instances `…-1`, `…-2`, …; of Aurora, if nothing else is said."""
    rds, name = sdk.client("rds"), unique("cluster")
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine=engine,
        MasterUsername="postgres",
        MasterUserPassword="long-enough",
        **more,
    )
    for number in range(1, members + 1):
        rds.create_db_instance(
            DBInstanceIdentifier=f"{name}-{number}",
            DBInstanceClass="db.r6g.large",
            Engine=engine,
            DBClusterIdentifier=name,
        )
    return name


def cluster(name: str) -> Resource:
    return Resource(ResourceKind.CLUSTER, name, "us-east-1")


def clusters(sdk: Sdk) -> list[str]:
    found = sdk.client("rds").describe_db_clusters()["DBClusters"]
    return [each["DBClusterIdentifier"] for each in found]


async def test_a_cluster_goes_with_its_instances_and_leaves_a_final_snapshot(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    plan = await make_plan(cleanup, cluster(name))
    (step,) = plan.steps
    final = step.options.final_snapshot
    assert final is not None
    assert what_goes(step) == (
        f"Deletes its 2 instances: {name}-1, {name}-2.",
        "Then deletes the cluster with its storage and its automated backups.",
    )
    assert what_stays(step) == (f"A final snapshot {final} is made; it stays, and is billed.",)
    assert plan.confirmation == name

    report, _ = await carry_out(cleanup, plan)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert f"The final snapshot {final}, available (it costs)." in outcome.remains
    assert name not in clusters(sdk)
    # The snapshot is found as one of a cluster, and goes by itself.
    kept = Resource(ResourceKind.CLUSTER_SNAPSHOT, final, "us-east-1")
    (gone,) = await remove(cleanup, kept)
    assert gone.result is StepResult.DELETED
    assert (await make_plan(cleanup, kept)).steps[0].gone


async def test_a_member_goes_only_with_its_cluster(cleanup: CleanupService, sdk: Sdk) -> None:
    name = create(sdk, members=1)
    plan = await make_plan(cleanup, instance(f"{name}-1"))
    assert plan.steps[0].blocked == (
        f"It is a member of the cluster {name}, with which it is deleted.",
    )
    with pytest.raises(ServiceError) as caught:
        await carry_out(cleanup, plan)
    assert caught.value.kind is ErrorKind.INVALID
    assert name in clusters(sdk)
    sdk.client("rds").delete_db_instance(DBInstanceIdentifier=f"{name}-1")
    sdk.client("rds").delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


async def test_protection_is_lifted_only_if_that_was_chosen(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk, members=0, DeletionProtection=True)
    plan = await make_plan(cleanup, cluster(name))
    (step,) = plan.steps
    assert step.blocked == ("Deletion protection is on.",)
    lifted = replace(
        step.options,
        lifted=frozenset({ProtectionKind.DELETION_PROTECTION}),
        final_snapshot=None,
    )
    plan = plan.with_options(step.ref, lifted)
    assert "It has no instances." in what_goes(plan.steps[0])
    report, _ = await carry_out(cleanup, plan)
    assert report.outcomes[0].result is StepResult.DELETED
    assert "Turned deletion protection off." in report.outcomes[0].did


async def test_an_instance_that_came_to_it_since_the_plan_stops_the_deletion(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk, members=1)
    plan = await make_plan(cleanup, cluster(name))
    sdk.client("rds").create_db_instance(
        DBInstanceIdentifier=f"{name}-new",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-postgresql",
        DBClusterIdentifier=name,
    )
    report, _ = await carry_out(cleanup, plan)
    (outcome,) = report.outcomes
    assert outcome.result is StepResult.FAILED
    assert f"{name}-new" in outcome.problem
    assert name in clusters(sdk)
    plan = await make_plan(cleanup, cluster(name))
    report, _ = await carry_out(cleanup, plan)
    assert report.outcomes[0].result is StepResult.DELETED


async def test_a_stopped_cluster_and_one_of_a_global_database_say_what_is_in_the_way(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    rds = sdk.client("rds")
    name = create(sdk, members=0)
    rds.stop_db_cluster(DBClusterIdentifier=name)
    (step,) = (await make_plan(cleanup, cluster(name))).steps
    assert step.blocked == ("It is stopped, and RDS deletes no stopped cluster.",)
    rds.start_db_cluster(DBClusterIdentifier=name)
    rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)
    (step,) = (await make_plan(cleanup, cluster(name))).steps
    assert step.gone


def delete(sdk: Sdk, *names: str) -> None:
    """Take clusters of a test away, with the instances that they still have."""
    rds = sdk.client("rds")
    for name in names:
        (found,) = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
        for member in found["DBClusterMembers"]:
            rds.delete_db_instance(DBInstanceIdentifier=member["DBInstanceIdentifier"])
        rds.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


async def test_a_multi_az_cluster_goes_with_its_instances_in_one_request(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk, engine="postgres")
    plan = await make_plan(cleanup, cluster(name))
    assert what_goes(plan.steps[0]) == (
        f"Deletes the cluster with its 2 instances ({name}-1, {name}-2), its storage and its "
        "automated backups.",
    )
    report, _ = await carry_out(cleanup, plan)
    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED, outcome
    assert outcome.did[0] == "Asked RDS to delete the cluster and its automated backups."
    assert name not in clusters(sdk)


async def test_a_cluster_that_another_one_replicates_keeps_its_instances(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    rds = sdk.client("rds")
    (found,) = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    copy = create(sdk, members=0, ReplicationSourceIdentifier=found["DBClusterArn"])
    (step,) = (await make_plan(cleanup, cluster(name))).steps
    assert step.blocked[0].startswith("Others replicate it: ")
    assert copy in step.blocked[0]
    delete(sdk, copy, name)


async def test_what_went_before_a_refusal_is_told(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = create(sdk)
    writer = f"{name}-1"

    def deny(request: ServiceRequest) -> Answer | None:
        sent = request.body.decode().split("&")
        denied = {"Action=DeleteDBInstance", f"DBInstanceIdentifier={writer}"} <= set(sent)
        return refusal(request, 403, "AccessDenied") if denied else None

    with cleanup_behind(sandbox, audit, deny) as cleanup:
        (outcome,) = await remove(cleanup, cluster(name))
    assert outcome.result is StepResult.PARTLY
    assert outcome.did == (f"Asked RDS to delete 1 instance of it: {name}-2.",)
    assert outcome.remains == ("The cluster.",)
    delete(sdk, name)


async def test_no_instance_goes_if_the_final_snapshot_has_a_name_that_is_taken(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = create(sdk)
    plan = await make_plan(cleanup, cluster(name))
    final = plan.steps[0].options.final_snapshot
    rds = sdk.client("rds")
    rds.create_db_cluster_snapshot(DBClusterIdentifier=name, DBClusterSnapshotIdentifier=final)
    report, _ = await carry_out(cleanup, plan)
    (outcome,) = report.outcomes
    assert (outcome.result, outcome.did) == (StepResult.FAILED, ())
    assert outcome.problem == f"A snapshot named {final} exists already."
    rds.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=final)
    delete(sdk, name)
