"""Which names are one name on a disk: the disk is asked, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.services.transfers.local.folding import EVERYTHING, NOTHING, Folds, folds_of
from tui.services.transfers.local.leftovers import is_unfinished


def test_a_disk_is_asked_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "A\u00e9").touch()
    seen = Folds((tmp_path / "a\u00e9").exists(), (tmp_path / "Ae\u0301").exists())
    assert folds_of(tmp_path / "not" / "yet") == seen
    assert not list(tmp_path.glob(".tristore*"))


def test_where_nothing_can_be_asked_names_may_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folds_of(tmp_path / "file" / "x") == EVERYTHING


@pytest.mark.parametrize(
    ("folds", "one", "other"),
    [
        (Folds(forms=True), "caf\u00e9/x", "cafe\u0301/x"),
        (Folds(case=True), "STRASSE", "stra\u00dfe"),
        # Greek with a sign below it: only what is decomposed first is folded alike.
        (EVERYTHING, "\u1f80", "\u1f88"),
        (EVERYTHING, "CAF\u00c9", "cafe\u0301"),
        (EVERYTHING, "not UTF-8 \udcff", "NOT UTF-8 \udcff"),
    ],
)
def test_names_are_one_where_the_disk_does_not_see_their_difference(
    folds: Folds, one: str, other: str
) -> None:
    assert folds.of(one) == folds.of(other)
    assert NOTHING.of(one) != NOTHING.of(other)


def test_each_difference_counts_where_only_the_other_is_ignored() -> None:
    assert Folds(case=True).of("caf\u00e9") != Folds(case=True).of("cafe\u0301")
    assert Folds(forms=True).of("A") != Folds(forms=True).of("a")


@pytest.mark.parametrize("probe", ["Case", "Cas\u00e9", "Case\u0301"])
def test_what_a_killed_run_left_of_asking_is_no_file_of_the_user(probe: str) -> None:
    assert is_unfinished(f".tristore-0123abcd.{probe}")
    assert not is_unfinished(f".tristore-0123abcd.{probe}x")
