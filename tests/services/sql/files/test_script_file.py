"""A file that is read piece by piece: cut as when it is held whole, and run to the same end."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.postgres import RunElsewhere
from tests.services.sql.text.test_script_data import ONE_LINE
from tui.services.errors import ErrorKind, ServiceError
from tui.services.sql import Session, SqlError, split
from tui.services.sql.files import script_file, script_look
from tui.services.sql.files.script_file import ScriptFile, ScriptStatement, StreamedData
from tui.services.sql.files.script_look import ScriptOutline, look_to_command
from tui.services.sql.files.script_run import ScriptOutcome
from tui.services.sql.files.sql_files import NotUtf8Error
from tui.services.sql.models import ConnectionLostError
from tui.services.sql.text.script_data import CopyProgress

PIECES = [
    "select 1;", "\n", " ", "select 'a;b'\n;", "-- x;\n", "/* ; /* */ */", "select $$;\n\\.\n$$;",
    "create function f() begin atomic select 1; end;\n", ONE_LINE + ";\n", "\\echo a;\n",
    "copy t (a, b) from stdin; -- so\n1\t'\n\\.x\n\\.\n", "copy t from stdin;\n\\.\n",
    "(select 2);", "select $1 \\bind 1\n\n;\n", "select $1 \\bind 1\n\n\\g\n",
    "select 3 \\g\n", "copy t from stdin \\g\nü\n\\.\r\n", ";;\n", "select 'é\n\\.\n';\r\n",
    "copy t from stdin;\n" + "y" * 70 + "\n\\.\n", "insert into t values (1, 'x''y');\n",
]  # fmt: skip


def given(path: Path, *, reads: bool) -> list[tuple[str, int, str | None]]:
    """What a file gives: each statement, its line and its data."""
    found = []
    with ScriptFile(str(path)) as script:
        while (statement := script.next(backslash_escapes=False)) is not None:
            data = None
            if isinstance(statement.data, StreamedData):
                read = statement.data.reader("strict")
                data = b"".join(iter(partial(read, 1), b"")).decode() if reads else ""
            found.append((statement.text, statement.line, data))
    return found


@pytest.mark.parametrize("chunk", [7, 64, 1000])
def test_it_is_cut_as_it_is_when_it_is_held_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(script_file, "CHUNK", chunk)
    path = tmp_path / "x.sql"
    for seed in range(60):
        text = "".join(random.Random(seed).choices(PIECES, k=25))
        path.write_bytes(text.encode())
        whole = [
            (each.text, text.count("\n", 0, each.start) + 1, each.data and each.data.text)
            for each in split(text, is_file=True)
        ]
        assert given(path, reads=True) == whole, text
        passed_over = [(each, line) for each, line, _ in given(path, reads=False)]
        assert passed_over == [(each, line) for each, line, _ in whole], text


@pytest.mark.parametrize(
    "text", ["", "select 1", "copy t from stdin", "copy t from stdin;\n1", "-- x"]
)
def test_at_the_end_of_the_file_nothing_more_is_waited_for(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.sql"
    path.write_text(text)
    whole = [(each.text, each.data and each.data.text) for each in split(text, is_file=True)]
    assert [(each, data) for each, _, data in given(path, reads=True)] == whole


def test_encodings_are_those_of_an_opened_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_file, "CHUNK", 5)
    text = "select 'ü🙂';\nselect 2;"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "x.sql").write_bytes(text.encode(encoding))
        assert [each for each, _, _ in given(tmp_path / "x.sql", reads=True)] == [
            "select 'ü🙂'", "select 2"
        ]  # fmt: skip
    (tmp_path / "x.sql").write_bytes(b"select 1;\n\nselect '\xfc';")
    with pytest.raises(NotUtf8Error) as caught:
        given(tmp_path / "x.sql", reads=True)
    assert caught.value.cause == "line 3"
    (tmp_path / "x.sql").write_bytes(b"select 1;\n\0")
    with pytest.raises(ServiceError, match="NUL"):
        given(tmp_path / "x.sql", reads=True)
    with pytest.raises(ServiceError, match="could not be read"):
        ScriptFile(str(tmp_path / "nosuch"))


def test_of_much_data_little_is_held(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    line = "x" * 5_000_000 + "\n"
    path.write_text(f"copy t from stdin;\n{line * 3}\\.\nselect 1;")
    longest = 0
    with ScriptFile(str(path)) as script:
        statement = script.next(backslash_escapes=False)
        assert statement is not None
        assert isinstance(statement.data, StreamedData)
        read = statement.data.reader("strict")
        while part := read(1):
            longest = max(longest, len(part))
        assert script.progress == CopyProgress(path.stat().st_size, path.stat().st_size)
        after = script.next(backslash_escapes=False)
        assert after is not None
        assert (after.text, after.line) == ("select 1", 6)
    assert longest <= 2 * script_file.CHUNK


def test_a_file_that_changes_while_it_is_read_is_read_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_file, "CHUNK", 20)
    path = tmp_path / "x.sql"
    path.write_text("select 1;\n" * 20)
    with ScriptFile(str(path)) as script:
        assert script.next(backslash_escapes=False) is not None
        with path.open("a") as more:
            more.write("drop table t;\n")
        statements = iter(partial(script.next, backslash_escapes=False), None)
        with pytest.raises(ServiceError, match=r"x\.sql was changed while it was read") as caught:
            list(statements)
        assert script.count < 20
    assert caught.value.kind is ErrorKind.CHANGED


# -- looking through ------------------------------------------------------------------------------


def looked(path: Path, text: str) -> tuple[ScriptOutline, ScriptStatement | None]:
    path.write_text(text)
    outline = ScriptOutline()
    with ScriptFile(str(path)) as script:
        return outline, look_to_command(
            script, outline, backslash_escapes=False, stopped=lambda: False
        )


def test_what_is_dangerous_or_cannot_be_done_is_known_before(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    outline, _ = looked(
        path, "select 1;\ndrop table t;\ndelete from t where n = 1;\ndelete from u;"
    )
    assert (outline.statements, outline.changes) == (4, True)
    assert [each.text for each, _ in outline.dangers] == ["drop table t", "delete from u"]
    assert not looked(path, "select 1; set x = 1;")[0].changes
    found = looked(path, "select 1;\n\n\\echo x\nselect 2;")[1]
    assert found is not None
    assert (found.text, found.line) == ("\\echo x", 3)
    escapes = "set standard_conforming_strings = off;\nselect 'a\\';';\ndrop table t;"
    assert [each.text for each, _ in looked(path, escapes)[0].dangers] == ["drop table t"]
    for text, why in (
        ("select 1;\nselect\n:x;", "x.sql, line 2: Parameters (:x)"),
        ("\ncopy t to stdout;", "x.sql, line 2: This COPY would ask for a file."),
    ):
        with pytest.raises(SqlError) as caught:
            looked(path, text)
        assert caught.value.message.startswith(why)
    with ScriptFile(str(path)) as script, pytest.raises(SqlError) as stopped:
        look_to_command(script, ScriptOutline(), backslash_escapes=False, stopped=lambda: True)
    assert stopped.value.kind is ErrorKind.CANCELLED


def test_all_that_is_dangerous_is_counted_and_a_few_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(script_look, "KEPT", 2)
    outline, _ = looked(tmp_path / "x.sql", "".join(f"drop table t{n};\n" for n in range(9)))
    assert len(outline.dangers) == 9
    assert {each.text for each, _ in outline.dangers} == {"drop table t0", "drop table t1"}


def test_what_the_file_says_of_strings_holds_behind_a_command_too(tmp_path: Path) -> None:
    path, outline = tmp_path / "x.sql", ScriptOutline()
    path.write_text(
        "set standard_conforming_strings = off;\n\\echo x\nselect 'a\\';drop table t;';\nselect 1;"
    )
    with ScriptFile(str(path)) as script:
        for _ in range(2):
            look_to_command(script, outline, backslash_escapes=False, stopped=lambda: False)
    assert (outline.statements, outline.dangers) == (3, [])


# -- on the server --------------------------------------------------------------------------------


async def run_file(
    session: Session, path: Path, text: str, *, goes_on: bool = False
) -> ScriptOutcome:
    path.write_text(text)
    outcome = ScriptOutcome(goes_on=goes_on)
    with ScriptFile(str(path)) as script:
        assert await session.run_script(script, outcome) is None
    return outcome


async def test_data_and_statements_arrive_and_the_last_rows_are_kept(
    session: Session, other: RunElsewhere, table: str, tmp_path: Path
) -> None:
    outcome = await run_file(
        session,
        tmp_path / "x.sql",
        f"create table {table} (t text);\ncopy {table} from stdin;\na;b\n\\N\nü\n\\.\n"
        "do $$begin raise notice 'told'; end$$;\n"
        f"insert into {table} values ('end');\nselect count(*) from {table};\n"
        f"drop table if exists no_{table};",
    )
    assert outcome.count == 6
    assert outcome.last is not None
    assert list(outcome.notices) == [
        "line 7: NOTICE:  told", f'line 10: NOTICE:  table "no_{table}" does not exist, skipping'
    ]  # fmt: skip
    assert other(f"select * from {table}") == [("a;b",), (None,), ("ü",), ("end",)]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("select\n1 +\nnosuch;", "x.sql, line 5: Column"),
        ("copy {table} from stdin;\n1\n2\nthree\n\\.\n", "x.sql, line 6: Invalid input syntax"),
        ("insert into {table} values (1/0);", "x.sql, line 3: Division by zero"),
    ],
)
async def test_an_error_names_its_line_and_what_came_before_is_done(
    session: Session, other: RunElsewhere, table: str, tmp_path: Path, bad: str, said: str
) -> None:
    text = f"create table {table} (n int);\ninsert into {table} values (7);\n"
    with pytest.raises(SqlError) as caught:
        await run_file(session, tmp_path / "x.sql", text + bad.replace("{table}", table))
    assert caught.value.message.startswith(said)
    assert other(f"select * from {table}") == [(7,)]


async def test_a_file_goes_on_behind_what_fails_if_it_is_to(
    session: Session, other: RunElsewhere, table: str, tmp_path: Path
) -> None:
    text = (
        f"create table {table} (n int);\nselect\nnosuch;\n"
        f"copy {table} from stdin;\n1\ntwo\n3\n\\.\n"
        f"insert into {table} values (7);\n" + "select 1/0;\n" * 30
    )
    outcome = await run_file(session, tmp_path / "x.sql", text, goes_on=True)
    assert (outcome.count, outcome.failed) == (2, 32)
    assert outcome.result("x").tag == "2 statements, 32 failed"
    told = outcome.problem.splitlines()
    assert told[0].startswith('x.sql, line 3: Column "nosuch" does not exist')
    assert outcome.failures[1].startswith("x.sql, line 6: Invalid input syntax")
    assert told[-1] == "… and 12 more"
    assert other(f"select * from {table}") == [(7,)]


async def test_a_lost_connection_ends_a_file_that_goes_on(
    session: Session, table: str, tmp_path: Path
) -> None:
    text = "select pg_terminate_backend(pg_backend_pid());\nselect 1;\n"
    with pytest.raises(ConnectionLostError):
        await run_file(session, tmp_path / "x.sql", text, goes_on=True)
