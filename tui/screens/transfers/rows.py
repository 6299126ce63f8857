"""A job as a row of the grid, and in full below it."""

from __future__ import annotations

import os
from collections.abc import Callable

from textual.content import Content

from tui.panes.s3.transfers.messages import not_done
from tui.services.quantities import (
    bar_text,
    clock_text,
    counted,
    percent_text,
    rate_text,
    size_text,
)
from tui.services.transfers import (
    Direction,
    FileResult,
    FileState,
    FileUnderWay,
    JobSnapshot,
    JobState,
)
from tui.widgets.grid.cells import Absent, Cell, CellValue, Column, Tone
from tui.widgets.text.safe_text import content, visible

COLUMNS = (
    Column("Transfer", max_width=80, min_width=16, grow=True),
    Column("Progress", min_width=24, max_width=24),
    Column("Files", align="right", min_width=7),
    Column("Bytes", align="right", min_width=9, max_width=22),
    Column("Rate", align="right", min_width=10),
    Column("Left", align="right", min_width=5),
)
NARROW_COLUMNS = COLUMNS[:3]
"""What fits into 80 columns; the rest is said below the list."""

KEPT = "What has arrived is kept: r goes on from there, C after a restart; D lets go of it."

NOT_KEPT = "It is not in the journal of transfers: after a crash nothing goes on with it."

ENDING = "What is in flight ends first. A server that does not answer can keep it for minutes."
"""Said of one that is being cancelled."""

BAR = 16

_SIGNS = {FileState.FAILED: "✗ ", FileState.SKIPPED: "– "}

_STATES = {
    JobState.QUEUED: Cell("waiting", Tone.DIM),
    JobState.DONE: Cell("✓ done", Tone.SUCCESS),
    JobState.PARTLY_FAILED: Cell("✗ partly failed", Tone.ERROR),
    JobState.FAILED: Cell("✗ failed", Tone.ERROR),
    JobState.UNKNOWN: Cell("? not known", Tone.WARNING),
    JobState.CANCELLED: Cell("– cancelled", Tone.WARNING),
}


def row(job: JobSnapshot) -> tuple[CellValue, ...]:
    """One line of the list."""
    running = job.state is JobState.RUNNING and not job.only_deletes
    more = "+" if job.looking else ""
    files: CellValue = f"{job.files_done:,}/{job.files_total:,}{more}"
    size: CellValue = f"{size_text(job.bytes_done)} / {size_text(job.bytes_total)}{more}"
    if job.only_deletes and job.deletions is not None:
        files, size = f"{job.deletions.done:,}/{job.deletions.planned:,}", Absent.BLANK
    return (
        title(job),
        _progress(job),
        files,
        size,
        _known(job.rate, rate_text) if running else Absent.BLANK,
        _known(job.eta, clock_text) if running else Absent.BLANK,
    )


def title(job: JobSnapshot) -> str:
    """What goes where; a file that goes alone is named."""
    what, arrow = counted(job.files_total, job.direction.thing), job.direction.arrow
    then = ""
    if job.deletions is not None:
        then = counted(job.deletions.planned, "deletion")
        if job.only_deletes:
            is_upload = job.direction is Direction.UPLOAD
            place = f"s3://{job.bucket}/{job.place}" if is_upload else job.place
            return f"{arrow} {then} in {place}"
        then = f", then {then} there"
    if job.looking:
        what = f"{job.files_total:,}+ {job.direction.thing}s"
    if job.direction is Direction.UPLOAD:
        if job.only_source:
            what = os.path.basename(job.only_source)
        return f"{arrow} {what} → s3://{job.bucket}/{job.place}{then}"
    if job.only_source:
        what = f"s3://{job.bucket}/{job.only_source}"
    else:
        what += f" of s3://{job.bucket}"
    if job.direction.is_within_s3:
        what = f"{job.direction.value} {what}"
    return f"{arrow} {what} → {job.place}{then}"


def _known(number: float | None, text: Callable[[float], str]) -> CellValue:
    return Absent.UNKNOWN if number is None else text(number)


def _stands(job: JobSnapshot) -> Cell | None:
    """Why nothing of it begins; None where something does."""
    if job.cancelling:
        return Cell("cancelling…", Tone.WARNING)
    if job.paused:
        return Cell(f"{bar_text(*job.progress, BAR)} paused", Tone.WARNING)
    if job.held_back is not None:
        return Cell("waiting: nothing arrives", Tone.WARNING)
    return None


def _progress(job: JobSnapshot) -> CellValue:
    if (stands := _stands(job)) is not None:
        return stands
    if job.looking:
        return Cell("still looking for files", Tone.DIM)
    if job.state is JobState.RUNNING:
        if job.is_deleting and job.deletions is not None:
            if job.deletions.waits:
                return Cell("waiting: journal in use", Tone.WARNING)
            done, total = job.deletions.done, job.deletions.planned
            return f"{bar_text(done, total, BAR - 1)} deleting"
        done, total = job.progress
        if total and done >= total:
            return f"{bar_text(done, total, BAR)} ending"
        return f"{bar_text(done, total, BAR)} {percent_text(done, total):>4}"
    if job.state is JobState.DONE and job.deletions is not None and job.deletions.is_held_back:
        return Cell("✓ done, none deleted", Tone.WARNING)
    if job.state is JobState.DONE and job.files_skipped:
        if not job.files_done:
            return Cell("– skipped", Tone.WARNING)
        return Cell(f"✓ done, {job.files_skipped:,} skipped", Tone.SUCCESS)
    if job.turn:
        return Cell("waiting, next" if job.turn == 1 else f"waiting, no. {job.turn}", Tone.DIM)
    return _STATES[job.state]


def details(job: JobSnapshot) -> Content:
    """The job under the cursor: counts, what is in flight, and every failure's reason."""
    lines = [content(title(job), "bold"), content(_counts(job), "$text-muted")]
    if job.cancelling:
        lines.append(content(ENDING, "$text-warning"))
    elif job.held_back is not None:
        again = clock_text(job.held_back.seconds)
        why = f"The last files all failed, so the others wait; one is tried in {again}"
        why += ", r tries it now, x ends it."
        lines.append(content(f"{why}\n{job.held_back.why}", "$text-warning", multiline=True))
    if not job.in_journal and (job.state.is_active or job.state.can_retry):
        lines.append(content(NOT_KEPT, "$text-warning"))
    lines.extend(_in_flight(job))
    failed_deletions = job.deletions.failed if job.deletions is not None else 0
    if job.failures:
        unknown = f"Not known whether {job.direction.done}:"
        heading = "Failed:" if job.files_failed or failed_deletions else unknown
        lines.append(Content.styled(heading, "bold $text-error"))
        lines.extend(_failure(failure) for failure in job.failures)
        more = job.files_failed + job.files_unknown + failed_deletions - len(job.failures)
        if more > 0:
            lines.append(content(f"… and {more:,} more", "$text-muted"))
    if job.deletions is not None and job.deletions.remark:
        lines.append(content(job.deletions.remark, "$text-warning", multiline=True))
    if job.can_go_on:
        lines.append(content(KEPT, "$text-muted"))
    if job.unfit:
        lines.append(Content.styled("Left out:", "bold $text-warning"))
        lines.extend(_failure(each) for each in job.unfit)
        more = job.files_unfit - len(job.unfit)
        if more > 0:
            lines.append(content(f"… and {more:,} more (Enter: every file)", "$text-muted"))
    return Content("\n").join(lines)


def _in_flight(job: JobSnapshot) -> list[Content]:
    """The files that began first, each with its bytes, in front of names that may be long."""
    figures = [_bytes_of(file) for file in job.in_flight]
    width = max(map(len, figures), default=0)
    lines = [
        content(f"  … {figure:>{width}}  ", "$text-muted") + content(file.source)
        for figure, file in zip(figures, job.in_flight, strict=True)
    ]
    if job.in_flight_more:
        lines.append(content(f"  … and {job.in_flight_more:,} more under way", "$text-muted"))
    return lines


def _bytes_of(file: FileUnderWay) -> str:
    done, total = file.bytes_done, file.bytes_total
    if done <= 0:
        return size_text(total)
    # All bytes have gone, but it is not verified yet.
    share = percent_text(done, total) if done < total else "ending"
    return f"{size_text(done)} of {size_text(total)} {share:>6}"


def _counts(job: JobSnapshot) -> str:
    things = counted(job.files_total, job.direction.thing)
    if job.looking:
        things = f"{job.files_total:,}+ {job.direction.thing}s"
    parts = [f"{job.files_done:,} of {things} {job.direction.done}", *not_done(job)]
    if job.only_deletes:
        parts.clear()
    if job.looking:
        parts.insert(1, "still looking for more")
    if not job.only_deletes:
        parts.append(f"{size_text(job.bytes_done)} of {size_text(job.bytes_total)}")
    if job.deletions is not None:
        parts += job.deletions.parts(is_active=job.state.is_active)
    if job.state is JobState.RUNNING and not job.only_deletes:
        parts += ["paused"] if job.paused else _pace(job)
    if job.state is not JobState.QUEUED:
        parts.append(
            f"{clock_text(job.elapsed)} so far"
            if job.state.is_active
            else "took " + clock_text(job.elapsed)
        )
    return ", ".join(parts)


def _pace(job: JobSnapshot) -> list[str]:
    """How fast it goes. Bytes say little of very small files."""
    parts = [rate_text(job.rate)]
    if job.files_rate is not None and job.files_rate >= 1:
        parts.append(f"{job.files_rate:,.0f} {job.direction.thing}s/s")
    return [*parts, f"{clock_text(job.eta)} left"]


def _failure(failure: FileResult) -> Content:
    reason = content(_message(failure), multiline=True)
    sign = _SIGNS.get(failure.state, "? ")
    return Content(sign) + content(failure.source, "$text-error") + Content("\n    ") + reason


def _message(result: FileResult) -> str:
    """Its message. A line end in a name is made visible: it must not look like another line."""
    said = result.message
    for name in {result.source, result.destination} - {""}:
        said = said.replace(name, visible(name))
    return said


def results_text(results: tuple[FileResult, ...]) -> str:
    """Every file of a job, one line each, the failures with their reasons."""
    lines = []
    for result in results:
        line = f"{result.state.value:9}  {visible(result.source)}"
        if result.destination:
            line += f"  →  {visible(result.destination)}"
        told_below = result.state in {FileState.FAILED, FileState.UNKNOWN}
        if result.message and not told_below:
            line += f"  ({_message(result)})"
        lines.append(line)
        if told_below:
            lines.extend(f"           {text}" for text in _message(result).splitlines())
    return "\n".join(lines)
