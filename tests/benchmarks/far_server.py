"""A server that lists one bucket and answers each request after a time, as one that is far away.

It takes next to no processor time, so that it is not what limits those who list. Run as a program:
`far_server.py KEYS SECONDS FOLDERS` prints its port; with 0 folders all keys are in none.
"""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_left, bisect_right
from urllib.parse import parse_qs, quote, urlsplit

PAGE = 1000


class Bucket:
    """Keys in order, and the answers about them."""

    def __init__(self, count: int, folders: int) -> None:
        self.keys = [f"logs-{number:07}.json.gz" for number in range(count)]
        if folders:
            self.keys = [f"part-{n * folders // count:02}/{key}" for n, key in enumerate(self.keys)]
        self.lines = [
            f"<Contents><Key>{quote(key)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            "<ETag>&quot;9dd4e461268c8034f5c8564e155c67a6&quot;</ETag><Size>1</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for key in self.keys
        ]

    def answer(self, target: str) -> str:
        """The answer of ListObjectsV2 to a request."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        prefix = asked.get("prefix", "")
        after = asked.get("continuation-token") or asked.get("start-after", "")
        first = max(bisect_right(self.keys, after), bisect_left(self.keys, prefix))
        end = bisect_left(self.keys, prefix + "\U0010ffff")
        last = min(first + min(int(asked.get("max-keys", PAGE)), PAGE), end)
        more = last < end
        token = f"<NextContinuationToken>{self.keys[last - 1]}</NextContinuationToken>"
        return (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult '
            'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>far</Name>'
            f"<Prefix>{prefix}</Prefix><KeyCount>{max(0, last - first)}</KeyCount>"
            "<MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token if more else ''}"
            f"{''.join(self.lines[first:last])}</ListBucketResult>"
        )


async def serve(count: int, seconds: float, folders: int) -> None:
    """Answer until the program is ended."""
    bucket = Bucket(count, folders)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(seconds)
                body = bucket.answer(head.split(b" ", 2)[1].decode()).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
                    + f"Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
