"""A transfer as a row of the list, and in full below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tui.screens.questions import in_flight_text
from tui.screens.transfers.rows import COLUMNS, NOT_KEPT, details, results_text, row, title
from tui.services.transfers import (
    DeletionCounts,
    Direction,
    FileResult,
    FileState,
    FileUnderWay,
    HeldBack,
    JobSnapshot,
    JobState,
)
from tui.widgets.grid.cells import Absent, plain_text

MIB = 1024 * 1024

HELD_BACK = HeldBack("127.0.0.1: the connection was refused.", 12.4)


def ended(**changed: Any) -> JobSnapshot:
    """Three files of 1 KiB in all, uploaded."""
    job = JobSnapshot(
        id=1,
        direction=Direction.UPLOAD,
        bucket="b",
        place="",
        only_source="",
        state=JobState.DONE,
        cancelling=False,
        files_total=3,
        files_done=3,
        files_skipped=0,
        files_failed=0,
        bytes_total=1024,
        bytes_done=1024,
        rate=None,
        eta=None,
        elapsed=1.0,
    )
    return replace(job, **changed)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (ended(), "✓ done"),
        (ended(files_done=1, files_skipped=2), "✓ done, 2 skipped"),
        (ended(files_done=0, files_skipped=3, bytes_done=0), "– skipped"),
        (ended(state=JobState.RUNNING), "█" * 16 + " ending"),
        (
            ended(state=JobState.RUNNING, deletions=DeletionCounts("object", 4, 1)),
            "█" * 3 + "░" * 12 + " deleting",
        ),
        (
            ended(state=JobState.RUNNING, deletions=DeletionCounts("object", 4, 1, waits=True)),
            "waiting: journal in use",
        ),
        (
            ended(files_skipped=1, deletions=DeletionCounts("file", 4, is_held_back=True)),
            "✓ done, none deleted",
        ),
        (ended(state=JobState.RUNNING, paused=True), "█" * 16 + " paused"),
        (ended(state=JobState.RUNNING, held_back=HELD_BACK), "waiting: nothing arrives"),
    ],
)
def test_a_row_says_how_its_transfer_ended_and_has_room_for_it(job: JobSnapshot, said: str) -> None:
    progress = plain_text(row(job)[1])
    assert progress == said
    assert len(progress) <= COLUMNS[1].max_width


def test_a_transfer_that_still_finds_files_claims_no_total() -> None:
    unfit = FileResult("/d/pipe", "", FileState.SKIPPED, 0, "not a regular file")
    job = ended(state=JobState.RUNNING, files_total=120_000, looking=True, unfit=(unfit,))
    assert title(job) == "↑ 120,000+ files → s3://b/"
    cells = [plain_text(cell) for cell in row(job)]
    assert cells[1:4] == ["still looking for files", "3/120,000+", "1.0 KiB / 1.0 KiB+"]
    said = details(job).plain
    assert "3 of 120,000+ files, still looking uploaded" not in said
    assert "Left out:\n– /d/pipe\n    not a regular file" in said


def test_a_transfer_that_only_deletes_speaks_of_no_files_and_bytes() -> None:
    counts = DeletionCounts("object", 4000, 1000)
    job = ended(state=JobState.RUNNING, files_total=0, files_done=0, deletions=counts)
    assert row(job)[2:] == ("1,000/4,000", *[Absent.BLANK] * 3)
    assert "\n1,000 of 4,000 objects deleted, 0:01 so far" in details(job).plain
    waits = details(replace(job, deletions=replace(counts, waits=True))).plain
    assert "objects deleted, waiting for another window, which holds the journal" in waits


def test_what_is_kept_of_a_failure_is_said_with_its_keys() -> None:
    job = ended(state=JobState.FAILED, files_done=0, files_failed=3, can_go_on=True)
    assert "r goes on from there, C after a restart" in details(job).plain
    assert "r goes on" not in details(ended(state=JobState.FAILED)).plain


def test_what_is_not_known_is_no_text_in_apostrophes() -> None:
    cells = row(ended(state=JobState.RUNNING, bytes_done=1))
    assert cells[4:] == (Absent.UNKNOWN, Absent.UNKNOWN)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (ended(), "↑ 3 files → s3://b/"),
        (ended(files_total=1, only_source="/home/me/a.csv", place="p/"), "↑ a.csv → s3://b/p/"),
        (ended(direction=Direction.DOWNLOAD, place="/tmp"), "↓ 3 files of s3://b → /tmp"),
        (
            ended(direction=Direction.DOWNLOAD, only_source="d/a.csv", place="/tmp"),
            "↓ s3://b/d/a.csv → /tmp",
        ),
        (
            ended(
                direction=Direction.DOWNLOAD,
                place="/tmp",
                deletions=DeletionCounts("file", 4),
            ),
            "↓ 3 files of s3://b → /tmp, then 4 deletions there",
        ),
        (
            ended(files_total=0, place="p/", deletions=DeletionCounts("object", 4)),
            "↑ 4 deletions in s3://b/p/",
        ),
        (ended(direction=Direction.MOVE, place="s3://c/"), "» move 3 objects of s3://b → s3://c/"),
    ],
)
def test_a_title_names_what_goes_where(job: JobSnapshot, said: str) -> None:
    assert title(job) == said


def test_each_file_under_way_is_said_with_its_own_bytes_before_its_name() -> None:
    files = (
        FileUnderWay("/d/large.bin", 14 * MIB, 700 * MIB),
        FileUnderWay("/d/new\nline", 0, 3),
        FileUnderWay("/d/sent", 5 * MIB, 5 * MIB),
    )
    job = ended(state=JobState.RUNNING, in_flight=files, in_flight_more=1234, files_rate=311.7)
    said = details(job).plain.splitlines()
    assert said[2:] == [
        "  … 14.0 MiB of 700.0 MiB     2%  /d/large.bin",
        "  …                          3 B  /d/new␊line",
        "  …    5.0 MiB of 5.0 MiB ending  /d/sent",
        "  … and 1,234 more under way",
    ]
    assert ", ?/s, 312 files/s, ? left, 0:01 so far" in said[1]


def test_a_transfer_that_is_not_in_the_journal_says_so_until_it_is_done() -> None:
    job = ended(state=JobState.RUNNING, in_journal=False)
    assert NOT_KEPT in details(job).plain
    assert NOT_KEPT in details(replace(job, state=JobState.CANCELLED)).plain
    for other in (replace(job, state=JobState.DONE), replace(job, in_journal=True)):
        assert NOT_KEPT not in details(other).plain


@pytest.mark.parametrize(
    ("count", "kept", "said"),
    [
        (1, 1, "1 transfer is in flight; the next start can go on with it."),
        (2, 0, "2 transfers are in flight; quitting cancels them."),
        (
            *(3, 2),
            "3 transfers are in flight; the next start can go on with 2; quitting cancels 1 not in "
            "the journal.",
        ),
    ],
)
def test_quitting_says_with_how_many_the_next_start_can_go_on(
    count: int, kept: int, said: str
) -> None:
    assert in_flight_text(count, kept) == said


def test_a_paused_transfer_is_paused_and_not_of_unknown_speed() -> None:
    said = details(ended(state=JobState.RUNNING, paused=True)).plain
    assert "1.0 KiB of 1.0 KiB, paused, 0:01 so far" in said


def test_what_the_plan_left_out_is_said_beside_what_was_skipped() -> None:
    unfit = FileResult("/d/pipe", "", FileState.SKIPPED, 0, "not a regular file")
    job = ended(files_skipped=30, files_unfit=25, unfit=(unfit,))
    said = details(job).plain
    assert "5 left as they were, 25 left out" in said
    assert "… and 24 more (Enter: every file)" in said


def test_a_line_end_in_a_name_makes_no_line_of_its_own() -> None:
    message = "Could not upload a\nb.\n404: Not Found"
    failed = FileResult("/d/a\nb", "a\nb", FileState.FAILED, 1, message)
    left_out = FileResult("/d/p\nq", "", FileState.SKIPPED, 0, "not a regular file")
    assert results_text((failed, left_out)).splitlines() == [
        "failed     /d/a␊b  →  a␊b",
        "           Could not upload a␊b.",
        "           404: Not Found",
        "skipped    /d/p␊q  (not a regular file)",
    ]
    job = ended(state=JobState.FAILED, files_failed=1, failures=(failed,))
    assert "    Could not upload a␊b.\n404: Not Found" in details(job).plain


def test_one_that_is_being_cancelled_says_what_it_waits_for() -> None:
    job = ended(state=JobState.RUNNING, held_back=HELD_BACK, cancelling=True)
    assert "What is in flight ends first." in details(job).plain
    assert "is tried in" not in details(job).plain


def test_why_nothing_arrives_is_said_with_the_time_of_the_next_try() -> None:
    said = details(ended(state=JobState.RUNNING, held_back=HELD_BACK)).plain
    told = "the others wait; one is tried in 0:12, r tries it now, x ends it."
    assert f"{told}\n127.0.0.1: the connection" in said
