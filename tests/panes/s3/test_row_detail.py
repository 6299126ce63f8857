"""What stands beside an object, a prefix or a bucket."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

from tests.buckets import Put
from tests.driver import NARROW, WIDE, running, sandbox_services
from tests.panes.s3.scripted import ScriptedS3
from tui.panes.row_detail import DRAWING, DetailText
from tui.panes.s3 import special_detail
from tui.panes.s3.entries import Entry, Prefix
from tui.panes.s3.row_detail import BEGINNING, beginning_text, indented, subject_of
from tui.sandbox import SandboxInfo
from tui.services.errors import ServiceError
from tui.services.s3 import ROOT, Bucket, S3Location, S3Object
from tui.services.s3.formats.excel import ExcelTable
from tui.services.s3.formats.parquet import ParquetTable
from tui.services.s3.formats.table_source import TableSource
from tui.services.s3.objects import Beginning
from tui.services.s3.preview.preview import preview

HERE = S3Location("b", "logs/")


class ReadableS3(ScriptedS3):
    """Gives the same bytes for every object, and no region of any bucket."""

    data = b"hello"
    etag = ""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[tuple[str, str, int]] = []

    async def read_head(
        self, bucket: str, key: str, limit: int = 0, *, version_id: str = ""
    ) -> Beginning:
        self.reads.append((bucket, key, limit))
        return Beginning(bucket, key, self.data[:limit], len(self.data), "", self.etag)

    async def read_more(self, beginning: Beginning, length: int) -> Beginning:
        return beginning.with_data(self.data[: len(beginning.data) + length])

    async def open_table(self, beginning: Beginning, sheet: str | None = None) -> TableSource:
        if beginning.data.startswith(b"PAR1"):
            return ParquetTable(lambda at, size: self.data[at : at + size], len(self.data))
        return ExcelTable(self.data, sheet)

    async def table_rows(self, source: TableSource, count: int) -> list[list[str | None]]:
        return source.read(count)

    def region_of(self, bucket: str) -> str | None:
        return None


async def text_of(s3: ReadableS3, entry: Entry, location: S3Location = HERE) -> str:
    return (await subject_of(entry, location, s3).read()).text


def drawn(key: str, data: bytes, *, size: int | None = None) -> DetailText:
    """The detail of an object that begins with `data`."""
    size = len(data) if size is None else size
    return beginning_text(preview(Beginning("b", key, data, size, "")), key, size)


async def test_one_request_asks_for_a_few_kilobytes() -> None:
    s3 = ReadableS3()
    entry = S3Object("logs/a.txt", 5, None, "STANDARD", "")
    assert subject_of(entry, HERE, s3).title == "a.txt"
    assert await text_of(s3, entry) == "hello"
    assert s3.reads == [("b", "logs/a.txt", BEGINNING)]


async def test_coming_back_to_an_object_reads_nothing_unless_it_was_changed() -> None:
    s3 = ReadableS3()
    s3.etag = "1"
    entry = S3Object("logs/a.txt", 5, None, "STANDARD", "1")
    assert await text_of(s3, entry) == "hello"
    assert await text_of(s3, entry) == "hello"
    assert len(s3.reads) == 1
    changed = S3Object("logs/a.txt", 5, None, "STANDARD", "2")
    for reads in (2, 3):
        assert await text_of(s3, changed) == "hello"
        assert len(s3.reads) == reads


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
async def test_nothing_is_asked_of_an_archived_object(storage_class: str) -> None:
    s3 = ReadableS3()
    text = await text_of(s3, S3Object("logs/a", 5, None, storage_class, ""))
    assert f"archived ({storage_class})" in text
    assert not s3.reads
    restored = S3Object("logs/a", 5, None, storage_class, "", restore="until tomorrow")
    assert await text_of(s3, restored) == "hello"


async def test_nothing_is_asked_of_what_is_empty_or_no_object() -> None:
    s3 = ReadableS3()
    assert "0 bytes" in await text_of(s3, S3Object("logs/a", 0, None, "STANDARD", ""))
    assert "s3://b/logs/old/" in await text_of(s3, Prefix("logs/old/"))
    created = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    known = await text_of(s3, Bucket("photos", "eu-west-1", created), ROOT)
    assert all(part in known for part in ("s3://photos/", "eu-west-1", "2026-01-02 03:04:05 UTC"))
    unknown = await text_of(s3, Bucket("photos", None, None), ROOT)
    assert unknown.count("unknown") == 2
    assert not s3.reads


async def detail_of(key: str, data: bytes) -> DetailText:
    s3 = ReadableS3()
    s3.data = data
    return await subject_of(S3Object(key, len(data), None, "STANDARD", ""), HERE, s3).read()


async def test_a_parquet_file_shows_its_first_rows() -> None:
    file = io.BytesIO()
    table = pyarrow.table({"id": [1, None], "name [red]": ["a\x1b[31m", "b"]})
    pyarrow.parquet.write_table(table, file)
    shown = await detail_of("logs/a.parquet", file.getvalue())
    lines = shown.text.splitlines()
    assert lines[0].split() == ["id", "name", "[red]"]
    assert lines[2].split()[0] == "1"
    assert "\x1b" not in shown.text
    assert lines[3].split() == ["NULL", "b"]
    assert "2 rows × 2 columns" in shown.note


async def test_a_workbook_shows_its_first_rows_unless_it_is_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, book = io.BytesIO(), openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["id", "name"])
    book.active.append([1, "Ada"])
    book.save(file)
    assert "Ada" in (await detail_of("logs/a.xlsx", file.getvalue())).text
    monkeypatch.setattr(special_detail, "LARGEST_WHOLE", 100)
    assert "Enter shows it" in (await detail_of("logs/a.xlsx", file.getvalue())).text


async def test_a_picture_is_drawn_and_a_damaged_one_is_bytes() -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 100), (200, 10, 10)).save(file, "PNG")
    shown = await detail_of("logs/a.png", file.getvalue())
    assert [each.text for each in shown.drawing[0]] == ["▀"] * DRAWING
    assert "300 × 100 pixels" in shown.note
    damaged = await detail_of("logs/a.png", file.getvalue()[:60])
    assert not damaged.drawing
    assert "damaged" in damaged.note
    assert "89 50 4e 47" in damaged.text


async def test_an_error_of_the_service_is_passed_on() -> None:
    class Denied(ReadableS3):
        async def read_head(
            self, bucket: str, key: str, limit: int = 0, *, version_id: str = ""
        ) -> Beginning:
            raise ServiceError("No.")

    with pytest.raises(ServiceError, match="No"):
        await text_of(Denied(), S3Object("logs/a", 5, None, "STANDARD", ""))


def test_a_csv_file_is_a_small_table_of_what_is_stored() -> None:
    data = b'id,name,note\n007,"Ada, ""x""",NA\n8,,' + b"n" * 60 + b"\n3\n"
    lines = drawn("people.csv", data).text.splitlines()
    assert lines[0].split() == ["id", "name", "note"]
    assert lines[2].split("  ")[0].strip() == "007"
    assert 'Ada, "x"' in lines[2]
    assert "''" in lines[3]
    assert lines[3].endswith("n…")
    assert lines[4].split() == ["3", "·", "·"]
    assert not drawn("people.csv", data).wrap


def test_the_cut_last_line_of_a_table_is_left_out_and_the_part_is_named() -> None:
    shown = drawn("a.csv", b"id,n\n1,2\n3,4", size=5000)
    assert "3" not in shown.text
    assert "The first 12 B of 4.9 KiB." in shown.note


def test_a_text_is_shown_as_it_is_and_bytes_in_hex() -> None:
    assert drawn("a.log", b"one\n\ttwo").text == "one\n\ttwo"
    shown = drawn("a.bin", bytes(range(16)))
    assert shown.text.splitlines()[1].startswith("00000008  08 09 0a 0b 0c 0d 0e 0f")
    assert "hex" in shown.note
    assert not shown.wrap
    assert drawn("a.txt.gz", gzip.compress(b"packed")).text == "packed"


def test_json_in_one_line_is_laid_out_without_a_change_of_its_tokens() -> None:
    line = '{"n":1.0e5,"s":"a, b: {\\"c\\"}","l":[1,[],{}],"n":9007199254740993}'
    shown = drawn("a.json", line.encode())
    assert "Laid out in lines." in shown.note
    assert '\n  "n": 1.0e5,\n' in shown.text
    assert json.loads(shown.text, object_pairs_hook=list) == json.loads(
        line, object_pairs_hook=list
    )
    assert drawn("a.json", b'{\n"n":1}').text == '{\n"n":1}'


@pytest.mark.parametrize("text", ['{"a":[1,"cut', '"cut\\', "no json, at all", "]]}", ""])
def test_json_that_is_cut_or_none_loses_nothing(text: str) -> None:
    assert "".join(indented(text).split()) == "".join(text.split())


async def test_z_shows_the_object_under_the_cursor_beside_the_rows(
    sandbox: SandboxInfo, tmp_path: Path, bucket: str, put: Put
) -> None:
    put({"a.csv": b"id,name\n1,Ada [red]\n", "b.txt": b"second \x1b[31mtext"})
    location = f"s3://{bucket}/"
    async with running(sandbox_services(sandbox, tmp_path), location=location) as driver:
        await driver.sees("a.csv")
        assert "Ada" not in driver.text
        await driver.press("z")
        await driver.sees("Ada [red]", "── ")
        await driver.press("down")
        await driver.sees("second ␛[31mtext")
        await driver.press("z")
        await driver.misses("second")


@pytest.mark.parametrize(("size", "has_room"), [(NARROW, False), ((110, 24), True), (WIDE, False)])
async def test_a_pane_that_has_the_screen_shows_the_detail_where_there_is_room(
    sandbox: SandboxInfo,
    tmp_path: Path,
    bucket: str,
    put: Put,
    size: tuple[int, int],
    has_room: bool,
) -> None:
    put({"a.txt": b"hello"})
    location = f"s3://{bucket}/"
    async with running(sandbox_services(sandbox, tmp_path), location=location, size=size) as driver:
        await driver.sees("a.txt")
        pane = driver.app.workspace.frame("s3").pane
        assert pane.detail.is_on == has_room
        if has_room:
            await driver.sees("hello")
