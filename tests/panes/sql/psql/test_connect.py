r"""Where `\c` leads, and with what."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tui.panes.sql.connecting import choosing
from tui.panes.sql.psql import running
from tui.services.sql import NO_SECRET, DatabaseTarget, Secrets, SecretSource, SecretStore, from_url
from tui.services.sql.psql import PsqlCommand

KEPT = SecretSource(SecretStore.KEYRING, "ada@db.example:5432")


@pytest.mark.parametrize(
    ("words", "is_sent"),
    [
        (("other",), True),
        (("other", "bob"), False),
        (("other", "-", "elsewhere.example"), False),
        (("other", "-", "-", "5433"), False),
    ],
)
async def test_a_password_of_a_store_goes_to_its_own_server_and_user_only(
    words: tuple[str, ...], is_sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[DatabaseTarget, Secrets]] = []

    async def connect(view: object, target: DatabaseTarget, secrets: Secrets, **_: object) -> None:
        asked.append((target, secrets))

    monkeypatch.setattr(choosing, "connect", connect)
    target, secrets = from_url("postgresql://ada:hunter2@db.example/shop")
    info = SimpleNamespace(database="shop", user="ada", host="db.example", port=5432)
    on = SimpleNamespace(
        session=SimpleNamespace(info=info), known=(replace(target, secret=KEPT), secrets)
    )
    command = SimpleNamespace(arguments=words)
    view: Any = None
    await running._connect(view, cast("Any", on), cast("PsqlCommand", command))
    [(wanted, given)] = asked
    assert wanted.secret == (KEPT if is_sent else NO_SECRET)
    assert bool(given) is is_sent


async def test_what_leads_to_another_host_goes_through_the_same_ssh_host_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[DatabaseTarget] = []

    async def connect(view: object, target: DatabaseTarget, secrets: Secrets, **_: object) -> None:
        asked.append(target)

    monkeypatch.setattr(choosing, "connect", connect)
    target, secrets = from_url("postgresql://ada@db.example/shop?tunnel=bastion")
    info = SimpleNamespace(database="shop", user="ada", host="db.example", port=5432)
    on = SimpleNamespace(session=SimpleNamespace(info=info), known=(target, secrets))
    said: list[str] = []
    view: Any = SimpleNamespace(say=said.append)
    for words in (("other",), ("-", "-", "elsewhere.example")):
        command = SimpleNamespace(arguments=words)
        await running._connect(view, cast("Any", on), cast("PsqlCommand", command))
    assert [each.tunnel for each in asked] == ["bastion", "bastion"]
    assert asked[1].label == "postgres://ada@elsewhere.example:5432/shop via ssh bastion"
    (told,) = said
    assert "leads through the ssh host bastion, as before" in told
