"""What the info of a bucket says about who may read it."""

from __future__ import annotations

import pytest

from tui.panes.s3.details import acl_text, fact_content, policy_facts, room_of_values
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import Exposure, PolicyStatus, PublicAccessBlock, PublicGrant, Unknown

DENIED = Unknown(ServiceError("No.", hint="needs it", kind=ErrorKind.DENIED))
READ = (PublicGrant("anybody on the internet", "READ"),)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (None, "PUBLIC unless the account's own"),
        (PublicAccessBlock.all(False), "PUBLIC unless the account's own"),
        (DENIED, "which is unknown"),
        (PublicAccessBlock.all(True), "makes it ineffective"),
    ],
)
def test_an_acl_for_everybody_is_public_unless_it_is_blocked(
    block: PublicAccessBlock | Unknown | None, said: str
) -> None:
    text = acl_text(READ, block)
    assert said in text
    assert "READ for anybody on the internet" in text


def test_no_grant_and_an_unknown_acl_are_told_apart() -> None:
    assert acl_text((), None) == "gives nothing to everybody"
    assert acl_text(DENIED, None).startswith("unknown: access denied")


@pytest.mark.parametrize(
    ("exposure", "said"),
    [
        (Exposure(None, PolicyStatus.PUBLIC, ()), "PUBLIC through the bucket's policy"),
        (Exposure(PublicAccessBlock.all(True), PolicyStatus.PUBLIC, ()), "block prevents that"),
        (Exposure(None, PolicyStatus.NO_POLICY, ()), "no bucket policy"),
        (Exposure(None, DENIED, ()), "unknown: access denied"),
        (DENIED, "unknown: access denied"),
    ],
)
def test_an_object_says_what_the_policy_of_its_bucket_means_for_it(
    exposure: Exposure | Unknown, said: str
) -> None:
    ((_, text),) = policy_facts(exposure)
    assert said in text


def test_a_server_without_public_access_blocks_leaves_nothing_unknown() -> None:
    nothing_of_the_kind = Unknown(ServiceError("No.", code="NotImplemented"))
    assert "which is unknown" not in acl_text(READ, nothing_of_the_kind)


@pytest.mark.parametrize("screen", [80, 90, 160])
def test_a_value_is_broken_where_the_dialog_ends(screen: int) -> None:
    # Border, padding and scrollbar take six columns of the dialog, the label 23.
    inside = min(92, int(screen * 0.96)) - 6 - 23
    room = room_of_values(screen)
    lines = fact_content("Bucket policy", "word " * 40, room).plain.split("\n")
    assert len(lines) > 1
    assert max(len(line.strip()) for line in lines) <= inside
