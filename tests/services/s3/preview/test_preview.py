"""The beginning of an object, and how it is read."""

from __future__ import annotations

import gzip
import zlib

import pytest

from tests.buckets import Put
from tests.local_server import Answer
from tests.services.s3.scripted import error, scripted
from tui.services.errors import ErrorKind, ServiceError
from tui.services.formats.hex_dump import hex_dump
from tui.services.s3 import Beginning, S3Service
from tui.services.s3.preview.preview import Preview, decode, is_tabular, preview


def of(data: bytes, key: str = "x.txt", *, size: int | None = None, kind: str = "") -> Preview:
    return preview(Beginning("b", key, data, len(data) if size is None else size, kind))


async def test_only_the_beginning_is_read(s3: S3Service, bucket: str, put: Put) -> None:
    put({"x": b"0123456789"})
    beginning = await s3.read_head(bucket, "x", 4)
    assert (beginning.data, beginning.size, beginning.truncated) == (b"0123", 10, True)
    whole = await s3.read_head(bucket, "x", 10)
    assert (whole.data, whole.truncated) == (b"0123456789", False)


async def test_an_empty_object_is_empty(s3: S3Service, bucket: str, put: Put) -> None:
    put({"x": b""})
    beginning = await s3.read_head(bucket, "x")
    assert (beginning.data, beginning.size, beginning.truncated) == (b"", 0, False)


async def test_an_empty_object_where_the_server_refuses_the_range() -> None:
    with scripted(error(416, "InvalidRange")) as (s3, _):
        beginning = await s3.read_head("bucket", "x")
    assert (beginning.data, beginning.truncated) == (b"", False)


async def test_a_server_that_ignores_the_range_is_not_read_to_the_end() -> None:
    with scripted(Answer(200, b"0123456789")) as (s3, server):
        beginning = await s3.read_head("bucket", "x", 4)
    assert (beginning.data, beginning.size) == (b"0123", 10)
    assert server.requests[0].headers["Range"] == "bytes=0-3"


async def test_an_archived_object_says_that_it_must_be_restored() -> None:
    with (
        scripted(error(403, "InvalidObjectState")) as (s3, _),
        pytest.raises(ServiceError) as caught,
    ):
        await s3.read_head("bucket", "x")
    assert caught.value.kind is ErrorKind.CONFLICT
    assert "restore" in caught.value.hint


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("plain ü 😀".encode(), "plain ü 😀", "utf-8"),
        (b"\xef\xbb\xbfmarked", "marked", "utf-8"),
        (b"\xff\xfea\x00\xfc\x00", "aü", "utf-16-le"),
        (b"\xfe\xff\x00a\x00\xfc", "aü", "utf-16-be"),
        (b"caf\xe9 \x80", "café €", "cp1252"),
        (b"caf\xe9 \x81", "café \x81", "latin-1"),
        (b"", "", "utf-8"),
    ],
)
def test_text_is_decoded_and_the_encoding_named(data: bytes, text: str, encoding: str) -> None:
    assert decode(data, truncated=False) == (text, encoding)


def test_another_encoding_than_utf_8_is_said() -> None:
    assert any("cp1252" in note for note in of(b"caf\xe9").notes)


def test_a_character_cut_in_two_does_not_change_the_encoding() -> None:
    cut = "aü😀".encode()[:-2]
    assert decode(cut, truncated=True) == ("aü", "utf-8")


def test_binary_is_recognised_and_dumped() -> None:
    shown = of(b"PK\x03\x04\x00\x00")
    assert shown.binary
    assert hex_dump(shown.data) == (
        "00000000  50 4b 03 04 00 00                                 |PK....|"
    )
    assert not of(b"a\x1b[31mred\n").binary


def test_a_hex_dump_leaves_nothing_out() -> None:
    lines = hex_dump(bytes(100_000)).splitlines()
    assert len(lines) == 6250
    assert lines[-1].startswith(f"{100_000 - 16:08x}  00 00")


def test_gzip_is_unpacked_also_when_it_is_cut() -> None:
    text = "".join(f"{number},x\n" for number in range(5000))
    packed = gzip.compress(text.encode())
    assert of(packed, "x.csv.gz").text == text
    cut = of(packed[:4000], "x.csv.gz", size=len(packed))
    assert cut.text
    assert text.startswith(cut.text)
    assert cut.truncated
    assert cut.tabular


def test_gzip_of_several_members_is_unpacked_whole() -> None:
    packed = gzip.compress(b"one\n") + gzip.compress(b"two\n")
    shown = of(packed, "x.gz")
    assert (shown.text, shown.truncated) == ("one\ntwo\n", False)


def test_damaged_gzip_says_so_and_shows_what_there_is() -> None:
    packed = gzip.compress(b"x" * 100)
    shown = of(packed[:-20] + b"\xff" * 20, "x.gz")
    assert any("gzip" in note for note in shown.notes)
    ends = of(packed[:-4], "x.gz")
    assert ends.text == "x" * 100
    assert any("too early" in note for note in ends.notes)


def test_a_gzip_bomb_is_cut() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(bytes([65]) * 50_000_000) + packer.flush()
    shown = of(packed, "x.gz")
    assert len(shown.data) <= 1024 * 1024
    assert shown.truncated


@pytest.mark.parametrize(
    ("key", "kind", "wanted"),
    [
        ("a/b.csv", "", True),
        ("B.CSV.GZ", "", True),
        ("x.tsv", "", True),
        ("x", "text/csv; charset=utf-8", True),
        ("csv", "", False),
        ("x.csv/y.txt", "text/plain", False),
    ],
)
def test_tables_are_known_by_name_or_type(key: str, kind: str, wanted: bool) -> None:
    assert is_tabular(key, kind) is wanted
