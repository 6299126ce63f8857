"""Folders, which S3 has only as zero-byte objects whose keys end in "/". Blocking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tui.services.aws import Connection, Done, Look
from tui.services.errors import ServiceError
from tui.services.s3.calls import S3Calls
from tui.services.s3.copying.copy_source import NO_CONDITIONS, UNMET, exists_now, head_or_none
from tui.services.s3.data.stored_name import listing_of, refuse_other_name

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def put_folder(s3: S3Calls, bucket: str, prefix: str, *, at: Connection | None = None) -> None:
    """Store the zero-byte marker of a folder; `prefix` ends in "/".

    Raises ServiceError; EXISTS if the marker is there already, INVALID if the server keeps it under
    another name.
    """
    s3 = s3.on(at)
    request: dict[str, Any] = {"Bucket": bucket, "Key": prefix, "Body": b""}
    action = f"make the folder {prefix!r}"

    def look(_: Mapping[str, Any]) -> Done[None] | Look:
        there = head_or_none(s3, bucket, prefix)
        return Look.NOT_DONE if there is None else Look.UNCLEAR

    def send(**condition: str) -> None:
        s3.change(action, _put_object, lambda _: None, look, **request, **condition)

    def refuse(*, written: bool) -> None:
        if s3.connection.endpoint is not None:
            refuse_other_name(listing_of(s3, bucket), bucket, prefix, written=written)

    try:
        send(IfNoneMatch="*")
    except ServiceError as error:
        if error.code in UNMET:
            refuse(written=False)
            raise exists_now(prefix, error.cause) from error
        if error.code not in NO_CONDITIONS:
            raise
        if head_or_none(s3, bucket, prefix) is not None:
            refuse(written=False)
            raise exists_now(prefix, "") from error
        send()
    refuse(written=True)


def _put_object(client: S3Client) -> Callable[..., Any]:
    return client.put_object
