"""Single objects: details, links, deletion."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.keys import HOSTILE
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Account, Connection, CredentialsLife, Target
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import DeleteOutcome, S3Location, S3Service
from tui.services.s3.deleting import deleting


async def deleted(s3: S3Service, bucket: str, keys: Sequence[str]) -> DeleteOutcome:
    """What became of all the keys together."""
    told = [outcome async for outcome in s3.delete_objects(bucket, keys)]
    return DeleteOutcome(
        tuple(key for outcome in told for key in outcome.deleted),
        tuple(failure for outcome in told for failure in outcome.failed),
        sum(outcome.markers for outcome in told),
    )


async def test_details_hold_what_was_stored(s3: S3Service, bucket: str, put: Put) -> None:
    put(
        {"a//%2F [b]": b"12345"},
        ContentType="text/x",
        CacheControl="no-cache",
        Metadata={"owner": "[red]me"},
        StorageClass="STANDARD_IA",
        ServerSideEncryption="AES256",
    )
    details = await s3.head(bucket, "a//%2F [b]")
    assert details.size == 5
    assert details.content_type == "text/x"
    assert details.metadata == (("owner", "[red]me"),)
    assert details.storage_class == "STANDARD_IA"
    assert details.encryption == "AES256"
    assert ("cache control", "no-cache") in details.extra
    assert details.modified is not None
    assert details.modified.tzinfo is UTC


async def test_no_storage_class_header_means_standard(s3: S3Service, bucket: str, put: Put) -> None:
    put({"x": b""})
    assert (await s3.head(bucket, "x")).storage_class == "STANDARD"


async def test_a_missing_object_is_not_found(s3: S3Service, bucket: str) -> None:
    with pytest.raises(ServiceError) as caught:
        await s3.head(bucket, "missing")
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("key", HOSTILE)
async def test_a_link_opens_exactly_its_object(
    s3: S3Service, bucket: str, put: Put, key: str
) -> None:
    put({key: f"body of {key!r}".encode()})
    link = await s3.presign(bucket, key, timedelta(hours=1))
    with urlopen(link.url) as answer:
        assert answer.read().decode() == f"body of {key!r}"
    assert abs(link.expires - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)
    assert link.limited_by == ""
    assert link.certain


async def test_a_link_cannot_outlive_seven_days(s3: S3Service, bucket: str) -> None:
    link = await s3.presign(bucket, "x", timedelta(days=30))
    assert link.expires - datetime.now(UTC) <= timedelta(days=7)
    assert "7 days" in link.limited_by
    query = parse_qs(urlsplit(link.url).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Expires"] == [str(7 * 24 * 3600)]


async def test_a_link_cannot_outlive_its_credentials(
    s3: S3Service, account: Account, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setattr(account, "credentials_life", lambda: CredentialsLife(end, temporary=True))
    link = await s3.presign(bucket, "x", timedelta(hours=12))
    assert abs(link.expires - end) < timedelta(seconds=5)
    assert "credentials" in link.limited_by
    assert link.certain


async def test_temporary_credentials_without_an_end_make_the_expiry_uncertain(
    s3: S3Service, account: Account, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "credentials_life", lambda: CredentialsLife(None, temporary=True))
    assert not (await s3.presign(bucket, "x", timedelta(hours=1))).certain


async def test_a_deleted_object_is_gone_and_its_link_with_it(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"x": b"1", "y": b"2"})
    link = await s3.presign(bucket, "x", timedelta(hours=1))
    outcome = await deleted(s3, bucket, ["x"])
    assert (outcome.deleted, outcome.failed, outcome.markers) == (("x",), (), 0)
    with pytest.raises(HTTPError):
        urlopen(link.url)
    assert [each.key for each in (await s3.list_page(S3Location(bucket))).objects] == ["y"]


async def test_what_changed_after_it_was_shown_is_not_deleted(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1", "b": b"1", "c\x01": b"1", "d\x01": b"1"})
    shown = [each async for page in s3.scan(bucket, "") for each in page]
    keys, etags = [each.key for each in shown], [each.etag for each in shown]
    put({"a": b"another", "c\x01": b"another"})
    told = [each async for each in s3.delete_objects(bucket, keys, etags=etags)]
    assert sorted(key for each in told for key in each.deleted) == ["b", "d\x01"]
    assert {failed.key for each in told for failed in each.failed} == {"a", "c\x01"}
    left = [each.key async for page in s3.scan(bucket, "") for each in page]
    assert left == ["a", "c\x01"]


async def test_what_changed_is_seen_however_far_apart_the_keys_lie(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "LOOK_PAGES", 0)
    put({"a": b"1", "z": b"1"})
    etag = (await s3.head(bucket, "a")).etag
    put({"a": b"another"})
    told = [each async for each in s3.delete_objects(bucket, ["a", "z"], etags=[etag, etag])]
    assert [(each.deleted, each.failed[0].key) for each in told] == [(("z",), "a")]


async def test_aws_is_told_the_etag_of_each_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "endpoint", None)
    changed = (
        "<DeleteResult><Error><Key>a</Key><Code>PreconditionFailed</Code></Error>"
        "<Error><Key>b</Key><Code>AccessDenied</Code></Error>"
        "<Error><Key>d</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    )
    listed = (
        "<ListBucketResult><Contents><Key>b</Key><Size>1</Size><ETag>b1</ETag></Contents>"
        "<Contents><Key>d</Key><Size>1</Size><ETag>other</ETag></Contents></ListBucketResult>"
    )
    script = (Answer(200, changed), Answer(200, listed), Answer(200, "<DeleteResult/>"))
    with scripted(*script) as (s3, server):
        etags = ["a1", "b1", "", "d1"]
        (outcome,) = [each async for each in s3.delete_objects("bucket", "abcd", etags=etags)]
    assert outcome.deleted == ("b", "c")
    assert {each.key for each in outcome.failed} == {"a", "d"}
    assert all("changed after it was shown" in each.message for each in outcome.failed)
    first, _, second = (request.body.decode() for request in server.requests)
    assert [part in first for part in ("<ETag>a1<", "<ETag>b1<", "<Key>c</Key><")] == [True] * 3
    assert first.count("<ETag>") == 3
    # Without s3:GetObject the condition is denied: then a look has to do.
    assert "<Key>b<" in second
    assert "<ETag>" not in second


async def test_hostile_keys_are_deleted_and_nothing_else(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put(dict.fromkeys((*HOSTILE, "kept"), b""))
    outcome = await deleted(s3, bucket, HOSTILE)
    assert sorted(outcome.deleted) == sorted(HOSTILE)
    assert outcome.failed == ()
    page = await s3.list_page(S3Location(bucket))
    assert ([each.key for each in page.objects], page.prefixes) == (["kept"], ())


async def test_in_a_versioned_bucket_a_delete_only_adds_a_marker(
    s3: S3Service, account: Account, bucket: str, put: Put
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put({"x": b"old", "y": b""})
    version = (await s3.head(bucket, "x")).version_id
    assert version
    assert (await deleted(s3, bucket, ["x", "y"])).markers == 2
    assert (await s3.head(bucket, "x", version)).size == 3


async def test_the_markers_of_a_delete_are_removed_and_no_older_ones(
    s3: S3Service, account: Account, bucket: str, put: Put
) -> None:
    client = account.connection.client("s3")
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    put(dict.fromkeys((*HOSTILE, "gone before"), b"1"))
    await deleted(s3, bucket, ["gone before"])
    made = [each async for each in s3.delete_objects(bucket, HOSTILE)]
    markers = [name for outcome in made for name in outcome.made]
    assert sorted(name.key for name in markers) == sorted(HOSTILE)
    back = [each async for each in s3.remove_markers(bucket, markers)]
    assert sum(len(each.deleted) for each in back) == len(HOSTILE)
    assert {name for outcome in back for name in outcome.removed} == set(markers)
    pages = [page async for page in s3.list_under(bucket, "")]
    assert sorted(each.key for page in pages for each in page) == sorted(HOSTILE)


async def test_keys_that_stay_are_told_with_their_reason() -> None:
    body = """<DeleteResult><Deleted><Key>a</Key></Deleted>
    <Error><Key>b
c</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"""
    with scripted(Answer(body=body)) as (s3, server):
        outcome = await deleted(s3, "bucket", ["a", "b\rc"])
    assert outcome.deleted == ("a",)
    assert [(each.key, each.code) for each in outcome.failed] == [("b\rc", "AccessDenied")]
    assert b"b&#xD;c" in server.requests[0].body


async def test_more_than_a_thousand_keys_take_several_calls() -> None:
    ok = Answer(body="<DeleteResult/>")
    with scripted(ok, error(403, "AccessDenied")) as (s3, server):
        outcome = await deleted(s3, "bucket", [str(number) for number in range(1001)])
    assert len(server.requests) == 2
    assert len(outcome.deleted) == 1000
    assert [each.key for each in outcome.failed] == ["1000"]


@pytest.mark.parametrize("code", ["ExpiredToken", "SlowDown"])
async def test_a_delete_ends_where_all_that_follows_would_fail_as_well(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.aws.session.MAX_ATTEMPTS", 1)
    monkeypatch.setattr("tui.services.aws.calls.ATTEMPTS", 1)
    keys = [str(number) for number in range(2001)]
    with scripted(Answer(body="<DeleteResult/>"), error(400, code)) as (s3, server):
        async with aclosing(s3.delete_objects("bucket", keys)) as outcomes:
            assert len((await anext(outcomes)).deleted) == 1000
            with pytest.raises(ServiceError) as caught:
                await anext(outcomes)
        assert len(server.requests) == 2
    assert caught.value.code == code


async def test_a_delete_is_told_call_by_call_and_stops_between_two() -> None:
    keys = [str(number) for number in range(3000)]
    with scripted(Answer(body="<DeleteResult/>")) as (s3, server):
        async with aclosing(s3.delete_objects("bucket", keys)) as outcomes:
            first = await anext(outcomes)
        assert first.deleted == tuple(keys[:1000])
        assert len(server.requests) == 1


async def test_a_delete_does_not_go_on_in_another_account() -> None:
    keys = [str(number) for number in range(2000)]
    with scripted(Answer(body="<DeleteResult/>")) as (s3, server):
        here = s3.account.connection
        async with aclosing(s3.delete_objects("bucket", keys, at=here)) as outcomes:
            await anext(outcomes)
            s3.account.switch(region="eu-west-1")
            with pytest.raises(ServiceError) as caught:
                await anext(outcomes)
        assert caught.value.kind is ErrorKind.CONFLICT
        assert len(server.requests) == 1


async def test_a_delete_that_fails_at_once_is_an_error() -> None:
    with (
        scripted(error(403, "AccessDenied")) as (s3, _),
        pytest.raises(ServiceError) as caught,
    ):
        await deleted(s3, "bucket", ["a"])
    assert "s3:DeleteObject" in caught.value.hint


async def test_a_policy_that_denies_is_reported_by_key(
    s3: S3Service, account: Account, bucket: str, put: Put
) -> None:
    put({"x": b""})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    account.connection.client("s3").put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    outcome = await deleted(s3, bucket, ["x"])
    assert outcome.deleted == ()
    assert [(each.key, each.code) for each in outcome.failed] == [("x", "AccessDenied")]


async def test_a_key_that_is_no_utf_8_is_refused_before_anything_is_sent() -> None:
    with scripted(Answer()) as (s3, server), pytest.raises(ServiceError) as caught:
        await s3.head("bucket", "x\udcff")
    assert caught.value.kind is ErrorKind.INVALID
    assert server.requests == []


async def test_a_key_that_is_no_utf_8_is_told_apart_from_those_that_went() -> None:
    with scripted(Answer(body="<DeleteResult/>")) as (s3, _):
        outcome = await deleted(s3, "bucket", ["x\udcff", "y"])
    assert outcome.deleted == ("y",)
    assert [each.key for each in outcome.failed] == ["x\udcff"]


async def test_an_answer_that_is_not_s3s_is_an_error() -> None:
    hotel = Answer(body="<html>Please log in to the hotel's network")
    with scripted(hotel) as (s3, _), pytest.raises(ServiceError):
        await s3.list_page(S3Location("bucket"))


async def test_no_link_is_signed_without_credentials() -> None:
    account = Account(Target(None, "us-east-1", "http://127.0.0.1:9", unsigned=True))
    s3 = S3Service(account)
    with pytest.raises(ServiceError, match="A link that expires is signed"):
        await s3.presign("bucket", "key", timedelta(hours=1))
    s3.close()
    account.close()
