"""Cancels a statement on a server that takes the request and never answers.

`python -m tests.services.sql.deaf_server URL`, a process of its own: what goes wrong here would
stop every thread of the tests.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from urllib.parse import urlsplit, urlunsplit

from tui.services.aws import Account, Target
from tui.services.sql import SqlService, from_url, split

STATEMENT = "select pg_sleep(120)"

sent = threading.Event()
"""Set when the rows of the statement are asked for, which is when it runs."""


def relay(url: str) -> str:
    """A URL that reaches the server once; whoever comes later is never heard."""
    place = urlsplit(url)
    listening = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(65536):
            sink.sendall(data)
            if b"FETCH" in data:
                sent.set()

    def serve() -> None:
        near, _ = listening.accept()
        far = socket.create_connection((str(place.hostname), place.port or 5432))
        threading.Thread(target=pump, args=(near, far), daemon=True).start()
        pump(far, near)

    threading.Thread(target=serve, daemon=True).start()
    login = place.netloc.rpartition("@")[0]
    return urlunsplit(place._replace(netloc=f"{login}@127.0.0.1:{listening.getsockname()[1]}"))


async def main() -> None:
    service = SqlService(Account(Target(region="us-east-1")))
    target, secrets = from_url(relay(sys.argv[1]))
    session = await service.connect(target, secrets)
    running = asyncio.create_task(session.run(split(STATEMENT)[0]))
    await asyncio.to_thread(sent.wait)
    cancelling = asyncio.create_task(session.cancel())
    await asyncio.wait({running, cancelling}, timeout=1)
    print("awake", running.done())
    service.close()
    print("closed", flush=True)
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
