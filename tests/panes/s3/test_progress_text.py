"""How far transfers have come, in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.panes.s3.test_messages import RUNNING
from tui.panes.s3.transfers.progress_text import in_flight_text, progress_line
from tui.services.transfers import DeletionCounts, JobSnapshot, JobState
from tui.services.transfers.job_states import HeldBack

WAITING = replace(RUNNING, id=2, state=JobState.QUEUED, bytes_done=0, rate=None, eta=None)
HELD = HeldBack("the connection was refused", 3.0)


def test_the_line_shows_the_oldest_job_and_counts_the_others() -> None:
    line = progress_line([replace(RUNNING, id=2, files_done=0), RUNNING])
    assert line.startswith("↑ ")
    assert "25%" in line
    assert "1/4 files  1.0 KiB of 4.0 KiB  1.0 KiB/s  0:03 left  +1 more  F9" in line


def test_the_line_says_how_many_are_deleted_when_all_else_has_arrived() -> None:
    counts = DeletionCounts("object", 5000, 2000)
    arrived = replace(RUNNING, files_done=4, deletions=counts)
    assert progress_line([arrived]) == "↑ 2,000 of 5,000 objects deleted  F9"
    assert "1/4 files" in progress_line([replace(arrived, files_done=1)])


def test_the_line_says_that_a_job_is_being_cancelled_and_what_is_not_known() -> None:
    line = progress_line([replace(RUNNING, cancelling=True, rate=None, eta=None)])
    assert "? left" in line
    assert "cancelling…" in line
    assert "more" not in line


@pytest.mark.parametrize("width", [90, 62, 57, 40, 20])
def test_a_narrow_line_keeps_the_share_and_the_time_left(width: int) -> None:
    line = progress_line([RUNNING], width)
    assert len(line) <= width
    assert line.endswith("0:03 left  F9")
    assert "25%" in line
    assert ("1.0 KiB/s" in line) == (width >= 40)
    assert ("1.0 KiB of 4.0 KiB" in line) == (width >= 57)
    assert ("█" in line) == (width >= 90)


def test_a_line_whose_bytes_have_all_gone_is_not_said_to_be_all_of_it() -> None:
    gone = replace(RUNNING, bytes_done=4096)
    assert "100%" not in progress_line([gone])
    assert "ending 1/4 files" in progress_line([gone])
    assert in_flight_text([gone]) == "1 in flight, ending, 1.0 KiB/s, 0:03 left"


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        ([], ""),
        ([replace(RUNNING, state=JobState.DONE)], ""),
        ([RUNNING], "1 in flight, 25%, 1.0 KiB/s, 0:03 left"),
        ([replace(RUNNING, eta=None)], "1 in flight, 25%, 1.0 KiB/s, ? left"),
        ([RUNNING, replace(RUNNING, eta=9.0)], "2 in flight, 25%, 2.0 KiB/s, 0:09 left"),
        # What waits is still to come at that rate: 3 KiB and 4 KiB.
        ([WAITING, RUNNING], "2 in flight, 12%, 1.0 KiB/s, 0:07 left"),
        ([replace(RUNNING, looking=True)], "1 in flight, 1.0 KiB/s, ? left"),
        ([replace(RUNNING, paused=True)], "1 in flight, paused"),
        ([replace(RUNNING, held_back=HELD)], "1 in flight, nothing arrives"),
        ([replace(WAITING, paused=True), RUNNING], "2 in flight, 12%, 1.0 KiB/s, ? left"),
    ],
)
def test_the_header_says_how_far_all_have_come(jobs: list[JobSnapshot], said: str) -> None:
    assert in_flight_text(jobs) == said
