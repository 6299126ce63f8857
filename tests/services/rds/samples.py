"""Instances that are there at once: the sandbox gives their engine no real server."""

from __future__ import annotations

import uuid
from typing import Any


def bare_instance(client: Any, **more: object) -> str:
    """Makes an instance; gives its name."""
    name = f"db-{uuid.uuid4().hex[:10]}"
    client.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t3.micro",
        Engine="mysql",
        MasterUsername="admin",
        MasterUserPassword="long-enough",
        AllocatedStorage=20,
        **more,
    )
    return name


def snapshot_by_hand(client: Any, instance: str) -> str:
    """Makes a manual snapshot; gives its name."""
    name = f"by-hand-{uuid.uuid4().hex[:10]}"
    client.create_db_snapshot(DBInstanceIdentifier=instance, DBSnapshotIdentifier=name)
    return name
