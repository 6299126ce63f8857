"""The cleanup service of the sandbox's account, and the SDK beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.cleanup.runs import cleanup_of
from tests.services.cleanup.sdk import Sdk
from tui.services.aws import Account
from tui.services.cleanup import CleanupService


@pytest.fixture
def cleanup(account: Account) -> Iterator[CleanupService]:
    with cleanup_of(account) as service:
        yield service


@pytest.fixture
def sdk(account: Account) -> Sdk:
    return Sdk(account)
