"""Emptying a bucket: every version goes once, what stays is told, and the run always ends."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta

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
from tests.services.cleanup.runs import SMALL, bucket, make_plan, remove
from tui.services.cleanup import (
    ApplyEvent,
    BucketCount,
    PlanApplied,
    StepProgress,
    StepResult,
)
from tui.services.cleanup.emptying import COMES_BACK, REWRITES, STAYS, SecondLook
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import (
    ObjectVersion,
)


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


# -- whole runs ------------------------------------------------------------------------------


@pytest.mark.parametrize("versioned", [False, True])
async def test_a_server_that_deletes_nothing_ends_the_run_and_nothing_counts_as_deleted(
    *, versioned: bool
) -> None:
    s3 = MemoryS3(versioned=versioned, lies=lambda batch: True)
    s3.put(*SIXTY)

    outcome = await removed(s3)

    assert outcome.result is StepResult.FAILED
    assert outcome.did == ()
    assert outcome.problem == "S3 did not delete everything: 60 versions stay."
    assert outcome.cause == f"60 × {STAYS}"
    assert outcome.hint == "The first of them: k00, k01, k02"
    assert s3.keys == SIXTY


@pytest.mark.parametrize("also_marker", [False, True])
async def test_a_server_that_deletes_some_is_told_apart_from_one_that_deletes_all(
    *, also_marker: bool
) -> None:
    lied_about = {"k30", "k59"} if also_marker else {"k30"}
    s3 = MemoryS3(versioned=True, lies=lambda batch: any(each.key in lied_about for each in batch))
    s3.put(*SIXTY)
    s3.mark_deleted("k59")

    outcome = await removed(s3)

    left = len(s3.held)
    assert 0 < left < 61
    assert outcome.result is StepResult.PARTLY
    gone = 61 - left
    markers = "" if also_marker else ", 1 delete marker among them"
    assert outcome.did == (f"Deleted {gone} versions{markers}, {gone - bool(markers)} B.",)
    assert outcome.problem == f"S3 did not delete everything: {left} versions stay."


async def test_a_key_that_is_refused_is_told_once_and_the_others_go() -> None:
    s3 = MemoryS3(refuses=lambda version: "AccessDenied" if version.key == "k07" else "")
    s3.put(*SIXTY)

    outcome = await removed(s3)

    assert s3.keys == ["k07"]
    assert outcome.result is StepResult.PARTLY
    assert outcome.did == ("Deleted 59 objects, 59 B.",)
    assert outcome.problem == "S3 did not delete everything: 1 version stays."
    assert outcome.cause == "1 × AccessDenied: said so"
    assert outcome.hint == "The first of them: k07"
    assert sum("k07" in call for call in s3.calls) == 1


async def test_every_key_of_many_calls_that_is_refused_is_told() -> None:
    keys = [f"k{number:04}" for number in range(1, 131)]
    kept = keys[::10]
    s3 = MemoryS3(
        versioned=True, refuses=lambda version: "AccessDenied" if version.key in kept else ""
    )
    s3.put(*keys)

    outcome = await removed(s3)

    assert outcome.did == ("Deleted 117 versions, 117 B.",)
    assert outcome.problem == "S3 did not delete everything: 13 versions stay."
    assert s3.keys == kept


async def test_an_answer_that_leaves_every_key_in_doubt_is_resolved_by_the_second_look() -> None:
    s3 = MemoryS3(
        refuses=lambda version: "AccessDenied" if version.key == "kept" else "",
        doubts=lambda version: version.key != "kept",
    )
    s3.put("a", "b", "kept")

    outcome = await removed(s3)

    assert outcome.result is StepResult.PARTLY
    assert outcome.did == ("Deleted 2 objects, 2 B.",)
    assert outcome.problem == "S3 did not delete everything: 1 version stays."
    assert outcome.hint == "The first of them: kept"


async def test_a_key_that_the_listing_folds_ends_the_run() -> None:
    """Some servers list a carriage return as a line feed, so nobody can delete what they list."""
    s3 = MemoryS3()
    s3.put("cr\rreturn", "plain")
    s3.lists = lambda: [replace(each, key=each.key.replace("\r", "\n")) for each in s3.held]

    outcome = await removed(s3)

    assert outcome.result is StepResult.PARTLY
    assert outcome.did == ("Deleted 1 object, 1 B.",)
    assert outcome.cause == f"1 × {STAYS}"
    assert s3.keys == ["cr\rreturn"]


async def test_a_listing_that_shows_nothing_of_a_full_bucket_is_named() -> None:
    s3 = MemoryS3(lists=list)
    s3.put("a")

    outcome = await removed(s3)

    assert outcome.result is StepResult.FAILED
    assert outcome.hint.startswith("S3 lists nothing in it, and says that it is not empty")
    assert outcome.remains == ("The bucket itself.",)


async def test_a_bucket_whose_delete_is_asked_twice_after_a_lost_answer_is_deleted() -> None:
    gone = ServiceError("There is none.", code="NoSuchBucket", kind=ErrorKind.NOT_FOUND)
    outcome = await removed(MemoryS3(fails={"delete_bucket": gone}))

    assert outcome.result is StepResult.DELETED
    assert outcome.did == ("Deleted the bucket.",)


@pytest.mark.parametrize("code", ["InternalError", "SlowDown"])
async def test_keys_that_s3_asks_to_repeat_are_repeated(code: str) -> None:
    answers = itertools.chain([code] * 9, itertools.repeat(""))
    s3 = MemoryS3(refuses=lambda version: next(answers))
    s3.put("a", "b", "c")

    outcome = await removed(s3)

    assert outcome.result is StepResult.DELETED
    assert s3.calls == [["a", "b", "c"]] * 4


async def test_slow_down_for_ever_ends_with_a_report() -> None:
    s3 = MemoryS3(refuses=lambda version: "SlowDown")
    s3.put("a")

    outcome = await removed(s3)

    assert outcome.result is StepResult.FAILED
    assert "SlowDown" in outcome.cause
    assert len(s3.calls) == SMALL.attempts


async def test_a_delete_that_is_refused_as_a_whole_ends_the_run() -> None:
    s3 = MemoryS3(fails={"delete_versions": DENIED})
    s3.put("a")

    outcome = await removed(s3)

    assert (outcome.result, outcome.did, s3.keys) == (StepResult.FAILED, (), ["a"])


async def test_what_an_earlier_attempt_deleted_is_counted_when_a_later_one_is_refused() -> None:
    s3 = MemoryS3(refuses=lambda version: "SlowDown" if version.key == "b" else "")
    s3.put("a", "b")

    def then_denied(version: ObjectVersion) -> str:
        s3.fails = {"delete_versions": DENIED}
        return "SlowDown" if version.key == "b" else ""

    s3.refuses = then_denied
    outcome = await removed(s3)

    assert outcome.result is StepResult.PARTLY
    assert outcome.did == ("Deleted 1 object, 1 B.",)
    assert s3.keys == ["b"]


@pytest.mark.parametrize("versioned", [False, True])
async def test_objects_are_named_without_a_version_where_there_never_were_any(
    *, versioned: bool
) -> None:
    s3 = MemoryS3(versioned=versioned)
    s3.put("a")

    await removed(s3)

    assert s3.by_version == [versioned]


async def test_from_the_second_pass_on_versions_are_named() -> None:
    """Versioning may be on by then, and a delete of a key alone would only add a marker."""
    s3 = MemoryS3()
    s3.put("a")

    def and_write_anew(version: ObjectVersion) -> str:
        if version.key == "a":
            s3.put("late")
        return ""

    s3.refuses = and_write_anew

    await removed(s3)

    assert s3.calls == [["a"], ["late"]]
    assert s3.by_version == [False, True]


async def test_stopped_in_the_middle_and_done_later() -> None:
    s3 = MemoryS3(versioned=True)
    for _ in range(5):
        s3.put(*SIXTY)
    stop = asyncio.Event()
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        events: list[ApplyEvent] = []
        async for event in cleanup.apply(plan, typed=NAME, stop=stop):
            if isinstance(event, StepProgress) and event.done:
                stop.set()
            events.append(event)
        last = events[-1]
        assert isinstance(last, PlanApplied)
        report = last.report

        left = len(s3.held)
        assert report.stopped
        assert report.outcomes[0].result is StepResult.STOPPED
        assert 0 < left < 300
        assert report.outcomes[0].did == (f"Deleted {300 - left} versions, {300 - left} B.",)

        (again,) = await remove(cleanup, bucket(NAME))
    assert again.result is StepResult.DELETED
    assert s3.gone


async def test_what_is_written_while_emptying_goes_too() -> None:
    s3 = MemoryS3(versioned=True)
    s3.put(*SIXTY)
    wrote = False
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))
        async for event in cleanup.apply(plan, typed=NAME, stop=asyncio.Event()):
            if isinstance(event, StepProgress) and event.done and not wrote:
                wrote = True
                s3.put("0-late", "k00", "zz-late")

    assert wrote
    assert s3.gone


async def test_a_stopped_count_is_a_bound_and_needs_the_second_word() -> None:
    s3 = MemoryS3()
    s3.put(*SIXTY)
    stop = asyncio.Event()
    plan = None
    with cleanup_of_memory(s3) as cleanup:
        async for event in cleanup.plan([bucket(NAME), bucket("other")], stop):
            if getattr(event, "count", 0):
                stop.set()
            plan = getattr(event, "plan", plan)

    assert plan is not None
    first, second = plan.steps
    assert isinstance(first.facts, BucketCount)
    assert not first.facts.complete
    assert first.facts.uploads is None
    assert plan.override == "more than 40"
    assert not second.ready
    assert not s3.gone
