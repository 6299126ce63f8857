"""A bucket that lists what was said to be deleted: the run ends and says what stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest

from tests.faulty import ServiceRequest, key_errors
from tests.local_server import Answer
from tests.services.cleanup.runs import bucket, carry_out, cleanup_behind, make_plan, remove
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.cleanup import CleanupService, Result
from tui.services.cleanup.emptying import COMES_BACK, REWRITES, STAYS, SecondLook
from tui.services.s3 import ObjectVersion

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def version(key: str = "a", version_id: str = "null", seconds: int = 0) -> ObjectVersion:
    return ObjectVersion(
        key, version_id, 1, False, True, BEGUN + timedelta(seconds=seconds), "etag"
    )


def test_what_is_listed_unchanged_after_its_delete_stays() -> None:
    look = SecondLook(10)
    look.deleted([version(), version("b", "v1")])
    look.begin_pass()

    assert look.finds(replace(version(), latest=False)) == STAYS
    assert look.finds(version("b", "v1", seconds=5)) == STAYS
    assert look.finds(version("b", "v2")) == ""
    assert look.finds(version("c")) == ""


def test_an_object_that_is_written_anew_is_deleted_again_a_few_times() -> None:
    look = SecondLook(10)
    found = []
    for number in range(REWRITES + 1):
        look.begin_pass()
        found.append(look.finds(version(seconds=number)))
        look.deleted([version(seconds=number)])

    assert found == [""] * REWRITES + [COMES_BACK]


def test_no_more_is_remembered_than_the_limit() -> None:
    look = SecondLook(2)
    look.deleted(version(str(number)) for number in range(5))
    look.begin_pass()

    assert [look.finds(version(str(number))) for number in range(5)] == [STAYS, STAYS, "", "", ""]


Lie = Callable[[ServiceRequest], Answer | None]


def lying_about(*keys: bytes, every: bool = False) -> Lie:
    """Answers that all is deleted when a call names one of these keys, and deletes nothing."""

    def intercept(request: ServiceRequest) -> Answer | None:
        lies = every or any(b"<Key>%s</Key>" % key in request.body for key in keys)
        return (
            Answer(200, "<DeleteResult></DeleteResult>")
            if request.is_batch_delete and lies
            else None
        )

    return intercept


@pytest.fixture
def behind_a_liar(sandbox: SandboxInfo, audit: AuditLog) -> Iterator[CleanupService]:
    with cleanup_behind(sandbox, audit, lying_about(every=True)) as cleanup:
        yield cleanup


@pytest.mark.parametrize("versioned", [False, True])
async def test_a_server_that_deletes_nothing_ends_the_run_and_nothing_counts_as_deleted(
    behind_a_liar: CleanupService, sdk: Sdk, *, versioned: bool
) -> None:
    name = sdk.bucket(versioned=versioned)
    sdk.put(name, *(f"k{number:02}" for number in range(60)))

    (outcome,) = await remove(behind_a_liar, bucket(name))

    assert outcome.result is Result.FAILED
    assert outcome.did == ()
    assert outcome.problem == "S3 did not delete everything: 60 versions stay."
    assert outcome.cause == f"60 × {STAYS}"
    assert outcome.hint == "The first of them: k00, k01, k02"
    assert len(sdk.versions(name)) == 60


async def test_a_server_that_deletes_some_is_told_apart_from_one_that_deletes_all(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket(versioned=True)
    sdk.put(name, *(f"k{number:02}" for number in range(60)))
    sdk.s3.delete_object(Bucket=name, Key="k59")

    with cleanup_behind(sandbox, audit, lying_about(b"k30")) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    left = sdk.versions(name)
    assert 0 < len(left) < 61
    assert outcome.result is Result.PARTLY
    gone = 61 - len(left)
    markers = "" if ("k59", "") in left else ", 1 delete marker among them"
    assert outcome.did == (f"Deleted {gone} versions{markers}, {gone - bool(markers)} B.",)
    assert outcome.problem == f"S3 did not delete everything: {len(left)} versions stay."


async def test_a_refused_key_whose_carriage_return_the_answer_folds_is_not_counted_as_deleted(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    """The server lists the key as it is, and writes it raw into its answer."""
    name = sdk.bucket()
    asked = 0

    def intercept(request: ServiceRequest) -> Answer | None:
        nonlocal asked
        if "versions" in request.path and request.method == "GET":
            row = "<Key>Icon%0D</Key><VersionId>null</VersionId><Size>1</Size>"
            return Answer(
                200,
                "<ListVersionsResult><IsTruncated>false</IsTruncated>"
                "<EncodingType>url</EncodingType>"
                f"<Version>{row}<IsLatest>true</IsLatest></Version></ListVersionsResult>",
            )
        if request.is_batch_delete:
            asked += 1
            return key_errors("AccessDenied", ("Icon\r", "null"))
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.FAILED
    assert outcome.did == ()
    assert outcome.cause == "1 × AccessDenied: said so"
    assert asked == 1


async def test_a_key_that_the_listing_folds_ends_the_run(cleanup: CleanupService, sdk: Sdk) -> None:
    """The emulator lists a carriage return as a line feed, so nobody can delete what it lists."""
    name = sdk.bucket()
    sdk.put(name, "cr\rreturn", "plain")

    (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.PARTLY
    assert outcome.did == ("Deleted 1 object, 1 B.",)
    assert outcome.cause == f"1 × {STAYS}"
    assert sdk.versions(name) == [("cr\nreturn", "null")]


async def test_an_upload_that_is_listed_after_its_abort_ends_the_run(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.s3.create_multipart_upload(Bucket=name, Key="up")
    aborts: list[str] = []

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.method == "DELETE" and "uploadId=" in request.path:
            aborts.append(unquote(urlsplit(request.path).path))
            return Answer(204, "")
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert aborts == [f"/{name}/up"]
    assert outcome.did == ("Deleted the bucket.",)
    assert outcome.remains == (
        "1 multipart upload: S3 answered that it was aborted, and lists it still.",
    )


async def test_an_error_that_names_no_key_of_the_call_is_resolved_by_the_second_look(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b", "kept")

    def intercept(request: ServiceRequest) -> Answer | None:
        if not request.is_batch_delete:
            return None
        for key in re.findall(rb"<Key>([^<]+)</Key>", request.body):
            if key != b"kept":
                sdk.s3.delete_object(Bucket=name, Key=key.decode())
        return key_errors("AccessDenied", ("KEPT", "null"))

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.PARTLY
    assert outcome.did == ("Deleted 2 objects, 2 B.",)
    assert outcome.problem == "S3 did not delete everything: 1 version stays."
    assert outcome.hint == "The first of them: kept"


async def test_every_key_of_many_calls_that_is_refused_is_told(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket(versioned=True)
    keys = [f"k{number:04}" for number in range(1, 131)]
    sdk.put(name, *keys)
    kept = set(keys[::10])

    def intercept(request: ServiceRequest) -> Answer | None:
        if not request.is_batch_delete:
            return None
        named = re.findall(rb"<Key>([^<]+)</Key><VersionId>([^<]+)</VersionId>", request.body)
        pairs = [(key.decode(), version.decode()) for key, version in named]
        for key, version in pairs:
            if key not in kept:
                sdk.s3.delete_object(Bucket=name, Key=key, VersionId=version)
        return key_errors("AccessDenied", *(pair for pair in pairs if pair[0] in kept))

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.did == ("Deleted 117 versions, 117 B.",)
    assert outcome.problem == "S3 did not delete everything: 13 versions stay."
    assert {key for key, _ in sdk.versions(name)} == kept


async def test_a_listing_that_shows_nothing_of_a_full_bucket_is_named(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")

    def intercept(request: ServiceRequest) -> Answer | None:
        if "versions" in request.path and request.method == "GET":
            return Answer(
                200, "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"
            )
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.FAILED
    assert outcome.hint.startswith("S3 lists nothing in it, and says that it is not empty")
    assert outcome.remains == ("The bucket itself.",)


async def test_a_bucket_whose_delete_is_asked_twice_after_a_lost_answer_is_deleted(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.method == "DELETE" and request.path == f"/{name}":
            sdk.s3.delete_bucket(Bucket=name)
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is Result.DELETED
    assert report.outcomes[0].did == ("Deleted the bucket.",)
