"""The password of an instance that was created in this run goes to that instance only."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.services.rds.instances import instance
from tui.panes.sql.connecting.created_here import with_known_password
from tui.panes.sql.rds.flow import connect_to
from tui.panes.sql.rds.rds_pane import RdsPane
from tui.services.errors import ErrorKind, ServiceError
from tui.services.rds import ConnectInfo, Instance
from tui.services.sql import Auth, DatabaseTarget, Secrets, SecretSource, SecretStore
from tui.widgets.dialogs.dialogs import AskText

HOST = "shop.abc.eu-west-1.rds.amazonaws.com"
SAVED = DatabaseTarget(
    "shop", {"host": HOST, "port": "5432", "user": "anna", "dbname": "x"}, Auth.PASSWORD
)


class Rds:
    """Knows one instance."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def describe(self, name: str, **_: object) -> Instance:
        self.asked.append(name)
        if name != "shop":
            raise ServiceError("No.", kind=ErrorKind.NOT_FOUND)
        return instance("shop", MasterUsername="anna", Endpoint={"Address": HOST, "Port": 5432})


def pane_of(rds: Rds) -> RdsPane:
    known = {"shop": "correct-horse-9", "gone": "correct-horse-9"}
    account = SimpleNamespace(connection=None)
    pane: Any = SimpleNamespace(
        rds=SimpleNamespace(password_of=known.get),
        services=SimpleNamespace(rds=rds, account=account),
    )
    return cast("RdsPane", pane)


@pytest.mark.parametrize("named", ["", "shop"])
async def test_a_saved_connection_to_it_need_not_ask(named: str) -> None:
    secrets = await with_known_password(pane_of(Rds()), replace(SAVED, instance=named), Secrets())
    assert secrets.reveal() == {"password": "correct-horse-9"}


@pytest.mark.parametrize(
    "changed",
    [
        {"parameters": {**SAVED.parameters, "user": "bob"}},
        {"parameters": {**SAVED.parameters, "port": "5433"}},
        {"parameters": {**SAVED.parameters, "host": "shop.evil.example"}, "instance": "shop"},
        {"parameters": {**SAVED.parameters, "host": "shop.evil.example"}},
        {
            "parameters": {**SAVED.parameters, "host": f"shop.evil.example,{HOST}"},
            "instance": "shop",
        },
        {"parameters": {**SAVED.parameters, "hostaddr": "192.0.2.1"}, "instance": "shop"},
        {"parameters": {**SAVED.parameters, "service": "shop"}},
        {"instance": "gone"},
        {"instance": "never-was"},
        {"tunnel": "bastion"},
        {"auth": Auth.IAM},
        {"secret": SecretSource(SecretStore.KEYRING, "x")},
    ],
)
async def test_nobody_else_gets_it(changed: dict[str, Any]) -> None:
    given = Secrets()
    assert await with_known_password(pane_of(Rds()), replace(SAVED, **changed), given) is given


async def test_nobody_gets_it_where_the_environment_leads_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    given = Secrets()
    assert await with_known_password(pane_of(Rds()), SAVED, given) is given


async def test_a_cluster_with_the_name_of_the_instance_is_asked_for_its_own() -> None:
    asked: list[str] = []

    async def ask(question: AskText, **_: object) -> None:
        asked.append(str(question.dialog_title))

    async def kept_names() -> tuple[str, ...]:
        return ()

    pane: Any = SimpleNamespace(
        ask=ask,
        rds=SimpleNamespace(password_of={"shop": "correct-horse-9"}.get),
        services=SimpleNamespace(sql=SimpleNamespace(kept_names=kept_names)),
    )
    info = ConnectInfo("shop", HOST, 5432, "x", "anna", False, "require", of_cluster=True)
    await connect_to(cast("RdsPane", pane), info)
    assert asked == ["Connect to shop"]


async def test_a_password_that_was_given_stays() -> None:
    rds, given = Rds(), Secrets().with_password("typed")
    assert await with_known_password(pane_of(rds), SAVED, given) is given
    assert rds.asked == []
