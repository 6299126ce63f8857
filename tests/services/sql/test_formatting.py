"""Statements laid out in lines: how they look, and that they stay what they are."""

from __future__ import annotations

import pytest

from tui.services.errors import ServiceError
from tui.services.sql.formatting import formatted
from tui.services.sql.formatting import formatter as formatter_module
from tui.services.sql.formatting.parts import scanned
from tui.services.sql.formatting.writer import TokenWriter

LAID_OUT = [
    ("select   1 ,2", "select 1, 2"),
    (
        "select a,b from t where x=1 and y between 1 and 2 order by a desc nulls last limit 10",
        "select a, b\nfrom t\nwhere x = 1 and y between 1 and 2\norder by a desc nulls last\n"
        "limit 10",
    ),
    (
        "with a as (select * from x), b as (select 2) select a.id from a left join b on a.id=b.id "
        "where a.id is distinct from b.id union all select 1",
        "with\n    a as (select * from x),\n    b as (select 2)\nselect a.id\nfrom a\n"
        "left join b on a.id = b.id\nwhere a.id is distinct from b.id\nunion all\nselect 1",
    ),
    (
        "insert into t (a,b) values (1,2) on conflict (a) do update set b=excluded.b returning *",
        "insert into t (a, b)\nvalues (1, 2)\non conflict (a) do update\nset b = excluded.b\n"
        "returning *",
    ),
    (
        "create table foo (id bigint primary key, name text not null, n numeric(10,2) default 0)",
        "create table foo (id bigint primary key, name text not null, n numeric(10, 2) default 0)",
    ),
    (
        f"delete from t where ({'a' * 40} = 1 or {'b' * 40} = 2) and c",
        f"delete from t\nwhere (\n    {'a' * 40} = 1\n    or {'b' * 40} = 2\n)\n    and c",
    ),
    (
        f"select case when {'a' * 40} then 1 when {'b' * 40} then 2 else 3 end as x from t",
        f"select case\n    when {'a' * 40} then 1\n    when {'b' * 40} then 2\n    else 3\n"
        "end as x\nfrom t",
    ),
    (
        f"select ({'a' * 50}, (select {'b' * 30} from t where c))",
        f"select (\n    {'a' * 50},\n    (select {'b' * 30} from t where c)\n)",
    ),
    (
        "explain (analyze) select aaaaaaaaaaaaaaaaaaaaa from bbbbbbbbbbbbbbbbbbbbbbbbbbb where c",
        "explain (analyze)\nselect aaaaaaaaaaaaaaaaaaaaa\nfrom bbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
        "where c",
    ),
    (
        "merge into t using s on t.id=s.id when matched then delete "
        "when not matched then do nothing",
        "merge into t\nusing s on t.id = s.id\nwhen matched then delete\n"
        "when not matched then do nothing",
    ),
]


@pytest.mark.parametrize(("text", "lines"), LAID_OUT)
def test_how_statements_are_laid_out(text: str, lines: str) -> None:
    assert formatted(text) == lines
    assert formatted(lines) == lines


def test_comments_stay_with_what_they_are_about() -> None:
    text = "-- why\nselect a, -- first\n  b -- second\nfrom t /* which */\nwhere x -- yes\n and y"
    assert formatted(text) == (
        "-- why\nselect\n    a, -- first\n    b -- second\nfrom t /* which */\n"
        "where x -- yes\n    and y"
    )
    assert formatted("select 1 -- behind it") == "select 1 -- behind it"


def test_many_constants_fill_their_lines() -> None:
    numbers = ", ".join(str(number) for number in range(100))
    lines = formatted(f"select 1 from t where id in ({numbers})").splitlines()
    assert len(lines) < 10
    assert max(map(len, lines)) <= 88


HOSTILE = [
    "select 'a' 'b'",
    "select 'a'\n  'b'",
    "select 5 - -3, a=-1, @-4, !!5, 'x'||'y', a->>'b', x::int, n:='1', $1",
    "select $$ -- no comment\n/* $$, E'\\'--', U&\"d\" , e'/*' from t",
    "select f(a,b)[1:2], (select array[1,2])[ 1 ], '[/foo]' as \"[/bar]\"",
    "select a /* x /* nested */ -- y\n */ , b",
    "select :name, :'text', :\"quoted\" from t",
    "select 1 where a <-- less\n - 1",
    "select a\r\n-- windows\r\n,b from t where é🙂 = 'ß'",
    "select a.case, b.from from t",
    "select " + "(" * 30 + "1" + ")" * 30,
    "select\n\n\n1\n\n",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("width", [10, 88])
def test_only_white_space_changes(text: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter_module, "WIDTH", width)
    monkeypatch.setattr(formatter_module, "SHORT", width)
    before = scanned(text, backslash_escapes=False)
    after = scanned(formatted(text), backslash_escapes=False)
    assert before.is_same(after)
    assert [leaf.text for leaf in before.leaves] == [leaf.text for leaf in after.leaves]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 1", "SELECT 1"),
        ("select - -1", "select --1\n"),
        ("select a - - b", "select a -- b"),
        ("select a <- b", "select a < - b"),
        ("select 'a'\n'b'", "select 'a' 'b'"),
        ("select 1 -- x", "select 1"),
        ("select a /* x */, b", "select a, b"),
        ("select a, b -- x", "select a, -- x\nb"),
    ],
)
def test_what_another_statement_is(one: str, other: str) -> None:
    first, second = (scanned(text, backslash_escapes=False) for text in (one, other))
    assert not first.is_same(second)


def test_a_layout_that_would_change_the_statement_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The two constants would become one if they stood on lines of their own.
    monkeypatch.setattr(TokenWriter, "text", lambda writer: "select 'a'\n'b'")
    with pytest.raises(ServiceError, match="would be another one"):
        formatted("select 'a' 'b'")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select (1", "not closed"),
        ("select 1)", "does not open"),
        ("select case when 1", "not closed"),
        ("select " + "(" * 100 + ")" * 100, "within one another"),
        ("select 1 \\gx", "psql command"),
        ("grant select on a to b", "GRANT is not formatted"),
        ("create function f() returns int as 'x'", "CREATE is not formatted"),
        ("select '" + "x" * 100_001 + "'", "more than 100,000"),
    ],
)
def test_what_is_not_laid_out_is_said(text: str, said: str) -> None:
    with pytest.raises(ServiceError, match=said):
        formatted(text)
