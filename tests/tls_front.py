"""TLS before a PostgreSQL that has none: the servers in the wheel are built without it.

It answers SSLRequest as PostgreSQL does, and hands what comes decrypted to the real server; who
does not ask for TLS comes there without.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.certificates import Authority
from tests.front import HOST, Front
from tui.services.sql.connecting.diagnosis.port import SSL_REQUEST


class TlsFront(Front):
    """One port; what it shows can be changed while it runs."""

    def __init__(self, behind: int, authority: Authority, folder: Path) -> None:
        self.authority = authority
        self._folder = folder
        self.show(authority.sign("localhost", HOST))
        super().__init__(behind)

    def show(self, certificate: tuple[bytes, bytes]) -> None:
        """Show this certificate (PEM, with its key) from now on."""
        file = self._folder / "front.pem"
        file.write_bytes(b"".join(certificate))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)

    def answer(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if client.recv(len(SSL_REQUEST), socket.MSG_PEEK) != SSL_REQUEST:
                self._join(client)
                return
            client.recv(len(SSL_REQUEST))
            client.sendall(b"S")
            with self._context.wrap_socket(client, server_side=True) as secured:
                self._join(secured)

    def _join(self, client: socket.socket) -> None:
        with socket.create_connection((HOST, self.behind)) as server:
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        with suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


@contextmanager
def tls_front(behind: int, authority: Authority, folder: Path) -> Iterator[TlsFront]:
    """TLS before the server on a port of this machine."""
    front = TlsFront(behind, authority, folder)
    yield front
    front.close()
