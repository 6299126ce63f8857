"""Splitting as psql does it, on the texts that naive splitters cut in the wrong place."""

from __future__ import annotations

import pytest

from tui.services.sql import split, statement_at
from tui.services.sql.text.classify import StatementRoute, called_names, classify, ever_writes


def texts(text: str, *, backslash_escapes: bool = False) -> list[str]:
    return [each.text for each in split(text, backslash_escapes=backslash_escapes)]


WHOLE = [
    "select ';'",
    "select 'it''s; fine'",
    r"select E'a\';b'",
    r"select e'\\'",
    "select E'a'\n  'b\\';c'",
    "select E'a' -- a comment\n  'b\\';c'",
    'select "a;""b;"',
    'select U&"d\\0061t;a"',
    "select U&'d\\0061;t\\'",
    "select n'a;b', b'01', x'1;F'",
    "select $$;$$",
    "select $tag$ ; $$ ; $other$ ; $tag$",
    "select $été$;$été$",
    "select 1 /* ; /* nested ; */ ; */ + 1",
    "select 1 -- ; no\n + 1",
    "select $1$a$;$a$",
    "select 2*/*;*/3",
    "create rule r as on insert to t do also (insert into a values (1); insert into b values (2))",
    "create function f() returns int begin atomic select 1; select 2; end",
    "create or replace procedure p() language sql begin atomic "
    "select case when true then 1 else 2 end; insert into t values (1); end",
    "create function f() returns int language plpgsql as $$begin; return 1; end;$$",
    "select '[/]; [red]x \x1b[31m 🙂 e\u0301'",
    "select '\n;\n'",
    "select 'unclosed ; ",
    'select "unclosed ; ',
    "select $a$ unclosed ; ",
    "delete from t /* where id = 1; ",
]


@pytest.mark.parametrize("statement", WHOLE)
def test_a_semicolon_inside_something_does_not_split(statement: str) -> None:
    assert texts(statement) == [statement]
    if not statement.startswith("delete") and "unclosed" not in statement:
        assert texts(f"{statement};select 2") == [statement, "select 2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t;;  ; ", []),
        ("-- only a comment", []),
        ("/* only */", []),
        ("select 1;select 2", ["select 1", "select 2"]),
        ("select 'a\\';b", ["select 'a\\'", "b"]),
        ("a$b$;c$b$", ["a$b$", "c$b$"]),
        ("select 1$x$;$x$;2", ["select 1$x$;$x$", "2"]),
        ("select 1a$x$;$x$", ["select 1a$x$", "$x$"]),
        ("/*+ SeqScan(t) */ select 1;", ["/*+ SeqScan(t) */ select 1"]),
        ("-- about it\nselect 1; -- after", ["-- about it\nselect 1"]),
        ("begin; update t set a = 1; end;", ["begin", "update t set a = 1", "end"]),
        ("create table begin (atomic int); select 1", None),
        ("\\d users\nselect 1", ["\\d users", "select 1"]),
        ("select 1 \\gx\nselect 2", ["select 1 \\gx", "select 2"]),
        ("select )1); select 2", ["select )1)", "select 2"]),
        ("select 1\u00a0;select 2", ["select 1\u00a0", "select 2"]),
        ("sélect;x", ["sélect", "x"]),
    ],
)
def test_splits_where_psql_does(text: str, expected: list[str] | None) -> None:
    assert texts(text) == (
        expected if expected is not None else ["create table begin (atomic int)", "select 1"]
    )


def test_backslashes_escape_in_plain_strings_where_the_server_says_so() -> None:
    text = r"select 'a\';b'; select 2"
    assert texts(text, backslash_escapes=True) == [r"select 'a\';b'", "select 2"]


@pytest.mark.parametrize("statement", WHOLE)
def test_offsets_give_the_text_back(statement: str) -> None:
    text = f"  select 'é🙂';\n\n {statement}"
    for each in split(text):
        assert text[each.start : each.end] == each.text


TEXT = "SELECT 1;\n\n-- second\nSELECT 2;  SELECT 3;\n\n"


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        (0, "SELECT 1"),
        (TEXT.index(";"), "SELECT 1"),
        (TEXT.index(";") + 1, "SELECT 1"),
        (TEXT.index("-- sec") - 1, "-- second\nSELECT 2"),
        (TEXT.index("-- sec") + 4, "-- second\nSELECT 2"),
        (TEXT.index("SELECT 2") + 3, "-- second\nSELECT 2"),
        (TEXT.index("SELECT 2") + 9, "-- second\nSELECT 2"),
        (TEXT.index("SELECT 3"), "SELECT 3"),
        (len(TEXT), "SELECT 3"),
    ],
)
def test_the_statement_at_the_cursor(marker: int, expected: str) -> None:
    found = statement_at(TEXT, marker)
    assert found is not None
    assert found.text == expected


def test_no_statement_at_the_cursor_of_an_empty_text() -> None:
    assert statement_at(" -- nothing\n", 3) is None


CURSOR, PLAIN, CONTROL = StatementRoute.CURSOR, StatementRoute.PLAIN, StatementRoute.CONTROL


@pytest.mark.parametrize(
    ("text", "route", "writes"),
    [
        ("select 1", CURSOR, False),
        ("((select 1) union select 2)", CURSOR, False),
        ("values (1)", CURSOR, False),
        ("table x", CURSOR, False),
        ("with a as (select 1) select * from a", CURSOR, False),
        ("with insert as (select 1), b(c) as not materialized (values (1)) table insert",
         CURSOR, False),
        ("with recursive t(a) as (select 1 union all select a from t) "
         "search breadth first by a set o cycle a set c using p select * from t", CURSOR, False),
        ("with a as (delete from t returning *) select * from a", PLAIN, True),
        ("with a as (select 1) insert into t select * from a", PLAIN, True),
        ("select 1 into x", PLAIN, True),
        ("select 1 as into, t.into from t", CURSOR, False),
        ("select * from t for no key update", PLAIN, False),
        ("select substring(a for share) from t", CURSOR, False),
        ("insert into t values (1) returning id", PLAIN, True),
        ("explain delete from t", PLAIN, False),
        ("explain (analyze, buffers) delete from t", PLAIN, True),
        ("explain analyze verbose select 1", PLAIN, False),
        ('explain (costs off, "analyze") create table x as select 1', PLAIN, True),
        ("explain (analyze false) create table x as select 1", PLAIN, False),
        ("explain (analyze 0, verbose) delete from t", PLAIN, False),
        ("explain (analyze 'off', analyze) delete from t", PLAIN, True),
        ("explain analyze execute p", PLAIN, True),
        ("show all", PLAIN, False),
        ("do $$begin end$$", PLAIN, True),
        ("call p()", PLAIN, True),
        ("begin", CONTROL, False),
        ("rollback to savepoint s", CONTROL, False),
        ("prepare transaction 'x'", CONTROL, True),
        ("with", PLAIN, True),
        ("explain (", PLAIN, False),
    ],
)  # fmt: skip
def test_classifies(text: str, route: StatementRoute, writes: bool) -> None:
    (statement,) = split(text)
    found = classify(statement)
    assert (found.route, found.writes) == (route, writes)


def test_names_in_front_of_a_parenthesis_are_folded_as_the_server_does() -> None:
    (statement,) = split("select NextVal('s'), s.\"My\"\"Fn\" (1), count(*), 'x(' from t")
    assert {"nextval", 'My"Fn', "count"} <= called_names(statement)


@pytest.mark.parametrize(
    "text",
    [
        "with a as (select 1), f(n) as (select 2) select * from f",
        "explain analyze with f(n) as (select 1) select 1",
        "declare c cursor with hold for with f(n) as (select 1) select 1",
        "select * from t as f(a, b)",
    ],
)
def test_a_named_part_and_an_alias_are_no_calls(text: str) -> None:
    (statement,) = split(text)
    assert "f" not in called_names(statement)


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("prepare p (int) as insert into t values ($1)", True),
        ("prepare p as select 1", False),
        ("declare c cursor for with a as (delete from t returning *) select * from a", True),
        ("declare c cursor with hold for table t", False),
    ],
)
def test_what_is_prepared_or_declared_counts(text: str, writes: bool) -> None:
    (statement,) = split(text)
    assert ever_writes(statement) is writes
