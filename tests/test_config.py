"""The settings file: what it may say, and what is said when it is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.__main__ import main
from tui.config import Settings, SettingsError, SqlSettings, load
from tui.widgets.commands.verbs import IN_PLACES, REBINDABLE

SOURCES = Path(__file__).parents[1] / "tui"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Settings()


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'theme = "nord"\nread_only_profiles = ["prod"]\ndownload_dir = "~/data"\n'
        'transfer_rate = "10 MB/s"\ntransfer_requests = 4\nsql_history = false\n'
        '[keys]\nupload = "ctrl+u"\n'
        '[sql]\nmanual_commit = ["prod"]\nstatement_timeout = 30\nlock_timeout = 0.5\n',
    )
    assert load(path) == Settings(
        theme="nord",
        read_only_profiles=frozenset({"prod"}),
        keys={"upload": "ctrl+u"},
        download_dir=Path("~/data").expanduser(),
        transfer_rate=10_000_000,
        transfer_requests=4,
        sql_history=False,
        sql=SqlSettings(frozenset({"prod"}), 30.0, 0.5),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "config.toml"),
        ("colour = 1", "colour"),
        ("theme = 1", "theme"),
        ("[keys]\nupload = 1", "keys.upload"),
        ("read_only_profiles = 'prod'", "read_only_profiles"),
        ("read_only_profiles = [1]", "read_only_profiles must be a list of names"),
        ("read_only_profiles = [['prod']]", "read_only_profiles must be a list of names"),
        ("read_only_profiles = {}", "read_only_profiles must be a list of names"),
        ("keys = 'u'", "keys must be a table"),
        ("[keys]\nupload = ['u']", "keys.upload must be a key"),
        ("[keys]\nupload = ''", "keys.upload must be a key"),
        ("[keys.upload]\nkey = 'u'", "keys.upload must be a key"),
        ("download_dir = 1", "download_dir must be a text"),
        ("transfer_rate = 5", "transfer_rate must be a text"),
        ("transfer_rate = 'fast'", "transfer_rate: Write it as 10 MB/s"),
        ("transfer_requests = 0", "transfer_requests must be a whole number from 1 to 64"),
        ("sql_history = 1", "sql_history must be true or false"),
        ("transfer_requests = true", "transfer_requests must be a whole number from 1 to 64"),
        ("download_dir = '~nouser/x'", "no home folder for '~nouser'"),
        ('download_dir = "/a\\u0000b"', "no path can have"),
        ("sql = 1", "sql must be a table"),
        ("[sql]\ntimeout = 1", "unknown setting sql.timeout"),
        ("[sql]\nmanual_commit = 'prod'", "sql.manual_commit must be true, false or a list"),
        ("[sql]\nstatement_timeout = -1", "sql.statement_timeout must be seconds from 0"),
        ("[sql]\nlock_timeout = true", "sql.lock_timeout must be seconds from 0"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        load(write(tmp_path, text))
    assert "\n" not in str(caught.value)
    assert "config.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said", "known"),
    [
        ('theme = "no-such-theme"', "unknown theme: 'no-such-theme'", "nord"),
        ('[keys]\nuplaod = "ctrl+u"', "unknown name under [keys]: 'uplaod'", "upload"),
    ],
)
def test_a_name_that_nothing_has_is_refused_with_those_there_are(
    private_home: Path, capsys: pytest.CaptureFixture[str], text: str, said: str, known: str
) -> None:
    folder = private_home / ".config" / "tristore"
    folder.mkdir(parents=True)
    write(folder, text)
    assert main([]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert f" {known}," in error


@pytest.mark.parametrize(
    "text", ["download_dir = '~nouser/x'", "read_only_profiles = [1]", "theme = ", "\udcff"]
)
def test_wrong_settings_end_the_command_with_one_line(
    private_home: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    folder = private_home / ".config" / "tristore"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main([]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_everything_that_can_be_rebound_is_known() -> None:
    named = re.compile(r'id="([a-z]+\.[a-z_]+)"')
    found = {name for path in SOURCES.rglob("*.py") for name in named.findall(path.read_text())}
    assert found == IN_PLACES
    assert {"upload", "quit_anywhere"} <= REBINDABLE
