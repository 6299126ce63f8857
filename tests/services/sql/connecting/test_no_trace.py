"""A password leaves no trace outside the memory, in whichever way one connects."""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import pytest

from tests.keyrings import MemoryKeyring, chosen
from tests.postgres import RunElsewhere
from tests.services.sql.conftest import run_last
from tui import paths
from tui.config import Settings
from tui.services.audit import AuditLog
from tui.services.aws import Account
from tui.services.bundle import Services
from tui.services.errors import ServiceError
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    SecretSource,
    SecretStore,
    from_endpoint,
    from_url,
)

MARK = uuid.uuid4().hex
PASSWORD = f"p@ss/'{MARK}"
USER = "traceless"

Connect = Callable[[Services, DatabaseTarget], Awaitable[None]]


@pytest.fixture
def target(other: RunElsewhere, database: str) -> Iterator[DatabaseTarget]:
    """A server that takes only this password from this user."""
    quoted = PASSWORD.replace("'", "''")
    other(f"create role {USER} login password '{quoted}'")
    place = urlsplit(database)
    yield from_endpoint(place.hostname or "", place.port or 0, place.path[1:], USER)
    other(f"drop role {USER}")


@pytest.fixture
def services(account: Account) -> Iterator[Services]:
    log = AuditLog(paths.audit_file())
    services = Services(account, Settings(), log, state_dir=paths.state_dir())
    yield services
    services.close()


async def work(services: Services, target: DatabaseTarget, secrets: Secrets) -> None:
    """Save the connection, and use it as one does, with a statement that is audited and one that
    fails."""
    services.saved_connections.add("traceless", target)
    session = await services.sql.connect(target, secrets)
    await run_last(session, "create temp table traces (n int)")
    with pytest.raises(ServiceError):
        await run_last(session, "select no_such_column")
    await session.reconnect()


async def by_url(services: Services, target: DatabaseTarget) -> None:
    place = f"{target.parameters['host']}:{target.parameters['port']}"
    url = f"postgresql://{USER}:{quote(PASSWORD, safe='')}@{place}/{target.parameters['dbname']}"
    await work(services, *from_url(url))


async def by_typing(services: Services, target: DatabaseTarget) -> None:
    with pytest.raises(PasswordNeededError):
        await services.sql.connect(target, Secrets().with_password(f"{PASSWORD} mistyped"))
    await work(services, target, Secrets().with_password(PASSWORD))


async def by_keyring(services: Services, target: DatabaseTarget) -> None:
    kept = replace(target, secret=SecretSource(SecretStore.KEYRING, "traceless@here"))
    with chosen(MemoryKeyring()):
        await services.sql.keep_password("traceless@here", Secrets().with_password(PASSWORD))
        await work(services, kept, Secrets())


async def by_secrets_manager(services: Services, target: DatabaseTarget) -> None:
    client: Any = services.account.connection.client("secretsmanager")
    kept = json.dumps({"username": USER, "password": PASSWORD})
    arn = client.create_secret(Name="traceless", SecretString=kept)["ARN"]
    await work(
        services, replace(target, secret=SecretSource(SecretStore.SECRETS_MANAGER, arn)), Secrets()
    )
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


async def by_password_file(services: Services, target: DatabaseTarget) -> None:
    file = Path(os.environ["HOME"]).parent / "pgpass"
    file.touch(0o600)
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    file.write_text(f"*:*:*:{USER}:{escaped}\n")
    parameters = {**target.parameters, "passfile": str(file)}
    await work(services, replace(target, auth=Auth.LIBPQ, parameters=parameters), Secrets())


@pytest.mark.parametrize(
    "connect", [by_url, by_typing, by_keyring, by_secrets_manager, by_password_file]
)
async def test_a_password_is_in_no_file_no_log_and_no_process_list(
    services: Services,
    target: DatabaseTarget,
    connect: Connect,
    private_home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    await connect(services, target)
    assert found_in_processes() == []
    services.close()
    files = [each for each in private_home.rglob("*") if each.is_file()]
    names = {each.name for each in files}
    assert {paths.audit_file().name, "statements.sqlite"} <= names
    assert [each for each in files if MARK.encode() in each.read_bytes()] == []
    assert MARK not in caplog.text
    assert MARK not in "".join(capfd.readouterr())


def found_in_processes() -> list[str]:
    """What shows the password: the command line of any process, the environment of this one and of
    its children."""
    found = []
    for process in psutil.process_iter():
        try:
            if MARK in " ".join(process.cmdline()):
                found.append(f"command line of {process.pid}")
        except psutil.Error:
            continue
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            if MARK in str(process.environ()):
                found.append(f"environment of {process.pid}")
        except psutil.Error:
            continue
    if MARK in str(os.environ):
        found.append("environment of this process")
    return found
