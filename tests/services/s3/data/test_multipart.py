"""The sizes of parts, and what the object made of them is called."""

from __future__ import annotations

import hashlib

import pytest

from tui.services.s3.data.data_plane import MIB
from tui.services.s3.data.multipart import composite_etag, part_bytes


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (8 * MIB + 1, 8 * MIB),
        (80_000 * MIB, 8 * MIB),
        (80_000 * MIB + 1, 9 * MIB),
        (5 * 1024 * 1024 * MIB, 525 * MIB),
    ],
)
def test_parts_are_sized_so_that_ten_thousand_are_enough(size: int, expected: int) -> None:
    assert part_bytes(size) == expected
    assert -(-size // part_bytes(size)) <= 10_000


def test_the_etag_of_parts_is_the_md5_of_their_md5s() -> None:
    parts = [f'"{hashlib.md5(part).hexdigest()}"' for part in (b"a", b"b")]
    whole = hashlib.md5(b"".join(hashlib.md5(part).digest() for part in (b"a", b"b")))
    assert composite_etag(parts) == f"{whole.hexdigest()}-2"
    assert composite_etag(["no md5"]) == ""
