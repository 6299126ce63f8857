"""Multipart uploads alone: found, measured, aborted, the bucket and its objects left alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.faulty import ServiceRequest, s3_error
from tests.local_server import Answer
from tests.services.cleanup.memory_s3 import DENIED, NAME, MemoryS3, cleanup_of_memory
from tests.services.cleanup.runs import (
    SMALL,
    bucket,
    carry_out,
    cleanup_behind,
    make_plan,
    with_options,
)
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.cleanup import CleanupService, Found, Resource, ResourceKind, StepResult
from tui.services.cleanup.sentences import amounts, what_goes, what_stays
from tui.services.cleanup.step import UploadFacts, UploadTotal
from tui.services.s3 import MultipartUpload

PART = b"x" * 5 * 1024 * 1024


def uploads_of(name: str) -> Resource:
    return Resource(ResourceKind.UPLOADS, name, "us-east-1")


def begin(sdk: Sdk, name: str, key: str, *parts: bytes) -> str:
    upload = sdk.s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
    for number, part in enumerate(parts, 1):
        sdk.s3.upload_part(Bucket=name, Key=key, UploadId=upload, PartNumber=number, Body=part)
    return str(upload)


def under_way(sdk: Sdk, name: str) -> list[str]:
    answer = sdk.s3.list_multipart_uploads(Bucket=name)
    return [row["Key"] for row in answer.get("Uploads", [])]


async def found(cleanup: CleanupService, name: str) -> list[Resource]:
    events = [event async for event in cleanup.inventory()]
    resources = [event.resource for event in events if isinstance(event, Found)]
    return [each for each in {each.ref: each for each in resources}.values() if each.name == name]


async def test_uploads_are_a_row_of_their_own_where_there_are_any(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name, without = sdk.bucket(), sdk.bucket()
    begin(sdk, name, "a")
    begin(sdk, name, "b")

    kinds = {each.kind: each for each in await found(cleanup, name)}

    assert set(kinds) == {ResourceKind.BUCKET, ResourceKind.UPLOADS}
    assert kinds[ResourceKind.UPLOADS].count == 2
    assert [each.kind for each in await found(cleanup, without)] == [ResourceKind.BUCKET]


async def test_uploads_are_aborted_and_the_objects_stay(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "kept")
    begin(sdk, name, "large", PART, b"tail")
    begin(sdk, name, "empty")
    begin(sdk, name, "odd + é%", b"part")

    plan = await make_plan(cleanup, uploads_of(name))

    size = len(PART) + len(b"tail") + len(b"part")
    facts = plan.steps[0].facts
    assert isinstance(facts, UploadFacts)
    assert facts.all == UploadTotal(3, size)
    assert what_goes(plan.steps[0]) == ("Aborts 3 multipart uploads (5.0 MiB of parts).",)
    assert "The bucket and its objects stay." in what_stays(plan.steps[0])
    assert amounts(plan) == ("3 multipart uploads (5.0 MiB of parts)",)
    report, _ = await carry_out(cleanup, plan)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert outcome.did == ("Aborted 3 multipart uploads, 5.0 MiB of parts.",)
    assert under_way(sdk, name) == []
    assert sdk.versions(name) == [("kept", "null")]


DAY = timedelta(days=1)


def uploads_of_age(**ages: timedelta | None) -> list[MultipartUpload]:
    now = datetime.now(UTC)
    return [
        MultipartUpload(key, f"id-{key}", None if age is None else now - age)
        for key, age in ages.items()
    ]


def left_in(s3: MemoryS3) -> list[str]:
    return [each.key for each in s3.uploads]


async def test_what_may_be_under_way_is_left_alone_until_it_is_chosen() -> None:
    s3 = MemoryS3(uploads=uploads_of_age(old=40 * DAY, new=DAY / 24, undated=None))
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, uploads_of(NAME))
        assert what_goes(plan.steps[0]) == ("Aborts 1 multipart upload (100 B of parts).",)
        assert "2 uploads of the last 24 hours" in " ".join(what_stays(plan.steps[0]))
        report, _ = await carry_out(cleanup, plan)
        assert left_in(s3) == ["new", "undated"]
        assert report.outcomes[0].remains == (
            "2 multipart uploads that began less than a day before.",
        )

        again = await make_plan(cleanup, uploads_of(NAME))
        assert not again.ready
        again = with_options(again, again.steps[0], only_stale=False)
        await carry_out(cleanup, again)
        assert left_in(s3) == []


async def test_an_upload_that_begins_after_the_plan_was_made_is_not_aborted() -> None:
    s3 = MemoryS3(uploads=uploads_of_age(old=40 * DAY))
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, uploads_of(NAME))
        s3.uploads += uploads_of_age(later=-timedelta(minutes=1))
        report, _ = await carry_out(cleanup, plan)

    assert left_in(s3) == ["later"]
    assert report.outcomes[0].result is StepResult.DELETED


async def test_a_size_that_may_not_be_read_is_unknown_and_not_zero() -> None:
    s3 = MemoryS3(uploads=uploads_of_age(old=40 * DAY), upload_size=None)
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, uploads_of(NAME))
        whole = await make_plan(cleanup, bucket(NAME))

    assert what_goes(plan.steps[0]) == ("Aborts 1 multipart upload (size unknown).",)
    assert plan.over_cap
    assert "1 multipart upload (size unknown)" in what_goes(whole.steps[0])[0]


async def test_more_uploads_than_are_measured_have_an_unknown_size() -> None:
    s3 = MemoryS3(uploads=uploads_of_age(**{f"u{number}": 2 * DAY for number in range(30)}))
    with cleanup_of_memory(s3, replace(SMALL, upload_lookups=16)) as cleanup:
        plan = await make_plan(cleanup, uploads_of(NAME))

    assert plan.steps[0].going_uploads == UploadTotal(30, None)


async def test_uploads_that_are_refused_are_told_and_stay() -> None:
    s3 = MemoryS3(uploads=uploads_of_age(a=40 * DAY), fails={"abort_upload": DENIED})
    with cleanup_of_memory(s3) as cleanup:
        report, _ = await carry_out(cleanup, await make_plan(cleanup, uploads_of(NAME)))

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.FAILED
    assert "AccessDenied" in outcome.cause
    assert outcome.remains == ("1 multipart upload.",)


async def test_uploads_that_may_not_be_listed_are_said_to_be_unknown_in_the_inventory(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()

    def deny(request: ServiceRequest) -> Answer | None:
        denied = request.method == "GET" and "uploads" in request.path
        return s3_error(403, "AccessDenied") if denied else None

    with cleanup_behind(sandbox, audit, deny) as cleanup:
        (only,) = await found(cleanup, name)

    assert "multipart uploads: access denied" in only.unknown


async def test_uploads_and_their_bucket_go_in_one_plan(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket()
    begin(sdk, name, "a")

    plan = await make_plan(cleanup, uploads_of(name), bucket(name))
    report, _ = await carry_out(cleanup, plan, asyncio.Event())

    assert [each.result for each in report.outcomes] == [StepResult.DELETED, StepResult.DELETED]
    assert not sdk.has_bucket(name)
