"""Deletes that were carried out and whose answers were lost: every delete marker is found."""

from __future__ import annotations

from typing import Any
from unittest.mock import Mock

import pytest

from tests.local_server import Answer, HangUpError, Request
from tests.services.s3.deleting.test_versions import listing, row
from tests.services.s3.scripted import error, s3_answered
from tui.services.aws import session
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import DeleteOutcome, Name, S3Service
from tui.services.s3.deleting import deleting
from tui.services.s3.deleting.batch_delete import BatchOutcome, Refused
from tui.services.s3.deleting.deleting import CHANGED
from tui.services.s3.deleting.marker_look import MarkerState

VERSIONING = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
DELETED = (
    "<DeleteResult><Deleted><Key>k</Key><DeleteMarker>true</DeleteMarker>"
    "<DeleteMarkerVersionId>m2</DeleteMarkerVersionId></Deleted></DeleteResult>"
)
LISTED = "<ListBucketResult><KeyCount>1</KeyCount>{}</ListBucketResult>"
OBJECT = '<Contents><Key>k</Key><Size>1</Size><ETag>"e"</ETag></Contents>'


class Versioned:
    """A bucket with one object, each delete of which adds a marker; it loses the first answers."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.markers = 0

    def answer(self, request: Request) -> Answer:
        if request.method == "POST":
            self.markers += 1
            if self.markers <= self.lost:
                raise HangUpError
            return Answer(200, DELETED)
        if "versioning" in request.path:
            return Answer(200, VERSIONING)
        if "versions" in request.path:
            markers = [row("k", f"m{n}", "DeleteMarker") for n in range(self.markers, 0, -1)]
            stored = row("k", "v").replace("</Key>", '</Key><ETag>"e"</ETag>', 1)
            return listing(*markers, stored, row("k", "older"))
        return Answer(200, LISTED.format("" if self.markers else OBJECT))


async def deleted(s3: S3Service) -> DeleteOutcome:
    [outcome] = [each async for each in s3.delete_objects("b", ["k"], etags=["e"])]
    return outcome


@pytest.mark.parametrize("lost", [1, 2], ids=["the first answer", "every answer"])
async def test_the_delete_markers_of_lost_answers_are_found_and_taken_back_together(
    lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)
    bucket = Versioned(lost)
    with s3_answered(bucket.answer) as s3:
        outcome = await deleted(s3)
        states = await s3.look_at_markers("b", outcome.made)
    # The SDK sent it twice, and both were carried out.
    assert bucket.markers == 2
    assert (outcome.deleted, outcome.failed, outcome.markers) == (("k",), (), 1)
    assert outcome.made == (Name("k", "m2"), Name("k", "m1"))
    assert set(states.values()) == {MarkerState.HIDES}


async def test_a_marker_of_somebody_else_is_not_taken_for_one_of_the_delete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "MAX_ATTEMPTS", 2)
    bucket = Versioned(1)
    with s3_answered(bucket.answer) as s3:
        # What is below the markers is not what was deleted.
        [outcome] = [each async for each in s3.delete_objects("b", ["k"], etags=["other"])]
    assert outcome.made == (Name("k", "m2"),)


async def test_a_delete_that_was_only_asked_to_wait_is_not_looked_for() -> None:
    bucket, asked = Versioned(0), list[str]()

    def answer(request: Request) -> Answer:
        asked.append(f"{request.method} {request.path}")
        return error(503, "SlowDown") if len(asked) == 2 else bucket.answer(request)

    with s3_answered(answer) as s3:
        outcome = await deleted(s3)
    assert outcome.made == (Name("k", "m2"),)
    assert [each.split()[0] for each in asked] == ["HEAD", "POST", "POST"]


@pytest.mark.parametrize(("endpoint", "code"), [(None, "InDoubt"), ("http://here", CHANGED)])
def test_what_only_a_second_try_finds_changed_is_in_doubt_where_no_marker_may_be_looked_for(
    monkeypatch: pytest.MonkeyPatch, endpoint: str | None, code: str
) -> None:
    def denied(*_: object) -> None:
        raise ServiceError("Denied.", kind=ErrorKind.DENIED)

    monkeypatch.setattr(deleting, "markers_over", denied)
    stay = (Refused(Name("k"), CHANGED, "changed"), Refused(Name("o"), "AccessDenied", "no"))
    s3: Any = Mock(**{"connection.endpoint": endpoint})
    outcome = BatchOutcome(stay, is_unsure=True)
    told = deleting._with_every_marker(s3, "b", {"k": "e", "o": "e"}, outcome)
    assert [each.code for each in told.refused] == [code, "AccessDenied"]
