"""What a change and a restore of many objects come to, and how the work on them ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.buckets import own_bucket
from tests.services.s3.properties.test_properties import stored
from tests.services.s3.properties.test_property_changes import DENIED, properties
from tui.panes.s3.entries import cells
from tui.panes.s3.properties import work as work_module
from tui.panes.s3.properties.commands_restore import days_problems, question
from tui.panes.s3.properties.documents import HeadersDocument, TagsDocument
from tui.panes.s3.properties.forms import (
    class_change,
    class_problems,
    parse_until,
    retention_change,
    until_problems,
)
from tui.panes.s3.properties.planning import plan_text, properties_or_gone, refusal
from tui.panes.s3.properties.work import ObjectWork
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Location, S3Object, S3Service
from tui.services.s3.properties.models import Encryption
from tui.services.s3.properties.property_changes import PropertyChange, planned
from tui.services.s3.properties.restoring import RestoreWish, Tier

GLACIER = S3Object("a", 5, None, "GLACIER", "e")


def test_a_plan_says_from_what_to_what_how_many_and_how_large() -> None:
    change = PropertyChange(metadata={"a": "2"}, headers={"CacheControl": "no-cache"})
    done = {"Metadata": {"a": "2"}, "CacheControl": "no-cache"}
    plans = [
        planned(replace(properties(head={"Metadata": {"a": "1"}}), key="[x]"), change),
        planned(replace(properties(head={"Metadata": {"a": "1"}}), key="y"), change),
        planned(properties(head=done), change),
        planned(replace(properties(head={"StorageClass": "GLACIER"}), key="cold"), change),
    ]
    text = plan_text(plans, "In account 1.")
    for said in (
        "In account 1.",
        "2 objects changed",
        "Metadata a: 1 -> 2  (2 objects)",
        "2 objects (10 B) written anew",
        "1 object left: so already",
        "cold: It is archived",
    ):
        assert said in text
    assert refusal(plans) is None


def test_a_plan_of_which_nothing_can_be_done_is_refused() -> None:
    change = PropertyChange(tags={"a": "b"})
    denied = refusal([planned(properties(tags=DENIED), change)])
    assert denied is not None
    assert "needs s3:X" in str(denied)
    so_already = refusal([planned(properties(tags={"a": "b"}), change)])
    assert so_already is not None
    assert "so already" in str(so_already)


async def test_an_object_that_is_gone_does_not_hold_up_the_others(account: Account) -> None:
    s3, bucket = S3Service(account), own_bucket(account)
    gone = await properties_or_gone(s3, bucket, "gone", at=account.connection)
    assert "could not be read" in planned(gone, PropertyChange(tags={"a": "b"})).problem
    s3.close()


def test_a_document_of_one_object_is_the_whole_of_many_what_changes() -> None:
    one = TagsDocument({"a": "1", "b": "2"})
    assert json.loads(one.text) == {"a": "1", "b": "2"}
    assert one.change('{"b": "3"}') == PropertyChange(tags={"a": None, "b": "3"})
    assert one.problems('{"a": null}')
    many = TagsDocument(None)
    assert many.change('{"a": null, "b": "3"}') == PropertyChange(tags={"a": None, "b": "3"})
    with pytest.raises(ServiceError):
        one.change("  ")


def test_headers_and_metadata_are_one_document() -> None:
    now = stored(ContentType="text/x", CacheControl="c", Metadata={"a": "1"})
    document = HeadersDocument(now)
    assert json.loads(document.text) == {
        "ContentType": "text/x",
        "CacheControl": "c",
        "Metadata": {"a": "1"},
    }
    change = document.change('{"ContentType": "text/y", "Metadata": {"a": "1", "b": ""}}')
    assert change == PropertyChange(
        headers={"CacheControl": None, "ContentType": "text/y"}, metadata={"b": ""}
    )
    many = HeadersDocument(None)
    assert not many.problems('{"Expires": null, "Metadata": {"a": null}}')
    for text in ('{"Color": "red"}', '{"Expires": "soon"}', '{"Metadata": {"A": "x"}}', "[]", "{"):
        assert document.problems(text)
        assert many.problems(text)


def test_the_forms_ask_for_what_was_chosen() -> None:
    values = {"class": "", "encryption": "aws:kms", "key": " k ", "bucket_key": "yes"}
    assert class_change(values).encryption == Encryption("aws:kms", "k", bucket_key=True)
    assert class_problems({**values, "encryption": ""})
    kept = retention_change({"mode": "GOVERNANCE", "until": "2100-01-31", "bypass": ""})
    assert kept.retention is not None
    assert kept.retention.until == parse_until("2100-01-31T01:00:00+01:00")
    assert retention_change({"mode": "none", "until": "", "bypass": "yes"}) == PropertyChange(
        no_retention=True, bypass_governance=True
    )
    assert until_problems("2001-01-01")
    assert until_problems("soon")


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "²", "123456", "x"])
def test_a_restore_is_for_whole_days(text: str) -> None:
    assert days_problems(text)
    assert not days_problems("30")


def test_a_restore_says_before_what_it_costs_and_what_stays() -> None:
    ready = replace(GLACIER, key="[r]", restore="until x")
    tiering = replace(GLACIER, key="t", storage_class="INTELLIGENT_TIERING")
    text = question([GLACIER, ready, tiering], 2, RestoreWish(3, Tier.BULK), "In account 1.")
    for said in ("3 objects (15 B), Bulk, for 3 days", "5-12 hours", "AWS bills", "2 objects left"):
        assert said in text
    assert "stays so for 3 days" in text
    assert "come back for good" in text


def test_the_list_tells_the_state_of_a_restore() -> None:
    here = S3Location("b")
    assert str(cells(GLACIER, here)[3].text) == "GLACIER"  # type: ignore[union-attr]
    under_way = replace(GLACIER, restore="in progress")
    assert cells(under_way, here)[3].text == "GLACIER, restoring"  # type: ignore[union-attr]
    ready = replace(GLACIER, restore="until x")
    assert cells(ready, here)[3].text == "GLACIER, readable"  # type: ignore[union-attr]


async def outcome(one: Callable[[str], None], count: int = 20) -> ObjectWork[str]:
    async def do(key: str) -> str:
        await asyncio.sleep(0)
        one(key)
        return "changed"

    work = ObjectWork([f"k{n}" for n in range(count)], str, do, done="changed")
    async for _ in work.run():
        if work.outcomes.total() >= 8 and "stop" in one.__name__:
            work.stopped = True
    return work


async def test_objects_that_failed_are_named_and_the_others_are_done() -> None:
    def some_fail(key: str) -> None:
        if key in {"k3", "k4"}:
            raise ServiceError("Denied.", hint="needs s3:X", kind=ErrorKind.DENIED)

    work = await outcome(some_fail)
    assert work.report == "18 objects: changed."
    assert work.problem is not None
    assert "2 objects were not changed" in work.problem.message
    assert "k3: Denied.\nneeds s3:X" in work.problem.cause


async def test_work_on_one_object_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_module, "TOLD_EVERY", 0.0)
    may_end, states = asyncio.Event(), []

    async def one(_: str) -> str:
        await may_end.wait()
        return "changed"

    work = ObjectWork(["k"], str, one, done="changed", inside=lambda: "1 GiB of 9 GiB copied")
    async for _ in work.run():
        states.append(work.state)
        if len(states) == 2:
            may_end.set()
    assert states[:2] == ["changed 0 of 1, 1 GiB of 9 GiB copied, Esc stops"] * 2


async def test_esc_ends_it_between_two_objects() -> None:
    def stop(_: str) -> None:
        return None

    work = await outcome(stop)
    assert work.problem is not None
    assert "not tried: stopped" in work.problem.cause
    assert 8 <= work.outcomes.total() < 20


async def test_nothing_more_is_begun_when_no_object_can_succeed() -> None:
    def offline(_: str) -> None:
        raise ServiceError("No network.", kind=ErrorKind.NETWORK)

    work = await outcome(offline)
    assert work.problem is not None
    assert "12 objects not tried" in work.problem.cause
