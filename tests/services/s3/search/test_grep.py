"""What is found inside objects, however they are packed, cut and written."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pytest

from tests.buckets import Put
from tui.services.errors import ErrorKind, ServiceError
from tui.services.s3 import S3Object, S3Service
from tui.services.s3.search import grep, regex
from tui.services.s3.search.grep import GrepQuery, GrepStep

TEXT = b"first\nan [red]Error[/] here\r\n\xff\xfe raw\n" + "größe\n".encode() + b"last error"


async def steps(s3: S3Service, bucket: str, key: str, query: GrepQuery) -> list[GrepStep]:
    pages = [page async for page in s3.scan(bucket, key)]
    found = next(each for each in pages[0] if each.key == key)
    return [step async for step in s3.search_object(bucket, found, query)]


async def hits(
    s3: S3Service, bucket: str, key: str, text: str, *, regex: bool = False, case: bool = False
) -> list[tuple[int, str]]:
    query = GrepQuery.of(text, regex=regex, ignore_case=not case)
    return [
        (hit.line, hit.text) for step in await steps(s3, bucket, key, query) for hit in step.hits
    ]


@pytest.mark.parametrize("pack", ["none", "gzip", "bz2", "xz", "zstd", "members"])
async def test_text_is_found_however_it_is_packed(
    s3: S3Service, bucket: str, put: Put, pack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grep, "PART", 16)
    monkeypatch.setattr(grep, "CHUNK", 7)
    if pack == "zstd":
        zstd = pytest.importorskip("zstandard")
        data = zstd.ZstdCompressor().compress(TEXT)
    else:
        data = {
            "none": TEXT,
            "gzip": gzip.compress(TEXT),
            "bz2": bz2.compress(TEXT),
            "xz": lzma.compress(TEXT),
            "members": gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]),
        }[pack]
    put({"it": data})
    assert await hits(s3, bucket, "it", "error") == [
        (2, "an [red]Error[/] here"),
        (5, "last error"),
    ]
    assert await hits(s3, bucket, "it", "error", case=True) == [(5, "last error")]
    assert await hits(s3, bucket, "it", "GRÖSSE|GRÖßE", regex=True) == [(4, "größe")]


async def test_utf_16_is_read_by_its_mark(s3: S3Service, bucket: str, put: Put) -> None:
    put({"it": "eins\nzwei ü\n".encode("utf-16")})
    assert await hits(s3, bucket, "it", "ü") == [(2, "zwei ü")]


async def test_binary_objects_are_told_and_searched_on_demand(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"it": b"\0\1needle\0"})
    query = GrepQuery.of("needle", regex=False, ignore_case=False)
    assert [step.is_binary for step in await steps(s3, bucket, "it", query)] == [True]
    query = GrepQuery.of("needle", regex=False, ignore_case=False, binary=True)
    assert [hit.line for step in await steps(s3, bucket, "it", query) for hit in step.hits] == [1]


async def test_a_line_without_end_is_searched_in_pieces(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"it": b"x" * 199_990 + b"needle" + b"y" * 99_999 + b"\nneedle"})
    monkeypatch.setattr(grep, "CHUNK", 1000)
    for is_regex in (False, True):
        found = await hits(s3, bucket, "it", "needle", regex=is_regex)
        assert [line for line, _ in found] == [1, 2]
        assert all("needle" in text and len(text) <= grep.SHOWN + 1 for _, text in found)


async def test_damage_and_an_overwritten_object_are_errors(
    s3: S3Service, bucket: str, put: Put
) -> None:
    put({"it": gzip.compress(TEXT * 50)[:60]})
    with pytest.raises(ServiceError, match="damaged"):
        await hits(s3, bucket, "it", "nowhere")
    gone = S3Object("it", 60, None, "STANDARD", "0" * 32)
    query = GrepQuery.of("x", regex=False, ignore_case=False)
    with pytest.raises(ServiceError, match="changed while it was read") as changed:
        _ = [step async for step in s3.search_object(bucket, gone, query)]
    assert changed.value.kind is ErrorKind.CHANGED


def test_an_expression_that_may_take_for_ever_is_refused() -> None:
    with pytest.raises(ServiceError) as refused:
        GrepQuery.of("(a+)+$", regex=True, ignore_case=False)
    assert refused.value.kind is ErrorKind.INVALID


async def test_a_line_that_takes_too_long_is_told_and_the_interpreter_is_not_held(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regex, "LONGEST", 0.001)
    put({"hostile": b"ab" * 2048 + b"\nxaxbxcx\n"})
    found = await steps(
        s3, bucket, "hostile", GrepQuery.of("a.*b.*c", regex=True, ignore_case=False)
    )
    assert sum(step.slow for step in found) == 1
    assert [hit.line for step in found for hit in step.hits] == [2]


async def test_an_object_of_which_many_lines_take_too_long_is_given_up(
    s3: S3Service, bucket: str, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regex, "LONGEST", 0.001)
    monkeypatch.setattr(grep, "MOST_SLOW", 2)
    put({"hostile": (b"ab" * 1024 + b"\n") * 5})
    with pytest.raises(ServiceError, match="searched to line 2 only"):
        await steps(s3, bucket, "hostile", GrepQuery.of("a.*b.*c", regex=True, ignore_case=False))
