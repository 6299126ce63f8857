"""The emulator's DB clusters, made to reject what RDS rejects. They have no servers: their records
are emulated, and those of their members.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StopDBCluster.html,
API_DeleteDBCluster.html and API_CreateDBClusterSnapshot.html
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from tui.sandbox.rds_rejections import Rejection

Wrap = Callable[[Any, str, Callable[..., Any]], None]
"""Puts a hook around a method of the backend."""

_NEITHER = {"serverless", "multimaster", "parallelquery", "global"}
"""Engine modes whose clusters RDS neither stops nor starts."""


def install(backend_class: Any, wrap: Wrap) -> None:
    """Wrap the verbs of clusters."""
    wrap(backend_class, "modify_db_cluster", _modify)
    wrap(backend_class, "stop_db_cluster", _stop)
    wrap(backend_class, "start_db_cluster", _start)
    wrap(backend_class, "delete_db_cluster", _delete)
    wrap(backend_class, "create_db_cluster_snapshot", _take_snapshot)


def _cluster(backend: Any, name: str) -> Any:
    found = backend.clusters.get(name)
    if found is None:
        raise Rejection("DBClusterNotFoundFault", f"DBCluster {name} not found.")
    return found


def is_multi_az(engine: str) -> bool:
    """Whether a cluster of this engine is a Multi-AZ DB cluster: its instances go with it."""
    return engine in {"postgres", "mysql"}


def refuse_of_multi_az(engine: str) -> None:
    """In the words of RDS, for the deletion of a member."""
    if is_multi_az(engine):
        raise Rejection(
            "InvalidParameterValue",
            f"Deleting cluster instances isn't supported for DB engine {engine}.",
        )


def _modify(original: Any, backend: Any, wanted: MutableMapping[str, Any]) -> Any:
    cluster = _cluster(backend, wanted["db_cluster_identifier"])
    iam = wanted.get("enable_iam_database_authentication")
    if iam is not None:
        # The emulator sets an attribute that it never reads.
        cluster.iam_auth = iam
        for member in cluster.members:
            member.enable_iam_database_authentication = iam
    return original(backend, wanted)


def _stop(original: Any, backend: Any, name: str = "", **options: Any) -> Any:
    name = name or options["cluster_identifier"]
    _require_kind(_cluster(backend, name))
    answer = original(backend, name)
    _set_members(backend, name, "stopped")
    return answer


def _start(original: Any, backend: Any, name: str = "", **options: Any) -> Any:
    name = name or options["cluster_identifier"]
    _require_kind(_cluster(backend, name))
    answer = original(backend, name)
    _set_members(backend, name, "available")
    return answer


def _delete(
    original: Any, backend: Any, cluster_identifier: str, snapshot_name: str | None = None
) -> Any:
    cluster = _cluster(backend, cluster_identifier)
    if cluster.status == "stopped":
        raise Rejection("InvalidDBClusterStateFault", f"{cluster_identifier} is stopped.")
    if is_multi_az(cluster.engine) and not cluster.deletion_protection:
        for member in cluster.members:
            del backend.databases[member.db_instance_identifier]
    return original(backend, cluster_identifier, snapshot_name)


def _take_snapshot(
    original: Any, backend: Any, db_cluster_identifier: str, *arguments: Any, **options: Any
) -> Any:
    cluster = _cluster(backend, db_cluster_identifier)
    if options.get("snapshot_type") != "automated" and cluster.status != "available":
        raise Rejection(
            "InvalidDBClusterStateFault", f"{db_cluster_identifier} is not in available state."
        )
    return original(backend, db_cluster_identifier, *arguments, **options)


def _require_kind(cluster: Any) -> None:
    if cluster.engine_mode in _NEITHER or cluster.global_cluster_identifier:
        raise Rejection(
            "InvalidDBClusterStateFault", "Clusters of this kind are not stopped or started."
        )


def _set_members(backend: Any, name: str, status: str) -> None:
    for member in backend.clusters[name].members:
        member.status = status
