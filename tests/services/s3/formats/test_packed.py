"""bzip2, xz and zstd are seen through, within limits."""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable

import pytest
import zstandard

from tui.services.s3.formats.packed import unpack
from tui.services.s3.objects import Beginning
from tui.services.s3.preview.preview import preview

PACKERS: list[Callable[[bytes], bytes]] = [bz2.compress, lzma.compress, zstandard.compress]


@pytest.mark.parametrize("pack", PACKERS)
def test_packed_text_is_read(pack: Callable[[bytes], bytes]) -> None:
    data = pack(b"a,b\n1,2\n") + pack(b"3,4\n")
    shown = preview(Beginning("b", "x.csv.bz2", data, len(data), ""))
    assert shown.text == "a,b\n1,2\n3,4\n"
    assert shown.tabular
    assert not shown.truncated


@pytest.mark.parametrize("pack", PACKERS)
def test_what_unpacks_to_very_much_is_cut(pack: Callable[[bytes], bytes]) -> None:
    unpacked = unpack(pack(bytes(20_000_000)), more=False, limit=1000)
    assert len(unpacked.data) == 1000
    assert unpacked.truncated


@pytest.mark.parametrize("pack", PACKERS)
def test_damaged_data_says_so(pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"text " * 1000)
    assert unpack(packed[:4] + b"\xff" * 100, more=False, limit=1000).data == b""
    shown = preview(Beginning("b", "x", packed[:6] + b"\xff" * 100, 106, ""))
    assert shown.notes


def test_an_encoding_can_be_chosen() -> None:
    beginning = Beginning("b", "x", "naïve".encode("cp1252"), 5, "")
    assert preview(beginning, "latin-1").text == "naïve"
    assert "1" in preview(beginning, "utf-8").notes[-1]
