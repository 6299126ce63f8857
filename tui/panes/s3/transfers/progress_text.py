"""How far transfers have come, in one line: above a pane, and in the header."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from tui.services.quantities import bar_text, clock_text, percent_text, rate_text, size_text
from tui.services.transfers import JobSnapshot, JobState

BAR = 16

WIDE = 200
"""Columns that are enough for all that can be said."""


def progress_line(running: Sequence[JobSnapshot], width: int = WIDE) -> str:
    """The jobs under way in one line: the oldest, and how many more. What tells least is left out
    where all does not fit into `width` columns."""
    job = running[-1]
    more = f"  +{len(running) - 1} more" if len(running) > 1 else ""
    if job.is_deleting and job.deletions is not None:
        lines = [f"{job.direction.arrow} {', '.join(job.deletions.parts(is_active=True))}"]
    else:
        lines = _lines(job)
    told = [f"{line}{_stands(job)}{more}  F9" for line in lines]
    return next((line for line in told if cell_len(line) <= width), told[-1])


def _lines(job: JobSnapshot) -> list[str]:
    """The same in fewer and fewer words."""
    done, total = job.progress
    plus = "+" if job.looking else ""
    share = "still looking" if job.looking else _share(done, total)
    bar = share if job.looking else f"{bar_text(done, total, BAR)} {share}"
    number = f"{job.files_done:,}/{job.files_total:,}{plus}"
    files = f"{number} {job.direction.thing}s"
    size = f"{size_text(job.bytes_done)} of {size_text(job.bytes_total)}{plus}"
    rate, left = rate_text(job.rate), f"{clock_text(job.eta)} left"
    arrow = job.direction.arrow
    return [
        f"{arrow} {bar} {files}  {size}  {rate}  {left}",
        f"{arrow} {share} {files}  {size}  {rate}  {left}",
        f"{arrow} {share} {number}  {size}  {rate}  {left}",
        f"{arrow} {share} {number}  {rate}  {left}",
        f"{arrow} {share}  {left}",
    ]


def _share(done: int, total: int) -> str:
    # All bytes have gone, but not all of them are verified yet.
    return "ending" if done >= total > 0 else percent_text(done, total)


def _stands(job: JobSnapshot) -> str:
    if job.cancelling:
        return "  cancelling…"
    if job.paused:
        return "  paused"
    return "  waiting: nothing arrives" if job.held_back is not None else ""


def in_flight_text(jobs: Sequence[JobSnapshot]) -> str:
    """What the header says of all jobs together: "1 in flight, 42%, 9.5 MiB/s, 0:06 left"; "" where
    none is under way."""
    active = [job for job in jobs if job.state.is_active]
    if not active:
        return ""
    parts = [f"{len(active):,} in flight"]
    moving = [job for job in active if not (job.paused or job.held_back is not None)]
    if not moving:
        return f"{parts[0]}, {'paused' if active[0].paused else 'nothing arrives'}"
    if not any(job.looking for job in active):
        done, total = (sum(each) for each in zip(*(job.progress for job in active), strict=True))
        parts.append(_share(done, total))
    running = [job for job in moving if job.state is JobState.RUNNING]
    rates = [job.rate for job in running if job.rate is not None]
    parts.append(rate_text(sum(rates) if rates else None))
    parts.append(f"{clock_text(_left(active, running, sum(rates)))} left")
    return ", ".join(parts)


def _left(
    active: Sequence[JobSnapshot], running: Sequence[JobSnapshot], rate: float
) -> float | None:
    """Seconds until all have ended, None while that is not known."""
    known = [job.eta for job in running if job.eta is not None]
    if len(known) < len(running) or any(job.looking for job in active):
        return None
    waiting = [job for job in active if job not in running]
    if not waiting:
        return max(known, default=None)
    if any(job.paused or job.held_back is not None for job in waiting) or not rate:
        return None
    return sum(job.bytes_total - job.bytes_done for job in active) / rate
