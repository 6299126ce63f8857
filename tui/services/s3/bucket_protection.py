"""What of a bucket's configuration stands between it and its deletion. Blocking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.s3.buckets import get_versioning_and_mfa
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown, Versioning
from tui.services.s3.policies import PolicyDenies, read_denies

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectLockConfigurationTypeDef

T = TypeVar("T")


@dataclass(frozen=True)
class ObjectLock:
    """Whether versions of a bucket may be locked."""

    enabled: bool = False
    default_retention: str = ""
    """"GOVERNANCE 30 days": what every new version gets; empty if there is none."""


@dataclass(frozen=True)
class BucketProtection:
    """What the bucket's configuration says; each part may be unknown for itself."""

    versioning: Versioning | Unknown = Versioning.NEVER
    mfa_delete: bool = False
    """False also where the versioning is unknown."""
    object_lock: ObjectLock | Unknown = ObjectLock()
    denies: PolicyDenies | Unknown = field(default_factory=PolicyDenies)
    """What the bucket's policy denies; nothing without a policy."""


def read_protection(s3: S3Calls, bucket: str, *, at: Connection) -> BucketProtection:
    """What stands between a bucket of one's own and its deletion.

    Raises ServiceError only if the bucket is gone; a part that may not be read is Unknown.
    """
    s3 = s3.on(at, owned=True)

    def part(read: Callable[[S3Calls, str], T]) -> T | Unknown:
        try:
            return read(s3, bucket)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                raise
            return Unknown(error)

    versioning = part(get_versioning_and_mfa)
    state, mfa_delete = (versioning, False) if isinstance(versioning, Unknown) else versioning
    return BucketProtection(state, mfa_delete, part(_object_lock), part(_denies))


def _object_lock(s3: S3Calls, bucket: str) -> ObjectLock:
    try:
        answer = s3.call(
            f"read the object lock of {bucket}",
            lambda client: client.get_object_lock_configuration,
            Bucket=bucket,
        )
    except ServiceError as error:
        if error.code == "ObjectLockConfigurationNotFoundError":
            return ObjectLock()
        raise
    found = answer.get("ObjectLockConfiguration", {})
    return ObjectLock(found.get("ObjectLockEnabled") == "Enabled", _default_retention(found))


def _default_retention(configuration: ObjectLockConfigurationTypeDef) -> str:
    default = configuration.get("Rule", {}).get("DefaultRetention", {})
    if "Mode" not in default:
        return ""
    days, years = default.get("Days"), default.get("Years")
    return f"{default['Mode']} {f'{days} days' if days else f'{years} years'}"


def _denies(s3: S3Calls, bucket: str) -> PolicyDenies:
    try:
        answer = s3.call(
            f"read the policy of {bucket}", lambda client: client.get_bucket_policy, Bucket=bucket
        )
    except ServiceError as error:
        if error.code == "NoSuchBucketPolicy":
            return PolicyDenies()
        raise
    return read_denies(answer.get("Policy", ""), bucket)
