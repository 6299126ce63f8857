"""What must hold before anything is sent: the right place, the right words, not read-only."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faulty import ServiceRequest, behind
from tests.local_server import Answer
from tests.services.cleanup.memory_s3 import NAME, MemoryS3, cleanup_of_memory
from tests.services.cleanup.runs import (
    SMALL,
    bucket,
    carry_out,
    cleanup_behind,
    cleanup_of,
    make_plan,
    table,
)
from tests.services.cleanup.sdk import Sdk
from tui.sandbox import SandboxInfo
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.cleanup import CleanupPlan, CleanupService, report_text
from tui.services.errors import ErrorKind, ServiceError


async def applied(
    cleanup: CleanupService, plan: CleanupPlan, typed: str, override: str | None = None
) -> ServiceError:
    """The error of an apply that must be refused at once."""
    events = cleanup.apply(plan, typed=typed, override=override, stop=asyncio.Event())
    with pytest.raises(ServiceError) as caught:
        await anext(events)
    return caught.value


@pytest.mark.parametrize("typed", ["", " ", "y", "delete 1", "DELETE"])
async def test_other_words_than_the_name_do_nothing(typed: str) -> None:
    s3 = MemoryS3()
    with cleanup_of_memory(s3) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))

        error = await applied(cleanup, plan, typed)

    assert error.kind is ErrorKind.INVALID
    assert not s3.gone


async def test_several_are_confirmed_by_their_number() -> None:
    with cleanup_of_memory(MemoryS3()) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME), bucket("another"))

    assert plan.confirmation == "delete 2"


async def test_a_plan_over_the_cap_needs_the_second_word() -> None:
    s3 = MemoryS3()
    s3.put("a", "b", "c")
    with cleanup_of_memory(s3, replace(SMALL, cap_count=2)) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))

        assert plan.over_cap
        for override in (None, "", "all 2"):
            error = await applied(cleanup, plan, NAME, override)
            assert error.kind is ErrorKind.INVALID
    assert len(s3.held) == 3


async def test_bytes_count_towards_the_cap_too() -> None:
    s3 = MemoryS3()
    s3.put("a", size=100)
    with cleanup_of_memory(s3, replace(SMALL, cap_bytes=99)) as cleanup:
        plan = await make_plan(cleanup, bucket(NAME))

    assert plan.override == "all 1"


async def test_read_only_refuses_at_once_but_lists_and_plans(
    read_only_account: Account, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.bucket()
    sdk.put(name, "a")
    before = (tmp_path / "audit.jsonl").read_text()
    with cleanup_of(read_only_account) as service:
        plan = await make_plan(service, bucket(name))

        error = await applied(service, plan, name)

    assert error.kind is ErrorKind.READ_ONLY
    assert sdk.has_bucket(name)
    assert (tmp_path / "audit.jsonl").read_text() == before


async def test_a_plan_is_not_applied_in_another_region(
    cleanup: CleanupService, sdk: Sdk, account: Account
) -> None:
    name = sdk.table()
    plan = await make_plan(cleanup, table(name))
    account.switch(region="eu-west-1")

    error = await applied(cleanup, plan, name)

    assert error.kind is ErrorKind.CHANGED
    assert "us-east-1" in error.cause
    assert "eu-west-1" in error.cause
    account.switch(region="us-east-1")
    assert sdk.has_table(name)


async def test_a_switch_while_applying_does_not_redirect_it(
    cleanup: CleanupService, sdk: Sdk, account: Account
) -> None:
    names = [sdk.table() for _ in range(3)]
    plan = await make_plan(cleanup, *(table(name) for name in names))

    async for _ in cleanup.apply(plan, typed="delete 3", stop=asyncio.Event()):
        account.switch(region="eu-west-1")

    account.switch(region="us-east-1")
    assert not any(sdk.has_table(name) for name in names)


async def test_an_inventory_of_another_region_is_not_planned(
    cleanup: CleanupService, account: Account
) -> None:
    connection = await account.connect()
    account.switch(region="eu-west-1")

    events = cleanup.plan([], asyncio.Event(), at=connection)
    with pytest.raises(ServiceError) as caught:
        await anext(events)

    assert caught.value.kind is ErrorKind.CHANGED


async def test_a_switch_while_the_server_says_who_is_calling_plans_nothing(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk
) -> None:
    name = sdk.table()
    accounts: list[Account] = []

    def intercept(request: ServiceRequest) -> Answer | None:
        if request.asks("GetCallerIdentity"):
            accounts[0].switch(region="eu-west-1")
        return None

    with behind(sandbox, intercept, audit) as account:
        accounts.append(account)
        with cleanup_of(account) as service, pytest.raises(ServiceError) as caught:
            await make_plan(service, table(name))

    assert caught.value.kind is ErrorKind.CHANGED


@pytest.mark.parametrize("missing", ["ItemCount", "TableSizeBytes"])
async def test_a_table_of_unknown_size_needs_the_second_word(
    sandbox: SandboxInfo, audit: AuditLog, sdk: Sdk, missing: str
) -> None:
    name = sdk.table()

    def intercept(request: ServiceRequest) -> Answer | None:
        if not request.asks("DescribeTable"):
            return None
        told = sdk.client("dynamodb").describe_table(TableName=name)["Table"]
        told.pop(missing)
        return Answer(200, json.dumps({"Table": told}, default=str))

    with cleanup_behind(sandbox, audit, intercept) as service:
        plan = await make_plan(service, table(name))

    assert plan.override == "all of it"
    assert plan.override_reason.startswith("How much 1 table holds is unknown.")


async def test_nothing_to_do_is_refused() -> None:
    with cleanup_of_memory(MemoryS3()) as cleanup:
        plan = await make_plan(cleanup)

        assert (await applied(cleanup, plan, "delete 0")).kind is ErrorKind.INVALID


async def test_the_report_says_where_what_and_is_saved_without_overwriting(tmp_path: Path) -> None:
    s3 = MemoryS3()
    s3.put("a")
    path = tmp_path / "reports" / "one.txt"
    with cleanup_of_memory(s3) as cleanup:
        report, _ = await carry_out(cleanup, await make_plan(cleanup, bucket(NAME)))

        await cleanup.save(report, path)

        text = path.read_text()
        assert text == report_text(report)
        assert "account 123456789012" in text
        assert "region us-east-1" in text
        assert f"bucket {NAME}: deleted" in text
        with pytest.raises(ServiceError) as caught:
            await cleanup.save(report, path)
    assert caught.value.kind is ErrorKind.EXISTS


async def test_a_report_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with cleanup_of_memory(MemoryS3()) as cleanup:
        report, _ = await carry_out(cleanup, await make_plan(cleanup, bucket(NAME)))

        with pytest.raises(ServiceError) as caught:
            await cleanup.save(report, tmp_path / "file" / "report.txt")

    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.cause


async def test_every_mutating_call_of_a_table_is_audited(
    cleanup: CleanupService, sdk: Sdk, tmp_path: Path
) -> None:
    name = sdk.table(DeletionProtectionEnabled=False)
    sdk.alarm(f"{name}-alarm", name)

    await carry_out(cleanup, await make_plan(cleanup, table(name)))

    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    done = [(line["operation"], line["outcome"]) for line in lines if "Delete" in line["operation"]]
    assert done == [("DeleteTable", "ok"), ("DeleteAlarms", "ok")]
