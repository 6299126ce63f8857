"""What is said of transfers, and the line of the S3 pane that shows those under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.widgets import Static

from tui.panes.s3.transfers.progress_text import progress_line
from tui.services.quantities import counted, size_text
from tui.services.transfers import (
    CutOff,
    Direction,
    JobSnapshot,
    JobState,
    Leftover,
    TransferService,
)
from tui.widgets.commands.command_host import CommandHost
from tui.widgets.text.safe_text import content, visible

SHOWN = 5
"""Files that could not be removed and are named."""


class TransferLine(Static, CommandHost):
    """Progress while something runs, whoever began it; hidden when nothing does."""

    DEFAULT_CSS = """
    TransferLine { display: none; height: 1; padding: 0 1; background: $panel;
        text-wrap: nowrap; text-overflow: ellipsis; }
    TransferLine.-shown { display: block; }
    """

    def __init__(self, transfers: TransferService, ended: Callable[[JobSnapshot], Any]) -> None:
        super().__init__("", markup=False)
        self._transfers = transfers
        self._ended = ended
        self._told: set[int] = set()
        """The transfers whose end was told; one that is tried again is under way again."""

    def on_mount(self) -> None:
        self.start(self._watch(), group="transfers")

    async def _watch(self) -> None:
        async for jobs in self._transfers.queue.watch():
            running = [job for job in jobs if job.state.is_active]
            self.set_class(bool(running), "-shown")
            if running:
                # It is one line whatever it says.
                line = progress_line(running, self.content_size.width)
                self.update(content(line), layout=False)
            self._told -= {job.id for job in running}
            for job in jobs:
                if not job.state.is_active and job.id not in self._told:
                    self._told.add(job.id)
                    self._ended(job)


def ended_text(job: JobSnapshot) -> str:
    """How a job ended, in a sentence."""
    of_all = f"{job.files_done:,} of " if job.state is JobState.CANCELLED else ""
    number = job.files_total if of_all else job.files_done
    done = f"{of_all}{counted(number, job.direction.thing)} {job.direction.done}"
    gone = job.deletions
    # A sync may have had nothing to do but to delete.
    parts = [done] if job.files_total or gone is None else []
    parts += [*not_done(job), *(gone.parts(is_active=False) if gone is not None else ())]
    if job.state is JobState.CANCELLED:
        parts.insert(0, "cancelled")
    text = ", ".join(parts or ["nothing was left to do"]) + "."
    if gone is not None:
        text += f" {gone.undo_text}" if gone.undo_text else ""
        text += f"\n{gone.remark}" if gone.remark else ""
    if job.failures:
        text += " F9 shows why and can try again."
    elif job.state is JobState.CANCELLED:
        text += " r on the Transfers screen (F9) does the rest."
    return text[0].upper() + text[1:]


def not_done(job: JobSnapshot) -> list[str]:
    """How many files were not transferred, in a few words for each reason."""
    numbers = {
        "left as they were": job.files_skipped - job.files_unfit,
        "left out": job.files_unfit,
        "failed": job.files_failed,
        f"not known to be {job.direction.done}": job.files_unknown,
    }
    return [f"{number:,} {reason}" for reason, number in numbers.items() if number]


def leftovers_text(found: Sequence[Leftover]) -> str:
    """ "2 unfinished files of earlier downloads (1.2 GiB)"."""
    size = size_text(sum(each.size for each in found))
    return f"{counted(len(found), 'unfinished file')} of earlier downloads ({size})"


def cut_off_text(jobs: Sequence[CutOff]) -> str:
    """ "2 transfers were cut off (1,204 files, 3.4 GiB to go, 30 to look at)"."""
    were = "was" if len(jobs) == 1 else "were"
    files, deletions = sum(job.files_to_go for job in jobs), sum(job.deletions for job in jobs)
    arrived = sum(job.arrived for job in jobs)
    more = " and more" if any(job.more for job in jobs) else ""
    parts = []
    if files or more or not (deletions or arrived):
        size = size_text(sum(job.bytes_to_go for job in jobs))
        parts.append(f"{counted(files, _things(jobs))}, {size}{more}")
    if deletions:
        parts.append(counted(deletions, "deletion"))
    left = [f"{', '.join(parts)} to go"] if parts else []
    if arrived:
        # What they are is said once.
        looked_at = f"{arrived:,}" if files else counted(arrived, _things(jobs))
        left.append(f"{looked_at} to look at")
    # One that has ended may still have been on its way to the disk when the application ended.
    why = f"{were} cut off" if parts else "may not be on the disk"
    return f"{counted(len(jobs), 'transfer')} {why} ({', '.join(left)})"


def _things(jobs: Sequence[CutOff]) -> str:
    things = {job.direction.thing for job in jobs}
    return things.pop() if len(things) == 1 else "file"


def cut_off_line(job: CutOff) -> str:
    """One job that was cut off: what, where to, since when, and whose it is."""
    when = f"{job.begun.astimezone():%Y-%m-%d %H:%M}"
    where = f"{job.bucket}/{job.place}" if job.direction is Direction.UPLOAD else job.place
    whose = f"profile {job.profile}, {job.region or 'region unknown'}"
    files, size = counted(job.files_to_go, job.direction.thing), size_text(job.bytes_to_go)
    size += " and more" if job.more else ""
    if job.arrived:
        size += f", {job.arrived:,} arrived, to look at"
    if job.deletes:
        size += f", then {counted(job.deletions, 'deletion')}"
    return visible(f"{job.direction.arrow} {where}: {files}, {size}, begun {when}, {whose}")


async def remove_leftovers(
    host: CommandHost, transfers: TransferService, found: Sequence[Leftover]
) -> None:
    """Remove unfinished files, and say what became of them."""
    if not found:
        return
    problems = await transfers.leftovers.remove(found)
    lines = [f"Removed {counted(len(found) - len(problems), 'unfinished file')}."]
    lines += [f"Still there: {each.name}: {each.reason}" for each in problems[:SHOWN]]
    host.say("\n".join(lines), severity="warning" if problems else "information")
