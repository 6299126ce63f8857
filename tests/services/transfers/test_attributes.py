"""What is set on objects while they are uploaded: in one request, natively, in parts, resumed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.transfers.places import MIB, before_each, plan_upload, tree
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.data.conditions import Write
from tui.services.s3.properties.upload_attributes import (
    DEFAULTS,
    UploadAttributes,
    as_headers,
    explained,
)
from tui.services.transfers import ConflictPolicy, JobState, TransferService, UploadItem
from tui.services.transfers.kept_items import _upload, planned_upload

ALL = UploadAttributes(
    "STANDARD_IA",
    "aws:kms",
    "alias/mine",
    bucket_key=True,
    tags=(("a b", "c+d"), ("é", "")),
    metadata=(("owner", "me"),),
    content_type="text/x-own",
    cache_control="max-age=60",
    content_disposition="attachment",
)


@pytest.fixture
async def quick(account: Account, audit: AuditLog) -> AsyncIterator[TransferService]:
    """A service as the application has it: small objects go natively."""
    service = TransferService(S3Service(account, audit), first_delay=0.01)
    yield service
    await service.stop()
    service.close()


def test_what_is_not_set_is_not_sent() -> None:
    assert not DEFAULTS
    assert Write("b", "k", "text/plain").settings == {"ContentType": "text/plain"}
    one = UploadAttributes(storage_class="GLACIER_IR", kms_key="left over", bucket_key=True)
    assert Write("b", "k", attributes=one).settings == {"StorageClass": "GLACIER_IR"}
    assert str(one) == "GLACIER_IR"


def test_what_is_set_has_the_names_of_the_sdk_and_of_the_headers() -> None:
    settings = Write("b", "k", "text/csv", attributes=ALL).settings
    assert settings == {
        "ContentType": "text/x-own",
        "StorageClass": "STANDARD_IA",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "alias/mine",
        "BucketKeyEnabled": True,
        "Tagging": "a+b=c%2Bd&%C3%A9=",
        "Metadata": {"owner": "me"},
        "CacheControl": "max-age=60",
        "ContentDisposition": "attachment",
    }
    headers = dict(as_headers(ALL.parameters))
    assert headers["x-amz-server-side-encryption-bucket-key-enabled"] == "true"
    assert headers["x-amz-meta-owner"] == "me"
    assert headers["x-amz-tagging"] == "a+b=c%2Bd&%C3%A9="
    assert str(ALL) == (
        "STANDARD_IA · SSE-KMS, alias/mine · tag a b=c+d, tag é= · 1 metadata entry · "
        "Content-Type: text/x-own · Cache-Control: max-age=60 · Content-Disposition: attachment"
    )


@pytest.mark.parametrize("attributes", [DEFAULTS, ALL, UploadAttributes(encryption="AES256")])
def test_the_journal_keeps_them(tmp_path: Path, attributes: UploadAttributes) -> None:
    item = UploadItem(tmp_path / "x", "k", 1, 2, checked=True, attributes=attributes)
    file = planned_upload(item, ConflictPolicy.SKIP)
    assert _upload(file.source, file.destination, file.size, json.loads(file.details)) == item


def test_a_refusal_names_the_permissions_that_they_need_or_where_they_are_set() -> None:
    denied = ServiceError("Could not upload k.", cause="AccessDenied", kind=ErrorKind.DENIED)
    said = str(explained(denied, ALL))
    assert "tags need s3:PutObjectTagging" in said
    assert "kms:GenerateDataKey" in said
    assert explained(denied, DEFAULTS) is denied
    assert explained(denied, UploadAttributes(storage_class="GLACIER")) is denied
    wrong = ServiceError("Could not upload k.", code="InvalidTag", kind=ErrorKind.INVALID)
    assert "set with Ctrl+T" in str(explained(wrong, ALL))
    assert explained(wrong, DEFAULTS) is wrong
    missing = ServiceError("Could not upload k.", code="NotImplemented", hint="Not affected.")
    assert "set with Ctrl+T" in str(explained(missing, ALL))
    wrong = ServiceError("Could not upload k.", code="InvalidRequest", hint="Do this.")
    assert explained(wrong, ALL) is wrong
    other = ServiceError("Could not upload k.")
    assert explained(other, ALL) is other


@pytest.mark.parametrize("size", [10, 6 * MIB], ids=["in one request", "in parts"])
async def test_an_object_has_what_was_set(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str, size: int
) -> None:
    await uploaded(transfers, tmp_path, bucket, size)
    await looked_at(s3, bucket)


async def test_the_native_client_sets_the_same(
    quick: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    seen: list[str] = []
    with before_each(s3, "PutObject", lambda **_: seen.append("PutObject")):
        await uploaded(quick, tmp_path, bucket, 10)
    assert seen == []
    await looked_at(s3, bucket)


async def uploaded(transfers: TransferService, tmp_path: Path, bucket: str, size: int) -> None:
    tree(tmp_path, x_csv=b"x" * size)
    plan = await plan_upload(transfers, [tmp_path / "x.csv"], bucket, "")
    items = tuple(replace(item, attributes=ALL) for item in plan.items)
    job = await transfers.start_upload(replace(plan, items=items))
    ended = await transfers.queue.wait(job)
    assert ended.state is JobState.DONE, ended.failures


async def looked_at(s3: Any, bucket: str) -> None:
    head = s3.head_object(Bucket=bucket, Key="x.csv")
    assert head["StorageClass"] == "STANDARD_IA"
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == "alias/mine"
    if head["ContentLength"] < MIB:
        # The sandbox forgets it of an upload in parts.
        assert head["BucketKeyEnabled"] is True
    assert head["Metadata"] == {"owner": "me"}
    assert head["ContentType"] == "text/x-own"
    assert head["CacheControl"] == "max-age=60"
    assert head["ContentDisposition"] == "attachment"
    tags = s3.get_object_tagging(Bucket=bucket, Key="x.csv")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == dict(ALL.tags)


async def test_denied_tags_are_explained_in_the_failure(
    transfers: TransferService, tmp_path: Path, s3: Any, bucket: str
) -> None:
    from botocore.exceptions import ClientError

    def deny(**_: Any) -> None:
        answer: Any = {
            "Error": {"Code": "AccessDenied", "Message": "no s3:PutObjectTagging"},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }
        raise ClientError(answer, "PutObject")

    tree(tmp_path, x=b"1")
    plan = await plan_upload(transfers, [tmp_path / "x"], bucket, "")
    items = tuple(replace(item, attributes=ALL) for item in plan.items)
    with before_each(s3, "PutObject", deny):
        ended = await transfers.queue.wait(await transfers.start_upload(replace(plan, items=items)))
    assert "tags need s3:PutObjectTagging" in ended.failures[0].message
