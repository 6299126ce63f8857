"""A server that keeps what is written under another name than was asked for: it is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.buckets import Put
from tests.faulty import AsFiles, behind
from tests.local_server import Answer
from tests.services.s3.scripted import scripted
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import ObjectCopy, S3Object, S3Service
from tui.services.s3.data.stored_name import is_listed, may_get_another_name, refuse_other_name


@pytest.fixture
def server(sandbox: SandboxInfo) -> AsFiles:
    return AsFiles(sandbox)


@pytest.fixture
def s3(server: AsFiles, audit: AuditLog) -> Iterator[S3Service]:
    with behind(server.sandbox, server, audit) as account:
        service = S3Service(account)
        yield service
        service.close()


@pytest.mark.parametrize(
    "key", ["/x", "//x", "a//b", "x/", "a/./b", "./a", "a/../b", "..", ".", "/", "a/.."]
)
def test_such_a_key_may_get_another_name(key: str) -> None:
    assert may_get_another_name(key)


@pytest.mark.parametrize("key", ["x", "a/b", ".a", "a/..b", "a/b.", "...", " /x", "a\\b", "~/é"])
def test_any_other_key_keeps_its_name(key: str) -> None:
    assert not may_get_another_name(key)


OTHER_NAMES = [
    ("/x", "x"),
    ("//a//b/", "a//b/"),
    ("a//b", "a/b"),
    ("a//b/", "a/b/"),
    ("x/", "x"),
    ("./a/./b", "a/b"),
    ("a/../b/c", "b/c"),
    ("../b", "b"),
]


@pytest.mark.parametrize(("asked", "kept"), OTHER_NAMES)
@pytest.mark.parametrize("written", [True, False])
def test_the_name_is_told_under_which_the_server_keeps_it(
    asked: str, kept: str, written: bool
) -> None:
    there = [S3Object(key, 1, None, "", "") for key in (kept, f"{kept}~")]

    def listed(prefix: str) -> tuple[S3Object, ...]:
        return tuple(each for each in there if each.key.startswith(prefix))

    with pytest.raises(ServiceError) as told:
        refuse_other_name(listed, "bucket", asked, written=written)
    assert told.value.kind is ErrorKind.INVALID
    assert repr(kept) in told.value.message
    assert ("was stored" in told.value.message) is written
    assert repr(asked) in told.value.cause
    there.append(S3Object(asked, 1, None, "", ""))
    refuse_other_name(listed, "bucket", asked, written=written)


def test_a_name_that_nothing_shows_is_told_to_be_unknown() -> None:
    with pytest.raises(ServiceError, match="lists nothing under that name"):
        refuse_other_name(lambda _: (), "bucket", "/x")
    refuse_other_name(lambda _: (), "bucket", "/x", written=False)


def test_a_beginning_that_minio_does_not_list_is_that_of_no_key() -> None:
    def refuses(_: str) -> tuple[S3Object, ...]:
        raise ServiceError("Could not look up.", code="XMinioInvalidObjectName")

    assert not is_listed(refuses, "//x")


async def test_a_folder_under_another_name_is_said(s3: S3Service, bucket: str) -> None:
    with pytest.raises(ServiceError, match="under another name: 'new'"):
        await s3.put_folder(bucket, "new/")
    with pytest.raises(ServiceError, match="takes it for 'new', which exists"):
        await s3.put_folder(bucket, "/new/")


async def test_a_folder_of_which_the_name_is_not_known_is_said(
    s3: S3Service, bucket: str, server: AsFiles
) -> None:
    server.lists = False
    with pytest.raises(ServiceError, match="could not be looked up") as told:
        await s3.put_folder(bucket, "new/")
    assert told.value.kind is ErrorKind.DENIED
    assert told.value.message.startswith("'new/' was stored")
    assert "may list it as 'new'. " in told.value.hint
    assert "s3:ListBucket" in told.value.hint


@pytest.mark.parametrize("key", ["/", ".", ".."])
def test_a_name_of_which_nothing_may_be_left_may_be_listed_as_any_other(key: str) -> None:
    def denied(_: str) -> tuple[S3Object, ...]:
        raise ServiceError("Denied.", kind=ErrorKind.DENIED)

    with pytest.raises(ServiceError) as told:
        refuse_other_name(denied, "bucket", key)
    assert told.value.hint.endswith("may list it as another one.")


async def test_a_copy_under_another_name_is_said(
    s3: S3Service, bucket: str, put: Put, server: AsFiles
) -> None:
    put({"a": b"1"})
    etag = (await s3.head(bucket, "a")).etag
    await s3.copy_object(ObjectCopy(bucket, "a", etag, bucket, "b"))
    assert not server.listings
    with pytest.raises(ServiceError, match="'/c' was stored under another name: 'c'"):
        await s3.copy_object(ObjectCopy(bucket, "a", etag, bucket, "/c"))


async def test_a_key_that_such_a_server_refuses_is_explained() -> None:
    with scripted(Answer(400)) as (s3, _):
        for key, explained in (("a//b", True), ("a", False)):
            with pytest.raises(ServiceError) as told:
                await s3.head("bucket", key)
            assert ("keep objects as files" in told.value.hint) is explained
