"""The properties of an object changed as planned: its tags, its lock, or the object written anew.

Blocking; each function raises ServiceError, CHANGED if the object is not what was planned with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.models import Unknown
from tui.services.s3.properties.models import Stored
from tui.services.s3.properties.properties import (
    read_legal_hold,
    read_retention,
    read_stored,
    read_tags,
)
from tui.services.s3.properties.property_changes import PlannedChange, patched
from tui.services.s3.properties.rewriting import PartsWatch, rewrite

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_UNMET = {"PreconditionFailed", "412", "ConditionalRequestConflict"}


def change_properties(
    s3: S3Calls,
    planned: PlannedChange,
    *,
    watch: PartsWatch | None = None,
    at: Connection | None = None,
) -> None:
    """Change an object as planned, if it is still what was read; `watch` follows what is copied in
    parts."""
    s3 = s3.on(at)
    if planned.problem:
        raise ServiceError(
            f"{planned.key!r} was not changed.", cause=planned.problem, kind=ErrorKind.INVALID
        )
    stored = _still(s3, planned)
    change = planned.change
    if change.tags:
        _refuse_other_tags(s3, planned)
    if change.locks:
        if change.retention is not None or change.no_retention:
            _set_retention(s3, planned, stored)
        if change.legal_hold is not None:
            _set_hold(s3, planned, stored, on=change.legal_hold)
    elif change.rewrites:
        try:
            rewrite(s3, planned, stored, watch)
        except ServiceError as error:
            if error.code in _UNMET:
                raise _changed(planned.key, error.cause) from error
            raise
    else:
        _set_tags(s3, planned, stored)


def _still(s3: S3Calls, planned: PlannedChange) -> Stored:
    """What is stored, which is what was read."""
    properties = planned.properties
    now, before = read_stored(s3, properties.bucket, properties.key), properties.stored
    if isinstance(before, Unknown) or _identity(now) != _identity(before):
        raise _changed(planned.key, "")
    return now


def _identity(stored: Stored) -> tuple[object, ...]:
    # A copy onto itself leaves the ETag as it was.
    return stored.etag, stored.version_id, stored.modified, stored.size


def _changed(key: str, cause: str) -> ServiceError:
    return ServiceError(
        f"{key!r} was changed after it was read. It was left as it is.",
        cause=cause,
        hint="Press r to see it as it is now.",
        kind=ErrorKind.CHANGED,
    )


def _place(planned: PlannedChange, stored: Stored) -> dict[str, str]:
    """Names the version that was read, so that no other one is changed."""
    place = {"Bucket": planned.properties.bucket, "Key": planned.key}
    if stored.version_id and stored.version_id != "null":
        place["VersionId"] = stored.version_id
    return place


# -- tags ----------------------------------------------------------------------------------


def _refuse_other_tags(s3: S3Calls, planned: PlannedChange) -> None:
    properties = planned.properties
    if read_tags(s3, properties.bucket, properties.key) != properties.tags:
        raise _changed(planned.key, "Its tags are not any more what was read.")


def _set_tags(s3: S3Calls, planned: PlannedChange, stored: Stored) -> None:
    properties = planned.properties
    assert not isinstance(properties.tags, Unknown)  # planned with them
    wanted = patched(properties.tags, planned.change.tags)

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        same = read_tags(s3, properties.bucket, properties.key) == wanted
        return Done(None) if same else Look.UNCLEAR

    def send(place: Mapping[str, str]) -> None:
        action = f"set the tags of {planned.key!r}"
        if not wanted:
            s3.change(action, _delete_tags, lambda _: None, look, **place)
            return
        tags = [{"Key": key, "Value": value} for key, value in wanted.items()]
        s3.change(action, _put_tags, lambda _: None, look, **place, Tagging={"TagSet": tags})

    place = _place(planned, stored)
    try:
        send(place)
    except ServiceError as error:
        if error.kind is not ErrorKind.DENIED or "VersionId" not in place:
            raise
        # A version by its id needs s3:PutObjectVersionTagging, the present one does not.
        _still(s3, planned)
        del place["VersionId"]
        send(place)


# -- lock ----------------------------------------------------------------------------------


def _set_retention(s3: S3Calls, planned: PlannedChange, stored: Stored) -> None:
    properties, change = planned.properties, planned.change
    bucket, key, wanted = properties.bucket, properties.key, change.retention
    if not isinstance(properties.retention, Unknown):
        now = read_retention(s3, bucket, key)
        if now != properties.retention:
            raise _changed(key, "Its retention is not any more what was read.")

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        return Done(None) if read_retention(s3, bucket, key) == wanted else Look.UNCLEAR

    retention = {"Mode": wanted.mode, "RetainUntilDate": wanted.until} if wanted else {}
    request: dict[str, Any] = {**_place(planned, stored), "Retention": retention}
    if change.bypass_governance:
        request["BypassGovernanceRetention"] = True
    try:
        s3.change(
            f"set the retention of {key!r}",
            _put_retention,
            lambda _: None,
            look,
            **request,
        )
    except ServiceError as error:
        if error.kind is ErrorKind.DENIED:
            needs = "s3:PutObjectRetention"
            if change.bypass_governance:
                needs += " and s3:BypassGovernanceRetention"
            error.hint = (
                f"It needs {needs}; a retention that holds may only grow longer without a bypass."
            )
        raise


def _set_hold(s3: S3Calls, planned: PlannedChange, stored: Stored, *, on: bool) -> None:
    properties = planned.properties

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        same = read_legal_hold(s3, properties.bucket, properties.key) is on
        return Done(None) if same else Look.UNCLEAR

    s3.change(
        f"set the legal hold of {planned.key!r}",
        _put_hold,
        lambda _: None,
        look,
        **_place(planned, stored),
        LegalHold={"Status": "ON" if on else "OFF"},
    )


# Which parameters are sent is known only when it runs, so the stubs cannot check them.


def _put_tags(client: S3Client) -> Callable[..., Any]:
    return client.put_object_tagging


def _delete_tags(client: S3Client) -> Callable[..., Any]:
    return client.delete_object_tagging


def _put_retention(client: S3Client) -> Callable[..., Any]:
    return client.put_object_retention


def _put_hold(client: S3Client) -> Callable[..., Any]:
    return client.put_object_legal_hold
