"""TLS with a real server: what protects a connection, and why one is not made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tls_postgres import PASSWORD, FiledAuthority, TlsServer, tls_server
from tui.panes.sql.wording import protection
from tui.services.aws import Account, StaticCredentials, Target
from tui.services.errors import ErrorKind
from tui.services.sql import (
    Auth,
    DatabaseTarget,
    PasswordNeededError,
    Refusal,
    Secrets,
    ServerInfo,
    SqlService,
)
from tui.services.sql.connecting.bundle import bundle_file
from tui.services.sql.connecting.problems import ConnectError
from tui.services.sql.connecting.targets import from_parameters
from tui.services.sql.session.opening import open_connection


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    with tls_server(tmp_path_factory.mktemp("certificates")) as running:
        yield running


@pytest.fixture
def verifying(server: TlsServer) -> dict[str, str]:
    return {"sslmode": "verify-full", "sslrootcert": str(server.authority.file)}


@pytest.fixture
def stranger(tmp_path: Path) -> FiledAuthority:
    """An authority that the server knows nothing of."""
    return FiledAuthority(tmp_path, "another authority")


def target_of(server: TlsServer, user: str = "secured", **more: object) -> DatabaseTarget:
    return from_parameters(server.parameters(user, **more))[0]


def opened(target: DatabaseTarget, password: str = PASSWORD, **secrets: str) -> ServerInfo:
    """Who answered, if somebody did."""
    given = Secrets({**secrets, "password": password})
    connection = open_connection(target, given, read_only=False)
    info = connection.info
    connection.close()
    return info


def refused(target: DatabaseTarget, password: str = PASSWORD, **secrets: str) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        opened(target, password, **secrets)
    assert PASSWORD not in str(caught.value)
    return caught.value


# -- what protects it -----------------------------------------------------------------------------


def test_a_verified_server_is_called_verified(server: TlsServer, verifying: dict[str, str]) -> None:
    info = opened(target_of(server, **verifying))
    assert protection(info) == "TLS verified"
    assert info.tls == "TLSv1.3"


def test_what_was_not_verified_is_not_called_so(
    server: TlsServer, stranger: FiledAuthority
) -> None:
    root = server.authority.file
    said = {
        "require": protection(opened(target_of(server, sslmode="require"))),
        "prefer": protection(opened(target_of(server, sslmode="prefer"))),
        "verify-ca": protection(
            opened(target_of(server, host="127.0.0.1", sslmode="verify-ca", sslrootcert=root))
        ),
    }
    assert said == {
        "require": "TLS, server not verified",
        "prefer": "TLS, server not verified",
        "verify-ca": "TLS, host name not verified",
    }
    # libpq gives TLS up in silence for this user, whatever the wish was.
    wished = target_of(server, "clear", sslmode="prefer", sslrootcert=stranger.file)
    assert protection(opened(wished)) == "no TLS (local)"


def test_the_mode_counts_wherever_it_comes_from(
    server: TlsServer, verifying: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLMODE", verifying["sslmode"])
    monkeypatch.setenv("PGSSLROOTCERT", verifying["sslrootcert"])
    assert opened(target_of(server)).verified


# -- the server's certificate ---------------------------------------------------------------------


def test_another_authority_is_refused(server: TlsServer, stranger: FiledAuthority) -> None:
    problem = refused(target_of(server, sslmode="verify-full", sslrootcert=stranger.file))
    assert problem.refusal is Refusal.CERTIFICATE_NOT_VERIFIED
    assert "Self-signed certificate in certificate chain." in problem.cause
    assert problem.kind is not ErrorKind.NETWORK
    by_system = refused(target_of(server, sslmode="verify-full", sslrootcert="system"))
    assert by_system.refusal is Refusal.CERTIFICATE_NOT_VERIFIED


@pytest.mark.parametrize(
    ("days", "said"),
    [((-30, -1), "Certificate has expired."), ((1, 30), "Certificate is not yet valid.")],
)
def test_a_certificate_out_of_date_is_refused(
    server: TlsServer, verifying: dict[str, str], days: tuple[int, int], said: str
) -> None:
    with server.certificate(server.authority.sign("old", hosts=["localhost"], days=days)):
        problem = refused(target_of(server, **verifying))
    assert problem.refusal is Refusal.CERTIFICATE_NOT_VERIFIED
    assert said in problem.cause


@pytest.mark.parametrize("host", ["127.0.0.1", "db.example"])
def test_a_certificate_of_another_host_is_refused(
    server: TlsServer, verifying: dict[str, str], host: str
) -> None:
    problem = refused(target_of(server, host=host, **verifying))
    assert problem.refusal is Refusal.HOST_NAME_MISMATCH
    assert host in problem.cause


@pytest.mark.parametrize("content", [None, b"", b"not a certificate\n"])
def test_without_root_certificates_nothing_is_verified(
    server: TlsServer, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "root.pem"
    if content is not None:
        file.write_bytes(content)
    problem = refused(target_of(server, sslmode="verify-full", sslrootcert=file))
    assert problem.refusal is Refusal.NO_ROOT_CERTIFICATE
    assert "sslrootcert" in problem.hint


async def test_an_iam_login_is_verified_as_soon_as_there_are_root_certificates(
    server: TlsServer,
) -> None:
    account = Account(Target(region="us-east-1"), credentials=StaticCredentials("key", "secret"))
    service = SqlService(account)
    target = replace(target_of(server, "tokens", sslmode="require"), auth=Auth.IAM)
    with pytest.raises(ConnectError) as caught:
        await service.connect(target)
    assert caught.value.refusal is Refusal.NO_ROOT_CERTIFICATE
    bundle_file().parent.mkdir(parents=True)
    bundle_file().write_bytes(server.authority.file.read_bytes())
    session = await service.connect(target)
    assert protection(session.info) == "TLS verified"
    with pytest.raises(ConnectError) as caught:
        await service.connect(replace(target, parameters=server.parameters("tokens", host="other")))
    assert caught.value.refusal is Refusal.HOST_NAME_MISMATCH
    service.close()
    account.close()


# -- with TLS or without --------------------------------------------------------------------------


def test_a_server_that_wants_tls_says_so(server: TlsServer) -> None:
    problem = refused(target_of(server, sslmode="disable"))
    assert problem.refusal is Refusal.TLS_REQUIRED
    assert "sslmode=" in problem.hint
    assert refused(target_of(server, "nobody")).refusal is Refusal.NO_HBA_ENTRY


def test_a_server_without_tls_gets_no_password(server: TlsServer) -> None:
    with without_tls(server):
        problem = refused(target_of(server, "clear", sslmode="require"))
        assert problem.refusal is Refusal.TLS_REFUSED
        assert not opened(target_of(server, "clear")).encrypted


@contextmanager
def without_tls(server: TlsServer) -> Iterator[None]:
    server.set(ssl="off")
    try:
        yield
    finally:
        server.set(ssl="on")


def test_what_else_a_server_refuses_is_told_apart(server: TlsServer) -> None:
    server.run(
        f"CREATE ROLE \"full\" LOGIN CONNECTION LIMIT 0 PASSWORD '{PASSWORD}'",
        f"CREATE ROLE barred NOLOGIN PASSWORD '{PASSWORD}'",
        "CREATE DATABASE closed ALLOW_CONNECTIONS false",
    )
    found = {
        name: refused(target_of(server, **given)).refusal
        for name, given in {
            "full": {"user": "full"},
            "barred": {"user": "barred"},
            "unknown": {"user": "unknown"},
            "closed": {"user": "clear", "dbname": "closed"},
            "absent": {"user": "clear", "dbname": "absent"},
        }.items()
    }
    assert found == {
        "full": Refusal.TOO_MANY_CONNECTIONS,
        "barred": Refusal.NOT_PERMITTED,
        "unknown": Refusal.NO_SUCH_ROLE,
        "closed": Refusal.NOT_PERMITTED,
        "absent": Refusal.NO_SUCH_DATABASE,
    }


# -- the client's certificate ---------------------------------------------------------------------


def test_a_client_certificate_is_taken_with_its_user(
    server: TlsServer, verifying: dict[str, str]
) -> None:
    for user, password in (("certified", PASSWORD), ("bycert", "")):
        pair = server.authority.sign(user)
        keys = {"sslcert": pair.certificate, "sslkey": pair.key}
        assert opened(target_of(server, user, **verifying, **keys), password).verified


def test_a_client_without_a_certificate_is_told_what_is_wanted(
    server: TlsServer, verifying: dict[str, str]
) -> None:
    problem = refused(target_of(server, "certified", **verifying))
    assert problem.refusal is Refusal.CLIENT_CERTIFICATE
    assert "sslcert" in problem.hint


def test_a_client_certificate_of_another_authority_or_user_is_refused(
    server: TlsServer, verifying: dict[str, str], stranger: FiledAuthority
) -> None:
    theirs, others = stranger.sign("certified"), server.authority.sign("somebody")
    keys = {"sslcert": theirs.certificate, "sslkey": theirs.key}
    problem = refused(target_of(server, "certified", **verifying, **keys))
    assert problem.refusal is Refusal.CLIENT_CERTIFICATE
    keys = {"sslcert": others.certificate, "sslkey": others.key}
    assert refused(target_of(server, "bycert", **verifying, **keys)).refusal is (
        Refusal.CLIENT_CERTIFICATE
    )
    # Where both are wanted, the server calls this a wrong password.
    problem = refused(target_of(server, "certified", **verifying, **keys))
    assert problem.refusal is Refusal.WRONG_PASSWORD
    assert "client certificate" in problem.message


def test_files_of_a_client_certificate_that_cannot_be_used_are_named(
    server: TlsServer, verifying: dict[str, str], tmp_path: Path
) -> None:
    pair, other = server.authority.sign("certified"), server.authority.sign("somebody")
    for key in (other.key, tmp_path / "absent.key"):
        keys = {"sslcert": pair.certificate, "sslkey": key}
        problem = refused(target_of(server, "certified", **verifying, **keys))
        assert problem.refusal is Refusal.CLIENT_CERTIFICATE
        assert str(key) in problem.cause
    pair.key.chmod(0o644)
    keys = {"sslcert": pair.certificate, "sslkey": pair.key}
    problem = refused(target_of(server, "certified", **verifying, **keys))
    assert problem.refusal is Refusal.CLIENT_CERTIFICATE
    assert "chmod 600" in problem.hint


def test_an_encrypted_key_wants_its_passphrase_and_does_not_ask_on_the_terminal(
    server: TlsServer, verifying: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    pair = server.authority.sign("certified", passphrase="open sesame")
    keys = {"sslcert": pair.certificate, "sslkey": pair.key}
    target = target_of(server, "certified", **verifying, **keys)
    for given in ({}, {"sslpassword": "simsala"}):
        problem = refused(target, **given)
        assert problem.refusal is Refusal.CLIENT_KEY_LOCKED
        assert not isinstance(problem, PasswordNeededError)
        assert "simsala" not in str(problem)
    assert opened(target, sslpassword="open sesame").verified
    assert capfd.readouterr() == ("", "")
