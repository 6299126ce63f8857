"""The checksum that S3 keeps with an object: made while it is sent, checked when it has arrived.

Source of the rules: "Checking object integrity in Amazon S3". A checksum of the type COMPOSITE is
one of the parts' checksums, and says nothing that can be checked without knowing the parts.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

HEADER = "x-amz-checksum-"
ALGORITHM: Final = "CRC64NVME"
"""What we send: the whole object's checksum is put together from those of its parts."""

_WIDTHS = {"crc64nvme": 8, "crc32c": 4, "crc32": 4}
"""Bytes of the checksums that can be put together, the best first."""

_HASHES = {"sha256": hashlib.sha256, "sha1": hashlib.sha1}


@dataclass(frozen=True, slots=True)
class Checksum:
    """What an answer says that the content must have."""

    algorithm: str
    """In lower case: "crc64nvme"."""
    value: str
    """In base64, as S3 writes it."""

    @property
    def can_be_summed(self) -> bool:
        """Whether it can be made of the ranges of an object, in any order."""
        return self.algorithm in _WIDTHS

    def is_of(self, data: bytes) -> bool:
        """Whether `data` has it."""
        return self.is_of_all((data,))

    def is_of_all(self, chunks: Iterable[bytes]) -> bool:
        """Whether the chunks, one after the other, have it."""
        if self.algorithm in _HASHES:
            hashed = _HASHES[self.algorithm]()
            for chunk in chunks:
                hashed.update(chunk)
            digest = hashed.digest()
        else:
            crc, summed = _crc(self.algorithm), 0
            for chunk in chunks:
                summed = crc(chunk, summed)
            digest = summed.to_bytes(_WIDTHS[self.algorithm], "big")
        return base64.b64encode(digest).decode("ascii") == self.value


def checksum_in(headers: Mapping[str, str]) -> Checksum | None:
    """The checksum of the whole object in an answer's headers (their names in lower case); None if
    there is none that can be checked."""
    if headers.get(HEADER + "type", "").upper() == "COMPOSITE":
        return None
    for algorithm in (*_WIDTHS, *_HASHES):
        value = headers.get(HEADER + algorithm, "")
        # Before there were types, "-3" at the end told of three parts.
        if value and "-" not in value:
            return Checksum(algorithm, value)
    return None


class RangeSums:
    """The checksum of an object whose ranges arrive, or leave, in any order.

    Safe between threads.
    """

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self._crc = _crc(algorithm)
        self._ranges: dict[int, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def add(self, data: bytes | memoryview, before: int) -> int:
        """The sum of a range that goes on with `data` after the sum `before`, at first 0."""
        return self._crc(data, before)

    def keep(self, start: int, length: int, summed: int) -> None:
        """Take the sum of the range that begins at `start`."""
        with self._lock:
            self._ranges[start] = (length, summed)

    def whole(self, size: int) -> str:
        """The checksum of the object, in base64; "" unless the ranges make up `size` bytes."""
        combine = _combined(self._algorithm)
        at = summed = 0
        for start, (length, of_range) in sorted(self._ranges.items()):
            if start != at:
                return ""
            summed = combine(summed, of_range, length) if at else of_range
            at += length
        return encoded(self._algorithm, summed) if at == size else ""


def encoded(algorithm: str, summed: int) -> str:
    """A sum as S3 writes it."""
    return base64.b64encode(summed.to_bytes(_WIDTHS[algorithm], "big")).decode("ascii")


def decoded(value: str) -> int:
    """A sum that S3 has written."""
    return int.from_bytes(base64.b64decode(value), "big")


def _crc(algorithm: str) -> Callable[[Any, int], int]:
    # Several GB a second, and the interpreter's lock is free meanwhile.
    from awscrt import checksums

    found: Callable[[Any, int], int] = getattr(checksums, algorithm)
    return found


def _combined(algorithm: str) -> Callable[[int, int, int], int]:
    from awscrt import checksums

    found: Callable[[int, int, int], int] = getattr(checksums, f"combine_{algorithm}")
    return found
