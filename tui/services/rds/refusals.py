"""What to do about RDS's refusals: the next step for each of its codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tui.services.errors import ErrorKind, ServiceError

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
def explaining() -> Iterator[None]:
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
