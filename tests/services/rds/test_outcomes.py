"""How a change of RDS ended: what a look shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest

from tui.services.aws import Done
from tui.services.rds.outcomes import (
    cluster_now,
    cluster_snapshot_now,
    deleted,
    instance_now,
    snapshot_now,
)


@pytest.mark.parametrize(
    ("now", "method", "key"),
    [
        (instance_now, "describe_db_instances", "DBInstances"),
        (cluster_now, "describe_db_clusters", "DBClusters"),
        (snapshot_now, "describe_db_snapshots", "DBSnapshots"),
        (cluster_snapshot_now, "describe_db_cluster_snapshots", "DBClusterSnapshots"),
    ],
)
def test_an_empty_list_tells_that_it_is_gone(
    now: Callable[[Any, str], Any], method: str, key: str
) -> None:
    rds = Mock(**{f"{method}.return_value": {key: []}})
    found = now(rds, "x")
    assert found is None
    assert deleted(found) == Done(None)
