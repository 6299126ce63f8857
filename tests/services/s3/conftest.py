"""A service on the sandbox and a bucket of one's own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.buckets import Put, own_bucket, putting
from tui.services.aws import Account
from tui.services.s3 import S3Service


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
