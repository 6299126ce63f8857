"""What the history keeps, finds and drops."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.services import private_database
from tui.services.errors import ServiceError
from tui.services.sql.history import Entry, HistoryWanted, StatementOutcome, StatementRun
from tui.services.sql.history.store import LONGEST, HistoryStore, NewRun

HERE = "ann@db:5432/shop"
RAN = StatementRun(
    datetime(2024, 5, 6, 7, 8, 9, 123000, UTC), 0.25, 3, complete=True, outcome=StatementOutcome.OK
)


def run_of(text: str, run: StatementRun = RAN, connection: str = HERE) -> NewRun:
    return NewRun(text, len(text), 0, connection, run)


def found(store: HistoryStore, wanted: HistoryWanted | None = None) -> list[Entry]:
    page, _ = store.page(wanted or HistoryWanted(), None, 1000)
    return list(page.entries)


def texts(store: HistoryStore, search: str = "") -> list[str]:
    return [each.text for each in found(store, HistoryWanted(search))]


@pytest.fixture
def store(tmp_path: Path) -> HistoryStore:
    return HistoryStore(tmp_path / "state" / "statements.sqlite")


def test_the_newest_comes_first_with_all_that_is_known_of_it(store: HistoryStore) -> None:
    failed = replace(
        RAN, rows=None, outcome=StatementOutcome.ERROR, code="42P01", message="No table."
    )
    store.add([run_of("select 1"), run_of("select 2", failed)])
    first, second = found(store)
    assert (first.text, first.connection, first.last) == ("select 2", HERE, failed)
    assert (second.text, second.last, second.runs, second.length) == ("select 1", RAN, 1, 8)


def test_the_file_and_what_sqlite_puts_beside_it_are_private(
    store: HistoryStore, tmp_path: Path
) -> None:
    store.add([run_of("select 1")])
    files = list((tmp_path / "state").iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_nothing_is_made_by_looking(store: HistoryStore, tmp_path: Path) -> None:
    assert found(store) == []
    assert not (tmp_path / "state").exists()


def test_a_statement_that_is_run_again_moves_up_and_keeps_its_runs(store: HistoryStore) -> None:
    failed = replace(RAN, rows=None, outcome=StatementOutcome.CANCELLED)
    store.add([run_of("select 1"), run_of("select 2"), run_of("select 1", failed)])
    store.add([run_of("select 1", connection="bob@other:5432/shop")])
    assert [(each.text, each.connection[:3], each.runs) for each in found(store)] == [
        ("select 1", "bob", 1),
        ("select 1", "ann", 2),
        ("select 2", "ann", 1),
    ]
    again = found(store)[1]
    assert again.last == failed
    assert store.runs(again.id, 5) == (failed, RAN)
    assert store.runs(again.id, 1) == (failed,)


def test_every_word_of_a_search_must_stand_somewhere(store: HistoryStore) -> None:
    denied = replace(
        RAN, outcome=StatementOutcome.ERROR, code="42501", message="Permission denied."
    )
    store.add(
        [
            run_of("select * from Kunden where größe = 'ÄRMEL'"),
            run_of("select 100% as a_b", denied),
            run_of("select '\\'", connection="bob@other:5432/shop"),
        ]
    )
    assert texts(store, "KUNDEN select") == ["select * from Kunden where größe = 'ÄRMEL'"]
    assert texts(store, "GRÖSSE") == texts(store, "ärmel ann@") == texts(store, "kunden")
    assert texts(store, "kunden bob") == []
    # What SQL and Python read as a pattern is a text here.
    assert texts(store, "%") == texts(store, "a_b") == ["select 100% as a_b"]
    assert texts(store, "_") == ["select 100% as a_b"]
    assert texts(store, "\\") == ["select '\\'"]
    assert texts(store, "'; drop table statements; --") == []
    assert texts(store, "42501") == texts(store, "denied permission") == ["select 100% as a_b"]
    assert len(found(store, HistoryWanted(connection=HERE))) == 2


def test_pages_follow_one_another_also_while_something_is_added(store: HistoryStore) -> None:
    store.add(run_of(f"select {n}") for n in range(25))
    page, at = store.page(HistoryWanted(), None, 10)
    assert page.more
    store.add([run_of("select 'new'")])
    second, at = store.page(HistoryWanted(), at, 10)
    third, _ = store.page(HistoryWanted(), at, 10)
    listed = [each.text for each in (*page.entries, *second.entries, *third.entries)]
    assert listed == [f"select {n}" for n in range(24, -1, -1)]
    assert (second.more, third.more) == (True, False)


def test_a_long_statement_is_kept_in_part_and_never_taken_for_another(store: HistoryStore) -> None:
    start = "select '" + "x" * (LONGEST - 8)
    for _ in range(2):
        store.add([NewRun(start, LONGEST + 7, 0, HERE, RAN)])
    assert len(found(store)) == 2
    listed = found(store)[0]
    assert listed.is_cut
    assert len(listed.text) == 400
    whole = store.entry(listed.id)
    assert whole is not None
    assert whole.text == start
    assert "65,543 characters" in whole.in_the_way


def test_what_is_too_old_is_dropped_but_favourites_are_kept(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "s", most_runs=10, drop_after=1)
    store.add([run_of("select 'kept'"), run_of("select 'dropped'")])
    kept = found(store)[1]
    store.keep(kept.id, favourite=True, name="Daily report")
    store.add([run_of("select 'kept'")])
    for n in range(30):
        store.add([run_of(f"select {n}")])
    assert texts(store) == [*(f"select {n}" for n in range(29, 19, -1)), "select 'kept'"]
    favourites = found(store, HistoryWanted(favourites=True))
    assert [(each.name, each.runs) for each in favourites] == [("Daily report", 2)]
    assert texts(store, "daily") == ["select 'kept'"]
    assert len(store.runs(kept.id, 9)) == 1
    store.keep(kept.id, favourite=False, name="")
    store.add([run_of("select 30")])
    assert "select 'kept'" not in texts(store)
    store.close()
    with sqlite3.connect(tmp_path / "s") as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (10,)


def test_all_statements_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.services.sql.history.store.MOST_CHARACTERS", 100)
    store = HistoryStore(tmp_path / "s", drop_after=1)
    store.add([run_of("select 'favourite' || repeat('x', 100)")])
    store.keep(found(store)[0].id, favourite=True, name="")
    store.add(run_of(f"select 'thirty characters {n}'..") for n in range(10))
    assert texts(store)[:3] == [f"select 'thirty characters {n}'.." for n in (9, 8, 7)]
    assert len(texts(store)) == 4
    assert store.runs(2, 9) == ()


def test_what_is_deleted_is_gone_from_the_disk(tmp_path: Path) -> None:
    store = HistoryStore(tmp_path / "s")
    store.add([run_of("select 'a rather peculiar text'"), run_of("select 1")])
    store.delete(found(store)[1].id)
    assert texts(store) == ["select 1"]
    assert not [each for each in tmp_path.glob("s*") if b"peculiar" in each.read_bytes()]


def test_two_windows_write_and_see_one_history(tmp_path: Path) -> None:
    one, other = HistoryStore(tmp_path / "s"), HistoryStore(tmp_path / "s")
    one.add([run_of("select 1")])
    other.add([run_of("select 2"), run_of("select 1")])
    one.add([run_of("select 3")])
    assert texts(one) == texts(other) == ["select 3", "select 1", "select 2"]
    assert found(one)[1].runs == 2


def test_a_full_disk_leaves_what_was_there(store: HistoryStore) -> None:
    store.add([run_of("select 1")])
    # As SQLite sees it when the disk takes no further page.
    connection = store._database.open()  # no other way to its own limit
    connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.add([run_of("select '" + "x" * 50_000 + "'")])
    assert texts(store) == ["select 1"]
    connection.execute("PRAGMA max_page_count = 10000")
    store.add([run_of("select 2")])
    assert texts(store) == ["select 2", "select 1"]


def test_half_a_surrogate_pair_breaks_nothing(store: HistoryStore) -> None:
    store.add([run_of("select '\ud800'"), run_of("select 1")])
    assert texts(store) == ["select 1", "select '?'"]


def test_a_deleted_statement_that_another_keeps_beside_the_file_is_said(
    store: HistoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_database, "WAIT", 0.01)
    store.add([run_of("select 'secret'")])
    path = tmp_path / "state" / "statements.sqlite"
    (entry,) = found(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM statements").fetchone()
        with pytest.raises(ServiceError, match="still in a file beside"):
            store.delete(entry.id)
    assert found(store) == []
