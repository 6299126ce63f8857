"""Short words for the tests of what a sync deletes."""

from __future__ import annotations

import asyncio

from tui.services.transfers import CutOff, JobSnapshot, TransferService
from tui.services.transfers.journal.journal import Journal
from tui.services.transfers.journal.records import ADD_JOB
from tui.services.transfers.sync.deletion_counts import DeletionCounts


def counts(job: JobSnapshot) -> DeletionCounts:
    assert job.deletions is not None
    return job.deletions


def written(journal: Journal, direction: str, made: str) -> None:
    """A sync that was cut off when it had deleted the first of two."""
    row = ("j", journal.owner, direction, "other", "", "http://gone", "1", "b", b"/gone", 0.0)
    told = [("j", 0, b"p/one", 1, "7", "done", made), ("j", 1, b"p/two", 1, "7", "", "")]
    add = "INSERT INTO deletions (job, number, name, size, told, state, made)"
    journal.write([(ADD_JOB, row), *((add + " VALUES (?, ?, ?, ?, ?, ?, ?)", row) for row in told)])


async def found_cut_off(service: TransferService) -> tuple[CutOff, ...]:
    """Those that were cut off: what was closed lets go of the journal on its own thread."""
    async with asyncio.timeout(30):
        while not (found := await service.cut_off.find()):
            pass
    return found
