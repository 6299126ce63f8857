"""What a change of properties comes to on one object, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.services.s3.properties.test_properties import stored
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Unknown
from tui.services.s3.properties.models import Acl, Encryption, Lockless, ObjectProperties, Retention
from tui.services.s3.properties.property_changes import (
    PropertyChange,
    http_date,
    patch_to,
    patched,
    planned,
)
from tui.services.s3.properties.property_rules import (
    header_problems,
    metadata_problems,
    read_document,
    tag_set_problems,
    texts_in,
)

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
DENIED = Unknown(ServiceError("no", hint="needs s3:X", kind=ErrorKind.DENIED))


def properties(**more: Any) -> ObjectProperties:
    head = more.pop("head", {})
    found = ObjectProperties("b", "a", stored(**head), {}, None, None, Acl("me", "1", ()))
    return replace(found, **more)


def test_only_what_differs_is_a_difference() -> None:
    found = properties(head={"ContentType": "text/x", "Metadata": {"a": "1"}}, tags={"t": "1"})
    change = PropertyChange(
        headers={"ContentType": "text/x", "CacheControl": "no-cache"},
        metadata={"a": None, "b": ""},
        tags={"t": "2"},
        storage_class="STANDARD",
    )
    assert [str(each) for each in planned(found, change).differences] == [
        "Cache control: not set -> no-cache",
        "Metadata a: 1 -> not set",
        'Metadata b: not set -> ""',
        "Tag t: 1 -> 2",
    ]


def test_what_is_so_already_is_done() -> None:
    plan = planned(properties(tags={"t": "1"}), PropertyChange(tags={"t": "1", "gone": None}))
    assert plan.is_done


@pytest.mark.parametrize(
    ("found", "change", "said"),
    [
        ({"stored": DENIED}, PropertyChange(tags={"a": "b"}), "needs s3:X"),
        ({"tags": DENIED}, PropertyChange(tags={"a": "b"}), "cannot be kept"),
        ({"head": {"MissingMeta": 1}}, PropertyChange(metadata={"a": "b"}), "no answer can say"),
        (
            {"head": {"StorageClass": "GLACIER"}},
            PropertyChange(storage_class="STANDARD"),
            "restored first",
        ),
        (
            {"head": {"SSECustomerAlgorithm": "x"}},
            PropertyChange(metadata={"a": "b"}),
            "customer's",
        ),
        ({"head": {"ExpiresString": "soon"}}, PropertyChange(metadata={"a": "b"}), "no date"),
        ({"tags": {str(n): "" for n in range(10)}}, PropertyChange(tags={"x": ""}), "at most 10"),
        (
            {"head": {"Metadata": {"a": "x" * 2040}}},
            PropertyChange(metadata={"b": "1" * 9}),
            "2,048 bytes",
        ),
        ({"retention": Lockless()}, PropertyChange(legal_hold=True), "no object lock"),
    ],
)
def test_what_cannot_be_done_says_why(
    found: dict[str, Any], change: PropertyChange, said: str
) -> None:
    assert said in planned(properties(**found), change).problem


def test_a_restored_object_can_be_written_anew() -> None:
    head = {"StorageClass": "GLACIER", "Restore": 'ongoing-request="false", expiry-date="x"'}
    assert not planned(properties(head=head), PropertyChange(storage_class="STANDARD")).problem


def test_what_is_not_kept_is_said_before() -> None:
    head = {"VersionId": "v", "StorageClass": "STANDARD_IA", "ServerSideEncryption": "aws:kms"}
    found = properties(head=head, acl=DENIED, retention=DENIED)
    notes = " ".join(planned(found, PropertyChange(metadata={"a": "b"})).notes)
    for said in ("new version", "at least 30 days", "Not kept: the ACL", "needs s3:X", "retention"):
        assert said in notes
    assert not planned(found, PropertyChange(tags={"a": "b"})).notes


def test_a_retention_only_grows_without_a_bypass() -> None:
    kept = properties(retention=Retention("GOVERNANCE", LATER))
    longer = PropertyChange(retention=Retention("GOVERNANCE", LATER + timedelta(days=1)))
    shorter = PropertyChange(retention=Retention("GOVERNANCE", LATER - timedelta(days=1)))
    assert not planned(kept, longer).problem
    assert "bypass" in planned(kept, shorter).problem
    assert not planned(kept, replace(shorter, bypass_governance=True)).problem
    hard = properties(retention=Retention("COMPLIANCE", LATER))
    ends = PropertyChange(no_retention=True, bypass_governance=True)
    assert "only grows longer" in planned(hard, ends).problem


def test_a_key_by_its_id_is_the_key_by_its_arn() -> None:
    head = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:x:1:key/abc"}
    same = PropertyChange(encryption=Encryption("aws:kms", "abc"))
    assert planned(properties(head=head), same).is_done


def test_a_patch_leads_from_one_to_the_other() -> None:
    now, wanted = {"a": "1", "b": "2"}, {"b": "3", "c": ""}
    assert patched(now, patch_to(now, wanted)) == wanted


@pytest.mark.parametrize(
    "tags",
    [
        {str(n): "" for n in range(11)},
        {"": "x"},
        {"aws:x": ""},
        {"k" * 129: ""},
        {"k": "v" * 257},
        {"k": "a#b"},
    ],
)
def test_tags_that_s3_does_not_take(tags: dict[str, str]) -> None:
    assert tag_set_problems(tags)


def test_tags_that_s3_takes() -> None:
    assert not tag_set_problems({"k" * 128: "v" * 256, "Größe +-=._:/@ x": ""})


@pytest.mark.parametrize(
    "metadata", [{"A": "x"}, {"a b": "x"}, {"a": "é"}, {"a": "x\n"}, {"a": " "}]
)
def test_metadata_that_s3_does_not_take(metadata: dict[str, str]) -> None:
    assert metadata_problems(metadata)


def test_dates_are_understood_and_written_as_http_does() -> None:
    assert http_date("2026-10-21T07:28:00Z") == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert http_date("Wed, 21 Oct 2026 09:28:00 +0200") == "Wed, 21 Oct 2026 07:28:00 GMT"
    assert http_date("soon") == ""
    assert header_problems("Expires", "soon")
    assert header_problems("CacheControl", "a\nb")
    assert not header_problems("WebsiteRedirectLocation", "/x")


@pytest.mark.parametrize("text", ['{"a": "1", "a": "2"}', "{", '{"a": 1}', "[]", '{"a": null}'])
def test_documents_that_would_lose_something_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        texts_in(read_document(text), removable=False)


def test_null_takes_away_where_many_are_changed() -> None:
    assert texts_in(read_document('{"a": null}'), removable=True) == {"a": None}
