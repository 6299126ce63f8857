"""An HTTP server on loopback that says what a test wants said: the only one of the tests."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is said to one request."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    promised: int = 0
    """Bytes said to follow the body that never do: the connection is cut instead."""

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


class HangUpError(ConnectionAbortedError):
    """Raised in place of an answer: the connection ends without one."""


@contextmanager
def serving(
    respond: Callable[[Request], Answer], *, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The URL of a server whose every answer is what `respond` gives, one thread a connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet: the client acknowledges a head alone 40 ms later, and the
        # body would wait for that.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            answer = respond(Request(self.command, self.path, dict(self.headers), body))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data) + answer.promised))
            self.end_headers()
            self.close_connection = answer.promised > 0
            if self.command != "HEAD":
                # Whoever gave up waiting is not owed the rest.
                with suppress(ConnectionError):
                    self.wfile.write(answer.data)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # http.server's names

        def handle_expect_100(self) -> bool:
            told = super().handle_expect_100()
            self.wfile.flush()
            return told

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            return  # hanging up is one of the faults

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
