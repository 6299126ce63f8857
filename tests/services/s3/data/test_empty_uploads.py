"""An upload whose id was never written down is found again, and nobody else's is aborted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.services.transfers.places import MIB
from tui.services.aws import Account
from tui.services.s3 import DataPlane
from tui.services.s3.data.empty_uploads import abort_empty


def begin(client: Any, bucket: str, key: str) -> str:
    return str(client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"])


def left(client: Any, bucket: str) -> set[str]:
    found = client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
    return {each["UploadId"] for each in found}


def test_one_empty_upload_of_the_key_is_aborted(account: Account, bucket: str) -> None:
    client = account.connection.client("s3")
    begin(client, bucket, "k")
    other = begin(client, bucket, "k2")
    assert abort_empty(DataPlane(client, None), bucket, "k", datetime.now(UTC)) == 1
    assert left(client, bucket) == {other}
    client.abort_multipart_upload(Bucket=bucket, Key="k2", UploadId=other)


def test_of_several_none_is_aborted_and_one_with_parts_never(account: Account, bucket: str) -> None:
    client = account.connection.client("s3")
    first, second = begin(client, bucket, "k"), begin(client, bucket, "k")
    data = DataPlane(client, None)
    assert abort_empty(data, bucket, "k", datetime.now(UTC)) == 0
    assert left(client, bucket) == {first, second}
    client.upload_part(Bucket=bucket, Key="k", UploadId=first, PartNumber=1, Body=b"x" * MIB)
    assert abort_empty(data, bucket, "k", datetime.now(UTC)) == 1
    assert left(client, bucket) == {first}
    client.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=first)
