"""What a pass over a bucket believed deleted, to be recognised when the next one lists it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tui.services.cleanup.counting import Entry
from tui.services.s3.batch_delete import NO_VERSION, Name

REWRITES = 5
"""Times that an object may be written anew while its bucket is emptied before it is given up."""

STAYS = "S3 answered that it was deleted, and lists it still"
COMES_BACK = f"written anew {REWRITES} times while the bucket was being emptied"


class SecondLook:
    """One for a run over a bucket. Keeps hashes only, and of so many entries only."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._last: dict[int, int] = {}
        self._now: dict[int, int] = {}
        self._rewritten: Counter[Name] = Counter()

    def begin_pass(self) -> None:
        """Compare with what was deleted since the last call of this."""
        self._last, self._now = self._now, {}

    def deleted(self, entries: Iterable[Entry]) -> None:
        """S3 answered that these were deleted."""
        for entry in entries:
            if len(self._now) >= self._limit:
                return
            self._now[hash(entry.name)] = _content(entry)

    def finds(self, entry: Entry) -> str:
        """Why an entry that is listed need not be deleted again; empty if it should be."""
        before = self._last.get(hash(entry.name))
        if before is None:
            return ""
        # A version id is never given twice; an object without one may be written anew.
        if entry.version_id != NO_VERSION or before == _content(entry):
            return STAYS
        self._rewritten[entry.name] += 1
        return COMES_BACK if self._rewritten[entry.name] >= REWRITES else ""


def _content(entry: Entry) -> int:
    return hash((entry.modified, entry.size_bytes, entry.etag))
