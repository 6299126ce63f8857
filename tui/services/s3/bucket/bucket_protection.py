"""What of a bucket's configuration stands between it and its deletion. Blocking."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.s3.bucket.buckets import get_versioning_and_mfa
from tui.services.s3.bucket.names import is_directory_bucket
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown, Versioning

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectLockConfigurationTypeDef

T = TypeVar("T")

OBJECT_ACTIONS = ("s3:DeleteObject", "s3:DeleteObjectVersion")
BUCKET_ACTION = "s3:DeleteBucket"

SESSION_ACTION = "s3express:CreateSession"
"""What all that is done to objects of a directory bucket needs.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html"""

EXPRESS_BUCKET_ACTION = "s3express:DeleteBucket"


@dataclass(frozen=True)
class ObjectLock:
    """Whether versions of a bucket may be locked."""

    enabled: bool = False
    default_retention: str = ""
    """"GOVERNANCE 30 days": what every new version gets; empty if there is none."""


@dataclass(frozen=True)
class PolicyDenies:
    """Which deletes a policy's Deny statements stop."""

    objects: bool = False
    """Every delete of an object or version is denied to everyone."""
    bucket: bool = False
    """Deleting the bucket is denied to everyone."""
    perhaps: tuple[str, ...] = ()
    """Actions that are denied to some, under a condition or for some keys only; whether that
    means us, only the service can say."""


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
    of_directory = is_directory_bucket(bucket)
    # AWS refuses to be told the owner of a directory bucket where its policy is read.
    s3 = s3.on(at, owned=not of_directory)

    def part(read: Callable[[S3Calls, str], T]) -> T | Unknown:
        try:
            return read(s3, bucket)
        except ServiceError as error:
            if error.code == "NoSuchBucket":
                raise
            return Unknown(error)

    if of_directory:
        return BucketProtection(denies=part(_denies))
    versioning = part(get_versioning_and_mfa)
    state, mfa_delete = (versioning, False) if isinstance(versioning, Unknown) else versioning
    return BucketProtection(state, mfa_delete, part(read_object_lock), part(_denies))


def read_object_lock(s3: S3Calls, bucket: str) -> ObjectLock:
    """Whether versions of the bucket may be locked. Raises ServiceError."""
    answer = s3.configuration(
        frozenset({"ObjectLockConfigurationNotFoundError"}),
        f"read the object lock of {bucket}",
        lambda client: client.get_object_lock_configuration,
        Bucket=bucket,
    )
    if answer is None:
        return ObjectLock()
    found = answer.get("ObjectLockConfiguration", {})
    return ObjectLock(found.get("ObjectLockEnabled") == "Enabled", _default_retention(found))


def _default_retention(configuration: ObjectLockConfigurationTypeDef) -> str:
    default = configuration.get("Rule", {}).get("DefaultRetention", {})
    if "Mode" not in default:
        return ""
    days, years = default.get("Days"), default.get("Years")
    return f"{default['Mode']} {f'{days} days' if days else f'{years} years'}"


def _denies(s3: S3Calls, bucket: str) -> PolicyDenies:
    answer = s3.configuration(
        frozenset({"NoSuchBucketPolicy"}),
        f"read the policy of {bucket}",
        lambda client: client.get_bucket_policy,
        Bucket=bucket,
    )
    if answer is None:
        return PolicyDenies()
    return read_denies(answer.get("Policy", ""), bucket)


# -- what a policy says about deleting: only what can be said without guessing ------------------


def read_denies(document: str, bucket: str) -> PolicyDenies:
    """Read a policy document (JSON); one that is not readable denies nothing that we know of.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
    """
    try:
        policy = json.loads(document)
    except ValueError:
        return PolicyDenies()
    statements = _listed(policy.get("Statement")) if isinstance(policy, dict) else []
    actions: tuple[str, ...] = (*OBJECT_ACTIONS, BUCKET_ACTION)
    if is_directory_bucket(bucket):
        actions = (SESSION_ACTION, EXPRESS_BUCKET_ACTION)
    objects = on_bucket = False
    perhaps: list[str] = []
    for statement in statements:
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Deny":
            continue
        certain = _everyone(statement) and not statement.get("Condition")
        for action in actions:
            covers = _covers(statement, action, bucket)
            if covers is None:
                continue
            if not (certain and covers):
                perhaps.append(action)
            elif action in {BUCKET_ACTION, EXPRESS_BUCKET_ACTION}:
                on_bucket = True
            else:
                objects = True
    return PolicyDenies(objects, on_bucket, tuple(dict.fromkeys(perhaps)))


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    return [value]


def _everyone(statement: Mapping[str, object]) -> bool:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return "*" in _listed(principal.get("AWS"))
    return principal == "*"


def _covers(statement: Mapping[str, object], action: str, bucket: str) -> bool | None:
    """True: for all that the action is done to; False: for some of it; None: not at all."""
    if "NotAction" in statement:
        excepted = any(_like(action, pattern) for pattern in _listed(statement["NotAction"]))
        if excepted:
            return None
    elif not any(_like(action, pattern) for pattern in _listed(statement.get("Action"))):
        return None
    if "NotResource" in statement:
        return False
    arn = f"arn:aws:s3:::{bucket}"
    resources = [str(item) for item in _listed(statement.get("Resource"))]
    if action in {SESSION_ACTION, EXPRESS_BUCKET_ACTION}:
        # Their resource is the bucket: arn:aws:s3express:REGION:ACCOUNT:bucket/NAME.
        names = [each.rpartition(":")[2] for each in resources]
        return True if any(fnmatchcase(f"bucket/{bucket}", name) for name in names) else None
    if action == BUCKET_ACTION:
        return True if any(fnmatchcase(_plain(arn), _plain(r)) for r in resources) else None
    if any(_plain(r) in ("*", f"{_plain(arn)}*", f"{_plain(arn)}/*") for r in resources):
        return True
    return False if any(_plain(r).startswith(f"{_plain(arn)}/") for r in resources) else None


def _plain(arn: str) -> str:
    # China and GovCloud write another partition; the bucket is the same one.
    parts = arn.split(":", 2)
    return f"arn:aws:{parts[2]}" if len(parts) == 3 else arn


def _like(action: str, pattern: object) -> bool:
    return fnmatchcase(action.lower(), str(pattern).lower())
