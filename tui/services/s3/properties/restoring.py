"""Archived objects made readable again: what it takes, what S3 says to it. Blocking.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.properties.properties import read_stored

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TIERING = "INTELLIGENT_TIERING"

_UNDER_WAY = {"RestoreAlreadyInProgress"}


class Tier(Enum):
    """How fast, which is how dear, a restore is."""

    EXPEDITED = "Expedited"
    STANDARD = "Standard"
    BULK = "Bulk"


TIMES = {
    Tier.EXPEDITED: "1-5 minutes, dearest; not for DEEP_ARCHIVE",
    Tier.STANDARD: "3-5 hours; DEEP_ARCHIVE within 12 hours",
    Tier.BULK: "5-12 hours, cheapest; DEEP_ARCHIVE within 48 hours",
}
"""How long it takes, as AWS says it."""


@dataclass(frozen=True)
class RestoreWish:
    """What is asked for."""

    days: int
    """How long the copy that can be read stays. Of no meaning for INTELLIGENT_TIERING, whose
    objects come back for good."""
    tier: Tier


class Restored(Enum):
    """What S3 says to a wish; the value is what a person is told."""

    BEGUN = "restore begun"
    UNDER_WAY = "under way already"
    LONGER = "readable already: stays so for the days asked for, from now on"
    READABLE = "not archived: it can be read"


def restore_object(
    s3: S3Calls,
    bucket: str,
    key: str,
    wish: RestoreWish,
    *,
    storage_class: str,
    at: Connection | None = None,
) -> Restored:
    """Ask for an archived object to be made readable; it goes on at S3, for minutes to days.

    Raises ServiceError.
    """
    s3 = s3.on(at)
    if storage_class == TIERING:
        stored = read_stored(s3, bucket, key)
        if not stored.archive_status:
            return Restored.READABLE
        if stored.archive_status.startswith("DEEP") and wish.tier is Tier.EXPEDITED:
            raise _no_expedited(key, "the Deep Archive Access tier")
    elif storage_class == "DEEP_ARCHIVE" and wish.tier is Tier.EXPEDITED:
        raise _no_expedited(key, "DEEP_ARCHIVE")
    request: dict[str, Any] = {"GlacierJobParameters": {"Tier": wish.tier.value}}
    if storage_class != TIERING:
        request["Days"] = wish.days

    def look(_: Mapping[str, Any]) -> Done[Restored] | Look:
        restore = read_stored(s3, bucket, key).restore
        if restore == "in progress":
            return Done(Restored.BEGUN)
        return Look.UNCLEAR if restore else Look.NOT_DONE

    try:
        return s3.change(
            f"restore {key!r}",
            _restore_object,
            _read,
            look,
            Bucket=bucket,
            Key=key,
            RestoreRequest=request,
        )
    except ServiceError as error:
        if error.code in _UNDER_WAY:
            return Restored.UNDER_WAY
        if error.code == "GlacierExpeditedRetrievalNotAvailable":
            error.hint = "AWS has no room for Expedited now: choose Standard, or try again later."
        if error.code == "InvalidObjectState":
            error.hint = "It is not archived, or its class cannot be restored: press i to see it."
        raise


def _read(answer: Mapping[str, Any]) -> Restored:
    # 202 begins a restore; 200 sets the days of a copy that is there already.
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return Restored.LONGER if status == 200 else Restored.BEGUN


def _no_expedited(key: str, where: str) -> ServiceError:
    return ServiceError(
        f"{key!r} was not restored.",
        cause=f"AWS has no Expedited restore from {where}.",
        hint="Choose Standard or Bulk.",
        kind=ErrorKind.INVALID,
    )


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _restore_object(client: S3Client) -> Callable[..., Any]:
    return client.restore_object
