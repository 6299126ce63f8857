"""The calls that create and delete an instance, and that delete a snapshot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tui.services.aws import Done, Look
from tui.services.rds.answers import to_instance
from tui.services.rds.models import Instance
from tui.services.rds.new_instance import NewInstance
from tui.services.rds.outcomes import (
    carried_out,
    deleted,
    instance_now,
    is_older,
    snapshot_now,
    unprotected,
)

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient
    from types_boto3_rds.type_defs import CreateDBInstanceMessageTypeDef

_LOOK = "In the SQL pane, n and then i lists the instances"


def create(rds: RDSClient, new: NewInstance) -> Instance:
    """Ask for an instance. CreateDBInstance has no token that makes a repeat harmless: after a lost
    answer, what is there is compared with what was asked for.
    """
    began = datetime.now(UTC)

    def look(_: object) -> Done[Instance] | Look:
        found = instance_now(rds, new.stored_identifier)
        if found is None or not _is_as_asked(found, new) or is_older(found.created, began):
            return Look.NOT_DONE
        return Done(found)

    return carried_out(
        f"create {new.stored_identifier}",
        lambda: to_instance(rds.create_db_instance(**creation(new))["DBInstance"]),
        look,
        how_to_look=f"{_LOOK}. If it is there it is billed: do not create another one.",
    )


def turn_protection_off(rds: RDSClient, identifier: str) -> None:
    """Ask for an instance's deletion protection to be turned off.

    Without ApplyImmediately: this setting never waits, and other pending changes must.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
    """

    def send() -> None:
        rds.modify_db_instance(DBInstanceIdentifier=identifier, DeletionProtection=False)

    carried_out(
        f"turn the deletion protection of {identifier} off",
        send,
        lambda _: unprotected(instance_now(rds, identifier)),
        how_to_look=f"{_LOOK} with their protection.",
    )


def delete(rds: RDSClient, identifier: str, final_snapshot: str | None) -> None:
    """Ask for an instance and its automated backups to be deleted; without a name no final
    snapshot is taken."""

    def send() -> None:
        if final_snapshot is None:
            rds.delete_db_instance(
                DBInstanceIdentifier=identifier,
                DeleteAutomatedBackups=True,
                SkipFinalSnapshot=True,
            )
        else:
            rds.delete_db_instance(
                DBInstanceIdentifier=identifier,
                DeleteAutomatedBackups=True,
                SkipFinalSnapshot=False,
                FinalDBSnapshotIdentifier=final_snapshot,
            )

    carried_out(
        f"delete the instance {identifier}",
        send,
        lambda _: deleted(instance_now(rds, identifier)),
        how_to_look=f"{_LOOK}.",
    )


def delete_snapshot(rds: RDSClient, name: str) -> None:
    """Delete a manual snapshot."""

    def send() -> None:
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)

    carried_out(
        f"delete the snapshot {name}",
        send,
        lambda _: deleted(snapshot_now(rds, name)),
        how_to_look="The cleanup screen lists the snapshots: refresh it.",
    )


def _is_as_asked(found: Instance, new: NewInstance) -> bool:
    """Whether an instance is what was asked for, as far as AWS tells."""
    asked = (
        (found.engine, "postgres"),
        (found.instance_class, new.instance_class),
        (found.master_user, new.master_user),
        (found.storage_gib, new.storage_gib),
        (found.storage_type, new.storage_type),
        (found.public, new.public),
        (found.database or "", new.database),
        (found.backup_days, new.backup_days),
        (found.deletion_protection, new.deletion_protection),
    )
    group = new.security_group
    return all(is_now == was_asked for is_now, was_asked in asked) and (
        group is None or group in found.security_groups
    )


def creation(new: NewInstance) -> CreateDBInstanceMessageTypeDef:
    """The parameters of CreateDBInstance for a valid new instance."""
    request: CreateDBInstanceMessageTypeDef = {
        "DBInstanceIdentifier": new.stored_identifier,
        "Engine": "postgres",
        "DBInstanceClass": new.instance_class,
        "MasterUsername": new.master_user,
        # No MaxAllocatedStorage: that is what turns storage autoscaling on.
        "AllocatedStorage": new.storage_gib,
        "StorageType": new.storage_type,
        "PubliclyAccessible": new.public,
        "MultiAZ": False,
        "BackupRetentionPeriod": new.backup_days,
        "EnablePerformanceInsights": False,
        "AutoMinorVersionUpgrade": False,
        "DeletionProtection": new.deletion_protection,
    }
    if new.managed:
        request["ManageMasterUserPassword"] = True
    else:
        request["MasterUserPassword"] = new.password
    if new.engine_version is not None:
        request["EngineVersion"] = new.engine_version
    if new.database:
        request["DBName"] = new.database
    if new.security_group is not None:
        request["VpcSecurityGroupIds"] = [new.security_group]
    return request
