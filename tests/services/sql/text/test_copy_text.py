"""What the text of a COPY says."""

from __future__ import annotations

import pytest

from tui.services.errors import ServiceError
from tui.services.sql import CopyDirection, copy_command, copy_way, split, suggested_name
from tui.services.sql.text.classify import classify
from tui.services.sql.text.copy_text import copied_query, file_line


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("copy t from stdin", CopyDirection.FROM),
        ("COPY s.t (a, b) FROM STDIN WITH (FORMAT csv)", CopyDirection.FROM),
        ("copy t to stdout csv header", CopyDirection.TO),
        ("copy (select * from stdin) to stdout", CopyDirection.TO),
        ("copy t from stdout", CopyDirection.FROM),
        ("copy t to stdin", CopyDirection.TO),
        ('copy "from" to stdout', CopyDirection.TO),
        ("copy t from '/srv/x.csv'", None),
        ("copy t to program 'cat > stdout'", None),
        ("copy t from '/x' /* from stdin */", None),
        ("select 'copy t from stdin'", None),
    ],
)
def test_the_way_of_a_copy(text: str, way: CopyDirection | None) -> None:
    (statement,) = split(text)
    assert copy_way(statement) is way


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("copy t to stdout", False),
        ("copy (select 1) to stdout", False),
        ("copy (with x as (select 1) select * from x) to stdout", False),
        ("copy (insert into t values (1) returning *) to stdout", True),
        ("copy (with x as (delete from t returning *) select * from x) to stdout", True),
        ("copy t to '/x'", True),
        ("copy t to program 'x'", True),
        ("copy t from stdin", True),
        ("copy t from '/x'", True),
    ],
)
def test_a_copy_reads_only_where_it_sends_rows_over_the_connection(text: str, writes: bool) -> None:
    (statement,) = split(text)
    assert classify(statement).writes is writes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("copy t to stdout csv", "t.csv"),
        ("copy s.t to stdout", "t.tsv"),
        ("copy s.t (a) to stdout with (format binary)", "t.bin"),
        ("copy (select 1) to stdout csv", "result.csv"),
        ('copy "a/b ""c""" to stdout', "a_b _c_.tsv"),
        ('copy ".." to stdout', "result.tsv"),
    ],
)
def test_a_file_name_is_suggested_that_leads_nowhere_else(text: str, name: str) -> None:
    (statement,) = split(text)
    assert suggested_name(statement) == name


@pytest.mark.parametrize(
    ("text", "sql", "path"),
    [
        ("\\copy t from 'a b.csv' csv", "COPY t FROM STDIN csv", "a b.csv"),
        ("\\copy t from /tmp/a-b.csv", "COPY t FROM STDIN", "/tmp/a-b.csv"),
        (
            "\\copy (select 'x' as \"to\", 1) to 'it''s.csv' with (format csv, header);",
            "COPY (select 'x' as \"to\", 1) TO STDOUT with (format csv, header)",
            "it's.csv",
        ),
        ("\\COPY s.t (a, b) to ~/x.tsv", "COPY s.t (a, b) TO STDOUT", "~/x.tsv"),
        ("\\copy t from stdin", "COPY t FROM STDIN", None),
        ("\\copy t to pstdout csv", "COPY t TO STDOUT csv", None),
        ("\\copy t to 'stdout'", "COPY t TO STDOUT", "stdout"),
    ],
)
def test_a_copy_of_psql_is_read(text: str, sql: str, path: str | None) -> None:
    command = copy_command(text)
    assert command.statement.text.lower() == sql.lower()
    assert command.path == path
    assert copy_way(command.statement) is command.way


@pytest.mark.parametrize(
    "text",
    [
        "\\copy",
        "\\copy t",
        "\\copy t from",
        "\\copy from x",
        "\\copy t from 'x",
        "\\copy t to 'x'; select 1",
    ],
)
def test_a_copy_without_table_or_file_is_refused(text: str) -> None:
    with pytest.raises(ServiceError):
        copy_command(text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("copy (select ';)' from t) to stdout csv", "select ';)' from t"),
        ("copy t to stdout", "TABLE t"),
        ('copy a."B c" (x, y) to stdout with (format csv)', 'TABLE a."B c"'),
        ("copy (insert into t values (1) returning n) to stdout", None),
        ("copy (select 1; select 2) to stdout", None),
        ("copy binary t to stdout", None),
        ("copy t from stdin", None),
        ("copy t to '/etc/x'", None),
        ("copy t to program 'x'", None),
        ("select 1", None),
    ],
)
def test_the_query_that_a_copy_sends(text: str, query: str | None) -> None:
    found = copied_query(split(text)[0])
    if "insert" in text:
        assert found is not None
        assert classify(found).writes
    else:
        assert (None if found is None else found.text.strip()) == query


def test_programs_are_not_run() -> None:
    with pytest.raises(ServiceError, match="runs no programs"):
        copy_command("\\copy t from program 'rm -rf /'")


@pytest.mark.parametrize(
    ("cause", "line"),
    [
        ('ERROR 22P02\nContext: COPY t, line 3, column n: "x"', 3),
        ('Context: COPY from, line 12: "a\tb"', 12),
        ("Kontext fehlt", 0),
        ("Detail: COPY t, line 3", 0),
    ],
)
def test_the_line_of_the_file_is_taken_from_the_context(cause: str, line: int) -> None:
    assert file_line(cause) == line
