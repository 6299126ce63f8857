"""Look at a DB cluster for a plan: as it is now, and what stays when it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tui.services.cleanup.cluster_inventory import cluster_resource
from tui.services.cleanup.models import Resource, ResourceKind
from tui.services.cleanup.plan import default_options
from tui.services.cleanup.step import InstanceFacts, Step, unread
from tui.services.cleanup.stores import Stores
from tui.services.errors import ServiceError


async def cluster_step(stores: Stores, resource: Resource, going: Sequence[Resource]) -> Step:
    """The step for a cluster. `going` is all that the plan removes: its snapshots among it do not
    stay. What may not be read is None in the facts."""
    try:
        cluster = await stores.rds.clusters.describe(resource.name, at=stores.connection)
    except ServiceError as error:
        return unread(resource, error)
    removed = {each.name for each in going if each.kind is ResourceKind.CLUSTER_SNAPSHOT}
    now = cluster_resource(cluster, stores.region)
    kept = await _manual_snapshots(stores, cluster.identifier)
    if kept is not None:
        kept = tuple(name for name in kept if name not in removed)
    return Step(now, InstanceFacts(kept), default_options(now, datetime.now(UTC)))


async def _manual_snapshots(stores: Stores, cluster: str) -> tuple[str, ...] | None:
    pages = stores.rds.clusters.list_snapshots(of=cluster, at=stores.connection)
    try:
        return tuple(sorted([each.name async for page in pages for each in page]))
    except ServiceError:
        return None
