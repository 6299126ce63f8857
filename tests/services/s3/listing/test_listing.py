"""Listings: every key as stored, page by page, and servers that answer differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.keys import HOSTILE
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ROOT, S3Location, S3Service
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing import listing
from tui.services.s3.listing.listing import just_before, list_existing


async def walk(s3: S3Service, bucket: str, *, limit: int) -> list[str]:
    """Every key, found only by opening prefix after prefix, page after page."""
    keys: list[str] = []
    places = [S3Location(bucket)]
    while places:
        place = places.pop()
        token: str | None = None
        while True:
            page = await s3.list_page(place, token, limit=limit)
            assert page.location == place
            places += [S3Location(bucket, prefix) for prefix in page.prefixes]
            keys += [each.key for each in page.objects]
            token = page.next_token
            if token is None:
                break
    return keys


@pytest.mark.parametrize("limit", [1, 7, 1000])
async def test_hostile_keys_are_all_found_unchanged_and_once(
    s3: S3Service, bucket: str, put: Put, limit: int
) -> None:
    put(dict.fromkeys(HOSTILE, b"x"))
    assert sorted(await walk(s3, bucket, limit=limit)) == sorted(HOSTILE)


async def test_a_page_says_what_it_answers_and_gives_prefixes_apart(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"top.txt": b"12345", "a/1": b"", "a/2": b"", "b/": b""})
    page = await s3.list_page(S3Location(bucket))
    assert page.prefixes == ("a/", "b/")
    assert [each.key for each in page.objects] == ["top.txt"]
    top = page.objects[0]
    assert top.size == 5
    assert top.modified is not None
    assert top.modified.tzinfo is UTC
    assert abs(datetime.now(UTC) - top.modified) < timedelta(minutes=5)
    assert top.storage_class == "STANDARD"
    assert top.etag == "827ccb0eea8a706c4c34a16891f84e7b"


async def test_a_folder_marker_is_listed_inside_its_folder(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"dir/": b"", "dir/x": b""})
    page = await s3.list_page(S3Location(bucket, "dir/"))
    assert [each.key for each in page.objects] == ["dir/", "dir/x"]


async def test_a_prefix_without_slash_lists_what_begins_with_it(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"logs/2026-01": b"", "logs/2026-02/x": b"", "logs/2025": b""})
    page = await s3.list_page(S3Location(bucket, "logs/2026-"))
    assert page.prefixes == ("logs/2026-02/",)
    assert [each.key for each in page.objects] == ["logs/2026-01"]


async def test_more_than_a_page_comes_in_pages(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listing.PAGE == 1000  # the most that S3 gives
    monkeypatch.setattr(listing, "PAGE", 10)
    put({f"{number:04}": b"" for number in range(13)})
    first = await s3.list_page(S3Location(bucket))
    assert len(first) == 10
    assert first.next_token is not None
    second = await s3.list_page(S3Location(bucket), first.next_token)
    assert [each.key for each in second.objects] == ["0010", "0011", "0012"]
    assert second.next_token is None


async def test_buckets_are_listed(s3: S3Service, bucket: str) -> None:
    page = await s3.list_buckets()
    mine = next(each for each in page.buckets if each.name == bucket)
    assert mine.created is not None
    assert mine.created.tzinfo is UTC


async def test_a_missing_bucket_says_so(s3: S3Service) -> None:
    with pytest.raises(ServiceError) as caught:
        await s3.list_page(S3Location("no-such-bucket-here"))
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "press r on the list of buckets" in caught.value.hint


async def test_the_list_of_buckets_has_no_objects(s3: S3Service) -> None:
    with pytest.raises(ServiceError):
        await s3.list_page(ROOT)


LISTING = """<ListBucketResult><Name>b</Name>
<Prefix>a%0A%2F</Prefix><EncodingType>url</EncodingType>
<IsTruncated>false</IsTruncated>
<Contents><Key>a%0A%2Fline%0Afeed</Key><Size>5000000000000</Size>
<LastModified>2026-01-02T03:04:05.678Z</LastModified><StorageClass>GLACIER</StorageClass></Contents>
<Contents><Key>a%0A%2Fplus%2Band+space</Key><Size>0</Size></Contents>
<CommonPrefixes><Prefix>a%0A%2F%253A%2F</Prefix></CommonPrefixes></ListBucketResult>"""


async def test_line_feeds_plus_and_space_are_decoded_exactly() -> None:
    with scripted(Answer(body=LISTING)) as (s3, server):
        page = await s3.list_page(S3Location("b--", "a\n/"))
    assert [each.key for each in page.objects] == ["a\n/line\nfeed", "a\n/plus+and space"]
    assert page.prefixes == ("a\n/%3A/",)
    assert page.objects[0].size == 5_000_000_000_000
    assert page.objects[0].modified == datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    assert page.objects[1].modified is None
    assert page.objects[1].storage_class == ""
    assert "prefix=a%0A%2F" in server.requests[0].path


async def test_a_server_that_ignores_the_encoding_is_not_decoded_twice() -> None:
    body = LISTING.replace("<EncodingType>url</EncodingType>", "").replace("%0A", "")
    with scripted(Answer(body=body)) as (s3, _):
        page = await s3.list_page(S3Location("b--"))
    assert page.objects[1].key == "a%2Fplus%2Band+space"


@pytest.mark.parametrize("said", ["", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"])
async def test_a_date_that_the_server_does_not_know_is_unknown(said: str) -> None:
    body = LISTING.replace("2026-01-02T03:04:05.678Z", said)
    with scripted(Answer(body=body)) as (s3, _):
        page = await s3.list_page(S3Location("b--", "a\n/"))
    assert [each.modified for each in page.objects] == [None, None]
    body = BUCKETS.format(region="", rest="").replace("2026-01-02T03:04:05Z", said)
    with scripted(Answer(body=body)) as (s3, _):
        assert (await s3.list_buckets()).buckets[0].created is None
    zero = {"Last-Modified": "Mon, 01 Jan 0001 00:00:00 GMT"}
    with scripted(Answer(200, "", zero)) as (s3, _):
        assert (await s3.head("b--", "x")).modified is None


BUCKETS = """<ListAllMyBucketsResult><Buckets><Bucket><Name>one</Name>
<CreationDate>2026-01-02T03:04:05Z</CreationDate>{region}</Bucket></Buckets>{rest}
</ListAllMyBucketsResult>"""


@pytest.mark.parametrize("code", ["InvalidArgument", "NotImplemented"])
async def test_a_server_that_rejects_paging_of_buckets_is_asked_plainly(code: str) -> None:
    plain = Answer(body=BUCKETS.format(region="", rest=""))
    with scripted(error(400, code), plain) as (s3, server):
        page = await s3.list_buckets()
    assert [(each.name, each.region) for each in page.buckets] == [("one", None)]
    assert "max-buckets" in server.requests[0].path
    assert "max-buckets" not in server.requests[-1].path


async def test_buckets_come_in_pages_with_their_regions() -> None:
    region = "<BucketRegion>eu-west-1</BucketRegion>"
    rest = "<ContinuationToken>next</ContinuationToken>"
    with scripted(Answer(body=BUCKETS.format(region=region, rest=rest))) as (s3, server):
        page = await s3.list_buckets()
        assert page.next_token == "next"
        assert page.buckets[0].region == s3.region_of("one") == "eu-west-1"
        await s3.list_buckets(page.next_token)
    assert "continuation-token=next" in server.requests[1].path


async def test_without_permission_to_list_buckets_the_way_around_is_named() -> None:
    with (
        scripted(error(403, "AccessDenied")) as (s3, _),
        pytest.raises(ServiceError) as caught,
    ):
        await s3.list_buckets()
    assert caught.value.kind is ErrorKind.DENIED
    assert "s3:ListAllMyBuckets" in caught.value.hint
    assert "s3://bucket/prefix/" in caught.value.hint


async def test_a_denied_listing_names_the_permission() -> None:
    with (
        scripted(error(403, "AccessDenied")) as (s3, _),
        pytest.raises(ServiceError) as caught,
    ):
        await s3.list_page(S3Location("bucket"))
    assert "s3:ListBucket" in caught.value.hint


WRONG_REGION = error(
    400,
    "AuthorizationHeaderMalformed",
    "<Region>eu-west-1</Region>",
    x_amz_bucket_region="eu-west-1",
)


async def test_a_bucket_of_another_region_is_followed_there() -> None:
    found = Answer(body=LISTING, headers={"x-amz-bucket-region": "eu-west-1"})
    with scripted(WRONG_REGION, found) as (s3, server):
        page = await s3.list_page(S3Location("bucket"))
        assert len(page.objects) == 2
        assert s3.region_of("bucket") == "eu-west-1"
        asked = len(server.requests)
        await s3.list_page(S3Location("bucket"))
        again = server.requests[asked:]
    assert len(again) == 1
    assert "/eu-west-1/s3/" in again[0].headers["Authorization"]


async def test_a_region_that_does_not_work_either_is_named() -> None:
    with scripted(WRONG_REGION) as (s3, _), pytest.raises(ServiceError) as caught:
        await s3.list_page(S3Location("bucket"))
    assert "eu-west-1" in str(caught.value)


async def test_no_network_is_an_error_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    with scripted(Answer()) as (s3, _):
        pass
    with pytest.raises(ServiceError) as caught:
        await S3Service(s3.account).list_buckets()
    assert caught.value.kind is ErrorKind.NETWORK


# -- everything under a prefix, and which of many keys exist ------------------------------------


def test_listing_jumps_over_what_lies_between(account: Account, bucket: str, put: Put) -> None:
    put({"a": b"1", "z": b"2"} | {f"m/{number:02}": b"" for number in range(30)})
    sdk = account.connection.client("s3")
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


ONE_KEY = """<ListBucketResult><IsTruncated>{more}</IsTruncated><EncodingType>url</EncodingType>
<NextContinuationToken>next</NextContinuationToken>
<Contents><Key>{key}</Key><Size>1</Size></Contents></ListBucketResult>"""


async def test_a_key_that_is_no_text_is_kept_and_does_not_end_a_look() -> None:
    first, last = (
        ONE_KEY.format(more=more, key=key) for more, key in (("true", "a%FF"), ("false", "b"))
    )
    with scripted(Answer(200, first), Answer(200, last)) as (s3, script):
        pages = [page async for page in s3.list_under("bucket", "")]
        assert [each.key for page in pages for each in page] == ["a\udcff", "b"]
        script.answers = [Answer(200, first), Answer(200, last)]
        existing = [page async for page in s3.list_existing("bucket", ["a", "b"])]
    assert [list(page) for page in existing] == [[], ["b"]]
    # No request can name the key: the look goes on from just before the next one asked for.
    assert all("%FF" not in request.path for request in script.requests)


async def test_the_sdk_does_not_read_the_objects_once_more(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore import handlers

    seen: list[int] = []
    looks = handlers._looks_like_special_case_error  # type: ignore[attr-defined]  # not in the stubs

    def look(status: int, body: bytes) -> object:
        seen.append(len(body))
        return looks(status, body)

    put({f"{number:03}": b"" for number in range(20)})
    monkeypatch.setattr(handlers, "_looks_like_special_case_error", look)
    assert len([each async for page in s3.scan(bucket, "") for each in page]) == 20
    assert seen
    assert max(seen) < 1000


async def test_a_long_answer_is_read_as_the_sdk_reads_it() -> None:
    """It is searched in several slices."""
    written = "".join(
        f"<Contents><Key>k/{number:04}%0A</Key><LastModified>2026-01-02T03:04:{number % 60:02}.000Z"
        f"</LastModified><ETag>&quot;{number:032x}&quot;</ETag>"
        f"<Size>{number}</Size>{'<Owner><ID>me</ID></Owner>' if number % 3 else ''}"
        f"<StorageClass>{'GLACIER' if number % 2 else 'STANDARD'}</StorageClass></Contents>"
        for number in range(1000)
    )
    answer = (
        "<ListBucketResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
        f"{written}{{}}</ListBucketResult>"
    )
    # Our own reader leaves an answer with common prefixes to the SDK.
    of_sdk = answer.format("<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>")
    found = []
    for body in (answer.format(""), of_sdk):
        with scripted(Answer(200, body)) as (s3, _):
            found.append([each async for page in s3.list_under("bucket", "") for each in page])
    assert len(found[0]) == 1000
    assert found[0] == found[1]
    assert hash(found[0][7]) == hash(found[1][7])
