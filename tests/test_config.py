"""The settings file: what it may say, and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config import Settings, SettingsError, load


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
        '[keys]\nupload = "ctrl+u"\n',
    )
    assert load(path) == Settings(
        theme="nord",
        read_only_profiles=frozenset({"prod"}),
        keys={"upload": "ctrl+u"},
        download_dir=Path("~/data").expanduser(),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "config.toml"),
        ("colour = 1", "colour"),
        ("theme = 1", "theme"),
        ("[keys]\nupload = 1", "keys.upload"),
        ("read_only_profiles = 'prod'", "read_only_profiles"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(write(tmp_path, text))
