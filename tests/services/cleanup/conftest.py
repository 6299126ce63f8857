"""The cleanup service with small numbers, and things to clean up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.cleanup.stage import Stage
from tui.services.aws import Account
from tui.services.cleanup import CleanupService, Tunables

SMALL = Tunables(
    page=40,
    batch=25,
    backoff=0.01,
    lock_lookups=50,
    rds_page=20,
    table_page=2,
    alarm_page=3,
    poll=0.02,
)


@pytest.fixture
def cleanup(account: Account) -> Iterator[CleanupService]:
    service = CleanupService(account, SMALL)
    yield service
    service.close()


@pytest.fixture
def stage(account: Account) -> Stage:
    return Stage(account)
