"""What a plan says of what goes along with copies, and of what does not."""

from __future__ import annotations

from tui.panes.s3.change.terms import terms_text
from tui.services.errors import ServiceError
from tui.services.s3 import CopyTerms, ObjectLock, Unknown, Versioning

NOTHING = CopyTerms(False, ObjectLock(), ObjectLock(), Versioning.NEVER, False)
UNKNOWN = Unknown(ServiceError("no"))


def said(terms: CopyTerms, *, moves: bool = False, is_aws: bool = True) -> str:
    return terms_text(terms, "there", moves=moves, is_aws=is_aws)


def test_what_is_left_behind_is_said_as_far_as_it_is_known() -> None:
    assert "Nothing is left behind" in said(NOTHING)
    both = CopyTerms(True, ObjectLock(True), ObjectLock(), Versioning.ENABLED, False)
    assert "Not taken along: ACLs, retention and legal holds." in said(both)
    unknown = CopyTerms(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, False)
    assert "ACLs and retention and legal holds, if there are any" in said(unknown)


def test_what_the_destination_adds_is_said() -> None:
    there = CopyTerms(False, ObjectLock(), ObjectLock(True, "COMPLIANCE 7 years"), UNKNOWN, True)
    text = said(there)
    assert "default retention of there: COMPLIANCE 7 years" in text
    assert "another region" in text


def test_a_move_says_how_a_source_is_deleted_and_what_stays_of_it() -> None:
    assert "If-Match" not in said(NOTHING)
    assert "S3 is told its ETag (If-Match)" in said(NOTHING, moves=True)
    assert "this server is asked right before" in said(NOTHING, moves=True, is_aws=False)
    kept = CopyTerms(False, ObjectLock(), ObjectLock(), Versioning.ENABLED, False)
    assert "Sources get delete markers" in said(kept, moves=True)
