"""What protects a bucket, what of it may not be read, and how much of it may go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.services.cleanup.memory_s3 import (
    BEGUN,
    DENIED,
    NAME,
    SIXTY,
    MemoryS3,
    cleanup_of_memory,
    removed,
)
from tests.services.cleanup.runs import SMALL, bucket, carry_out, make_plan, with_options
from tui.services.cleanup import (
    BucketCount,
    CleanupPlan,
    Outcome,
    ProtectionKind,
    StepResult,
    Tunables,
)
from tui.services.s3 import (
    BucketProtection,
    MultipartUpload,
    ObjectLock,
    VersionLock,
)


async def planned(s3: MemoryS3) -> CleanupPlan:
    with cleanup_of_memory(s3) as cleanup:
        return await make_plan(cleanup, bucket(NAME))


# -- locks, and what may not be read ---------------------------------------------------------


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidRequest", "ObjectLocked", "Locked"])
async def test_the_lock_is_named_whatever_the_code_of_the_refusal(code: str) -> None:
    s3 = MemoryS3(
        versioned=True,
        protection=BucketProtection(object_lock=ObjectLock(enabled=True)),
        locks={"kept": VersionLock(None, None, held=True)},
        refuses=lambda version: code,
    )
    s3.put("kept")
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        plan = with_options(plan, plan.steps[0], lifted=frozenset({ProtectionKind.LEGAL_HOLD}))
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].cause == "1 × under legal hold"


async def test_too_many_versions_to_look_at_are_said_to_be_unknown() -> None:
    s3 = MemoryS3(protection=BucketProtection(object_lock=ObjectLock(enabled=True)))
    s3.put(*SIXTY)

    plan = await planned(s3)

    (protection,) = plan.steps[0].protections
    assert protection.kind is ProtectionKind.OBJECT_LOCK
    assert not plan.steps[0].ready


async def test_mfa_delete_is_refused_early() -> None:
    plan = await planned(MemoryS3(protection=BucketProtection(mfa_delete=True)))

    (protection,) = plan.steps[0].protections
    assert protection.what.startswith("MFA delete is on")
    assert not protection.liftable
    assert not plan.ready


async def test_versions_that_may_not_be_listed_leave_the_bucket_out() -> None:
    plan = await planned(MemoryS3(fails={"list_versions": DENIED}))

    assert plan.steps[0].blocked == ("It could not be looked at: access denied.",)


async def test_uploads_that_may_not_be_listed_are_unknown_and_stop_nothing() -> None:
    s3 = MemoryS3(fails={"list_uploads": DENIED})
    s3.put("a")
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        facts = plan.steps[0].facts
        assert isinstance(facts, BucketCount)
        assert facts.uploads is None
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.DELETED
    assert "Multipart uploads" in report.outcomes[0].remains[0]


async def test_an_upload_that_is_listed_after_its_abort_ends_the_run() -> None:
    s3 = MemoryS3(uploads=[MultipartUpload("up", "id", BEGUN)], keeps_uploads=True)

    outcome = await removed(s3)

    assert s3.aborted == ["up"]
    assert outcome.did == ("Deleted the bucket.",)
    assert outcome.remains == (
        "1 multipart upload: S3 answered that it was aborted, and lists it still.",
    )


# -- how much may go -------------------------------------------------------------------------


async def run_after(s3: MemoryS3, tunables: Tunables, *late: str, size: int = 1) -> Outcome:
    """Plan within the cap, let somebody write, and run."""
    with cleanup_of_memory(s3, tunables) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        assert plan.override is None
        s3.put(*late, size=size)
        report, _ = await carry_out(cleanup, plan)
    return report.outcomes[0]


async def test_more_than_was_planned_is_not_deleted_without_the_second_word() -> None:
    s3 = MemoryS3()
    s3.put("a", "b")

    late = [f"late{number}" for number in range(10)]
    outcome = await run_after(s3, replace(SMALL, cap_count=5), *late)

    assert outcome.result is StepResult.PARTLY
    assert outcome.problem == "It holds more than was planned; stopped after deleting 5."
    assert len(s3.held) == 7


async def test_bytes_written_after_the_plan_are_not_deleted_beyond_the_cap() -> None:
    s3 = MemoryS3()
    s3.put("a")

    tunables = replace(SMALL, cap_bytes=1000)
    outcome = await run_after(s3, tunables, "large1", "large2", size=600)

    assert outcome.result is StepResult.PARTLY
    assert s3.keys == ["large2"]


async def test_exactly_as_many_as_the_cap_all_go() -> None:
    s3 = MemoryS3()
    s3.put(*"abcde")

    assert (await removed(s3, replace(SMALL, cap_count=5))).result is StepResult.DELETED


async def test_an_override_lifts_the_limit() -> None:
    s3 = MemoryS3()
    s3.put(*"abcdefgh")
    with cleanup_of_memory(s3, replace(SMALL, cap_count=5)) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        assert plan.override == "all 8"
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.DELETED
