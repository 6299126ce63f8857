"""Directory buckets: listed by their own rules, on a server that speaks as AWS documents it."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.local_server import Answer, Request
from tests.services.s3.scripted import error, s3_answered, scripted
from tui.panes.s3.listing import Listing
from tui.services.aws import Account, Connection, StaticCredentials, Target
from tui.services.aws.guard import is_read
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Bucket, BucketSummary, S3Location, S3Service, Versioning
from tui.services.s3.bucket.directory_buckets import REGIONS
from tui.services.s3.bucket.names import zone_of
from tui.services.s3.calls import S3Calls
from tui.services.s3.listing.listing import list_existing

NAME = "b--use1-az4--x-s3"
SESSION = (
    "<CreateSessionResult><Credentials><SessionToken>t</SessionToken><SecretAccessKey>s"
    "</SecretAccessKey><AccessKeyId>a</AccessKeyId><Expiration>2999-01-01T00:00:00Z</Expiration>"
    "</Credentials></CreateSessionResult>"
)


class DirectoryBucket:
    """Lists its keys in no order, two a page; refuses what AWS refuses of such a bucket."""

    def __init__(self, *keys: str) -> None:
        self.keys = keys
        self.listings: list[dict[str, str]] = []

    def answer(self, request: Request) -> Answer:
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        if "session" in query:
            return Answer(body=SESSION)
        if "list-type" not in query:
            return error(501, "NotImplemented")
        asked = {name: values[0] for name, values in query.items()}
        self.listings.append(asked)
        prefix = asked.get("prefix", "")
        if "start-after" in asked or (prefix and not prefix.endswith("/")):
            return error(400, "InvalidRequest")
        inside = [key for key in self.keys if key.startswith(prefix)]
        if asked.get("delimiter"):
            inside = [key for key in inside if "/" not in key[len(prefix) :]]
        start = int(asked.get("continuation-token", 0))
        more = start + 2 < len(inside)
        contents = "".join(
            f"<Contents><Key>{key}</Key><Size>1</Size></Contents>"
            for key in inside[start : start + 2]
        )
        token = f"<NextContinuationToken>{start + 2}</NextContinuationToken>" if more else ""
        cut = f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        return Answer(body=f"<ListBucketResult>{cut}{token}{contents}</ListBucketResult>")


async def test_a_folder_is_listed_page_by_page_in_the_order_that_comes() -> None:
    with s3_answered(DirectoryBucket("f/c", "f/a", "f/b", "top").answer) as s3:
        first = await s3.list_page(S3Location(NAME, "f/"))
        second = await s3.list_page(S3Location(NAME, "f/"), first.next_token)
    assert [each.key for each in (*first.objects, *second.objects)] == ["f/c", "f/a", "f/b"]
    assert second.next_token is None


async def test_the_beginning_of_a_name_is_not_asked_for() -> None:
    bucket = DirectoryBucket("f/a")
    with s3_answered(bucket.answer) as s3, pytest.raises(ServiceError) as caught:
        await s3.list_page(S3Location(NAME, "f/a"))
    assert caught.value.kind is ErrorKind.INVALID
    assert 'ends in "/"' in caught.value.hint
    assert bucket.listings == []


def test_the_pane_offers_no_names_that_begin_with_a_text() -> None:
    assert not Listing(S3Location(NAME)).is_partial
    assert Listing(S3Location("plain-bucket")).is_partial


async def test_what_is_already_there_is_found_without_an_order() -> None:
    bucket = DirectoryBucket("z", "f/c", "f/a", "f/b", "a", "f/deep/x", "m")
    wanted = ["a", "f/b", "f/none", "f/deep/x", "none"]
    with s3_answered(bucket.answer) as s3:
        found = [key for page in list_existing(S3Calls(s3.account), NAME, wanted) for key in page]
    assert sorted(found) == ["a", "f/b", "f/deep/x"]
    assert {asked.get("prefix", "") for asked in bucket.listings} == {"", "f/", "f/deep/"}


async def test_everything_under_a_folder_is_listed_one_page_after_another() -> None:
    bucket = DirectoryBucket("f/e", "f/a", "f/d", "f/b", "f/c")
    with s3_answered(bucket.answer) as s3:
        keys = [each.key async for page in s3.scan(NAME, "f/") for each in page]
    assert sorted(keys) == ["f/a", "f/b", "f/c", "f/d", "f/e"]
    assert len(bucket.listings) == 3


async def test_it_cannot_be_public_and_nothing_is_asked_for_that() -> None:
    bucket = DirectoryBucket()
    with s3_answered(bucket.answer) as s3:
        assert await s3.summarize_bucket(NAME) == BucketSummary(None, public=False)


LISTED = (
    "<ListAllMyDirectoryBucketsResult><Buckets><Bucket><Name>{}</Name>"
    "<CreationDate>2026-01-02T03:04:05Z</CreationDate></Bucket></Buckets>{}"
    "</ListAllMyDirectoryBucketsResult>"
)


async def test_aws_is_asked_for_them_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "endpoint", None)
    more = "<ContinuationToken>t</ContinuationToken>"
    pages = [Answer(body=LISTED.format(NAME, more)), Answer(body=LISTED.format(f"2{NAME}", ""))]
    with scripted(*pages) as (s3, server):
        found = await s3.list_directory_buckets()
        assert s3.region_of(NAME) == "us-east-1"
    when = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found == (Bucket(NAME, "us-east-1", when), Bucket(f"2{NAME}", "us-east-1", when))
    assert ["continuation-token=t" in each.path for each in server.requests] == [False, True]


async def test_another_server_is_not_asked_for_them() -> None:
    with scripted(error(500, "Unasked")) as (s3, server):
        assert await s3.list_directory_buckets() == ()
        assert server.requests == []
        for answer in (error(404, "NoSuchBucket"), error(400, "AuthorizationParametersError")):
            server.answers = [answer]
            with pytest.raises(ServiceError) as caught:
                await s3.list_page(S3Location(NAME))
            assert "offered by AWS, not by compatible servers" in caught.value.hint


async def test_a_refusal_is_told_as_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "endpoint", None)
    with scripted(error(403, "AccessDenied")) as (s3, _), pytest.raises(ServiceError) as caught:
        await s3.list_directory_buckets()
    assert caught.value.kind is ErrorKind.DENIED


@pytest.mark.parametrize("region", ["sa-east-1", "eu-west-1"])
async def test_a_region_without_an_endpoint_for_them_has_none(
    region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    credentials = StaticCredentials("AKIAEXAMPLE", "visibly-fake")
    s3 = S3Service(Account(Target(None, region, None), credentials=credentials))
    if region in REGIONS:
        with pytest.raises(ServiceError, match="directory buckets"):
            await s3.list_directory_buckets()
    else:
        assert await s3.list_directory_buckets() == ()
    s3.close()


async def test_it_keeps_no_versions_and_is_not_asked_for_them() -> None:
    with scripted(error(500, "Unasked")) as (s3, server):
        assert await s3.versioning(NAME) is Versioning.NEVER
        assert server.requests == []


def test_read_only_mode_lets_its_sessions_and_its_list_through() -> None:
    assert is_read("s3", "CreateSession")
    assert is_read("s3", "ListDirectoryBuckets")


def test_the_zone_is_in_its_name() -> None:
    assert [zone_of(name) for name in (NAME, "a--b--usw2-lax1-az1--x-s3", "plain")] == [
        "use1-az4",
        "usw2-lax1-az1",
        "",
    ]
