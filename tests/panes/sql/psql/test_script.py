"""What a text with backslash commands comes to, before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.panes.sql.psql.script import (
    Do,
    LongFile,
    Say,
    ScriptRun,
    Step,
    needs_answers,
    placed,
    steps_of,
)
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import ServerInfo, SqlError, split
from tui.services.sql.files.sql_files import read_sql_file
from tui.services.sql.psql import commands_of
from tui.services.sql.psql.watch import WatchEvery, watch_of

SERVER = ServerInfo("db.example", 5432, "shop", "ada", "16.14", encrypted=True)


async def steps(text: str) -> list[Step]:
    return await steps_of(split(text), SERVER, read_sql_file, backslash_escapes=False)


def runs(found: list[Step]) -> list[list[str]]:
    return [
        [each.shown for each in step.statements] for step in found if isinstance(step, ScriptRun)
    ]


async def test_statements_and_lists_run_together_in_order() -> None:
    found = await steps("select 1; \n\\dt\n\\d users\nselect 2 \\g\n")
    assert runs(found) == [["select 1", "\\dt", "\\d users", "select 2"]]


async def test_what_is_said_stands_in_its_place() -> None:
    found = await steps("\\timing\n\\x\nselect 1 \\g\n\\echo 'a b' c\n\\set x 1\n\\h alter table\n")
    said = [step.text for step in found if isinstance(step, Say)]
    assert said == [
        "The time of every statement is always shown, beside its rows.",
        "V in the rows shows the row under the cursor as a record.",
        "a b c",
        "Parameters (:name) are asked for when the statement runs; nothing needs to be set.",
        "https://www.postgresql.org/docs/16/sql-altertable.html describes it.",
    ]
    assert runs(found) == [["select 1"]]


async def test_actions_part_what_runs_together() -> None:
    found = await steps("select 1;\n\\c other\nselect 2;\n")
    assert [type(step) for step in found] == [ScriptRun, Do, ScriptRun]
    assert isinstance(found[1], Do)
    assert found[1].command.arguments == ("other",)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("delete from t;\n\\if false\ndelete from u;\n\\endif\n", "Branches"),
        ("delete from t;\n\\o file\nselect 1;\n", "d in the rows"),
        ("delete from t;\n\\nosuch\n", "psql knows more"),
        ("delete from t;\n\\dFd\n", "Alt+D"),
        ("delete from t;\n\\! rm -r x\n", "Programs"),
        ("delete from t;\n\\set AUTOCOMMIT off\ndelete from u;", "Alt+M"),
        ("delete from t \\g | sh", "\\g FILE"),
        ("delete from t \\g |sh", "\\g FILE"),
        ("delete from t \\g (format=csv) x", "ending of the file"),
        ("delete from t \\gx x", "\\g FILE"),
        ("copy t from stdin \\g x", ""),
        ("select 1 \\gexec", ""),
    ],
)
async def test_what_cannot_be_done_is_said_before_anything_runs(text: str, hint: str) -> None:
    with pytest.raises(SqlError) as caught:
        await steps(text)
    assert caught.value.kind is ErrorKind.INVALID
    assert hint in caught.value.hint


async def test_g_with_a_file_sends_by_itself() -> None:
    found = await steps("select 1;\nselect 2 \\g 'a b.csv'\nselect 3;\n\\g x\n")
    assert [type(step) for step in found] == [ScriptRun, Do, ScriptRun, Do]
    sent = [
        (s.command.arguments, s.statement.text) for s in found if isinstance(s, Do) and s.statement
    ]
    assert sent == [(("a b.csv",), "select 2"), (("x",), "select 3")]


async def test_files_are_read_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "in er.sql").write_text("select 'inner';\n\\dt x\n")
    (tmp_path / "outer.sql").write_text("select 'outer';\n\\ir 'in er.sql'\nselect 'end';")
    found = await steps(f"select 0;\n\\i {tmp_path}/outer.sql\nselect 9;")
    assert runs(found) == [
        ["select 0"],
        ["select 'outer'"],
        ["select 'inner'", "\\dt x"],
        ["select 'end'"],
        ["select 9"],
    ]
    assert isinstance(found[2], ScriptRun)
    assert found[2].path == str(tmp_path / "in er.sql")


async def test_a_file_that_reads_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "me.sql").write_text("\\ir me.sql\n")
    with pytest.raises(SqlError, match="read one another"):
        await steps(f"\\i {tmp_path}/me.sql")


async def test_a_file_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(ServiceError):
        await steps(f"delete from t;\n\\i {tmp_path}/missing.sql")


def test_an_error_of_a_file_names_its_line() -> None:
    text = "select 1;\nselect 2;\nselect x;\n"
    run = ScriptRun(split(text), "/tmp/some/a.sql", text)
    error = SqlError("There is no column x.", offset=text.index("x;"))
    assert placed(error, run).message == "a.sql, line 3, column 8: There is no column x."
    assert placed(error, ScriptRun(run.statements)) is error


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("\\dt", False),
        ("\\i a.sql", True),
        ("\\c other", True),
        ("select 1", False),
        ("x \\d", False),
    ],
)
def test_only_some_commands_ask(text: str, asks: bool) -> None:
    assert needs_answers(split(text)) is asks


async def test_a_restricted_dump_runs_and_may_have_no_commands_in_it() -> None:
    assert runs(await steps("\\restrict k1\nselect 1;\n\\unrestrict k1\n\\dt\n")) == [
        ["select 1", "\\dt"]
    ]
    for text, said in [
        ("\\restrict k1\n\\c other\n", "only \\unrestrict"),
        ("\\restrict k1\n\\restrict k2\n", "only \\unrestrict"),
        ("\\restrict k1\nselect 1 \\g\n", "only \\unrestrict"),
        ("\\restrict k1\n\\unrestrict k2\n", "another word"),
        ("\\unrestrict k1\n", "no \\restrict"),
        ("\\restrict\n", "wants a word"),
    ]:
        with pytest.raises(SqlError) as caught:
            await steps(text)
        assert said in caught.value.message


async def test_what_sends_a_statement_means_the_last_one_where_none_stands_in_front() -> None:
    found = await steps("select 1;\n\\gx\nselect 2 \\gset p_\nselect 3;\n\\watch c=2\n")
    assert runs(found) == [["select 1"], ["select 1"], ["select 2"], ["select 3"]]
    done = [(each.command.name, each.statement) for each in found if isinstance(each, Do)]
    assert [name for name, _ in done] == ["gx", "gset", "watch"]
    assert done[2][1] is not None
    assert done[2][1].text == "select 3"
    with pytest.raises(SqlError, match="no statement in front"):
        await steps("\\gset\n")


async def test_rows_are_not_sent_again_and_again() -> None:
    for text in ("copy t from stdin;\n1\n\\.\n\\watch\n", "copy t to stdout \\watch\n"):
        with pytest.raises(SqlError, match="watch cannot be used with COPY"):
            await steps(text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("\\watch", WatchEvery(2.0, None, 0)),
        ("\\watch 0.5", WatchEvery(0.5, None, 0)),
        ("\\watch 3 c=4 m=2", WatchEvery(3.0, 4, 2)),
        ("\\watch interval=1 count=2 min_rows=3", WatchEvery(1.0, 2, 3)),
        ("\\watch i=0;", WatchEvery(0.0, None, 0)),
    ],
)
def test_watch_is_read_as_psql_reads_it(line: str, expected: WatchEvery) -> None:
    ((command,),) = map(commands_of, split(line))
    assert watch_of(command) == expected


@pytest.mark.parametrize(
    "line",
    ["x", "-1", "inf", "i=", "c=0", "c=x", "m=-1", "c=1 count=2", "1 i=2", "q=1", "1 2", "c=1.5"],
)
def test_a_watch_that_psql_refuses_is_refused(line: str) -> None:
    ((command,),) = map(commands_of, split(f"\\watch {line}"))
    with pytest.raises(SqlError, match="watch"):
        watch_of(command)


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("\\set ON_ERROR_STOP off", True),
        ("\\set ON_ERROR_STOP 0", True),
        ("\\unset ON_ERROR_STOP", True),
        ("\\set ON_ERROR_STOP", False),
        ("\\set ON_ERROR_STOP on", False),
    ],
)
async def test_on_error_stop_says_how_a_file_is_run(
    tmp_path: Path, said: str, goes_on: bool
) -> None:
    script = tmp_path / "x.sql"
    script.write_text("select 1;")
    setting, then = await steps(f"{said}\n\\i {script}")
    assert isinstance(setting, Do)
    if goes_on:
        assert then == LongFile(str(script), 1, goes_on=True)
    else:
        assert isinstance(then, ScriptRun)
    with pytest.raises(SqlError, match="no value of ON_ERROR_STOP"):
        await steps("\\set ON_ERROR_STOP perhaps")
