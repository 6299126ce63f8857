"""What the sandbox never says: per-key errors, SlowDown, keys that no XML carries, lost waits."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest

from tests.faulty import ServiceRequest, key_errors, s3_error
from tests.local_server import Answer
from tests.services.cleanup.runs import (
    SMALL,
    bucket,
    carry_out,
    cleanup_behind,
    cleanup_of,
    make_plan,
    remove,
    table,
    with_options,
)
from tests.services.cleanup.sdk import Sdk, unique
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import ProtectionKind, Result
from tui.services.cleanup.sentences import what_goes


async def test_uploads_of_odd_keys_are_listed_to_the_last_page(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    keys = ["a b", "é+%", "last"]
    markers: list[str] = []

    def intercept(request: ServiceRequest) -> Answer | None:
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
        if request.service != "s3" or request.method != "GET" or "uploads" not in query:
            return None
        after = query.get("key-marker", [""])[0]
        markers.append(after)
        key = keys[keys.index(after) + 1 if after else 0]
        more = key != keys[-1]
        encoded = quote_plus(key)
        return Answer(
            200,
            f"<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>"
            + (f"<NextKeyMarker>{encoded}</NextKeyMarker>" if more else "")
            + f"<Upload><Key>{encoded}</Key><UploadId>u-{len(markers)}</UploadId></Upload>"
            "</ListMultipartUploadsResult>",
        )

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))

    assert markers == ["", "a b", "é+%"]
    assert "3 multipart uploads" in " ".join(what_goes(plan.steps[0]))


async def test_a_key_that_is_refused_is_told_and_the_others_go(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, *(f"k{number:02}" for number in range(60)))
    asked: list[bytes] = []

    def intercept(request: ServiceRequest) -> Answer | None:
        if not request.is_batch_delete:
            return None
        asked.append(request.body)
        if b"<Key>k07</Key>" not in request.body:
            return None
        for key in re.findall(rb"<Key>([^<]+)</Key>", request.body):
            if key != b"k07":
                sdk.s3.delete_object(Bucket=name, Key=key.decode())
        return key_errors("AccessDenied", ("k07", "null"))

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert sdk.versions(name) == [("k07", "null")]
    assert outcome.result is Result.PARTLY
    assert outcome.did == ("Deleted 59 objects, 59 B.",)
    assert outcome.problem == "S3 did not delete everything: 1 version stays."
    assert outcome.cause == "1 × AccessDenied: said so"
    assert outcome.hint == "The first of them: k07"
    assert sum(b"<Key>k07</Key>" in body for body in asked) == 1


async def test_keys_that_s3_asks_to_repeat_are_repeated(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b", "c")
    answers = iter([key_errors("InternalError", ("a", "null"), ("b", "null"), ("c", "null"))])

    def intercept(request: ServiceRequest) -> Answer | None:
        return next(answers, None) if request.is_batch_delete else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.DELETED


async def test_slow_down_is_waited_for(sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b")
    answers = iter([key_errors("SlowDown", ("a", "null"), ("b", "null"))] * 3)

    def intercept(request: ServiceRequest) -> Answer | None:
        return next(answers, None) if request.is_batch_delete else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.DELETED


async def test_slow_down_for_ever_ends_with_a_report(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")

    def intercept(request: ServiceRequest) -> Answer | None:
        return key_errors("SlowDown", ("a", "null")) if request.is_batch_delete else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.FAILED
    assert "SlowDown" in outcome.cause


async def test_keys_that_no_xml_carries_are_deleted_one_by_one(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    present = {"%01one": True, "es%1Bc": True, "new%0Aline": True}
    asked: list[str] = []

    def listing() -> Answer:
        rows = "".join(
            f"<Version><Key>{key}</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>"
            "<Size>1</Size></Version>"
            for key, there in present.items()
            if there
        )
        return Answer(
            200,
            f"<ListVersionsResult><IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>"
            f"{rows}</ListVersionsResult>",
        )

    def intercept(request: ServiceRequest) -> Answer | None:
        if "versions" in request.path and request.method == "GET":
            return listing()
        if request.method == "DELETE" and request.path != f"/{name}":
            asked.append(request.path)
            present[request.path.split("/")[-1].split("?")[0]] = False
            return Answer(204, "")
        if request.is_batch_delete:
            asked.append(request.body.decode())
            present["new%0Aline"] = False
            return Answer(200, "<DeleteResult></DeleteResult>")
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.DELETED
    assert f"/{name}/%01one" in asked
    assert f"/{name}/es%1Bc" in asked
    assert sum("<Key>new&#xA;line</Key>" in each for each in asked) == 1


async def test_encoded_upload_keys_are_decoded(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    aborted: list[str] = []

    def intercept(request: ServiceRequest) -> Answer | None:
        if "uploads" in request.path and request.method == "GET":
            row = "<Upload><Key>a+b%0D%2Fc</Key><UploadId>u1</UploadId></Upload>"
            return Answer(
                200,
                "<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false"
                f"</IsTruncated>{'' if aborted else row}</ListMultipartUploadsResult>",
            )
        if "uploadId=u1" in request.path and request.method == "DELETE":
            aborted.append(request.path)
            return Answer(204, "")
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, bucket(name))

    assert outcome.result is Result.DELETED
    assert aborted == [f"/{name}/a%20b%0D/c?uploadId=u1"]


async def test_uploads_that_may_not_be_listed_are_unknown_and_stop_nothing(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")

    def intercept(request: ServiceRequest) -> Answer | None:
        denied = "uploads" in request.path and request.method == "GET"
        return s3_error(403, "AccessDenied") if denied else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))
        assert plan.steps[0].facts.uploads is None  # type: ignore[union-attr]
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].result is Result.DELETED
    assert "Multipart uploads" in report.outcomes[0].remains[0]


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidRequest", "ObjectLocked", "Locked"])
async def test_the_lock_is_named_whatever_the_code_of_the_refusal(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk, code: str
) -> None:
    name = sdk.bucket(lock=True)
    sdk.put(name, "kept", ObjectLockLegalHoldStatus="ON", ChecksumAlgorithm="SHA256")
    ((_, version),) = sdk.versions(name)

    def intercept(request: ServiceRequest) -> Answer | None:
        return key_errors(code, ("kept", version)) if request.is_batch_delete else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))
        plan = with_options(plan, plan.steps[0], lifted=frozenset({ProtectionKind.LEGAL_HOLD}))
        report, _ = await carry_out(cleanup, plan)

    assert report.outcomes[0].cause == "1 × under legal hold"


async def test_versions_that_may_not_be_listed_leave_the_bucket_out(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.bucket()

    def intercept(request: ServiceRequest) -> Answer | None:
        denied = "versions" in request.path
        return s3_error(403, "AccessDenied") if denied else None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))

    assert plan.steps[0].blocked == ("It could not be looked at: access denied.",)


async def test_mfa_delete_is_refused_early(sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk) -> None:
    name = sdk.bucket()

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.path.endswith("?versioning"):
            body = "<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"
            return Answer(200, f"<VersioningConfiguration>{body}</VersioningConfiguration>")
        return None

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        plan = await make_plan(cleanup, bucket(name))

    (protection,) = plan.steps[0].protections
    assert protection.what.startswith("MFA delete is on")
    assert not protection.liftable
    assert not plan.ready


async def test_one_bad_alarm_does_not_keep_the_others(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.table()
    good, bad = unique("good"), unique("bad")
    sdk.alarm(good, name)
    sdk.alarm(bad, name)

    def intercept(request: ServiceRequest) -> Answer | None:
        if b"DeleteAlarms" not in request.body + str(dict(request.headers)).encode():
            return None
        if bad.encode() not in request.body:
            return None
        return Answer(
            400,
            '{"__type":"AccessDeniedException","message":"not that one"}',
            {"x-amzn-query-error": "AccessDenied;Sender"},
        )

    with cleanup_behind(sandbox, audit, intercept) as cleanup:
        (outcome,) = await remove(cleanup, table(name))

    assert outcome.result is Result.PARTLY
    assert outcome.remains == (f"The alarm {bad}.",)
    left = sdk.alarms()
    assert bad in left
    assert good not in left


async def test_more_than_was_planned_is_not_deleted_without_the_second_word(
    account: Account, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a", "b")
    with cleanup_of(account, replace(SMALL, cap_count=5)) as service:
        plan = await make_plan(service, bucket(name))
        assert plan.override is None
        sdk.put(name, *(f"late{number}" for number in range(10)))

        report, _ = await carry_out(service, plan)

    (outcome,) = report.outcomes
    assert outcome.result is Result.PARTLY
    assert outcome.problem == "It holds more than was planned; stopped after deleting 5."
    assert len(sdk.versions(name)) == 7


async def test_many_buckets_together_lose_no_more_than_the_cap(account: Account, sdk: Sdk) -> None:
    names = [sdk.bucket() for _ in range(3)]
    with cleanup_of(account, replace(SMALL, cap_count=5)) as service:
        plan = await make_plan(service, *(bucket(name) for name in names))
        assert plan.override is None
        for name in names:
            sdk.put(name, *"abcd")

        await carry_out(service, plan)

    assert sum(len(sdk.versions(name)) for name in names if sdk.has_bucket(name)) == 12 - 5


async def test_bytes_written_after_the_plan_are_not_deleted_beyond_the_cap(
    account: Account, sdk: Sdk
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    with cleanup_of(account, replace(SMALL, cap_bytes=1000)) as service:
        plan = await make_plan(service, bucket(name))
        assert plan.override is None
        sdk.put(name, "large1", "large2", body=b"x" * 600)

        report, _ = await carry_out(service, plan)

    assert report.outcomes[0].result is Result.PARTLY
    assert [key for key, _ in sdk.versions(name)] == ["large2"]


async def test_exactly_as_many_as_the_cap_all_go(account: Account, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, *"abcde")
    with cleanup_of(account, replace(SMALL, cap_count=5)) as service:
        (outcome,) = await remove(service, bucket(name))

    assert outcome.result is Result.DELETED


async def test_an_override_lifts_the_limit(account: Account, sdk: Sdk) -> None:
    name = sdk.bucket()
    sdk.put(name, *"abcdefgh")
    with cleanup_of(account, replace(SMALL, cap_count=5)) as service:
        plan = await make_plan(service, bucket(name))
        assert plan.override == "all 8"

        report, _ = await carry_out(service, with_options(plan, plan.steps[0]))

    assert report.outcomes[0].result is Result.DELETED
