"""Buckets on the sandbox: emptied of versions, markers and uploads, then deleted, or kept."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE_TEXT
from tests.services.cleanup.runs import (
    SMALL,
    bucket,
    carry_out,
    cleanup_of,
    did_all,
    make_plan,
    remove,
    with_options,
)
from tests.services.cleanup.sdk import Sdk, unique
from tests.services.s3.keys import HOSTILE
from tui.services.aws import Account
from tui.services.cleanup import (
    BucketCount,
    CleanupService,
    ProtectionKind,
    StepProgress,
    StepResult,
)
from tui.services.cleanup.sentences import what_goes, what_stays

_UNLISTED = re.compile("[\x00-\x08\n-\x1f]")

KEYS = tuple(dict.fromkeys(key for key in HOSTILE_TEXT + HOSTILE if not _UNLISTED.search(key)))
"""The emulator lists control characters as they are, which no XML can carry, and its routes match
no line feeds; `tests/services/s3/deleting/test_versions.py` covers those."""


async def test_counts_versions_markers_uploads_and_bytes_over_many_pages(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.bucket(versioned=True)
    cleanup.tunables = replace(SMALL, page=5)
    keys = [f"k{number:03}" for number in range(12)]
    sdk.put(name, *keys, body=b"four")
    sdk.put(name, *keys[:10], body=b"sixsix")
    for key in keys[:2]:
        sdk.s3.delete_object(Bucket=name, Key=key)
    for number in range(3):
        sdk.s3.create_multipart_upload(Bucket=name, Key=f"up{number}")

    plan = await make_plan(cleanup, bucket(name))

    assert plan.steps[0].facts == BucketCount(
        objects=10,
        old_versions=12,
        delete_markers=2,
        uploads=3,
        size_bytes=12 * 4 + 10 * 6,
    )
    assert plan.complete
    assert plan.confirmation == name


async def test_a_versioned_bucket_is_emptied_and_deleted(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket(versioned=True)
    cleanup.tunables = replace(SMALL, page=10, batch=6)
    keys = [f"k{number:03}" for number in range(20)]
    sdk.put(name, *keys)
    sdk.put(name, *keys[:10])
    for key in keys[:4]:
        sdk.s3.delete_object(Bucket=name, Key=key)
    sdk.s3.create_multipart_upload(Bucket=name, Key="up")

    report, events = await carry_out(cleanup, await make_plan(cleanup, bucket(name)))

    assert not sdk.has_bucket(name)
    (outcome,) = report.outcomes
    assert outcome.result is StepResult.DELETED
    assert outcome.did == (
        "Deleted 34 versions, 4 delete markers among them, 30 B.",
        "Aborted 1 multipart upload.",
        "Deleted the bucket.",
    )
    assert did_all(report)
    done = [event.done for event in events if isinstance(event, StepProgress) and event.done]
    assert done == sorted(done)
    assert done[-1] == 34


async def test_only_emptied_keeps_the_bucket(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b")
    plan = await make_plan(cleanup, bucket(name))
    plan = with_options(plan, plan.steps[0], only_empty=True)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.EMPTIED
    assert sdk.has_bucket(name)
    assert sdk.versions(name) == []


async def test_keys_of_any_characters_go(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket(versioned=True)
    sdk.put(name, *KEYS)
    sdk.put(name, *KEYS)

    (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.problem == ""
    assert not sdk.has_bucket(name)


async def test_uploads_of_any_key_are_aborted(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket()
    for key in KEYS:
        sdk.s3.create_multipart_upload(Bucket=name, Key=key)

    (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is StepResult.DELETED
    assert outcome.did == (f"Aborted {len(KEYS)} multipart uploads.", "Deleted the bucket.")
    assert outcome.remains == ()


async def test_versioning_that_was_suspended_hides_nothing(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.bucket(versioned=True)
    sdk.put(name, "a", "b")
    sdk.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    sdk.put(name, "a", "c")
    sdk.s3.delete_object(Bucket=name, Key="b")

    (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is StepResult.DELETED
    assert not sdk.has_bucket(name)


async def test_governance_is_left_alone_until_it_is_lifted(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.bucket(lock=True)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    sdk.put(name, "free")
    sdk.put(
        name,
        "kept",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=tomorrow,
        ChecksumAlgorithm="SHA256",
    )
    plan = await make_plan(cleanup, bucket(name))

    assert plan.steps[0].blocked == ("1 version under GOVERNANCE retention.",)
    assert plan.ready == ()

    lifted = with_options(plan, plan.steps[0], lifted=frozenset({ProtectionKind.GOVERNANCE}))
    report, _ = await carry_out(cleanup, lifted)
    assert report.outcomes[0].result is StepResult.DELETED
    assert not sdk.has_bucket(name)


async def test_compliance_and_legal_hold_stay_and_are_named(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.bucket(lock=True)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    sdk.put(name, "free")
    sdk.put(
        name,
        "complying",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=tomorrow,
        ChecksumAlgorithm="SHA256",
    )
    sdk.put(name, "held", ObjectLockLegalHoldStatus="ON", ChecksumAlgorithm="SHA256")
    plan = await make_plan(cleanup, bucket(name))
    assert len(plan.steps[0].blocked) == 2

    rest = with_options(
        plan,
        plan.steps[0],
        lifted=frozenset({ProtectionKind.COMPLIANCE, ProtectionKind.LEGAL_HOLD}),
    )
    assert what_goes(rest.steps[0]) == ("Deletes 1 object, 1 B.",)
    assert "2 locked versions stay, 2 B, and so does the bucket." in what_stays(rest.steps[0])
    assert rest.count == 1
    report, _ = await carry_out(cleanup, rest)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.PARTLY
    assert outcome.did == ("Deleted 1 version, 1 B.",)
    assert outcome.problem == "S3 did not delete everything: 2 versions stay."
    assert "under COMPLIANCE retention until" in outcome.cause
    assert "under legal hold" in outcome.cause
    assert [key for key, _ in sdk.versions(name)] == ["complying", "held"]
    assert not did_all(report)


async def test_a_plan_over_locks_never_says_that_what_is_locked_goes(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    """Whatever is chosen, what goes and what stays add up to what is there."""
    name = sdk.bucket(lock=True)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    lock: dict[str, Any] = {
        "ObjectLockRetainUntilDate": tomorrow,
        "ChecksumAlgorithm": "SHA256",
    }
    sdk.put(name, "both", ObjectLockMode="COMPLIANCE", ObjectLockLegalHoldStatus="ON", **lock)
    sdk.put(name, "old", ObjectLockMode="COMPLIANCE", **lock)
    sdk.put(name, "old", "free")
    plan = await make_plan(cleanup, bucket(name))
    everything = frozenset(each.kind for each in plan.steps[0].protections)

    plan = with_options(plan, plan.steps[0], lifted=everything)

    facts = plan.steps[0].facts
    assert isinstance(facts, BucketCount)
    assert (facts.complying, facts.held, facts.locked) == (2, 1, 2)
    assert what_goes(plan.steps[0]) == ("Deletes 2 objects, 2 B.",)
    assert "2 locked versions stay, 2 B, and so does the bucket." in what_stays(plan.steps[0])
    report, _ = await carry_out(cleanup, plan)
    assert report.outcomes[0].did == ("Deleted 2 versions, 2 B.",)


async def test_a_policy_that_denies_deletes_is_a_protection_and_is_enforced(
    cleanup: CleanupService, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                "Resource": f"arn:aws:s3:::{name}/*",
            }
        ],
    }
    sdk.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    plan = await make_plan(cleanup, bucket(name))
    assert plan.steps[0].blocked == (
        "The bucket's policy denies deleting its objects to everyone.",
    )

    tried = with_options(plan, plan.steps[0], lifted=frozenset({ProtectionKind.POLICY}))
    report, _ = await carry_out(cleanup, tried)

    (outcome,) = report.outcomes
    assert outcome.result is StepResult.FAILED
    assert "AccessDenied" in outcome.cause
    assert outcome.hint == "The first of them: a"
    assert sdk.versions(name) == [("a", "null")]


async def test_a_bucket_that_went_meanwhile_is_fine(cleanup: CleanupService, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    plan = await make_plan(cleanup, bucket(name))
    sdk.s3.delete_object(Bucket=name, Key="a")
    sdk.s3.delete_bucket(Bucket=name)

    report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is StepResult.GONE
    assert did_all(report)


async def test_a_bucket_that_never_was_leaves_an_empty_plan(cleanup: CleanupService) -> None:
    plan = await make_plan(cleanup, bucket(unique()))

    assert plan.steps[0].gone
    assert plan.ready == ()


async def test_deletes_are_in_the_audit_log(
    cleanup: CleanupService, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b")

    await remove(cleanup, bucket(name))

    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    mine = [line for line in lines if line["operation"].startswith("Delete")]
    assert [(line["operation"], line["outcome"]) for line in mine] == [
        ("DeleteObjects", "ok"),
        ("DeleteBucket", "ok"),
    ]
    assert mine[0]["target"]["Bucket"] == name
    assert mine[0]["account"] == "123456789012"


async def test_many_buckets_together_lose_no_more_than_the_cap(account: Account, sdk: Sdk) -> None:
    names = [sdk.bucket() for _ in range(3)]
    with cleanup_of(account, replace(SMALL, cap_count=5)) as service:
        plan = await make_plan(service, *(bucket(name) for name in names))
        assert plan.override is None
        for name in names:
            sdk.put(name, *"abcd")

        await carry_out(service, plan)

    assert sum(len(sdk.versions(name)) for name in names if sdk.has_bucket(name)) == 12 - 5
