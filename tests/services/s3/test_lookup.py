"""Which of many keys exist, and everything under a prefix, whatever the keys look like."""

from __future__ import annotations

from typing import Any

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.keys import HOSTILE
from tests.services.s3.scripted import scripted
from tui.services.aws import Account
from tui.services.s3 import S3Service
from tui.services.s3.calls import S3Calls
from tui.services.s3.lookup import just_before, list_existing


def test_listing_jumps_over_what_lies_between(account: Account, bucket: str, put: Put) -> None:
    put({"a": b"1", "z": b"2"} | {f"m/{number:02}": b"" for number in range(30)})
    sdk = account.client("s3")
    asked: list[str] = []

    def in_small_pages(params: dict[str, Any], **_: Any) -> None:
        asked.append(params["StartAfter"])
        params["MaxKeys"] = 5

    event = "provide-client-params.s3.ListObjectsV2"
    sdk.meta.events.register(event, in_small_pages, unique_id="small-pages")
    found: dict[str, object] = {}
    try:
        for page in list_existing(S3Calls(account), bucket, ["a", "m/01", "missing", "z", "😀"]):
            found.update(page)
    finally:
        sdk.meta.events.unregister(event, unique_id="small-pages")
    assert sorted(found) == ["a", "m/01", "z"]
    assert len(asked) <= 3


@pytest.mark.parametrize("key", ["a", "a\0", "x/y z", "\ue000", "é", "[/]", "a" * 1024, "\0"])
def test_a_listing_from_just_before_a_key_begins_with_it(key: str) -> None:
    before = just_before(key)
    assert before.encode() < key.encode()
    assert len(before.encode()) <= 1024


async def test_every_key_under_a_prefix_is_listed_as_it_is(
    s3: S3Service, bucket: str, put: Put
) -> None:
    keys = [f"p/{key}" for key in HOSTILE if "\r" not in key and "\n" not in key]
    put(dict.fromkeys(keys, b"x") | {"q": b"elsewhere"})
    pages = [page async for page in s3.list_under(bucket, "p/")]
    found = [each for page in pages for each in page]
    assert sorted(each.key for each in found) == sorted(keys)
    assert {each.size for each in found} == {1}
    assert all(each.etag and '"' not in each.etag for each in found)


LISTING = """<ListBucketResult><IsTruncated>{more}</IsTruncated><EncodingType>url</EncodingType>
<NextContinuationToken>next</NextContinuationToken>
<Contents><Key>{key}</Key><Size>1</Size></Contents></ListBucketResult>"""


async def test_a_key_that_is_no_text_is_kept_and_does_not_end_a_look() -> None:
    first, last = (
        LISTING.format(more=more, key=key) for more, key in (("true", "a%FF"), ("false", "b"))
    )
    with scripted(Answer(200, first), Answer(200, last)) as (s3, script):
        pages = [page async for page in s3.list_under("bucket", "")]
        assert [each.key for page in pages for each in page] == ["a\udcff", "b"]
        script.answers = [Answer(200, first), Answer(200, last)]
        existing = [page async for page in s3.list_existing("bucket", ["a", "b"])]
    assert [list(page) for page in existing] == [[], ["b"]]
    # No request can name the key: the look goes on from just before the next one asked for.
    assert all("%FF" not in request.path for request in script.requests)
