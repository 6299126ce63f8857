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
from tui.services.sql.connecting.diagnosis.port import SSL_REQUEST

HOST = "127.0.0.1"


class TlsFront:
    """One port; what it shows can be changed while it runs."""

    def __init__(self, behind: int, authority: Authority, folder: Path) -> None:
        self.authority = authority
        self._behind = behind
        self._folder = folder
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        self.show(authority.sign("localhost", HOST))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def show(self, certificate: tuple[bytes, bytes]) -> None:
        """Show this certificate (PEM, with its key) from now on."""
        file = self._folder / "front.pem"
        file.write_bytes(b"".join(certificate))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(file)

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            if client.recv(len(SSL_REQUEST), socket.MSG_PEEK) != SSL_REQUEST:
                self._join(client)
                return
            client.recv(len(SSL_REQUEST))
            client.sendall(b"S")
            with self._context.wrap_socket(client, server_side=True) as secured:
                self._join(secured)

    def _join(self, client: socket.socket) -> None:
        with socket.create_connection((HOST, self._behind)) as server:
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
