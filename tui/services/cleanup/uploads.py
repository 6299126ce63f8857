"""Multipart uploads that were begun and neither completed nor aborted: their parts are billed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from tui.services.cleanup.stores import Stores
from tui.services.errors import ErrorKind, ServiceError


@dataclass(frozen=True)
class Upload:
    """One multipart upload under way, or left behind."""

    key: str
    upload_id: str
    begun: datetime | None
    """None if the server does not say."""


async def uploads(stores: Stores, bucket: str, page: int) -> AsyncGenerator[list[Upload], None]:
    """Every multipart upload of a bucket, page by page. Raises ServiceError."""
    async for answer in stores.pages(
        "s3",
        "list_multipart_uploads",
        f"list the multipart uploads in {bucket}",
        tokens={"NextKeyMarker": "KeyMarker", "NextUploadIdMarker": "UploadIdMarker"},
        Bucket=bucket,
        MaxUploads=page,
        decode=_decoded,
        EncodingType="url",
    ):
        yield [
            Upload(str(row["Key"]), str(row["UploadId"]), row.get("Initiated"))
            for row in answer.get("Uploads", [])
        ]


def _decoded(answer: dict[str, Any]) -> dict[str, Any]:
    """What the SDK does by itself for every other listing, but not for this one."""
    if answer.get("EncodingType") != "url":
        return answer
    rows = [{**row, "Key": unquote_plus(row["Key"])} for row in answer.get("Uploads", [])]
    marker = unquote_plus(answer.get("NextKeyMarker") or "")
    return {**answer, "Uploads": rows, "NextKeyMarker": marker}


def when_begun(oldest: datetime, newest: datetime) -> str:
    """ "on 2026-01-15", "between 2026-01-15 and 2026-02-01"."""
    first, last = f"{oldest:%Y-%m-%d}", f"{newest:%Y-%m-%d}"
    return f"on {first}" if first == last else f"between {first} and {last}"


def may_not_be_listed(error: ServiceError) -> bool:
    """Whether uploads are unknown here, for want of permission or of the operation."""
    return error.kind is ErrorKind.DENIED or error.code == "NotImplemented"
