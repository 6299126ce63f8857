"""A stopped instance that is to be connected to is started first, a member with its cluster."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.services.rds.instances import delete_cluster, make_cluster
from tui.panes.sql.rds.flow import start
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.widgets.dialogs.dialogs import Confirm


@pytest.mark.parametrize("agrees", [True, False])
async def test_a_member_is_started_with_its_cluster(
    services: Services, account: Account, agrees: bool
) -> None:
    cluster, member = make_cluster(account)
    await services.rds.clusters.stop(cluster)
    asked: list[str] = []

    async def ask(question: Confirm, **_: object) -> bool:
        asked.append(str(question.dialog_title))
        return agrees

    pane: Any = SimpleNamespace(services=services, ask=ask)
    stopped = await services.rds.describe(member)
    assert stopped.status == "stopped"
    assert await start(cast("RdsPane", pane), stopped) is agrees
    assert asked == [f"Start the cluster {cluster}?"]
    now = (await services.rds.clusters.describe(cluster)).status
    assert now == ("available" if agrees else "stopped")
    if not agrees:
        await services.rds.clusters.start(cluster)
    delete_cluster(account, cluster, member)
