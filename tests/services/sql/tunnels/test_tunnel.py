"""PostgreSQL through an ssh server: a real one, a real ssh, a real PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.certificates import Authority
from tests.postgres import RunElsewhere
from tests.services.sql.conftest import asleep_on_server, run_last, state_of
from tests.ssh_server import USER, SshServer, SshSetup
from tests.tls_front import tls_front
from tui.panes.sql import wording
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Auth,
    ConnectionLostError,
    DatabaseTarget,
    PasswordNeededError,
    Secrets,
    Session,
    SqlService,
    TransactionState,
    from_url,
)
from tui.services.sql.tunnels import spare, tunnel, tunnel_of

pytestmark = pytest.mark.usefixtures("setup")


def ways(database: str, by: str, **parameters: str) -> tuple[DatabaseTarget, Secrets]:
    """The database through an ssh host."""
    target, secrets = from_url(database)
    there = {**target.parameters, **parameters}
    return replace(target, tunnel=by, parameters=there), secrets


def children() -> list[psutil.Process]:
    """Every ssh that this process has started and that still runs."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "-N" in each.cmdline():
                found.append(each)
    return found


async def none_left() -> None:
    """Return once no ssh runs any more."""
    for _ in range(1000):
        if not children():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"left behind: {children()}")


async def until_lost(session: Session) -> None:
    for _ in range(1000):
        if state_of(session) is TransactionState.LOST:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody noticed")


@pytest.fixture
async def through(service: SqlService, database: str) -> Iterator[Session]:  # type: ignore[misc]
    """A session through the ssh server."""
    session = await service.connect(*ways(database, "bastion"))
    yield session
    session.close()
    await none_left()


async def refused(service: SqlService, database: str, by: str, **parameters: str) -> ServiceError:
    """The error of a connection that is not made; nothing is left of it."""
    with pytest.raises(ServiceError) as caught:
        await service.connect(*ways(database, by, **parameters))
    await none_left()
    return caught.value


async def test_everything_of_a_session_goes_through_one_tunnel(
    through: Session, ssh: SshServer, database: str, other: RunElsewhere
) -> None:
    port = urlsplit(database).port
    assert (await run_last(through, "select 1")).rows == (("1",),)
    assert through.info.label.endswith(f":{port}/{urlsplit(database).path[1:]} via ssh bastion")
    await through.relations()
    await through.look_up(lambda connection: connection.value("select 2"))
    running = asyncio.create_task(run_last(through, "select pg_sleep(60)"))
    await asleep_on_server(other)
    assert await through.cancel()
    with pytest.raises(ServiceError) as caught:
        await running
    assert caught.value.kind is ErrorKind.CANCELLED
    # The user's connection, the tables, the catalog, the request to cancel.
    assert ssh.led_to == [("127.0.0.1", port)] * 4
    assert ssh.logins == 1


async def test_ssh_holds_no_terminal_and_no_password(through: Session) -> None:
    (process,) = children()
    assert process.terminal() is None
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    shown = process.cmdline()
    assert not any("password=" in word for word in shown)
    assert "PGPASSWORD" not in process.environ()
    assert "StrictHostKeyChecking" not in str(shown)


@pytest.mark.parametrize("end", ["kill", "hang up"])
async def test_a_tunnel_that_dies_is_noticed_and_opened_anew(
    through: Session, ssh: SshServer, end: str
) -> None:
    await through.look_up(lambda connection: connection.value("select 1"))
    if end == "kill":
        children()[0].kill()
    else:
        ssh.hang_up()
    await until_lost(through)
    assert through.lost_tunnel.startswith("The ssh tunnel through bastion has ended: ")
    assert wording.connection_state(through) == "SSH TUNNEL LOST: F5 connects anew"
    with pytest.raises(ConnectionLostError) as caught:
        await run_last(through, "select 2")
    assert "The ssh tunnel through bastion has ended" in caught.value.cause
    await through.reconnect()
    assert (await run_last(through, "select 3")).rows == (("3",),)
    assert await through.look_up(lambda connection: connection.value("select 4")) == "4"
    assert len(children()) == 1


async def test_a_tunnel_that_dies_in_a_statement_is_its_cause(
    through: Session, ssh: SshServer, other: RunElsewhere
) -> None:
    running = asyncio.create_task(run_last(through, "select pg_sleep(60)"))
    await asleep_on_server(other)
    ssh.hang_up()
    with pytest.raises(ConnectionLostError) as caught:
        await running
    assert "The ssh tunnel through bastion has ended" in caught.value.cause
    other(
        "select pg_terminate_backend(pid) from pg_stat_activity where "
        "application_name = 'tristore' and datname = current_database()"
    )


async def test_giving_up_while_it_opens_leaves_nothing(
    service: SqlService, database: str, setup: SshSetup
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        opening = asyncio.create_task(service.connect(*ways(database, host)))
        near, _ = await asyncio.to_thread(silent.accept)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await none_left()
        near.close()


async def test_a_port_that_another_program_takes_first_is_tried_no_more(
    service: SqlService, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = iter([taken.getsockname()[1], tunnel.free_port()])
        monkeypatch.setattr(tunnel, "free_port", lambda: next(ports))
        session = await service.connect(*ways(database, f"{USER}@bastion"))
    session.close()
    await none_left()


async def test_a_jump_host_of_the_configuration_is_on_the_way(
    service: SqlService, database: str, ssh: SshServer
) -> None:
    session = await service.connect(*ways(database, "jumped"))
    assert ssh.led_to == [("127.0.0.1", ssh.port), ("127.0.0.1", urlsplit(database).port)]
    session.close()
    await none_left()


@pytest.mark.parametrize("name", ["db.internal", "other.internal"])
async def test_the_certificate_is_that_of_the_servers_own_name(
    service: SqlService, database: str, tmp_path: Path, name: str
) -> None:
    authority = Authority()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.pem)
    with tls_front(urlsplit(database).port or 0, authority, tmp_path) as front:
        front.show(authority.sign("db.internal"))
        # The host leads to the address; the certificate is looked at for the name.
        asked = {"host": name, "hostaddr": "127.0.0.1", "port": str(front.port)}
        asked |= {"sslmode": "verify-full", "sslrootcert": str(roots)}
        if name == "db.internal":
            session = await service.connect(*ways(database, "bastion", **asked))
            assert session.info.verified
            session.close()
            await none_left()
        else:
            error = await refused(service, database, "bastion", **asked)
            assert "certificate" in error.cause


async def test_the_password_file_is_looked_through_for_the_server_and_not_for_the_entrance(
    service: SqlService, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, (target, secrets) = urlsplit(database), ways(database, "bastion")
    password = secrets.reveal()["password"]
    target = replace(target, auth=Auth.LIBPQ)
    file = tmp_path / "pgpass"
    monkeypatch.setenv("PGPASSFILE", str(file))
    file.write_text(f"127.0.0.1:1:*:*:wrong\n127.0.0.1:{place.port}:*:*:{password}\n")
    file.chmod(0o600)
    session = await service.connect(target)
    assert (await run_last(session, "select 1")).rows == (("1",),)
    session.close()
    await none_left()


async def test_a_tunnel_leads_to_the_host_of_a_service_with_the_password_file_that_it_names(
    service: SqlService, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, (_, secrets) = urlsplit(database), ways(database, "bastion")
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"*:{place.port}:*:*:{secrets.reveal()['password']}\n")
    passwords.chmod(0o600)
    file = tmp_path / "services"
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    file.write_text(
        f"[here]\nhost={place.hostname}\nport={place.port}\nuser={place.username}\n"
        f"dbname={place.path[1:]}\npassfile={passwords}\n"
    )
    session = await service.connect(DatabaseTarget("here", {"service": "here"}, tunnel="bastion"))
    assert session.info.label.endswith(f":{place.port}{place.path} via ssh bastion")
    session.close()
    await none_left()


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "message", "hint", "kind"),
    [
        ("unknown", "ssh does not know the key of unknown yet", "`ssh unknown`", "credentials"),
        ("changed", "The key of changed is another than ssh knows", "ssh-keygen", "credentials"),
        ("stranger", "stranger does not let you in with the keys", "`ssh stranger`", "credentials"),
        ("locked", "The key for locked is locked", "ssh-add", "credentials"),
        ("closed", "No ssh server listens on closed.", "Check host and port", "network"),
        ("no.host.invalid", "There is no such ssh host: no.host.invalid.", "spelling", "not found"),
    ],
)
async def test_why_ssh_does_not_get_in(
    service: SqlService, database: str, host: str, message: str, hint: str, kind: str
) -> None:
    error = await refused(service, database, host)
    assert error.message.startswith(message)
    assert hint in error.hint
    assert error.kind.value == kind
    assert error.cause


async def test_a_code_is_asked_for_nowhere(
    service: SqlService, database: str, ssh: SshServer
) -> None:
    ssh.asks_for_code = True
    error = await refused(service, database, "bastion")
    assert error.message == "bastion asks for something that only a terminal can answer."
    assert "Verification code:" in error.cause


async def test_the_fingerprint_of_an_unknown_host_is_shown(
    service: SqlService, database: str
) -> None:
    error = await refused(service, database, "unknown")
    assert "SHA256:" in error.cause


async def test_a_host_that_leads_nowhere(
    service: SqlService, database: str, ssh: SshServer
) -> None:
    ssh.forwards = False
    error = await refused(service, database, "bastion")
    assert error.message.startswith("bastion does not lead on to 127.0.0.1:")
    assert "AllowTcpForwarding" in error.hint
    assert error.kind is ErrorKind.DENIED


@pytest.mark.parametrize("sslmode", ["prefer", "require"])
async def test_nothing_listens_behind_the_host(
    service: SqlService, database: str, sslmode: str
) -> None:
    port = str(tunnel.free_port())
    error = await refused(service, database, "bastion", port=port, sslmode=sslmode)
    assert error.message == (
        f"bastion was reached, but nothing listens at 127.0.0.1:{port} as seen from there."
    )


def test_a_server_that_does_not_answer_the_host() -> None:
    way = tunnel_of("bastion", {"host": "db.internal"})
    way.opened()
    silent = ServiceError("No answer.", cause="timeout expired", kind=ErrorKind.NETWORK)
    error = way.reason(silent)
    way.close()
    assert error is not None
    assert error.message == "bastion was reached, but db.internal:5432 does not answer it."
    assert "must let in the ssh host" in error.hint


async def test_a_wrong_password_is_no_matter_of_the_tunnel_and_the_next_goes_through_the_same(
    service: SqlService, database: str, ssh: SshServer
) -> None:
    target, secrets = ways(database, "bastion")
    before = ssh.logins
    for wrong in (Secrets(), Secrets().with_password("wrong")):
        with pytest.raises(PasswordNeededError) as caught:
            await service.connect(target, wrong)
        assert caught.value.kind is ErrorKind.CREDENTIALS
        assert "password" in caught.value.message
    (kept,) = children()
    session = await service.connect(target, secrets)
    assert (await run_last(session, "select 1")).rows == (("1",),)
    assert children() == [kept]
    assert ssh.logins == before + 1
    session.close()
    await none_left()


async def test_a_tunnel_that_waits_for_a_password_ends_by_itself_and_with_the_service(
    service: SqlService, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, _ = ways(database, "bastion")
    monkeypatch.setattr(spare, "KEPT_SECONDS", 0.01)
    with pytest.raises(PasswordNeededError):
        await service.connect(target)
    await none_left()
    monkeypatch.setattr(spare, "KEPT_SECONDS", 60)
    with pytest.raises(PasswordNeededError):
        await service.connect(target)
    assert len(children()) == 1
    service.close()
    await none_left()


async def test_a_broken_configuration(service: SqlService, database: str, setup: SshSetup) -> None:
    setup.configure("Host bastion\n  Prot 22\n")
    error = await refused(service, database, "bastion")
    assert error.message == "ssh cannot read its configuration."
    assert "prot" in error.cause


async def test_a_forward_of_the_configuration_whose_port_is_taken(
    service: SqlService, database: str, setup: SshSetup
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        setup.configure(f"Host bastion\n LocalForward 127.0.0.1:{port} x:1\n{setup.config}")
        error = await refused(service, database, "bastion")
    assert "LocalForward" in error.hint
    assert error.kind is ErrorKind.CONFLICT


async def test_without_ssh(
    service: SqlService, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    error = await refused(service, database, "bastion")
    assert error.message == "The program ssh was not found; a tunnel needs it."


async def test_the_users_own_settings_of_ssh_hold(
    service: SqlService, database: str, setup: SshSetup
) -> None:
    """A shared connection, a command and the background would each take the tunnel away."""
    setup.configure(
        "Host bastion\n ControlMaster auto\n ControlPersist 60\n"
        f" ControlPath {setup.folder}/master\n RemoteCommand echo x\n LogLevel QUIET\n"
        f" ForkAfterAuthentication yes\n RequestTTY yes\n{setup.config}"
    )
    session = await service.connect(*ways(database, "bastion"))
    assert len(children()) == 1
    assert not (setup.folder / "master").exists()
    session.close()
    await none_left()
