"""bzip2, xz and zstd data: what it holds, up to a limit."""

from __future__ import annotations

import bz2
import lzma
from typing import Protocol

from tui.services.s3.formats.unpacked import Unpacked

_LZMA_MEMORY = 128 * 1024 * 1024
"""Bytes that a decoder may take: the largest dictionary of xz's own presets needs 65 MiB."""


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


_MAGIC = {b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
SUFFIXES = (".gz", ".bz2", ".xz", ".zst")


def packed_with(data: bytes) -> str:
    """The name of the format, by the first bytes; empty for anything else."""
    return next((name for magic, name in _MAGIC.items() if data.startswith(magic)), "")


def unpack(data: bytes, *, more: bool, limit: int) -> Unpacked:
    """At most `limit` bytes of what packed data holds, stream after stream.

    `more` says that `data` is only the beginning of a longer file.
    """
    name = packed_with(data)
    if name == "zstd":
        return _unpack_zstd(data, more=more, limit=limit)
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest and packed_with(rest) == name:
        decoder: _Decoder = (
            bz2.BZ2Decompressor()
            if name == "bzip2"
            else lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)
        )
        try:
            parts.append(decoder.decompress(rest, limit - size))
        except (OSError, EOFError, lzma.LZMAError) as error:
            return Unpacked(b"".join(parts), True, f"damaged {name} data: {error}")
        size += len(parts[-1])
        if not decoder.eof:
            problem = "" if more or size >= limit else f"the {name} data ends too early"
            return Unpacked(b"".join(parts), True, problem)
        rest = decoder.unused_data
        if size >= limit and rest:
            return Unpacked(b"".join(parts), True)
    return Unpacked(b"".join(parts), more)


def _unpack_zstd(data: bytes, *, more: bool, limit: int) -> Unpacked:
    try:
        import zstandard
    except ImportError:
        return Unpacked(b"", True, "zstd data: to see through it, pip install 'tristore[formats]'")
    # A window of 128 MiB is the longest that the format's own program takes unasked.
    decoder = zstandard.ZstdDecompressor(max_window_size=128 * 1024 * 1024)
    parts: list[bytes] = []
    size = 0
    try:
        with decoder.stream_reader(data, read_across_frames=True) as stream:
            while size <= limit:
                part = stream.read(min(limit + 1 - size, 65536))
                if not part:
                    break
                parts.append(part)
                size += len(part)
    except zstandard.ZstdError as error:
        return Unpacked(b"".join(parts)[:limit], True, f"damaged zstd data: {error}")
    return Unpacked(b"".join(parts)[:limit], more or size > limit)
