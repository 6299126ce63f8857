"""What the S3 pane says of transfers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tui.panes.s3.transfers.messages import (
    cut_off_line,
    cut_off_text,
    ended_text,
    leftovers_text,
)
from tui.services.transfers import (
    CutOff,
    DeletionCounts,
    Direction,
    FileResult,
    FileState,
    JobSnapshot,
    JobState,
    Leftover,
)

RUNNING = JobSnapshot(
    id=1,
    direction=Direction.UPLOAD,
    bucket="b",
    place="",
    only_source="",
    state=JobState.RUNNING,
    cancelling=False,
    files_total=4,
    files_done=1,
    files_skipped=0,
    files_failed=0,
    bytes_total=4096,
    bytes_done=1024,
    rate=1024.0,
    eta=3.0,
    elapsed=1.0,
)


FAILURE = FileResult("a", "b", FileState.FAILED, 1, "No.")


@pytest.mark.parametrize(
    ("job", "said"),
    [
        (replace(RUNNING, state=JobState.DONE, files_done=1), "1 file uploaded."),
        (
            replace(RUNNING, state=JobState.DONE, files_skipped=3, direction=Direction.DOWNLOAD),
            "1 file downloaded, 3 left as they were.",
        ),
        (
            replace(RUNNING, state=JobState.DONE, files_skipped=3, files_unfit=2),
            "1 file uploaded, 1 left as they were, 2 left out.",
        ),
        (
            replace(RUNNING, state=JobState.PARTLY_FAILED, files_failed=3, failures=(FAILURE,)),
            "1 file uploaded, 3 failed. F9 shows why and can try again.",
        ),
        (
            replace(RUNNING, state=JobState.UNKNOWN, files_unknown=3, failures=(FAILURE,)),
            "1 file uploaded, 3 not known to be uploaded. F9 shows why and can try again.",
        ),
        (
            replace(
                RUNNING,
                state=JobState.DONE,
                deletions=DeletionCounts("object", 1200, 1199, left=1, undoable=1199),
            ),
            "1 file uploaded, 1,199 objects deleted, 1 not deleted because changed since. "
            "U brings them back.",
        ),
        (
            replace(
                RUNNING,
                state=JobState.PARTLY_FAILED,
                files_failed=1,
                failures=(FAILURE,),
                deletions=DeletionCounts("file", 2, is_held_back=True),
            ),
            "1 file uploaded, 1 failed, nothing deleted, because not everything was transferred. "
            "F9 shows why and can try again.",
        ),
        (
            replace(
                RUNNING,
                state=JobState.DONE,
                files_total=0,
                files_done=0,
                deletions=DeletionCounts("object", 3, 3, undoable=2),
            ),
            "3 objects deleted. U brings 2 of them back; v shows what versions the others have.",
        ),
        (
            # What was deleted before a crash, and is only kept for U now.
            replace(
                RUNNING,
                state=JobState.DONE,
                files_total=0,
                files_done=0,
                deletions=DeletionCounts("object", 0, undoable=1),
            ),
            "Nothing was left to do. U brings them back.",
        ),
        (
            replace(RUNNING, state=JobState.CANCELLED),
            "Cancelled, 1 of 4 files uploaded. r on the Transfers screen (F9) does the rest.",
        ),
    ],
)
def test_the_end_of_a_job_is_a_sentence(job: JobSnapshot, said: str) -> None:
    assert ended_text(job) == said


def test_what_was_cut_off_is_said_with_its_deletions() -> None:
    begun = datetime(2026, 1, 2, 12, tzinfo=UTC)
    job = CutOff(
        *("j", Direction.UPLOAD, "dev", "eu-west-1", "", "1", "b", "p/", begun, 2, 2048),
        deletes=True,
        deletions=1500,
    )
    said = cut_off_text([job])
    assert said == "1 transfer was cut off (2 files, 2.0 KiB, 1,500 deletions to go)"
    alone = cut_off_text([replace(job, files=0, bytes=0)])
    assert alone == "1 transfer was cut off (1,500 deletions to go)"
    assert "↑ b/p/: 2 files, 2.0 KiB, then 1,500 deletions, begun" in cut_off_line(job)


def test_what_arrived_before_a_kill_is_not_to_go_but_to_look_at() -> None:
    begun = datetime(2026, 1, 2, 12, tzinfo=UTC)
    job = CutOff(
        *("j", Direction.DOWNLOAD, "dev", "eu-west-1", "", "1", "b", "/to", begun, 10_011, 6144),
        arrived=3002,
        arrived_bytes=2048,
    )
    said = cut_off_text([job])
    assert said == "1 transfer was cut off (7,009 files, 4.0 KiB to go, 3,002 to look at)"
    assert "/to: 7,009 files, 4.0 KiB, 3,002 arrived, to look at, begun" in cut_off_line(job)
    all_there = cut_off_text([replace(job, arrived=10_011, arrived_bytes=6144)])
    assert all_there == "1 transfer may not be on the disk (10,011 files to look at)"


def test_unfinished_files_are_counted_with_their_size() -> None:
    found = [Leftover(Path("a"), 1024), Leftover(Path("b"), 1024)]
    assert leftovers_text(found) == "2 unfinished files of earlier downloads (2.0 KiB)"
