"""Multipart uploads that were begun and got no part, because the application was killed before it
had written down their ids. Blocking."""

from __future__ import annotations

from datetime import datetime, timedelta

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.data.data_plane import DataPlane

CLOCKS_APART = timedelta(minutes=15)
"""How far the clock here may be from that of S3, which refuses requests beyond that
("RequestTimeTooSkewed")."""


def abort_empty(data: DataPlane, bucket: str, key: str, begun: datetime) -> int:
    """Abort the upload of exactly this key that holds no part and was begun at that time; gives
    their number, 0 or 1. Several could be it: then none is aborted, for one may be another
    writer's. Nothing is done where they may not be listed. Raises ServiceError.
    """
    client = data.client
    try:
        with translating(f"list the multipart uploads in {bucket}"):
            found = [
                row["UploadId"]
                for page in client.get_paginator("list_multipart_uploads").paginate(
                    Bucket=bucket, Prefix=key
                )
                for row in page.get("Uploads", ())
                if row["Key"] == key and _may_be_begun_at(data, row["Initiated"], begun)
            ]
            empty = [each for each in found if _is_empty(data, bucket, key, each)]
            if len(empty) == 1:
                client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=empty[0])
    except ServiceError as error:
        if error.kind is not ErrorKind.DENIED and error.code != "NoSuchUpload":
            raise
        return 0
    return len(empty) if len(empty) == 1 else 0


def _may_be_begun_at(data: DataPlane, said: datetime, begun: datetime) -> bool:
    if said > begun + CLOCKS_APART:
        return False
    # Some compatible servers give a date that means nothing.
    is_aws = str(data.client.meta.endpoint_url).endswith("amazonaws.com")
    return not is_aws or said >= begun - CLOCKS_APART


def _is_empty(data: DataPlane, bucket: str, key: str, upload_id: str) -> bool:
    try:
        found = data.client.list_parts(Bucket=bucket, Key=key, UploadId=upload_id, MaxParts=1)
    except data.client.exceptions.NoSuchUpload:
        return False
    return not found.get("Parts")
