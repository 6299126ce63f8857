"""The inventory: every page of everything, and one denied part hides no other."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faulty import ServiceRequest, refusal, s3_error
from tests.local_server import Answer
from tests.services.cleanup.runs import cleanup_behind
from tests.services.cleanup.sdk import Sdk, unique
from tests.services.cleanup.test_instances import create, snapshot
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import (
    CleanupService,
    Elsewhere,
    Found,
    InventoryBegins,
    InventoryEvent,
    PartDone,
    PartUnknown,
    Resource,
    ResourceKind,
    Tunables,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import BucketProtection, ObjectLock, Unknown, Versioning


async def collected(events: AsyncIterator[InventoryEvent]) -> list[InventoryEvent]:
    return [event async for event in events]


def resources(events: list[InventoryEvent], kind: ResourceKind) -> dict[str, Resource]:
    found = [event.resource for event in events if isinstance(event, Found)]
    return {resource.name: resource for resource in found if resource.kind is kind}


async def test_every_page_of_every_kind_is_read(cleanup: CleanupService, sdk: Sdk) -> None:
    buckets = [sdk.bucket() for _ in range(3)]
    tables = [sdk.table() for _ in range(5)]
    cleanup.tunables = Tunables(page=2)
    instances = [create(sdk) for _ in range(22)]
    snapshots = [snapshot(sdk, instances[0]) for _ in range(21)]

    events = await collected(cleanup.inventory())

    assert isinstance(events[0], InventoryBegins)
    assert events[0].connection.account_id == "123456789012"
    assert set(buckets) <= set(resources(events, ResourceKind.BUCKET))
    assert set(tables) <= set(resources(events, ResourceKind.TABLE))
    assert set(instances) <= set(resources(events, ResourceKind.INSTANCE))
    assert set(snapshots) <= set(resources(events, ResourceKind.SNAPSHOT))
    done = {event.kind for event in events if isinstance(event, PartDone)}
    assert done == set(ResourceKind)


async def test_a_resource_says_what_it_is_and_what_protects_it(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    plain, locked = sdk.bucket(), sdk.bucket(lock=True)
    protected = sdk.table(DeletionProtectionEnabled=True)
    database = create(sdk, DeletionProtection=True)

    events = await collected(cleanup.inventory())

    found = resources(events, ResourceKind.BUCKET)
    assert found[plain].protections == ()
    assert found[plain].size_bytes is None
    assert found[plain].count is None
    detail = found[locked].detail
    assert detail == BucketProtection(Versioning.ENABLED, object_lock=ObjectLock(enabled=True))
    assert found[locked].about == ("versioned", "object lock (no default retention)")
    for resource in (
        resources(events, ResourceKind.TABLE)[protected],
        resources(events, ResourceKind.INSTANCE)[database],
    ):
        assert resource.protections is not None
        assert [each.what for each in resource.protections] == ["Deletion protection is on."]
        assert resource.created is not None


async def test_buckets_of_other_regions_are_named_as_elsewhere(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = unique("far")
    sdk.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    events = await collected(cleanup.inventory())

    assert Elsewhere(name, "eu-west-1") in events
    assert name not in resources(events, ResourceKind.BUCKET)


async def test_clusters_are_named(cleanup: CleanupService, sdk: Sdk) -> None:
    name = unique("cluster")
    sdk.client("rds").create_db_cluster(
        DBClusterIdentifier=name,
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="long-enough",
    )

    found = resources(await collected(cleanup.inventory()), ResourceKind.CLUSTER)

    assert found[name].protections == ()
    assert "no members" in found[name].about
    sdk.client("rds").delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


DENIED = {
    ResourceKind.BUCKET: lambda request: request.method == "GET" and request.path.startswith("/?"),
    ResourceKind.INSTANCE: lambda request: request.asks("DescribeDBInstances"),
    ResourceKind.SNAPSHOT: lambda request: request.asks("DescribeDBSnapshots"),
    ResourceKind.CLUSTER: lambda request: request.asks("DescribeDBClusters"),
    ResourceKind.CLUSTER_SNAPSHOT: lambda request: request.asks("DescribeDBClusterSnapshots"),
    ResourceKind.TABLE: lambda request: request.asks("ListTables"),
    ResourceKind.RULE: lambda request: request.asks("DescribeSecurityGroups"),
}


async def test_a_denied_part_is_unknown_and_hides_no_other(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    denied = ResourceKind.BUCKET

    def deny(request: ServiceRequest) -> Answer | None:
        # An account of its own: what other tests have left costs two calls for each bucket.
        request.headers["x-moto-account-id"] = "210987654321"
        if not DENIED[denied](request):
            return None
        code = "AccessDeniedException" if request.service == "dynamodb" else "AccessDenied"
        return refusal(request, 400 if request.service == "dynamodb" else 403, code)

    with cleanup_behind(sandbox, audit, deny) as service:
        for denied in DENIED:
            events = await collected(service.inventory())

            (unknown,) = [event for event in events if isinstance(event, PartUnknown)]
            assert unknown.kind is denied
            assert unknown.sentence == "Unknown: access denied"
            done = {event.kind for event in events if isinstance(event, PartDone)}
            assert done == set(ResourceKind) - {denied}


async def test_a_denied_configuration_is_unknown_not_off(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket(versioned=True)

    def deny(request: ServiceRequest) -> Answer | None:
        asked = request.path.endswith("?versioning") and request.method == "GET"
        return s3_error(403, "AccessDenied") if asked else None

    with cleanup_behind(sandbox, audit, deny) as service:
        found = resources(await collected(service.inventory()), ResourceKind.BUCKET)

    assert found[name].unknown == ("versioning: access denied",)
    detail = found[name].detail
    assert isinstance(detail, BucketProtection)
    assert isinstance(detail.versioning, Unknown)
    assert detail.object_lock == ObjectLock(enabled=False)


async def test_no_credentials_is_one_error_with_a_next_step(
    sandbox: SandboxInfo, audit: AuditLog
) -> None:
    def reject(request: ServiceRequest) -> Answer | None:
        error = "<Error><Code>ExpiredToken</Code><Message>old</Message></Error>"
        return Answer(403, f"<ErrorResponse>{error}</ErrorResponse>")

    with (
        cleanup_behind(sandbox, audit, reject) as service,
        pytest.raises(ServiceError) as caught,
    ):
        await collected(service.inventory())

    assert caught.value.kind is ErrorKind.CREDENTIALS
    assert caught.value.hint


async def test_leaving_the_stream_early_ends_the_reading(
    cleanup: CleanupService, account: Account
) -> None:
    stream = cleanup.inventory()
    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined]
