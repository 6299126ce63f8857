"""What the info of a bucket says about who may read it."""

from __future__ import annotations

import pytest

from tui.panes.s3.details import acl_text
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import PublicAccessBlock, PublicGrant, Unknown

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
