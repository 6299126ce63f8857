"""The cleanup service of the sandbox's account, and the SDK beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.cleanup.runs import cleanup_of
from tests.services.cleanup.sdk import Sdk
from tui.services.aws import Account
from tui.services.cleanup import CleanupService


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every listing of a database has several pages."""
    monkeypatch.setattr("tui.services.rds.service.PAGE_SIZE", 20)
    monkeypatch.setattr("tui.services.dynamodb.tables.LIST_PAGE", 2)
    monkeypatch.setattr("tui.services.cloudwatch.service.PAGE_SIZE", 3)


@pytest.fixture
def cleanup(account: Account) -> Iterator[CleanupService]:
    with cleanup_of(account) as service:
        yield service


@pytest.fixture
def sdk(account: Account) -> Sdk:
    return Sdk(account)
