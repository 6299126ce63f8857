from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.panes.sql.rds.harness import make_services
from tui.services.aws import Account
from tui.services.bundle import Services


@pytest.fixture
def services(account: Account, tmp_path: Path) -> Iterator[Services]:
    services = make_services(account, tmp_path)
    yield services
    services.close()
