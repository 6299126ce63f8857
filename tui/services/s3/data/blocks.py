"""The bytes of an answer, block by block, read into memory that is used again. Blocking.

`StreamingBody` makes an object of each block, and copies it once more; for a large download that is
a fifth of the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from tui.services.spare_memory import BLOCK_BYTES, spare_block

READ_BYTES = 256 * 1024
"""Bytes read from a connection between two looks at whether to go on."""

QUICK_BYTES = BLOCK_BYTES
"""As many at most while they come quickly."""

QUICK_SECONDS = 0.05
"""Seconds in which a block comes, and is dealt with, where the next may be larger."""


def blocks(body: Any) -> Iterator[bytes | memoryview]:
    """What a body of the SDK holds. A block is good until the next one; it begins where a page of
    memory does.

    Raises what the SDK raises where the connection breaks.
    """
    under = _under(body)
    if under is None:
        yield from body.iter_chunks(READ_BYTES)
        return
    with spare_block() as memory:
        yield from _read(*under, memory)


def _read(raw: Any, answer: HTTPResponse, memory: memoryview) -> Iterator[memoryview]:
    room, arrived = READ_BYTES, 0
    began = monotonic()
    with _as_the_sdk_says():
        count = answer.readinto(memory[:room])
    while count:
        arrived += count
        yield memory[:count]
        now = monotonic()
        room = min(room * 2, QUICK_BYTES) if now - began < QUICK_SECONDS else READ_BYTES
        began = now
        with _as_the_sdk_says():
            count = answer.readinto(memory[:room])
    if answer.length:
        from botocore.exceptions import IncompleteReadError

        raise IncompleteReadError(actual_bytes=arrived, expected_bytes=arrived + int(answer.length))
    raw.release_conn()


def _under(body: Any) -> tuple[Any, HTTPResponse] | None:
    """The answer of urllib3 under a body, and that of Python under it; None where they do more than
    hand over the bytes: they decode them, or sum them up."""
    from botocore.response import StreamingBody

    raw = getattr(body, "_raw_stream", None)
    answer = getattr(raw, "_fp", None)
    if type(body) is not StreamingBody or not isinstance(answer, HTTPResponse):
        return None
    if answer.chunked or answer.length is None or getattr(raw, "decode_content", True):
        return None
    return raw, answer


@contextmanager
def _as_the_sdk_says() -> Iterator[None]:
    from botocore.exceptions import ReadTimeoutError, ResponseStreamingError

    try:
        yield
    except TimeoutError as error:
        raise ReadTimeoutError(endpoint_url="", error=error) from error
    except (OSError, HTTPException) as error:
        raise ResponseStreamingError(error=error) from error
