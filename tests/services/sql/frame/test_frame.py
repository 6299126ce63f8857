"""A result as a pandas frame: each value as it is stored, in the session and in the program."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.services.sql.conftest import RunSql, run_last
from tui.services.errors import ServiceError
from tui.services.sql import Session, from_url, split
from tui.services.sql.connecting.targets import Auth, SecretSource, SecretStore
from tui.services.sql.export import ExportOptions, write_rows
from tui.services.sql.frame import (
    FrameFiles,
    Interpreter,
    find_interpreter,
    frame_columns,
    reaching,
    snippet,
)
from tui.services.sql.frame.loading import frame_of
from tui.services.sql.text.parameters import bind

OPTIONS = ExportOptions(header=False, measured=True)
CLIENTS = ("import boto3\n\nrds = boto3.client('rds')\n", "import boto3\n\nsecretsmanager = 1\n")

EXACT = """
select 7::int2 as small, 9007199254740993::int8 as big, 4294967295::oid as oid, 0.1::real as r,
  'NaN'::float8 as f, true as b, ''::text as t, 'NULL' as word, 1.50::numeric(40, 2) as wide,
  1.50::numeric(9, 2) as n, date '2024-02-29' as day,
  timestamp '9999-12-31 23:59:59.999999' as ts, timestamptz '1850-01-01 00:00:00+01' as tz,
  '\\xdeadbeef'::bytea as bytes, jsonb '{"a": 1.10}' as json,
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as id, array[1, null] as list, E'x,\\n"ü"' as text,
  interval '1 mon' as span, 7 as "a b", 8 as "a b"
union all
select null, null, null, null, null, null, null, null, null::numeric(40, 2),
  null::numeric(9, 2), null, null, null, null, null, null, null, null, null, null, null
"""
TYPES = {
    "small": "Int16", "big": "Int64", "oid": "UInt32", "r": "Float32", "f": "Float64",
    "b": "boolean", "t": "string", "word": "string", "wide": "object",
    "n": "decimal128(9, 2)[pyarrow]", "day": "date32[day][pyarrow]",
    "ts": "timestamp[us][pyarrow]", "tz": "timestamp[us, tz=UTC][pyarrow]",
    "bytes": "large_binary[pyarrow]", "json": "string", "id": "string", "list": "string",
    "text": "string", "span": "string", "a b": "Int32", "a b_2": "Int32",
}  # fmt: skip


async def framed(session: Session, text: str) -> tuple[pd.DataFrame, list[str]]:
    result = await run_last(session, text)
    stream = BytesIO()
    exported = await session.export(result, OPTIONS, stream)
    stream.seek(0)
    df, notes = frame_of(stream, frame_columns(result.columns or (), exported.limits))
    return df, [*exported.notes, *notes]


async def test_every_type_loses_nothing_and_null_is_na(session: Session) -> None:
    await run_last(session, "set timezone = 'Europe/Amsterdam'")
    df, notes = await framed(session, EXACT)
    assert {name: str(dtype) for name, dtype in df.dtypes.items()} == TYPES
    assert all(value is pd.NA for value in df.iloc[1])
    row = dict(df.iloc[0])
    assert pd.isna(df["f"]).tolist() == [False, True]
    assert row.pop("f") != df["f"][0]  # NaN is itself
    assert row.pop("r") == pd.Series([0.1], dtype="Float32")[0]
    assert (row.pop("ts"), row.pop("tz")) == (
        datetime.fromisoformat("9999-12-31 23:59:59.999999"),
        datetime(1849, 12, 31, 23, tzinfo=UTC),
    )
    assert row == {
        "small": 7, "big": 9007199254740993, "oid": 4294967295, "b": True, "t": "", "word": "NULL",
        "wide": Decimal("1.50"), "n": Decimal("1.50"), "day": date(2024, 2, 29),
        "bytes": b"\xde\xad\xbe\xef", "json": '{"a": 1.10}',
        "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "list": "{1,NULL}", "text": 'x,\n"ü"',
        "span": "1 mon", "a b": 7, "a b_2": 8,
    }  # fmt: skip
    assert [note.partition(" is ")[0] for note in notes] == ["wide"]
    df.loc[0, "small"] = 8
    assert df["small"][0] == 8


@pytest.mark.parametrize(
    ("value", "kept", "said"),
    [
        ("date 'infinity'", "infinity", "v is text: the type for date has no 'infinity'."),
        ("date '0044-03-15 BC'", "0044-03-15 BC", "v is text"),
        ("timestamp '12345-01-01'", "12345-01-01 00:00:00", "v is text"),
        ("timestamptz '-infinity'", "-infinity", "v is text"),
        ("'1.10'::numeric", Decimal("1.10"), "v is Python's Decimal"),
        ("'Infinity'::numeric", Decimal("Infinity"), "v is Python's Decimal"),
        ("1e300::numeric", Decimal(10**300), "v is Python's Decimal"),
    ],
)
async def test_what_no_type_holds_stays_as_it_is_and_is_said(
    session: Session, value: str, kept: object, said: str
) -> None:
    more = "union all select 1" if "numeric" in value else ""
    df, (note,) = await framed(session, f"select {value} as v {more}")
    assert str(df["v"][0]) == str(kept)
    assert type(df["v"][0]) is type(kept)
    assert note.startswith(said)


async def test_numbers_of_one_scale_are_decimals_of_arrow(session: Session) -> None:
    df, notes = await framed(session, "select v from (values (1.50), (-22.25), (null)) as t(v)")
    assert (str(df["v"].dtype), notes) == ("decimal128(4, 2)[pyarrow]", [])
    df, (note,) = await framed(session, "select v from (values (1.5), (1.50)) as t(v)")
    assert list(map(str, df["v"])) == ["1.5", "1.50"]
    assert "no fixed scale" in note


async def test_how_the_server_prints_is_not_taken_for_the_value(session: Session) -> None:
    await run_last(session, "set datestyle = 'SQL, DMY'; set bytea_output = 'escape'")
    df, (note,) = await framed(
        session, "select date '2024-02-01' as day, '\\x005c27ff41'::bytea as b"
    )
    assert (df["day"][0], df["b"][0]) == ("01/02/2024", b"\x00\\'\xffA")
    assert note == "day is text: the type for date has no '01/02/2024'."
    await run_last(session, "set extra_float_digits = 0")
    _, (note,) = await framed(session, "select 0.1::float8 + 0.2 as f")
    assert "extra_float_digits is 0" in note


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("select 1 as n where false", (0, 1)),
        ("select from generate_series(1, 3)", (3, 0)),
        ("select null::text as n", (1, 1)),
    ],
)
async def test_no_rows_no_columns_and_nothing(
    session: Session, text: str, shape: tuple[int, int]
) -> None:
    assert (await framed(session, text))[0].shape == shape


async def test_loaded_rows_are_the_same_frame(run: RunSql) -> None:
    result = await run(EXACT)
    stream = BytesIO()
    write_rows(result.rows, result.columns or (), OPTIONS, stream)
    stream.seek(0)
    df, _ = frame_of(stream, frame_columns(result.columns or ()))
    assert {name: str(dtype) for name, dtype in df.dtypes.items()} == TYPES | {
        "wide": "decimal128(3, 2)[pyarrow]", "n": "decimal128(3, 2)[pyarrow]",
    }  # fmt: skip


def test_a_value_longer_than_what_is_read_at_once_is_read() -> None:
    rows = b"1\n" + b"x" * 17_000_000 + b"\n2\n"
    df, _ = frame_of(BytesIO(rows), [("t", "text", None, None)])
    assert df["t"].str.len().tolist() == [1, 17_000_000, 1]


def test_bytes_that_are_no_text_stay_bytes() -> None:
    df, (note,) = frame_of(BytesIO(b"\xff\n\n"), [("t", "text", None, None)])
    assert df["t"].tolist() == [b"\xff", pd.NA]
    assert note == "t is bytes: not all of it is UTF-8."


# -- the program -----------------------------------------------------------------------------------


def executed(program: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-"],
        input=program,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_the_program_makes_the_same_frame_and_has_no_password(
    session: Session, database: str
) -> None:
    (statement,) = split(
        f'select t.*, :\'mine\' as p, :"named" -- {{}} 5 %% """ \\ \nfrom ({EXACT}) as t'
    )
    statement = bind(statement, {"mine": "it's {x} \\ \n", "named": "a b"})
    statement = replace(statement, text=statement.text.replace('8 as "a b"', '8 as "other"'))
    result = await session.run(statement)
    target, secrets = from_url(database)
    secret = secrets.reveal()["password"]
    way = reaching(target, session.info, *CLIENTS)
    limits = (await session.export(result, OPTIONS, BytesIO())).limits
    program = snippet(result.statement, frame_columns(result.columns or (), limits), way)
    assert secret not in program
    shown = "print('#', [[c, str(df[c].dtype), str(df[c].tolist())] for c in df])"
    output = executed(program + shown, {"PGPASSWORD": secret})
    got = {
        name: (dtype, values) for name, dtype, values in ast.literal_eval(output.split("# ")[-1])
    }
    df, _ = await _frame_of(session, result, limits)
    assert got == {name: (str(df[name].dtype), str(df[name].tolist())) for name in df}
    assert "it's {x}" in got["p"][1]


async def _frame_of(session: Session, result: Any, limits: Any) -> tuple[pd.DataFrame, list[str]]:
    stream = BytesIO()
    await session.export(result, OPTIONS, stream)
    stream.seek(0)
    return frame_of(stream, frame_columns(result.columns or (), limits))


async def test_a_secret_value_of_a_parameter_is_asked_for(session: Session) -> None:
    (statement,) = split("select :token as t, :n as n")
    result = await session.run(bind(statement, {"token": "hunter2", "n": None}))
    program = snippet(result.statement, frame_columns(result.columns or ()), "")
    assert "hunter2" not in program
    assert "'token': getpass('token: ')" in program
    ast.parse(program)


async def test_the_ways_to_a_server_are_programs(session: Session) -> None:
    target, _ = from_url("postgresql://ada:hunter2@db.example:5433/shop?sslmode=require")
    info = session.info
    for changed, wanted in [
        (target, "'sslmode': 'require'"),
        (replace(target, auth=Auth.IAM), "DBHostname='db.example', Port=5433, DBUsername='ada'"),
        (replace(target, tunnel="bastion"), "ssh -N -L 65432:db.example:"),
        (
            replace(target, secret=SecretSource(SecretStore.KEYRING, "ada@db.example:5433")),
            "keyring.get_password('tristore', 'ada@db.example:5433')",
        ),
        (
            replace(target, secret=SecretSource(SecretStore.SECRETS_MANAGER, "arn:aws:x")),
            "get_secret_value(SecretId='arn:aws:x')",
        ),
        (replace(target, parameters={"dbname": "shop"}), "PGHOST"),
    ]:
        way = reaching(changed, info, *CLIENTS)
        ast.parse(way)
        assert wanted in way
        assert "hunter2" not in way


# -- the session -----------------------------------------------------------------------------------


def test_the_files_of_a_session_have_no_name_and_their_program_makes_df(tmp_path: Path) -> None:
    for name in ("json", "csv", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)")
    with closing(FrameFiles()) as files:
        files.rows.write(b"1\n\n")
        code = files.write_program([("n", "integer", None, None)], ["Only some."])
        for descriptor in files.descriptors:
            status = os.fstat(descriptor)
            assert (status.st_nlink, stat.S_IMODE(status.st_mode)) == (0, 0o600)
        done = subprocess.run(
            [sys.executable, "-c", f"{code}\nprint(df.n.tolist(), pd.NA, sorted(globals()))"],
            pass_fds=files.descriptors,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
    assert "df: 2 rows x 1 columns" in done.stdout
    assert "Only some." in done.stdout
    assert "[1, <NA>] <NA> ['__annotations__', '__builtins__'" in done.stdout
    assert "_tristore" not in done.stdout


def test_ipython_is_not_taken_from_the_folder_of_now(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "IPython.py").write_text("raise SystemExit(1)")
    (tmp_path / "IPython.py").write_text("import sys\ndef start_ipython(): print(sys.argv[1:])\n")
    done = subprocess.run(
        Interpreter(sys.executable, True).command("code"),
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path / "here",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['--no-banner', '-i', '-c', 'code']\n"


def test_ours_is_taken_if_it_has_pandas_else_one_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = dict(os.environ)
    for name in ("csv", "email", "zipfile", "pandas"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    assert find_interpreter(environment).path == sys.executable
    for name, answer in [("poor", "- - -"), ("old", "1.5.3 17.0.0 -"), ("python3", "2.2.0 17.0 -")]:
        fake = tmp_path / name
        fake.write_text(f"#!/bin/sh\necho {answer}\n")
        fake.chmod(0o755)
    path = f"{tmp_path}:{environment['PATH']}"
    found = find_interpreter({**environment, "PATH": path}, str(tmp_path / "poor"))
    assert (found.path, found.name) == (str(tmp_path / "python3"), "Python")
    with pytest.raises(ServiceError) as caught:
        find_interpreter({**environment, "PATH": "/nowhere"}, str(tmp_path / "old"))
    assert "pandas 1.5.3 is older than 2.2" in caught.value.cause
    assert "tristore[frame]" in caught.value.hint
