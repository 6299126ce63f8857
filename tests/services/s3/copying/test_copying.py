"""Copies on the server's side: what they keep, what they refuse, and what a move deletes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.buckets import Put, own_bucket
from tests.local_server import Answer
from tests.services.s3.keys import HOSTILE
from tests.services.s3.scripted import Script, error, scripted
from tui.services.aws import Account, Connection
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ObjectCopy, ObjectLock, S3Service, Unknown, Versioning


async def copy_of(s3: S3Service, bucket: str, key: str, to: str, **more: Any) -> ObjectCopy:
    etag = (await s3.head(bucket, key)).etag
    return ObjectCopy(bucket, key, etag, more.pop("to_bucket", bucket), to, **more)


@pytest.mark.parametrize("in_parts", [False, True])
async def test_a_copy_keeps_everything(
    s3: S3Service,
    bucket: str,
    put: Put,
    account: Account,
    in_parts: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if in_parts:
        monkeypatch.setattr("tui.services.s3.copying.copying.SINGLE_COPY_BYTES", 4)
    put(
        {"a": b"12345"},
        ContentType="text/x",
        CacheControl="no-cache",
        ContentEncoding="br",
        Metadata={"who": "me"},
        StorageClass="STANDARD_IA",
        ServerSideEncryption="AES256",
        Tagging="k=v%20%2Bw",
    )
    other = own_bucket(account)
    await s3.copy_object(await copy_of(s3, bucket, "a", "to/b", to_bucket=other))
    before, after = await s3.head(bucket, "a"), await s3.head(other, "to/b")
    for name in ("size", "content_type", "content_encoding", "metadata", "storage_class", "extra"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.encryption == "AES256"
    tags = account.connection.client("s3").get_object_tagging(Bucket=other, Key="to/b")["TagSet"]
    assert tags == [{"Key": "k", "Value": "v +w"}]


async def test_hostile_keys_are_moved_exactly(s3: S3Service, bucket: str, put: Put) -> None:
    put(dict.fromkeys(HOSTILE, b"x"))
    copier = s3.copier(s3.account.connection, bucket)
    for key in HOSTILE:
        copy = await copy_of(s3, bucket, key, f"+{key}")
        await s3.copy_object(copy)
        copier.delete_source(copy)
    left = [each.key async for page in s3.list_under(bucket, "") for each in page]
    assert sorted(left) == sorted(f"+{key}" for key in HOSTILE)


async def test_nothing_is_overwritten_unasked_and_only_what_was_seen(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1", "b": b"2"})
    with pytest.raises(ServiceError) as refused:
        await s3.copy_object(await copy_of(s3, bucket, "a", "b"))
    assert refused.value.kind is ErrorKind.EXISTS
    with pytest.raises(ServiceError) as refused:
        await s3.copy_object(await copy_of(s3, bucket, "a", "b", replaces="another"))
    assert refused.value.kind is ErrorKind.CHANGED
    assert (await s3.head(bucket, "b")).etag != (await s3.head(bucket, "a")).etag
    seen = (await s3.head(bucket, "b")).etag
    await s3.copy_object(await copy_of(s3, bucket, "a", "b", replaces=seen))
    assert (await s3.head(bucket, "b")).etag == (await s3.head(bucket, "a")).etag


async def test_a_source_that_changed_is_neither_copied_nor_deleted(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1"})
    copy = await copy_of(s3, bucket, "a", "b")
    put({"a": b"another"})
    with pytest.raises(ServiceError) as told:
        await s3.copy_object(copy)
    assert told.value.kind is ErrorKind.CHANGED
    with pytest.raises(ServiceError) as told:
        s3.copier(s3.account.connection, bucket).delete_source(copy)
    assert told.value.kind is ErrorKind.CHANGED
    assert (await s3.head(bucket, "a")).size == 7


async def test_the_source_of_a_move_is_deleted_after_it(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1"})
    copy = await copy_of(s3, bucket, "a", "b")
    await s3.copy_object(copy)
    s3.copier(s3.account.connection, bucket).delete_source(copy)
    with pytest.raises(ServiceError):
        await s3.head(bucket, "a")


async def test_a_source_that_is_its_own_copy_under_another_name_is_not_deleted() -> None:
    """MinIO keeps `/a` as `a`: to move `a` to `/a` finds the same there already."""
    head = Answer(headers={"ETag": '"e"'})
    nothing = Answer(body="<ListBucketResult><EncodingType>url</EncodingType></ListBucketResult>")
    with scripted(head, head, nothing, head, nothing) as (s3, server):
        copier = s3.copier(s3.account.connection, "bucket")
        copy = ObjectCopy("bucket", "a", "e", "bucket", "/a")
        assert not copier.is_made(copy)
        with pytest.raises(ServiceError, match="under another name"):
            copier.delete_source(copy)
    assert {each.method for each in server.requests} == {"HEAD", "GET"}


@pytest.mark.parametrize("alias", ["ap-c0ffee-s3alias", "other-bucket"])
async def test_an_object_behind_an_access_point_of_its_bucket_is_not_taken_for_its_copy(
    alias: str,
) -> None:
    said = {"ETag": '"e"', "Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"}
    with scripted(Answer(headers=said)) as (s3, _):
        copier = s3.copier(s3.account.connection, "bucket")
        copy = ObjectCopy("bucket", "a", "e", alias, "a")
        if alias == "other-bucket":
            assert copier.is_made(copy)
            return
        with pytest.raises(ServiceError, match="the object itself") as told:
            copier.is_made(copy)
    assert told.value.kind is ErrorKind.INVALID


async def test_the_conditions_are_sent() -> None:
    head = Answer(headers={"ETag": '"e"'})
    with scripted(head, error(404, "NoSuchKey"), error(412, "PreconditionFailed"), head) as told:
        s3, server = told
        with pytest.raises(ServiceError) as refused:
            await s3.copy_object(ObjectCopy("bucket", "a", "e", "bucket", "b"))
    assert refused.value.kind is ErrorKind.EXISTS
    sent = headers_of(server, 2)
    assert sent["if-none-match"] == "*"
    assert sent["x-amz-copy-source-if-match"] == '"e"'


def headers_of(server: Script, number: int) -> dict[str, str]:
    return {name.lower(): value for name, value in server.requests[number].headers.items()}


async def test_a_folder_is_made_once(s3: S3Service, bucket: str) -> None:
    await s3.put_folder(bucket, "a [b]//")
    assert (await s3.head(bucket, "a [b]//")).size == 0
    with pytest.raises(ServiceError) as refused:
        await s3.put_folder(bucket, "a [b]//")
    assert refused.value.kind is ErrorKind.EXISTS


async def test_aws_is_told_the_etags_and_not_asked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "endpoint", None)
    head = Answer(headers={"ETag": '"e"'})
    copied = Answer(200, '<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>')
    refused = error(412, "PreconditionFailed")
    with scripted(head, copied, refused) as (s3, server):
        copier = s3.copier(s3.account.connection, "bucket")
        copy = ObjectCopy("bucket", "a", "e", "bucket", "b")
        assert copier.whole(copier.read(copy)) == "e"
        with pytest.raises(ServiceError) as told:
            copier.delete_source(copy)
    assert told.value.kind is ErrorKind.CHANGED
    assert [each.method for each in server.requests] == ["HEAD", "PUT", "DELETE"]
    assert headers_of(server, 2)["if-match"] == '"e"'


async def test_what_copies_leave_behind_is_read_from_the_buckets(
    s3: S3Service, bucket: str, account: Account
) -> None:
    client, at = account.connection.client("s3"), account.connection
    assert (await s3.copy_terms(bucket, bucket, at=at)).acls is True
    controls: Any = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    terms = await s3.copy_terms(bucket, "there-is-no-such-bucket", at=at)
    assert (terms.acls, terms.lock, terms.versioning) == (False, ObjectLock(), Versioning.NEVER)
    assert isinstance(terms.to_lock, Unknown)


async def test_the_same_is_recognised_by_bytes_headers_and_tags(
    s3: S3Service, bucket: str, put: Put, account: Account
) -> None:
    at = account.connection
    put({"a": b"1", "same": b"1"}, Tagging="k=v")
    put({"tags": b"1"}, Tagging="k=w")
    put({"type": b"1"}, Tagging="k=v", ContentType="text/x")
    put({"bytes": b"2"}, Tagging="k=v")
    for key in ("same", "tags", "type", "bytes", "missing"):
        made = await s3.copy_is_made(await copy_of(s3, bucket, "a", key), at=at)
        assert made is (key == "same"), key
