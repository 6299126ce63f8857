"""A port before a server, which does something with each connection to it."""

from __future__ import annotations

import socket
import threading
from abc import ABC, abstractmethod
from contextlib import suppress

HOST = "127.0.0.1"


class Front(ABC):
    """One port; a thread for each connection."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        """The port of the server."""
        self._server = socket.create_server((HOST, 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @abstractmethod
    def answer(self, client: socket.socket) -> None:
        """Serve a connection to its end, and close it."""

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self.answer, args=(client,), daemon=True).start()
