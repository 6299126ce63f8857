"""What copies leave behind and what they get anew, by the buckets between which they go.

Blocking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tui.services.aws import Connection
from tui.services.errors import ServiceError
from tui.services.s3.bucket.bucket_protection import ObjectLock, read_object_lock
from tui.services.s3.bucket.buckets import get_versioning
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown, Versioning

T = TypeVar("T")


@dataclass(frozen=True)
class CopyTerms:
    """Each part may be unknown for itself."""

    acls: bool | Unknown
    """Whether objects of the source bucket may have ACLs of their own: a copy gets none.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html"""
    lock: ObjectLock | Unknown
    """Of the source bucket: retention and legal holds stay with their versions."""
    to_lock: ObjectLock | Unknown
    """Of the destination: its default retention is put on the copies."""
    versioning: Versioning | Unknown
    """Of the source bucket: what a move leaves there."""
    other_region: bool
    """Whether the destination is known to be in another region."""


def read_terms(s3: S3Calls, bucket: str, to_bucket: str, *, at: Connection) -> CopyTerms:
    """What copies from one bucket to another leave behind. Raises nothing."""
    s3 = s3.on(at)

    def part(read: Callable[[S3Calls, str], T], of: str) -> T | Unknown:
        try:
            return read(s3, of)
        except ServiceError as error:
            return Unknown(error)

    lock = part(read_object_lock, bucket)
    return CopyTerms(
        part(_has_acls, bucket),
        lock,
        lock if to_bucket == bucket else part(read_object_lock, to_bucket),
        part(get_versioning, bucket),
        s3.region_of(bucket) != s3.region_of(to_bucket),
    )


def _has_acls(s3: S3Calls, bucket: str) -> bool:
    answer = s3.configuration(
        frozenset({"OwnershipControlsNotFoundError"}),
        f"read who owns the objects in {bucket}",
        lambda client: client.get_bucket_ownership_controls,
        Bucket=bucket,
    )
    if answer is None:
        return True
    rules = answer.get("OwnershipControls", {}).get("Rules", ())
    return all(rule.get("ObjectOwnership") != "BucketOwnerEnforced" for rule in rules)
