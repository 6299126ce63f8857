"""Which password is tried next, and which is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.keyrings import BrokenKeyring, KeyringLocked, MemoryKeyring, chosen
from tui.panes.pane import Pane
from tui.panes.sql.connecting.passwords import answered, asks_first, offer_to_keep
from tui.panes.sql.rds.flow import connect_to
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.rds import ConnectInfo
from tui.services.sql import (
    Auth,
    PasswordNeededError,
    Refusal,
    Secrets,
    SecretSource,
    SecretStore,
    SqlService,
    from_endpoint,
)
from tui.services.sql.connecting.keyring_store import Keyring
from tui.services.sql.connecting.stores import PasswordStores
from tui.widgets.dialogs.dialogs import AskText, Confirm

ENTRY = "ada@db.example:5432"
TARGET = from_endpoint("db.example", 5432, "shop", "ada", auth=Auth.LIBPQ)
NO_PASSWORD = PasswordNeededError("Wants one.", Refusal.NO_PASSWORD)


class Rig:
    """What of a pane is used: it asks, and it says."""

    def __init__(self, index: Path) -> None:
        account = Account(Target(region="eu-west-1"), credentials=StaticCredentials("k", "s"))
        self.sql = SqlService(account, stores=PasswordStores(Keyring(index)))
        self.services = SimpleNamespace(sql=self.sql)
        self.answer: object = None
        self.asked: list[Any] = []
        self.said: list[str] = []

    async def ask(self, dialog: object) -> object:
        self.asked.append(dialog)
        return self.answer

    def say(self, text: str, *, severity: str = "information") -> None:
        self.said.append(text)

    @property
    def pane(self) -> Pane:
        return cast("Pane", self)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path / "keyring-entries")
    yield rig
    rig.sql.close()


@pytest.fixture
def keyring() -> Iterator[MemoryKeyring]:
    backend = MemoryKeyring()
    with chosen(backend):
        yield backend


def typed(password: str = "hunter2") -> Secrets:
    return Secrets().with_password(password)


async def test_the_keyring_is_tried_before_the_user_is_asked_and_then_not_again(
    rig: Rig, keyring: MemoryKeyring
) -> None:
    await rig.sql.keep_password(ENTRY, typed("old"))
    tried = await answered(rig.pane, (TARGET, Secrets()), NO_PASSWORD)
    assert tried is not None
    assert tried[0].secret == SecretSource(SecretStore.KEYRING, ENTRY)
    assert not tried[1].has_password
    assert rig.asked == []
    rig.answer = "hunter2"
    again = await answered(rig.pane, tried, PasswordNeededError("Wrong."))
    assert again is not None
    assert again[1].reveal() == {"password": "hunter2"}
    assert isinstance(rig.asked[0], AskText)
    await offer_to_keep(rig.pane, ENTRY, again[1], again[0].secret)
    assert keyring.entries == {("tristore", ENTRY): "hunter2"}
    assert len(rig.asked) == 1


async def test_a_wrong_password_does_not_send_another_one_unasked(
    rig: Rig, keyring: MemoryKeyring
) -> None:
    await rig.sql.keep_password(ENTRY, typed("other"))
    assert await answered(rig.pane, (TARGET, typed()), PasswordNeededError("Wrong.")) is None
    assert len(rig.asked) == 1


@pytest.mark.parametrize("answer", [True, False, None])
async def test_a_typed_password_is_kept_only_where_that_is_wanted_and_is_asked_about_once(
    rig: Rig, keyring: MemoryKeyring, answer: bool | None
) -> None:
    rig.answer = answer
    for _ in range(2):
        await offer_to_keep(rig.pane, ENTRY, typed())
    assert len(rig.asked) == 1
    assert bool(keyring.entries) is bool(answer)
    assert "hunter2" not in repr(rig.said)


async def test_without_a_keyring_nothing_is_asked(rig: Rig) -> None:
    with chosen(cast("MemoryKeyring", _fail())):
        await offer_to_keep(rig.pane, ENTRY, typed())
    assert (rig.asked, rig.said) == ([], [])


async def test_a_keyring_that_is_locked_by_then_is_said(rig: Rig, keyring: MemoryKeyring) -> None:
    source = SecretSource(SecretStore.KEYRING, ENTRY)
    with chosen(BrokenKeyring(KeyringLocked)):
        await offer_to_keep(rig.pane, "", typed(), source)
    assert "The password is not kept. The keyring is locked." in rig.said[0]
    assert "hunter2" not in rig.said[0]
    assert await rig.sql.kept_names() == ()


def test_a_password_is_asked_for_first_only_where_nothing_else_gives_it() -> None:
    asked = from_endpoint("db.example", 5432, "shop", "ada")
    assert asks_first(asked, Secrets())
    assert not asks_first(asked, typed())
    assert not asks_first(TARGET, Secrets())


def _fail() -> object:
    from keyring.backends.fail import Keyring as FailKeyring

    return FailKeyring()


@pytest.mark.parametrize("is_good", [True, False])
async def test_a_password_that_no_server_has_taken_is_not_offered_to_be_kept(
    rig: Rig, is_good: bool
) -> None:
    async def connect(*_: object) -> bool:
        return is_good

    info = ConnectInfo(
        identifier="db",
        host="db.example",
        port=5432,
        database="shop",
        user="ada",
        iam_possible=False,
        sslmode="require",
    )
    pane: Any = rig
    pane.rds = SimpleNamespace(connect=connect, password_of=lambda _: None)
    backend = MemoryKeyring()
    backend.entries["tristore", ENTRY] = "the good one"
    rig.answer = "mistyped"
    with chosen(backend):
        await connect_to(pane, info)
    titles = [each.title for each in rig.asked if isinstance(each, Confirm)]
    assert bool(titles) is is_good
    assert backend.entries["tristore", ENTRY] == ("mistyped" if is_good else "the good one")
