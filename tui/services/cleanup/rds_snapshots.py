"""Manual RDS snapshots: what stays of instances, and is billed until somebody deletes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from tui.services.cleanup.guarded_deletion import GuardedDeletion
from tui.services.cleanup.models import InventoryEvent, Kind, Resource
from tui.services.cleanup.other_inventory import GIB, not_yet, rds_part
from tui.services.cleanup.removal import Removal
from tui.services.cleanup.report import Outcome
from tui.services.cleanup.stores import Stores
from tui.services.cleanup.tunables import Tunables
from tui.services.errors import ErrorKind, ServiceError

_SETTLED = {"", "available", "failed", "deleting"}
"""States in which RDS takes a delete, or does not need one any more."""


async def snapshots(stores: Stores, tunables: Tunables) -> AsyncIterator[InventoryEvent]:
    """Every manual snapshot of the region, final ones among them. Automated ones go with their
    instance."""
    async for event in rds_part(
        stores, tunables, Kind.SNAPSHOT, "DBSnapshots", _snapshot_of, SnapshotType="manual"
    ):
        yield event


async def read_snapshot(stores: Stores, name: str) -> Resource:
    """One snapshot as it is now. Raises ServiceError, NOT_FOUND if it is gone."""
    answer = await stores.call(
        "rds", "describe_db_snapshots", f"describe {name}", DBSnapshotIdentifier=name
    )
    rows = answer.get("DBSnapshots", [])
    if not rows:
        raise ServiceError(f"There is no RDS snapshot {name}.", kind=ErrorKind.NOT_FOUND)
    return _snapshot_of(rows[0], stores.connection.region)


def _snapshot_of(row: Mapping[str, Any], region: str | None) -> Resource:
    storage = row.get("AllocatedStorage")
    state = str(row.get("Status", ""))
    created = row.get("SnapshotCreateTime")
    engine = " ".join(str(row[key]) for key in ("Engine", "EngineVersion") if row.get(key))
    settled = state.lower() in _SETTLED
    return Resource(
        kind=Kind.SNAPSHOT,
        name=str(row["DBSnapshotIdentifier"]),
        region=region,
        # RDS gives snapshots no id of their own; one made anew under a name is younger.
        identity=created.isoformat() if created else None,
        created=created,
        state=state,
        # At most: RDS bills what the data takes of it.
        size_bytes=storage * GIB if storage else None,
        about=tuple(each for each in (f"of {row.get('DBInstanceIdentifier')}", engine) if each),
        protections=() if settled else (not_yet(f"it is {state}"),),
    )


async def remove_snapshot(removal: Removal) -> Outcome:
    """Raises ServiceError for what nobody here can say better."""
    ended = await _SnapshotDeletion(removal).run()
    return ended if isinstance(ended, Outcome) else removal.ended(ended)


class _SnapshotDeletion(GuardedDeletion):
    SERVICE = "RDS"
    NOUN = "snapshot"
    BUSY_HINT = "Wait until it is available, then make a new plan."

    async def read(self) -> Resource:
        return await read_snapshot(self.removal.stores, self.removal.name)

    async def lift_protection(self) -> None:
        raise AssertionError("snapshots have no deletion protection")

    def is_lifted(self, now: Resource) -> bool:
        return True

    async def delete(self) -> str:
        await self.removal.stores.call(
            "rds",
            "delete_db_snapshot",
            f"delete the snapshot {self.removal.name}",
            DBSnapshotIdentifier=self.removal.name,
        )
        return "Asked RDS to delete the snapshot."
