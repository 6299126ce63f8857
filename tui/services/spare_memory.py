"""Memory for the bytes that pass through, block by block, which is used again and again.

New memory is dear: the system clears each page of it, and a virtual machine may have to ask its
host for it first.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager

BLOCK_BYTES = 1024 * 1024

KEPT = 8
"""As many blocks are kept at most."""

_spare: list[memoryview] = []


@contextmanager
def spare_block() -> Iterator[memoryview]:
    """So many bytes that nobody else uses in the block; they begin where a page of memory does."""
    try:
        block = _spare.pop()
    except IndexError:
        block = memoryview(mmap.mmap(-1, BLOCK_BYTES))
    try:
        yield block
    finally:
        if len(_spare) < KEPT:
            _spare.append(block)
