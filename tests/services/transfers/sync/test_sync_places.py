"""The places of a sync to this machine: who has a name, and who loses it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tui.services.placing import look_at
from tui.services.transfers.local.folding import EVERYTHING, NOTHING, Folds
from tui.services.transfers.local.naming import TAKEN
from tui.services.transfers.sync import sync_places
from tui.services.transfers.sync.sync_places import SyncPlaces


def taken(folder: Path, names: Iterable[str]) -> SyncPlaces:
    places = SyncPlaces(folder)
    for name in names:
        parts = tuple(name.split("/"))
        assert places.take(parts, folder.joinpath(*parts), None) == ""
    return places


@pytest.fixture
def ignores_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that takes `A` for `a`."""
    monkeypatch.setattr(sync_places, "folds_of", lambda _: EVERYTHING)


def test_a_folder_has_its_name_before_a_file_however_far_apart_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(_: Path) -> Folds:
        raise AssertionError("nothing differs in case alone")

    monkeypatch.setattr(sync_places, "AT_ONCE", 3)
    monkeypatch.setattr(sync_places, "folds_of", asked)
    between = [f"a-{number}" for number in range(7)]
    places = taken(tmp_path, ["a", *between, "a/b/c", "z", "z.d/e"])
    assert list(places.lost()) == ["a"]


@pytest.mark.usefixtures("ignores_case")
def test_where_case_is_ignored_the_first_file_has_the_name_and_a_folder_before_it(
    tmp_path: Path,
) -> None:
    names = ["Logs", "README", "Readme", "b/X", "b/x", "logs/one", "readme", "LOGS/two"]
    places = taken(tmp_path, names)
    assert list(places.lost()) == ["Logs", "Readme", "b/x", "readme"]


def test_where_case_counts_names_that_differ_in_case_are_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_places, "folds_of", lambda _: NOTHING)
    places = taken(tmp_path, ["A", "a", "B/x", "b"])
    assert list(places.lost()) == []


@pytest.mark.usefixtures("ignores_case")
def test_two_ways_to_write_one_letter_are_one_name_and_what_is_only_noted_takes_none(
    tmp_path: Path,
) -> None:
    places = taken(tmp_path, ["caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
    places.note("cafe\N{COMBINING ACUTE ACCENT}")
    assert list(places.lost()) == []
    assert places.holds("CAFE\N{COMBINING ACUTE ACCENT}")
    assert not places.holds("cafe")


@pytest.mark.parametrize(
    ("folds", "lost"),
    [
        (NOTHING, []),
        (Folds(forms=True), ["caf\u00e9"]),
        (Folds(case=True), ["readme"]),
        (EVERYTHING, ["caf\u00e9", "readme"]),
    ],
)
def test_only_what_the_disk_takes_for_one_name_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folds: Folds, lost: list[str]
) -> None:
    monkeypatch.setattr(sync_places, "folds_of", lambda _: folds)
    places = taken(tmp_path, ["README", "cafe\u0301", "caf\u00e9", "readme"])
    assert list(places.lost()) == lost
    assert places.holds("Readme") is folds.case
    places.note("na\u00efve")
    assert places.holds("nai\u0308ve") is folds.forms


def test_what_stands_there_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "out").symlink_to(tmp_path.parent)
    places = SyncPlaces(tmp_path)
    seen = look_at(tmp_path / "file")
    said = {
        name: places.take(tuple(name.split("/")), tmp_path / name, seen)
        for name in ("folder", "file", "new", "file/below", "out/of")
    }
    assert said["folder"] == TAKEN
    assert said["file"] == ""
    assert said["new"] == "something else stands there"
    assert "a file, and a folder is needed there" in said["file/below"]
    assert "leads out of the chosen folder" in said["out/of"]
    # It could not be had, so it takes no name from another.
    assert list(places.lost()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_is_too_long_for_the_disk_is_told(tmp_path: Path) -> None:
    places = SyncPlaces(tmp_path)
    parts = ("d" * 255,) * 20
    assert "name too long" in places.take(parts, tmp_path.joinpath(*parts), None)
