"""Stop, start, reboot, modify and snapshot an instance; make one from a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.services.aws import Connection, Done, Look, Pauses
from tui.services.blocking import BlockingPool
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import rules
from tui.services.rds.answers import to_instance, to_snapshot
from tui.services.rds.models import Instance, Snapshot
from tui.services.rds.modification import Modification, is_carried_out, modifying, problems
from tui.services.rds.outcomes import (
    carried_out,
    instance_now,
    is_older,
    snapshot_now,
    started,
    stopped,
    taken,
)

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient
    from types_boto3_rds.type_defs import RestoreDBInstanceFromDBSnapshotMessageTypeDef

_LOOK = "In the SQL pane, n and then i lists the instances with their status."


@dataclass(frozen=True)
class Restore:
    """An instance to make from a snapshot; it has the user and the password of its source then."""

    snapshot: str
    identifier: str
    instance_class: str
    public: bool = False
    security_groups: tuple[str, ...] = ()
    """Empty takes the default group of its VPC."""
    subnet_group: str | None = None
    """None takes the default VPC, to which the security groups must belong then."""
    deletion_protection: bool = False


class Lifecycle:
    """The changes of one account's and region's instances, between creation and deletion.

    Every method raises ServiceError; UNKNOWN where the answer was lost and no look can tell.
    """

    def __init__(self, pool: BlockingPool, here: Callable[[], Connection]) -> None:
        self._pool = pool
        self._here = here
        """The present connection. It is read when a change is asked for: a call that waits for a
        thread must not go to where the user has gone meanwhile."""

    async def stop(self, identifier: str) -> Instance:
        """Ask for an instance to be stopped. AWS starts it again after 7 days."""
        at = self._here()
        return await self._pool.run(lambda: _stop(at.client("rds"), identifier))

    async def start(self, identifier: str) -> Instance:
        """Start a stopped instance; it is billed for its hours again."""
        at = self._here()
        return await self._pool.run(lambda: _start(at.client("rds"), identifier.lower()))

    async def reboot(self, identifier: str) -> Instance:
        """Ask for an instance to be rebooted."""
        at = self._here()
        return await self._pool.run(lambda: _reboot(at.client("rds"), identifier))

    async def modify(self, instance: Instance, change: Modification) -> Instance:
        """Ask for a change. INVALID, with nothing sent, if it breaks a rule of RDS."""
        wrong = problems(change, instance)
        if wrong:
            raise ServiceError(
                "The instance cannot be modified like this.",
                cause=" ".join(wrong),
                kind=ErrorKind.INVALID,
            )
        at = self._here()
        return await self._pool.run(lambda: _modify(at.client("rds"), instance.identifier, change))

    async def take_snapshot(self, identifier: str, name: str) -> Snapshot:
        """Ask for a snapshot. INVALID, with nothing sent, if RDS takes no such name."""
        rules.require_snapshot_name(name)
        at = self._here()
        return await self._pool.run(lambda: _take_snapshot(at.client("rds"), identifier, name))

    async def restore(self, wanted: Restore) -> Instance:
        """Ask for a new instance from a snapshot. INVALID if its identifier breaks a rule."""
        wrong = rules.identifier_problem(wanted.identifier)
        if wrong:
            raise ServiceError(wrong, kind=ErrorKind.INVALID)
        at = self._here()
        return await self._pool.run(lambda: _restore(at.client("rds"), wanted))


def _stop(rds: RDSClient, identifier: str) -> Instance:
    return carried_out(
        f"stop {identifier}",
        lambda: to_instance(rds.stop_db_instance(DBInstanceIdentifier=identifier)["DBInstance"]),
        lambda _: stopped(instance_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _start(rds: RDSClient, identifier: str) -> Instance:
    return carried_out(
        f"start {identifier}",
        lambda: to_instance(rds.start_db_instance(DBInstanceIdentifier=identifier)["DBInstance"]),
        lambda _: started(instance_now(rds, identifier)),
        how_to_look=_LOOK,
    )


def _reboot(rds: RDSClient, identifier: str) -> Instance:
    def look(_: object) -> Done[Instance] | Look:
        found = instance_now(rds, identifier)
        # One that is available was rebooted already, or not at all.
        return Done(found) if found and found.status == "rebooting" else Look.UNCLEAR

    return carried_out(
        f"reboot {identifier}",
        lambda: to_instance(rds.reboot_db_instance(DBInstanceIdentifier=identifier)["DBInstance"]),
        look,
        how_to_look="Its log says when the server started: SELECT pg_postmaster_start_time().",
    )


def _modify(rds: RDSClient, identifier: str, change: Modification) -> Instance:
    def look(_: object) -> Done[Instance] | Look:
        found = instance_now(rds, identifier)
        if found is None:
            return Look.UNCLEAR
        if not is_carried_out(change, found):
            return Look.NOT_DONE
        # The rest may have been so before, and a password is not seen; nor is whether what was
        # pending is applied at once.
        unseen = change.password is not None or change.is_empty
        return Look.UNCLEAR if unseen else Done(found)

    return carried_out(
        f"modify {identifier}",
        lambda: to_instance(rds.modify_db_instance(**modifying(identifier, change))["DBInstance"]),
        look,
        how_to_look=f"{_LOOK} i shows what is pending; a new password is known by its login.",
    )


def _take_snapshot(rds: RDSClient, identifier: str, name: str) -> Snapshot:
    began = datetime.now(UTC)
    return carried_out(
        f"take the snapshot {name}",
        lambda: to_snapshot(
            rds.create_db_snapshot(DBInstanceIdentifier=identifier, DBSnapshotIdentifier=name)[
                "DBSnapshot"
            ]
        ),
        lambda _: taken(snapshot_now(rds, name), identifier, began),
        how_to_look="v on the instance lists its snapshots. If it is there it is billed.",
    )


def _restore(rds: RDSClient, wanted: Restore) -> Instance:
    began = datetime.now(UTC)
    identifier = wanted.identifier.lower()

    def look(_: object) -> Done[Instance] | Look:
        found = instance_now(rds, identifier)
        if found is None or found.instance_class != wanted.instance_class:
            return Look.NOT_DONE
        return Look.NOT_DONE if is_older(found.created, began) else Done(found)

    return carried_out(
        f"create {identifier} from the snapshot {wanted.snapshot}",
        lambda: to_instance(
            rds.restore_db_instance_from_db_snapshot(**restoring(wanted))["DBInstance"]
        ),
        look,
        how_to_look=f"{_LOOK} If it is there it is billed: do not create another one.",
    )


def restoring(wanted: Restore) -> RestoreDBInstanceFromDBSnapshotMessageTypeDef:
    """The parameters of RestoreDBInstanceFromDBSnapshot."""
    request: RestoreDBInstanceFromDBSnapshotMessageTypeDef = {
        "DBInstanceIdentifier": wanted.identifier.lower(),
        "DBSnapshotIdentifier": wanted.snapshot,
        "DBInstanceClass": wanted.instance_class,
        "MultiAZ": False,
        "PubliclyAccessible": wanted.public,
        "AutoMinorVersionUpgrade": False,
        "DeletionProtection": wanted.deletion_protection,
    }
    if wanted.security_groups:
        request["VpcSecurityGroupIds"] = list(wanted.security_groups)
    if wanted.subnet_group is not None:
        request["DBSubnetGroupName"] = wanted.subnet_group
    return request


async def watch_snapshot(
    name: str,
    describe: Callable[[str], Awaitable[Snapshot]],
    pauses: Pauses,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Snapshot]:
    """Each look at a snapshot until it is available. Raises ServiceError, CONFLICT if it failed."""
    looks = 0
    while True:
        found = await describe(name)
        yield found
        if found.status == "available":
            return
        if found.status not in {"creating", "pending", ""}:
            raise ServiceError(
                f"The snapshot {name} will not be complete: its status is {found.status}.",
                hint="The console's Events page says why. Delete it, then take another one.",
                kind=ErrorKind.CONFLICT,
            )
        await sleep(pauses.after(looks))
        looks += 1
