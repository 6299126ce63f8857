"""CSV, TSV and JSON Lines: run again by the server, and made of the rows that are here."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.services.sql.export.conftest import Exporting
from tui.services.sql.export import Format

HOSTILE = (
    "select * from (values (1, E'a\"b,c\\nd\\te\\\\ [/] \\x1b[31m'::text, null::text, ''::text),"
    " (2, 'NULL', '\\N', '\\.'), (3, 'ü🙂', ' pad ', E'\\r\\n')) as v (n, a, b, c) order by n"
)
VALUES: list[list[str | None]] = [
    ["1", 'a"b,c\nd\te\\ [/] \x1b[31m', None, ""],
    ["2", "NULL", "\\N", "\\."],
    ["3", "ü🙂", " pad ", "\r\n"],
]


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("null", ["", "NULL", "\\N"])
@pytest.mark.parametrize(("kind", "delimiter"), [(Format.CSV, ","), (Format.TSV, "\t")])
async def test_every_value_is_read_back_by_the_server_and_null_is_told_apart(
    export: Exporting, kind: Format, delimiter: str, null: str, held: bool
) -> None:
    data = await export(HOSTILE, kind, held=held, null=null)
    assert export.exported.rows == 3
    assert data.decode().splitlines()[0] == delimiter.join("nabc")
    read = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    assert read[1:] == [[null if value is None else value for value in row] for row in VALUES]
    with export.session._connection.driver.cursor() as cursor:
        cursor.execute("create temp table if not exists back (n text, a text, b text, c text)")
        cursor.execute("truncate back")
        delimited = "E'\\t'" if delimiter == "\t" else "','"
        cursor.copy_expert(
            f"copy back from stdin (format csv, header, delimiter {delimited}, null '{null}')",
            io.BytesIO(data),
        )
        cursor.execute("select * from back order by n")
        assert [list(row) for row in cursor.fetchall()] == VALUES


async def test_what_the_server_writes_and_what_is_made_of_the_loaded_rows_is_the_same(
    export: Exporting,
) -> None:
    for kind in (Format.CSV, Format.TSV):
        assert await export(HOSTILE, kind) == await export(HOSTILE, kind, held=True)
    one = "select * from (values ('\\.'), (null), (''), (E'\\n')) as v (a)"
    assert await export(one) == await export(one, held=True)


async def test_json_lines_hold_every_digit_and_one_row_a_line(export: Exporting) -> None:
    query = (
        "select 9007199254740993::bigint as n, 1.500000000000000000000000000001::numeric as d, "
        "'NaN'::numeric as nan, 'infinity'::timestamp as t, '0044-03-15 BC'::date as b, "
        "null as none, '' as empty, E'a\\n\\u2028\"\\\\' as s, E'{\"x\":\\n\\r 1.10}'::json as j, "
        "'\\xdeadbeef'::bytea as row, array[[1,2],[3,null]] as a, true as o, 1 as n -- the end"
    )
    data = await export(query, Format.JSON_LINES)
    (line,) = data.decode().split("\n")[:-1]
    assert '"n":9007199254740993' in line
    assert '"d":1.500000000000000000000000000001' in line
    assert json.loads(line) | {"n": 0, "d": 0} == {
        "n": 0,
        "d": 0,
        "nan": "NaN",
        "t": "infinity",
        "b": "0044-03-15 BC",
        "none": None,
        "empty": "",
        "s": 'a\n\u2028"\\',
        "j": {"x": 1.1},
        "row": "\\xdeadbeef",
        "a": [[1, 2], [3, None]],
        "o": True,
        "n_2": 1,
    }
    (own,) = (await export(query, Format.JSON_LINES, held=True)).decode().split("\n")[:-1]
    assert json.loads(own) == json.loads(line) | {"a": "{{1,2},{3,NULL}}"}


async def test_a_row_of_1600_columns_is_exported(export: Exporting) -> None:
    query = "select " + ", ".join(f"{n} as c{n}" for n in range(1600))
    assert len((await export(query)).decode().splitlines()[1].split(",")) == 1600
    assert len(json.loads(await export(query, Format.JSON_LINES))) == 1600


async def test_a_result_without_columns_or_rows_is_no_error(export: Exporting) -> None:
    assert await export("select from generate_series(1, 2)", Format.JSON_LINES) == b"{}\n{}\n"
    assert await export("select 1 as a where false") == b"a\n"
