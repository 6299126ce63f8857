"""The emulator's HTTP: many requests on one connection, each answer in one packet."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.serving import WSGIRequestHandler

log = logging.getLogger(__name__)

_NO_BODY = {204, 304}


def request_handler() -> type[WSGIRequestHandler]:
    """The class that serves a connection.

    Werkzeug's own closes the connection behind every answer and then waits for what the client may
    still send: together a third of the time that a small request takes.
    """
    from moto.moto_server.werkzeug_app import MotoRequestHandler

    class Handler(MotoRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one packet; a client acknowledges a head alone some 40 ms later.
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log no request: keys and queries in its lines are the user's."""

        def handle_expect_100(self) -> bool:
            told: bool = super().handle_expect_100()
            self.wfile.flush()
            return told

        def run_wsgi(self) -> None:
            self.environ = environ = self.make_environ()
            if environ.get("wsgi.input_terminated"):
                # Where such a body ends is known only to who reads it to the end.
                self.close_connection = True
            else:
                # The next request begins behind the body, whether the application reads it or not.
                length = int(environ.get("CONTENT_LENGTH") or 0)
                environ["wsgi.input"] = BytesIO(self.rfile.read(length))
            code, reason, headers, body = _answer(self.server.app, environ)
            self.send_response(code, reason)
            for name, value in headers:
                self.send_header(name, value)
            is_head = self.command == "HEAD"
            if not is_head and not any(name.lower() == "content-length" for name, _ in headers):
                self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            if not is_head and code not in _NO_BODY:
                self.wfile.write(body)
            self.wfile.flush()

    return Handler


def _answer(
    application: Any, environ: dict[str, Any]
) -> tuple[int, str, list[tuple[str, str]], bytes]:
    """(status, its words, headers, body) of a WSGI application's answer."""
    from werkzeug.test import run_wsgi_app

    try:
        chunks, status, headers = run_wsgi_app(application, environ, buffered=True)
        body = b"".join(chunks)
    except Exception:  # the client is owed an answer, whatever the emulator does
        log.exception("emulator")
        return 500, "Internal Server Error", [], b""
    code, _, reason = status.partition(" ")
    return int(code), reason, list(headers.items()), body
