"""The command line: what it takes, and what it says when it cannot start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tui import __version__
from tui.__main__ import parse


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )


def test_version() -> None:
    assert run("--version").stdout == f"tristore {__version__}\n"


def test_help_names_every_option_and_the_locations() -> None:
    text = run("--help").stdout
    for word in (
        "--profile",
        "--region",
        "--endpoint-url",
        "--read-only",
        "--sandbox",
        "s3://",
        "postgresql://",
        "dynamodb:",
    ):
        assert word in text


def test_without_a_terminal_it_says_so() -> None:
    answer = run()
    assert answer.returncode == 2
    assert "terminal" in answer.stderr


def test_options_are_read() -> None:
    options = parse(["--profile", "dev", "--region", "eu-west-1", "--read-only", "s3://b/p/"])
    assert (options.profile, options.region, options.read_only, options.location) == (
        "dev",
        "eu-west-1",
        True,
        "s3://b/p/",
    )


@pytest.mark.parametrize(
    "location",
    ["s3a://b/p/", "arn:aws:s3:::b/p/", "https://b.s3.amazonaws.com/p/"],
)
def test_all_that_the_path_box_takes_may_stand_on_the_command_line(location: str) -> None:
    assert parse([location]).location == location


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://host"], "s3://"),
        (["--sandbox", "--profile", "dev"], "--profile"),
        (["--sandbox", "--endpoint-url", "http://127.0.0.1"], "--endpoint-url"),
    ],
)
def test_mistakes_are_explained(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_saved_connection_is_a_location(private_home: Path) -> None:
    file = private_home / ".config" / "tristore" / "connections.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"connections": {"Prod": {}}}')
    assert parse(["prod"]).location == "saved:Prod"
    with pytest.raises(SystemExit):
        parse(["other"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"connections": {}}', "no connection is saved under that name"),
        ("{", "The saved connections cannot be read."),
    ],
)
def test_a_name_that_leads_nowhere_is_said(
    private_home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file = private_home / ".config" / "tristore" / "connections.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(SystemExit) as ended:
        parse(["prod"])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
