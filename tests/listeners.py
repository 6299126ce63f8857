"""Ports of this machine behind which no PostgreSQL is."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

HOST = "127.0.0.1"


@contextmanager
def answering(text: bytes | None, *, waits: bool = True) -> Iterator[int]:
    """A port that takes connections and sends `text` on each; None sends nothing. It then says
    nothing more, or ends the connection if it does not wait (`waits`)."""
    with socket.create_server((HOST, 0)) as server, ExitStack() as kept:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    if text is not None:
                        connection.recv(8)
                        connection.sendall(text)
                    if waits:
                        kept.enter_context(connection)
                    else:
                        connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        # Wakes the thread out of its waiting.
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@contextmanager
def unanswering() -> Iterator[int]:
    """A port that answers no attempt to connect, as behind a firewall that drops them: its queue
    of new connections is full."""
    with socket.socket() as server, ExitStack() as kept:
        server.bind((HOST, 0))
        server.listen(0)
        for _ in range(4):
            filling = kept.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port
