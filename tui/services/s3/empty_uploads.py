"""Multipart uploads that were begun and got no part, because the application was killed before it
had written down their ids. Blocking."""

from __future__ import annotations

from datetime import datetime, timedelta

from tui.services.aws import translating
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3.data_plane import DataPlane

CLOCKS_APART = timedelta(minutes=15)
"""How far the clock here may be from that of S3, which refuses requests beyond that
("RequestTimeTooSkewed")."""


def abort_empty(data: DataPlane, bucket: str, key: str, begun: datetime) -> int:
    """Abort the uploads of exactly this key that hold no part and were not begun after that time;
    gives their number. Nothing is done where they may not be listed. Raises ServiceError.
    """
    client, aborted = data.client, 0
    uploads = client.get_paginator("list_multipart_uploads")
    parts = client.list_parts
    try:
        with translating(f"list the multipart uploads in {bucket}"):
            for page in uploads.paginate(Bucket=bucket, Prefix=key):
                for row in page.get("Uploads", ()):
                    later = row["Initiated"] > begun + CLOCKS_APART
                    if row["Key"] != key or later:
                        continue
                    upload_id = row["UploadId"]
                    try:
                        found = parts(Bucket=bucket, Key=key, UploadId=upload_id, MaxParts=1)
                        if not found.get("Parts"):
                            client.abort_multipart_upload(
                                Bucket=bucket, Key=key, UploadId=upload_id
                            )
                            aborted += 1
                    except client.exceptions.NoSuchUpload:
                        continue
    except ServiceError as error:
        if error.kind is not ErrorKind.DENIED:
            raise
    return aborted
