"""Archived objects that are restored: what is asked for, and what S3 says to it."""

from __future__ import annotations

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Service
from tui.services.s3.properties.models import Stored
from tui.services.s3.properties.restoring import Restored, RestoreWish, Tier

WISH = RestoreWish(3, Tier.BULK)


async def test_an_archived_object_can_be_read_after_its_restore(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"a": b"1"}, StorageClass="GLACIER")
    with pytest.raises(ServiceError) as told:
        await s3.read_head(bucket, "a")
    assert "press t in the list" in told.value.hint
    said = await s3.restore_object(bucket, "a", WISH, storage_class="GLACIER")
    assert said is Restored.BEGUN
    # moto restores at once.
    found = (await s3.properties(bucket, "a")).stored
    assert isinstance(found, Stored)
    assert found.restore.startswith("until")
    assert (await s3.read_head(bucket, "a")).data == b"1"
    again = await s3.restore_object(bucket, "a", WISH, storage_class="GLACIER")
    assert again is Restored.LONGER


async def test_days_and_tier_are_sent_as_asked() -> None:
    with scripted(Answer(202)) as (s3, server):
        await s3.restore_object("bucket", "a", WISH, storage_class="DEEP_ARCHIVE")
    body = server.requests[0].body.decode()
    assert "<Days>3</Days>" in body
    assert "<Tier>Bulk</Tier>" in body


async def test_a_restore_under_way_is_no_error() -> None:
    with scripted(error(409, "RestoreAlreadyInProgress")) as (s3, _):
        said = await s3.restore_object("bucket", "a", WISH, storage_class="GLACIER")
    assert said is Restored.UNDER_WAY


async def test_intelligent_tiering_is_asked_for_its_tier_and_takes_no_days() -> None:
    head = Answer(headers={"x-amz-archive-status": "ARCHIVE_ACCESS"})
    with scripted(head, Answer(202)) as (s3, server):
        said = await s3.restore_object("b", "a", WISH, storage_class="INTELLIGENT_TIERING")
    assert said is Restored.BEGUN
    assert "<Days>" not in server.requests[1].body.decode()
    with scripted(Answer()) as (s3, server):
        said = await s3.restore_object("b", "a", WISH, storage_class="INTELLIGENT_TIERING")
    assert said is Restored.READABLE
    assert len(server.requests) == 1


async def test_what_is_refused_says_what_to_do() -> None:
    fast = RestoreWish(1, Tier.EXPEDITED)
    with scripted(error(403, "AccessDenied")) as (s3, server):
        with pytest.raises(ServiceError) as told:
            await s3.restore_object("b", "a", fast, storage_class="DEEP_ARCHIVE")
        assert told.value.kind is ErrorKind.INVALID
        assert not server.requests
        with pytest.raises(ServiceError) as told:
            await s3.restore_object("b", "a", WISH, storage_class="GLACIER")
        assert "s3:RestoreObject" in told.value.hint
    with scripted(error(400, "GlacierExpeditedRetrievalNotAvailable")) as (s3, _):
        with pytest.raises(ServiceError) as told:
            await s3.restore_object("b", "a", fast, storage_class="GLACIER")
        assert "Standard" in told.value.hint
