"""Parts of objects, and objects that change between two parts."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.scripted import scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Beginning, S3Service


async def test_more_of_an_object_is_read_on_request(s3: S3Service, bucket: str, put: Put) -> None:
    put({"x": b"0123456789"})
    beginning = await s3.read_head(bucket, "x", 4)
    longer = await s3.read_more(beginning, 3)
    assert (longer.data, longer.truncated) == (b"0123456", True)
    assert (await s3.read_more(longer, 100)).data == b"0123456789"


async def test_another_version_is_not_mixed_with_what_was_read(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"x": b"0123456789"})
    beginning = await s3.read_head(bucket, "x", 4)
    put({"x": b"abcdefghij"})
    with pytest.raises(ServiceError, match="was changed while it was read") as caught:
        await s3.read_more(beginning, 3)
    assert caught.value.kind is ErrorKind.CHANGED


async def test_a_server_that_ignores_ranges_is_not_believed() -> None:
    with (
        scripted(Answer(200, b"0123456789")) as (s3, _),
        pytest.raises(ServiceError, match="does not give parts"),
    ):
        await s3.read_range("bucket", "x", 4, 2)


async def test_a_workbook_is_read_from_the_store(s3: S3Service, bucket: str, put: Put) -> None:
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["a", 1])
    book.save(out)
    put({"x.xlsx": out.getvalue()})
    beginning = await s3.read_head(bucket, "x.xlsx", 100)
    source = await s3.open_table(beginning)
    assert await s3.table_rows(source, 10) == [["a", "1"]]
    huge = Beginning(bucket, "x.xlsx", b"PK\x03\x04", 10**9, "")
    with pytest.raises(ServiceError, match="read whole"):
        await s3.open_table(huge)
