"""A front of PostgreSQL that says it is Redshift, and refuses what Redshift is documented to lack.

There is no Redshift to test with. What is documented is imitated: what it reports as a connection
begins, and which words it does not know.
https://docs.aws.amazon.com/redshift/latest/dg/c_unsupported-postgresql-features.html
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.front import HOST, Front

_NO_TLS = {80877103, 80877104}
"""SSLRequest and GSSENCRequest."""

UNKNOWN = re.compile(
    rb"NO SCROLL|WITH HOLD|cursor_tuple_fraction|idle_in_transaction_session_timeout"
    rb"|transaction_timeout|lock_timeout|intervalstyle|quote_all_identifiers|typcategory|prokind"
    rb"|format_type|default_transaction_read_only|EXPLAIN \(|\bTO STDOUT|set_config|unnest",
    re.IGNORECASE,
)
_REFUSED = (
    b"DO $$BEGIN RAISE EXCEPTION 'Redshift does not know this' USING ERRCODE = '42601'; END$$\0"
)


class RedshiftFront(Front):
    """One port; keeps what was asked and what of it was refused."""

    def __init__(self, behind: int) -> None:
        self.asked: list[str] = []
        self.refused: list[str] = []
        super().__init__(behind)

    def answer(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection((HOST, self.behind)) as server:
            while True:
                length = _exactly(client, 4)
                rest = _exactly(client, struct.unpack("!I", length)[0] - 4)
                if struct.unpack("!I", rest[:4])[0] not in _NO_TLS:
                    break
                client.sendall(b"N")
            server.sendall(length + rest)
            back = threading.Thread(target=_answer, args=(server, client), daemon=True)
            back.start()
            self._ask(client, server)
            back.join()

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                kind, body = _message(client)
                if kind == b"Q":
                    text = body[:-1].decode()
                    self.asked.append(text)
                    if UNKNOWN.search(body):
                        self.refused.append(text)
                        body = _REFUSED
                server.sendall(kind + struct.pack("!I", len(body) + 4) + body)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def _answer(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while True:
            kind, body = _message(server)
            if kind == b"S":
                name = body.split(b"\0")[0]
                if name == b"standard_conforming_strings":
                    continue
                said = {b"server_version": b"8.0.2", b"client_encoding": b"UNICODE"}.get(name)
                body = body if said is None else name + b"\0" + said + b"\0"
            client.sendall(kind + struct.pack("!I", len(body) + 4) + body)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(source, 5)
    return head[:1], _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        came = source.recv(count - len(data))
        if not came:
            raise ConnectionResetError
        data += came
    return data


@contextmanager
def redshift_front(behind: int) -> Iterator[RedshiftFront]:
    """A front of the server at a port."""
    front = RedshiftFront(behind)
    try:
        yield front
    finally:
        front.close()
