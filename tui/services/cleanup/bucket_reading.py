"""What a bucket's configuration says about deleting it; each part denied is said to be so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tui.services.cleanup.bucket_policy import PolicyDenies, read_denies
from tui.services.cleanup.models import (
    BucketDetail,
    Protection,
    ProtectionKind,
    Resource,
    Versioning,
    reason,
)
from tui.services.cleanup.stores import Stores
from tui.services.errors import ErrorKind, ServiceError

_NOT_CONFIGURED = {"NoSuchBucketPolicy", "ObjectLockConfigurationNotFoundError"}


async def read_bucket(stores: Stores, resource: Resource) -> Resource:
    """The bucket with its versioning, object lock, MFA delete and policy read.

    Raises ServiceError NOT_FOUND if the bucket is gone; what is denied lands in `unknown`.
    """
    versioning, lock, policy = await asyncio.gather(
        _read(stores, "get_bucket_versioning", resource.name),
        _read(stores, "get_object_lock_configuration", resource.name),
        _read(stores, "get_bucket_policy", resource.name),
    )
    unknown = [
        f"{what}: {reason(answer)}"
        for what, answer in (("versioning", versioning), ("object lock", lock), ("policy", policy))
        if isinstance(answer, ServiceError)
    ]
    detail = BucketDetail(
        versioning=_versioning(versioning),
        object_lock=_object_lock(lock),
        default_retention=_default_retention(lock),
    )
    denies = PolicyDenies()
    if not isinstance(policy, ServiceError):
        denies = read_denies(str(policy.get("Policy", "")), resource.name)
    return replace(
        resource,
        detail=detail,
        about=_about(detail, denies),
        protections=_protections(versioning, denies),
        unknown=tuple(unknown),
    )


async def _read(stores: Stores, operation: str, bucket: str) -> dict[str, Any] | ServiceError:
    what = operation.removeprefix("get_").replace("_", " ")
    try:
        return await stores.call("s3", operation, f"read the {what} of {bucket}", Bucket=bucket)
    except ServiceError as error:
        if error.code in _NOT_CONFIGURED:
            return {}
        if error.kind is ErrorKind.NOT_FOUND and error.code == "NoSuchBucket":
            raise
        return error


def _versioning(answer: Mapping[str, Any] | ServiceError) -> Versioning | None:
    if isinstance(answer, ServiceError):
        return None
    states = {"Enabled": Versioning.ENABLED, "Suspended": Versioning.SUSPENDED}
    return states.get(str(answer.get("Status")), Versioning.NEVER)


def _object_lock(answer: Mapping[str, Any] | ServiceError) -> bool | None:
    if isinstance(answer, ServiceError):
        return None
    configuration = answer.get("ObjectLockConfiguration") or {}
    return configuration.get("ObjectLockEnabled") == "Enabled"


def _default_retention(answer: Mapping[str, Any] | ServiceError) -> str | None:
    if isinstance(answer, ServiceError):
        return None
    rule = (answer.get("ObjectLockConfiguration") or {}).get("Rule") or {}
    default = rule.get("DefaultRetention") or {}
    if not default.get("Mode"):
        return None
    span = f"{default['Days']} days" if default.get("Days") else f"{default.get('Years')} years"
    return f"{default['Mode']} {span}"


def _about(detail: BucketDetail, denies: PolicyDenies) -> tuple[str, ...]:
    about: list[str] = []
    if detail.versioning is Versioning.ENABLED:
        about.append("versioned")
    if detail.versioning is Versioning.SUSPENDED:
        about.append("versioning suspended")
    if detail.object_lock:
        about.append(f"object lock ({detail.default_retention or 'no default retention'})")
    if denies.perhaps:
        about.append(f"its policy denies {', '.join(denies.perhaps)} to some")
    return tuple(about)


def _protections(
    versioning: Mapping[str, Any] | ServiceError, denies: PolicyDenies
) -> tuple[Protection, ...]:
    found: list[Protection] = []
    if not isinstance(versioning, ServiceError) and versioning.get("MFADelete") == "Enabled":
        found.append(
            Protection(
                ProtectionKind.MFA_DELETE,
                "MFA delete is on: versions go only with a code of the root user's device.",
                hint="Switch it off first, as root: aws s3api put-bucket-versioning --mfa …",
            )
        )
    if denies.objects or denies.bucket:
        what = " and ".join(
            name
            for name, denied in (
                ("deleting its objects", denies.objects),
                ("deleting the bucket", denies.bucket),
            )
            if denied
        )
        found.append(
            Protection(
                ProtectionKind.POLICY,
                f"The bucket's policy denies {what} to everyone.",
                lifting="Try all the same",
                stays="Its policy stays as it is, and what it denies is refused.",
                hint="Change the policy first, for example with aws s3api delete-bucket-policy.",
                only_bucket=not denies.objects,
            )
        )
    return tuple(found)
