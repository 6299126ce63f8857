"""Versions and delete markers on the wire: as listed, as named in a delete, as refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.aws import Connection, session
from tui.services.s3 import ObjectVersion, RefusedVersion, S3Service

DONE = Answer(200, "<DeleteResult></DeleteResult>")


def version(key: str, version_id: str = "null") -> ObjectVersion:
    return ObjectVersion(key, version_id, 1, marker=False, latest=True)


def listing(*rows: str, more: str = "") -> Answer:
    truncated = str(bool(more)).lower()
    return Answer(
        200,
        f"<ListVersionsResult><IsTruncated>{truncated}</IsTruncated>{more}"
        f"<EncodingType>url</EncodingType>{''.join(rows)}</ListVersionsResult>",
    )


def row(key: str, version_id: str = "null", kind: str = "Version") -> str:
    size = "<Size>1</Size>" if kind == "Version" else ""
    return (
        f"<{kind}><Key>{key}</Key><VersionId>{version_id}</VersionId>{size}"
        f"<IsLatest>true</IsLatest></{kind}>"
    )


async def listed(s3: S3Service, at: Connection) -> list[ObjectVersion]:
    return [each async for page in s3.list_versions("b", at=at) for each in page]


async def delete(s3: S3Service, *versions: ObjectVersion, **how: bool) -> list[RefusedVersion]:
    return await s3.delete_versions("b", versions, at=s3.account.connection, **how)


async def test_versions_and_markers_of_every_page_are_listed_with_their_own_keys() -> None:
    more = "<NextKeyMarker>Icon%0D</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>"
    first = listing(row("Icon%0D", "v1"), more=more)
    second = listing(row("a+b%01", "v2"), row("gone", "v3", "DeleteMarker"))
    with scripted(first, second) as (s3, script):
        found = await listed(s3, s3.account.connection)

    assert [(each.key, each.version_id, each.marker) for each in found] == [
        ("Icon\r", "v1", False),
        ("a b\x01", "v2", False),
        ("gone", "v3", True),
    ]
    assert [each.size_bytes for each in found] == [1, 1, 0]
    assert "key-marker=Icon%0D" in script.requests[1].path
    assert "version-id-marker=v1" in script.requests[1].path


async def test_a_listing_that_names_no_version_names_objects_without_one() -> None:
    bare = "<Version><Key>a</Key><Size>1</Size><IsLatest>true</IsLatest></Version>"
    with scripted(listing(bare)) as (s3, _):
        (only,) = await listed(s3, s3.account.connection)

    assert only.version_id == "null"


async def test_keys_that_no_xml_carries_are_deleted_one_by_one() -> None:
    keys = ["\x01one", "es\x1bc", "new\nline"]
    with scripted(DONE, Answer(204, "")) as (s3, script):
        refused = await delete(s3, *map(version, keys), by_version=True)

    assert refused == []
    batch, *single = script.requests
    assert batch.body.count(b"<Key>") == 1
    assert b"<Key>new&#xA;line</Key>" in batch.body
    assert [each.path for each in single] == [
        "/b/%01one?versionId=null",
        "/b/es%1Bc?versionId=null",
    ]


async def test_a_key_whose_carriage_return_the_answer_folds_is_refused_by_its_own_name() -> None:
    """The server writes it raw into its answer, where XML reads a line feed."""
    told = "<Error><Key>Icon\r</Key><VersionId>null</VersionId><Code>AccessDenied</Code></Error>"
    with scripted(Answer(200, f"<DeleteResult>{told}</DeleteResult>")) as (s3, _):
        refused = await delete(s3, version("Icon\r"), version("other"))

    assert [(each.version.key, each.code) for each in refused] == [("Icon\r", "AccessDenied")]
    assert not refused[0].again


async def names_sent(*versions: ObjectVersion, **how: bool) -> Sequence[bytes]:
    with scripted(DONE) as (s3, script):
        await delete(s3, *versions, **how)
    return re.findall(b"<Object>(.*?)</Object>", script.requests[0].body)


async def test_what_has_no_version_id_is_named_by_its_key_alone_if_asked_for() -> None:
    both = (version("a"), version("b", "v1"))
    named = b"<Key>b</Key><VersionId>v1</VersionId>"

    assert await names_sent(*both, by_version=False) == [b"<Key>a</Key>", named]
    assert await names_sent(*both) == [b"<Key>a</Key><VersionId>null</VersionId>", named]


async def test_governance_is_bypassed_only_if_asked_for() -> None:
    for bypass in (False, True):
        with scripted(DONE, Answer(204, "")) as (s3, script):
            await delete(s3, version("a"), version("\x01"), bypass_governance=bypass)
        sent = ["x-amz-bypass-governance-retention" in each.headers for each in script.requests]
        assert sent == [bypass, bypass]


async def test_a_call_that_is_throttled_as_a_whole_asks_to_send_all_of_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tui.services.aws.calls.ATTEMPTS", 1)
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 1)
    with scripted(error(503, "SlowDown")) as (s3, _):
        refused = await delete(s3, version("a"), version("b"))

    assert [each.version.key for each in refused] == ["a", "b"]
    assert all(each.again for each in refused)


async def test_a_single_delete_that_is_refused_is_told_and_the_others_are_sent() -> None:
    with scripted(error(403, "AccessDenied"), Answer(204, "")) as (s3, script):
        refused = await delete(s3, version("\x01"), version("\x02"))

    assert [(each.version.key, each.code) for each in refused] == [("\x01", "AccessDenied")]
    assert len(script.requests) == 2
