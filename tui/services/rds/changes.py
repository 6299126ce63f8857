"""The calls that change an instance or a snapshot, and what to do about RDS's refusals of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from tui.services.aws import (
    Done,
    Look,
    Looker,
    change,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds.answers import to_instance
from tui.services.rds.models import Instance
from tui.services.rds.new_instance import NewInstance

if TYPE_CHECKING:
    from types_boto3_rds import RDSClient
    from types_boto3_rds.type_defs import CreateDBInstanceMessageTypeDef

T = TypeVar("T")

CLOCKS = timedelta(minutes=5)
"""How far the clocks of this machine and of AWS may differ: AWS refuses requests beyond that."""

_LOOK = "In the SQL pane, n and then i lists the instances"


def create(rds: RDSClient, new: NewInstance) -> Instance:
    """Ask for an instance. CreateDBInstance has no token that makes a repeat harmless: after a lost
    answer, what is there is compared with what was asked for.
    """
    began = datetime.now(UTC)

    def look(_: object) -> Done[Instance] | Look:
        found = described(rds, new.stored_identifier)
        if found is None or not _is_as_asked(found, new):
            return Look.NOT_DONE
        older = found.created is not None and found.created < began - CLOCKS
        return Look.NOT_DONE if older else Done(found)

    return carried_out(
        f"create {new.stored_identifier}",
        lambda: to_instance(rds.create_db_instance(**creation(new))["DBInstance"]),
        look,
        how_to_look=f"{_LOOK}. If it is there it is billed: do not create another one.",
    )


def start(rds: RDSClient, identifier: str) -> Instance:
    """Start a stopped instance."""

    def look(_: object) -> Done[Instance] | Look:
        found = described(rds, identifier)
        if found is None:
            return Look.UNCLEAR
        return Look.NOT_DONE if found.status in {"stopped", "stopping"} else Done(found)

    return carried_out(
        f"start {identifier}",
        lambda: to_instance(rds.start_db_instance(DBInstanceIdentifier=identifier)["DBInstance"]),
        look,
        how_to_look=f"{_LOOK} with their status.",
    )


def turn_protection_off(rds: RDSClient, identifier: str) -> None:
    """Ask for an instance's deletion protection to be turned off.

    Without ApplyImmediately: this setting never waits, and other pending changes must.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html
    """

    def send() -> None:
        rds.modify_db_instance(DBInstanceIdentifier=identifier, DeletionProtection=False)

    def look(_: object) -> Done[None] | Look:
        found = described(rds, identifier)
        return Look.NOT_DONE if found is not None and found.deletion_protection else Done(None)

    carried_out(
        f"turn the deletion protection of {identifier} off",
        send,
        look,
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

    def look(_: object) -> Done[None] | Look:
        found = described(rds, identifier)
        return Done(None) if found is None or found.status == "deleting" else Look.NOT_DONE

    carried_out(f"delete the instance {identifier}", send, look, how_to_look=f"{_LOOK}.")


def delete_snapshot(rds: RDSClient, name: str) -> None:
    """Delete a manual snapshot."""

    def send() -> None:
        rds.delete_db_snapshot(DBSnapshotIdentifier=name)

    def look(_: object) -> Done[None] | Look:
        try:
            answer = rds.describe_db_snapshots(DBSnapshotIdentifier=name)
        except rds.exceptions.DBSnapshotNotFoundFault:
            return Done(None)
        going = all(each.get("Status") == "deleting" for each in answer["DBSnapshots"])
        return Done(None) if going else Look.NOT_DONE

    carried_out(
        f"delete the snapshot {name}",
        send,
        look,
        how_to_look="The cleanup screen lists the snapshots: refresh it.",
    )


def carried_out(action: str, send: Callable[[], T], look: Looker[T], *, how_to_look: str) -> T:
    """The answer of a change; RDS's refusals with their next steps. As `change`."""
    with _explaining():
        return change(action, send, look, how_to_look=how_to_look)


def described(rds: RDSClient, identifier: str) -> Instance | None:
    """An instance as it is now; None if there is none. Raises what the SDK raises."""
    try:
        answer = rds.describe_db_instances(DBInstanceIdentifier=identifier)
    except rds.exceptions.DBInstanceNotFoundFault:
        return None
    return to_instance(answer["DBInstances"][0])


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


_OTHER_CLASS = "Choose the other class or another version; not every region has every pair."
_NETWORK = "Create a default VPC (`aws ec2 create-default-vpc`), or switch to another region."

_HINTS = {
    "DBInstanceAlreadyExists": "Choose another identifier; it is unique per account and region.",
    "DBSubnetGroupDoesNotCoverEnoughAZs": _NETWORK,
    "DBSubnetGroupNotFoundFault": _NETWORK,
    "InstanceQuotaExceeded": "Delete an instance that is not needed, or ask for a higher quota in "
    "the console (Service Quotas, Amazon RDS).",
    "InsufficientDBInstanceCapacity": "AWS has no room for this class here now. " + _OTHER_CLASS,
    "DBClusterSnapshotAlreadyExistsFault": "Choose another name; v on a member lists its "
    "cluster's snapshots.",
    "InvalidDBClusterStateFault": "Wait until the cluster is available, then try again.",
    "InvalidDBClusterSnapshotStateFault": "Wait until the snapshot is available, then try again.",
    "DBSnapshotAlreadyExists": "Choose another name; v on an instance lists its snapshots.",
    "InvalidDBSnapshotState": "Wait until the snapshot is available, then try again.",
    "SnapshotQuotaExceeded": "Delete a snapshot that is not needed (v on an instance, or F8), or "
    "ask for a higher quota in the console (Service Quotas, Amazon RDS).",
    "InvalidDBInstanceState": "Wait until its status is available, then try again.",
    "InvalidParameterCombination": _OTHER_CLASS,
    "InvalidSubnet": _NETWORK,
    "InvalidVPCNetworkStateFault": "Public access needs a VPC with an internet gateway: create it "
    "without public access, or attach a gateway first.",
    "KMSKeyNotAccessibleFault": "The KMS key is disabled, or these credentials may not use it.",
    "StorageQuotaExceeded": "Ask for less storage, or for a higher quota (Service Quotas).",
    "StorageTypeNotSupported": "Choose the other storage type.",
}
"""Next steps by RDS's code, for what the general translation has no hint for."""


@contextmanager
def _explaining() -> Iterator[None]:
    """Add the hint that belongs to RDS's code to a ServiceError without one."""
    try:
        yield
    except ServiceError as error:
        hint = error.hint or _hint(error)
        raise ServiceError(
            error.message, cause=error.cause, hint=hint, code=error.code, kind=error.kind
        ) from error.__cause__


def _hint(error: ServiceError) -> str:
    code = error.code
    hint = _HINTS.get(code) or _HINTS.get(code.removesuffix("Fault")) or _HINTS.get(f"{code}Fault")
    if hint is not None:
        return hint
    if error.kind is ErrorKind.CONFLICT:
        return "Wait until its status is available, then try again."
    return ""
