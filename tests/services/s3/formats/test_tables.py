"""Parquet files and Excel workbooks as rows of text."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tui.services.errors import ServiceError
from tui.services.s3.formats import excel, workbook_parts
from tui.services.s3.formats import parquet as parquet_format
from tui.services.s3.formats.excel import ExcelTable
from tui.services.s3.formats.parquet import ParquetTable
from tui.services.s3.formats.table_source import Formula


def parquet(table: pa.Table, rows: int = 100) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=rows)
    return out.getvalue()


def opened(data: bytes, reads: list[tuple[int, int]] | None = None) -> ParquetTable:
    def read_at(offset: int, size: int) -> bytes:
        if reads is not None:
            reads.append((offset, size))
        return data[offset : offset + size]

    return ParquetTable(read_at, len(data))


def test_parquet_values_are_exact() -> None:
    table = pa.table(
        {
            "money": pa.array([Decimal("12345678901234567890.10"), None], pa.decimal128(30, 2)),
            "when": pa.array([1700000000123456789, None], pa.timestamp("ns")),
            "big": pa.array([9007199254740993, -1], pa.int64()),
            "single": pa.array([0.1, None], pa.float32()),
            "nested": pa.array([{"a": [1, None]}, None]),
            "raw": pa.array([b"\xff\x00", None]),
            "text": pa.array(["[red]ü", ""]),
        }
    )
    rows = opened(parquet(table)).read(10)
    assert rows[0] == [
        "12345678901234567890.10",
        "2023-11-14 22:13:20.123456789",
        "9007199254740993",
        "0.1",
        '{"a": [1, null]}',
        "ff00",
        "[red]ü",
    ]
    assert rows[1] == [None, None, "-1", None, None, None, ""]


def test_only_a_part_of_a_parquet_file_is_read_for_its_first_rows() -> None:
    data = parquet(pa.table({"n": pa.array(range(200_000))}), rows=10_000)
    reads: list[tuple[int, int]] = []
    table = opened(data, reads)
    assert table.columns == ["n"]
    assert table.numeric == {0}
    assert table.read(3) == [["0"], ["1"], ["2"]]
    assert sum(size for _, size in reads) < len(data) / 2
    assert table.read(2) == [["3"], ["4"]]
    assert table.more


@pytest.mark.parametrize("cut", [slice(0, 100), slice(0, -1), slice(200, None)])
def test_a_parquet_file_that_is_cut_says_so(cut: slice) -> None:
    data = parquet(pa.table({"n": pa.array(range(1000)), "t": pa.array(["x"] * 1000)}))[cut]
    with pytest.raises(ServiceError, match="damaged or cut short"):
        opened(data).read(1000)


def test_a_parquet_file_with_damaged_pages_says_so() -> None:
    data = bytearray(parquet(pa.table({"t": pa.array([f"text {n}" for n in range(1000)])})))
    data[10:400] = b"\xff" * 390
    with pytest.raises(ServiceError, match="damaged or cut short"):
        opened(bytes(data)).read(1000)


def test_what_a_read_raises_is_what_is_said() -> None:
    data = parquet(pa.table({"n": pa.array(range(10))}))

    def read_at(offset: int, size: int) -> bytes:
        if size == 8:
            return data[offset : offset + size]
        raise ServiceError("The object was changed.")

    with pytest.raises(ServiceError, match="The object was changed"):
        ParquetTable(read_at, len(data))


def workbook() -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = "People"
    page.append(["name", "age", "born"])
    page.append(["[b]Ada", 36, date(1815, 12, 10)])
    page.append(["007", 0.1, None])
    book.create_sheet("Other").append(["else"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_is_a_table_and_another_can_be_chosen() -> None:
    table = ExcelTable(workbook())
    assert table.columns == ["A", "B", "C"]
    assert table.sheets == ("People", "Other")
    assert table.read(10) == [
        ["name", "age", "born"],
        ["[b]Ada", "36", "1815-12-10"],
        ["007", "0.1", None],
    ]
    assert not table.more
    assert table.numeric == {1}
    assert ExcelTable(workbook(), "Other").read(10) == [["else"]]


def test_a_damaged_workbook_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (workbook()[:500], b"PK\x03\x04 nothing"):
        with pytest.raises(ServiceError, match="damaged or cut short"):
            ExcelTable(data)
    monkeypatch.setattr(excel, "LARGEST_UNPACKED", 100)
    with pytest.raises(ServiceError, match="unpacked"):
        ExcelTable(workbook())


def test_a_workbook_with_damaged_or_encrypted_parts_says_so() -> None:
    data = workbook()
    name = b"xl/workbook.xml"
    part = data.index(name)
    damaged = bytearray(data)
    damaged[part + len(name) : part + len(name) + 40] = b"\xff" * 40
    directory = data.rindex(b"PK\x01\x02", 0, data.rindex(name))
    encrypted = bytearray(data)
    encrypted[directory + 8] |= 1
    local = data.rindex(b"PK\x03\x04", 0, part)
    encrypted[local + 6] |= 1
    for bad in (damaged, encrypted):
        with pytest.raises(ServiceError, match="damaged or cut short"):
            ExcelTable(bytes(bad))


def test_a_page_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet(pa.table({"t": ["".join(map(str, range(200_000)))]}))
    reads: list[tuple[int, int]] = []
    table = opened(data, reads)
    monkeypatch.setattr(parquet_format, "LARGEST_READ", 300_000)
    with pytest.raises(ServiceError, match="damaged or cut short"):
        table.read(1)
    assert max(size for _, size in reads) <= 300_000


def workbook_with(sheet: str) -> bytes:
    """A workbook whose only sheet has this XML."""
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append([1])
    book.save(out)
    made = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if "worksheets" in part.filename:
                new.writestr(part.filename, sheet)
            else:
                new.writestr(part.filename, old.read(part.filename))
    return made.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def test_a_row_of_millions_of_cells_is_refused_before_it_is_held() -> None:
    row = "<c><v>1</v></c>" * 60_000
    data = workbook_with(f"{SHEET}<row>{row}</row></sheetData></worksheet>")
    with pytest.raises(ServiceError, match="damaged or cut short") as caught:
        ExcelTable(data)
    assert "longer than a row" in caught.value.cause


def test_many_rows_are_no_long_row() -> None:
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>{at}</v></c></row>' for at in range(1, 5_001))
    table = ExcelTable(workbook_with(f"{SHEET}{rows}</sheetData></worksheet>"))
    assert len(table.read(5_000)) == 5_000


def test_a_part_that_is_read_whole_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_parts, "MOST_TAGS_WHOLE", 5)
    with pytest.raises(ServiceError) as caught:
        ExcelTable(workbook_with(f"{SHEET}</sheetData></worksheet>"))
    assert "too large to be read whole" in caught.value.cause


def test_a_schema_is_read_from_the_footer() -> None:
    schema = pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field("[red]name", pa.string()),
            pa.field("tags", pa.list_(pa.string())),
        ]
    )
    rows = [{"id": 1, "[red]name": "x", "tags": ["a"]}, {"id": 2, "[red]name": None, "tags": None}]
    described = opened(parquet(pa.Table.from_pylist(rows, schema), rows=1)).describe()
    assert described is not None
    assert "2 rows in 2 row groups" in described.facts
    found = {each.path: each for each in described.columns}
    assert not found["id"].nullable
    assert found["id"].type.startswith("INT64")
    assert found["[red]name"].nullable
    assert found["[red]name"].compression == "SNAPPY"
    assert found["tags.list.element"].repeated
    assert found["id"].unpacked > 0


def test_a_long_text_that_is_in_each_row_is_held_once() -> None:
    text = "x" * 5_000_000
    indices = pa.array([0] * 400 + [None], pa.int32())
    data = parquet(pa.table({"t": pa.DictionaryArray.from_arrays(indices, [text])}), rows=1000)
    rows = opened(data).read(401)
    assert rows[400] == [None]
    assert rows[0][0] == text
    assert rows[0][0] is rows[1][0]


def test_a_column_that_unpacks_to_far_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_format, "LARGEST_UNPACKED", 1_000_000)
    out = io.BytesIO()
    table = pa.table({"t": pa.array([b"\0" * 30_000_000])})
    pq.write_table(table, out, compression="zstd", use_dictionary=False, write_statistics=False)
    with pytest.raises(ServiceError) as caught:
        opened(out.getvalue())
    assert "bytes unpacked" in caught.value.cause


def stored(cells: str) -> list[str | None]:
    """The row of a sheet with these cells."""
    row = f"{SHEET}<row>{cells}</row></sheetData></worksheet>"
    return ExcelTable(workbook_with(row)).read(1)[0]


def test_a_formula_without_a_value_is_told_from_an_empty_cell() -> None:
    row = stored(
        "<c><f>SUM(A2:A3)</f><v>6</v></c><c><f>SUM(A2:A3)</f></c><c><f>B2&amp;C2</f><v/></c>"
        '<c t="str"><f>IF(A1,"","x")</f><v></v></c><c/><c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c t="inlineStr"><is><t>=SUM(A2)</t></is></c>'
    )
    assert row == ["6", "=SUM(A2:A3)", "=B2&C2", "", None, "#DIV/0!", "=SUM(A2)"]
    assert [type(value).__name__ for value in row[1:3]] == ["Formula", "Formula"]
    assert not isinstance(row[6], Formula)


def test_a_shared_formula_is_that_of_its_own_cell() -> None:
    row = stored(
        '<c r="A1"><f t="shared" ref="A1:C1" si="0">A2*$B$2</f><v>1</v></c>'
        '<c r="B1"><f t="shared" si="0"/></c><c r="C1"><f t="shared" si="7"/></c>'
        '<c r="D1"><f t="array" ref="D1">SUM(A2:A3)</f></c>'
    )
    assert row == ["1", "=B2*$B$2", "=?", "=SUM(A2:A3)"]


def test_what_is_special_in_a_sheet_is_said_when_it_was_read() -> None:
    rows = "<row><c><v>1</v></c></row>" * 300 + "<row><c><f>A1</f></c></row>"
    table = ExcelTable(workbook_with(f"{SHEET}{rows}</sheetData></worksheet>"))
    table.read(300)
    assert "ƒ" not in table.facts
    assert table.read(1) == [["=A1"]]
    assert "ƒ: a formula whose value is not stored" in table.facts


def test_a_sheet_wider_than_what_is_shown_says_so() -> None:
    for width, cut in ((excel.WIDEST, False), (excel.WIDEST + 1, True)):
        row = "<c><v>1</v></c>" * width
        table = ExcelTable(workbook_with(f"{SHEET}<row>{row}</row></sheetData></worksheet>"))
        assert len(table.read(1)[0]) == excel.WIDEST
        assert ("columns after ALL are not shown" in table.facts) is cut


def test_dates_and_times_are_shown_as_far_as_they_are_stored() -> None:
    book = openpyxl.Workbook()
    page = book.active
    formats = [
        (45_000, "yyyy-mm-dd", "2023-03-15"),
        (45_000.5, "yyyy-mm-dd", "2023-03-15 12:00:00"),
        (45_000, "yyyy-mm-dd hh:mm", "2023-03-15 00:00:00"),
        (0.25, "hh:mm", "06:00:00"),
        (1.5, "[h]:mm:ss", "36:00:00"),
        (-0.25, "[h]:mm:ss", "-6:00:00"),
        (99_999_999, "yyyy-mm-dd", "99999999"),
        (0.256, "0%", "0.256"),
        (1_234_567_890_123_456, "0", "1234567890123456"),
    ]
    for at, (value, form, _) in enumerate(formats, 1):
        page.cell(1, at, value).number_format = form
    out = io.BytesIO()
    book.save(out)
    assert ExcelTable(out.getvalue()).read(1) == [[shown for _, _, shown in formats]]


def test_merged_cells_and_missing_rows_stay_where_they_are() -> None:
    book = openpyxl.Workbook()
    page = book.active
    page["B2"], page["D5"] = "wide", "end"
    page.merge_cells("B2:C3")
    out = io.BytesIO()
    book.save(out)
    rows = ExcelTable(out.getvalue()).read(10)
    assert [[value or "" for value in row] for row in rows] == [
        ["", "", "", ""],
        ["", "wide", "", ""],
        ["", "", "", ""],
        ["", "", "", ""],
        ["", "", "", "end"],
    ]
