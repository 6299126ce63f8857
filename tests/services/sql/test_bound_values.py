"""`\\bind`: values that go to the server beside the text, as psql sends them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.conftest import state_of
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import (
    Result,
    Session,
    SqlError,
    Statement,
    TransactionState,
    split,
    statement_at,
    with_result_file,
)
from tui.services.sql.export import can_run_again
from tui.services.sql.psql import commands_of
from tui.services.sql.text.parameters import asked_names, bind


def sent(text: str) -> list[tuple[str, tuple[str, ...] | None]]:
    found = []
    for each in split(text):
        (command,) = commands_of(each)
        assert command.sends is not None
        found.append((command.sends.text, command.sends.bound))
    return found


def test_values_are_read_as_psql_reads_them() -> None:
    text = (
        "select $1, $2 \\bind 'a b' it's;' \\g\nselect $1\n\\bind 1 2;\n;\n"
        "select $1 \\bind \"x y;\"\n\\g\nselect 1 \\bind ;\n\\g\nselect $1 \\bind '' \\gx"
    )
    assert sent(text) == [
        ("select $1, $2", ("a b", "its;")), ("select $1", ("1", "2;")), ("select $1", ('"x y;"',)),
        ("select 1", (";",)), ("select $1", ("",)),
    ]  # fmt: skip
    (whole,) = split("select $1 -- so\n\\bind 7\n\\g")
    at = statement_at("select $1 -- so\n\\bind 7\n\\g", 20)
    assert at == whole


@pytest.mark.parametrize(
    "text", ["select $1 \\bind 1", "select $1 \\bind 1\n+ 2;", "select $1 \\bind 1 \\echo x"]
)
def test_what_does_not_send_them_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SqlError) as caught:
        commands_of(split(text)[0])
    assert (caught.value.kind, caught.value.offset) == (ErrorKind.INVALID, text.index("\\bind"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delete from t where a = $1 \\bind :'a' \\g", "a value of its own"),
        ("select $1, $2 \\bind 1 x:'a' \\g", "a value of its own"),
        ("select $1, $2 \\bind 1 x:a \\g", "a value of its own"),
        ("select $1 \\bind `date` \\g", "no programs"),
        ("select $1 \\bind 'a\n;", "not closed"),
        ("select $1 \\bind it's\n;", "not closed"),
        ("select $1 \\bind 'a\\0b' \\g", "NUL"),
    ],
)
def test_what_psql_would_read_in_another_way_is_no_value(text: str, said: str) -> None:
    with pytest.raises(SqlError, match=said):
        commands_of(split(text)[0])
    assert sent("select $1 \\bind ':a' 10:30 '`b`' 'it''s' \\g") == [
        ("select $1", (":a", "10:30", "`b`", "it's"))
    ]


def test_a_parameter_among_them_is_asked_for_and_given_beside_the_text() -> None:
    statement = bound("select $1, $2, $3 \\bind :a ':a' x\xa0y")
    assert asked_names(statement) == [("a", False)]
    given = bind(statement, {"a": "it's; drop"})
    assert given.bound == ("it's; drop", ":a", "x\xa0y")
    assert given.text == "select $1, $2, $3"
    assert "drop" not in given.shown
    with pytest.raises(ServiceError, match="cannot give"):
        bind(statement, {"a": None})
    # What is kept in the history is all of it, where there is one in the text, too.
    both = bind(bound("select :a, $1 \\bind :b"), {"a": "secret", "b": "hidden"})
    assert both.shown == "select :a, $1 \\bind :b \\g"


def bound(text: str) -> Statement:
    (statement,) = split(f"{text} \\g")
    ((command),) = commands_of(statement)
    assert command.sends is not None
    return command.sends


async def run(session: Session, text: str) -> Result:
    return await session.run(bound(text))


async def test_types_come_from_where_they_stand_and_rows_are_paged(session: Session) -> None:
    result = await run(session, "select 1 + $1, $1, $2 \\bind 4 'it''s'")
    assert result.rows == (("5", "4", "it's"),)
    assert [(each.name, each.type_name) for each in result.columns or ()][:2] == [
        ("?column?", "integer"), ("?column?", "integer")
    ]  # fmt: skip
    assert result.statement.shown == "select 1 + $1, $1, $2 \\bind 4 'it''s' \\g"
    assert not can_run_again(result)
    many = await run(session, "select n from generate_series(1, $1) n \\bind 5000")
    assert not many.complete
    assert (await session.fetch_more(many, 8000)).complete
    assert state_of(session) is TransactionState.IDLE


async def test_what_writes_is_run_once_and_in_the_users_transaction_too(
    session: Session, other: RunElsewhere, prepared: str
) -> None:
    assert (await run(session, f"insert into {prepared} values ($1) \\bind 5")).tag == "INSERT 0 1"
    result = await run(session, f"select f_{prepared}() + $1::int \\bind 1")
    assert result.wrote
    assert other(f"select n from {prepared} order by n") == [(1,), (2,), (5,)]
    await session.run(split("begin")[0])
    page = await run(session, f"select n from {prepared} where n > $1 order by n \\bind 1")
    assert page.rows == (("2",), ("5",))
    await run(session, f"delete from {prepared} where n = any ($1) \\bind {{1,2}}")
    await session.run(split("commit")[0])
    assert other(f"select n from {prepared}") == [(5,)]
    assert (await session.run(split("select count(*) from pg_prepared_statements")[0])).rows == (
        ("0",),
    )


async def test_an_error_has_its_place_and_the_session_goes_on(session: Session) -> None:
    for text, code in (
        ("select $1,\n nosuch \\bind 1", "42703"),
        ("select $1::int \\bind x", "22P02"),
        ("select $1, $2 \\bind 1", "08P01"),
        ("insert into nosuch values ($1) \\bind 1", "42P01"),
    ):
        with pytest.raises(SqlError) as caught:
            await run(session, text)
        assert caught.value.code == code
        if "nosuch" in text:
            assert caught.value.offset == text.index("nosuch")
        assert state_of(session) is TransactionState.IDLE
    assert (await run(session, "select $1 \\bind still")).rows == (("still",),)


async def test_after_a_transaction_that_failed_values_are_bound_again(
    session: Session, other: RunElsewhere, prepared: str
) -> None:
    await session.run(split("begin")[0])
    with pytest.raises(SqlError):
        await run(session, f"insert into {prepared} values ($1) \\bind x")
    await session.run(split("rollback")[0])
    await run(session, f"insert into {prepared} values ($1) \\bind 7")
    assert other(f"select max(n) from {prepared}") == [(7,)]


async def test_read_only_mode_holds_for_them(
    read_only_session: Session, other: RunElsewhere, prepared: str
) -> None:
    assert (await run(read_only_session, "select $1 \\bind x")).rows == (("x",),)
    for text in (f"insert into {prepared} values ($1) \\bind 5", f"select f_{prepared}() \\bind"):
        with pytest.raises(ServiceError) as caught:
            await run(read_only_session, text)
        assert caught.value.kind is ErrorKind.READ_ONLY
    assert other(f"select count(*) from {prepared}") == [(1,)]


async def test_their_rows_go_into_a_file_and_they_are_not_run_again(
    session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    many = bound("select n from generate_series(1, $1) n \\bind 3000")
    result = await session.run(with_result_file(many, path))
    assert path.read_text().count("\n") == 3001
    assert result.tag == "SELECT 3000"
    shown = await session.run(many)
    with pytest.raises(ServiceError, match="not run again"):
        await session.ask_again(shown, [f"select count(*) from ({many.text}) t"])
