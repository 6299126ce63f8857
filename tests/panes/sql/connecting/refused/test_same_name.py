"""Whether an instance that is found by its name is the one that refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.panes.sql.runners import services_of
from tui.panes.sql.connecting.refused.facts import Aspect, Verdict
from tui.panes.sql.connecting.refused.looking import Diagnosis
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.sql import ConnectError, DatabaseTarget, Refusal


@pytest.fixture
def services(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Services]:
    services = services_of(account, audit, tmp_path)
    yield services
    services.close()


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_an_instance_of_the_same_name_elsewhere_is_not_the_one(
    services: Services, elsewhere: bool
) -> None:
    """A saved connection knows the name of its instance; under another profile that name may be
    of another instance, for which no fix may be offered."""
    region = "ap-south-2" if elsewhere else services.account.target.region
    host = f"tutorial-db.another0account.{region}.rds.amazonaws.com"
    target = DatabaseTarget("shop", {"host": host, "user": "anna"}, instance="tutorial-db")
    refused = ConnectError("No.", Refusal.WRONG_PASSWORD)
    found = Diagnosis(services, target, refused)
    await found.run()
    assert found.facts.instance is None
    wanted = Verdict.NOT_LOOKED if elsewhere else Verdict.PROBLEM
    assert found.facts.looked[Aspect.INSTANCE].verdict is wanted
