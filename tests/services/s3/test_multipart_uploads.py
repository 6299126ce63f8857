"""Multipart uploads on the wire: every page, every key, and what is gone already."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest

from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import MultipartUpload

UPLOAD = MultipartUpload("a b\r/c", "u1", None)


def page(key: str, upload: str, *, more: bool = False) -> Answer:
    encoded = quote_plus(key)
    marker = f"<NextKeyMarker>{encoded}</NextKeyMarker>" if more else ""
    return Answer(
        200,
        "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{marker}"
        f"<Upload><Key>{encoded}</Key><UploadId>{upload}</UploadId></Upload>"
        "</ListMultipartUploadsResult>",
    )


async def test_uploads_of_odd_keys_are_listed_to_the_last_page() -> None:
    answers = page("a b", "u1", more=True), page("é+%", "u2", more=True), page("last", "u3")
    with scripted(*answers) as (s3, script):
        pages = s3.list_uploads("b", at=s3.account.connection)
        found = [each async for uploads in pages for each in uploads]

    assert [(each.key, each.upload_id) for each in found] == [
        ("a b", "u1"),
        ("é+%", "u2"),
        ("last", "u3"),
    ]
    assert "key-marker=a%20b" in script.requests[1].path
    assert "key-marker=%C3%A9%2B%25" in script.requests[2].path


async def test_keys_that_a_server_does_not_encode_are_taken_as_they_are() -> None:
    row = "<Upload><Key>a+b%20</Key><UploadId>u1</UploadId></Upload>"
    answer = f"<ListMultipartUploadsResult>{row}</ListMultipartUploadsResult>"
    with scripted(Answer(200, answer)) as (s3, _):
        pages = [each async for each in s3.list_uploads("b", at=s3.account.connection)]

    assert [each.key for each in pages[0]] == ["a+b%20"]


async def test_an_upload_is_aborted_by_its_own_key() -> None:
    with scripted(Answer(204, "")) as (s3, script):
        await s3.abort_upload("b", UPLOAD, at=s3.account.connection)

    assert [(each.method, each.path) for each in script.requests] == [
        ("DELETE", "/b/a%20b%0D/c?uploadId=u1")
    ]


async def test_an_upload_that_is_gone_is_aborted_and_holds_nothing() -> None:
    with scripted(error(404, "NoSuchUpload")) as (s3, _):
        await s3.abort_upload("b", UPLOAD, at=s3.account.connection)
        assert await s3.upload_bytes("b", UPLOAD, at=s3.account.connection) == 0


async def test_the_bytes_of_all_parts_of_all_pages_are_added() -> None:
    part = "<Part><PartNumber>1</PartNumber><Size>100</Size></Part>"
    more = "<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>"
    first = Answer(200, f"<ListPartsResult>{more}{part}{part}</ListPartsResult>")
    last = Answer(200, f"<ListPartsResult><IsTruncated>false</IsTruncated>{part}</ListPartsResult>")
    with scripted(first, last) as (s3, _):
        assert await s3.upload_bytes("b", UPLOAD, at=s3.account.connection) == 300


async def test_parts_that_may_not_be_listed_are_an_error_and_not_zero_bytes() -> None:
    with scripted(error(403, "AccessDenied")) as (s3, _), pytest.raises(ServiceError) as caught:
        await s3.upload_bytes("b", UPLOAD, at=s3.account.connection)

    assert caught.value.kind is ErrorKind.DENIED
