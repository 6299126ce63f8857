"""Parquet and Excel: a value is the same when it is read back, or it is text, or is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.services.sql.export.conftest import Exporting
from tui.services.errors import ServiceError
from tui.services.sql.export import Format
from tui.services.sql.export.excel import excel_value

EXACT = (
    "select 9223372036854775807::bigint as i, 1.50::numeric(40, 2) as d, 1.5::numeric(9, 3) as e, "
    "'-infinity'::float8 as f, true as b, date '2024-02-29' as day, "
    "timestamp '9999-12-31 23:59:59.999999' as t, timestamptz '2024-06-01 12:00:00+02' as z, "
    "'\\xdeadbeef'::bytea as y, '' as empty, null::int as none, array[1, 2] as a, "
    "E'x,\\n\"y\"' as s, 'NULL' as s"
)


@pytest.mark.parametrize("held", [False, True])
async def test_parquet_holds_every_value_exactly(export: Exporting, held: bool) -> None:
    data = await export(EXACT, Format.PARQUET, held=held)
    (row,) = pq.read_table(BytesIO(data)).to_pylist()
    assert row == {
        "i": 9223372036854775807,
        "d": Decimal("1.50"),
        "e": Decimal("1.5"),
        "f": float("-inf"),
        "b": True,
        "day": date(2024, 2, 29),
        "t": datetime.fromisoformat("9999-12-31 23:59:59.999999"),
        "z": datetime(2024, 6, 1, 10, tzinfo=UTC),
        "y": b"\xde\xad\xbe\xef",
        "empty": "",
        "none": None,
        "a": "{1,2}",
        "s": 'x,\n"y"',
        "s_2": "NULL",
    }


async def test_a_number_without_limits_is_text_and_that_is_said(export: Exporting) -> None:
    data = await export("select 1 as i, 1.5::numeric as d", Format.PARQUET)
    assert pq.read_table(BytesIO(data)).to_pylist() == [{"i": 1, "d": "1.5"}]
    assert export.exported.notes == ("As text, because no type holds it exactly: d.",)


@pytest.mark.parametrize("value", ["infinity", "0044-03-15 BC", "12345-01-01"])
async def test_what_no_type_holds_is_refused_by_column_or_is_text(
    export: Exporting, value: str
) -> None:
    query = f"select 1 as i, date '{value}' as day"
    with pytest.raises(ServiceError, match="The column day has a value"):
        await export(query, Format.PARQUET)
    data = await export(query, Format.PARQUET, as_text=True)
    assert pq.read_table(BytesIO(data)).to_pylist() == [{"i": "1", "day": value}]


async def test_many_row_groups_are_one_table(
    export: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.sql.export.parquet.BLOCK", 1000)
    data = await export("select generate_series(1, 2000) as n", Format.PARQUET)
    assert pq.read_table(BytesIO(data)).column("n").to_pylist() == list(range(1, 2001))


@pytest.mark.parametrize("held", [False, True])
async def test_excel_holds_texts_as_texts_and_numbers_that_it_keeps(
    export: Exporting, held: bool
) -> None:
    data = await export(
        "select 7 as n, 9007199254740993::bigint as big, 1.25::numeric as d, true as b, "
        "'=1+1' as formula, E'a\\x01\\t\\\\_x0041_' as s, null as none, date '2024-02-29' as day, "
        "date 'infinity' as never, '007' as code, 'NaN'::float8 as nan",
        Format.EXCEL,
        held=held,
    )
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert sheet is not None
    head, cells = sheet.rows
    read: dict[Any, Any] = {
        name.value: (cell.value, cell.data_type) for name, cell in zip(head, cells, strict=True)
    }
    assert read == {
        "n": (7, "n"),
        "big": ("9007199254740993", "s"),
        "d": (1.25, "n"),
        "b": (True, "b"),
        "formula": ("=1+1", "s"),
        "s": ("a_x0001_\t\\_x005F_x0041_", "s"),
        "none": (None, "n"),
        "day": (datetime.fromisoformat("2024-02-29"), "d"),
        "never": ("infinity", "s"),
        "code": ("007", "s"),
        "nan": ("NaN", "s"),
    }
    assert export.exported.notes == ("1 numbers of more than 15 digits are text.",)


async def test_more_rows_than_a_sheet_has_go_on_in_another_and_a_long_cell_is_refused(
    export: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.sql.export.excel.MAX_ROWS", 3)
    data = await export("select generate_series(1, 5) as n", Format.EXCEL)
    book = openpyxl.load_workbook(BytesIO(data))
    assert [[c.value for c in sheet["A"]] for sheet in book] == [["n", 1, 2], ["n", 3, 4], ["n", 5]]
    with pytest.raises(ServiceError, match="32,767"):
        await export("select repeat('x', 40000) as a", Format.EXCEL)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("123456789012345", "bigint", 123456789012345),
        ("1234567890123456", "bigint", "1234567890123456"),
        ("0.1", "double precision", 0.1),
        ("0.30000000000000004", "double precision", "0.30000000000000004"),
        ("-Infinity", "double precision", "-Infinity"),
        ("1900-02-28", "date", "1900-02-28"),
        ("0044-03-15 BC", "date", "0044-03-15 BC"),
        ("2024-01-01 00:00:00.123456", "timestamp without time zone", "2024-01-01 00:00:00.123456"),
        ("$1.00", "money", "$1.00"),
    ],
)
def test_excel_gets_what_it_keeps(text: str, kind: str, value: object) -> None:
    assert excel_value(text, kind) == value
