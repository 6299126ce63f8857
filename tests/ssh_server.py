"""An ssh server on loopback, and an `ssh` that knows it and nothing of the user's own.

The server is asyncssh's, in a thread of its own. What it does is what OpenSSH's does; the words
that ssh says of it are ssh's own.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

T = TypeVar("T")

USER = "hopper"


@dataclass
class SshServer:
    """A running server; what is set here counts from the next connection on."""

    key: asyncssh.SSHKey
    """The one that gets in."""
    port: int = 0
    forwards: bool = True
    """Whether it leads connections on."""
    asks_for_code: bool = False
    """Whether it wants an answer beside the key."""
    led_to: list[tuple[str, int]] = field(default_factory=list)
    """Where it led connections."""
    logins: int = 0
    """How often somebody got in."""
    connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)
    """Those that are open."""
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def hang_up(self) -> None:
        """End every connection at once."""

        async def abort() -> None:
            for each in list(self.connections):
                each.abort()

        self.run(abort())


class _Connection(asyncssh.SSHServer):
    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.append(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._server.connections.remove(self._connection)

    def auth_completed(self) -> None:
        self._server.logins += 1

    def public_key_auth_supported(self) -> bool:
        return not self._server.asks_for_code

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.public_data == self._server.key.public_data

    def kbdint_auth_supported(self) -> bool:
        return self._server.asks_for_code

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Verification code: ", False)]

    def validate_kbdint_response(self, username: str, responses: Any) -> bool:
        return False

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        if not self._server.forwards:
            raise asyncssh.ChannelOpenError(
                asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "open failed"
            )
        try:
            socket.create_connection((dest_host, dest_port), 5).close()
        except OSError as error:
            # asyncssh's own words for it are others than those of OpenSSH.
            raise asyncssh.ChannelOpenError(
                asyncssh.OPEN_CONNECT_FAILED, error.strerror or str(error)
            ) from error
        self._server.led_to.append((dest_host, dest_port))
        return True


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """A server that lets `USER` in with the key that is made in `folder`."""
    for name in ("key", "stranger", "host"):
        _keygen("-t", "ed25519", "-N", "", "-f", str(folder / name))
    for end in ("", ".pub"):
        # ssh asks for the passphrase only where the public half says that the server takes it.
        shutil.copy(folder / f"key{end}", folder / f"locked{end}")
    _keygen("-p", "-P", "", "-N", "sesame", "-a", "1", "-f", str(folder / "locked"))
    server = SshServer(asyncssh.read_public_key(str(folder / "key.pub")))
    thread = threading.Thread(target=server.loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[str(folder / "host")],
            server_factory=lambda: _Connection(server),
        )

    acceptor = server.run(listen())
    server.port = acceptor.get_port()

    async def close() -> None:
        acceptor.close()
        await acceptor.wait_closed()
        for each in list(server.connections):
            each.abort()
            await each.wait_closed()

    try:
        yield server
    finally:
        server.run(close())
        server.loop.call_soon_threadsafe(server.loop.stop)
        thread.join()
        server.loop.close()


def _keygen(*options: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *options], check=True, stdout=subprocess.DEVNULL)


@dataclass(frozen=True)
class SshSetup:
    """The `ssh` of a test: found on PATH, with a configuration in a folder of the test's."""

    folder: Path
    bin: Path
    """What is put before PATH."""

    def configure(self, text: str) -> None:
        """Write the configuration anew."""
        (self.folder / "config").write_text(text)

    @property
    def config(self) -> str:
        """The configuration."""
        return (self.folder / "config").read_text()


CLOSED = 1
"""A port at which nothing listens: no system hands it out by itself."""


def ssh_setup(folder: Path, keys: Path, server: SshServer) -> SshSetup:
    """Its hosts:

    - `bastion` gets in, and `jumped` by way of it;
    - `stranger` and `locked` use other keys;
    - `unknown` has a key that ssh does not know, `changed` another than it knows;
    - `closed` does not listen.
    """
    binaries = folder / "bin"
    binaries.mkdir()
    real = shutil.which("ssh")
    (binaries / "ssh").write_text(f'#!/bin/sh\nexec {real} -F "{folder}/config" "$@"\n')
    (binaries / "ssh").chmod(0o700)
    host_key = (keys / "host.pub").read_text()
    other_key = (keys / "key.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{server.port} {host_key}changed {other_key}")
    made = SshSetup(folder, binaries)
    made.configure(
        f"""
Host closed
    Port {CLOSED}
Host unknown
    HostKeyAlias nobody-knows-me
Host changed
    HostKeyAlias changed
Host stranger
    IdentityFile {keys}/stranger
Host locked
    IdentityFile {keys}/locked
Host jumped
    ProxyJump bastion
Host stranger locked
    Hostname 127.0.0.1
    Port {server.port}
Host bastion jumped unknown changed closed 127.0.0.1
    Hostname 127.0.0.1
    Port {server.port}
    IdentityFile {keys}/key
Host *
    User {USER}
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile {folder}/known
    GlobalKnownHostsFile /dev/null
"""
    )
    os.chmod(folder / "config", 0o600)
    return made
