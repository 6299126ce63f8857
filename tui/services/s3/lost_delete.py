"""What became of a delete whose answer was lost: what is still listed was not deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.buckets import get_versioning
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Versioning

PAGES = 20
"""Pages of the listing that are read to find out. The keys of one call lie close together; where
they do not, it is better to say that nothing is known than to read a whole bucket."""


def after_lost_delete(s3: S3Calls, bucket: str, keys: Sequence[str]) -> dict[str, Any]:
    """What DeleteObjects would have answered, as the listing shows it. Raises ServiceError."""
    listed = _listed(s3, bucket, keys)
    marked = keeps_versions(s3, bucket)
    return {
        "Deleted": [{"Key": key, "DeleteMarker": marked} for key in keys if key not in listed],
        "Errors": [
            {"Key": key, "Code": "StillThere", "Message": "the answer was lost; it is still listed"}
            for key in keys
            if key in listed
        ],
    }


def _listed(s3: S3Calls, bucket: str, keys: Sequence[str]) -> set[str]:
    """Those of `keys` that are listed."""
    wanted = set(keys)
    left = sorted(keys, key=_order)
    found: set[str] = set()
    after = ""
    for _ in range(PAGES):
        after = max(after, left[0][:-1], key=_order)
        page = s3.call(
            f"see which objects of {bucket} are left",
            lambda client: client.list_objects_v2,
            Bucket=bucket,
            StartAfter=after,
        )
        names = [str(entry["Key"]) for entry in page.get("Contents", ())]
        found |= wanted.intersection(names)
        if not page.get("IsTruncated") or not names:
            return found
        after = names[-1]
        left = [key for key in left if _order(key) > _order(after)]
        if not left:
            return found
    raise ServiceError("The objects lie too far apart to look for them.", kind=ErrorKind.OTHER)


def _order(key: str) -> bytes:
    """S3 lists in the order of the bytes."""
    return key.encode("utf-8", "surrogatepass")


def is_gone(s3: S3Calls, bucket: str, key: str) -> bool:
    """Whether no object has this key now. Raises ServiceError.

    For keys with control characters, which not every server can say in a listing.
    """
    try:
        s3.call(
            f"see whether {key!r} is there",
            lambda client: client.head_object,
            Bucket=bucket,
            Key=key,
        )
    except ServiceError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return True
        raise
    return False


def keeps_versions(s3: S3Calls, bucket: str) -> bool:
    """Whether a delete leaves a delete marker; False if it may not be read. Raises ServiceError."""
    try:
        return get_versioning(s3, bucket) is not Versioning.NEVER
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED:
            return False
        raise
