"""IAM login that is turned on because a token was refused: asked first, then really done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.panes.sql.connecting.refused.test_fixes import ScriptedPane
from tests.panes.sql.runners import services_of
from tests.services.rds.instances import delete_cluster, delete_instance, make_cluster
from tests.services.rds.test_changes import instance
from tui.panes.sql.connecting.refused.conclusion import Fix
from tui.panes.sql.connecting.refused.dialog import RefusedDialog
from tui.panes.sql.rds.plan_dialog import RdsPlanDialog
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.rds import Instance
from tui.services.rds.waiting import IAM_ON
from tui.services.sql import Auth, ConnectError, DatabaseTarget, Refusal


@pytest.fixture
def services(account: Account, audit: AuditLog, tmp_path: Path) -> Iterator[Services]:
    services = services_of(account, audit, tmp_path)
    yield services
    services.close()


async def test_iam_login_is_turned_on_after_what_it_means_was_agreed_to(
    services: Services, account: Account
) -> None:
    """Then the server is asked again, whose next refusal leads to the GRANT."""
    name = instance(account)
    now = await services.rds.describe(name)
    target = DatabaseTarget(
        "x", {"host": str(now.host), "port": str(now.port), "user": "ada"}, Auth.IAM
    )
    refused = ConnectError("No.", Refusal.IAM_NOT_GRANTED, cause="PAM authentication failed")
    left = ScriptedPane(services, Fix.IAM_ON, None, None)
    with pytest.raises(ServiceError):
        await left.explained(target, refused)
    assert (await services.rds.describe(name)).iam_auth is False

    pane = ScriptedPane(services, Fix.IAM_ON, True, now)
    assert (await pane.explained(target, refused))[0] is target
    question = pane.asked[1]
    assert isinstance(question, RdsPlanDialog)
    assert "granted rds_iam" in str(question.body)
    assert "--enable-iam-database-authentication" in str(question.body)
    assert [watched.goal for watched in pane.watched] == [IAM_ON]
    looks = [look async for look in services.rds.wait_for(name, IAM_ON)]
    assert looks[-1].instance is not None
    assert looks[-1].instance.iam_auth is True
    again = ScriptedPane(services, None)
    with pytest.raises(ServiceError, match="No"):
        await again.explained(target, refused)
    explained = again.asked[0]
    assert isinstance(explained, RefusedDialog)
    assert explained.diagnosis.conclusion is not None
    assert Fix.GRANT in explained.diagnosis.conclusion.fixes
    delete_instance(account, name)


async def test_for_a_member_iam_login_is_turned_on_in_its_cluster(
    services: Services, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, member = make_cluster(account)
    refused = ConnectError("No.", Refusal.IAM_NOT_GRANTED, cause="PAM authentication failed")
    now = await services.rds.describe(member)
    target = DatabaseTarget("x", {"host": str(now.host), "port": str(now.port)}, Auth.IAM)

    async def find(host: str, port: int) -> Instance:
        return await services.rds.describe(member)

    # The emulator's endpoint of a member is a name that leads nowhere.
    monkeypatch.setattr(services.rds, "find_endpoint", find)
    pane = ScriptedPane(services, Fix.IAM_ON, True, now)
    await pane.explained(target, refused)
    question = pane.asked[1]
    assert isinstance(question, RdsPlanDialog)
    assert f"cluster {cluster}" in str(question.body)
    assert "aws rds modify-db-cluster" in str(question.body)
    assert (await services.rds.describe(member)).iam_auth is True
    delete_cluster(account, cluster, member)


async def test_read_only_mode_turns_no_iam_login_on(services: Services, account: Account) -> None:
    pane = ScriptedPane(services, Fix.IAM_ON, None)
    pane.is_read_only = True
    port = (await services.rds.describe("tutorial-db")).port
    target = DatabaseTarget("x", {"host": "127.0.0.1", "port": str(port)}, Auth.IAM)
    with pytest.raises(ServiceError):
        await pane.explained(target, ConnectError("No.", Refusal.IAM_NOT_GRANTED))
    assert "Read-only mode" in pane.said[0]
