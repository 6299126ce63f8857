"""What a sync does not delete: what may be the same file, and what may only be unreadable."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.services.transfers.sync.test_sync import DOWN, here, planned, there
from tui.services.private_database import PrivateDatabase
from tui.services.transfers import Problem
from tui.services.transfers.local.folding import Folds
from tui.services.transfers.sync import sync_places


def test_a_file_of_another_unicode_form_is_not_deleted_where_it_is_what_was_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, objects = [here("cafe\u0301"), here("CAF\u00c9")], [there("caf\u00e9")]
    plan = planned(files, objects, DOWN, folder=tmp_path, deletes=True)
    assert len(plan.extra_files) == 2
    # APFS that keeps case apart, and forms not.
    monkeypatch.setattr(sync_places, "folds_of", lambda _: Folds(forms=True))
    plan = planned(files, objects, DOWN, folder=tmp_path, deletes=True)
    assert [file.relative for file in plan.extra_files] == ["CAF\u00c9"]


def test_very_many_problems_are_counted_and_what_they_may_hide_is_not_deleted(
    tmp_path: Path,
) -> None:
    many = (Problem(f"{tmp_path}/d{n}", "permission denied") for n in range(5000))
    objects = [there("d4321/x"), there("d4321x"), there("d/x")]
    plan = planned([], objects, folder=tmp_path, problems=many, deletes=True)
    assert len(plan.problems) == 5000
    assert plan.problems[4999].name == f"{tmp_path}/d4999"
    assert {each.inside for each in plan.extra_objects} == {"d4321x", "d/x"}


def test_a_plan_is_drawn_though_no_room_is_left_for_its_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [Problem(f"{tmp_path}/d", "permission denied")]
    plan = planned([], [there("x")], folder=tmp_path, problems=problems)

    def full(_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(PrivateDatabase, "writing", full)
    assert list(plan.problems) == problems
