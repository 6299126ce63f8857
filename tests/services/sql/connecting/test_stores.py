"""Connecting with a password that a store keeps, and with one that was rotated meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.keyrings import BrokenKeyring, KeyringLocked, MemoryKeyring, chosen
from tests.postgres import RunElsewhere
from tui.services.aws import Account
from tui.services.errors import ErrorKind, ServiceError
from tui.services.secretsmanager import SecretsManagerService
from tui.services.sql import (
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    SecretSource,
    SecretStore,
    SqlService,
    from_url,
)
from tui.services.sql.connecting.keyring_store import Keyring
from tui.services.sql.connecting.stores import PasswordStores, keyring_entry


@dataclass
class Login:
    user: str
    password: str = field(repr=False)
    host: str = ""
    port: int | None = None
    database: str = ""


class Secret:
    """A secret that gives one login after the other, the last for good."""

    def __init__(self, *logins: Login) -> None:
        self.logins = list(logins)
        self.read: list[str] = []

    def __call__(self, name: str) -> Login:
        self.read.append(name)
        return self.logins.pop(0) if len(self.logins) > 1 else self.logins[0]


@pytest.fixture
def login(other: RunElsewhere) -> Iterator[Login]:
    """A role of the test's own."""
    other("create role kept login password 'hunter2'")
    yield Login("kept", "hunter2")
    other("drop role kept")


def target_of(database: str, source: SecretSource, user: str = "kept") -> DatabaseTarget:
    target, _ = from_url(database)
    parameters = {key: value for key, value in target.parameters.items() if key != "user"}
    return replace(
        target, parameters=parameters | {"user": user} if user else parameters, secret=source
    )


def secret(name: str = "arn:secret") -> SecretSource:
    return SecretSource(SecretStore.SECRETS_MANAGER, name)


@pytest.fixture
def made(account: Account) -> Iterator[list[SqlService]]:
    services: list[SqlService] = []
    yield services
    for service in services:
        service.close()


def service_with(
    account: Account, made: list[SqlService], keyring: Keyring | None = None, read: Any = None
) -> SqlService:
    service = SqlService(account, stores=PasswordStores(keyring, read))
    made.append(service)
    return service


async def test_the_keyrings_password_connects_and_connects_again(
    account: Account, made: list[SqlService], database: str, login: Login, tmp_path: Path
) -> None:
    service = service_with(account, made, Keyring(tmp_path / "entries"))
    target = target_of(database, SecretSource(SecretStore.KEYRING, "kept@here"))
    with chosen(MemoryKeyring()):
        with pytest.raises(PasswordNeededError) as caught:
            await service.connect(target)
        assert caught.value.refusal is Refusal.NO_PASSWORD
        await service.keep_password("kept@here", Secrets().with_password(login.password))
        assert await service.kept_names() == ("kept@here",)
        session = await service.connect(target)
        assert session.info.user == "kept"
        await session.reconnect()
        await service.forget_password("kept@here")
        with pytest.raises(PasswordNeededError):
            await service.connect(target)


async def test_a_locked_keyring_asks_for_the_password_instead(
    account: Account, made: list[SqlService], database: str, login: Login
) -> None:
    service = service_with(account, made)
    target = target_of(database, SecretSource(SecretStore.KEYRING, "kept@here"))
    with chosen(BrokenKeyring(KeyringLocked)):
        with pytest.raises(PasswordNeededError, match="locked") as caught:
            await service.connect(target)
        assert "Type the password" in caught.value.hint
        given = Secrets().with_password(login.password)
        assert (await service.connect(target, given)).info.user == "kept"


async def test_a_secrets_user_is_taken_where_none_is_named(
    account: Account, made: list[SqlService], database: str, login: Login
) -> None:
    read = Secret(login)
    service = service_with(account, made, read=read)
    session = await service.connect(target_of(database, secret(), user=""))
    assert session.info.user == "kept"
    assert read.read == ["arn:secret"]
    with pytest.raises(ServiceError, match="password of kept") as caught:
        await service.connect(target_of(database, secret(), user="ada"))
    assert caught.value.kind is ErrorKind.INVALID


async def test_a_secret_says_where_to_connect_if_nothing_else_does(
    account: Account, made: list[SqlService], database: str, login: Login
) -> None:
    place = urlsplit(database)
    whole = Login("kept", "hunter2", place.hostname or "", place.port, place.path[1:])
    service = service_with(account, made, read=Secret(whole))
    session = await service.connect(DatabaseTarget("by its secret", secret=secret()))
    assert session.info.label == f"kept@{place.hostname}:{place.port}{place.path}"
    named = DatabaseTarget("x", {"host": "127.0.0.1", "port": "1"}, secret=secret())
    with pytest.raises(ServiceError) as caught:
        await service.connect(named)
    assert "Nothing listens" in caught.value.message


async def test_a_rotated_password_is_read_anew_once(
    account: Account, made: list[SqlService], database: str, login: Login
) -> None:
    read = Secret(Login("kept", "old"), login)
    service = service_with(account, made, read=read)
    assert (await service.connect(target_of(database, secret()))).info.user == "kept"
    assert len(read.read) == 2
    wrong = Secret(Login("kept", "older"), Login("kept", "old"))
    with pytest.raises(PasswordNeededError) as caught:
        await service_with(account, made, read=wrong).connect(target_of(database, secret()))
    assert len(wrong.read) == 2
    assert "old" not in str(caught.value)


async def test_the_real_secret_of_an_instance_connects(
    account: Account, made: list[SqlService], database: str, login: Login
) -> None:
    client: Any = account.connection.client("secretsmanager")
    kept = json.dumps({"username": login.user, "password": login.password})
    arn = client.create_secret(Name="rds!db-1", SecretString=kept)["ARN"]
    secrets_manager = SecretsManagerService(account)
    service = service_with(account, made, read=secrets_manager.read_login)
    session = await service.connect(target_of(database, secret(arn)))
    assert session.info.user == "kept"
    client.put_secret_value(SecretId=arn, SecretString="hunter2")
    with pytest.raises(ServiceError, match="not the login"):
        await session.reconnect()
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)
    secrets_manager.close()


async def test_a_secret_by_name_is_read_again_where_it_was_read_first(
    account: Account, database: str, login: Login, tmp_path: Path
) -> None:
    """The same name in another region, or under another profile, is another secret."""
    here = account.target.region or ""
    client: Any = account.connection.client("secretsmanager")
    elsewhere: Any = account.connection.client("secretsmanager", region="eu-west-1")
    ours = json.dumps({"username": login.user, "password": login.password})
    client.create_secret(Name="shop", SecretString=ours)
    elsewhere.create_secret(Name="shop", SecretString=ours.replace("hunter2", "another"))
    secrets_manager = SecretsManagerService(account)
    stores = PasswordStores(
        Keyring(tmp_path / "entries"), secrets_manager.read_login, secrets_manager.reader
    )
    service = SqlService(account, stores=stores)
    session = await service.connect(target_of(database, secret("shop")))
    account.switch(region="eu-west-1")
    await session.reconnect()
    assert session.info.user == "kept"
    with pytest.raises(PasswordNeededError):
        await service.connect(target_of(database, secret("shop")))
    account.switch(region=here)
    for each in (client, elsewhere):
        each.delete_secret(SecretId="shop", ForceDeleteWithoutRecovery=True)
    service.close()
    secrets_manager.close()


def test_the_databases_of_a_server_share_an_entry() -> None:
    entries = {
        keyring_entry(from_url(url)[0])
        for url in (
            "postgresql://ada@db.example/shop",
            "postgresql://ada@db.example:5432/other?sslmode=require",
        )
    }
    assert entries == {"ada@db.example:5432"}
    assert keyring_entry(from_url("postgresql://ada@db.example:6543/shop")[0]) not in entries


def test_the_same_host_behind_another_ssh_host_has_a_password_of_its_own() -> None:
    direct, _ = from_url("postgresql://ada@localhost/shop")
    entries = {keyring_entry(replace(direct, tunnel=tunnel)) for tunnel in ("", "hop", "other")}
    assert entries == {
        "ada@localhost:5432",
        "ada@localhost:5432 via ssh hop",
        "ada@localhost:5432 via ssh other",
    }
