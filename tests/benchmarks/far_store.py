"""A server that keeps small objects in memory and answers each request after a time, as one that is
far away.

It takes next to no processor time, so that it is not what limits those who put and fetch. Run as a
program: `far_store.py SECONDS` prints its port.
"""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_right
from hashlib import md5
from urllib.parse import parse_qs, unquote

PAGE = 1000

Answer = tuple[int, str, bytes]
"""A status, lines of headers, the body."""


class Store:
    """Buckets and their objects."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, tuple[bytes, str]]] = {}

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to a request; the names of its headers are in lower case."""
        path, _, query = target.partition("?")
        bucket, _, key = unquote(path[1:]).partition("/")
        if method == "PUT" and not key:
            self.buckets[bucket] = {}
            return 200, "", b""
        objects = self.buckets.get(bucket)
        if objects is None:
            return 404, "", b"<Error><Code>NoSuchBucket</Code></Error>"
        if not key:
            return 200, "Content-Type: application/xml\r\n", _listing(objects, query)
        if method == "PUT":
            if key in objects and headers.get("if-none-match") == "*":
                return 412, "", b"<Error><Code>PreconditionFailed</Code></Error>"
            objects[key] = body, f'"{md5(body, usedforsecurity=False).hexdigest()}"'
            return 200, f"ETag: {objects[key][1]}\r\n", b""
        if key not in objects:
            return 404, "", b"<Error><Code>NoSuchKey</Code></Error>"
        data, etag = objects[key]
        lines = f"ETag: {etag}\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        if "range" not in headers or method == "HEAD":
            return 200, lines, data
        first, _, last = headers["range"].removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last or len(data)) + 1]
        until = int(first) + len(part) - 1
        return 206, f"{lines}Content-Range: bytes {first}-{until}/{len(data)}\r\n", part


def _listing(objects: dict[str, tuple[bytes, str]], query: str) -> bytes:
    """The answer of ListObjectsV2."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    prefix = asked.get("prefix", "")
    keys = sorted(key for key in objects if key.startswith(prefix))
    first = bisect_right(keys, asked.get("continuation-token") or asked.get("start-after", ""))
    page = keys[first : first + min(int(asked.get("max-keys", PAGE)), PAGE)]
    more = first + len(page) < len(keys)
    token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more else ""
    lines = [
        f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>{objects[key][1].replace(chr(34), '&quot;')}</ETag>"
        f"<Size>{len(objects[key][0])}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for key in page
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult '
        'xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Prefix>{prefix}</Prefix><KeyCount>{len(page)}</KeyCount><MaxKeys>1000</MaxKeys>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{''.join(lines)}</ListBucketResult>"
    ).encode()


class Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, store: Store, late: float) -> None:
        self._store = store
        self._late = late
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, end, rest = self._held.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode().split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        size = int(headers.get("content-length", "0"))
        if len(rest) < size:
            if not rest and "expect" in headers:
                self._later(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        method, target, _ = first.split(" ")
        self._held = rest[size:]
        status, told, body = self._store.answer(method, target, headers, rest[:size])
        answer = f"HTTP/1.1 {status} .\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode()
        self._later(answer if method == "HEAD" else answer + body)

    def _later(self, said: bytes) -> None:
        asyncio.get_running_loop().call_later(self._late, self._transport.write, said)


async def serve(late: float) -> None:
    """Answer until the program is ended."""
    store = Store()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(store, late), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
