"""A service on the sandbox and a bucket of one's own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.buckets import Put, own_bucket, putting
from tui.services.aws import Account
from tui.services.s3 import S3Service
from tui.services.s3.listing import scan_parts


@pytest.fixture
def s3(account: Account) -> Iterator[S3Service]:
    service = S3Service(account)
    yield service
    service.close()


@pytest.fixture
def bucket(account: Account) -> str:
    return own_bucket(account)


@pytest.fixture
def put(account: Account, bucket: str) -> Put:
    return putting(account, bucket)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan cuts a few keys already, and holds few pages."""
    monkeypatch.setattr(scan_parts, "WORTH_CUTTING", 10)
    monkeypatch.setattr(scan_parts, "HELD", 3)
    monkeypatch.setattr(scan_parts, "SHARE", 14)
    monkeypatch.setattr(scan_parts, "AHEAD", 3)
